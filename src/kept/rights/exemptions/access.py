"""What is left out of a case's answer, for the engine, the pages and the files."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from uuid import UUID

from kept.engine.subject import LeftOut
from kept.information.models import System
from kept.rights.exemptions.models import Exemption
from kept.rights.grounds import ground_of
from kept.rights.models import Case
from kept.vault.fields import open_all

Key = tuple[str | None, ...]


def exemptions_of(cases: Collection[UUID]) -> Mapping[UUID, list[Exemption]]:
    """Case -> its own, opened with one statement for all their keys."""
    rows = list(Exemption.objects.filter(case__in=cases).select_related("system", "case"))
    open_all(rows)
    found: dict[UUID, list[Exemption]] = {case: [] for case in cases}
    for row in rows:
        found[row.case_id].append(row)
    return found


def of_case(case: Case) -> list[Exemption]:
    return exemptions_of([case.pk])[case.pk]


def left_out_in(system: System, exemptions: Collection[Exemption]) -> tuple[LeftOut, ...]:
    """As the engine takes it: keys, and never more than was named."""
    here = [one for one in exemptions if one.system_id == system.pk]
    return tuple(LeftOut(one.table, key_of(one), reason(one), one.until) for one in here)


def key_of(exemption: Exemption) -> Key | None:
    """None: the whole table."""
    return tuple(json.loads(exemption.record)) if exemption.record else None


def as_record(key: Key | None) -> str:
    return json.dumps(list(key)) if key is not None else ""


def reason(exemption: Exemption) -> str:
    """Why, in the law's words and ours, as the person is told: one line."""
    ground = ground_of(exemption.law, exemption.case.right, exemption.ground)
    says = ground.says if ground else ""
    return " ".join(f"{says} {exemption.because} ({exemption.source})".split())


def told(exemption: Exemption) -> str:
    """The same, on a page that ends the sentence itself; without the words once they are forgotten."""
    return reason(exemption).rstrip(".") if exemption.key is not None else f"The law: {exemption.source}"


def alone(case: Case) -> int:
    """How many of a decided case were made by who approved it: two officers look at each, so there must be none."""
    return Exemption.objects.filter(case=case, made_by=case.approved_by).count() if case.approved_by else 0
