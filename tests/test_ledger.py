"""The ledger: nothing is changed without an entry that commits with it, and the entries have no gap."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from importlib import import_module

import pytest
from django.apps import apps
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as st

from kept.people.models import Account
from kept.policy.promises import ledger_has_no_gap
from kept.security.ledger import (
    NothingRecorded,
    OutsideAction,
    PersonalDataInEntry,
    action,
    record,
    sequence_entries,
    unchanged,
)
from kept.security.models import Entry, Log, Tile
from kept.security.tasks import number_entries
from kept.security.verify import verify
from kept.terms import Actor, State, Verdict
from kept.work.registry import pulses

pytestmark = [pytest.mark.django_db, pytest.mark.store]

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KEPT = Actor.kept()


@action
def rename(account, name, *, by, at):
    account.name = name
    account.save(update_fields=["name"])
    record("test.renamed", account, by=by, at=at, letters=len(name))


@action
def rename_silently(account, name):
    account.name = name
    account.save(update_fields=["name"])


@pytest.fixture
def account():
    return Account.objects.create_user("carol@example.com")


def test_an_entry_commits_with_what_it_tells(account):
    rename(account, "Carol", by=Actor("engineer", "7"), at=NOW)
    entry = Entry.objects.get()
    assert (entry.kind, entry.about) == ("test.renamed", f"people.account:{account.pk}")
    assert (entry.by, entry.at, entry.facts, entry.index) == ("engineer:7", NOW, {"letters": 5}, None)
    assert len(entry.salt) == 16


def test_an_action_that_records_nothing_changes_nothing(account):
    with pytest.raises(NothingRecorded, match="rename_silently"):
        rename_silently(account, "Carol")
    account.refresh_from_db()
    assert account.name == ""


def test_an_action_that_fails_leaves_no_entry(account):
    @action
    def fail(*, by, at):
        rename(account, "Carol", by=by, at=at)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        fail(by=KEPT, at=NOW)
    account.refresh_from_db()
    assert account.name == ""
    assert not Entry.objects.exists()


def test_an_entry_of_an_earlier_action_does_not_count_for_the_next(account):
    rename(account, "Carol", by=KEPT, at=NOW)
    with pytest.raises(NothingRecorded):
        rename_silently(account, "Mallory")


def test_an_action_inside_another_records_for_both(account):
    @action
    def outer(*, by, at):
        rename(account, "Carol", by=by, at=at)

    outer(by=KEPT, at=NOW)
    assert Entry.objects.count() == 1


def test_an_action_that_finds_its_work_done_may_say_so():
    action(unchanged)()
    assert not Entry.objects.exists()


def test_nothing_is_recorded_outside_an_action(account):
    with pytest.raises(OutsideAction):
        record("test.renamed", account, by=KEPT, at=NOW)
    rename(account, "Carol", by=KEPT, at=NOW)
    with pytest.raises(OutsideAction):  # the action is over
        record("test.renamed", account, by=KEPT, at=NOW)
    assert Entry.objects.count() == 1


@pytest.mark.parametrize(
    "facts",
    [
        {"who": "carol@example.com"},
        {"who": ["case", "carol@example.com"]},
        {"what": "x" * 201},
        {"who": {"name": "Carol"}},
        {"who": [["carol"]]},
        {"share": 0.5},
        {"raw": b"carol"},
    ],
)
def test_what_could_be_personal_data_does_not_get_into_an_entry(account, facts):
    @action
    def tell(*, by, at):
        record("test.told", account, by=by, at=at, **facts)

    with pytest.raises(PersonalDataInEntry, match=r"test\.told: "):
        tell(by=KEPT, at=NOW)
    assert not Entry.objects.exists()


def test_an_entry_is_not_about_an_address():
    @action
    def tell(*, by, at):
        record("test.told", "carol@example.com", by=by, at=at)

    with pytest.raises(PersonalDataInEntry, match="about"):
        tell(by=KEPT, at=NOW)


@given(st.lists(st.one_of(st.booleans(), st.integers(min_value=1, max_value=4)), max_size=25))
@how(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
def test_the_numbers_have_no_gap_whatever_fails_in_between(account, happens):
    """True: an action; False: one that fails; a number: the sequencer, so many at most."""
    Entry.objects.all().delete()
    Log.objects.all().delete()
    Tile.objects.all().delete()
    done = 0
    for what in happens:
        if what is True:
            rename(account, "Carol", by=KEPT, at=NOW)
            done += 1
        elif what is False:
            with suppress(RuntimeError), transaction.atomic():
                rename(account, "Carol", by=KEPT, at=NOW)
                raise RuntimeError
        else:
            sequence_entries(limit=what)
    number_entries()
    assert list(Entry.objects.order_by("id").values_list("index", flat=True)) == list(range(done))
    assert sequence_entries() == 0


def test_the_worker_numbers_entries_within_a_second():
    assert pulses()[number_entries] < 1


def test_a_removed_entry_is_noticed(account):
    for name in ("Carol", "Carla", "Carole"):
        rename(account, name, by=KEPT, at=NOW)
    number_entries()
    assert ledger_has_no_gap(NOW).state is not State.BROKEN
    Entry.objects.get(index=1).delete()
    assert ledger_has_no_gap(NOW).state is State.BROKEN


def test_two_entries_cannot_have_one_number(account):
    for name in ("Carol", "Carla"):
        rename(account, name, by=KEPT, at=NOW)
    number_entries()
    with pytest.raises(Exception, match=r"(?i)unique|duplicate"), transaction.atomic():
        Entry.objects.filter(index=0).update(index=1)


def test_entries_from_before_the_tree_get_their_commitment_and_a_new_number(account):
    for name in ("Carol", "Zoë \u2028"):
        rename(account, name, by=KEPT, at=NOW)
    sequence_entries()
    known = list(Entry.objects.order_by("id").values_list("commitment", flat=True))
    Entry.objects.update(commitment=b"")
    Log.objects.update(checkpoint="", keys=[])
    Tile.objects.all().delete()
    import_module("kept.security.migrations.0002_ledger_tree").commit(apps, None)
    assert list(Entry.objects.order_by("id").values_list("commitment", flat=True)) == known
    assert sequence_entries() == 2
    assert verify().verdict is Verdict.DONE
