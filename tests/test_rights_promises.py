"""What the policy page says about rights is what the rows say; and when a control is broken it says that."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from house import KEPT, house, store

from kept.policy.keepers import keepers_of
from kept.rights import actions
from kept.rights.clocks import office_day
from kept.rights.models import Case, SystemAnswer
from kept.rights.packages import folder
from kept.rights.promises import copies_are_delivered, erasures_are_verified, requests_are_answered_in_time
from kept.terms import State

__all__ = ["house", "store"]

pytestmark = pytest.mark.store


def test_each_clause_has_its_keeper():
    for clause, look in (
        ("11.2", requests_are_answered_in_time),
        ("12.1", copies_are_delivered),
        ("12.3", erasures_are_verified),
    ):
        assert look in [bound.look for bound in keepers_of(clause)]


@pytest.mark.breaks("rights.requests_are_answered_in_time")
def test_open_due_and_overdue_requests_are_counted_and_one_overdue_is_red(house):
    now = timezone.now()
    assert requests_are_answered_in_time(now).figure == "0 requests open, 0 due within a week, 0 overdue"
    case = house.reviewed("access", "alice@example.com")
    house.open("access", "bob@example.com")  # nobody has proven it: no clock to show
    seen = requests_are_answered_in_time(now)
    assert (seen.state, seen.figure) == (State.KEPT, "1 request open, 0 due within a week, 0 overdue")
    assert seen.meaning.endswith("Every right can be asked for here.")
    house.due(case, office_day(now))
    assert requests_are_answered_in_time(now).figure == "1 request open, 1 due within a week, 0 overdue"
    house.due(case, office_day(now) - timedelta(days=1))
    red = requests_are_answered_in_time(now)
    assert (red.state, red.figure) == (State.BROKEN, "1 request open, 0 due within a week, 1 overdue")


def test_an_answer_that_came_late_stays_red(house):
    case = answered(house, "alice@example.com")
    received = case.received_at - timedelta(days=12)
    Case.objects.filter(pk=case.pk).update(received_at=received)
    seen = requests_are_answered_in_time(timezone.now())
    assert seen.state is State.KEPT
    assert seen.figure.endswith("answered after 12 days (median)")
    house.due(case, office_day(case.answered_at) - timedelta(days=1))
    assert requests_are_answered_in_time(timezone.now()).state is State.BROKEN


@pytest.mark.breaks("rights.copies_are_delivered")
def test_a_copy_without_its_file_is_red(house):
    now = timezone.now()
    assert copies_are_delivered(now).state is State.CANNOT_TELL, "nobody has asked yet"
    case = answered(house, "nora@example.net")
    seen = copies_are_delivered(timezone.now())
    assert (seen.state, seen.figure) == (State.KEPT, "1 copy delivered")
    path = folder() / case.packages.get().file
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    assert copies_are_delivered(timezone.now()).state is State.BROKEN
    path.unlink()
    red = copies_are_delivered(timezone.now())
    assert (red.state, red.figure) == (State.BROKEN, "1 copy delivered, 1 without its file")


def test_a_copy_that_was_taken_back_or_is_over_is_still_a_delivered_one(house):
    case = answered(house, "nora@example.net")
    actions.revoke_package(case.packages.get(), by=house.officer, at=timezone.now())
    house.work()
    assert copies_are_delivered(timezone.now()).state is State.KEPT
    actions.close_due_cases(by=KEPT, at=timezone.now() + timedelta(days=31))
    assert copies_are_delivered(timezone.now() + timedelta(days=31)).figure == "1 copy delivered"


@pytest.mark.breaks("rights.erasures_are_verified")
def test_an_erasure_that_nobody_looked_at_again_is_red(house):
    [case] = house.confirmed("nora@example.net")
    house.work()
    seen = erasures_are_verified(timezone.now())
    assert (seen.state, seen.figure) == (State.KEPT, "1 verified erasure, 0 remains found, 0 others told")
    answers = SystemAnswer.objects.filter(case=case, system__name="newsletter")
    [looked] = answers.values_list("residue", flat=True)
    answers.update(residue={})
    assert erasures_are_verified(timezone.now()).state is State.BROKEN
    left = {"table": "bounces", "column": "meta", "kind": "email", "count": 2, "law": None, "until": None}
    answers.update(residue={**looked, "remains": [{**left, "why": "missed"}]})
    red = erasures_are_verified(timezone.now())
    assert (red.state, red.figure) == (State.BROKEN, "0 of 1 erasures not verified, 2 remains found")
    answers.update(residue=looked, state=SystemAnswer.State.NOT_DONE)
    assert erasures_are_verified(timezone.now()).figure == "1 of 1 erasures not verified, 0 remains found"


def test_an_erasure_under_way_is_no_verified_one(house):
    house.file("newsletter").rename(house.file("newsletter").with_suffix(".away"))
    case = house.proven("erasure", "nora@example.net")
    house.work()
    house.confirm(case)
    house.work()
    assert erasures_are_verified(timezone.now()).figure.startswith("0 verified erasures")


def answered(house, email):
    case = house.reviewed("access", email)
    actions.approve(case, by=house.officer, at=timezone.now())
    house.work()
    return house.now(case)
