"""The queue: what commits is done, once, first in first out, by one worker at a time."""

from __future__ import annotations

import threading
import time
import uuid
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from kept.work import registry
from kept.work.errors import LeaseLost, NotPlainFact, UnknownTask
from kept.work.lease import LEASE, free_dead, free_lapsed, lease_due, renew
from kept.work.life import holder_is_dead, new_lease, ours
from kept.work.models import Step
from kept.work.registry import task
from kept.work.rules import FIRST, MOST, back_off, turn
from kept.work.run import run_steps, work_off
from kept.work.steps import drop, finish, key_of, queue, retry_later
from kept.work.wake import listen
from kept.work.worker import queue_recurring

pytestmark = [pytest.mark.django_db, pytest.mark.store]

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SOON = NOW + timedelta(seconds=1)


@pytest.fixture
def ran():
    """The tasks `test.one` and `test.many` (batches of three), and which steps each call of them got."""
    calls = []

    def run(steps):
        calls.append([step.args["n"] for step in steps])
        with transaction.atomic():
            for step in steps:
                finish(step, {"n": step.args["n"]}, at=NOW)

    before = dict(registry._tasks)
    task("test.one")(run)
    task("test.many", batch=3)(run)
    yield calls
    registry._tasks.clear()
    registry._tasks.update(before)


@contextmanager
def undone():
    """A transaction that rolls back at its end."""
    with suppress(RuntimeError), transaction.atomic():
        yield
        raise RuntimeError


@transaction.atomic
def queue_and_end(end, step):
    queue("test.one", at=NOW, n=2)
    end(step, at=NOW)


def register(name, run, **options):
    task(name, **options)(run)


def test_a_step_runs_once_and_keeps_its_outcome(ran):
    step = queue("test.one", at=NOW, n=1)
    assert work_off(SOON) == 1
    assert work_off(SOON) == 0
    step.refresh_from_db()
    assert (step.state, step.outcome, step.attempt, step.lease) == ("done", {"n": 1}, 1, "")


def test_a_second_queueing_with_the_same_key_changes_nothing(ran):
    key = key_of("test", 1)
    first = queue("test.one", at=NOW, key=key, n=1)
    work_off(SOON)
    again = queue("test.one", at=NOW, key=key, n=2)
    assert (again.pk, again.args, again.state) == (first.pk, {"n": 1}, "done")
    assert work_off(SOON) == 0


def test_first_in_is_first_done(ran):
    for n in range(5):
        queue("test.one", at=NOW, n=n)
    queue("test.one", at=NOW, due_at=NOW - timedelta(hours=1), n=-1)
    work_off(SOON)
    assert ran == [[-1], [0], [1], [2], [3], [4]]


def test_a_step_waits_until_it_is_due(ran):
    queue("test.one", at=NOW, due_at=NOW + timedelta(minutes=1), n=1)
    assert work_off(NOW + timedelta(seconds=59)) == 0
    assert work_off(NOW + timedelta(seconds=60)) == 1


def test_steps_of_one_batch_run_together_up_to_the_tasks_bound(ran):
    for n in range(4):
        queue("test.many", at=NOW, batch="a", n=n)
        queue("test.many", at=NOW, batch="b", n=10 + n)
    work_off(SOON)
    assert ran == [[0, 1, 2], [10, 11, 12], [3], [13]]


@pytest.mark.django_db(transaction=True)
def test_workers_that_look_at_the_same_moment_do_not_cut_a_batch_in_pieces(ran):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time, and Django's tests keep it in memory, where threads are refused")
    registry._tasks.clear()
    task("test.many", batch=100)(lambda steps: None)
    start, leased = threading.Barrier(4), []

    def look():
        start.wait()
        leased.append(lease_due(["test.many"], SOON))
        connection.close()

    for _ in range(5):
        Step.objects.all().delete()
        leased.clear()
        for n in range(40):
            queue("test.many", at=NOW, batch="ab"[n % 2], n=n)
        lanes = [threading.Thread(target=look) for _ in range(4)]
        for lane in lanes:
            lane.start()
        for lane in lanes:
            lane.join()
        assert sorted(len(steps) for steps in leased) == [0, 0, 20, 20]


def test_a_step_of_another_task_never_joins_a_batch(ran):
    queue("test.many", at=NOW, batch="a", n=1)
    queue("test.one", at=NOW, batch="a", n=2)
    work_off(SOON)
    assert ran == [[1], [2]]


def test_an_unknown_task_is_refused_when_it_is_queued():
    with pytest.raises(UnknownTask, match=r"rights\.serach"):
        queue("rights.serach", at=NOW)


@pytest.mark.parametrize("fact", ["alice@example.org", "x" * 201, ["a", "b@c"], {"a": 1}, 1.5])
def test_personal_data_does_not_get_into_a_step(ran, fact):
    with pytest.raises(NotPlainFact, match="who"):
        queue("test.one", at=NOW, n=1, who=fact)
    assert not Step.objects.exists()


