"""Letters, calls and visits: kept in a register with the day they came, and nothing they ask for is done unproven."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from house import KEPT, house, own_dump, store
from paper import PDF, PNG

from kept.collection.calls.actions import called_back, forget_calls, register_call, settle_call
from kept.collection.calls.errors import BadMoment, NoCallBack
from kept.collection.calls.errors import Settled as CallSettled
from kept.collection.calls.models import Call
from kept.collection.letters.actions import forget_letters, letter_became, register_letter, settle_letter
from kept.collection.letters.errors import BadDay, NoScan, Settled
from kept.collection.letters.models import Letter, Scan
from kept.collection.promises import calls_are_registered, letters_are_registered
from kept.policy.keepers import keepers_of
from kept.post.models import Message
from kept.rights import actions
from kept.rights.actions import Said
from kept.rights.clocks import due_date
from kept.rights.errors import BadPostDay, MayNot, NotNow, NoWayBack
from kept.rights.models import Case
from kept.rights.promises import letters_are_posted
from kept.rights.reach.models import PaperLetter, Reach
from kept.security.models import Entry, Read
from kept.security.uploads import UploadRefused
from kept.security.uploads import folder as uploads
from kept.terms import State
from kept.vault.models import Key
from kept.work.run import work_off
from kept.work.steps import queue

__all__ = ["house", "store"]

pytestmark = [pytest.mark.store, pytest.mark.pages]

POSTAL = "14 Garden Street\n10101 Neustrand"


def came(house, days=0, files=None, sender="Alice Arden\n14 Garden Street", **more):
    """A letter that came so many days ago."""
    at = timezone.now()
    files = files or [(io.BytesIO(PDF), "letter.pdf")]
    return register_letter(
        (at - timedelta(days=days)).date(), sender, "a copy", files, by=house.people["sam"].actor, at=at, **more
    )


def called(house, door="telephone", back=None, number="+493023125101"):
    at = timezone.now()
    by = house.people["sam"].actor
    return register_call(door, at, "Alice Arden", number, "A copy of everything.", call_back_at=back, by=by, at=at)


def registered(house, source, right="access", **said):
    said = {"name": "Alice Arden", "postal": POSTAL} | said
    return actions.register(source, right, Said(**said), by=house.people["sam"].actor, at=timezone.now()).case


def test_a_letter_is_kept_sealed_with_the_day_it_came_and_who_read_it(house, client):
    letter = came(house, 3, [(io.BytesIO(PDF), "../../alice.pdf"), (io.BytesIO(PNG), "page 2.png")])
    assert [one.kind for one in letter.scans.all()] == ["pdf", "png"]
    assert not [path for path in uploads().iterdir() if PDF in path.read_bytes()]
    assert "Garden Street" not in own_dump()
    client.force_login(house.people["sam"])
    page = client.get(f"/desk/letters/{letter.pk}/").content.decode()
    assert "14 Garden Street" in page
    answer = client.get(f"/desk/letters/{letter.pk}/scans/0/")
    assert b"".join(answer.streaming_content) == PDF
    assert answer["Content-Disposition"] == 'attachment; filename="alice.pdf"'
    assert answer["Content-Type"] == "application/octet-stream"
    assert {(one.what, one.place) for one in Read.objects.all()} == {("mail", "letters")}
    assert Entry.objects.filter(kind="collection.letter_looked_at").count() == 2, "the letter, and its scan"


@pytest.mark.parametrize(
    ("files", "refused"),
    [
        ([], NoScan),
        ([(io.BytesIO(PNG), "x.png")] * 11, NoScan),
        ([(io.BytesIO(PDF), "x.pdf"), (io.BytesIO(b"#!/bin/sh\n"), "x.sh")], UploadRefused),
        ([(io.BytesIO(PDF), "x.png")], UploadRefused),
        ([(io.BytesIO(PDF.replace(b"Catalog", b"Catalog/JavaScript ")), "x.pdf")], UploadRefused),
        ([(io.BytesIO(b""), "x.pdf")], UploadRefused),
    ],
)
def test_what_is_no_scan_is_refused_and_leaves_nothing_behind(house, files, refused):
    keys = Key.objects.count()
    with pytest.raises(refused):
        register_letter(date.today(), "x", "", files, by=house.people["sam"].actor, at=timezone.now())  # noqa: DTZ011
    assert not Letter.objects.exists()
    assert not uploads().exists() or list(uploads().iterdir()) == []
    assert Key.objects.count() == keys


@pytest.mark.parametrize("days", [-2, -400, 367, 40_000])
def test_a_letter_from_tomorrow_or_from_long_ago_is_a_slip_of_the_hand(house, days):
    with pytest.raises(BadDay):
        came(house, days)


def test_the_page_takes_a_letter_in_and_says_beside_its_field_what_is_wrong(house, client):
    client.force_login(house.people["sam"])
    wrong = {"received_on": (timezone.now() + timedelta(days=3)).date(), "sender": "", "scans": ""}
    answer = client.post("/desk/letters/add/", wrong)
    words = answer.content.decode()
    assert answer.status_code == 422
    for told in ("The day it came is today or earlier", "Choose the file with the scan", "Say who wrote it"):
        assert told in words
    files = [SimpleUploadedFile("a.pdf", PDF), SimpleUploadedFile("b.exe", b"MZ\x90")]
    right = {"received_on": timezone.now().date(), "sender": "Alice Arden", "scans": files}
    assert "Send one of these" in client.post("/desk/letters/add/", right).content.decode()
    files = [SimpleUploadedFile("a.pdf", PDF), SimpleUploadedFile("b.png", PNG)]
    answer = client.post("/desk/letters/add/", right | {"scans": files})
    letter = Letter.objects.get()
    assert answer["Location"] == f"/desk/letters/{letter.pk}/"
    assert letter.scans.count() == 2


def test_the_clock_of_a_letter_began_on_the_day_it_came(house):
    case = registered(house, came(house, 12))
    came_on = Letter.objects.get().received_on
    assert (case.state, case.channel, case.email) == ("unproven", "letter", "")
    assert (
        case.due_on
        == due_date(datetime.combine(came_on, datetime.min.time(), UTC) + timedelta(hours=11), "access").due_on
    )
    assert case.received_at < timezone.now() - timedelta(days=11)
    assert Letter.objects.get().requests == [{"case": str(case.pk), "reference": case.reference}]
    assert (Letter.objects.get().state, Letter.objects.get().case) == ("settled", case.pk)


def test_a_letter_that_came_today_does_not_come_from_the_future(house):
    """Before noon as well: its request was not received later than it was registered."""
    at = timezone.now().replace(hour=6, minute=0)
    letter = register_letter(at.date(), "x", "", [(io.BytesIO(PDF), "")], by=house.officer, at=at)
    case = actions.register(letter, "access", Said(postal=POSTAL), by=house.officer, at=at).case
    assert case.received_at <= at


def test_a_request_by_telephone_waits_for_its_proof_like_every_other(house, client):
    """With an address, the code goes there; nothing is searched before somebody has it."""
    case = registered(house, called(house), email="alice@example.com", phone="+493023125101")
    work_off(timezone.now())
    assert house.now(case).state == "unproven"
    assert not house.answers(case)
    client.force_login(house.people["sam"])
    page = client.get(f"/desk/proof/{case.pk}/").content.decode()
    assert "Tell nobody whether we know them" in page
    guess = "111111" if house.code(case) != "111 111" else "222222"
    assert "You have 4 tries left" in client.post(f"/desk/proof/{case.pk}/", {"code": guess}).content.decode()
    client.post(f"/desk/proof/{case.pk}/", {"code": house.code(case)})
    assert house.now(case).state == "searching"
    assert "It was proven on" in client.get(f"/desk/proof/{case.pk}/").content.decode()
    assert client.get(f"/desk/{case.pk}/").status_code == 404, "support proves, and does not read the case"


def test_no_button_of_staff_makes_a_request_proven(house, client):
    """Every form of these pages, sent empty and sent with nonsense, by both roles that have them."""
    case = registered(house, called(house))
    for who in ("sam", "olga"):
        client.force_login(house.people[who])
        for path in ("", "mail-code/"):
            for sent in ({}, {"code": "123456"}, {"proven_at": "2026-01-01", "state": "searching"}):
                client.post(f"/desk/proof/{case.pk}/{path}", sent)
        for path in ("approve/", "confirm/", "return/", "extend/"):
            assert client.post(f"/desk/{case.pk}/{path}").status_code == 404
    assert house.now(case).state == "unproven"
    assert house.now(case).proven_at is None


@pytest.mark.parametrize("role", ["customer", "engineer", "auditor", "person", "kept"])
def test_only_support_and_the_privacy_officer_register_requests(house, role):
    from kept.terms import Actor

    letter = came(house)
    with pytest.raises(MayNot):
        actions.register(letter, "access", Said(postal=POSTAL), by=Actor(role), at=timezone.now())
    assert not Case.objects.exists()


def test_somebody_whom_nobody_could_answer_is_asked_for_a_way_back(house):
    with pytest.raises(NoWayBack):
        registered(house, came(house), postal="")
    assert not Case.objects.exists()
    assert Letter.objects.get().state == "to_decide"


def test_two_letters_without_an_address_are_two_people_until_somebody_says_otherwise(house):
    """An empty address is nobody's: nothing is joined by it, and nothing is counted against anybody."""
    cases = [registered(house, came(house), name=f"Person {number}") for number in range(7)]
    Case.objects.filter(pk__in=[case.pk for case in cases]).update(state="searching", proven_at=timezone.now())
    assert Case.objects.filter(state="searching").count() == 7
    assert not Message.objects.exists()
    assert not actions.resend_code(cases[0], by=KEPT, at=timezone.now())


