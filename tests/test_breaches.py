"""The breach register and its clocks, notices drafted from the facts, and the control register."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from house import house, store
from hypothesis import given
from hypothesis import strategies as st
from together import at_once, killed

from kept.clocks.rules import NoRule
from kept.information.actions import add_system
from kept.information.counting import held_in
from kept.information.models import System
from kept.people.models import Account
from kept.post.models import Message
from kept.security.approvals import NotApproved
from kept.security.breaches.actions import (
    COUNT,
    BreachClosed,
    DutiesOpen,
    MayNotJudge,
    WrongTime,
    ask_for_count,
    change_breach,
    close_breach,
    notice_sent,
    report_breach,
)
from kept.security.breaches.drafts import draft
from kept.security.breaches.reminders import REMIND
from kept.security.breaches.rules import Facts, due_at, duties, is_notifiable_in_singapore
from kept.security.controls.actions import (
    ControlEnded,
    MayNotKeep,
    SameTitle,
    add_control,
    add_usual_controls,
    end_control,
    review_control,
)
from kept.security.controls.usual import usual_controls
from kept.security.models import Approval, Breach, Control, Entry, Notice, Review
from kept.site.promises import controls_are_reviewed_and_breaches_told
from kept.terms import Actor, State
from kept.work.run import work_off
from kept.work.steps import queue

__all__ = ["house", "store"]

KEPT = Actor.kept()
OLGA = Actor("privacy_officer", "0b8cf4a6-58fb-4b30-9f0b-3a3f4a5b6c7d")
SAM = Actor("support", "1b8cf4a6-58fb-4b30-9f0b-3a3f4a5b6c7d")
FRIDAY = datetime(2026, 11, 27, 18, 0, tzinfo=UTC)
SINGAPORE = ZoneInfo("Asia/Singapore")
instants = st.datetimes(datetime(2022, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
answers = st.sampled_from(["yes", "no", "unknown"])
facts = st.builds(
    Facts,
    aware_at=st.just(FRIDAY),
    assessed_at=st.none() | st.just(FRIDAY + timedelta(days=1)),
    risk=answers,
    high_risk=answers,
    intelligible=answers,
    singapore=st.booleans(),
    harm=answers,
    internal=st.booleans(),
    people=st.none() | st.integers(0, 1000),
    sent=st.dictionaries(
        st.sampled_from(["authority", "people", "pdpc", "pdpc_people"]), st.just(FRIDAY + timedelta(hours=5))
    ),
)


def known(**more: object) -> Facts:
    first = {
        "aware_at": FRIDAY, "assessed_at": None, "risk": "yes", "high_risk": "no", "intelligible": "yes",
        "singapore": False, "harm": "no", "internal": False, "people": 3, "sent": {},
    }  # fmt: skip
    return Facts(**(first | more))  # type: ignore[arg-type]


# The clocks


def test_72_hours_run_through_the_weekend_and_are_moved_by_nothing():
    due, clock = due_at("authority", FRIDAY)
    assert due == datetime(2026, 11, 30, 18, 0, tzinfo=UTC)
    assert clock.hours == 72


def test_72_hours_are_hours_also_when_clocks_change():
    berlin = ZoneInfo("Europe/Berlin")
    due, _ = due_at("authority", datetime(2026, 10, 23, 18, 0, tzinfo=berlin))
    assert due.astimezone(berlin) == datetime(2026, 10, 26, 17, 0, tzinfo=berlin)


def test_three_calendar_days_after_the_day_of_the_assessment_in_singapore():
    late_evening = datetime(2026, 11, 27, 15, 59, tzinfo=UTC)  # 23:59 there
    after_midnight = datetime(2026, 11, 27, 16, 1, tzinfo=UTC)
    assert due_at("pdpc", late_evening)[0] == datetime(2026, 12, 1, tzinfo=SINGAPORE)
    assert due_at("pdpc", after_midnight)[0] == datetime(2026, 12, 2, tzinfo=SINGAPORE)


def test_thirty_calendar_days_to_assess():
    assert due_at("assess", FRIDAY)[0] == datetime(2026, 12, 29, tzinfo=SINGAPORE)


@given(instants, instants, st.sampled_from(["authority", "assess", "pdpc"]))
def test_who_knows_later_is_never_due_earlier(one, other, duty):
    one, other = sorted((one, other))
    assert due_at(duty, one)[0] <= due_at(duty, other)[0]
    assert due_at(duty, one)[0] > one


def test_before_its_law_was_in_force_a_duty_has_no_clock():
    with pytest.raises(NoRule):
        due_at("authority", datetime(2018, 5, 24, tzinfo=UTC))


@given(facts, st.timedeltas(timedelta(0), timedelta(days=60)))
def test_what_has_been_told_is_never_due_and_what_is_due_has_its_instant(what, later):
    for duty in duties(what, FRIDAY + later):
        if duty.whom in what.sent:
            assert duty.stand in ("met", "met late")
        if duty.stand == "late":
            assert duty.due_at is not None
            assert FRIDAY + later >= duty.due_at
        assert duty.why.endswith(".")


@given(facts)
def test_the_authority_is_told_unless_somebody_has_said_that_there_is_no_risk(what):
    first = duties(what, FRIDAY)[0]
    assert (first.stand == "not needed") == (what.risk == "no" and "authority" not in what.sent)


@pytest.mark.parametrize(
    ("more", "notifiable"),
    [
        ({"harm": "yes", "people": 1}, "yes"),
        ({"harm": "no", "people": 500}, "yes"),
        ({"harm": "no", "people": 499}, "no"),
        ({"harm": "yes", "people": 9000, "internal": True}, "no"),
        ({"harm": "unknown", "people": 3}, "unknown"),
        ({"harm": "no", "people": None}, "unknown"),
    ],
)
def test_singapore_asks_for_harm_or_for_five_hundred_people(more, notifiable):
    assert is_notifiable_in_singapore(known(**more)) == notifiable


def test_people_are_told_of_a_high_risk_unless_nobody_could_read_the_data():
    stands = {
        (risk, readable): duties(known(high_risk=risk, intelligible=readable), FRIDAY)[1].stand
        for risk in ("yes", "no", "unknown")
        for readable in ("yes", "no")
    }
    assert stands == {
        ("yes", "yes"): "runs", ("yes", "no"): "not needed", ("no", "yes"): "not needed", ("no", "no"): "not needed",
        ("unknown", "yes"): "decide", ("unknown", "no"): "decide",
    }  # fmt: skip


def test_a_notice_on_the_last_second_is_in_time_and_one_on_the_hour_is_not():
    due = FRIDAY + timedelta(hours=72)
    in_time = duties(known(sent={"authority": due - timedelta(seconds=1)}), due)[0]
    too_late = duties(known(sent={"authority": due}), due)[0]
    assert (in_time.stand, too_late.stand) == ("met", "met late")


# The register

store_test = pytest.mark.store


def reported(at: datetime | None = None, **more: object) -> Breach:
    at = at or timezone.now()
    breach = report_breach("A list was lost", "A print of addresses stayed in a train.", at, by=SAM, at=at)
    return change_breach(breach, more, by=OLGA, at=at) if more else breach


@store_test
def test_two_reports_at_once_get_a_number_each(store):
    ended = at_once(*[lambda: reported(FRIDAY)] * 4)
    assert sorted(one.reference for one in ended) == [f"BR-2026-000{number}" for number in range(1, 5)], ended


@store_test
def test_staff_report_and_only_the_officer_judges(store):
    breach = reported()
    at = timezone.now()
    with pytest.raises(MayNotJudge):
        report_breach("x", "y", at, by=Actor("customer", OLGA.id), at=at)
    with pytest.raises(MayNotJudge):
        change_breach(breach, {"risk": "no"}, by=SAM, at=at)
    with pytest.raises(MayNotJudge):
        close_breach(breach, by=SAM, at=at)


@store_test
def test_no_time_of_a_breach_lies_in_the_future(store):
    at = timezone.now()
    later = at + timedelta(minutes=1)
    with pytest.raises(WrongTime):
        report_breach("x", "y", later, by=SAM, at=at)
    breach = reported(at)
    for name in ("began_at", "ended_at", "assessed_at"):
        with pytest.raises(WrongTime):
            change_breach(breach, {name: later}, by=OLGA, at=at)
    with pytest.raises(WrongTime):
        change_breach(breach, {"assessed_at": at - timedelta(days=1)}, by=OLGA, at=at)
    with pytest.raises(WrongTime):
        notice_sent(breach, "authority", "text", at - timedelta(days=1), by=OLGA, at=at)


@store_test
def test_a_breach_is_closed_only_when_everybody_was_told_or_need_not_be(store):
    breach = reported(singapore=False, high_risk="yes", intelligible="yes", risk="yes")
    at = timezone.now()
    with pytest.raises(DutiesOpen) as left:
        close_breach(breach, by=OLGA, at=at)
    assert left.value.whom == ["authority", "people"]
    notice_sent(breach, "authority", "Text", at, "A-1", by=OLGA, at=at)
    notice_sent(breach, "people", "Text", at, by=OLGA, at=at)
    assert close_breach(breach, by=OLGA, at=at).closed_at == at
    with pytest.raises(BreachClosed):
        change_breach(breach, {"risk": "no"}, by=OLGA, at=at)
    assert Notice.objects.count() == 2


@store_test
def test_killed_while_telling_it_is_written_down_with_its_entry_or_not_at_all(store):
    breach = reported()
    for _ in range(4):
        killed(lambda: notice_sent(breach, "authority", "t", timezone.now(), by=OLGA, at=timezone.now()), 0.08)
    assert Notice.objects.count() == Entry.objects.filter(kind="security.breach_told").count()


@store_test
def test_people_and_records_are_counted_in_the_systems_concerned(house):
    breach = reported(systems=["billing", "newsletter"])
    ask_for_count(breach, by=OLGA, at=timezone.now())
    assert work_off(timezone.now(), names=[COUNT]) == 1
    breach.refresh_from_db()
    assert breach.counted == "done"
    billing = next(one for one in breach.counts if one["system"] == "billing")
    clients, staff = (house.ask("billing", f"SELECT count(*) FROM {table}")[0][0] for table in ("client", "staff"))
    assert billing["people"] == clients + staff
    assert billing["records"]["billing"] > 0
    assert billing["records"] == dict(held_in(System.objects.get(name="billing")).records)
    house.ask("billing", "DELETE FROM client WHERE id = (SELECT max(id) FROM client)")
    assert held_in(System.objects.get(name="billing")).people == billing["people"] - 1


@store_test
def test_a_system_that_does_not_answer_is_said_and_counts_as_nothing(house):
    add_system("gone", "Gone", "sqlite:////nowhere/x.sqlite3", "demo-billing", "x", "y", by=KEPT, at=timezone.now())
    breach = reported(systems=["gone", "unknown"])
    ask_for_count(breach, by=OLGA, at=timezone.now())
    work_off(timezone.now(), names=[COUNT])
    breach.refresh_from_db()
    assert breach.counted == "failed"
    assert [bool(one["problem"]) for one in breach.counts] == [True, True]
    assert [one["people"] for one in breach.counts] == [None, None]


# Notices


@store_test
@pytest.mark.parametrize("to", Notice.To.values)
def test_a_notice_says_what_the_law_wants_in_it_and_never_hides_what_is_not_known(store, to):
    breach = reported()
    text = draft(breach, to, timezone.now())
    assert breach.reference in text
    assert "privacy@hansoken.example" in text
    assert "ot known yet" in text or "[say" in text
    assert "None" not in text
    assert "\n\n\n" not in text


@store_test
def test_a_notice_to_the_authority_holds_the_numbers_and_the_reasons_for_being_late(store):
    breach = reported(
        FRIDAY, confidentiality=True, availability=True, people=1200, records=4000, consequences="Unwanted mail.",
        measures="The list was called back.", late_because="The train company found it on Monday.", high_risk="no",
    )  # fmt: skip
    breach.counts = [{"system": "a", "people": 5, "records": {"contact": 7, "billing": 9}, "problem": ""}]
    breach.counted_at = FRIDAY
    in_time, late = draft(breach, "authority", FRIDAY), draft(breach, "authority", FRIDAY + timedelta(hours=72))
    for words in ("1,200", "4,000", "billing data: 9 records", "Unwanted mail.", "The list was called back."):
        assert words in in_time
    assert "read by somebody who should not and lost, or out of reach" in in_time
    assert "The train company" not in in_time
    assert "The train company found it on Monday." in late


@store_test
def test_what_an_officer_types_is_text_and_stays_so(store):
    breach = reported(happened="<b>A & B</b> {{ secret }} {% load x %}")
    assert "<b>A & B</b> {{ secret }} {% load x %}" in draft(breach, "people", timezone.now())


# The pages


def client_of(house, who: str) -> Client:
    client = Client()
    client.force_login(house.people[who])
    return client


@store_test
def test_from_a_report_to_the_end_on_the_pages(house):
    sam, olga = client_of(house, "sam"), client_of(house, "olga")
    now = timezone.now()
    when = f"{now - timedelta(hours=2):%Y-%m-%d %H:%M}"
    sam.post("/security/breaches/report/", {"title": "A list", "happened": "It was left.", "aware_at": when})
    breach = Breach.objects.get()
    place = f"/security/breaches/{breach.pk}/"
    assert sam.get(place).status_code == 404
    page = olga.get(place).content.decode()
    assert "Tell the data protection authority" in page
    assert f"{breach.aware_at + timedelta(hours=72):%H:%M}" in page
    facts_now = {
        "title": "A list", "happened": "It was left.", "aware_at": when, "systems": ["billing"], "intelligible": "yes",
        "risk": "yes", "high_risk": "no", "harm": "no", "people": "12", "confidentiality": "on",
    }  # fmt: skip
    assert olga.post(f"{place}facts/", facts_now).status_code == 302
    olga.post(f"{place}count/")
    work_off(timezone.now(), names=[COUNT])
    assert "Billing data" in olga.get(place).content.decode()
    notice = olga.get(f"{place}notice/authority/")
    text = notice.context["form"].initial["text"]
    assert "billing data" in text
    assert "not be closed yet" in olga.post(f"{place}close/", follow=True).content.decode()
    olga.post(f"{place}notice/authority/", {"text": text, "sent_at": f"{now:%Y-%m-%d %H:%M}", "receipt": "A-7"})
    assert "It stays in the register." in olga.post(f"{place}close/", follow=True).content.decode()
    assert Notice.objects.get().receipt == "A-7"
    assert Breach.objects.get().closed_at


@store_test
@pytest.mark.parametrize("when", ["soon", "2026-13-40 10:00", "", "9999-01-01 00:00", "\0"])
def test_a_time_that_cannot_be_is_said_at_its_field(house, when):
    page = client_of(house, "sam").post("/security/breaches/report/", {"title": "A", "happened": "B", "aware_at": when})
    assert page.status_code == 200
    assert "There is a problem" in page.content.decode()
    assert not Breach.objects.exists()


# Controls


@store_test
def test_a_review_moves_the_next_one_on_and_a_fault_brings_it_back_within_a_month(store):
    at = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
    control = add_control("Locks", "physical", "Doors are locked.", "Operations", 180, by=OLGA, at=at)
    assert control.due_on == date(2026, 3, 2)
    assert review_control(control, "works", "Looked at all.", by=OLGA, at=at).due_on == date(2026, 8, 29)
    assert review_control(control, "fails", "One stands open.", by=OLGA, at=at).due_on == date(2026, 4, 1)
    assert Review.objects.count() == 2
    with pytest.raises(SameTitle):
        add_control("Locks", "physical", "x", "y", 1, by=OLGA, at=at)
    with pytest.raises(MayNotKeep):
        review_control(control, "works", "x", by=SAM, at=at)
    end_control(control, by=OLGA, at=at)
    with pytest.raises(ControlEnded):
        review_control(control, "works", "x", by=OLGA, at=at)


@store_test
def test_the_usual_controls_are_added_once(store):
    at = timezone.now()
    assert add_usual_controls(by=OLGA, at=at) == len(usual_controls()) >= 8
    assert add_usual_controls(by=OLGA, at=at) == 0
    assert {control.kind for control in Control.objects.all()} == {"physical", "electronic", "managerial"}


@store_test
def test_a_review_without_evidence_is_not_taken(house):
    control = add_control("Locks", "physical", "Doors.", "Ops", 30, by=OLGA, at=timezone.now())
    olga, aino = client_of(house, "olga"), client_of(house, "aino")
    place = f"/security/controls/{control.pk}/"
    page = olga.post(place, {"outcome": "works", "evidence": ""})
    assert "Say what you looked at." in page.content.decode()
    assert aino.post(place, {"outcome": "works", "evidence": "x"}).status_code == 404
    assert not Review.objects.exists()
    olga.post(place, {"outcome": "works", "evidence": "Walked through."})
    assert "Walked through." in aino.get(place).content.decode()


# What the policy page says


@store_test
def test_the_keeper_turns_red_for_a_late_review_a_fault_and_a_late_notice(store):
    look, at = controls_are_reviewed_and_breaches_told, timezone.now()
    assert look(at).state is State.CANNOT_TELL
    control = add_control("Locks", "physical", "Doors.", "Ops", 30, by=OLGA, at=at)
    assert look(at).state is State.CANNOT_TELL, "nobody has seen that it works"
    assert "1 not reviewed yet" in look(at).figure
    assert look(at + timedelta(days=1)).state is State.BROKEN
    review_control(control, "fails", "x", by=OLGA, at=at)
    assert look(at).state is State.BROKEN
    review_control(control, "works", "x", by=OLGA, at=at + timedelta(minutes=1))
    assert look(at).state is State.KEPT
    breach = reported(at, singapore=False, high_risk="no")
    assert look(at + timedelta(hours=71)).state is State.KEPT
    assert look(at + timedelta(hours=72)).state is State.BROKEN
    notice_sent(breach, "authority", "t", at, by=OLGA, at=at)
    assert look(at + timedelta(hours=72)).state is State.KEPT


@store_test
def test_a_breach_that_was_told_too_late_is_red_until_it_is_closed_and_named_for_a_year(store):
    look, at = controls_are_reviewed_and_breaches_told, timezone.now()
    control = add_control("Locks", "physical", "Doors.", "Ops", 1000, by=OLGA, at=at)
    review_control(control, "works", "x", by=OLGA, at=at)
    breach = reported(at - timedelta(days=5), singapore=False, risk="yes", high_risk="no")
    notice_sent(breach, "authority", "t", at, by=OLGA, at=at)
    assert look(at).state is State.BROKEN, "told, but after more than 72 hours"
    close_breach(breach, by=OLGA, at=at)
    assert (look(at).state, "1 told too late within a year" in look(at).figure) == (State.KEPT, True)
    assert "too late" not in look(at + timedelta(days=366)).figure


# Two officers


def over(**facts) -> Breach:
    """A breach of which nobody has to be told."""
    return reported(singapore=False, risk="no", high_risk="no", **facts)


@pytest.fixture
def nora(house) -> Account:
    """The second officer. In the demo of `house` nobody has a second factor, so none is asked for."""
    return Account.objects.create_user("nora@example.com", None, role="privacy_officer")


def press(who: Account, address: str, **sent: str) -> str:
    client = Client()
    client.force_login(who)
    return client.post(address, sent, follow=True).content.decode()


@store_test
def test_one_officer_alone_closes_no_breach_where_it_takes_two(house, nora, settings):
    settings.TWO_PERSONS = frozenset({"breach"})
    breach, olga = over(), house.people["olga"]
    with pytest.raises(NotApproved):
        close_breach(breach, by=olga.actor, at=timezone.now())
    page = press(olga, f"/security/breaches/{breach.pk}/close/")
    assert "Asked. It is closed once another officer has approved that." in page
    assert "Another officer has to approve that" in page
    approval = Approval.objects.get()
    press(olga, f"/security/approvals/{approval.pk}/", do="approve")
    assert Breach.objects.get().closed_at is None
    press(nora, f"/security/approvals/{approval.pk}/", do="approve")
    assert Breach.objects.get().closed_at is not None
    assert Entry.objects.get(kind="security.breach_closed").by == str(nora.actor)


@store_test
@pytest.mark.parametrize("change", [{"risk": "yes"}, {"people": 3}])
def test_what_has_become_known_since_keeps_a_breach_open(house, nora, settings, change):
    settings.TWO_PERSONS = frozenset({"breach"})
    breach = over()
    press(house.people["olga"], f"/security/breaches/{breach.pk}/close/")
    change_breach(breach, change, by=house.officer, at=timezone.now())
    page = press(nora, f"/security/approvals/{Approval.objects.get().pk}/", do="approve")
    assert "What is known of the breach has changed" in page
    assert Breach.objects.get().closed_at is None
    assert Approval.objects.get().state == "void"


@store_test
def test_what_is_not_over_is_not_asked_to_be_closed(house, settings):
    settings.TWO_PERSONS = frozenset({"breach"})
    breach = reported(singapore=False, risk="yes", high_risk="no")
    page = press(house.people["olga"], f"/security/breaches/{breach.pk}/close/")
    assert "Left to do: tell the data protection authority." in page
    assert not Approval.objects.exists()


# Mails to the officers


def mails() -> list[tuple[str, str, str]]:
    return [(mail.to, mail.subject, mail.text) for mail in Message.objects.order_by("written_at", "to")]


def watch(at: datetime) -> None:
    """A worker's turn at that instant."""
    with time_machine.travel(at, tick=True):
        queue("site.watch_breaches", at=at)
        while work_off(timezone.now(), names=["site.watch_breaches", REMIND]):
            pass


