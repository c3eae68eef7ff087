"""Mails about complaints, about data that travel, and to our own officers speak all our languages as well."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.utils import formats, translation
from house import PERSON, house, store
from test_mail_in_languages import asks
from test_rights_pages import link_of, signed_in, words

import kept
from kept.complaints.models import Complaint
from kept.complaints.routes import routes_of
from kept.complaints.rules import Next
from kept.post.languages import LANGUAGES
from kept.post.models import Message
from kept.post.outbox import send
from kept.rights import actions
from kept.rights.errors import MayNot, NotNow, WrongChoice
from kept.rights.models import Case
from kept.rights.portability.rules import FORMAT, read_announced
from kept.rights.views.spoken import spoken
from kept.security.models import Entry

__all__ = ["house", "store"]

ROOT = Path(kept.__file__).parent
FOLDERS = {
    "complaints": ROOT / "complaints/templates/mail/complaints",
    "portability": ROOT / "rights/portability/templates/mail/portability",
    "timing": ROOT / "rights/timing/templates/mail/timing",
}
MAILS = [
    (room, file.name.removesuffix(".txt"))
    for room, folder in FOLDERS.items()
    for file in sorted(folder.glob("*.txt"))
    if file.name.count(".") == 1
]
OTHERS = [code for code in LANGUAGES if code != "en"]
DAY = date(2026, 10, 14)
NOW = datetime(2026, 10, 1, 9, tzinfo=UTC)
IN_ENGLISH_ALONE = {"route.name", "route.says"}  # others say what it is, and the link


def facts_of(room, file):
    source = (FOLDERS[room] / file).read_text(encoding="utf-8")
    shown = {found.partition("|")[0].strip() for found in re.findall(r"{{(.*?)}}", source)}
    return shown - IN_ENGLISH_ALONE, set(re.findall(r"(\\w+\\.\\w+) == ", source))


@pytest.mark.parametrize(("room", "name"), MAILS)
def test_every_mail_is_there_in_every_language_and_says_the_same_facts(room, name):
    assert len(MAILS) >= 13
    english = facts_of(room, f"{name}.txt")
    for code in OTHERS:
        shown, asked = facts_of(room, f"{name}.{code}.txt")
        assert shown == english[0], code
        assert asked - {"route.kind"} == english[1], code


def known(name):
    complaint = Complaint(reference="HC-2026-BBBBB", name="Alice <Arden>", outcome="partly", progress_due_on=DAY)
    case = Case(reference="HC-2026-AAAAA", name="Alice <Arden>", right="portability")
    more = {"complaint": complaint, "case": case, "link": "http://localhost:8000/x", "routes": routes_of("eu-gdpr")}
    more |= {"step": Next("tell", DAY, "late"), "acknowledgement": True, "host": "other.example", "until": DAY}
    more |= {"problem": "It does not answer.", "there": True, "late": False, "references": "HC-2026-AAAAA"}
    more |= {"lines": [{"reference": "HC-2026-AAAAA", "due_on": DAY}], "more": 0, "desk": "http://localhost:8000/desk/"}
    more |= {"count": 3, "oldest": DAY}
    return more | ({"code": "123 456"} if name == "code" else {})


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_mail_can_be_read_in_its_language_and_asks_for_nothing(db, settings, code):
    settings.DEMO = True
    with translation.override(code):
        month = formats.date_format(DAY, "F")
    for room, name in MAILS:
        mail = send("alice@example.com", f"{room}/{name}", known(name), language=code, at=NOW)
        assert (mail.language, "{" in mail.text + mail.subject) == (code, False), name
        source = (FOLDERS[room] / f"{name}.txt").read_text(encoding="utf-8")
        if "|date" in source:
            assert month in mail.text or (code in ("zh-hans", "ja") and "10月" in mail.text), name
        page = asks(mail.html)
        assert page.tags[0] == ("html", {"lang": LANGUAGES[code].tag, "dir": "rtl" if code == "ar" else "ltr"})
        assert not {one for _, attributes in page.tags for one in attributes} & {"src", "background", "srcset"}
        assert all(link.startswith("http://localhost:8000") for link in page.links), name
        if name == "code":
            assert "    123 456\n" in mail.text
            assert '<p class="code" dir="ltr">123 456</p>' in mail.html


def test_another_site_says_in_which_language_the_person_is_written_to():
    said = {"format": FORMAT, "from": "https://a.example", "sha256": "a" * 64, "size": 5, "email": "alice@example.com"}
    said["signature"] = "x"

    def language(more):
        return read_announced(json.dumps(said | more).encode(), 100).language

    assert [language({"language": tag}) for tag in ("de-AT", "zh-Hans", "xx", 7, "x" * 900)] == [
        "de", "zh-hans", "en", "en", "en",
    ]  # fmt: skip
    assert language({}) == "en"


# The language of a case


@pytest.mark.store
def test_an_officer_chooses_the_language_and_what_is_written_from_then_on_is_in_it(house):
    case = house.proven("access", "alice@example.com")
    olga = signed_in(house, "olga")
    assert "We write in English" in words(olga.get(f"/desk/{case.pk}/"))
    page = words(olga.post(f"/desk/{case.pk}/language/", {"language": "de"}, follow=True))
    assert "From now on we write to this person in German." in page
    assert "We write in German" in page
    assert "Written to in another language" in page
    entry = Entry.objects.get(kind="rights.language_changed")
    assert entry.facts == {"before": "en", "language": "de"}
    actions.extend(house.now(case), "complexity", "Viel.", by=house.officer, at=datetime.now(UTC))
    mail = Message.objects.filter(about=case.pk).order_by("written_at").last()
    assert mail.subject.startswith("Wir brauchen länger")
    assert "no such language" in words(olga.post(f"/desk/{case.pk}/language/", {"language": "xx"}, follow=True))
    aino = signed_in(house, "aino")
    assert "We write in German" in words(aino.get(f"/desk/{case.pk}/"))
    assert aino.post(f"/desk/{case.pk}/language/", {"language": "fr"}).status_code in (302, 403, 404)
    assert house.now(case).language == "de"


@pytest.mark.store
def test_nobody_else_chooses_it_and_not_of_a_case_that_has_ended(house):
    case, at = house.proven("access", "alice@example.com"), datetime.now(UTC)
    with pytest.raises(MayNot):
        actions.change_language(case, "de", by=PERSON, at=at)
    with pytest.raises(WrongChoice):
        actions.change_language(case, "tlh", by=house.officer, at=at)
    actions.change_language(case, "en", by=house.officer, at=at)
    actions.withdraw_case(case, by=PERSON, at=at)
    with pytest.raises(NotNow):
        actions.change_language(case, "de", by=house.officer, at=at)
    assert not Entry.objects.filter(kind="rights.language_changed").exists()


# The lines of the person's page that count most


def lines_of(page):
    """Language, direction and lines of the box on the person's page."""
    found = re.search(r'<div class="notice" lang="([^"]+)" dir="([^"]+)">(.*?)</div>', page.content.decode(), re.S)
    return (found.group(1), found.group(2), re.findall(r"<p>(.*?)</p>", found.group(3))) if found else None


