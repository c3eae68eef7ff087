"""From one provider's site to another: sent where the person says, and read by nobody before they confirm it there."""

from __future__ import annotations

import hashlib
import io
import json
import re
import signal
import urllib.parse
import urllib.request
import zipfile
from datetime import timedelta
from http.cookiejar import CookieJar

import pytest
from django.utils import timezone
from house import KEPT, PERSON, house, own_dump, store
from sites import another_site
from test_portability_format import DATA, data
from test_run import kept, until
from together import at_once

from kept.engine.portable import signed_text
from kept.people.codes import token_of
from kept.policy.keepers import keepers_of
from kept.post.models import Message
from kept.rights import actions as rights
from kept.rights.models import Case
from kept.rights.portability import actions
from kept.rights.portability.access import LINK, read_import
from kept.rights.portability.errors import BadWords, Full, NotToSend
from kept.rights.portability.models import Import, ImportPiece, Transfer
from kept.rights.portability.promises import data_can_be_taken_along
from kept.rights.portability.rules import (
    CONFIRM_WITHIN,
    KEPT_FOR,
    UPLOAD,
    WELL_KNOWN,
    Announced,
    read_announced,
    transfer_text,
)
from kept.rights.signatures import public_keys, sign
from kept.security.models import Entry, Read
from kept.terms import Actor, State
from kept.vault.models import Key
from kept.work.models import Step
from kept.work.run import work_off

__all__ = ["house", "store"]

pytestmark = [pytest.mark.store, pytest.mark.pages]

ALICE = "alice@example.com"


@pytest.fixture
def there(settings):
    """The other site, which says who it is."""
    with another_site() as site:
        settings.FETCH_ALLOWED = [site.host]
        settings.PORTABILITY_IN = True
        site.says(WELL_KNOWN, document(site))
        yield site


def document(site, **changes):
    said = {"format": "kept-portability/1", "company": "Old Host", "accepts": True, "upload": f"{site.origin}{UPLOAD}",
            "most_bytes": 50_000_000, "piece_bytes": 1_000_000, "keys": public_keys()}  # fmt: skip
    return {**said, **changes}


def signed_package(body=DATA, signature=None):
    """As another site makes it."""
    raw = json.dumps(body).encode()
    whole = io.BytesIO()
    listed = [{"path": "data.json", "sha256": hashlib.sha256(raw).hexdigest(), "size": len(raw)}]
    manifest = json.dumps({"format": "kept-portability/1", "files": listed}).encode()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("data.json", raw)
        archive.writestr("manifest.json", manifest)
        archive.writestr("manifest.sig", signature or sign(signed_text(manifest)))
    return whole.getvalue()


def said_of(site, raw, settings, email=ALICE, **changes):
    sha256 = hashlib.sha256(raw).hexdigest()
    signature = sign(transfer_text(site.origin, settings.SITE_URL, sha256, len(raw), email))
    told = {"format": "kept-portability/1", "from": site.origin, "sha256": sha256, "size": len(raw), "email": email,
            "signature": signature}  # fmt: skip
    return {**told, **changes}


def sent(client, site, raw, settings, **changes):
    """The whole of a package, sent as another site sends it. What the last answer says."""
    said = said_of(site, raw, settings, **changes)
    answer = client.post(UPLOAD, json.dumps(said), content_type="application/json")
    assert answer.status_code == 202, answer.content
    have = answer.json()["have"]
    while have < len(raw) and answer.json()["state"] == "receiving":
        part = raw[have : have + 700_000]
        address = f"{UPLOAD}{said['sha256']}/{have}/"
        answer = client.post(address, part, content_type="application/octet-stream")
        assert answer.status_code == 200, answer.content
        have = answer.json()["have"]
    return answer.json()


def work():
    Step.objects.filter(state="waiting", name="rights.check_import").update(due_at=timezone.now())
    return work_off(timezone.now(), names=["rights.check_import", "rights.end_imports"])


def came(client, site, settings, body=DATA, **changes):
    """An import that was checked, and waits for its person."""
    sent(client, site, signed_package(body), settings, **changes)
    work()
    taken = Import.objects.latest("begun_at")
    assert taken.state == Import.State.WAITING, (taken.state, taken.problem)
    return taken


