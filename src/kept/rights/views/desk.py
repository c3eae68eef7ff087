"""The desk: which requests there are, and which of them wait for an officer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from kept.people.access import SignedInRequest, role_required
from kept.people.models import Account
from kept.rights import access
from kept.rights.models import Case, SystemAnswer
from kept.rights.standing import is_stuck
from kept.rights.views.due import Due, due
from kept.rights.views.shown import looked_again
from kept.rights.views.status import today

PAGE = 50
State = Case.State
Answer = SystemAnswer.State

DeskMark = Literal["todo", "running", "done", "none"]


@dataclass(frozen=True)
class Filter:
    name: str
    words: str
    empty: str
    choose: Callable[[Account], QuerySet[Case]]


FILTERS = (
    Filter("todo", "To do", "Nothing waits for you.", access.to_do),
    Filter("open", "All open", "No request is open.", access.desk),
    Filter(
        "answered",
        "Answered",
        "No answer is out. Requests stand here for 30 days after their answer.",
        lambda who: access.desk(who, state=State.ANSWERED),
    ),
    Filter("closed", "Closed", "No request was closed yet.", lambda who: access.desk(who, state=State.CLOSED)),
    Filter("withdrawn", "Withdrawn", "Nobody withdrew a request.", lambda who: access.desk(who, state=State.WITHDRAWN)),
)


@dataclass(frozen=True)
class Line:
    """One request in the queue."""

    case: Case
    due: Due
    state: str
    mark: DeskMark
    done: int
    of: int
    verb: str  # what was done in so many systems: "searched"; "done" only where somebody has looked again


@require_safe
@role_required("privacy_officer", "auditor")
def desk(request: SignedInRequest) -> HttpResponse:
    asked = request.GET.get("show", "")
    shown = next((one for one in FILTERS if one.name == asked), FILTERS[0])
    cases = access.with_answers(shown.choose(request.user))
    page = Paginator(cases, PAGE).get_page(request.GET.get("page"))
    context: dict[str, object] = {
        "show": shown.name,
        "empty": shown.empty,
        "page": page,
        "lines": [line(case, list(case.answers.all())) for case in page],
    }
    seen = digest_of(context["lines"])
    if request.GET.get("part") == "queue":
        if request.GET.get("seen") == seen:
            return HttpResponse(status=204)
        return render(request, "rights/queue.html", context | {"seen": seen})
    filters = [(one, one.choose(request.user).count()) for one in FILTERS]
    return render(request, "rights/desk.html", context | {"seen": seen, "filters": filters})


def line(case: Case, answers: Sequence[SystemAnswer] | None = None) -> Line:
    """`answers`: what its systems said, where that is read already."""
    if answers is None:
        answers = access.answers_in(case)
    words, mark = state_words(case, answers)
    return Line(case, due(case, today(case)), words, mark, *how_far(case, answers))


def state_words(case: Case, answers: Sequence[SystemAnswer]) -> tuple[str, DeskMark]:
    """What the case waits for, in the desk's words; `todo`: for an officer."""
    open_still = case.state not in (State.ANSWERED, State.CLOSED, State.EXPIRED, State.WITHDRAWN)
    if open_still and any(answer.state == Answer.NEEDS_PERSON for answer in answers):
        return "choose accounts", "todo"
    if case.state == State.ANSWERING and any(is_stuck(answer) for answer in answers):
        return "judge remains", "todo"
    access_right = case.right == Case.Right.ACCESS
    words: dict[str, tuple[str, DeskMark]] = {
        State.SEARCHING: ("being searched", "running"),
        State.REVIEW: ("review", "todo"),
        State.APPROVED: ("copy is being made", "running") if access_right else ("confirm the erasure", "todo"),
        State.CONFIRMED: ("erasure begins", "running"),
        State.ANSWERING: ("copy is being made", "running") if access_right else ("being erased", "running"),
        State.ANSWERED: ("answered", "done"),
        State.CLOSED: ("closed", "none"),
        State.EXPIRED: ("expired", "none"),
        State.WITHDRAWN: ("withdrawn", "none"),
    }
    return words.get(State(case.state), (case.get_state_display(), "running"))


def how_far(case: Case, answers: Sequence[SystemAnswer]) -> tuple[int, int, str]:
    """In how many of the systems what was done: searched; and once an erasure is confirmed, done: looked at again."""
    if case.right == Case.Right.ERASURE and case.confirmed_at is not None:
        return looked_again(answers), len(answers), "done"
    searched = (Answer.FOUND, Answer.DONE, Answer.CANNOT_TELL)
    return sum(answer.state in searched for answer in answers), len(answers), "searched"


def digest_of(shown: object) -> str:
    return sha256(repr(shown).encode()).hexdigest()[:16]
