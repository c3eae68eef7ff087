"""A refusal: on a ground of the law, with reasons, by two officers, told at once, and never in silence."""

from __future__ import annotations

import io
import os
import signal
import zipfile
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connections, transaction
from django.test import Client
from django.utils import timezone
from house import KEPT, PERSON, house, own_dump, store, zip_of
from hypothesis import given
from hypothesis import strategies as st
from test_rights_pages import link_of, signed_in, words
from together import at_once

from kept.people.models import Account
from kept.policy.keepers import keepers_of
from kept.post.models import Message
from kept.rights import actions
from kept.rights.errors import MayNot, NotNow, OwnCase
from kept.rights.grounds import (
    authority_of,
    ground_of,
    grounds_for,
    grounds_in_part,
    no_grounds,
    says_something,
    unproven,
)
from kept.rights.models import Case
from kept.rights.offered import OFFERS
from kept.rights.preserved import actions as preserving
from kept.rights.preserved.access import is_over
from kept.rights.preserved.files import folder, open_preserved
from kept.rights.preserved.models import Dispute, PreservedCopy
from kept.rights.promises import copies_are_delivered, requests_are_answered_in_time
from kept.rights.refusals.access import refusals_by_ground
from kept.rights.refusals.actions import propose, tell_refusal
from kept.rights.refusals.actions.proposing import REFUSE
from kept.rights.refusals.errors import NoReasons, NoSuchGround, NotShown
from kept.rights.refusals.models import Annotation, Refusal
from kept.rights.refusals.promises import refusals_are_lawful
from kept.rights.refusals.rules import Told, by_ground, may_object_to
from kept.security.approvals import ApprovalOver, NoLongerFits, NotApproved, SamePerson
from kept.security.approvals import actions as approvals
from kept.security.models import Entry
from kept.security.models.approvals import Approval
from kept.terms import State
from kept.vault.errors import KeyDestroyed
from kept.vault.keys import cipher
from kept.work.models import Step
from kept.work.run import work_off
from kept.work.steps import queue

__all__ = ["house", "store"]

ALICE, BOB = "alice@example.com", "bob@example.com"
SHOWN = {
    "objective": "Forty requests in two weeks, each about the same invoice.",
    "intent": "The person wrote that the requests end when a bill is forgiven.",
}
WHY = "You asked for the same invoice forty times, and wrote that you go on until we forgive a bill."
DAY = date(2026, 8, 1)
LAWS = ("eu-gdpr", "uk-gdpr", "sg-pdpa", "us-ccpa")


def second_officer(email="paul@hansoken.example"):
    return Account.objects.create_user(email, name="Paul Penn", role=Account.Roles.PRIVACY_OFFICER)


def proposed(house, case, ground="unfounded", shown=None, why=WHY, by=None):
    shown = SHOWN if shown is None else shown
    return propose(house.now(case), ground, shown, why, by=by or house.officer, at=timezone.now())


def approve(case, by, at=None):
    waiting = Approval.objects.get(kind=REFUSE, about=f"rights.case:{case.pk}", state="waiting")
    return approvals.approve(waiting, by=by.actor, at=at or timezone.now())


def refused(house, case, ground="unfounded", shown=None, why=WHY, by=None):
    proposed(house, case, ground, shown, why)
    approve(case, by or Account.objects.filter(name="Paul Penn").first() or second_officer())
    return house.now(case)


def mail_of_refusal(case):
    return Message.objects.get(pk=Refusal.objects.get(case=case, state="told").message)


# The table of grounds


@pytest.mark.parametrize("law", LAWS)
def test_every_ground_names_its_law_and_what_we_have_to_show(law):
    for offer in OFFERS:
        for ground in (
            *grounds_for(law, offer.name, DAY),
            *grounds_in_part(law, offer.name, DAY),
        ):
            assert ground.source
            assert ground.says.endswith(".")
            assert len(ground.says.split()) <= 25
            assert all(one.asks.endswith(("?", ".")) for one in ground.prove)
            assert ground.prove or ground.part, f"{ground.name}: a whole refusal has to be shown"
            assert ground_of(law, offer.name, ground.name) == ground
    assert authority_of(law).address