def code_for(taken):
    assert actions.send_import_code(taken, by=PERSON, at=timezone.now())
    mail = Message.objects.filter(about=taken.pk).order_by("written_at", "id").last()
    return re.search(r"^ +(\d{3} \d{3})$", mail.text, re.MULTILINE).group(1)


# What comes in


def test_what_comes_is_sealed_and_nobody_reads_it_before_its_person_has_typed_the_code(
    store, there, client, settings, cast
):
    settings.DEMO = True
    taken = came(client, there, settings, email="dora@example.com")
    assert "dora@example.com" not in own_dump()
    assert DATA["company"] not in own_dump()
    [mail] = Message.objects.filter(about=taken.pk)
    page = f"/brought/{token_of(LINK, taken.pk)}/"
    assert f"{settings.SITE_URL}{page}" in mail.text
    client.force_login(cast["sam"])
    assert client.get(f"/desk/brought/{taken.pk}/").status_code == 404, "staff neither"
    assert b"waits for the person" in client.get("/desk/brought/").content
    client.logout()
    first = client.get(page)
    assert b"Your details" not in first.content
    assert b"sent us 2 records" in first.content
    client.post(f"{page}code/")
    wrong = client.post(page, {"code": "000 000"})
    assert b"Your details" not in wrong.content
    latest = Message.objects.filter(about=taken.pk).order_by("written_at", "id").last()
    code = re.search(r"^ +(\d{3} \d{3})$", latest.text, re.M).group(1)
    shown = client.post(page, {"code": code}, follow=True)
    assert b"Your details" in shown.content
    assert b"alice@example.com" in shown.content
    assert client.post(page, {"code": code}).status_code == 200, "a code works once"
    other = type(client)()
    assert b"Your details" not in other.get(page).content, "and in that browser only"
    client.force_login(cast["sam"])
    assert b"Your details" in client.get(f"/desk/brought/{taken.pk}/").content
    assert Read.objects.filter(case=taken.pk, by=str(cast["sam"].actor)).count() == 1
    client.force_login(cast["erik"])
    assert client.get(f"/desk/brought/{taken.pk}/").status_code == 404
    client.force_login(cast["olga"])
    client.post(f"/desk/brought/{taken.pk}/")
    gone = Import.objects.get(pk=taken.pk)
    assert (gone.state, gone.email, gone.key, gone.ended_because) == ("ended", "", None, "taken_over")
    assert not Key.objects.filter(number=taken.key).exists()
    assert not ImportPiece.objects.exists()
    assert Entry.objects.filter(kind="rights.import_ended").count() == 1
    assert b"deleted here" in other.get(page).content


def test_a_large_package_comes_in_pieces_and_the_same_twice_is_there_once(store, there, client, settings):
    many = [{"email": f"{number:x}" * 200} for number in range(9_000)]
    raw = signed_package(data(tables=[{**DATA["tables"][0], "records": many}]))
    assert len(raw) > 2_000_000
    said = said_of(there, raw, settings)
    sha256 = said["sha256"]
    for _ in range(2):
        answer = client.post(UPLOAD, json.dumps(said), content_type="application/json")
        assert answer.json() == {"state": "receiving", "have": 0}
    piece = raw[:1_000_000]
    for _ in range(2):
        answer = client.post(f"{UPLOAD}{sha256}/0/", piece, content_type="application/octet-stream")
        assert answer.json() == {"state": "receiving", "have": 1_000_000}
    gap = client.post(f"{UPLOAD}{sha256}/1500000/", b"x", content_type="application/octet-stream")
    assert (gap.status_code, gap.json()["have"]) == (409, 1_000_000)
    more = client.post(f"{UPLOAD}{sha256}/1000000/", b"x" * 1_000_001, content_type="application/octet-stream")
    assert more.status_code == 413
    assert sent(client, there, raw, settings)["state"] == "checking"
    assert max(len(bytes(one.raw)) for one in ImportPiece.objects.all()) <= 256 * 1024
    work()
    taken = Import.objects.get()
    assert (taken.state, taken.records) == ("waiting", 9_000)
    assert sent(client, there, raw, settings) == {"state": "waiting", "have": len(raw)}, "sent again, it is there"
    assert Message.objects.filter(about=taken.pk).count() == 1, "and its person is told once"
    assert read_import(taken).records == 9_000


