"""What waits for a second person, and the overview of this room."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from kept.people.access import SignedInRequest, actor_of, role_required
from kept.people.called import called_of
from kept.people.step_up import step_up
from kept.rights.errors import OwnCase
from kept.security.approvals import KINDS, ApprovalOver, MayNotApprove, NoLongerFits, SamePerson
from kept.security.approvals import actions as do
from kept.security.approvals.access import concerning, waiting_for
from kept.security.models import Approval, Breach
from kept.security.reading.access import unsettled
from kept.site.security.controls import due_now

PAGE = 50
PAGES = {
    "rights.case": "desk_dry_run",
    "security.breach": "security_breach",
    "complaints.enquiryanswer": "desk_enquiry_answer",
    "complaints.bundle": "desk_bundle",
}


@dataclass(frozen=True)
class Shown:
    approval: Approval
    words: str
    asked_by: str
    decided_by: str
    mine: bool
    may: bool


@require_safe
@role_required("privacy_officer", "engineer", "auditor")
def overview(request: SignedInRequest) -> HttpResponse:
    """How many of each wait for somebody."""
    at = timezone.now()
    context = {
        "approvals": waiting_for(actor_of(request), at).count(),
        "unsettled": unsettled().count(),
        "controls": due_now(at).count(),
        "breaches": Breach.objects.filter(closed_at=None).count(),
    }
    return render(request, "security/overview.html", context)


@require_safe
@role_required("privacy_officer", "engineer", "auditor")
def approvals(request: SignedInRequest) -> HttpResponse:
    page = Paginator(concerning(actor_of(request)), PAGE).get_page(request.GET.get("page"))
    rows = [_shown(request, one) for one in page]
    waiting = [row for row in rows if row.approval.state == Approval.State.WAITING]
    ended = [row for row in rows if row.approval.state != Approval.State.WAITING]
    return render(request, "security/approvals.html", {"page": page, "waiting": waiting, "ended": ended})


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("privacy_officer", "engineer", "auditor")
@step_up
def approval(request: SignedInRequest, approval_id: UUID) -> HttpResponse:
    """One of them: approve it, which does it at once, refuse it, or take one's own back."""
    found = concerning(actor_of(request)).filter(pk=approval_id).first()
    if found is None:
        raise Http404
    if request.method != "POST":
        return render(request, "security/approval.html", {"row": _shown(request, found), "link": _link(found)})
    by, at = actor_of(request), timezone.now()
    try:
        if request.POST.get("do") == "approve":
            do.approve(found, by=by, at=at)
            messages.success(request, "Approved, and done.")
        elif request.POST.get("do") == "refuse":
            done = do.refuse(found, by=by, at=at)
            messages.success(request, "Taken back." if done.state == Approval.State.WITHDRAWN else "Refused.")
    except SamePerson:
        messages.error(request, "You asked for this yourself. Somebody else has to approve it.")
    except MayNotApprove:
        messages.error(request, "Your role does not approve this.")
    except OwnCase:
        messages.error(request, "That request is your own. Another privacy officer has to approve it.")
    except ApprovalOver as over:
        messages.warning(request, f"Nothing was done: {over.state}.")
    except NoLongerFits as changed:
        do.void(found, by=by, at=at)
        messages.warning(request, f"Nothing was done. {changed.why}")
    return redirect("security_approvals")


def _shown(request: SignedInRequest, one: Approval) -> Shown:
    kind, me = KINDS.get(one.kind), actor_of(request)
    mine = one.asker == request.user.pk
    words = kind.words if kind else one.kind
    may = kind is not None and not mine and me.role in kind.approve
    return Shown(one, words, called_of(one.asked_by), called_of(one.decided_by) if one.decided_by else "", mine, may)


def _link(one: Approval) -> str:
    """Where the second person sees what it is about."""
    label, _, pk = one.about.partition(":")
    if one.kind == "rights.refuse":
        return reverse("desk_refusal", args=[pk])
    page = PAGES.get(label)
    return reverse(page, args=[pk]) if page else ""
