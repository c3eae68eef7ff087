"""Restricted data are stored and not used, in every system, until a day that the person was told before."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from house import KEPT, PERSON, house, store
from test_use import together

from kept.engine.identifiers import normal
from kept.post.models import Message
from kept.rights import actions
from kept.rights.clocks import office_day
from kept.rights.errors import NotNow, NotReady, OwnCase, TooLong
from kept.rights.models import Case
from kept.rights.particulars.restriction import Form
from kept.rights.stopping import lifting
from kept.rights.stopping.actions import announce_end, call_off_end, seen_to_by_hand, write_down
from kept.rights.stopping.models import KeptMark
from kept.use.access import decide_for, restriction_of, would_decide
from kept.use.errors import TooSoon
from kept.work.models import Step

__all__ = ["house", "store"]

pytestmark = pytest.mark.store

ALICE = "alice@example.com"
HERS = normal("email", ALICE)
SAID = {"grounds": ["accuracy"], "about": "My street is wrong."}


def now():
    return timezone.now()


def may(purpose="support", despite=None, who=HERS):
    return would_decide([who], purpose, "contact", "us", now(), despite=despite).outcome


def status(house, system="billing", table="client"):
    """Everybody's status there, hers first."""
    rows = house.ask(system, f"SELECT status FROM {table} WHERE lower(email) = ?", ALICE)
    others = house.ask(system, f"SELECT status FROM {table} WHERE lower(email) <> ? ORDER BY id", ALICE)
    return [row[0] for row in rows], [row[0] for row in others]


def restricted(house, email=ALICE, **said):
    """In force, marked where that can be, and seen to elsewhere."""
    case = house.reviewed("restriction", email, **(said or SAID))
    actions.approve(case, by=house.officer, at=now())
    house.work()
    by_hand(house, case)
    assert house.now(case).state == Case.State.ANSWERED, house.told(case)
    return house.now(case)


def by_hand(house, case):
    for one in house.answers(case).values():
        if one.state == "cannot_tell" and not one.decided:
            seen_to_by_hand(case, one.system, by=house.officer, at=now())
    house.work()


def announced(house, case, days=7):
    on = office_day(now()) + timedelta(days=days)
    announce_end(case, on, "Your street is right now.", by=house.officer, at=now())
    return on


# In force


def test_it_is_asked_then_in_force_everywhere_and_the_others_go_on(house):
    billing, newsletter = status(house), status(house, "newsletter", "subscribers")
    case = house.reviewed("restriction", ALICE, **SAID)
    assert may() == "cannot tell", "asked for, and nobody has looked"
    actions.approve(case, by=house.officer, at=now())
    assert (may(), may("storage"), may("rights"), may("claims")) == ("deny", "allow", "allow", "allow")
    assert may(despite="others") == "allow"
    house.work()
    assert status(house) == (["suspended"], billing[1])
    assert status(house, "newsletter", "subscribers") == (["disabled"], newsletter[1])
    waiting = house.answers(case)["helpdesk"]
    assert (waiting.state, waiting.decided) == ("cannot_tell", ""), "it knows no such mark, and holds her tickets"
    by_hand(house, case)
    assert house.now(case).state == Case.State.ANSWERED
    subjects = [one.subject for one in Message.objects.filter(about=case.pk)]
    assert any(one.startswith("The use of your data is paused") for one in subjects)


def test_what_stood_there_is_kept_sealed_and_never_in_clear(house):
    case = restricted(house)
    mark = KeptMark.objects.get(case=case, system="billing")
    [held] = mark.stood["marked"]
    assert held["table"] == "client"
    assert [values for _, values in held["before"]] == [["active"]]
    assert mark.rows == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT stood FROM stopping_keptmark")
        raw = b"".join(bytes(row[0]) for row in cursor.fetchall())
    assert b"active" not in raw
    assert b"client" not in raw