def test_two_who_send_the_same_at_once_make_one(store, there, settings):
    raw = signed_package()
    said = read_announced(json.dumps(said_of(there, raw, settings)).encode(), 10**9)
    at = timezone.now()
    both = at_once(*[lambda: actions.announced(said, by=PERSON, at=at)] * 2)
    assert {one.pk for one in both} == {Import.objects.get().pk}
    taken = Import.objects.get()
    at_once(*[lambda: actions.piece_came(taken, 0, raw, by=PERSON, at=at)] * 2)
    assert b"".join(bytes(one.raw) for one in taken.pieces.order_by("number")) == raw


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        ("hash", "not_whole"),
        ("transfer signature", "signature"),
        ("manifest signature", "signature"),
        ("another key", "signature"),
        ("for another site", "signature"),
        ("another person", "signature"),
        ("no such site", "sender"),
        ("no document", "sender"),
        ("inside the network", "sender"),
        ("no package", "package"),
        ("changed inside", "package"),
    ],
)
def test_what_is_not_what_it_says_is_refused_and_nothing_of_it_is_kept(store, there, client, settings, spoil, why):
    raw, changes = signed_package(), {}
    if spoil == "hash":
        changes["sha256"] = "0" * 64
    elif spoil == "transfer signature":
        changes["signature"] = sign(b"something else")
    elif spoil == "manifest signature":
        raw = signed_package(signature=sign(b"something else"))
    elif spoil == "another key":
        there.says(WELL_KNOWN, document(there, keys=["A" * 43 + "="]))
    elif spoil == "for another site":
        said = said_of(there, raw, settings)
        other = transfer_text(there.origin, "https://else.example", said["sha256"], len(raw), ALICE)
        changes["signature"] = sign(other)
    elif spoil == "another person":
        changes["signature"] = said_of(there, raw, settings, "bob@example.com")["signature"]
    elif spoil == "no such site":
        changes["from"] = settings.SITE_URL
    elif spoil == "no document":
        there.said.clear()
    elif spoil == "inside the network":
        changes["from"] = "https://127.0.0.1"
    elif spoil == "no package":
        raw = b"no zip" * 50
    elif spoil == "changed inside":
        raw = raw.replace(b"Old Host", b"Bad Host")
    sent(client, there, raw, settings, **changes)
    work()
    taken = Import.objects.get()
    assert (taken.state, taken.problem, taken.email, taken.key) == ("refused", why, "", None)
    assert not Message.objects.exists(), "nobody is bothered"
    assert not ImportPiece.objects.exists()
    state = client.get(f"{UPLOAD}{taken.sha256}/").json()
    assert state["state"] == "refused"
    assert state["problem"] == why


def test_a_sender_that_does_not_answer_is_asked_again_and_then_refused(store, there, client, settings):
    sent(client, there, signed_package(), settings)
    there.said.clear()
    there.server.shutdown()
    there.server.server_close()
    work()
    taken = Import.objects.get()
    assert taken.state == Import.State.CHECKING
    Import.objects.update(begun_at=timezone.now() - timedelta(days=2))
    work()
    assert Import.objects.get().problem == "sender"


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"format": "kept-access/1"}, 400),
        ({"sha256": "x"}, 400),
        ({"sha256": None}, 400),
        ({"size": "1"}, 400),
        ({"size": True}, 400),
        ({"size": 0}, 400),
        ({"size": 50_000_001}, 413),
        ({"email": "nobody"}, 400),
        ({"email": ["a@example.com"]}, 400),
        ({"from": "x\ny"}, 400),
        ({"signature": 1}, 400),
    ],
)
def test_an_announcement_that_is_none_is_refused_in_words(store, there, client, settings, changes, status):
    said = json.dumps(said_of(there, b"x", settings, **changes))
    answer = client.post(UPLOAD, said, content_type="application/json")
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert not Import.objects.exists()


