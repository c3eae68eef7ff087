"""What must hold in the rights room for every case, searched rather than listed."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from kept.engine.subject import Change, Holding, Remain, Residue
from kept.rights.models import Case, SystemAnswer
from kept.rights.rules import (
    CODE_PAUSE,
    MAY,
    MOST_CODES,
    OPEN,
    UNDER_WAY,
    AnswerStanding,
    added_up,
    as_decided,
    changes_from,
    changes_json,
    erased_count,
    erasure_is_whole,
    holdings_from,
    holdings_json,
    kept_count,
    last_proof,
    may_mail_code,
    own_comes_next,
    plain,
    problem_of,
    proof_ends,
    residue_from,
    residue_json,
    settled,
    state_after_search,
    state_of,
    told,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TABLES = ["client", "invoice", "ticket", "session"]
counts = st.integers(0, 50)
standings = st.builds(
    AnswerStanding,
    state=st.sampled_from(SystemAnswer.State.values),
    current=st.booleans(),
    decided=st.booleans(),
    own=st.booleans(),
)
remains = st.builds(
    Remain,
    table=st.sampled_from(TABLES),
    column=st.sampled_from(["email", "body"]),
    kind=st.sampled_from(["email", "name"]),
    count=st.integers(1, 9),
    why=st.sampled_from(["law", "others", "unclear", "missed"]),
    law=st.none() | st.just("GDPR Art. 17(3)(b)"),
    until=st.none() | st.dates(date(2026, 1, 1), date(2040, 1, 1)),
)
residues = st.builds(
    Residue,
    remains=st.lists(remains, max_size=4).map(tuple),
    looked_at=st.integers(1, 50),
    unknown_tables=st.lists(st.sampled_from(["left_over", "old"]), max_size=2).map(tuple),
)


@given(st.lists(standings, min_size=1, max_size=5))
def test_an_erasure_is_whole_only_when_every_system_was_looked_at_with_all_that_is_known(answers):
    if erasure_is_whole(answers):
        for one in answers:
            assert one.current
            assert one.state == "done" or (one.state == "cannot_tell" and one.decided)
    else:
        assert not all(settled(one) for one in answers)


def test_an_erasure_of_no_system_is_not_whole():
    assert not erasure_is_whole([])


@given(st.lists(standings, max_size=5))
def test_our_own_database_never_comes_before_another_system_is_settled(answers):
    if own_comes_next(answers):
        assert all(settled(one) for one in answers if not one.own)
        assert any(one.own for one in answers)


@given(st.sampled_from(sorted(OPEN)), st.lists(standings, min_size=1, max_size=5))
def test_a_search_never_takes_a_case_past_the_officer(case, answers):
    after = state_after_search(case, answers)
    assert after in OPEN
    if case in UNDER_WAY:
        assert after == case
    else:
        assert after not in UNDER_WAY
        assert (after == "approved") <= (case == "approved")
    if after == "review" and case != "review":
        assert all(one.state not in ("waiting", "searching", "needs_person") for one in answers)


@given(residues)
def test_only_a_look_that_found_nothing_unexplained_makes_it_done(residue):
    unexplained = [one for one in residue.remains if one.why in ("missed", "unclear")]
    if state_of(residue) == "done":
        assert not unexplained
        assert not residue.unknown_tables
        assert problem_of(residue) == ""
    else:
        assert problem_of(residue)
    if any(one.why == "missed" for one in residue.remains):
        assert state_of(residue) == "not_done"


@given(residues)
def test_what_an_officer_decides_never_hides_what_was_missed(residue):
    decided = as_decided(residue)
    assert (state_of(decided) == "not_done") == (state_of(residue) == "not_done")
    assert sum(one.count for one in decided.remains) == sum(one.count for one in residue.remains)


@given(residues)
def test_what_a_look_found_survives_its_json(residue):
    assert residue_from(json.loads(json.dumps(residue_json(residue)))) == residue


def test_a_look_that_read_nothing_cannot_tell():
    assert residue_from({}) is None
    assert state_of(Residue((), 0)) == "cannot_tell"
    assert problem_of(Residue((), 0))


@st.composite
def runs(draw):
    """What was counted before a run, and what the run did to it: tables whose rows go, or are changed."""
    before, changes = [], []
    for table in draw(st.lists(st.sampled_from(TABLES), unique=True)):
        rows, kept = draw(counts), draw(counts)
        before.append(Holding(table, rows, kept, kept))
        deletes = draw(st.booleans())
        changes.append(Change(table, 0 if deletes else rows, rows if deletes else 0, kept))
    return before, changes


@given(runs())
def test_a_run_that_was_cut_off_after_its_commit_is_told_like_one_that_was_not(run):
    before, changes = run
    tables = {one.table for one in before}
    again = [Change(one.table, one.rows, 0, one.kept) for one in changes]  # the second run finds nothing to delete
    whole, cut_off = told(changes, before, tables), told(again, before, tables)
    assert erased_count(whole) == erased_count(cut_off) == sum(one.own for one in before)
    assert kept_count(whole) == kept_count(cut_off)


@given(runs())
def test_a_table_of_which_nothing_is_changed_counts_for_nothing(run):
    before, changes = run
    assert erased_count(told(changes, before, set())) == sum(one.deleted for one in changes)


@given(runs(), runs())
def test_two_runs_are_never_told_as_less_than_one(first, second):
    together = added_up(first[1], second[1])
    assert len({one.table for one in together}) == len(together)
    for one in (*first[1], *second[1]):
        both = next(other for other in together if other.table == one.table)
        assert both.deleted >= one.deleted
        assert both.rows >= one.rows
        assert both.kept >= one.kept


@given(runs())
def test_holdings_and_changes_survive_their_json(run):
    before, changes = run
    assert holdings_from(json.loads(json.dumps(holdings_json(before)))) == before
    assert changes_from(json.loads(json.dumps(changes_json(changes)))) == changes


@given(st.text())
def test_a_problem_never_carries_an_address(words):
    assert "@" not in plain(words)
    assert len(plain(words)) <= 300


@given(st.integers(0, 20), st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=2)))
def test_codes_are_few_and_not_close_together(sent, since):
    may = may_mail_code(sent, NOW - since, NOW)
    assert may == (sent < MOST_CODES and since >= CODE_PAUSE)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_what_is_kept_for_proof_is_kept_for_three_years_and_not_a_week_longer(ended):
    last = datetime.combine(proof_ends(ended), ended.timetz())
    assert last_proof(last - timedelta(days=2)) <= ended
    assert last_proof(last + timedelta(days=3)) > ended


def test_every_step_names_states_that_there_are():
    for states in (*MAY.values(), OPEN, UNDER_WAY):
        assert states <= set(Case.State.values)
    assert MAY["withdraw"].isdisjoint({"answering", "answered", "closed"})
