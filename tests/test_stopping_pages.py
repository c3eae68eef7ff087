"""The pages of objection and restriction: for the person, on the desk, and for staff who want to use data."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.utils import timezone
from house import KEPT, PERSON, house, store
from letters import letter
from paper import PDF

from kept.collection.calls.actions import register_call
from kept.collection.letters.actions import letter_became, register_letter
from kept.collection.mail.actions import mail_read, take_in
from kept.collection.mail.reading import read
from kept.policy.keepers import keepers_of
from kept.post.models import Message
from kept.rights import actions
from kept.rights.clocks import office_day
from kept.rights.codes import token_of
from kept.rights.models import Case
from kept.rights.offered import NOT_YET, Offer, rights_in_words
from kept.rights.promises import requests_are_answered_in_time
from kept.rights.redaction.models import TextReview
from kept.rights.stopping.promises import objections_are_in_force, restrictions_are_enforced
from kept.security.models import Entry, Read
from kept.terms import State
from kept.use.access import objections_of, restriction_of
from kept.use.counting import decided
from kept.use.models import Objection, Restriction, Suppression, Whose

__all__ = ["house", "store"]

pytestmark = [pytest.mark.store, pytest.mark.pages]

ALICE = "alice@example.com"
SAID = {"grounds": ["claims"]}


def now():
    return timezone.now()


def in_force(house, right="restriction", **said):
    """Approved, and seen to in every system."""
    case = house.reviewed(right, ALICE, **(said or SAID))
    actions.approve(case, by=house.officer, at=now())
    return house.now(case)


def page(client, address, **data):
    answer = client.post(address, data, follow=True) if data else client.get(address)
    return answer, " ".join(answer.content.decode().split())


# The person


def test_the_privacy_centre_offers_both_and_asks_what_exactly(house, client):
    centre = page(client, "/privacy/")[1]
    assert "Stop a use of my data" in centre
    assert "Pause my data" in centre
    client.get("/privacy/ask/?right=objection")
    text = page(client, "/privacy/ask/more/")[1]
    assert "Which use shall end?" in text
    assert "Your word is final" in text
    assert "Invoices" not in text, "nobody can object to what a contract carries"
    assert "Say why" in page(client, "/privacy/ask/more/", uses=["improvement"])[1]
    answer = page(client, "/privacy/ask/more/", uses=["marketing.own"])[0]
    assert answer.redirect_chain[-1][0] == "/privacy/ask/you/"
    client.get("/privacy/ask/?right=restriction")
    assert "Why shall we pause?" in page(client, "/privacy/ask/more/")[1]


def test_her_page_says_what_has_ended_since_when_and_takes_it_back(house, client):
    case = house.proven("objection", ALICE, uses=["marketing.own"])
    house.work()
    address = f"/requests/{token_of(case.pk, case.token_hash)}/"
    text = page(client, address)[1]
    assert "Advertising for our own products" in text
    assert "It has ended. Since" in text
    assert "Newsletter</dt><dd>Marked: " in text
    assert "no longer be fetched" not in text
    assert "Nobody had to weigh it" in text
    row = objections_of(case.pk).get()
    back = f"{address}objections/{row.pk}/"
    assert "Take your objection back?" in page(client, back)[1]
    assert "Your objection is taken back." in page(client, back, yes="1")[1]
    assert "Nothing is left to be taken back" in page(client, back)[1]
    bob = house.proven("objection", "bob@example.com", uses=["marketing.own"])
    bobs = f"/requests/{token_of(bob.pk, bob.token_hash)}/objections/{row.pk}/"
    assert client.get(bobs).status_code == 404
    assert client.post(bobs).status_code == 404


def test_her_page_says_when_the_pause_ends(house, client):
    case = in_force(house)
    address = f"/requests/{token_of(case.pk, case.token_hash)}/"
    text = page(client, address)[1]
    assert "Your data are stored, and not used. Since" in text
    assert "It ends only after we have told you" in text


# The desk


@pytest.fixture
def olga(house, client, demo):
    client.force_login(house.people["olga"])
    return client


def test_an_officer_approves_sees_to_it_by_hand_announces_and_calls_off(house, olga):
    case = house.reviewed("restriction", ALICE, **SAID)
    desk = f"/desk/{case.pk}/"
    text = page(olga, desk)[1]
    assert "Approve, and pause" in text
    assert "asked for" in text
    seen = text.split('name="seen" value="')[1].split('"')[0]
    text = page(olga, f"{desk}approve/", seen=seen)[1]
    assert "It holds from now on." in text
    house.work()
    text = page(olga, desk)[1]
    assert "See to it in Help desk" in text
    assert "see to it by hand" in page(olga, "/desk/")[1]
    hand = f"{desk}by-hand/helpdesk/"
    assert "has no mark of its own" in page(olga, hand)[1]
    assert "Tick this first" in page(olga, hand, nothing="")[1]
    assert "was seen to by hand" in page(olga, hand, seen="on")[1]
    house.work()
    assert house.now(case).state == Case.State.ANSWERED, house.told(case)
    end, first = f"{desk}end-of-pause/", office_day(now()) + timedelta(days=7)
    assert first.isoformat() in page(olga, end)[1]
    soon = (first - timedelta(days=1)).isoformat()
    assert f"{first.isoformat()} or later" in page(olga, end, day=soon, because="Checked.")[1]
    assert "Say why it ends" in page(olga, end, day=first.isoformat(), because=" ")[1]
    assert "Told. It ends on that day" in page(olga, end, day=first.isoformat(), because="Checked.")[1]
    assert "in force, end announced" in page(olga, desk)[1]
    assert "gone on meanwhile" in page(olga, end, day=first.isoformat(), because="Checked.")[1]
    assert "It stays in force, and the person is told" in page(olga, f"{end}call-off/", x="1")[1]
    assert restriction_of(case.pk).state == "in_force"


def test_what_came_without_a_word_is_written_down_on_the_desk(house, olga):
    case = house.reviewed("restriction", ALICE)
    desk = f"/desk/{case.pk}/"
    text = page(olga, desk)[1]
    assert "does not say why we are to pause" in text
    assert "Approve, and pause" not in text
    assert page(olga, f"{desk}approve/", seen="x")[0].status_code == 200
    assert house.now(case).state == Case.State.REVIEW
    assert "Choose at least one" in page(olga, f"{desk}said/", about="x")[1]
    assert "Written down" in page(olga, f"{desk}said/", grounds=["claims"])[1]
    assert "Approve, and pause" in page(olga, desk)[1]


def test_who_looks_at_restricted_rows_gives_a_ground_of_the_law(house, olga):
    case = in_force(house)
    copy = house.reviewed("access", ALICE)
    rows = f"/desk/{copy.pk}/rows/billing/client/"
    text = page(olga, rows)[1]
    assert "The use of this person’s data is restricted." in text
    assert "Alice" not in text
    text = page(olga, rows, reason="question")[1]
    assert "the law knows these four" in text
    text = page(olga, rows, reason="question", despite="consent")[1]
    assert "your ground to look all the same" in text
    assert "Alice" in text
    look = Entry.objects.filter(kind="rights.rows_looked_at").last()
    assert (look.facts["despite"], look.facts["reason"]) == ("consent", "question")
    Restriction.objects.filter(case=case.pk).update(state="not_begun", lifted_at=now())
    assert "your ground" not in page(olga, rows)[1], "and where nothing is restricted, none is asked for"


def test_who_reviews_the_texts_of_somebody_restricted_gives_a_ground_before(house, olga):
    in_force(house)
    copy = house.reviewed("access", ALICE)
    review = TextReview.objects.create(
        case=copy, key=copy.key, number=9_000, system="helpdesk", table="thread_entry", column="body", own=True,
        text="Ask Carol Cole about it.", spans={"suggested": [], "spans": []},
    )  # fmt: skip
    where = f"/desk/{copy.pk}/texts/{review.pk}/"
    text = olga.get(where, follow=True).content.decode()
    assert "on which ground you look" in text
    assert "Carol" not in text
    page(olga, f"/desk/{copy.pk}/rows/helpdesk/thread_entry/", reason="third_parties", despite="claims")
    assert "Carol" in page(olga, where)[1]
    assert Entry.objects.filter(kind="rights.rows_looked_at").last().facts["despite"] == "claims"


def test_who_reads_a_mail_of_somebody_restricted_gives_a_ground_too(house, olga):
    raw = letter("Please help me: my server is on fire.", sender=ALICE)
    found = take_in(raw, door="hand", by=KEPT, at=now()).mail
    mail_read(found, read(found, raw), by=KEPT, at=now())
    address = f"/desk/inbox/{found.pk}/"
    assert "on fire" in page(olga, address)[1]
    in_force(house)
    text = page(olga, address)[1]
    assert "on fire" not in text
    assert ALICE not in text
    assert "on fire" not in page(olga, f"{address}add/", wish="nothing")[1], "a refused form shows nothing either"
    answer = olga.post(f"{address}ground/", {})
    assert answer.status_code == 422
    assert "on fire" in page(olga, f"{address}ground/", despite="claims")[1]
    assert Entry.objects.filter(kind="collection.mail_looked_at").last().facts["despite"] == "claims"


def test_who_reads_a_letter_or_a_note_of_somebody_restricted_gives_a_ground_too(house, olga):
    by = house.people["sam"].actor
    sender = f"Alice Arden\n{ALICE}"
    kept = register_letter(now().date(), sender, "her server", [(io.BytesIO(PDF), "a.pdf")], by=by, at=now())
    note = register_call("telephone", now(), "Alice Arden", "", f"On fire. Write to {ALICE}.", by=by, at=now())
    places = (
        (f"/desk/letters/{kept.pk}/", "her server", {"settle/": {}}, "letter"),
        (f"/desk/calls/{note.pk}/", "On fire", {"settle/": {}, "back/": {}}, "call"),
    )
    assert all(words in page(olga, address)[1] for address, words, _, _ in places)
    in_force(house)
    for address, words, refused, kind in places:
        assert words not in page(olga, address)[1]
        for form, said in refused.items():
            assert words not in olga.post(address + form, said).content.decode(), "a refused form shows nothing either"
        assert olga.post(f"{address}ground/", {}).status_code == 422
        assert words in page(olga, f"{address}ground/", despite="claims")[1]
        assert Entry.objects.filter(kind=f"collection.{kind}_looked_at").last().facts["despite"] == "claims"


def test_the_scan_of_a_letter_of_somebody_restricted_is_not_given_out_without_a_ground(house, olga):
    by = house.people["sam"].actor
    kept = register_letter(now().date(), ALICE, "", [(io.BytesIO(PDF), "a.pdf")], by=by, at=now())
    in_force(house)
    address = f"/desk/letters/{kept.pk}/"
    assert PDF not in olga.get(f"{address}scans/0/").content
    page(olga, f"{address}ground/", despite="others")
    assert b"".join(olga.get(f"{address}scans/0/").streaming_content) == PDF


def test_a_letter_by_which_somebody_asked_for_it_is_restricted_as_well(house, olga):
    by = house.people["sam"].actor
    kept = register_letter(now().date(), "Alice Arden", "her server", [(io.BytesIO(PDF), "a.pdf")], by=by, at=now())
    case = in_force(house)
    letter_became(kept, case.pk, case.reference, by=by, at=now())
    assert "her server" not in page(olga, f"/desk/letters/{kept.pk}/")[1]


# Staff who want to use something


def test_staff_ask_before_they_use_and_the_question_is_logged(house, client, demo):
    house.proven("objection", ALICE, uses=["marketing.own"])
    client.force_login(house.people["sam"])
    asked = {"email": ALICE, "purpose": "marketing.own", "category": "contact", "recipient": "us", "reason": "use"}
    text = page(client, "/desk/may-we-use/", **asked)[1]
    assert "No: advertising for our own products" in text
    assert "The person has objected to this use." in text
    assert "Art. 6(1)(f)" in text
    text = page(client, "/desk/may-we-use/", **{**asked, "purpose": "support"})[1]
    assert "Yes: support" in text
    look = Read.objects.filter(what="use").first()
    assert (look.reason, look.person, look.flagged) == ("use", house.people["alice"].pk, False)
    assert decided(now().date())["marketing.own"] == {"deny": 1}
    entries = str(list(Entry.objects.filter(kind="use.asked").values("facts", "about")))
    assert "alice" not in entries
    text = page(client, "/desk/may-we-use/", **{**asked, "reason": ""})[1]
    assert "Choose a reason" in text
    assert "No: " not in text
    text = page(client, "/desk/may-we-use/", **{**asked, "email": "nobody", "purpose": "sell it"})[1]
    assert "not a whole e-mail address" in text
    assert "The policy names no such purpose." in text
    assert Read.objects.filter(what="use").count() == 2


# The promises


def test_the_clauses_have_their_keepers():
    assert objections_are_in_force in [bound.look for bound in keepers_of("12.4")]
    assert restrictions_are_enforced in [bound.look for bound in keepers_of("11.2")]


@pytest.mark.breaks("rights.stopping.objections_are_in_force")
def test_an_objection_without_effect_is_red(house):
    assert objections_are_in_force(now()).state is State.CANNOT_TELL, "nobody has objected yet"
    case = house.proven("objection", ALICE, uses=["marketing.own", "improvement"], reasons="So.")
    seen = objections_are_in_force(now())
    assert (seen.state, seen.figure) == (State.KEPT, "1 objection in force, 1 being weighed")
    Suppression.objects.filter(purpose="marketing.own").delete()
    assert objections_are_in_force(now()).state is State.BROKEN, "her address can be written to again"
    Suppression.objects.all().delete()
    actions.withdraw_case(case, by=PERSON, at=now())
    assert objections_are_in_force(now()).state is State.KEPT, "the hashes still stop it"
    Whose.objects.all().delete()
    red = objections_are_in_force(now())
    assert (red.state, red.figure) == (
        State.BROKEN,
        "1 objection in force, 0 being weighed; 1 without effect, 0 never begun",
    )
    Objection.objects.all().delete()
    house.proven("objection", "bob@example.com", uses=["marketing.own"])
    Objection.objects.all().delete()
    assert "1 never begun" in objections_are_in_force(now()).figure


@pytest.mark.breaks("rights.stopping.restrictions_are_enforced")
def test_a_restriction_that_stops_nothing_or_ended_without_a_word_is_red(house):
    assert restrictions_are_enforced(now()).figure == "0 restrictions in force"
    case = in_force(house)
    assert (restrictions_are_enforced(now()).state, restrictions_are_enforced(now()).number) == (State.KEPT, 1)
    row = restriction_of(case.pk)
    Whose.objects.filter(restriction=row).delete()
    assert restrictions_are_enforced(now()).state is State.BROKEN
    Restriction.objects.filter(pk=row.pk).update(state="lifted", lifted_at=now())
    assert "1 ended without a word" in restrictions_are_enforced(now()).figure


def test_the_page_says_of_each_right_whether_it_runs(house):
    told = requests_are_answered_in_time(now())
    assert told.meaning == f"Nothing is overdue. {rights_in_words()}"
    assert told.state is (State.CANNOT_TELL if NOT_YET else State.KEPT)
    one, other, third = (Offer(short, "", "", short, "1.1", runs=True) for short in ("copy", "erasure", "pause"))
    off = Offer("x", "", "", "decision", "1.1")
    assert rights_in_words([one, other, third]) == "Every right can be asked for here."
    assert rights_in_words([one, other, third, off]) == (
        "Copy, erasure and pause can be asked for here; decision does not run yet."
    )
    assert rights_in_words([off]) == "No right can be asked for here yet."
    assert rights_in_words([one, off, off]) == "Copy can be asked for here; decision and decision do not run yet."


def test_mails_about_it_name_the_day_and_the_way_to_complain(house):
    case = house.proven("objection", ALICE, uses=["marketing.own"])
    house.work()
    mail = Message.objects.filter(about=case.pk).order_by("written_at", "id").last()
    assert "complain to a data protection authority" in mail.text
    assert case.reference in mail.subject
