"""The desk of complaints: the queue, and one complaint with the next step always on top."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from kept.complaints import actions
from kept.complaints.access import about_of, file_of, mails_of, notes_of, officers, on_desk, queue, why_not
from kept.complaints.clocks import laws
from kept.complaints.errors import NoWay, TooLong, TooMany
from kept.complaints.forms import NOT_AN_ADDRESS, WriteDownForm
from kept.complaints.history import entry_for_staff, history_of
from kept.complaints.models import Complaint
from kept.complaints.rules import MAY, OPEN
from kept.complaints.views.person import AGAIN, NOT_NOW, handed_out, receipt_file
from kept.complaints.views.private import private
from kept.complaints.views.shown import Line, line
from kept.people.access import SignedInRequest, actor_of, role_required
from kept.people.called import called_by
from kept.people.matters import concerning, numbered
from kept.people.models import Account
from kept.post.outbox import BadAddress
from kept.security.uploads import UploadRefused

PAGE = 50
State = Complaint.State
FAR = datetime.max.replace(tzinfo=UTC).date()
Found = QuerySet[Complaint]


@dataclass(frozen=True)
class Filter:
    name: str
    words: str
    empty: str
    choose: Callable[[Found], Found]


FILTERS = (
    Filter("open", "Open", "No complaint is open.", lambda all: all.filter(state__in=OPEN) | all.filter(unread=True)),
    Filter("answered", "Answered", "No answer is out.", lambda all: all.filter(state=State.DECIDED, unread=False)),
    Filter("ended", "Ended", "None has ended yet.", lambda all: all.filter(state__in=(State.CLOSED, State.WITHDRAWN))),
)


@require_safe
@role_required("privacy_officer", "auditor")
def complaints(request: SignedInRequest) -> HttpResponse:
    asked = request.GET.get("show", "")
    shown = next((one for one in FILTERS if one.name == asked), FILTERS[0])
    everything, at = queue(request.user), timezone.now()
    lines = [line(one, at) for one in shown.choose(everything)]
    if shown.name == "open":
        lines.sort(key=_first)
    page = Paginator(lines, PAGE).get_page(request.GET.get("page"))
    filters = [(one, one.choose(everything).count()) for one in FILTERS]
    context = {"filters": filters, "show": shown.name, "empty": shown.empty, "page": page}
    return render(request, "complaints/queue.html", context)


def _first(one: Line) -> tuple[object, ...]:
    return one.step.due or FAR, one.complaint.received_at, str(one.complaint.pk)


@require_safe
@private
@role_required("privacy_officer", "auditor")
def complaint(request: SignedInRequest, complaint_id: UUID) -> HttpResponse:
    found, at = on_desk(request.user, complaint_id), timezone.now()
    actions.looked_at(found, by=actor_of(request), at=at)
    officer = request.user.role == Account.Roles.PRIVACY_OFFICER
    reads = officer and found.key is not None
    notes = notes_of(found) if reads else []
    called = called_by({one.by for one in notes if not one.by.startswith("mail:")})
    why = why_not(found, str(request.user.pk)) if officer else ""
    about = about_of(found)
    named = numbered(found.about_named) if reads and found.about_named else None
    context = {
        "complaint": found,
        "line": line(found, at),
        "officer": officer,
        "reads": reads,
        "why_not": why,
        "mine": found.assignee_id == request.user.pk and not why,
        "may": {step: found.state in states for step, states in MAY.items()},
        "about": about,
        "named": named if named and named.id != found.pk and (about is None or named.id != about.id) else None,
        "able": any(not reason for _, reason in officers(found)),
        "concerning": list(concerning(f"{found._meta.label_lower}:{found.pk}")),
        "notes": [(one, called.get(one.by, "the person, by mail")) for one in notes],
        "files": list(found.files.all()) if officer else [],
        "mails": mails_of(found.pk),
        "history": history_of(found),
        "law": dict(laws()).get(found.law, found.law),
    }
    return render(request, "complaints/desk.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@private
@role_required("support", "privacy_officer")
def write_down(request: SignedInRequest) -> HttpResponse:
    """What came by letter, by telephone or at the counter: the same complaint as on the site, from when it came."""
    form = WriteDownForm(request.POST, request.FILES) if request.method == "POST" else WriteDownForm()
    if request.method == "POST" and form.is_valid() and (made := _write_down(request, form)):
        found = made.complaint
        told = "They are told by mail." if found.acknowledged_at else "They have still to be told that it is here."
        messages.success(request, f"Written down as {found.reference}. {told}")
        officer = request.user.role == Account.Roles.PRIVACY_OFFICER
        return redirect("desk_complaint", found.pk) if officer else redirect("desk_complaint_new")
    if request.FILES:
        form.add_error("attached", AGAIN)
    return render(request, "complaints/write_down.html", {"form": form})


def _write_down(request: SignedInRequest, form: WriteDownForm) -> actions.Opened | None:
    told = {"files" if name == "attached" else name: value for name, value in form.cleaned_data.items()}
    try:
        return actions.open_complaint(**told, by=actor_of(request), at=timezone.now())
    except (UploadRefused, TooMany) as refused:
        form.add_error("attached", str(refused))
    except (NoWay, BadAddress):
        form.add_error("email", NOT_AN_ADDRESS)
    except TooLong as refused:
        form.add_error("words", str(refused))
    return None


@require_safe
@private
@role_required("privacy_officer")
def file(request: SignedInRequest, complaint_id: UUID, file_id: UUID) -> HttpResponseBase:
    """A file of the complaint; that it was opened stands in the ledger."""
    found, content = file_of(on_desk(request.user, complaint_id), file_id)
    try:
        actions.file_given(found, by=actor_of(request), at=timezone.now())
    except BaseException:
        content.close()
        raise
    return handed_out(found, content)


@require_safe
@private
@role_required("privacy_officer", "auditor")
def receipt(request: SignedInRequest, complaint_id: UUID, number: int) -> HttpResponse:
    found = on_desk(request.user, complaint_id)
    answer = receipt_file(found, entry_for_staff(found, number))
    if answer is None:
        messages.warning(request, NOT_NOW)
        return redirect("desk_complaint", complaint_id)
    return answer
