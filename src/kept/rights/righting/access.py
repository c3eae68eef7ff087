"""What a correction is about, and what stands in each system just now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from kept.connectors.sql.connector import SqlConnector
from kept.engine.details import Correction
from kept.engine.errors import EngineError, NotACorrection, PlanRefused
from kept.engine.identifiers import normal
from kept.engine.rectifying import Line
from kept.engine.subject import Subject
from kept.information.access import open_system
from kept.information.models import System
from kept.rights.looking import Met, meet
from kept.rights.models import Case
from kept.rights.righting.models import NewAddress, Righting
from kept.rights.righting.rules import Texts, corrections_in, learnt, lines_from, new_email
from kept.rights.standing import changed_in
from kept.rights.subjects import identifiers_of


@dataclass(frozen=True)
class Seen:
    """What would become of each value in one system, read just now and stored nowhere."""

    system: System
    lines: Sequence[Line] = field(default=(), repr=False)
    problem: str = ""  # why nothing would, or why it cannot be told now


def corrections_of(case: Case, system: str) -> list[Correction]:
    """What is to be put right in that system, with all that is known of what is wrong."""
    rightings = list(case.rightings.all())
    here: Texts = next((one.wrong for one in rightings if one.system == system), {})
    return learnt(corrections_in(case.asked), [one.stated for one in rightings], here)


def new_address_of(case: Case) -> NewAddress | None:
    return NewAddress.objects.filter(case=case).first()


def waits_for_address(case: Case) -> bool:
    """Whether a new address is to be written that nobody has shown to be theirs."""
    if case.right != Case.Right.RECTIFICATION or not new_email(corrections_in(case.asked)):
        return False
    return not NewAddress.objects.filter(case=case).exclude(proven_at=None).exists()


def subject_with_new_address(subject: Subject, corrections: Sequence[Correction]) -> Subject:
    """The person, known by the new address as well: where a record has no other sign of them, the change would lose
    them from sight, and nobody could look at it again."""
    email = new_email(corrections)
    if not email:
        return subject
    known = subject.identifiers | {normal("email", email)}
    return Subject(subject.ref, known, subject.settled, subject.decided, subject.widened)


def seen_in(case: Case, on: date) -> list[Seen]:
    """What a correction would do, system by system, in the order in which they are searched."""
    return [_seen(case, answer.system, on) for answer in case.answers.select_related("system")]


def _seen(case: Case, system: System, on: date) -> Seen:
    corrections = corrections_of(case, system.name)
    if not corrections:
        return Seen(system)
    try:
        connector = open_system(system)
        plan = connector.plan_corrections(corrections, on)
        known = identifiers_of([case.pk])
        met = meet(connector, [case.pk], known, changed_in(system, [case.pk]))[0]
        if met.conflict:
            return Seen(system, problem=f"A person has to decide first who is meant: {met.conflict}.")
        return Seen(system, connector.preview(plan, subject_with_new_address(met.subject, corrections)))
    except EngineError as problem:
        return Seen(system, problem=str(problem))


def told_in(case: Case) -> dict[str, list[Line]]:
    """System -> what became of each value there."""
    return {one.system: lines_from(one.told) for one in Righting.objects.filter(case=case)}


@dataclass(frozen=True)
class Stated:
    """What a search for a correction found in one system."""

    says: Mapping[str, Sequence[str]] = field(default_factory=dict, repr=False)  # of the details, in own records
    plan_id: str = ""
    problem: str = ""  # why nothing could be put right there


def stated_in(connector: SqlConnector, case: Case, met: Met, on: date) -> Stated:
    """What the person's own records say now. Raises what the connector raises, but where no plan can be made."""
    corrections = corrections_of(case, connector.name)
    if not corrections or met.conflict:
        return Stated()
    try:
        plan = connector.plan_corrections(corrections, on)
        said = connector.stated(plan, met.subject)
    except (PlanRefused, NotACorrection) as refused:
        return Stated(problem=str(refused))
    return Stated({detail: sorted(texts) for detail, texts in said.items()}, plan.id)