@store_test
def test_officers_get_a_mail_of_each_report_of_the_last_day_and_of_each_time_that_is_over(house):
    at = timezone.now()
    breach = report_breach("Alice's list", "Alice told us.", at, by=SAM, at=at)
    change_breach(breach, {"singapore": False}, by=OLGA, at=at)
    watch(at + timedelta(minutes=1))
    ((to, subject, text),) = mails()
    assert (to, subject) == ("olga@example.com", f"Breach {breach.reference} was reported")
    assert f"/security/breaches/{breach.pk}/" in text
    assert "Alice" not in subject + text
    assert (
        f"The data protection authority has to be told, before {breach.aware_at + timedelta(hours=72):%-d %B}" in text
    )
    for hours in (40, 49, 50, 71, 73, 90):
        watch(at + timedelta(hours=hours))
    assert [subject.partition(": ")[2] for _, subject, _ in mails()[1:]] == ["less than a day left", "a day is over"]
    assert Entry.objects.filter(kind="security.breach_reminded").count() == 3


@store_test
def test_of_a_breach_that_was_told_or_closed_nobody_is_reminded(house):
    at = timezone.now()
    breach = over()
    watch(at + timedelta(hours=71))
    assert mails() == [], "nobody has to be told of it"
    close_breach(breach, by=OLGA, at=timezone.now())
    watch(at + timedelta(hours=80))
    assert mails() == []


@store_test
def test_without_an_officer_nothing_is_mailed_and_nothing_fails(house):
    Account.objects.filter(role="privacy_officer").update(is_active=False)
    reported()
    watch(timezone.now() + timedelta(hours=1))
    assert mails() == []