def test_nonsense_too_much_and_a_closed_door_are_told_apart(store, there, client, settings):
    for body in (b"", b"[]", b"{", b"\xff", b"[" * 60_000):
        assert client.post(UPLOAD, body, content_type="application/json").status_code == 400
    assert client.post(UPLOAD, b"x" * 64_001, content_type="application/json").status_code == 413
    unknown = "a" * 64
    assert client.get(f"{UPLOAD}{unknown}/").status_code == 404
    assert client.post(f"{UPLOAD}{unknown}/0/", b"x", content_type="a/b").status_code == 404
    assert client.get(f"{UPLOAD}../etc/").status_code == 404
    for number in range(3):
        sent(client, there, signed_package(data(reference=str(number))), settings)
    fourth = said_of(there, signed_package(data(reference="4")), settings)
    assert client.post(UPLOAD, json.dumps(fourth), content_type="application/json").status_code == 429
    settings.PORTABILITY_IN = False
    assert client.post(UPLOAD, json.dumps(fourth), content_type="application/json").status_code == 403
    assert client.get(WELL_KNOWN).json()["accepts"] is False


def test_what_nobody_confirms_goes_unread_and_what_was_confirmed_goes_later(store, there, client, settings):
    waiting = came(client, there, settings)
    confirmed = came(client, there, settings, data(reference="2"), email="bob@example.com")
    assert actions.check_import_code(confirmed, code_for(confirmed), by=PERSON, at=timezone.now())
    assert actions.end_old_imports(by=KEPT, at=timezone.now()) == 0
    later = timezone.now() + CONFIRM_WITHIN + timedelta(minutes=1)
    assert actions.end_old_imports(by=KEPT, at=later) == 1
    gone = Import.objects.get(pk=waiting.pk)
    assert (gone.state, gone.ended_because, gone.email) == ("ended", "not_confirmed", "")
    assert not actions.check_import_code(gone, "000 000", by=PERSON, at=later)
    assert actions.end_old_imports(by=KEPT, at=timezone.now() + KEPT_FOR + timedelta(minutes=1)) == 1
    assert not ImportPiece.objects.exists()
    assert actions.end_old_imports(by=KEPT, at=timezone.now() + timedelta(days=4 * 365)) == 0
    assert not Import.objects.exists(), "that it was here is forgotten as well"


def test_a_mail_that_was_on_its_way_keeps_no_key_alive(store, there, client, settings):
    settings.DEMO = False
    taken = came(client, there, settings)
    actions.decline(taken, by=PERSON, at=timezone.now())
    assert Key.objects.filter(number=taken.key).exists(), "its mail still waits, and must be readable to be sent"
    Message.objects.update(state="sent", sent_at=timezone.now())
    actions.end_old_imports(by=KEPT, at=timezone.now())
    assert not Key.objects.filter(number=taken.key).exists()


def test_a_code_stops_after_five_wrong_ones_and_staff_end_nothing_that_is_not_confirmed(store, there, client, settings):
    taken = came(client, there, settings)
    code = code_for(taken)
    wrong = "999 999" if code != "999 999" else "111 111"
    for _ in range(5):
        assert not actions.check_import_code(taken, wrong, by=PERSON, at=timezone.now())
    assert not actions.check_import_code(taken, code, by=PERSON, at=timezone.now())
    assert not actions.send_import_code(taken, by=PERSON, at=timezone.now()), "not twice in a minute"
    with pytest.raises(BadWords):
        actions.end_import(taken, by=Actor("support", "x"), at=timezone.now())
    actions.decline(taken, by=PERSON, at=timezone.now())
    actions.decline(taken, by=PERSON, at=timezone.now())
    assert Entry.objects.filter(kind="rights.import_ended").count() == 1


def test_an_import_is_held_back_when_too_much_waits(store, there, settings, monkeypatch):
    monkeypatch.setattr("kept.rights.portability.actions.receiving.MOST_WAITING", 1)
    at = timezone.now()
    actions.announced(Announced("https://a.example", "a" * 64, 5, ALICE, "x"), by=PERSON, at=at)
    with pytest.raises(Full):
        actions.announced(Announced("https://a.example", "b" * 64, 5, "bob@example.com", "x"), by=PERSON, at=at)


# What goes out


def answered(house, to):
    told = {"way": "send", "to": to} if to else {"way": "give"}
    opened = rights.open_case("portability", ALICE, asked=told, channel="web", by=PERSON, at=timezone.now())
    assert rights.prove(opened.case, house.code(opened.case), by=PERSON, at=timezone.now())
    house.work()
    rights.approve(house.now(opened.case), by=house.officer, at=timezone.now())
    house.work()
    case = house.now(opened.case)
    assert case.state == Case.State.ANSWERED, house.told(case)
    return case, opened.token