def test_both_limbs_of_abuse_are_asked_for_and_what_is_only_work_or_business_is_no_ground():
    for law in ("eu-gdpr", "uk-gdpr", "us-ccpa"):
        known = {one.name: one for one in grounds_for(law, "access", DAY)}
        assert [one.name for one in known["unfounded"].prove] == ["objective", "intent"]
    assert [one.name for one in no_grounds()] == ["impractical", "business"]
    names = {one.name for law in LAWS for offer in OFFERS for one in grounds_for(law, offer.name, DAY)}
    assert not names & {"impractical", "business"}
    assert "others" not in {one.name for one in grounds_for("eu-gdpr", "access", DAY)}, "redact, not refuse"
    assert grounds_for("eu-gdpr", "access", date(2010, 1, 1)) == ()


@given(
    st.lists(
        st.sampled_from(["", "  ", "one two", "one two three four", "five six seven eight", "理由は次のとおりです"]),
        min_size=2,
        max_size=2,
    )
)
def test_nothing_counts_as_shown_that_says_nothing_or_says_the_same_twice(said):
    ground = ground_of("eu-gdpr", "access", "unfounded")
    missing = [one.name for one in unproven(ground, dict(zip(("objective", "intent"), said, strict=True)))]
    whole = all(says_something(text) for text in said) and said[0] != said[1]
    assert (missing == []) is whole


def test_against_advertising_nothing_of_ours_can_outweigh():
    assert not may_object_to({"use": "marketing.own"})
    assert not may_object_to({"purposes": ["service", "advertising"]})
    assert may_object_to({"use": "security", "why": "I moved."})
    assert by_ground([]) == {}


# Proposing


@pytest.mark.store
def test_a_refusal_waits_for_a_second_officer_and_then_is_told_at_once(house):
    case = house.proven("access", ALICE)
    paul = second_officer()
    olga, other = signed_in(house, "olga"), Client()
    other.force_login(paul)
    page = words(olga.get(f"/desk/{case.pk}/refuse/"))
    assert "It is for us to show that a ground holds" in page
    form = {**{f"show_{name}": text for name, text in SHOWN.items()}, "because": WHY}
    done = olga.post(f"/desk/{case.pk}/refuse/unfounded/", form, follow=True)
    assert "It waits for a second officer" in words(done)
    assert house.now(case).state == Case.State.SEARCHING, "nothing is told yet"
    waiting = Approval.objects.get(kind=REFUSE)
    assert waiting.title == f"Refusal {case.reference}"
    seen = words(other.get(f"/desk/{case.pk}/refusal/"))
    assert SHOWN["intent"] in seen
    assert WHY in seen
    approval = words(other.get(f"/security/approvals/{waiting.pk}/"))
    assert "Refuse a request, and tell the person" in approval
    assert f"/desk/{case.pk}/refusal/" in other.get(f"/security/approvals/{waiting.pk}/").content.decode()
    with pytest.raises(SamePerson):
        approvals.approve(waiting, by=house.officer, at=timezone.now())
    other.post(f"/security/approvals/{waiting.pk}/", {"do": "approve"})
    case = house.now(case)
    assert (case.state, case.outcome) == (Case.State.REFUSED, {"refused": 1})
    assert case.answered_at is not None
    mail = mail_of_refusal(case)
    for told in (WHY, "GDPR Art. 12(5)(b)", "C-526/24", "edpb.europa.eu", "court", django_settings.CONTACT):
        assert told in mail.text
    assert SHOWN["intent"] not in mail.text, "what shows it is for whoever checks it"
    person = words(Client().get(link_of(case)))
    for told in ("Our answer: we refuse it", WHY, "GDPR Art. 12(5)(b)", "Go to court", "You have it, on time"):
        assert told in person
    assert "refused" in words(olga.get("/desk/?show=refused"))
    assert WHY not in own_dump()
    entry = Entry.objects.get(kind="rights.case_refused")
    assert (entry.facts["ground"], entry.facts["in_time"], entry.by) == ("unfounded", True, str(paul.actor))
    assert refusals_by_ground() == {"unfounded": 1}