def test_who_writes_by_post_has_a_month_to_prove_it_and_is_then_forgotten(house):
    case = registered(house, came(house, 20))
    later = timezone.now() + timedelta(days=29)
    assert actions.expire_unproven(by=KEPT, at=later) == 0
    assert actions.expire_unproven(by=KEPT, at=later + timedelta(days=2)) == 1
    assert house.now(case).state == "expired"
    assert not Reach.objects.exists()
    assert "Garden" not in own_dump()


def test_the_way_from_a_letter_to_its_request_and_back(house, client):
    client.force_login(house.people["sam"])
    letter = came(house, 2)
    start = f"/desk/register/letter/{letter.pk}/"
    assert client.post(start, {"right": "erasure"})["Location"] == f"{start}who/"
    page = client.get(f"{start}who/").content.decode()
    assert "Alice Arden" in page, "what stands in the register is not typed twice"
    bad = client.post(f"{start}who/", {"email": "alice@", "phone": "12"}).content.decode()
    assert "not a whole e-mail address" in bad
    assert "no whole telephone number" in bad
    assert "to answer to" in client.post(f"{start}who/", {"name": "A"}).content.decode()
    who = {"name": "Alice Arden", "postal": POSTAL, "account": "1", "system": "billing", "note": "She is deaf."}
    assert client.post(f"{start}who/", who)["Location"] == f"{start}check/"
    assert "She is deaf." in client.get(f"{start}check/").content.decode()
    first = client.post(f"{start}check/")["Location"]
    assert client.post(f"{start}check/")["Location"] == first, "sent twice, it is one request"
    case = Case.objects.get()
    assert first == f"/desk/proof/{case.pk}/"
    assert f"/desk/letters/{letter.pk}/" in client.get(first).content.decode()
    assert first in client.get(f"/desk/letters/{letter.pk}/").content.decode()
    reach = Reach.objects.get()
    assert (reach.postal, reach.account, reach.system, reach.letter) == (POSTAL, "1", "billing", letter.pk)
    assert client.post(start, {"right": "access"})["Location"] == f"{start}who/", "and one more from the same letter"
    client.post(f"{start}who/", who)
    client.post(f"{start}check/")
    assert [one["reference"] for one in Letter.objects.get().requests] == list(
        Case.objects.order_by("due_on", "right").values_list("reference", flat=True)
    ) or Case.objects.count() == 2