def test_without_a_ground_there_is_nothing_to_approve_until_somebody_writes_it_down(house):
    case = house.reviewed("restriction", ALICE)
    with pytest.raises(NotReady):
        actions.approve(case, by=house.officer, at=now())
    case = write_down(case, SAID, by=house.officer, at=now())
    assert may() == "cannot tell"
    actions.approve(case, by=house.officer, at=now())
    assert may() == "deny"


def test_withdrawn_before_it_was_decided_it_never_began(house):
    case = house.reviewed("restriction", ALICE, **SAID)
    actions.withdraw_case(case, by=PERSON, at=now())
    assert may() == "allow"
    assert restriction_of(case.pk).state == "not_begun"


def test_withdrawn_before_any_system_was_marked_it_is_over_and_taken_back_it_cannot_be(house):
    case = house.reviewed("restriction", ALICE, **SAID)
    actions.approve(case, by=house.officer, at=now())
    with pytest.raises(NotNow):
        actions.return_to_review(case, by=house.officer, at=now())
    actions.withdraw_case(case, by=PERSON, at=now())
    house.work()
    assert may() == "allow"
    assert status(house)[0] == ["active"]


def test_a_copy_that_she_asks_for_herself_is_made_all_the_same(house):
    restricted(house)
    copy = house.reviewed("access", ALICE)
    actions.approve(copy, by=house.officer, at=now())
    house.work()
    assert house.now(copy).state == Case.State.ANSWERED


def test_what_is_handed_to_somebody_else_stops_the_moment_it_is_in_force(house):
    """An export under way asks again for each part of it, in the transaction that hands it over."""
    case = house.reviewed("restriction", ALICE, **SAID)
    handed, begun = [], []

    def export():
        for part in range(40):
            decision = decide_for([HERS], "orders", "contact", "registrar", now())
            begun.append(part)
            if decision.outcome != "allow":
                return
            handed.append(restriction_of(case.pk).state)

    together(export, lambda: actions.approve(case, by=house.officer, at=now()))
    assert may("orders") == "deny"
    assert decide_for([HERS], "orders", "contact", "registrar", now()).outcome == "deny"
    assert len(handed) < 40, "asked for is enough to stop it: nobody can tell yet"


# Lifted


def test_it_ends_on_the_day_that_was_told_and_all_is_as_it_was(house, time_machine):
    before = status(house), status(house, "newsletter", "subscribers")
    case = restricted(house)
    with pytest.raises(TooSoon):
        announced(house, case, days=6)
    assert not Message.objects.filter(about=case.pk, subject__contains="ends on").exists()
    on = announced(house, case)
    mail = Message.objects.get(pk=restriction_of(case.pk).mail)
    assert f"{on.day} {on:%B} {on.year}" in mail.subject
    assert "Your street is right now." in mail.text
    turn(house)
    assert may() == "deny", "the day has not come"
    time_machine.move_to(now() + timedelta(days=7))
    turn(house)
    assert (status(house), status(house, "newsletter", "subscribers")) == before
    turn(house)
    assert (may(), restriction_of(case.pk).state) == ("allow", "lifted")
    assert KeptMark.objects.get(case=case, system="billing").came_of == {"put_back": 1, "changed": 0, "gone": 0}


def turn(house):
    house.queue("rights.lift")
    house.work()


def test_without_the_mail_gone_out_it_is_never_lifted(house, time_machine):
    case = restricted(house)
    announced(house, case)
    row = restriction_of(case.pk)
    Message.objects.filter(pk=row.mail).update(state="failed")
    time_machine.move_to(now() + timedelta(days=30))
    turn(house)
    turn(house)
    assert may() == "deny"
    assert not lifting.was_told(row)
    Message.objects.filter(pk=row.mail).update(state="sent")
    turn(house)
    turn(house)
    assert may() == "allow"


