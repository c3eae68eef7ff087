"""The breach register: report, judge, count, draft, tell, close."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kept.information.models import System
from kept.people.access import SignedInRequest, actor_of, role_required
from kept.people.called import called_of
from kept.people.models import Account
from kept.people.step_up import step_up
from kept.security.approvals.access import waiting_about
from kept.security.approvals.actions import ask
from kept.security.breaches import actions as do
from kept.security.breaches.actions import BreachError, DutiesOpen
from kept.security.breaches.drafts import CATEGORIES, draft
from kept.security.breaches.facts import OPEN, digest_of, facts_of, left_to_do, people_of, records_by_category
from kept.security.breaches.rules import Duty, duties
from kept.security.models import Approval, Breach, Notice
from kept.site.security.breach_forms import FactsForm, NoticeForm, ReportForm
from kept.terms import Actor
from kept.vault.fields import open_all

WHOM = {
    "assess": "Find out whether it must be told in Singapore",
    "authority": "Tell the data protection authority",
    "people": "Tell the people concerned",
    "pdpc": "Tell the commission in Singapore (PDPC)",
    "pdpc_people": "Tell the people concerned, under the law of Singapore",
}
STAND = {
    "met": ("met", "done in time"), "met late": ("late", "done, too late"), "runs": ("good", "to do"),
    "soon": ("soon", "due within a day"), "late": ("late", "overdue"), "not needed": ("none", "not needed"),
    "decide": ("soon", "to decide"),
}  # fmt: skip


@require_safe
@role_required("privacy_officer", "engineer", "support", "auditor")
def breaches(request: SignedInRequest) -> HttpResponse:
    """Staff who may report see that a breach is registered, not what it is: the officer and auditors do."""
    may_read = request.user.role in (Account.Roles.PRIVACY_OFFICER, Account.Roles.AUDITOR)
    at = timezone.now()
    found = list(Breach.objects.prefetch_related("notices")) if may_read else []
    open_all(found)
    rows = [(one, _next(one, at)) for one in found]
    context = {"rows": rows, "may_read": may_read, "may_report": request.user.role in do.MAY_REPORT}
    return render(request, "security/breaches.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("support", "engineer", "privacy_officer")
def report(request: SignedInRequest) -> HttpResponse:
    form = ReportForm(request.POST if request.method == "POST" else None, label_suffix="")
    if request.method == "POST" and form.is_valid():
        try:
            made = do.report_breach(**form.cleaned_data, by=actor_of(request), at=timezone.now())
        except BreachError as problem:
            form.add_error("aware_at", str(problem))
        else:
            messages.success(request, f"Registered as {made.reference}. The clock runs from when we knew of it.")
            officer = request.user.role == Account.Roles.PRIVACY_OFFICER
            return redirect("security_breach", made.pk) if officer else redirect("security_breaches")
    return render(request, "security/breach_report.html", {"form": form})


@require_safe
@role_required("privacy_officer", "auditor")
def breach(request: SignedInRequest, breach_id: UUID) -> HttpResponse:
    found, at = _breach(breach_id), timezone.now()
    context = {
        "breach": found,
        "officer": request.user.role == Account.Roles.PRIVACY_OFFICER,
        "duties": [_shown(duty) for duty in duties(facts_of(found), at)],
        "asked": waiting_about(do.CLOSE, "security.breach", found.pk, at),
        "notices": [(one, called_of(one.by)) for one in found.notices.all()],
        "people": people_of(found),
        "categories": [(CATEGORIES.get(name, name), count) for name, count in records_by_category(found).items()],
        "reported_by": called_of(found.reported_by),
        "titles": [title for name, title in System.objects.values_list("name", "title") if name in found.systems],
    }
    return render(request, "security/breach.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("privacy_officer")
def facts(request: SignedInRequest, breach_id: UUID) -> HttpResponse:
    found = _breach(breach_id)
    initial = {name: getattr(found, name) for name in FactsForm.base_fields}
    form = FactsForm(request.POST if request.method == "POST" else None, initial=initial, label_suffix="")
    if request.method == "POST" and form.is_valid():
        try:
            do.change_breach(found, form.cleaned_data, by=actor_of(request), at=timezone.now())
        except BreachError as problem:
            form.add_error(None, str(problem) or "This breach is closed.")
        else:
            messages.success(request, "Written down.")
            return redirect("security_breach", breach_id)
    return render(request, "security/breach_facts.html", {"form": form, "breach": found})


@require_POST
@role_required("privacy_officer")
def count(request: SignedInRequest, breach_id: UUID) -> HttpResponse:
    """Count what the systems concerned hold. A worker does it; the page shows it when it is there."""
    found = _breach(breach_id)
    if not found.systems:
        messages.warning(request, "Say first which systems are concerned.")
        return redirect("security_breach_facts", breach_id)
    try:
        do.ask_for_count(found, by=actor_of(request), at=timezone.now())
    except BreachError:
        messages.warning(request, "This breach is closed. Nothing was counted.")
    else:
        messages.success(request, "Being counted. Load this page again in a moment.")
    return redirect("security_breach", breach_id)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("privacy_officer")
def notice(request: SignedInRequest, breach_id: UUID, to: str) -> HttpResponse:
    """The draft of one notice, to complete; and to write down that it was sent."""
    found = _breach(breach_id)
    if to not in Notice.To.values:
        raise Http404
    at = timezone.now()
    initial = {"text": draft(found, to, at), "sent_at": at}
    form = NoticeForm(request.POST if request.method == "POST" else None, initial=initial, label_suffix="")
    if request.method == "POST" and form.is_valid():
        try:
            do.notice_sent(found, to, **form.cleaned_data, by=actor_of(request), at=at)
        except BreachError as problem:
            form.add_error("sent_at", str(problem) or "This breach is closed.")
        else:
            messages.success(request, "Written down, with the text.")
            return redirect("security_breach", breach_id)
    return render(request, "security/breach_notice.html", {"form": form, "breach": found, "whom": Notice.To(to).label})


@require_POST
@role_required("privacy_officer")
@step_up
def close(request: SignedInRequest, breach_id: UUID) -> HttpResponse:
    """Close it; where that takes two officers, ask for the second one."""
    found, by, at = _breach(breach_id), actor_of(request), timezone.now()
    two = "breach" in settings.TWO_PERSONS and found.closed_at is None
    try:
        done = _ask_to_close(found, by, at) if two else do.close_breach(found, by=by, at=at)
    except DutiesOpen as left:
        words = "; ".join(WHOM[whom].lower() for whom in left.whom)
        messages.warning(request, f"It cannot be closed yet. Left to do: {words}.")
    else:
        asked = "Asked. It is closed once another officer has approved that."
        messages.success(request, asked if isinstance(done, Approval) else "Closed. It stays in the register.")
    return redirect("security_breach", breach_id)


def _ask_to_close(breach: Breach, by: Actor, at: datetime) -> Approval:
    """Raises DutiesOpen."""
    if left := left_to_do(breach, at):
        raise DutiesOpen(left)
    return ask(do.CLOSE, breach, f"Breach {breach.reference}", seen=digest_of(breach), by=by, at=at)


def _breach(breach_id: UUID) -> Breach:
    found = Breach.objects.filter(pk=breach_id).first()
    if found is None:
        raise Http404
    return found


def _shown(duty: Duty) -> dict[str, object]:
    state, words = STAND[duty.stand]
    told = duty.whom if duty.whom in Notice.To.values else ""
    return {"words": WHOM[duty.whom], "state": state, "stand": words, "due": duty.due_at, "why": duty.why, "to": told}


def _next(one: Breach, at: datetime) -> Duty | None:
    """What is due first."""
    if one.closed_at is not None:
        return None
    left = [duty for duty in duties(facts_of(one), at) if duty.stand in OPEN]
    return min(left, key=lambda duty: duty.due_at or datetime.max.replace(tzinfo=UTC), default=None)
