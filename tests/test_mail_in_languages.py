"""Mails speak the person's language, and opening one tells nobody anything."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Engine, Template
from django.template.base import VariableNode
from django.template.defaulttags import IfNode
from django.utils import formats, translation
from django.utils.html import strip_tags
from hypothesis import given
from hypothesis import strategies as st

from kept.post.html import page_of
from kept.post.languages import LANGUAGES, language_of, language_of_browser, nearest
from kept.post.models import Message
from kept.post.outbox import send, write
from kept.post.smtp import as_mail
from kept.rights import actions, telling
from kept.rights.models import Case
from kept.rights.wording import wording
from kept.terms import Actor

FOLDER = Path(telling.__file__).parent / "templates/mail/rights"
MAILS = sorted(file.name.removesuffix(".txt") for file in FOLDER.glob("*.txt") if file.name.count(".") == 1)
OTHERS = [code for code in LANGUAGES if code != "en"]
TAGS = {"html", "head", "meta", "title", "style", "body", "main", "p", "a", "br"}
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = date(2026, 10, 14)  # its month is written differently in every one of our languages but two


class Asks(HTMLParser):
    """What a mail program would ask for when it shows the page, or when somebody follows a link in it."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.style = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "a":
            self.links.append(dict(attrs)["href"] or "")

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1][0] == "style":
            self.style += data


def asks(html: str) -> Asks:
    reader = Asks()
    reader.feed(html)
    return reader


def variables(name: str) -> set[str]:
    """Every value that a template shows or asks about."""
    source = Engine.get_default().get_template(f"mail/rights/{name}.txt").source
    nodes = Template(source).nodelist
    shown = {str(node.filter_expression.var) for node in nodes.get_nodes_by_type(VariableNode)}
    tests = [one for node in nodes.get_nodes_by_type(IfNode) for one, _ in node.conditions_nodelists if one]
    asked = {str(part) for one in tests for part in re.findall(r"case\.\w+|files", repr(one))}
    return shown | asked


@pytest.fixture
def case(db):
    at = datetime(2026, 9, 14, 9, tzinfo=UTC)
    return actions.open_case(
        "erasure", "alice@example.com", name="Alice <Arden>", channel="web", by=Actor("person"), at=at
    ).case


def known(case: Case) -> dict[str, object]:
    case.due_on, case.extended_because = DAY, "There are many letters."
    values = {
        "code": "123 456",
        "first": DAY,
        "until": datetime(2026, 10, 14, 9, tzinfo=UTC),
        "files": True,
        "asked_on": DAY,
    }
    values |= {"price": "12.50 SGD", "still": True, "source": "GDPR Art. 12(6)"}
    values |= {"authority": "a data protection authority", "contact": "privacy at example"}
    return {"case": case, "words": "Which years?\n\nAll of them?", "site_url": settings.SITE_URL, **values}


@pytest.mark.parametrize("name", MAILS)
def test_every_mail_exists_in_every_language_and_says_the_same_facts(name):
    missing = [code for code in OTHERS if not (FOLDER / f"{name}.{code}.txt").exists()]
    assert missing == []
    facts = variables(name)
    assert {code: variables(f"{name}.{code}") ^ facts for code in OTHERS if variables(f"{name}.{code}") != facts} == {}


def test_no_mail_is_there_in_a_language_that_is_none_of_ours():
    assert {file.name.split(".")[1] for file in FOLDER.glob("*.*.txt")} <= set(LANGUAGES)


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_mail_can_be_read_in_its_language_and_asks_for_nothing(code, case):
    case.language = code
    case.save(update_fields=["language"])
    with translation.override(code):
        month = formats.date_format(DAY, "F")
    for name in MAILS:
        about = {**known(case)}
        about.pop("case")
        mail = telling.tell(case, name, at=NOW, **about)
        assert (mail.language, "{" in mail.text, mail.subject == "") == (code, False, False), name
        if re.search("due_on|until", "".join(variables(name))):
            assert (month in mail.text) or (code in ("zh-hans", "ja") and "10月" in mail.text), name
        page = asks(mail.html)
        assert page.tags[0] == ("html", {"lang": LANGUAGES[code].tag, "dir": "rtl" if code == "ar" else "ltr"})
        assert {tag for tag, _ in page.tags} <= {
            "html",
            "head",
            "meta",
            "title",
            "style",
            "body",
            "main",
            "p",
            "a",
            "br",
        }
        assert not {name for _, attributes in page.tags for name in attributes} & {"src", "background", "srcset"}
        assert re.search(r"url\(|@import|http", page.style) is None
        assert all(link in mail.text and link.startswith(settings.SITE_URL) for link in page.links)
        words = [line.strip() for line in mail.text.splitlines() if line.strip()]
        bare = " ".join(
            strip_tags(mail.html.partition("</style>")[2].replace("<br>", " ").replace("<p", " <p")).split()
        )
        for line in words:
            assert line.replace("<", "&lt;").replace(">", "&gt;").replace("'", "&#x27;") in bare, (name, line)