def test_the_end_can_be_called_off_and_she_is_told(house):
    case = restricted(house)
    announced(house, case)
    with pytest.raises(NotNow):
        announced(house, case)
    call_off_end(case, by=house.officer, at=now())
    call_off_end(case, by=house.officer, at=now())
    assert restriction_of(case.pk).state == "in_force"
    subjects = [one.subject for one in Message.objects.filter(about=case.pk)]
    assert sum("goes on" in one for one in subjects) == 1


def test_who_may_not_decide_may_not_end_it_either(house):
    case = restricted(house)
    with pytest.raises(TooLong):
        announce_end(case, office_day(now()) + timedelta(days=9), " ", by=house.officer, at=now())
    olgas = house.reviewed("restriction", house.people["olga"].email, **SAID)
    with pytest.raises(OwnCase):
        announce_end(olgas, office_day(now()) + timedelta(days=9), "x", by=house.officer, at=now())


def test_what_somebody_changed_there_meanwhile_is_left_as_it_is(house, time_machine):
    case = restricted(house)
    house.ask("billing", "UPDATE client SET status = 'canceled' WHERE lower(email) = ?", ALICE)
    announced(house, case)
    time_machine.move_to(now() + timedelta(days=8))
    turn(house)
    turn(house)
    assert status(house)[0] == ["canceled"]
    assert KeptMark.objects.get(case=case, system="billing").came_of["changed"] == 1
    assert may() == "allow"


def test_a_system_that_does_not_answer_keeps_it_restricted(house, time_machine):
    case = restricted(house)
    announced(house, case)
    place = house.file("billing")
    away = place.with_suffix(".away")
    place.rename(away)
    time_machine.move_to(now() + timedelta(days=8))
    turn(house)
    turn(house)
    assert may() == "deny"
    assert Step.objects.filter(name="rights.unmark", state="waiting", about=case.pk).exclude(problem="").exists()
    away.rename(place)
    house.work_later()
    turn(house)
    assert may() == "allow"
    assert status(house)[0] == ["active"]


def test_of_two_restrictions_the_last_takes_the_mark_away(house, time_machine):
    first = restricted(house)
    Case.objects.filter(pk=first.pk).update(answered_at=now() - timedelta(days=1))
    second = restricted(house, grounds=["claims"])
    assert second.pk != first.pk
    announced(house, first)
    time_machine.move_to(now() + timedelta(days=8))
    turn(house)
    turn(house)
    assert restriction_of(first.pk).state == "lifted"
    assert status(house)[0] == ["suspended"]
    assert may() == "deny"
    announced(house, second)
    time_machine.move_to(now() + timedelta(days=8))
    turn(house)
    turn(house)
    assert status(house)[0] == ["active"]
    assert may() == "allow"


# Its end without an end


def test_a_request_whose_restriction_is_in_force_keeps_its_address(house):
    case = restricted(house)
    later = now() + timedelta(days=60)
    actions.close_due_cases(by=KEPT, at=later)
    assert house.now(case).email == ALICE
    announced(house, case)
    call_off_end(case, by=house.officer, at=now())


def test_who_is_erased_meanwhile_leaves_hashes_with_their_end_and_a_closed_request(house):
    case = restricted(house)
    erasure = house.reviewed("erasure", ALICE)
    house.confirm(erasure)
    house.work()
    assert house.now(erasure).state == Case.State.ANSWERED, house.told(erasure)
    row = restriction_of(case.pk)
    assert row.until.year < 9999
    assert may() == "deny", "what a law kept stays unused"
    actions.close_due_cases(by=KEPT, at=now() + timedelta(days=31))
    assert (house.now(case).state, house.now(case).email) == (Case.State.CLOSED, "")


# What is typed


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({}, "grounds"),
        ({"grounds": ["because"]}, "grounds"),
        ({"grounds": ["accuracy"]}, "about"),
        ({"grounds": ["claims"], "about": "x" * 3000}, "about"),
    ],
)
def test_what_the_law_does_not_know_is_refused_at_its_field(data, field):
    form = Form(data)
    assert not form.is_valid()
    assert list(form.errors) == [field]