@pytest.mark.store
def test_the_form_refuses_what_is_no_ground_and_says_why(house):
    case = house.proven("access", ALICE)
    olga = signed_in(house, "olga")
    assert "Much work is no ground" in words(olga.get(f"/desk/{case.pk}/refuse/?ground=impractical"))
    assert "A business purpose alone" in words(olga.get(f"/desk/{case.pk}/refuse/?ground=business"))
    assert "Choose one of these" in words(olga.get(f"/desk/{case.pk}/refuse/?ground=whim"))
    assert olga.get(f"/desk/{case.pk}/refuse/whim/").status_code == 404
    assert olga.get(f"/desk/{case.pk}/refuse/obligation/").status_code == 404, "that is a ground against erasure"
    half = {"show_objective": SHOWN["objective"], "show_intent": " ", "because": WHY}
    assert "It is for us to show this" in words(olga.post(f"/desk/{case.pk}/refuse/unfounded/", half))
    same = half | {"show_intent": SHOWN["objective"]}
    assert "in words of its own" in words(olga.post(f"/desk/{case.pk}/refuse/unfounded/", same))
    short = {"show_objective": SHOWN["objective"], "show_intent": SHOWN["intent"], "because": "No."}
    assert "the person must understand why" in words(olga.post(f"/desk/{case.pk}/refuse/unfounded/", short))
    for ground, error in (("impractical", NoSuchGround), ("business", NoSuchGround), ("whim", NoSuchGround)):
        with pytest.raises(error):
            proposed(house, case, ground)
    with pytest.raises(NotShown):
        proposed(house, case, shown={"objective": SHOWN["objective"]})
    with pytest.raises(NoReasons):
        proposed(house, case, why=" ")
    assert not Refusal.objects.exists()


@pytest.mark.store
def test_one_officer_alone_cannot_refuse_and_neither_can_others_or_the_person_concerned(house):
    case = house.proven("access", ALICE)
    refusal = proposed(house, case)
    with pytest.raises(NotApproved):
        tell_refusal(refusal, by=second_officer().actor, at=timezone.now())
    for who in ("sam", "erik", "aino", "alice"):
        with pytest.raises(MayNot):
            proposed(house, case, by=house.people[who].actor)
    own = second_officer("olga2@hansoken.example")
    Case.objects.filter(pk=case.pk).update(account=own)
    with pytest.raises(OwnCase):
        approve(case, own)
    assert house.now(case).state == Case.State.SEARCHING


@pytest.mark.store
def test_a_new_proposal_replaces_the_one_that_waits(house):
    case = house.proven("access", ALICE)
    paul = second_officer()
    first = proposed(house, case)
    old = Approval.objects.get(kind=REFUSE)
    proposed(house, case, "excessive")
    with pytest.raises(ApprovalOver):
        approvals.approve(old, by=paul.actor, at=timezone.now())
    first.refresh_from_db()
    assert (first.state, first.because, first.key) == ("void", "", None)
    approve(case, paul)
    assert Refusal.objects.get(state="told").ground == "excessive"


@pytest.mark.store
def test_what_was_decided_otherwise_meanwhile_is_not_refused(house):
    withdrawn, relawed = house.proven("access", ALICE), house.proven("access", BOB)
    paul = second_officer()
    proposed(house, withdrawn)
    actions.withdraw_case(withdrawn, by=PERSON, at=timezone.now())
    with pytest.raises(NoLongerFits):
        approve(withdrawn, paul)
    proposed(house, relawed)
    actions.change_law(house.now(relawed), "uk-gdpr", "He lives in Leeds.", by=house.officer, at=timezone.now())
    with pytest.raises(NoLongerFits):
        approve(relawed, paul)
    assert not Refusal.objects.filter(state="told").exists()
    assert house.now(relawed).state == Case.State.SEARCHING


@pytest.mark.store
def test_what_is_refused_is_searched_and_copied_no_further(house):
    case = house.reviewed("access", ALICE)
    actions.approve(case, by=house.officer, at=timezone.now())
    case = refused(house, case)
    house.work()
    assert not house.now(case).packages.exists()
    assert house.now(case).state == Case.State.REFUSED
    with pytest.raises(NotNow):
        proposed(house, case)


