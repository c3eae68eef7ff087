"""The desk: which requests there are, and which of them wait for an officer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Literal
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from kept.engine.errors import NotAnIdentifier
from kept.people.access import SignedInRequest, actor_of, display_name, role_required
from kept.people.models import Account
from kept.rights import access
from kept.rights.actions.triage import looked_for
from kept.rights.answers import answer_of
from kept.rights.clocks import law_name, laws, office_day
from kept.rights.flows import flow_of
from kept.rights.history import onlookers_of
from kept.rights.messages.access import unread_in
from kept.rights.models import Case, SystemAnswer
from kept.rights.offered import OFFERS
from kept.rights.queue import (
    DUE,
    HELD,
    NEWS,
    WHO,
    Asked,
    Page,
    answers_of,
    by_reference,
    cases_for,
    counted,
    digests_of,
    page_of,
)
from kept.rights.rules import OPEN
from kept.rights.standing import is_stuck
from kept.rights.views.due import Due, due
from kept.rights.views.shown import looked_again
from kept.rights.views.status import today

State = Case.State
Answer = SystemAnswer.State

DeskMark = Literal["todo", "running", "done", "none"]


@dataclass(frozen=True)
class Tab:
    name: str
    words: str
    empty: str


TABS = (
    Tab("todo", "To do", "Nothing waits for you."),
    Tab("open", "All open", "No request is open."),
    Tab("answered", "Answered", "No answer is out. Requests stand here for 30 days after their answer."),
    Tab("refused", "Refused", "No refusal is out. Requests stand here for 30 days after it."),
    Tab("closed", "Closed", "No request was closed yet."),
    Tab("withdrawn", "Withdrawn", "Nobody withdrew a request."),
)
EVERYWHERE = Tab("any", "All", "There is no such request.")
LONGEST_SEARCH = 254


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


@dataclass(frozen=True)
class Row:
    """One line of the queue, with who works on it."""

    line: Line
    whose: str  # "": nobody's
    mine: bool
    may_be_taken: bool
    held: str  # until when, and what it waits for; "": it is not put aside
    unread: int  # messages and mails of the person that nobody has read
    others: str  # who else has it on their screen


@require_safe
@role_required("privacy_officer", "auditor")
def desk(request: SignedInRequest) -> HttpResponse:
    asked, now = Asked.of(request.GET.dict()), timezone.now()
    on = office_day(now)
    cases = cases_for(request.user, asked, on)
    page = page_of(cases, after=uuid_of(request, "after"), before=uuid_of(request, "before"))
    tab = next((one for one in TABS if one.name == asked.show), EVERYWHERE)
    rows = rows_of(page, request.user, on)
    context: dict[str, object] = {
        "asked": asked,
        "tab": tab,
        "page": page,
        "rows": rows,
        "officer": request.user.role == Account.Roles.PRIVACY_OFFICER,
        "where": "&".join(filter(None, [asked.query, *(f"{k}={v}" for k, v in _place(request).items())])),
    }
    seen = digest_of(rows)
    if request.GET.get("part") == "queue":
        if request.GET.get("seen") == seen:
            return HttpResponse(status=204)
        return render(request, "rights/queue.html", context | {"seen": seen})
    counts = counted(request.user, asked, on)
    tabs = [(one, asked.shown_as(one.name).query, counts[one.name]) for one in TABS if _is_shown(one, asked, counts)]
    return render(request, "rights/desk.html", context | {"seen": seen, "tabs": tabs, "choices": choices_of(asked)})


@require_POST
@role_required("privacy_officer")
def find(request: SignedInRequest) -> HttpResponse:
    """A number, or a part of it. Or a whole e-mail address: it is looked for by its keyed hash, and that is logged."""
    typed = request.POST.get("find", "").strip()[: LONGEST_SEARCH + 1]
    if "@" in typed:
        try:
            asked = Asked(show="any", address=digests_of(typed))
        except NotAnIdentifier:
            messages.warning(request, "This is not a whole e-mail address. It looks like name@example.com.")
            return redirect("desk")
        cases = list(cases_for(request.user, asked, office_day(timezone.now()))[:LONGEST_SEARCH])
        looked_for(cases, by=actor_of(request), at=timezone.now())
        if not cases:
            messages.warning(request, NOBODY)
        return redirect(on_desk(asked))
    asked = Asked.of({"show": "any", "reference": typed})
    if not asked.reference:
        messages.warning(request, "Type a request’s number, or a whole e-mail address.")
        return redirect("desk")
    exact = by_reference(request.user, asked.reference)
    return redirect("desk_case", exact.pk) if exact else redirect(on_desk(asked))


NOBODY = "No request has this address. Requests that have ended have none any more: look for their number."


def on_desk(asked: Asked) -> str:
    return f"{reverse('desk')}?{asked.query}"


def rows_of(page: Page, me: Account, on: date) -> list[Row]:
    """A handful of statements for all of them."""
    answers, new = answers_of(page.cases), unread_in([case.pk for case in page.cases])
    looking = onlookers_of([case.pk for case in page.cases], me, timezone.now())
    return [
        Row(
            line(case, answers[case.pk]),
            display_name(case.assignee) if case.assignee else "",
            case.assignee_id == me.pk,
            me.role == Account.Roles.PRIVACY_OFFICER and case.assignee_id is None and case.state in OPEN,
            held_words(case, on),
            new.get(case.pk, 0),
            ", ".join(one.called for one in looking.get(case.pk, ())),
        )
        for case in page.cases
    ]


def held_words(case: Case, on: date) -> str:
    """waits for the person"""
    return case.get_held_for_display() if case.held_until and case.held_until > on else ""


def choices_of(asked: Asked) -> list[tuple[str, str, str, list[tuple[str, str]]]]:
    """(name, words, what is chosen, [(value, words)]) of each thing a queue can be narrowed by."""
    rights = [(offer.name, offer.short.capitalize()) for offer in OFFERS]
    states = [(one.value, one.label.capitalize()) for one in State if one not in (State.UNPROVEN, State.EXPIRED)]
    table: list[tuple[str, str, list[tuple[str, str]]]] = [
        ("right", "Right", rights),
        ("due", "Answer", [(name, words.capitalize()) for name, words in DUE.items()]),
        ("who", "Assigned to", [(name, words.capitalize()) for name, words in WHO.items()]),
        ("held", "On hold", [(name, words.capitalize()) for name, words in HELD.items()]),
        ("news", "Messages", [(name, words.capitalize()) for name, words in NEWS.items()]),
        ("state", "State", states),
        ("door", "Came by", [(one.value, one.label.capitalize()) for one in Case.Channel]),
        ("law", "Law", [(name, law_name(name)) for name in laws()]),
    ]
    return [(name, words, getattr(asked, name), options) for name, words, options in table]


def uuid_of(request: HttpRequest, name: str) -> UUID | None:
    try:
        return UUID(request.GET.get(name, ""))
    except ValueError:
        return None


def _place(request: HttpRequest) -> dict[str, UUID]:
    return {name: found for name in ("after", "before") if (found := uuid_of(request, name))}


def _is_shown(tab: Tab, asked: Asked, counts: Mapping[str, int]) -> bool:
    """A tab that is rarely filled stands there when something is in it, or when it is open."""
    return tab.name != "refused" or bool(counts[tab.name]) or asked.show == tab.name


def line(case: Case, answers: Sequence[SystemAnswer] | None = None) -> Line:
    """`answers`: what its systems said, where that is read already."""
    if answers is None:
        answers = access.answers_in(case)
    words, mark = state_words(case, answers)
    return Line(case, due(case, today(case)), words, mark, *how_far(case, answers))


def state_words(case: Case, answers: Sequence[SystemAnswer]) -> tuple[str, DeskMark]:
    """What the case waits for, in the desk's words; `todo`: for an officer."""
    open_still = case.state not in (State.ANSWERED, State.REFUSED, State.CLOSED, State.EXPIRED, State.WITHDRAWN)
    if open_still and any(answer.state == Answer.NEEDS_PERSON for answer in answers):
        return "choose accounts", "todo"
    if case.state == State.ANSWERING and any(is_stuck(answer) for answer in answers):
        return ("judge remains" if case.right == Case.Right.ERASURE else "see to it by hand"), "todo"
    making, erasing = answer_of(case.right).making, case.right == Case.Right.ERASURE
    words: dict[str, tuple[str, DeskMark]] = {
        State.SEARCHING: ("being searched", "running"),
        State.REVIEW: ("review", "todo"),
        State.APPROVED: ("confirm the erasure", "todo") if erasing else (making, "running"),
        State.CONFIRMED: ("erasure begins" if erasing else making, "running"),
        State.ANSWERING: (making, "running"),
        State.ANSWERED: ("answered", "done"),
        State.REFUSED: ("refused", "done"),
        State.CLOSED: ("closed", "none"),
        State.EXPIRED: ("expired", "none"),
        State.WITHDRAWN: ("withdrawn", "none"),
    }
    return words.get(State(case.state), (case.get_state_display(), "running"))


def how_far(case: Case, answers: Sequence[SystemAnswer]) -> tuple[int, int, str]:
    """In how many of the systems what was done: searched; and once a change is confirmed, done: looked at again."""
    if flow_of(case.right).ends == "change" and case.confirmed_at is not None:
        return looked_again(answers), len(answers), "done"
    searched = (Answer.FOUND, Answer.DONE, Answer.CANNOT_TELL)
    return sum(answer.state in searched for answer in answers), len(answers), "searched"


def digest_of(shown: object) -> str:
    return sha256(repr(shown).encode()).hexdigest()[:16]
