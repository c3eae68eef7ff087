"""From a case's identifiers to the subject that one system is asked about, and back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from uuid import UUID

from kept.engine.subject import Subject
from kept.rights.models import CaseIdentifier
from kept.terms import Identifier
from kept.vault.fields import open_all

Standing = CaseIdentifier.Standing
Known = Mapping[UUID, list[CaseIdentifier]]


def identifiers_of(case_ids: Iterable[UUID]) -> Known:
    """Case -> all its identifiers; one statement for a whole batch."""
    known: dict[UUID, list[CaseIdentifier]] = defaultdict(list)
    for row in opened(CaseIdentifier.objects.filter(case__in=list(case_ids)).order_by("id")):
        known[row.case_id].append(row)
    return known


def opened(rows: Iterable[CaseIdentifier]) -> list[CaseIdentifier]:
    """The rows, with one statement for all the keys that open them."""
    found = list(rows)
    open_all(found)
    return found


def subject_for(case_id: UUID, rows: Sequence[CaseIdentifier], system: str) -> Subject:
    """Who is meant in that system: without candidates, and without what names somebody else there as well."""
    used = [row for row in rows if is_used(row, system)]
    chosen = frozenset(as_identifier(row) for row in used if row.standing == Standing.CHOSEN)
    decided = {row.scope for row in rows if row.standing in (Standing.CHOSEN, Standing.NOT_THEIRS)}
    return Subject(str(case_id), frozenset(as_identifier(row) for row in used), chosen, frozenset(decided))


def is_used(row: CaseIdentifier, system: str) -> bool:
    return row.standing in (Standing.USED, Standing.CHOSEN) and system not in row.not_in


def strong_count(rows: Iterable[CaseIdentifier], system: str, asked: Collection[Identifier] | None = None) -> int:
    """How many strong identifiers a search of that system has to go by; `asked`: how many of these it had.

    Where the first is more than the second was, the system has to be asked again.
    """
    used = [as_identifier(row) for row in rows if is_used(row, system)]
    return sum(1 for one in used if one.strong and (asked is None or one in asked))


def not_theirs(rows: Iterable[CaseIdentifier], system: str) -> list[Identifier]:
    """The accounts there that an officer has said belong to somebody else."""
    return [as_identifier(row) for row in rows if row.standing == Standing.NOT_THEIRS and row.scope == system]


def set_aside(rows: Iterable[CaseIdentifier]) -> frozenset[Identifier]:
    """What is not the person's, or not yet known to be, in any system."""
    return frozenset(as_identifier(row) for row in rows if row.standing in (Standing.CANDIDATE, Standing.NOT_THEIRS))


def as_identifier(row: CaseIdentifier) -> Identifier:
    return Identifier(row.kind, row.value, row.scope)  # type: ignore[arg-type]  # stored from an Identifier
