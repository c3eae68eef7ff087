"""Whose a case is, and until when it is put aside. Each answer leads back to where it was asked from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qsl
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from kept.people.access import SignedInRequest, actor_of, display_name, role_required
from kept.people.models import Account
from kept.rights import access
from kept.rights.actions import triage
from kept.rights.clocks import office_day
from kept.rights.errors import BadHold, NotNow, OwnCase, Taken, WrongChoice
from kept.rights.forms import HoldForm
from kept.rights.messages.access import unread_in
from kept.rights.models import Case
from kept.rights.queue import Asked, at_top, beside
from kept.rights.rules import OPEN
from kept.rights.views.desk import held_words, line, on_desk

TAKEN = "Somebody was quicker: it is another officer’s now. Nothing was changed."
ENDED = "This request needs nobody any more: it is answered, or has ended. Nothing was changed."


@dataclass(frozen=True)
class Working:
    """What the bar above a case offers, and where its links lead."""

    asked: Asked
    back: str
    above: Case | None
    below: Case | None
    whose: str
    mine: bool
    others: list[Account]  # officers to whom it can be given
    held: str
    unread: int  # messages and mails of the person that nobody has read
    may: bool  # an officer, and the case is open


def working(case: Case, me: Account, asked: Asked) -> Working:
    on = office_day(timezone.now())
    above, below = beside(me, asked, case, on)
    below = below or at_top(me, asked, case, on)  # from the last one to the top again
    may = me.role == Account.Roles.PRIVACY_OFFICER and case.state in OPEN
    others = [one for one in access.officers() if one.pk not in (me.pk, case.assignee_id)] if may else []
    whose = display_name(case.assignee) if case.assignee else ""
    mine = case.assignee_id == me.pk
    unread = unread_in([case.pk]).get(case.pk, 0)
    return Working(asked, on_desk(asked), above, below, whose, mine, others, held_words(case, on), unread, may)


@require_POST
@role_required("privacy_officer")
def assign(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = access.case_on_desk(request.user, case_id)
    try:
        whom = "give" if request.POST.get("to") == "give" else "to"
        to, was = _officer(request.POST.get(whom, "")), _officer(request.POST.get("was", ""))
        case = triage.assign(case, to, was=was, by=actor_of(request), at=timezone.now())
    except Taken:
        messages.warning(request, TAKEN)
    except NotNow:
        messages.warning(request, ENDED)
    except OwnCase:
        messages.warning(request, "Nobody works on their own request. Nothing was changed.")
    except WrongChoice:
        messages.warning(request, "This is no officer who works here. Nothing was changed.")
    else:
        whose = "you" if to == request.user.pk else display_name(case.assignee) if case.assignee else "nobody"
        messages.success(request, f"{case.reference} is assigned to {whose} now.")
    return redirect(where_from(request, case_id))


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("privacy_officer")
def hold(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """Until which day, and for what; or take it up again."""
    case, now = access.case_on_desk(request.user, case_id), timezone.now()
    on = office_day(now, case.clock)
    form = HoldForm(
        request.POST if request.method == "POST" and "release" not in request.POST else None,
        first=on + timedelta(days=1),
        last=max(case.due_on, on + timedelta(days=1)),
    )
    try:
        if case.state not in OPEN:
            raise NotNow(case.state)
        if request.method == "POST" and "release" in request.POST:
            triage.release(case, by=actor_of(request), at=now)
            messages.success(request, f"{case.reference} is to do again.")
            return redirect(where_from(request, case_id))
        if form.is_valid():
            until, waits_for = form.cleaned_data["until"], form.cleaned_data["waits_for"]
            triage.hold(case, until, waits_for, by=actor_of(request), at=now)
            messages.success(request, f"{case.reference} is put aside. Its clock runs on.")
            return redirect(where_from(request, case_id))
    except BadHold as refused:
        form.add_error("until", str(refused))
    except NotNow:
        messages.warning(request, ENDED)
        return redirect(where_from(request, case_id))
    asked = _asked(request)
    return render(request, "rights/hold.html", {"case": case, "line": line(case), "form": form, "asked": asked})


def where_from(request: SignedInRequest, case_id: UUID) -> str:
    """The list that it was pressed in, or the case; with the filters of the list."""
    asked = _asked(request)
    if "list" in request.POST:
        return on_desk(asked)
    return f"{reverse('desk_case', args=[case_id])}?{asked.query}"


def _asked(request: SignedInRequest) -> Asked:
    said = request.POST.get("list") or request.POST.get("asked") or request.GET.urlencode()
    return Asked.of(dict(parse_qsl(said[:2_000], max_num_fields=30)))


def _officer(text: str) -> UUID | None:
    """Raises WrongChoice."""
    try:
        return UUID(text) if text else None
    except ValueError:
        raise WrongChoice from None