@pytest.mark.store
def test_a_refusal_ends_and_is_forgotten_like_an_answer(house):
    case = refused(house, house.proven("access", ALICE))
    later = timezone.now() + timedelta(days=31)
    assert actions.close_due_cases(by=KEPT, at=later) == 1
    case = house.now(case)
    row = Refusal.objects.get()
    assert (case.state, case.email, row.because, row.shown, row.key) == (Case.State.CLOSED, "", "", {}, None)
    assert (row.ground, row.law, row.state) == ("unfounded", "eu-gdpr", "told"), "for statistics, and to show it"
    assert "The words were erased" in words(Client().get(link_of(case)))
    assert refusals_are_lawful(later).state is State.KEPT
    assert "0 copies" in copies_are_delivered(later).figure, "a refused request is no copy without its file"


# Two at once, and killed


@pytest.mark.store
def test_two_officers_propose_at_once_and_one_refusal_waits(house):
    case = house.proven("access", ALICE)
    paul = second_officer()
    ended = at_once(
        lambda: proposed(house, case), lambda: proposed(house, case, "excessive", by=paul.actor)
    )  # fmt: skip
    assert [type(one) for one in ended] == [Refusal, Refusal]
    assert Refusal.objects.filter(state="proposed").count() == 1
    assert Approval.objects.filter(kind=REFUSE, state="waiting").count() == 1


@pytest.mark.store
def test_two_officers_approve_at_once_and_the_person_is_told_once(house):
    case = house.proven("access", ALICE)
    paul, quinn = second_officer(), second_officer("quinn@hansoken.example")
    proposed(house, case)
    waiting = Approval.objects.get(kind=REFUSE)
    ended = at_once(
        lambda: approvals.approve(waiting, by=paul.actor, at=timezone.now()),
        lambda: approvals.approve(waiting, by=quinn.actor, at=timezone.now()),
    )
    assert sorted(type(one).__name__ for one in ended) == ["Approval", "ApprovalOver"]
    assert Entry.objects.filter(kind="rights.case_refused").count() == 1
    assert Message.objects.filter(about=case.pk).count() == 3, "the code, the receipt of the request, and one refusal"


@pytest.mark.store
def test_a_refusal_and_a_withdrawal_meet_and_one_of_them_counts(house):
    case = house.proven("access", ALICE)
    paul = second_officer()
    proposed(house, case)
    waiting = Approval.objects.get(kind=REFUSE)
    at_once(
        lambda: approvals.approve(waiting, by=paul.actor, at=timezone.now()),
        lambda: actions.withdraw_case(case, by=PERSON, at=timezone.now()),
    )
    case = house.now(case)
    told = Refusal.objects.filter(state="told").exists()
    assert (case.state, told) in [(Case.State.REFUSED, True), (Case.State.WITHDRAWN, False)]
    kinds = set(Entry.objects.filter(about=f"rights.case:{case.pk}").values_list("kind", flat=True))
    assert len(kinds & {"rights.case_refused", "rights.case_withdrawn"}) == 1


@pytest.mark.store
def test_killed_between_decision_and_mail_nothing_was_decided(house):
    """Approval, refusal and mail are one transaction: killed before its end, none of them is there."""
    case = house.proven("access", ALICE)
    paul = second_officer()
    proposed(house, case)
    waiting = Approval.objects.get(kind=REFUSE)
    mails = Message.objects.count()
    connections.close_all()
    child = os.fork()
    if child == 0:
        try:
            with transaction.atomic():
                approvals.approve(waiting, by=paul.actor, at=timezone.now())
                os.kill(os.getpid(), signal.SIGKILL)
        finally:
            os._exit(1)
    os.waitpid(child, 0)
    assert house.now(case).state == Case.State.SEARCHING
    assert Message.objects.count() == mails
    assert Approval.objects.get(pk=waiting.pk).state == "waiting"
    approve(case, paul)
    assert mail_of_refusal(case)


# A correction that is refused


