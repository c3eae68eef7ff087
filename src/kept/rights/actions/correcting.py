"""What changes a correction: the intent before each system, and the outcome after a second look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from kept.engine.details import DETAILS
from kept.engine.rectifying import Line
from kept.engine.subject import Residue
from kept.information.models import System
from kept.rights.actions.changing import Begun, begin, keep_outcome
from kept.rights.actions.searching import NOBODY, cases_and_answers, go_on, queue_search
from kept.rights.actions.steps import locked, must_be_able, must_decide
from kept.rights.errors import NotNow, WrongChoice
from kept.rights.models import Case, SystemAnswer
from kept.rights.righting.keeping import righting_in
from kept.rights.righting.rules import changes_of, corrections_in, joined_lines, lines_from, lines_json
from kept.rights.rules import kept_count
from kept.security.ledger import action, record, unchanged
from kept.terms import Actor
from kept.work.models import Step
from kept.work.steps import drop


@dataclass(frozen=True)
class Righted:
    """What became of each value in one system, and what a second look found."""

    step: Step
    case_id: UUID
    lines: Sequence[Line] = field(repr=False)
    residue: Residue


@action
def begin_righting(system: System, plan_id: str, one: Begun, lines: Sequence[Line], *, by: Actor, at: datetime) -> bool:
    """Write down what is about to be put right, before it is. False: it does not go on. See `changing.begin`.

    What stands there now is kept, sealed: whoever is killed after the change could not tell it any more.
    """

    def keep(case: Case, _answer: SystemAnswer) -> None:
        righting = righting_in(case, system.name)
        righting.told = lines_json(joined_lines(lines_from(righting.told), lines))
        righting.save()

    return bool(begin(system, plan_id, [one], keep, by=by, at=at))


@action
def system_righted(system: System, one: Righted, *, by: Actor, at: datetime) -> None:
    """Keep what became of each value. Only a look that has just found it right makes it done."""
    case, answer = cases_and_answers([one.case_id], system).get(one.case_id, NOBODY)
    if case is None or answer is None or case.key is None:
        drop(one.step, "The case has ended.", at=at)
        unchanged()
        return
    righting = righting_in(case, system.name)
    lines = joined_lines(lines_from(righting.told), one.lines)
    righting.told = lines_json(lines)
    righting.save()
    changes = changes_of(lines)
    keep_outcome(answer, one.step, changes, one.residue, at=at, add=False)
    facts = {"system": system.name, "plan": answer.plan_id, "verdict": str(one.residue.verdict)}
    record(
        "rights.system_rectified",
        case,
        by=by,
        at=at,
        changed=sum(change.rows for change in changes),
        kept=kept_count(changes),
        **facts,
    )
    go_on(case, at)


@action
def wrong_as_well(case: Case, system: System, texts: Mapping[str, Sequence[str]], *, by: Actor, at: datetime) -> Case:
    """What was left there because nobody expected it is wrong too: it is put right like the rest.

    Raises NotNow, MayNot, OwnCase, WrongChoice where it is none of what was left.
    """
    case = locked(case)
    must_decide(case, by)
    must_be_able(case, "answer")
    answer = case.answers.get(system=system)
    if answer.state not in (SystemAnswer.State.NOT_DONE, SystemAnswer.State.CANNOT_TELL) or answer.decided:
        raise NotNow(answer.state)
    righting = righting_in(case, system.name)
    asked = {one.detail for one in corrections_in(case.asked)}
    left = {(one.detail, one.was) for one in lines_from(righting.told) if one.outcome == "unexpected" and one.was}
    wanted = [(detail, text) for detail in DETAILS for text in texts.get(detail, ())]
    if not wanted or any(pair not in left or pair[0] not in asked for pair in wanted):
        raise WrongChoice
    wrong: dict[str, list[str]] = {detail: list(known) for detail, known in righting.wrong.items()}
    for detail, text in wanted:
        wrong.setdefault(detail, [])
        if text not in wrong[detail]:
            wrong[detail].append(text)
    righting.wrong = wrong
    righting.save()
    answer.state, answer.plan_id = SystemAnswer.State.WAITING, ""
    answer.save(update_fields=["state", "plan_id"])
    queue_search(case.pk, system.name, at)
    record("rights.wrong_as_well", case, by=by, at=at, system=system.name, values=len(wanted))
    return case