def test_a_step_queued_in_a_transaction_that_fails_is_not_queued(ran):
    with undone():
        queue("test.one", at=NOW, n=1)
    assert not Step.objects.exists()


def test_a_leased_step_is_not_leased_again_until_its_lease_lapses(ran):
    queue("test.one", at=NOW, n=1)
    [step] = lease_due(["test.one"], NOW)
    assert ours(step.lease)
    assert lease_due(["test.one"], SOON) == []
    assert free_lapsed(NOW + LEASE) == 0
    assert free_lapsed(NOW + LEASE + timedelta(seconds=1)) == 1
    [again] = lease_due(["test.one"], NOW + 2 * LEASE)
    assert (again.pk, again.attempt) == (step.pk, 2)
    assert again.lease != step.lease


def test_a_renewed_lease_does_not_lapse(ran):
    queue("test.one", at=NOW, n=1)
    [step] = lease_due(["test.one"], NOW)
    renew([step.lease], NOW + LEASE / 2)
    assert free_lapsed(NOW + LEASE + timedelta(seconds=1)) == 0


@pytest.mark.django_db(transaction=True)
def test_a_renewal_waits_for_nobody_who_is_just_ending_the_steps(ran):
    """It would hold the other steps of the lease meanwhile, and whoever ends them would wait for it."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    for n in range(3):
        queue("test.many", at=NOW, batch="b", n=n)
    steps = lease_due(["test.many"], NOW)

    def renewed():
        renew([steps[0].lease], NOW + LEASE / 2)
        connection.close()

    with transaction.atomic():
        finish(steps[2], at=NOW)  # the last: a renewal comes to it with the others in its hands
        renewal = threading.Thread(target=renewed)
        renewal.start()
        renewal.join(20)
        assert not renewal.is_alive(), "it waits"
        for step in steps[:2]:
            finish(step, at=NOW)
    assert set(Step.objects.values_list("state", flat=True)) == {Step.State.DONE}


def test_who_lost_the_lease_cannot_end_the_step_and_leaves_nothing_behind(ran):
    queue("test.one", at=NOW, n=1)
    [slow] = lease_due(["test.one"], NOW)
    free_lapsed(NOW + 2 * LEASE)
    [quick] = lease_due(["test.one"], NOW + 2 * LEASE)
    for end in (finish, lambda step, at: drop(step, "", at=at), lambda step, at: retry_later(step, "", at=at)):
        with pytest.raises(LeaseLost):
            queue_and_end(end, slow)
    with transaction.atomic():
        finish(quick, at=NOW)
    with pytest.raises(LeaseLost), transaction.atomic():
        finish(quick, at=NOW)
    assert [step.state for step in Step.objects.all()] == ["done"]


def test_an_end_that_rolled_back_can_be_decided_anew(ran):
    queue("test.one", at=NOW, n=1)
    [step] = lease_due(["test.one"], NOW)
    with undone():
        finish(step, at=NOW)
    retry_later(step, "The system did not answer.", at=NOW)
    step.refresh_from_db()
    assert (step.state, step.problem) == ("waiting", "The system did not answer.")


def test_a_dead_process_gives_its_steps_back_and_a_living_one_does_not(ran):
    queue("test.one", at=NOW, n=1)
    queue("test.one", at=NOW, n=2)
    [dead] = lease_due(["test.one"], NOW)
    [alive] = lease_due(["test.one"], NOW)
    host, _, started, token = dead.lease.split(":")
    Step.objects.filter(pk=dead.pk).update(lease=f"{host}:{2**22}:{started}:{token}")
    assert free_dead(SOON) == 1
    assert [step.pk for step in lease_due(["test.one"], SOON)] == [dead.pk]
    alive.refresh_from_db()
    assert alive.state == "running"


def test_a_new_process_with_an_old_number_is_not_taken_for_the_old_one():
    host, pid, started, token = new_lease().split(":")
    assert not holder_is_dead(f"{host}:{pid}:{started}:{token}")
    assert holder_is_dead(f"{host}:{pid}:{started}9:{token}")
    assert not holder_is_dead(f"another-host.1:{pid}:{started}9:{token}")
    assert not holder_is_dead("not a lease")


def test_a_step_that_kills_its_workers_waits_longer_each_time(ran):
    queue("test.many", at=NOW, n=1)
    now = NOW
    for attempt in range(1, 4):
        [step] = lease_due(["test.many"], now)
        assert step.attempt == attempt
        now += 2 * LEASE
        free_lapsed(now)
    step.refresh_from_db()
    assert step.due_at > now
    assert step.alone


def test_a_task_that_fails_is_tried_again_and_its_error_text_is_not_kept(ran, caplog):
    def fails(steps):
        raise KeyError("alice@example.org")

    register("test.fails", fails, batch=5)
    queue("test.fails", at=NOW)
    queue("test.fails", at=NOW)
    run_steps(lease_due(["test.fails"], NOW))
    for step in Step.objects.all():
        assert (step.state, step.problem, step.alone) == ("waiting", "KeyError", True)
        assert step.due_at > NOW
    assert "alice" not in caplog.records[0].getMessage()


def test_one_bad_step_does_not_hold_up_the_rest_of_its_batch_for_ever(ran):
    def fails_for_two(steps):
        if any(step.args["n"] == 2 for step in steps):
            raise ValueError
        with transaction.atomic():
            for step in steps:
                finish(step, at=NOW)

    register("test.picky", fails_for_two, batch=5)
    for n in range(4):
        queue("test.picky", at=NOW, n=n)
    work_off(NOW)
    Step.objects.update(due_at=NOW)
    work_off(NOW)
    assert {step.args["n"]: step.state for step in Step.objects.all()} == {
        0: "done", 1: "done", 2: "waiting", 3: "done",
    }  # fmt: skip


def test_a_step_the_task_forgot_is_not_lost(ran):
    register("test.forgets", lambda steps: None)
    queue("test.forgets", at=NOW)
    run_steps(lease_due(["test.forgets"], NOW))
    assert Step.objects.get().state == "waiting"
    assert "without an end" in Step.objects.get().problem


def test_a_dropped_step_says_why_and_is_not_run(ran):
    queue("test.one", at=NOW, n=1)
    [step] = lease_due(["test.one"], NOW)
    with transaction.atomic():
        drop(step, "The request was withdrawn.", at=NOW)
    step.refresh_from_db()
    assert (step.state, step.problem, step.finished_at) == ("dropped", "The request was withdrawn.", NOW)


def test_two_workers_queue_one_turn_of_recurring_work(ran, time_machine):
    register("test.daily", lambda steps: None, every=timedelta(days=1))
    time_machine.move_to(NOW)
    queue_recurring()
    queue_recurring()
    assert Step.objects.filter(name="test.daily").count() == 1
    time_machine.move_to(NOW + timedelta(days=1))
    queue_recurring()  # the first turn has not run yet: no second one piles up
    assert Step.objects.filter(name="test.daily").count() == 1
    Step.objects.filter(name="test.daily").update(state="done")
    queue_recurring()
    queue_recurring()
    assert Step.objects.filter(name="test.daily").count() == 2


def test_ended_steps_are_forgotten_after_a_month_and_waiting_ones_never(ran, time_machine):
    queue("test.one", at=NOW, n=1)
    work_off(SOON)
    waits = queue("test.one", at=NOW, due_at=NOW + timedelta(days=365), n=2)
    time_machine.move_to(NOW + timedelta(days=31))
    queue("work.forget_ended", at=NOW)
    assert work_off(NOW + timedelta(days=31)) == 1
    assert set(Step.objects.values_list("name", "state")) == {("test.one", "waiting"), ("work.forget_ended", "done")}
    waits.refresh_from_db()


@pytest.mark.django_db(transaction=True)
def test_what_commits_wakes_who_waits_and_what_rolls_back_does_not(ran, settings, tmp_path):
    settings.DATA = tmp_path  # a pipe of its own: what another test left running cannot write into it
    stop, woken = threading.Event(), threading.Event()
    listener = threading.Thread(target=listen, args=[stop, woken.set])
    listener.start()
    try:
        assert woken.wait(5)  # it looks once when it begins: something may have come before
        woken.clear()
        with undone():
            queue("test.one", at=NOW, n=1)
        assert not woken.wait(0.3)
        for n in range(2):
            began = time.monotonic()
            with transaction.atomic():
                queue("test.one", at=NOW, n=n)
                assert not woken.wait(0.1)
            assert woken.wait(2)
            assert time.monotonic() - began < 1
            woken.clear()
    finally:
        stop.set()
        listener.join()


@given(st.integers(min_value=0, max_value=10_000), st.floats(min_value=0, max_value=1))
def test_the_back_off_stays_between_five_seconds_and_a_quarter_of_an_hour(attempt, jitter):
    assert FIRST <= back_off(attempt, jitter) <= MOST


@given(st.integers(min_value=1, max_value=50))
def test_the_back_off_never_shrinks_from_try_to_try(attempt):
    assert back_off(attempt, 0.5) <= back_off(attempt + 1, 0.5)


@given(
    st.integers(min_value=0, max_value=2**40).map(lambda ms: NOW + timedelta(milliseconds=ms)),
    st.timedeltas(min_value=timedelta(seconds=1), max_value=timedelta(days=60)),
)
def test_every_moment_lies_in_exactly_one_turn(now, every):
    start = turn(now, every)
    assert start <= now < start + every
    assert turn(start, every) == start


def test_keys_made_of_the_same_parts_are_the_same():
    case = uuid.uuid4()
    assert key_of("rights.search", case) == key_of("rights.search", case)
    assert key_of("rights.search", case) != key_of("rights.erase", case)