def test_nothing_is_sent_before_the_second_confirmation_and_a_site_that_cannot_take_it_is_told(house, there, client):
    case, token = answered(house, there.origin)
    package = case.packages.get()
    assert not Transfer.objects.exists()
    assert there.asked == []
    page = client.get(f"/requests/{token}/send/")
    assert there.host.encode() in page.content
    assert client.post(f"/requests/{token}/send/", {"code": "000 000"}).status_code == 200
    assert not Transfer.objects.exists(), "the link alone sends nothing"
    client.post(f"/requests/{token}/send/code/")
    code = house.code(case)
    client.post(f"/requests/{token}/send/", {"code": code})
    transfer = Transfer.objects.get()
    assert actions.confirm_sending(case, package, by=PERSON, at=timezone.now()).pk == transfer.pk, "pressed twice"
    house.work()
    transfer = Transfer.objects.get()
    assert transfer.state == Transfer.State.FAILED, transfer.problem
    assert "404" in transfer.problem
    [announced] = [json.loads(body) for method, _, body in there.asked if method == "POST"]
    assert (announced["email"], announced["sha256"]) == (ALICE, package.sha256)
    mail = Message.objects.filter(about=case.pk).order_by("written_at", "id").last()
    assert "could not be sent" in mail.subject
    shown = client.get(f"/requests/{token}/")
    assert b"not sent" in shown.content
    assert b"You can try it once more" in shown.content
    there.says(WELL_KNOWN, document(there, most_bytes=10))
    again = actions.confirm_sending(house.now(case), package, by=PERSON, at=timezone.now())
    assert again.pk != transfer.pk
    house.work()
    assert "larger" in Transfer.objects.get(pk=again.pk).problem
    for said in ({"accepts": False}, {"upload": "https://evil.example/in/"}, {"keys": []}, {"format": "x"}):
        there.says(WELL_KNOWN, document(there, **said))
        one = actions.confirm_sending(house.now(case), package, by=PERSON, at=timezone.now())
        house.work()
        assert Transfer.objects.get(pk=one.pk).state == Transfer.State.FAILED, said
    there.server.shutdown()
    there.server.server_close()
    one = actions.confirm_sending(house.now(case), package, by=PERSON, at=timezone.now())
    house.work()
    assert Transfer.objects.get(pk=one.pk).ended_at is None, "no answer is no refusal: it is tried again"
    rights.revoke_package(package, by=house.officer, at=timezone.now())
    house.work_later()
    assert "no longer there" in Transfer.objects.get(pk=one.pk).problem


def test_a_copy_to_be_given_is_not_sent(house):
    case, _ = answered(house, "")
    with pytest.raises(NotToSend):
        actions.confirm_sending(case, case.packages.get(), by=PERSON, at=timezone.now())


@pytest.mark.breaks("rights.portability.data_can_be_taken_along")
def test_the_keeper_sees_what_is_not_sent_and_what_is_kept_too_long(house, there, client, settings):
    look = data_can_be_taken_along
    assert look in [bound.look for bound in keepers_of("12.6")]
    assert look(timezone.now()).state is State.CANNOT_TELL
    case, _ = answered(house, there.origin)
    seen = look(timezone.now())
    assert (seen.state, seen.figure) == (State.KEPT, "1 package to take along, 0 sent to another provider")
    actions.confirm_sending(case, case.packages.get(), by=PERSON, at=timezone.now())
    assert look(timezone.now() + timedelta(days=3)).state is State.BROKEN
    Transfer.objects.update(state="failed", ended_at=timezone.now())
    taken = came(client, there, settings)
    assert look(timezone.now()).state is State.KEPT
    assert look(taken.begun_at + CONFIRM_WITHIN + timedelta(days=2)).state is State.BROKEN


# Two sites


class Browser:
    """Somebody at the other provider's pages."""

    def __init__(self, port):
        self.base = f"http://localhost:{port}"
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def get(self, path):
        with self.opener.open(self.base + path, timeout=30) as answer:
            return answer.read().decode()

    def post(self, path, page, **fields):
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page).group(1)
        body = urllib.parse.urlencode({"csrfmiddlewaretoken": token, **fields}).encode()
        with self.opener.open(urllib.request.Request(self.base + path, body), timeout=30) as answer:
            return answer.read().decode()