def test_two_letters_in_two_windows_are_not_mixed(house, client):
    client.force_login(house.people["sam"])
    one, two = came(house), came(house, sender="Bob Brook\n5 Canal Street")
    for letter, right in ((one, "access"), (two, "erasure")):
        client.post(f"/desk/register/letter/{letter.pk}/", {"right": right})
    for letter in (one, two):
        client.post(f"/desk/register/letter/{letter.pk}/who/", {"name": letter.sender.split("\n")[0], "postal": POSTAL})
        client.post(f"/desk/register/letter/{letter.pk}/check/")
    assert {(case.right, case.name) for case in Case.objects.all()} == {
        ("access", "Alice Arden"),
        ("erasure", "Bob Brook"),
    }


def test_a_door_in_the_address_is_the_door_it_came_by(house, client):
    client.force_login(house.people["sam"])
    call, letter = called(house, "counter"), came(house)
    assert client.get(f"/desk/register/counter/{call.pk}/").status_code == 200
    for wrong in (f"telephone/{call.pk}", f"letter/{call.pk}", f"counter/{letter.pk}", f"web/{call.pk}"):
        assert client.get(f"/desk/register/{wrong}/").status_code == 404


def test_a_letter_that_is_no_request_is_settled_once_and_kept(house, client):
    client.force_login(house.people["sam"])
    letter = came(house)
    assert client.post(f"/desk/letters/{letter.pk}/settle/", {"how": ""}).status_code == 422
    client.post(f"/desk/letters/{letter.pk}/settle/", {"how": "Passed on to the accounts."})
    again = client.post(f"/desk/letters/{letter.pk}/settle/", {"how": "Thrown away."}, follow=True).content.decode()
    assert "settled it meanwhile" in again
    assert Letter.objects.get().settled_how == "Passed on to the accounts."
    with pytest.raises(Settled):
        settle_letter(letter, "x", by=house.officer, at=timezone.now())


