"""What the keepers found last, read from the store: one query for a whole page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from kept.policy.access import policy
from kept.policy.keepers import Bound, all_keepers, keepers_of
from kept.policy.models import Look, Standing
from kept.policy.rules import as_it_stands, worst
from kept.terms import Evidence, State

Found = Mapping[str, Sequence[Evidence]]


def all_found(at: datetime) -> Found:
    """What each keeper says as of now, by clause id, in the order of the keepers."""
    rows = {(row.clause, row.keeper): row for row in Standing.objects.all()}
    found: dict[str, list[Evidence]] = defaultdict(list)
    for bound in all_keepers():
        found[bound.clause_id].append(_now(bound, rows.get((bound.clause_id, bound.name)), at))
    return found


def found_for(clause_id: str, at: datetime) -> list[Evidence]:
    """What each keeper of one clause says; nothing, if it has none. Raises UnknownClause."""
    policy().promise(clause_id)
    rows = {row.keeper: row for row in Standing.objects.filter(clause=clause_id)}
    return [_now(bound, rows.get(bound.name), at) for bound in keepers_of(clause_id)]


def evidence_for(clause_id: str, at: datetime) -> Evidence:
    """What one clause can show. Raises UnknownClause."""
    return of_clause(found_for(clause_id, at), at)


def of_clause(found: Sequence[Evidence], at: datetime) -> Evidence:
    """What a clause can show: the worst that any of its keepers found."""
    return worst(found) or Evidence(State.NOT_RUNNING, "", "Nothing looks at this clause yet.", at)


def series(bound: Bound, after: datetime) -> list[Look]:
    """The looks of a keeper since a time, oldest first."""
    looks = Look.objects.filter(clause=bound.clause_id, keeper=bound.name, at__gt=after)
    return list(looks.order_by("at", "pk"))


def last_looks() -> dict[tuple[str, str], datetime]:
    """When each keeper looked last, by clause id and name."""
    return {(clause, name): at for clause, name, at in Standing.objects.values_list("clause", "keeper", "at")}


def as_evidence(row: Standing) -> Evidence:
    return Evidence(
        State(row.state), row.figure, row.meaning, row.at, row.link, row.keeper, number=row.number, since=row.since
    )


def _now(bound: Bound, row: Standing | None, at: datetime) -> Evidence:
    if row is None:
        return Evidence(State.CANNOT_TELL, "", "No look has been made yet.", at, keeper=bound.name)
    return as_it_stands(as_evidence(row), bound.period, at)
