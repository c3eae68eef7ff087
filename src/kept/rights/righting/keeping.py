"""What one system said of a case, kept sealed. Each function here runs inside an action, with the case locked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kept.rights.models import Case
from kept.rights.righting.models import Righting


def righting_in(case: Case, system: str) -> Righting:
    """A new one is not saved yet."""
    known = Righting.objects.filter(case=case, system=system).first()
    return known or Righting(case=case, system=system, key=case.key)


def keep_stated(case: Case, system: str, stated: Mapping[str, Sequence[str]]) -> None:
    """What the person's own records in that system say, before any change."""
    righting = righting_in(case, system)
    known = {**righting.stated}
    for detail, texts in stated.items():
        known[detail] = [*dict.fromkeys([*known.get(detail, ()), *texts])]
    if known != righting.stated:
        righting.stated = known
        righting.save()