def test_words_and_scans_of_a_letter_go_after_90_days_and_the_row_after_three_years(house):
    letter, waits = came(house), came(house)
    settle_letter(letter, "answered", by=house.officer, at=timezone.now())
    files = len(list(uploads().iterdir()))
    assert forget_letters(by=KEPT, at=timezone.now() + timedelta(days=89)) == (0, 0)
    assert forget_letters(by=KEPT, at=timezone.now() + timedelta(days=91)) == (1, 0)
    assert not Key.objects.filter(number=letter.key).exists()
    assert forget_letters(by=KEPT, at=timezone.now() + timedelta(days=1200)) == (0, 0), "its scan is still there"
    queue("collection.forget_letters", at=timezone.now())
    work_off(timezone.now(), names=["collection.forget_letters"])
    assert len(list(uploads().iterdir())) == files - 1
    assert forget_letters(by=KEPT, at=timezone.now() + timedelta(days=1200)) == (0, 1)
    assert list(Letter.objects.all()) == [waits], "what nobody has dealt with is never forgotten"


def test_a_call_is_noted_and_called_back_at_the_time_agreed_on(house, client):
    client.force_login(house.people["sam"])
    back = timezone.now() + timedelta(hours=2)
    sent = {
        "door": "telephone", "came_at": f"{timezone.now():%Y-%m-%dT%H:%M}", "caller": "Alice",
        "number": "+49 30 23125 101", "says": "A copy.", "call_back_at": f"{back:%Y-%m-%dT%H:%M}",
    }  # fmt: skip
    client.post("/desk/calls/add/", sent)
    call = Call.objects.get()
    assert call.number == "+493023125101"
    assert "Agreed on" in client.get(f"/desk/calls/{call.pk}/").content.decode()
    assert f"/desk/calls/{call.pk}/" in client.get("/desk/calls/?show=back").content.decode()
    assert client.post(f"/desk/calls/{call.pk}/back/", {"says": ""}).status_code == 422
    client.post(f"/desk/calls/{call.pk}/back/", {"says": "Nobody answered."})
    again = client.post(f"/desk/calls/{call.pk}/back/", {"says": "x"}, follow=True).content.decode()
    assert "dealt with it meanwhile" in again
    assert Call.objects.get().called_back_says == "Nobody answered."
    with pytest.raises(NoCallBack):
        called_back(call, "x", by=house.officer, at=timezone.now())