@pytest.mark.store
def test_the_page_of_a_request_says_in_the_persons_language_how_it_stands_and_what_to_do(house, client):
    at = datetime.now(UTC)
    opened = actions.open_case("access", "alice@example.com", language="de", channel="web", by=PERSON, at=at)
    page = link_of(opened.case)
    tag, _, (todo, due) = lines_of(client.get(page))
    assert (tag, todo) == ("de", "Geben Sie auf dieser Seite den Code aus unserer Nachricht ein.")
    assert due.startswith("Unsere Antwort haben Sie spätestens am ")
    assert actions.prove(opened.case, house.code(opened.case), by=PERSON, at=at)
    case = house.now(opened.case)
    lines = lines_of(client.get(page))[2]
    assert (lines[0], lines[2]) == ("Wir durchsuchen unsere Systeme.", "Sie müssen nichts tun.")
    actions.pause(case, "identity", "Wer sind Sie?", "Another name.", by=house.officer, at=at)
    assert lines_of(client.get(page))[2][1:] == [
        "Die Frist steht still, bis Ihre Antwort kommt.", "Bitte beantworten Sie auf dieser Seite unsere Frage.",
    ]  # fmt: skip
    actions.give_up(house.now(case), by=house.officer, at=at)
    Case.objects.filter(pk=case.pk).update(due_on=date(2026, 1, 2), clock={}, state="review")
    assert lines_of(client.get(page))[2][1].endswith("Freitag, 2. Januar 2026.")
    Case.objects.filter(pk=case.pk).update(language="ar")
    assert lines_of(client.get(page))[:2] == ("ar", "rtl")
    actions.withdraw_case(house.now(case), by=PERSON, at=at)
    assert lines_of(client.get(page))[2] == ["سحبت الطلب."]
    Case.objects.filter(pk=case.pk).update(language="en")
    assert lines_of(client.get(page)) is None, "the whole page is in English anyway"


@pytest.mark.parametrize("state", Case.State.values)
def test_in_every_state_there_is_something_to_say(db, state):
    case = Case(reference="HC-2026-AAAAA", right="access", state=state, due_on=DAY, received_at=NOW, language="fr")
    case.clock = {}
    said = spoken(case, DAY, file=True)
    assert said.lines
    assert not any("{" in line for line in said.lines)
