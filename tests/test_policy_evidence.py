"""What keepers found, kept over time: the latest of each, since when, and what may be forgotten."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.utils import timezone
from house import store
from hypothesis import given
from hypothesis import strategies as st

from kept.policy import keepers
from kept.policy.actions import put_down, thin_out
from kept.policy.evidence import all_found, evidence_for, found_for
from kept.policy.keepers import keeper, keepers_of
from kept.policy.looking import look_at, look_at_all
from kept.policy.models import Look, Standing
from kept.policy.problems import UnknownClause
from kept.policy.rules import PERIOD, as_it_stands, is_due, is_late, stands_since, superfluous, worst
from kept.security.models import Entry
from kept.terms import Actor, Evidence, State
from kept.work.models import Step
from kept.work.run import work_off
from kept.work.steps import queue

__all__ = ["store"]

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
KEPT, BROKEN, CANNOT_TELL = State.KEPT, State.BROKEN, State.CANNOT_TELL

instants = st.integers(0, 400 * 24 * 60).map(lambda minutes: NOON - minutes * MINUTE)
periods = st.integers(1, 2000).map(lambda minutes: minutes * MINUTE)
states = st.sampled_from([KEPT, BROKEN, CANNOT_TELL])


@pytest.fixture(autouse=True)
def registry(monkeypatch):
    """No keepers but those that the test binds."""
    monkeypatch.setattr(keepers, "_keepers", defaultdict(list))


def bind(clause_id="5.6", state=KEPT, **options):
    def a_look(at):
        """Looks."""
        return Evidence(answer[0], f"{len(asked)}", "It is so.", at, number=len(asked))

    asked, answer = [0], [state]
    keeper(clause_id, **options)(a_look)
    return keepers_of(clause_id)[-1], answer


def seen(bound, state, at, figure=""):
    put_down(bound, Evidence(state, figure, "It is so.", at, keeper=bound.name), 1, by=Actor.kept(), at=at)


# Rules


@given(instants, periods, states)
def test_a_look_older_than_its_period_always_cannot_tell(last, period, state):
    look = Evidence(state, "3", "It is so.", last, keeper="x.y", number=3, since=last)
    now = as_it_stands(look, period, NOON)
    if NOON - last > period:
        assert (now.state, now.figure, now.number) == (CANNOT_TELL, "", None)
        assert str(state) in now.meaning
        assert now.at == last  # the page still says when somebody looked
    else:
        assert now == look


@given(instants, instants, periods, states, states)
def test_a_state_lasts_only_as_long_as_somebody_kept_looking(first, second, period, before, after):
    first, second = sorted((first, second))
    old = Evidence(before, "", "It is so.", first, since=first - MINUTE)
    since = stands_since(after, second, old, period)
    if after is not before and not (after is CANNOT_TELL and is_late(first, period, second)):
        assert since == second
    elif not is_late(first, period, second):
        assert since == first - MINUTE
    elif after is not CANNOT_TELL:
        assert since == second
    assert first - MINUTE <= since <= second


def test_a_keeper_is_due_three_times_in_its_period():
    assert is_due(None, PERIOD, NOON)
    assert not is_due(NOON - 5 * MINUTE, PERIOD, NOON)
    assert is_due(NOON - 5 * MINUTE - timedelta(seconds=1), PERIOD, NOON)


@given(st.lists(states, min_size=1))
def test_the_worst_answer_is_the_answer(found):
    order = [BROKEN, CANNOT_TELL, KEPT]
    answer = worst(Evidence(state, "", "It is so.", NOON) for state in found)
    assert answer.state is min(found, key=order.index)


LOOKS = st.lists(st.tuples(st.integers(1, 90), st.sampled_from(["kept", "broken"])), max_size=400)


@given(LOOKS)
def test_thinning_moves_no_change_of_state_loses_no_day_and_comes_to_rest(steps):
    at, looks = NOON - timedelta(days=100), []
    for number, (minutes, state) in enumerate(steps):
        at += minutes * 20 * MINUTE
        looks.append((number, min(at, NOON), state))
    gone = set(superfluous(looks, NOON))
    left = [look for look in looks if look[0] not in gone]
    assert changes(left) == changes(looks)
    assert {at.date() for _, at, _ in left} == {at.date() for _, at, _ in looks}
    assert [one for one in looks if NOON - one[1] <= timedelta(days=2)] == [
        one for one in left if NOON - one[1] <= timedelta(days=2)
    ]
    again = [look for look in left if look[0] not in set(superfluous(left, NOON))]
    assert changes(again) == changes(left)


def changes(looks):
    return [(at, state) for place, (_, at, state) in enumerate(looks) if not place or looks[place - 1][2] != state]


def test_a_year_of_looks_every_five_minutes_is_thinned_to_two_thousand():
    looks = [(number, NOON - timedelta(days=365) + 5 * number * MINUTE, "kept") for number in range(365 * 288)]
    left = len(looks) - len(superfluous(looks, NOON))
    assert 2 * 288 + 58 * 24 + 305 <= left < 2 * 288 + 58 * 24 + 305 + 10


# The store


@pytest.mark.store
@pytest.mark.django_db
class TestStore:
    def test_a_clause_without_keeper_is_not_running_yet(self):
        assert evidence_for("5.6", NOON).state is State.NOT_RUNNING
        assert found_for("5.6", NOON) == []

    def test_an_unknown_clause_has_no_evidence(self):
        with pytest.raises(UnknownClause):
            evidence_for("99.9", NOON)

    def test_a_keeper_that_never_looked_cannot_tell(self):
        bind()
        assert evidence_for("5.6", NOON).state is CANNOT_TELL
        assert evidence_for("5.6", NOON).meaning == "No look has been made yet."

    def test_a_look_stands_until_its_period_is_over_and_then_nobody_knows(self):
        bound, _ = bind(period=30 * MINUTE)
        look_at(bound, by=Actor.kept(), at=NOON)
        assert evidence_for("5.6", NOON + 30 * MINUTE).state is KEPT
        late = evidence_for("5.6", NOON + 31 * MINUTE)
        assert (late.state, late.since) == (CANNOT_TELL, NOON + 30 * MINUTE)
        assert evidence_for("5.6", NOON - timedelta(days=1)).state is CANNOT_TELL  # nor does the future say anything

    def test_the_worst_of_several_answers_is_the_answer_of_the_clause(self):
        for state in (KEPT, BROKEN, CANNOT_TELL):
            bound, _ = bind(state=state)
            object.__setattr__(bound, "look", named(bound.look, f"look_{state.name.lower()}"))
            look_at(bound, by=Actor.kept(), at=NOON)
        assert evidence_for("5.6", NOON).state is BROKEN
        assert [one.state for one in found_for("5.6", NOON)] == [KEPT, BROKEN, CANNOT_TELL]
        assert [one.state for one in all_found(NOON)["5.6"]] == [KEPT, BROKEN, CANNOT_TELL]

    def test_since_when_it_stands_so_is_kept_while_the_state_stays(self):
        bound, answer = bind()
        for minutes in (0, 5, 10):
            look_at(bound, by=Actor.kept(), at=NOON + minutes * MINUTE)
        assert evidence_for("5.6", NOON + 11 * MINUTE).since == NOON
        answer[0] = BROKEN
        look_at(bound, by=Actor.kept(), at=NOON + 15 * MINUTE)
        assert evidence_for("5.6", NOON + 16 * MINUTE).since == NOON + 15 * MINUTE

    def test_a_gap_stands_in_the_series_and_the_state_begins_anew(self):
        bound, _ = bind()
        look_at(bound, by=Actor.kept(), at=NOON)
        look_at(bound, by=Actor.kept(), at=NOON + timedelta(hours=3))
        assert list(Look.objects.order_by("at").values_list("state", "at")) == [
            ("kept", NOON),
            ("cannot tell", NOON + PERIOD),
            ("kept", NOON + timedelta(hours=3)),
        ]
        assert evidence_for("5.6", NOON + timedelta(hours=3)).since == NOON + timedelta(hours=3)

    def test_only_a_change_of_state_leaves_an_entry(self):
        bound, answer = bind()
        for minutes in range(3):
            look_at(bound, by=Actor.kept(), at=NOON + minutes * MINUTE)
        answer[0] = BROKEN
        look_at(bound, by=Actor.kept(), at=NOON + 4 * MINUTE)
        entries = Entry.objects.filter(kind="policy.state_changed").order_by("id")
        assert [(entry.about, entry.facts["before"], entry.facts["state"]) for entry in entries] == [
            ("policy.clause:5.6", "", "kept"),
            ("policy.clause:5.6", "kept", "broken"),
        ]
        assert Look.objects.count() == 4

    def test_a_look_that_comes_late_does_not_undo_a_newer_one(self):
        bound, _ = bind()
        seen(bound, BROKEN, NOON + MINUTE)
        seen(bound, KEPT, NOON)
        assert evidence_for("5.6", NOON + MINUTE).state is BROKEN
        assert Look.objects.count() == 2

    def test_thinning_removes_old_looks_and_what_keepers_said_that_are_gone(self):
        bound, _ = bind()
        for minutes in range(0, 180, 5):
            seen(bound, KEPT, NOON + minutes * MINUTE)
        gone, _ = bind("5.7")
        seen(gone, KEPT, NOON)
        keepers._keepers.pop("5.7")
        assert thin_out(by=Actor.kept(), at=NOON + timedelta(days=1)) == 1
        later = NOON + timedelta(days=10)
        assert thin_out(by=Actor.kept(), at=later) > 25
        left = list(Look.objects.filter(clause="5.6").order_by("at").values_list("at", flat=True))
        assert left == [NOON, *(NOON + (60 * hour + 55) * MINUTE for hour in range(3))]
        assert thin_out(by=Actor.kept(), at=later) == 0
        assert Entry.objects.filter(kind="policy.looks_thinned").count() == 2
        assert list(Standing.objects.values_list("clause", flat=True)) == ["5.6"]

    def test_one_keeper_that_raises_costs_no_other_its_look(self):
        def breaks(at):
            """Breaks."""
            raise RuntimeError("no")

        keeper("5.6")(breaks)
        bind("5.7")
        assert look_at_all(keepers.all_keepers(), by=Actor.kept()) == 2
        at = timezone.now()
        assert evidence_for("5.6", at).state is CANNOT_TELL
        assert evidence_for("5.7", at).state is KEPT

    def test_a_keeper_that_hangs_holds_up_nobody_who_does_not(self):
        """The worker's time is over while it hangs; the next turn begins with the others."""
        looked = []

        def looking(name):
            def look(at):
                looked.append(name)
                if name == "hangs":
                    raise SystemExit  # what ends a worker that hangs
                return Evidence(KEPT, "1", "It is so.", at)

            return named(look, name)

        now = timezone.now()
        for name in ("hangs", "one", "other"):
            bound = keepers.Bound("5.6", looking(name))
            keepers._keepers["5.6"].append(bound)
            ago = timedelta(hours=3) if name == "hangs" else timedelta(minutes=14)
            put_down(bound, Evidence(KEPT, "", "It is so.", now - ago), 1, by=Actor.kept(), at=now - ago)
        with pytest.raises(SystemExit):
            work("policy.look")
        assert looked == ["one", "other", "hangs"]
        assert {one.keeper.rpartition(".")[2]: one.state for one in found_for("5.6", timezone.now())} == {
            "hangs": CANNOT_TELL, "one": KEPT, "other": KEPT,
        }  # fmt: skip

    def test_the_schedule_lets_those_look_that_are_due_and_everybody_when_asked(self):
        often, _ = bind("5.6")
        seldom, _ = bind("5.7", period=timedelta(hours=12))
        for bound in (often, seldom):
            seen(bound, KEPT, timezone.now() - 20 * MINUTE)
        work("policy.look")
        assert dict(Look.objects.filter(at__gt=timezone.now() - MINUTE).values_list("clause", "state")) == {
            "5.6": "kept"
        }
        work("policy.look", all=True)
        assert Look.objects.filter(clause="5.7").count() == 2
        assert [step.outcome for step in Step.objects.order_by("id")] == [{"count": 1}, {"count": 2}]