@pytest.mark.parametrize(
    ("came_in", "back_in"),
    [(timedelta(hours=1), None), (-timedelta(days=400), None), (timedelta(0), -timedelta(hours=1)),
     (timedelta(0), timedelta(days=90))],
)  # fmt: skip
def test_a_moment_in_the_wrong_direction_is_refused(house, client, came_in, back_in):
    at = timezone.now()
    back = at + back_in if back_in else None
    with pytest.raises(BadMoment):
        register_call("telephone", at + came_in, "x", "+493023125101", "x", call_back_at=back, by=house.officer, at=at)
    client.force_login(house.people["sam"])
    sent = {"door": "telephone", "came_at": f"{at + came_in:%Y-%m-%dT%H:%M}", "caller": "x", "number": "+493023125101",
            "says": "x", "call_back_at": f"{back:%Y-%m-%dT%H:%M}" if back else ""}  # fmt: skip
    assert client.post("/desk/calls/add/", sent).status_code == 422
    assert not Call.objects.exists()


def test_a_call_that_is_no_request_is_settled_and_forgotten(house):
    call = called(house)
    settle_call(call, "Only wanted our hours.", by=house.officer, at=timezone.now())
    with pytest.raises(CallSettled):
        settle_call(call, "x", by=house.officer, at=timezone.now())
    assert forget_calls(by=KEPT, at=timezone.now() + timedelta(days=91)) == (1, 0)
    assert "Alice" not in {one.caller for one in Call.objects.all()}
    assert forget_calls(by=KEPT, at=timezone.now() + timedelta(days=1200)) == (0, 1)


def test_lists_name_nobody(house, client):
    came(house)
    called(house)
    registered(house, called(house, "counter"))
    client.force_login(house.people["olga"])
    for path in ("letters", "calls", "calls/?show=back", "proof", "post", "register"):
        page = client.get(f"/desk/{path}{'' if '?' in path else '/'}", follow=True).content.decode()
        assert "Arden" not in page, path
        assert "Garden" not in page, path


@pytest.mark.breaks("collection.letters_are_registered")
def test_a_letter_that_nobody_deals_with_or_that_was_changed_is_red(house):
    assert letters_are_registered in [bound.look for bound in keepers_of("2.3")]
    assert letters_are_registered(timezone.now()).state is State.CANNOT_TELL
    letter = came(house)
    assert letters_are_registered(timezone.now()).state is State.KEPT
    assert letters_are_registered(timezone.now() + timedelta(days=4)).state is State.BROKEN
    letter_became(letter, letter.pk, "HC-2026-22222", by=house.officer, at=timezone.now())
    assert letters_are_registered(timezone.now() + timedelta(days=4)).state is State.KEPT
    place = uploads() / Scan.objects.get().place
    place.write_bytes(place.read_bytes()[:-1] + b"\0")
    red = letters_are_registered(timezone.now())
    assert (red.state, red.figure) == (
        State.BROKEN,
        "1 letter registered, 0 for a person to read; 0 left alone, 1 changed",
    )


@pytest.mark.breaks("rights.letters_are_posted")
def test_a_letter_of_ours_that_nobody_posts_is_red(house):
    assert letters_are_posted(timezone.now()).state is State.CANNOT_TELL
    _, paper = written(house)
    assert letters_are_posted(timezone.now()).state is State.KEPT
    red = letters_are_posted(timezone.now() + timedelta(days=4))
    assert (red.state, red.figure) == (State.BROKEN, "1 letter to post, 1 of them late")
    actions.paper_posted(paper, timezone.now().date(), by=house.officer, at=timezone.now())
    assert letters_are_posted(timezone.now() + timedelta(days=4)).state is State.KEPT