@pytest.mark.store
def test_what_the_person_says_stands_beside_a_record_that_is_not_corrected_and_is_in_later_copies(house):
    case = house.proven("access", ALICE)
    said = {"what": "My birthday", "right": "It is the 4th of May."}
    Case.objects.filter(pk=case.pk).update(right="rectification")
    row = house.now(case)
    row.asked = said
    row.save(update_fields=["asked"])
    shown = {"shown": "The passport that she sent says the 5th of May."}
    refused(house, row, "accurate", shown, "Your passport says the 5th of May, so the record is right.")
    note = Annotation.objects.get()
    assert "It is the 4th of May." in note.statement
    assert "4th of May" not in own_dump()
    assert "stands beside the record" in words(Client().get(link_of(row)))
    later = timezone.now() + timedelta(days=31)
    actions.close_due_cases(by=KEPT, at=later)
    actions.forget_persons(by=KEPT, at=later)
    note.refresh_from_db()
    assert "It is the 4th of May." in note.statement, "it outlives the request"
    copy = house.reviewed("access", ALICE)
    actions.approve(copy, by=house.officer, at=timezone.now())
    house.work()
    (package,) = house.now(copy).packages.all()
    with zip_of(package) as file:
        assert "It is the 4th of May." in file.read("index.html").decode()
    for gone in house.confirmed(ALICE):
        house.work()
        assert house.now(gone).state == Case.State.ANSWERED
    assert not Annotation.objects.exists(), "it goes with the record beside which it stands"


# Singapore: the copy that is preserved


@pytest.fixture
def singapore(house):
    """Alice's request for a copy under the PDPA, refused, with its preserved copy made."""
    at = timezone.now()
    opened = actions.open_case("access", ALICE, law="sg-pdpa", channel="web", by=PERSON, at=at)
    assert actions.prove(opened.case, house.code(opened.case), by=PERSON, at=timezone.now())
    with pytest.raises(NotNow):  # what is refused has to be preserved whole
        proposed(house, opened.case, "fifth_schedule", {"law": "Paragraph 1(a): opinions kept to evaluate her work."})
    house.work()
    shown = {"law": "Paragraph 1(a): opinions kept to evaluate her work."}
    case = refused(
        house, opened.case, "fifth_schedule", shown, "The law excepts opinions that were kept to evaluate work."
    )
    work_off(timezone.now(), names=["rights.preserve"])
    return case


def copy_of(case):
    return PreservedCopy.objects.get(case=case)


@pytest.mark.store
def test_a_complete_copy_is_sealed_and_outlives_the_case_for_thirty_days(house, singapore):
    copy = copy_of(singapore)
    assert copy.state == "sealed"
    assert copy.keep_until == date.fromisoformat(copy.clock["due_on"])
    assert (copy.keep_until - copy.refused_at.astimezone(timezone.get_default_timezone()).date()).days in (29, 30, 31)
    path = folder() / copy.file
    assert b"alice" not in path.read_bytes().lower()
    with open_preserved(copy) as file:
        whole = zipfile.ZipFile(io.BytesIO(file.read()))
    assert "Arden" in whole.read("index.html").decode()
    person = words(Client().get(link_of(singapore)))
    assert "is preserved as it is" in person
    assert "Personal Data Protection Commission" in person
    desk = words(signed_in(house, "olga").get(f"/desk/{singapore.pk}/preserved/"))
    assert "Nobody opens it here" in desk
    actions.close_due_cases(by=KEPT, at=timezone.now() + timedelta(days=31))
    with open_preserved(copy_of(singapore)) as file:
        assert zipfile.ZipFile(io.BytesIO(file.read())).testzip() is None
    assert refusals_are_lawful(timezone.now()).state is State.KEPT


@pytest.mark.store
def test_it_is_destroyed_after_its_day_and_not_while_a_complaint_runs(house, singapore):
    copy = copy_of(singapore)
    last = copy.refused_at + timedelta(days=31, hours=12)
    olga = signed_in(house, "olga")
    assert not is_over(copy, copy.refused_at + timedelta(days=29))
    olga.post(f"/desk/{singapore.pk}/preserved/", {"begin": "review"})
    queue("rights.dispute_begun", at=timezone.now(), about=singapore.pk, kind="complaint", of=singapore.pk)
    work_off(timezone.now(), names=["rights.dispute_begun"])
    assert Dispute.objects.filter(ended_at=None).count() == 2
    assert not preserving.preserved_destroyed(copy, by=KEPT, at=last)
    olga.post(f"/desk/{singapore.pk}/preserved/", {"end": str(Dispute.objects.get(kind="review").pk)})
    assert not preserving.preserved_destroyed(copy, by=KEPT, at=last)
    queue("rights.dispute_ended", at=timezone.now(), about=singapore.pk, of=singapore.pk)
    work_off(timezone.now(), names=["rights.dispute_ended"])
    number = copy.key
    assert preserving.preserved_destroyed(copy, by=KEPT, at=last)
    queue("rights.destroy_preserved", at=timezone.now())
    work_off(timezone.now(), names=["rights.destroy_preserved"])
    assert not list(folder().glob("*"))
    with pytest.raises(KeyDestroyed):
        cipher(number)
    assert copy_of(singapore).state == "destroyed"
    assert Entry.objects.filter(kind="rights.preserved_copy_destroyed").count() == 1


