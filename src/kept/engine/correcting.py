"""Putting details right in several systems: what was wrong is learnt from all of them before any is changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from kept.engine.answer import Journal
from kept.engine.details import Correction, Detail, same_form
from kept.engine.errors import EngineError
from kept.engine.pack import Pack
from kept.engine.rectifying import CorrectionPlan, Line, verdict_of_lines
from kept.engine.subject import Subject
from kept.terms import Verdict

MOST_KNOWN = 20  # different wrong values of one detail


class Correctable(Protocol):
    """One system; see `kept.connectors.sql.connector` for what each method promises."""

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def shipped(self) -> Pack: ...
    def held(self) -> AbstractContextManager[None]: ...
    def plan_corrections(self, corrections: Sequence[Correction], on: date) -> CorrectionPlan: ...
    def preview(self, plan: CorrectionPlan, subject: Subject) -> list[Line]: ...
    def stated(self, plan: CorrectionPlan, subject: Subject) -> Mapping[Detail, frozenset[str]]: ...
    def rectify(
        self, plan: CorrectionPlan, subject: Subject, intend: Callable[[list[Line]], None] | None = None
    ) -> list[Line]: ...


@dataclass(frozen=True)
class Righted:
    """What came of one system."""

    system: str
    title: str
    pack: Pack
    lines: Sequence[Line]
    at: datetime
    problem: str | None = None
    decided: bool = False  # an officer has looked at what was not expected, and it stays

    @property
    def verdict(self) -> Verdict:
        if self.problem:
            return Verdict.NOT_DONE
        return Verdict.DONE if self.decided else verdict_of_lines(self.lines)


def with_what_was(
    corrections: Sequence[Correction], stated: Iterable[Mapping[Detail, frozenset[str]]]
) -> list[Correction]:
    """The corrections with what the person's own records say, where nobody said what is wrong.

    One system knows the old last name that stands inside a full name in another. And when the systems are changed one
    after the other, the later ones must still know what stood in the earlier ones.
    """
    known: dict[Detail, dict[str, str]] = {}
    for record in stated:
        for detail, texts in record.items():
            for text in sorted(texts):
                known.setdefault(detail, {}).setdefault(same_form(detail, text), text)
    result: list[Correction] = []
    for one in corrections:
        taken = {same_form(other.detail, other.was) for other in result if other.detail == one.detail and other.was}
        if one.was is None:
            for form, text in list(known.get(one.detail, {}).items())[:MOST_KNOWN]:
                if text != one.now and form not in taken:
                    result.append(Correction(one.detail, text, one.now))
        if one not in result:
            result.append(one)
    return result


def learn(
    systems: Sequence[Correctable],
    subjects: Sequence[Subject],
    corrections: Sequence[Correction],
    on: date,
    before: Mapping[str, frozenset[str]],
) -> list[Correction]:
    """`with_what_was`, asked of every system. `subjects`: the person as each system knows them.
    `before`: what a run that was stopped knew to be wrong.

    Raises PlanRefused, SystemUnreachable, SystemRefused.
    """
    pairs = zip(systems, subjects, strict=True)
    stated = [system.stated(system.plan_corrections(corrections, on), subject) for system, subject in pairs]
    earlier = {one.detail: before[one.detail] for one in corrections if one.detail in before}
    return with_what_was(corrections, [earlier, *stated])


def correct_everywhere(
    systems: Sequence[Correctable],
    subject: Subject,
    plans: Sequence[CorrectionPlan],
    journal: Journal,
    now: Callable[[], datetime],
) -> Iterator[Righted]:
    """Correct each system in its own transaction, and look at it again in another one. One that fails is told as not
    done; the rest go on."""
    for system, plan in zip(systems, plans, strict=True):
        lines: list[Line] = []
        problem = None
        journal.write("intent", system=system.name, plan=plan.id, at=now())
        try:
            lines = system.rectify(plan, subject)
            if any(line.outcome == "changed" for line in system.preview(plan, subject)):
                problem = "looked at again, values are still wrong: something there writes them anew"
        except EngineError as failed:
            problem = str(failed)
        righted = Righted(system.name, system.title, system.shipped, lines, now(), problem)
        counts = [{"place": line.place, "outcome": line.outcome, "rows": line.rows} for line in lines]
        journal.write(
            "outcome",
            system=system.name,
            plan=plan.id,
            at=righted.at,
            verdict=str(righted.verdict),
            problem=problem,
            changes=counts,
        )
        yield righted