@pytest.mark.breaks("collection.calls_are_registered")
def test_a_caller_who_waits_longer_than_agreed_is_red(house):
    assert calls_are_registered in [bound.look for bound in keepers_of("2.4")]
    assert calls_are_registered(timezone.now()).state is State.CANNOT_TELL
    call = called(house, back=timezone.now() + timedelta(hours=1))
    assert calls_are_registered(timezone.now()).state is State.KEPT
    red = calls_are_registered(timezone.now() + timedelta(hours=6))
    assert (red.state, red.figure) == (State.BROKEN, "1 call noted; 0 left alone, 1 not called back")
    called_back(call, "done", by=house.officer, at=timezone.now())
    assert calls_are_registered(timezone.now() + timedelta(hours=6)).state is State.KEPT
    assert calls_are_registered(timezone.now() + timedelta(days=4)).state is State.BROKEN


# Letters of ours


def written(house, **said):
    """A letter of ours, about a request of somebody without an e-mail address."""
    case = registered(house, came(house), **said)
    Case.objects.filter(pk=case.pk).update(state="review", proven_at=timezone.now())
    actions.extend(house.now(case), "complexity", "It is much.", by=house.officer, at=timezone.now())
    return house.now(case), PaperLetter.objects.get()


def test_who_has_no_address_gets_a_letter_that_staff_print_and_post(house, client):
    case, paper = written(house)
    assert not Message.objects.exists()
    assert paper.to == f"Alice Arden\n{POSTAL}"
    assert "We need longer" in paper.subject
    client.force_login(house.people["sam"])
    page = client.get(f"/desk/post/{paper.pk}/").content.decode()
    assert "It is much." in page
    assert PaperLetter.objects.get().seen_by == [str(house.people["sam"].pk)]
    assert client.get(f"/desk/post/{paper.pk}/").status_code == 200
    assert len(PaperLetter.objects.get().seen_by) == 1
    wrong = client.post(f"/desk/post/{paper.pk}/", {"on": "2031-01-01"})
    assert wrong.status_code == 422
    assert "between the day it was written and today" in wrong.content.decode()
    client.post(f"/desk/post/{paper.pk}/", {"on": f"{timezone.now():%Y-%m-%d}"})
    paper.refresh_from_db()
    assert (paper.state, paper.posted_on) == ("posted", timezone.now().date())
    assert "Letters of ours" in _desk(client, house, case)
    with pytest.raises(NotNow):
        actions.paper_void(paper, by=house.officer, at=timezone.now())


def _desk(client, house, case):
    client.force_login(house.people["olga"])
    return client.get(f"/desk/{case.pk}/").content.decode()


def test_a_letter_of_a_request_that_ended_is_forgotten_as_soon_as_it_is_posted(house):
    """It is written after the end, so it has a key of its own; the day it was posted stays."""
    case, paper = written(house)
    actions.paper_void(paper, by=house.officer, at=timezone.now())
    actions.withdraw_case(case, by=house.officer, at=timezone.now())
    last = PaperLetter.objects.get(state="waiting")
    assert (last.about, last.to) == ("rights/withdrawn", f"Alice Arden\n{POSTAL}")
    assert house.now(case).key is None
    with pytest.raises(BadPostDay):
        actions.paper_posted(last, date(2020, 1, 1), by=house.officer, at=timezone.now())
    actions.paper_posted(last, timezone.now().date(), by=house.officer, at=timezone.now())
    last.refresh_from_db()
    assert (last.key, last.to, last.text, last.state) == (None, "", "", "posted")
    assert "Garden" not in own_dump()


def test_an_answer_that_was_not_posted_keeps_its_request_open(house):
    case, paper = written(house)
    long_ago = timezone.now() - timedelta(days=40)
    Case.objects.filter(pk=case.pk).update(state="answered", answered_at=long_ago)
    assert actions.close_due_cases(by=KEPT, at=timezone.now()) == 0
    actions.paper_posted(paper, timezone.now().date(), by=house.officer, at=timezone.now())
    assert actions.close_due_cases(by=KEPT, at=timezone.now()) == 1
    assert PaperLetter.objects.get().to == ""
