"""Leaving single records out of an answer. Whoever does it cannot approve the answer: a second officer looks at it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from kept.information.models import System
from kept.rights.actions.steps import locked, must_be_able, must_decide
from kept.rights.clocks import office_day
from kept.rights.errors import CannotExempt
from kept.rights.exemptions.access import Key, as_record
from kept.rights.exemptions.models import Exemption
from kept.rights.grounds import grounds_in_part, says_something, unproven
from kept.rights.models import Case
from kept.security.ledger import action, record, unchanged
from kept.terms import Actor

LONGEST = 1_000
MOST = 500  # of one case: more of them is a refusal, and takes its form


@action
def exempt(
    case: Case,
    system: System,
    table: str,
    key: Key | None,
    ground: str,
    shown: Mapping[str, str],
    because: str,
    *,
    until: date | None = None,
    records: int,
    by: Actor,
    at: datetime,
) -> Exemption:
    """Leave a record, or all of the person's in a table, out of the copy, or keep it from the erasure.

    `key` None: the table. `records`: how many were found there just now. Raises NotNow, MayNot, OwnCase, CannotExempt.
    """
    case = locked(case)
    must_decide(case, by)
    must_be_able(case, "exempt")
    of = Exemption.Of.ERASURE if case.right == Case.Right.ERASURE else Exemption.Of.COPY
    known = {one.name: one for one in grounds_in_part(case.law, case.right, office_day(at, case.clock))}
    if ground not in known:
        raise CannotExempt("the law of this request knows no such ground")
    kept = {one.name: shown.get(one.name, "").strip() for one in known[ground].prove}
    if missing := unproven(known[ground], kept):
        raise CannotExempt(f"it is for us to show this: {missing[0].asks}")
    if not says_something(because) or any(len(text) > LONGEST for text in (because, *kept.values())):
        raise CannotExempt(f"the reasons have some words, and at most {LONGEST:,} characters")
    if of == Exemption.Of.ERASURE and (until is None or until <= office_day(at, case.clock)):
        raise CannotExempt("what stays has a last day, and it lies ahead")
    if records < 1:
        raise CannotExempt("there is no such record of this person")
    if case.exemptions.count() >= MOST:
        raise CannotExempt(f"at most {MOST} can be left out of one answer")
    if case.exemptions.filter(system=system, table=table, record=as_record(key)).exists():
        raise CannotExempt("it is left out already")
    exemption = Exemption.objects.create(
        case=case,
        key=case.key,
        system=system,
        table=table,
        record=as_record(key),
        of=of,
        law=case.law,
        ground=ground,
        source=known[ground].law_words,
        shown=kept,
        because=because.strip(),
        until=until,
        records=records,
        made_at=at,
        made_by=str(by),
    )
    facts = {"exemption": str(exemption.pk), "system": system.name, "table": table, "ground": ground, "of": str(of)}
    whole, day = key is None, until.isoformat() if until else None
    record("rights.record_exempted", case, by=by, at=at, whole=whole, records=records, until=day, **facts)
    return exemption


@action
def include(exemption: Exemption, *, by: Actor, at: datetime) -> None:
    """It is answered with the rest after all. A second call changes nothing. Raises NotNow, MayNot, OwnCase."""
    case = locked(exemption.case)
    must_decide(case, by)
    if not case.exemptions.filter(pk=exemption.pk).exists():
        unchanged()
        return
    must_be_able(case, "exempt")
    case.exemptions.filter(pk=exemption.pk).delete()
    record("rights.record_included", case, by=by, at=at, exemption=str(exemption.pk), table=exemption.table)