@pytest.mark.skipif("config.getoption('-m') == 'store'", reason="the other site has a store of its own")
def test_a_package_goes_from_one_kept_to_another_that_is_killed_in_the_middle(house, tmp_path, settings, live_document):
    """Sent to a site that is not there yet, killed while it takes it in, started again, and sent twice: it is there
    once, whole, and opens with the code that the person gets there."""
    folder = tmp_path / "there"
    words = "Noch ein Brief. " + "".join(f"{hashlib.sha256(str(n).encode()).hexdigest()} " for n in range(60_000))
    first = "SELECT min(id) FROM thread_entry WHERE user_id = 501 AND body != ''"
    house.ask("helpdesk", f"UPDATE thread_entry SET body = ? WHERE id = ({first})", words)
    known = {"KEPT_DEMO": "1", "KEPT_FETCH_ALLOWED": live_document.host, "KEPT_PORTABILITY_IN": "1"}
    with kept("run", folder=folder, **known) as there:
        there.until_said("http://localhost")
        until(lambda: up(there.port), 60)
        settings.FETCH_ALLOWED = [f"localhost:{there.port}"]
        case, _ = answered(house, f"http://localhost:{there.port}")
        package = case.packages.get()
        assert package.size > 2_000_000
        actions.confirm_sending(case, package, by=PERSON, at=timezone.now())
        sent_first = sent_at_least(house, there, 1)
        there.end(signal.SIGKILL)
        assert sent_first
    house.work_later()
    assert Transfer.objects.get().ended_at is None, "nobody is there: it is tried again"
    known["KEPT_PORT"] = str(there.port)
    with kept("run", folder=folder, **known) as there:
        until(lambda: up(there.port), 150)
        until(lambda: house.work_later() and Transfer.objects.get().ended_at is not None, 120)
        assert Transfer.objects.get().state == Transfer.State.ACCEPTED, Transfer.objects.get().problem
        Transfer.objects.update(state="failed")
        actions.confirm_sending(house.now(case), package, by=PERSON, at=timezone.now())
        until(lambda: house.work_later() and Transfer.objects.first().ended_at is not None, 60)
        assert Transfer.objects.first().state == Transfer.State.ACCEPTED, "sent again, it was there already"
        browser = Browser(there.port)
        outbox = browser.get("/outbox/")
        mails = re.findall(r'href="(/outbox/[0-9a-f-]{36}/)"', outbox)
        assert len(mails) == 1, "its person is told once"
        link = re.search(r"/brought/[A-Za-z0-9_-]+/", browser.get(mails[0])).group()
        page = browser.get(link)
        assert "Noch ein Brief" not in page
        browser.post(f"{link}code/", page)
        newest = re.findall(r'href="(/outbox/[0-9a-f-]{36}/)"', browser.get("/outbox/"))
        texts = [browser.get(one) for one in newest]
        code = next(found.group(1) for text in texts if (found := re.search(r"\b(\d{3} \d{3})\b", text)))
        shown = browser.post(link, browser.get(link), code=code)
        assert "It is taken in" in shown
        assert "Old Host" not in shown
        assert settings.COMPANY in shown


def up(port):
    try:
        with urllib.request.urlopen(f"http://localhost:{port}{WELL_KNOWN}", timeout=5) as answer:
            return json.load(answer)["accepts"]
    except OSError:
        return False


def sent_at_least(house, there, pieces):
    """Send until so many pieces are there, and stop in the middle as if this program had been killed."""
    from kept.rights.portability import tasks

    class Stop(Exception):
        pass

    def stop(transfer, have):
        actions.transfer_moved(transfer, have, by=KEPT, at=timezone.now())
        raise Stop

    before, tasks._moved = tasks._moved, stop
    try:
        transfer = Transfer.objects.get()
        with pytest.raises(Stop):
            tasks._send(Step.objects.get(name="rights.send_package"), transfer)
    finally:
        tasks._moved = before
    return Transfer.objects.get().sent >= pieces


@pytest.fixture
def live_document(settings):
    """This site's own document, at an address of its own, as the other site asks for it."""
    with another_site() as site:
        settings.SITE_URL = site.origin
        site.says(WELL_KNOWN, document(site))
        yield site