def test_the_mail_goes_out_in_two_parts_and_needs_no_way_to_unsubscribe(case):
    Case.objects.filter(pk=case.pk).update(language="ar")
    case.refresh_from_db()
    sent = as_mail(telling.tell(case, "code", code="123 456", at=NOW), "privacy@hansoken.example")
    assert [part.get_content_type() for part in sent.iter_parts()] == ["text/plain", "text/html"]
    assert (sent["Content-Language"], sent["List-Unsubscribe"]) == ("ar", None)
    assert 'dir="rtl"' in sent.get_body(["html"]).get_content()


def test_a_code_stands_alone_in_every_language_so_that_it_can_be_found_and_read_out(case):
    for code in LANGUAGES:
        case.language = code
        mail = telling.tell(case, "code", code="123 456", at=NOW)
        assert "    123 456\n" in mail.text
        assert '<p class="code" dir="ltr">123 456</p>' in mail.html


def test_what_nobody_has_translated_goes_out_in_english_and_says_so(db):
    mail = send("alice@example.com", "collection/no_marketing", {"contact": "us"}, language="de", at=NOW)
    assert mail.language == "en"
    assert mail.text.startswith("Diese Nachricht gibt es noch nicht auf Deutsch.")
    assert '<p lang="de" dir="ltr">Diese Nachricht' in mail.html
    assert "advertising" in mail.text
    arabic = send("alice@example.com", "collection/no_marketing", {"contact": "us"}, language="ar", at=NOW)
    assert '<p lang="ar" dir="rtl">' in arabic.html


def test_a_mail_of_the_sign_in_pages_gets_the_same_frame(db):
    mail = write("alice@example.com", "Hello", "Good day\nto you.\n\nHansoken", about=None, at=NOW)
    assert "<p>Good day to you.</p>" in mail.html
    assert asks(mail.html).links == []


@pytest.mark.parametrize(
    "evil",
    [
        '<img src="https://track.example/x.gif">',
        "https://evil.example/phish",
        "http://localhost:8000.evil.example/",
        "http://localhost:8000@evil.example/",
        '"><script>alert(1)</script>',
        "</style><style>@import 'https://evil.example'",
    ],
)
def test_nothing_that_somebody_wrote_becomes_a_link_or_a_tag(evil):
    page = asks(page_of(evil, f"Hello {evil}\n\n{evil}\n", language_of("en")))
    assert page.links == []
    assert {tag for tag, _ in page.tags} <= TAGS - {"a", "br"}
    assert "evil" not in page.style


@given(st.text(max_size=300), st.text(max_size=60))
def test_whatever_a_mail_says_its_page_holds_our_tags_only(text, subject):
    page = asks(page_of(subject, text, language_of("ar")))
    assert {tag for tag, _ in page.tags} <= TAGS


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("sv,fr;q=0.8", "fr"),
        ("zh-CN,zh;q=0.9", "zh-hans"),
        ("zh-TW,ja;q=0.5", "ja"),
        ("zh-TW", "zh-hans"),
        ("en-GB", "en"),
        ("sv", "en"),
        ("*", "en"),
        ("", "en"),
        (";;;q=x,,", "en"),
        ("ta-SG;q=0.1, ms;q=0.7", "ms"),
    ],
)
def test_a_browsers_languages_lead_to_the_best_one_of_ours(header, code):
    assert language_of_browser(header) == code


@given(st.text(max_size=200))
def test_any_header_gives_a_language_that_we_have(header):
    assert language_of_browser(header) in LANGUAGES


def test_the_languages_that_wishes_are_read_in_are_ours():
    wishes = Path(telling.__file__).parent.parent / "collection/mail/wishes"
    assert {nearest(file.stem) for file in wishes.glob("*.toml")} <= set(LANGUAGES)


def keys(table: dict, before: str = "") -> set[str]:
    return {
        name
        for key, value in table.items()
        for name in (keys(value, f"{before}{key}.") if isinstance(value, dict) else [f"{before}{key}"])
    }


@pytest.mark.parametrize("code", OTHERS)
def test_every_word_of_the_room_is_there_in_every_language(code):
    assert keys(wording(code)) == keys(wording("en"))
    assert {right.value for right in Case.Right} == set(wording(code)["wish"])


def test_who_asks_in_german_is_answered_in_german(client, db):
    client.get("/privacy/ask/?right=access")
    client.post("/privacy/ask/you/", {"email": "carol@example.com", "name": ""})
    page = client.get("/privacy/ask/check/").content.decode()
    shown = re.search(r'name="shown" value="(\w+)"', page).group(1)
    client.post("/privacy/ask/check/", {"shown": shown}, headers={"accept-language": "de-CH,de;q=0.9"})
    case = Case.objects.get()
    assert case.language == "de"
    assert "ist Ihr Code" in Message.objects.get(about=case.pk).subject
