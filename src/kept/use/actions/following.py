"""What holds for an address of mail holds for the one that takes its place."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from kept.security.ledger import action, unchanged
from kept.terms import Actor, Identifier
from kept.use.access import suppressions_of
from kept.use.actions.covering import known_by
from kept.use.actions.objecting import cover_objections
from kept.use.actions.restricting import cover_restriction
from kept.use.actions.suppressing import suppress
from kept.use.rules import OBJECTION, RESTRICTION


@action
def follow_address(old: Collection[Identifier], new: Identifier, *, by: Actor, at: datetime) -> None:
    """Whoever is left alone at one of these addresses is left alone at the new one too. GDPR Art. 16, 21(3).

    A second call changes nothing.
    """
    for row in suppressions_of(old, at.date()):
        suppress(new, row.purpose, law=row.law, until=row.until, by=by, at=at)
    objected = known_by(old, OBJECTION).filter(objection__ended_at=None)
    for case in set(objected.exclude(objection=None).values_list("objection__case", flat=True)):
        cover_objections(case, [new], by=by, at=at)
    restricted = known_by(old, RESTRICTION).filter(restriction__lifted_at=None)
    for case in set(restricted.exclude(restriction=None).values_list("restriction__case", flat=True)):
        cover_restriction(case, [new], by=by, at=at)
    unchanged()