def work(name, **args):
    queue(name, at=timezone.now(), **args)
    work_off(timezone.now(), names=[name])


def named(function, name):
    def look(at):
        """Looks."""
        return function(at)

    look.__name__ = name
    return look


@pytest.mark.store
def test_two_looks_at_once_leave_one_standing_and_two_in_the_series(store):
    bound, _ = bind()
    barrier, wrong = threading.Barrier(6), []

    def one(number):
        try:
            barrier.wait()
            look_at(bound, by=Actor.kept(), at=NOON + number * timedelta(seconds=1))
        except Exception as problem:  # noqa: BLE001
            wrong.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=[number]) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert list(Standing.objects.values_list("at", flat=True)) == [NOON + timedelta(seconds=5)]
    assert Look.objects.count() == 6
    assert Entry.objects.filter(kind="policy.state_changed").count() == 1


LOOKING = """
import django; django.setup()
from kept.policy.keepers import all_keepers
from kept.policy.looking import look_at_all
from kept.terms import Actor
print("ready", flush=True)
while True:
    look_at_all(all_keepers(), by=Actor.kept())
"""


def test_whoever_is_killed_while_looking_leaves_a_whole_series(store):
    """Killed at ten points: each standing is the last look of its series, and each change has its entry."""
    if connection.vendor != "sqlite":
        pytest.skip("the same transaction on every store; one is enough")
    environment = os.environ | {"KEPT_DATA": str(django_settings.DATA), "DJANGO_SETTINGS_MODULE": "kept.site.settings"}
    for tenths in range(10):
        process = subprocess.Popen([sys.executable, "-c", LOOKING], env=environment, stdout=subprocess.PIPE)
        assert process.stdout.readline() == b"ready\n"
        end, there = time.monotonic() + 150, Look.objects.count()
        while Look.objects.count() < there + 3 * tenths and time.monotonic() < end:
            time.sleep(0.001)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=tenths / 300)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        for row in Standing.objects.all():
            last = Look.objects.filter(clause=row.clause, keeper=row.keeper).order_by("at").last()
            assert (last.at, last.state) == (row.at, row.state)
        about = Entry.objects.filter(kind="policy.state_changed").values_list("about", flat=True)
        assert {f"policy.clause:{row.clause}" for row in Standing.objects.all()} == set(about)
    assert Look.objects.count() > 20
