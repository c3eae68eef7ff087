"""The clock of a case: it stands still only where its law knows that, with its evidence, and is worked out anew."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone
from house import PERSON, house, own_dump, store
from hypothesis import given
from hypothesis import strategies as st
from test_rights_pages import link_of, signed_in, words
from together import at_once

from kept.clocks.counting import deadline
from kept.clocks.deadline import Event, Question
from kept.clocks.rules import rules
from kept.people.models import Account
from kept.post.models import Message
from kept.rights import actions
from kept.rights.clocks import again, first_day, law_of, moved, under
from kept.rights.errors import CannotAsk, CannotEnd, CannotExtend, CannotMove, MayNot, NotNow, StillWaits, TooLong
from kept.rights.models import Case
from kept.rights.promises import requests_are_answered_in_time
from kept.rights.timing.models import FeeProposal, LawChange, Wait
from kept.rights.timing.rules import effect_of, fees_for, money
from kept.security.approvals import ApprovalOver, NoLongerFits, SamePerson
from kept.security.approvals.actions import approve
from kept.security.models import Entry
from kept.security.models.approvals import Approval
from kept.terms import State

__all__ = ["house", "store"]

ALICE = "alice@example.com"
BERLIN = ZoneInfo("Europe/Berlin")
RIGHTS = ("gdpr_rights", "uk_rights", "uk_access", "pdpa_access", "ccpa_request")


def on(year, month, day, hour=12):
    return datetime(year, month, day, hour, tzinfo=BERLIN)


def asked_of(house, case, ground="identity", at=None, **more):
    return actions.pause(
        case, ground, "Please write from the address we know.", "The name on file is another one.", by=house.officer,
        at=at or timezone.now(), **more,
    )  # fmt: skip


def case_under(house, law, right="access", received=None):
    """A proven case whose clock runs by that law."""
    at = timezone.now()
    opened = actions.open_case(
        right, ALICE, law=law, channel="web", received_at=received or at, by=PERSON, at=at
    )  # fmt: skip
    assert actions.prove(opened.case, house.code(opened.case), by=PERSON, at=timezone.now())
    return house.now(opened.case)


# What each law knows


@pytest.mark.parametrize(
    ("rule", "ground", "effect"),
    [
        ("gdpr_rights", "identity", "pause"),
        ("gdpr_rights", "particulars", "none"),
        ("gdpr_rights", "fee", "none"),
        ("uk_access", "particulars", "pause"),
        ("uk_access", "identity", "start"),
        ("uk_access", "fee", "start"),
        ("uk_rights", "identity", "start"),
        ("uk_rights", "fee", "start"),
        ("uk_rights", "particulars", "none"),
        ("pdpa_access", "identity", "none"),
        ("pdpa_access", "fee", "none"),
        ("ccpa_request", "identity", "none"),
    ],
)
def test_each_law_says_what_a_question_does_to_its_clock(rule, ground, effect):
    (known,) = [one for one in rules() if one.id == rule]
    said = effect_of(ground, known)
    assert said.kind == effect
    assert said.says.endswith(".")
    assert said.source


@given(
    rule=st.sampled_from(RIGHTS),
    ground=st.sampled_from(["identity", "particulars"]),
    asked=st.integers(0, 20),
    waited=st.integers(0, 200),
)
def test_waiting_never_makes_a_day_earlier_and_can_be_worked_out_again(rule, ground, asked, waited):
    received = on(2026, 2, 10)
    stored = deadline(Question(rule, received, zone="Europe/Berlin")).as_dict()
    (known,) = [one for one in rules() if one.id == rule]
    effect = effect_of(ground, known)
    ask, answer = received + timedelta(days=asked), received + timedelta(days=asked + waited)
    first = date.fromisoformat(str(stored["due_on"]))
    if effect.kind == "pause":
        still = moved(stored, Event("pause_start", ask), still_since=ask.date())
        assert (still.due_on, still.stored["extend_by"]) == (first, None)
        after = moved(still.stored, Event("pause_end", answer))
        assert moved(still.stored, without=Event("pause_start", ask)).due_on == first, "given up: each day counts"
    elif effect.kind == "start":
        after = moved(stored, Event("identity", answer))
    else:
        return
    assert after.due_on >= first
    assert again(after.stored) == after.due_on
    assert "stands_still_since" not in after.stored


@given(
    right=st.sampled_from(["access", "rectification"]),
    laws=st.lists(st.sampled_from(["eu-gdpr", "uk-gdpr", "sg-pdpa", "us-ccpa"]), min_size=1, max_size=4),
    day=st.integers(0, 700),
)
def test_another_law_never_moves_a_day_out_that_was_told(right, laws, day):
    received = on(2026, 1, 1) + timedelta(days=day)
    stored = deadline(Question("gdpr_rights", received, zone="Europe/Berlin")).as_dict()
    due = date.fromisoformat(str(stored["due_on"]))
    for law in laws:
        clock = under(stored, right, law)
        assert clock.due_on <= due
        assert again(clock.stored) == clock.due_on
        stored, due = clock.stored, clock.due_on


def test_where_somebody_lives_says_whose_clock_runs_and_never_takes_a_right_away():
    assert [law_of(code, "access") for code in ("SG", "gb", "DE", "US-CA", "US", "JP", "")] == [
        "sg-pdpa", "uk-gdpr", "eu-gdpr", "us-ccpa", "eu-gdpr", "eu-gdpr", "eu-gdpr",
    ]  # fmt: skip
    assert law_of("SG", "erasure") == "eu-gdpr", "Singapore's law has no erasure; the office's does"


# On the desk


@pytest.mark.store
def test_a_doubt_about_who_asks_stops_the_clock_from_the_day_of_asking(house):
    received = timezone.now() - timedelta(days=10)
    case = case_under(house, "eu-gdpr", received=received)
    first = case.due_on
    asked = timezone.now() - timedelta(days=8)
    wait = asked_of(house, case, at=asked)
    case = house.now(case)
    assert (case.paused_at, case.due_on) == (asked, first)
    assert case.clock["stands_still_since"] == asked.astimezone(BERLIN).date().isoformat()
    mail = Message.objects.get(pk=wait.message)
    assert "Please write from the address we know." in mail.text
    assert "stands still" in mail.text
    house.work()
    with pytest.raises(StillWaits):
        actions.approve(house.now(case), by=house.officer, at=timezone.now())
    with pytest.raises(CannotExtend, match="stands still"):
        actions.extend(house.now(case), "complexity", "It is much.", by=house.officer, at=timezone.now())
    came = (asked + timedelta(days=5)).astimezone(BERLIN).date()
    actions.resume(
        house.now(case), "By telephone.", came_on=came, came_by="telephone", by=house.officer, at=timezone.now()
    )
    case = house.now(case)
    assert case.paused_at is None
    assert case.clock["paused_days"] == 5
    assert timedelta(days=3) <= case.due_on - first <= timedelta(days=8), "each end rolls to a working day"
    assert again(case.clock) == case.due_on
    assert [step["says"] for step in case.clock["steps"] if "did not count" in step["says"]]
    actions.approve(case, by=house.officer, at=timezone.now())
    kinds = list(Entry.objects.filter(about__endswith=str(case.pk)).values_list("kind", flat=True))
    assert "rights.person_asked" in kinds
    assert "rights.person_answered" in kinds


@pytest.mark.store
def test_the_person_answers_on_their_page_and_the_clock_runs(house):
    case = case_under(house, "eu-gdpr")
    asked_of(house, case)
    page = words(Client().get(link_of(case)))
    assert "the clock stands still" in page
    assert "Please write from the address we know." in page
    asked = Client().get(f"{link_of(case)}answer/")
    assert "Send no copy of an identity card" in words(asked)
    assert "Write your answer." in words(Client().post(f"{link_of(case)}answer/", {"answer": " "}))
    done = Client().post(f"{link_of(case)}answer/", {"answer": "It is me: my customer number is 4711."}, follow=True)
    assert "We have your answer" in words(done)
    wait = Wait.objects.get()
    assert (wait.outcome, wait.came_by, wait.answer) == ("answered", "page", "It is me: my customer number is 4711.")
    assert "my customer number" not in own_dump(), "what they answered is sealed"
    again_sent = Client().post(f"{link_of(case)}answer/", {"answer": "Once more"}, follow=True)
    assert "We wait for no answer" in words(again_sent)
    desk = words(signed_in(house, "olga").get(f"/desk/{case.pk}/"))
    assert "my customer number is 4711" in desk
    assert "my customer number is 4711" not in words(signed_in(house, "aino").get(f"/desk/{case.pk}/"))


@pytest.mark.store
def test_what_the_law_lets_run_on_runs_on_and_the_officer_is_told_why(house):
    case = case_under(house, "eu-gdpr")
    olga = signed_in(house, "olga")
    page = words(olga.get(f"/desk/{case.pk}/ask/"))
    assert "stops the clock for reasonable doubts about who asks, and for nothing else" in page
    assert "GDPR Art. 12(3), (6)" in page
    assert "Say why" in words(olga.post(f"/desk/{case.pk}/ask/", {"ground": "particulars", "asked": "Which?"}))
    sent = {"ground": "particulars", "asked": "Which contract?", "why": "There are two contracts."}
    done = olga.post(f"/desk/{case.pk}/ask/", sent, follow=True)
    assert "The clock runs on" in words(done)
    case = house.now(case)
    assert (case.paused_at, case.clock["paused_days"]) == (None, 0)
    with pytest.raises(CannotAsk, match="asked already"):
        asked_of(house, case)


@pytest.mark.store
def test_under_uk_law_identity_starts_the_month_anew_and_a_question_pauses_a_copy_only(house):
    received = timezone.now() - timedelta(days=20)
    case = case_under(house, "uk-gdpr", received=received)
    first = case.due_on
    asked_of(house, case, at=timezone.now() - timedelta(days=18))
    actions.resume(house.now(case), "Yes.", came_by="page", by=PERSON, at=timezone.now())
    case = house.now(case)
    assert case.due_on >= first + timedelta(days=18)
    assert any("the clock starts on this day" in step["says"] for step in case.clock["steps"])
    wait = asked_of(house, case, "particulars")
    assert wait.effect == "pause"
    actions.give_up(house.now(case), by=house.officer, at=timezone.now())
    given_up = house.now(case)
    assert (given_up.due_on, given_up.clock["paused_days"], given_up.paused_at) == (case.due_on, 0, None)


@pytest.mark.store
def test_no_day_is_won_by_asking_too_late(house):
    case = case_under(house, "eu-gdpr", received=timezone.now() - timedelta(days=60))
    with pytest.raises(CannotAsk, match="the last day to answer is over"):
        asked_of(house, case)
    assert not Wait.objects.exists()


@pytest.mark.store
def test_an_answer_comes_after_the_question_and_not_tomorrow(house):
    case = case_under(house, "eu-gdpr")
    asked_of(house, case)
    today = timezone.now().astimezone(BERLIN).date()
    for day in (today + timedelta(days=1), today - timedelta(days=1)):
        with pytest.raises(CannotEnd):
            actions.resume(
                house.now(case), "x", came_on=day, came_by="email", by=house.officer, at=timezone.now()
            )  # fmt: skip
    with pytest.raises(MayNot):
        actions.resume(house.now(case), "x", came_on=today, came_by="page", by=PERSON, at=timezone.now())
    with pytest.raises(MayNot):
        actions.resume(house.now(case), "x", came_by="email", by=house.people["sam"].actor, at=timezone.now())
    with pytest.raises(CannotEnd, match="accepted or declined"):
        actions.resume(house.now(case), "", came_by="page", outcome="accepted", by=PERSON, at=timezone.now())
    assert house.now(case).paused_at is not None


@pytest.mark.store
def test_a_clock_that_stands_still_is_not_late_and_says_so_everywhere(house):
    case = case_under(house, "eu-gdpr", received=timezone.now() - timedelta(days=28))
    asked_of(house, case, at=timezone.now() - timedelta(days=20))
    now = timezone.now() + timedelta(days=40)
    assert "0 overdue" in requests_are_answered_in_time(now).figure
    assert "clock stands still" in words(signed_in(house, "olga").get("/desk/?show=open"))
    Case.objects.filter(pk=case.pk).update(paused_at=None)
    seen = requests_are_answered_in_time(now)
    assert (seen.state, "1 overdue" in seen.figure) == (State.BROKEN, True)


@pytest.mark.store
def test_two_officers_ask_at_once_and_one_of_them_is_told(house):
    case = case_under(house, "eu-gdpr")
    ended = at_once(lambda: asked_of(house, case), lambda: asked_of(house, case))
    assert sum(isinstance(one, Wait) for one in ended) == 1
    assert [one for one in ended if isinstance(one, CannotAsk)]
    assert Wait.objects.count() == 1


@pytest.mark.store
def test_what_was_asked_and_answered_is_forgotten_with_the_case(house):
    case = case_under(house, "eu-gdpr")
    asked_of(house, case)
    actions.withdraw_case(case, by=PERSON, at=timezone.now())
    case = house.now(case)
    wait = Wait.objects.get()
    assert (case.paused_at, wait.asked, wait.why, wait.answer, wait.key) == (None, "", "", "", None)
    assert wait.ground == "identity", "that we asked stays"


# A fee


@pytest.mark.store
@pytest.mark.parametrize(
    ("law", "right", "basis", "why"),
    [
        ("us-ccpa", "access", "access", "is free"),
        ("sg-pdpa", "rectification", "access", "is free"),
        ("eu-gdpr", "access", "access", "one of these reasons"),
        ("eu-gdpr", "access", "", "one of these reasons"),
    ],
)
def test_a_fee_is_refused_where_the_law_gives_none(house, law, right, basis, why):
    case = case_under(house, "eu-gdpr")
    Case.objects.filter(pk=case.pk).update(law=law, right=right)
    with pytest.raises(CannotAsk, match=why):
        asked_of(house, case, "fee", basis=basis, amount=1000, currency="EUR")
    assert not Wait.objects.exists()


@pytest.mark.store
@pytest.mark.parametrize(
    ("amount", "currency"), [(0, "SGD"), (-1, "SGD"), (None, "SGD"), (10**12, "SGD"), (100, "XXX")]
)
def test_a_fee_is_an_amount_of_money(house, amount, currency):
    case = case_under(house, "sg-pdpa")
    with pytest.raises(CannotAsk):
        asked_of(house, case, "fee", basis="access", amount=amount, currency=currency)


@pytest.mark.store
def test_in_singapore_the_person_accepts_the_estimate_before_the_work_goes_on(house):
    case = case_under(house, "sg-pdpa")
    house.work()
    olga = signed_in(house, "olga")
    page = words(olga.get(f"/desk/{case.pk}/ask/?what=fee"))
    assert "Personal Data Protection Regulations 2021 reg. 7" in page
    form = {"basis": "access", "amount": "12,5", "currency": "SGD", "asked": "Two hours.", "why": "Old tapes."}
    assert "Write an amount" in words(olga.post(f"/desk/{case.pk}/ask/?what=fee", form | {"amount": "a lot"}))
    assert "more than nothing" in words(olga.post(f"/desk/{case.pk}/ask/?what=fee", form | {"amount": "0"}))
    assert "no smaller coins" in words(
        olga.post(f"/desk/{case.pk}/ask/?what=fee", form | {"amount": "1.5", "currency": "JPY"})
    )
    due = case.due_on
    assert "Asked" in words(olga.post(f"/desk/{case.pk}/ask/?what=fee", form, follow=True))
    wait = Wait.objects.get()
    assert (wait.amount, wait.currency, wait.effect) == (1250, "SGD", "none")
    with pytest.raises(StillWaits):
        actions.approve(house.now(case), by=house.officer, at=timezone.now())
    assert "12.50 SGD" in words(Client().get(link_of(case)))
    accepted = Client().post(f"{link_of(case)}answer/", {"do": "accept"}, follow=True)
    assert "We have your answer" in words(accepted)
    assert (Wait.objects.get().outcome, house.now(case).due_on) == ("accepted", due)
    actions.approve(house.now(case), by=house.officer, at=timezone.now())


@pytest.mark.store
def test_in_the_uk_a_fee_starts_the_clock_when_it_has_come_and_not_when_it_is_promised(house):
    case = case_under(house, "uk-gdpr")
    fee_by_two(house, case, "GBP")
    with pytest.raises(CannotEnd, match="has come"):
        actions.resume(house.now(case), "", came_by="page", outcome="accepted", by=PERSON, at=timezone.now())
    assert house.now(case).paused_at is not None
    actions.resume(house.now(case), "", came_by="bank", outcome="accepted", by=house.officer, at=timezone.now())
    assert house.now(case).paused_at is None


def second_officer():
    return Account.objects.create_user("nora.nyman@example.org", name="Nora Nyman", role="privacy_officer")


def fee_by_two(house, case, currency="EUR"):
    """Proposed by one officer, and approved by another."""
    words = ("The fifth time this month.", "Four requests were answered, and nothing has changed.")
    actions.propose_fee(case, "excessive", 1000, currency, *words, by=house.officer, at=timezone.now())
    nora = second_officer()
    return approve(Approval.objects.get(kind="rights.ask_fee", state="waiting"), by=nora.actor, at=timezone.now())


@pytest.mark.store
@pytest.mark.parametrize("law", ["eu-gdpr", "uk-gdpr"])
def test_a_fee_for_an_excessive_request_takes_two_officers(house, law):
    case = case_under(house, law)
    with pytest.raises(CannotAsk, match="second officer"):
        asked_of(house, case, "fee", basis="excessive", amount=1000, currency="EUR")
    olga = signed_in(house, "olga")
    form = {"basis": "excessive", "amount": "10", "currency": "EUR", "asked": "The fifth time.", "why": "Four answers."}
    page = words(olga.post(f"/desk/{case.pk}/ask/?what=fee", form, follow=True))
    assert "A second officer has to approve it" in page
    assert "A fee of 10.00 EUR is proposed" in page
    mails = Message.objects.filter(about=case.pk).count()
    assert not Wait.objects.exists()
    waiting = Approval.objects.get(kind="rights.ask_fee")
    with pytest.raises(SamePerson):
        approve(waiting, by=house.officer, at=timezone.now())
    approve(waiting, by=second_officer().actor, at=timezone.now())
    wait = Wait.objects.get()
    assert (wait.amount, wait.currency, wait.effect) == (1000, "EUR", "start" if law == "uk-gdpr" else "none")
    assert Message.objects.filter(about=case.pk).count() == mails + 1
    made = FeeProposal.objects.get()
    assert (made.state, made.approved_by != made.proposed_by) == ("asked", True)
    kinds = list(Entry.objects.filter(about=f"rights.case:{case.pk}").values_list("kind", flat=True))
    assert {"rights.fee_proposed", "rights.fee_asked"} <= set(kinds)


@pytest.mark.store
def test_a_fee_that_was_proposed_anew_or_whose_case_has_gone_is_not_asked(house):
    case, nora = case_under(house, "eu-gdpr"), second_officer().actor
    said = ("excessive", 1000, "EUR", "The fifth time.", "Four answers.")
    actions.propose_fee(case, *said, by=house.officer, at=timezone.now())
    first = Approval.objects.get(kind="rights.ask_fee", state="waiting")
    actions.propose_fee(case, *said, by=house.officer, at=timezone.now())
    with pytest.raises(ApprovalOver):
        approve(first, by=nora, at=timezone.now())
    second = Approval.objects.get(kind="rights.ask_fee", state="waiting")
    actions.withdraw_case(case, by=PERSON, at=timezone.now())
    with pytest.raises(NoLongerFits):
        approve(second, by=nora, at=timezone.now())
    assert not Wait.objects.exists()
    assert {one.asked for one in FeeProposal.objects.all()} == {""}, "the words go with the case"


@pytest.mark.store
def test_two_officers_who_approve_a_fee_at_once_ask_for_it_once(house):
    case = case_under(house, "eu-gdpr")
    said = ("excessive", 1000, "EUR", "The fifth time.", "Four answers.")
    actions.propose_fee(case, *said, by=house.officer, at=timezone.now())
    waiting, nora = Approval.objects.get(kind="rights.ask_fee"), second_officer().actor
    ended = at_once(*[lambda: approve(waiting, by=nora, at=timezone.now())] * 2)
    assert sum(isinstance(one, ApprovalOver) for one in ended) == 1
    assert Wait.objects.count() == 1


@pytest.mark.store
def test_in_singapore_the_person_is_told_within_the_30_days_when_the_answer_comes(house):
    case = case_under(house, "sg-pdpa")
    house.work()
    first, olga = case.due_on, signed_in(house, "olga")
    page = words(olga.get(f"/desk/{case.pk}/"))
    assert "The person is told before that day is over when it will be." in page
    asked = words(olga.get(f"/desk/{case.pk}/extend/"))
    assert "the person is told in writing now when it will" in asked
    assert "Personal Data Protection Regulations 2021 reg. 5" in asked
    form = {"reasons": "The tapes are in another town.", "until": first.isoformat()}
    assert "Say a day after" in words(olga.post(f"/desk/{case.pk}/extend/", form))
    later = first + timedelta(days=12)
    told = words(olga.post(f"/desk/{case.pk}/extend/", form | {"until": later.isoformat()}, follow=True))
    assert "The person is told." in told
    assert "Tell them when" not in told
    case = house.now(case)
    assert (case.due_on, case.clock["extended"], again(case.clock)) == (later, True, later)
    assert first_day(case.clock) == first
    mail = Message.objects.filter(about=case.pk).order_by("written_at").last()
    assert f"{later:%-d %B %Y}" in mail.text
    with pytest.raises(CannotExtend):
        actions.extend(
            case, "time", "More.", until=later + timedelta(days=1), by=house.officer, at=timezone.now()
        )  # fmt: skip


@pytest.mark.store
def test_a_law_that_sets_the_length_takes_no_day_and_one_that_does_not_needs_it(house):
    european = case_under(house, "eu-gdpr")
    with pytest.raises(CannotExtend, match="the law itself"):
        actions.extend(
            european, "complexity", "Much.", until=european.due_on + timedelta(days=9), by=house.officer,
            at=timezone.now(),
        )  # fmt: skip
    Case.objects.filter(pk=european.pk).update(state=Case.State.ANSWERED)
    singapore = case_under(house, "sg-pdpa")
    for until in (None, singapore.due_on, singapore.due_on + timedelta(days=400)):
        with pytest.raises(CannotExtend, match="say"):
            actions.extend(singapore, "time", "Much.", until=until, by=house.officer, at=timezone.now())


def test_money_is_minor_units_and_a_currency():
    assert [money(1250, "SGD"), money(5, "EUR"), money(100000, "JPY")] == ["12.50 SGD", "0.05 EUR", "100,000 JPY"]
    assert [fee.basis for fee in fees_for("eu-gdpr", "access", date(2026, 8, 1))] == ["unfounded", "excessive"]
    assert fees_for("us-ccpa", "access", date(2026, 8, 1)) == ()
    assert fees_for("sg-pdpa", "access", date(2020, 1, 1)) == ()


# Another law


@pytest.mark.store
def test_an_officer_changes_the_law_with_a_reason_and_the_earlier_day_stays(house):
    received = on(2026, 1, 15)
    case = case_under(house, "sg-pdpa", received=received)
    assert case.due_on == date(2026, 2, 14)
    olga = signed_in(house, "olga")
    page = words(olga.get(f"/desk/{case.pk}/law/"))
    assert "Now: PDPA (Singapore)" in page
    assert "the person lives in" in page, "what the billing system says is read and shown"
    assert "Say why." in words(olga.post(f"/desk/{case.pk}/law/", {"law": "eu-gdpr"}))
    done = olga.post(f"/desk/{case.pk}/law/", {"law": "eu-gdpr", "because": "She moved to Berlin."}, follow=True)
    assert "GDPR (European Union)" in words(done)
    assert "so that day stays" in words(done)
    case = house.now(case)
    assert (case.law, case.due_on, case.clock["rule"]) == ("eu-gdpr", date(2026, 2, 14), "gdpr_rights")
    change = LawChange.objects.get()
    assert (change.before, change.because) == ("sg-pdpa", "She moved to Berlin.")
    assert "Berlin" not in str(list(Entry.objects.filter(kind="rights.law_changed").values_list("facts", flat=True)))
    assert first_day(case.clock) == date(2026, 2, 14)
    with pytest.raises(CannotMove):
        actions.change_law(case, "mars", "They live there.", by=house.officer, at=timezone.now())
    with pytest.raises(TooLong):
        actions.change_law(case, "uk-gdpr", " ", by=house.officer, at=timezone.now())


@pytest.mark.store
def test_a_law_without_this_right_cannot_take_it_away(house):
    case = case_under(house, "eu-gdpr", right="erasure")
    with pytest.raises(CannotMove, match="knows no such right"):
        actions.change_law(case, "sg-pdpa", "They live there.", by=house.officer, at=timezone.now())
    assert house.now(case).law == "eu-gdpr"


@pytest.mark.store
def test_nobody_asks_about_their_own_request_and_nothing_after_the_decision(house):
    case = case_under(house, "eu-gdpr")
    for who in ("sam", "erik", "aino", "alice"):
        with pytest.raises(MayNot):
            actions.pause(case, "identity", "a", "b", by=house.people[who].actor, at=timezone.now())
    house.work()
    actions.approve(house.now(case), by=house.officer, at=timezone.now())
    with pytest.raises(NotNow):
        asked_of(house, case)
