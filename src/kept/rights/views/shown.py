"""What a case's rows mean, in the words of the person's pages. Counts and states go in; no person's values come out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Literal

from kept.rights.answers import answer_of
from kept.rights.flows import flow_of
from kept.rights.models import Case, SystemAnswer
from kept.rights.rules import STOPPED, DueState, Urgency
from kept.rights.standing import due_of
from kept.rights.views.due import days
from kept.terms import Actor

State = Case.State
Answer = SystemAnswer.State
Mark = Literal["done", "running", "waiting", "failed", "none"]

# The way of a case. It has reached a state when it is in it, or in a later one.
ORDER = [
    State.UNPROVEN, State.SEARCHING, State.NEEDS_PERSON, State.REVIEW, State.APPROVED, State.CONFIRMED,
    State.ANSWERING, State.ANSWERED, State.CLOSED,
]  # fmt: skip
RUNS_BY_ITSELF = (State.SEARCHING, State.APPROVED, State.CONFIRMED, State.ANSWERING)
WAITS_FOR_US = (State.NEEDS_PERSON, State.REVIEW)
QUICK, SLOW = 3, 20  # seconds between looks of an open page


@dataclass(frozen=True)
class Deadline:
    on: date
    before: str
    after: str
    state: Urgency


@dataclass(frozen=True)
class Stage:
    words: str
    mark: Mark
    at: datetime | None = None
    note: str = ""

    @property
    def now(self) -> bool:
        return self.mark == "running"


@dataclass(frozen=True)
class SystemLine:
    title: str
    words: str
    mark: Mark
    next_try: datetime | None = None


@dataclass(frozen=True)
class Progress:
    deadline: Deadline
    stages: Sequence[Stage]
    systems: Sequence[SystemLine]
    every: int | None  # seconds until the page asks again; None: nothing more will happen by itself
    page: str  # what the page around it must show: a change means that all of it is drawn anew

    @property
    def digest(self) -> str:
        return sha256(repr(self).encode()).hexdigest()[:16]


def progress(case: Case, answers: Sequence[SystemAnswer], today: date) -> Progress:
    # A copy is put together from all systems at once, so that single systems are of interest for the search only.
    over = case.state in STOPPED or was_refused(case)
    lines = [] if over else [_system_line(case, answer) for answer in answers]
    every = QUICK if case.state in RUNS_BY_ITSELF else SLOW if case.state in WAITS_FOR_US else None
    return Progress(deadline(case, today), stages(case, answers), lines, every, case.state)


def deadline(case: Case, today: date) -> Deadline:
    """The legal date in words: how long it is still, or how the answer met it."""
    state = due_of(case, today)
    before, after = _deadline_words(state)
    return Deadline(case.due_on, before, after, state.mark)


def _deadline_words(state: DueState) -> tuple[str, str]:
    match state.mark:
        case "none":
            return "No answer is due any more. It would have been due on", "."
        case "met":
            return "Our answer was due on", ". You have it, on time."
        case "late" if state.answered:
            return "Our answer was due on", ". You have it, but late. We are sorry."
        case "late":
            after = f", {days(-state.left)} ago. You may complain to your data protection authority."
            return "We are late. Our answer was due on", after
        case "still":
            return (
                "We wait for your answer, and so the clock stands still. Without that, our answer would be due on",
                ".",
            )
        case "soon" if state.left < 0:  # a Sunday or a holiday, and Singapore's clock
            return "Our answer is due now. Its day was", ", on which nobody works."
        case "soon" if not state.left:
            return "Our answer is due today,", "."
        case "good" | "soon":
            return "We answer by", f", in {days(state.left)}."


def stages(case: Case, answers: Sequence[SystemAnswer]) -> list[Stage]:
    """The way of the request, each stage with its date."""
    received = Stage("We received your request", "done", case.received_at)
    if case.state in STOPPED:
        words = "You withdrew it" if case.state == State.WITHDRAWN else "Nobody typed the code in time, so it ended"
        return [received, Stage(words, "none", case.closed_at)]
    if was_refused(case):
        proven = Stage(ASKED[1], "done", case.proven_at)
        return [received, proven, Stage("We refused it, and told you why", "done", case.answered_at)]
    flow, told = flow_of(case.right), answer_of(case.right)
    changing = flow.ends == "change"
    searched = [answer.searched_at for answer in answers if answer.searched_at]
    finished = [answer.finished_at for answer in answers if answer.finished_at]
    decided_at = case.confirmed_at if flow.twice else case.approved_at
    return [
        received,
        _stage(case, ASKED, (State.UNPROVEN, State.UNPROVEN), case.proven_at),
        _stage(
            case,
            SEARCHED,
            (State.SEARCHING, State.SEARCHING),
            max(searched, default=None),
            f"{len(searched)} of {len(answers)} searched so far." if answers else "",
        ),
        _stage(
            case,
            BY_LAW if case.approved_by == str(Actor.kept()) else REVIEWED,
            (State.NEEDS_PERSON, State.APPROVED if flow.twice else State.REVIEW),
            decided_at,
            "Some records could be another person's. An officer decides which are yours."
            if case.state == State.NEEDS_PERSON
            else "Nothing is sent or changed before that.",
        ),
        _stage(
            case,
            (told.going, told.gone),
            (State.CONFIRMED if changing else State.APPROVED, State.ANSWERING),
            max(finished, default=case.answered_at),
            _how_far(answers) if changing else "",
        ),
        _stage(case, ANSWERED, (State.ANSWERED, State.ANSWERED), case.answered_at),
    ]


def was_refused(case: Case) -> bool:
    """Also once it is closed."""
    return case.state == State.REFUSED or "refused" in case.outcome


# Each stage while it lasts, and once it is over.
ASKED = ("You show that the address is yours", "You showed that the address is yours")
SEARCHED = ("We search our systems", "We searched our systems")
BY_LAW = ("Nobody has to weigh it", "Nobody had to weigh it: against advertising your word is final")
REVIEWED = ("A privacy officer looks at what we found", "A privacy officer looked at what we found")
ANSWERED = ("You get our answer", "You have our answer")


def _stage(
    case: Case, words: tuple[str, str], during: tuple[State, State], at: datetime | None, note: str = ""
) -> Stage:
    """`during`: the first and the last state in which the stage goes on."""
    place, first, last = (ORDER.index(State(state)) for state in (case.state, *during))
    if place > last or case.state == State.ANSWERED:
        return Stage(words[1], "done", at)
    return Stage(words[0], "running", note=note) if place >= first else Stage(words[0], "waiting")


def _how_far(answers: Sequence[SystemAnswer]) -> str:
    done = looked_again(answers)
    if any(answer.state == Answer.NOT_DONE for answer in answers):
        return f"{done} of {len(answers)} systems done. One does not answer yet; we go on trying by ourselves."
    return f"{done} of {len(answers)} systems done so far."


def looked_again(answers: Iterable[SystemAnswer]) -> int:
    """In how many systems an erasure is done: looked at again, and nothing left that a person has to decide."""
    return sum(one.state == Answer.DONE or (one.state == Answer.CANNOT_TELL and bool(one.decided)) for one in answers)


def _system_line(case: Case, answer: SystemAnswer) -> SystemLine:
    words, mark = _system_words(case, answer)
    waits = answer.next_try_at if answer.state == Answer.NOT_DONE else None
    return SystemLine(answer.system.title, words, mark, waits)


def _system_words(case: Case, answer: SystemAnswer) -> tuple[str, Mark]:
    decided = ORDER.index(State(case.state)) >= ORDER.index(State.APPROVED)
    changing = flow_of(case.right).ends == "change"
    match answer.state:
        case Answer.WAITING:
            return "Waits for its turn.", "waiting"
        case Answer.SEARCHING:
            return "We search it now.", "running"
        case Answer.NEEDS_PERSON:
            return "Searched. An officer decides which records are yours.", "running"
        case Answer.FOUND:
            return ("Searched. " + _found(answer) if decided else "Searched."), "waiting" if changing else "done"
        case Answer.CHANGING:
            return CHANGING.get(case.right, "We do it there now."), "running"
        case Answer.NOT_DONE:
            return "Not done yet: it does not answer, or did not let us.", "failed"
        case Answer.CANNOT_TELL:
            return "We looked again and could not be sure. An officer looks at it.", "running"
        case _:
            return _finished(answer, case.right), "done"


CHANGING = {"erasure": "We erase now, and then look again.", "rectification": "We put it right, and then look again."}


def _found(answer: SystemAnswer) -> str:
    found = sum(one["own"] + one["others"] for one in answer.holdings)
    return f"{_records(found)} found." if found else "Nothing found."


def _finished(answer: SystemAnswer, right: str) -> str:
    if right == Case.Right.RECTIFICATION:
        return _put_right(answer)
    if right != Case.Right.ERASURE:
        return _found(answer)
    gone = sum(one["rows"] + one["deleted"] for one in answer.changes)
    stay = sum(one["kept"] for one in answer.changes)
    if not gone and not stay:
        return "Nothing about you was there. We looked twice."
    kept = f" The law makes us keep {_records(stay)}." if stay else ""
    return f"{_records(gone)} erased.{kept} We looked again."


def _put_right(answer: SystemAnswer) -> str:
    right = sum(one["rows"] for one in answer.changes)
    stay = sum(one["kept"] for one in answer.changes)
    if not right and not stay:
        return "Nothing of this was wrong there. We looked twice."
    kept = f" {_values(stay)} stay{'s' if stay == 1 else ''} as written in documents of the past." if stay else ""
    return f"{_values(right)} put right.{kept} We looked again."


def _values(count: int) -> str:
    return "1 value" if count == 1 else f"{count:,} values"


def _records(count: int) -> str:
    return "1 record" if count == 1 else f"{count:,} records"