@pytest.mark.store
def test_a_copy_that_cannot_be_made_yet_is_owed_and_the_case_waits_for_it(house):
    opened = actions.open_case("access", ALICE, law="sg-pdpa", channel="web", by=PERSON, at=timezone.now())
    assert actions.prove(opened.case, house.code(opened.case), by=PERSON, at=timezone.now())
    house.work()
    away = house.file("billing").rename(house.file("billing").with_suffix(".away"))
    case = refused(
        house,
        opened.case,
        "harm",
        {"law": "Paragraph (a): he has threatened her in writing."},
        "It could harm somebody else, whom we must protect.",
    )
    work_off(timezone.now(), names=["rights.preserve"])
    assert copy_of(case).state == "pending"
    assert refusals_are_lawful(timezone.now()).state is State.BROKEN
    assert actions.close_due_cases(by=KEPT, at=timezone.now() + timedelta(days=31)) == 0
    Path(away).rename(house.file("billing"))
    Step.objects.filter(name="rights.preserve").update(due_at=timezone.now())
    work_off(timezone.now(), names=["rights.preserve"])
    assert copy_of(case).state == "sealed"
    assert actions.close_due_cases(by=KEPT, at=timezone.now() + timedelta(days=31)) == 1


# The keeper


def told(**more):
    day = DAY
    known = {"ground": "unfounded", "two": True, "reasons": True, "noticed": True, "told_on": day, "tell_by": day}
    return Told(**known | {"copy_owed": False} | more)


def test_a_refusal_is_as_promised_only_in_every_respect():
    assert told().faults == []
    assert told(two=False).faults == ["without a second officer"]
    assert told(reasons=False).faults == ["without reasons"]
    assert told(noticed=False).faults == ["not told"]
    assert told(tell_by=date(2026, 7, 31)).faults == ["told late"]
    assert told(copy_owed=True).faults == ["without its preserved copy"]
    assert by_ground([told(), told(ground="claims"), told()]) == {"unfounded": 2, "claims": 1}


@pytest.mark.store
@pytest.mark.breaks("rights.refusals.refusals_are_lawful")
def test_the_keeper_sees_a_refusal_without_reasons_notice_or_in_silence(house):
    assert [bound.look for bound in keepers_of("11.4")] == [refusals_are_lawful]
    now = timezone.now()
    assert (refusals_are_lawful(now).state, refusals_are_lawful(now).figure) == (State.KEPT, "0 requests refused")
    case = refused(house, house.proven("access", ALICE))
    seen = refusals_are_lawful(timezone.now())
    assert (seen.state, seen.figure) == (State.KEPT, "1 refused: 1 unfounded")
    Refusal.objects.update(because=b"")
    red = refusals_are_lawful(timezone.now())
    assert (red.state, red.meaning) == (State.BROKEN, "1 not as promised: without reasons.")
    Message.objects.filter(pk=Refusal.objects.get().message).delete()
    assert "not told" in refusals_are_lawful(timezone.now()).meaning
    Refusal.objects.update(tell_by=date(2020, 1, 1))
    assert "told late" in refusals_are_lawful(timezone.now()).meaning
    Refusal.objects.all().delete()
    assert "refused in silence" in refusals_are_lawful(timezone.now()).meaning
    assert house.now(case).state == Case.State.REFUSED


@pytest.mark.store
def test_a_refusal_that_comes_after_the_first_month_is_an_answer_that_came_late(house):
    case = house.proven("access", ALICE)
    actions.extend(case, "complexity", "It is much to read.", by=house.officer, at=timezone.now())
    proposed(house, case)
    Refusal.objects.update(tell_by=date(2020, 1, 1))
    approve(case, second_officer())
    assert "told late" in refusals_are_lawful(timezone.now()).meaning
    assert requests_are_answered_in_time(timezone.now()).state is not State.BROKEN, "the extended day is met"
    assert Entry.objects.get(kind="rights.case_refused").facts["in_time"] is False
