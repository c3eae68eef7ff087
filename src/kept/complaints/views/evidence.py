"""Bundles of evidence: make one, have a second officer allow what names the person, fetch it, remove it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kept.complaints import actions
from kept.complaints.actions.bundling import PERSONAL, open_bundle
from kept.complaints.errors import ComplaintError, NotNow
from kept.complaints.evidence.collecting import dossiers_of
from kept.complaints.forms import EvidenceForm
from kept.complaints.models import Bundle
from kept.complaints.views.private import private
from kept.people.access import SignedInRequest, actor_of, role_required
from kept.people.called import called_of
from kept.people.matters import Kind, Matter, kind_of, numbered
from kept.people.models import Account
from kept.people.step_up import step_up
from kept.security.approvals.access import waiting_about
from kept.security.ledger_errors import LedgerError
from kept.security.sealed_files import FileUnreadable

STOPPED = "No bundle can be made now: the ledger cannot prove its entries. Tell an engineer."


@require_http_methods(["GET", "HEAD", "POST"])
@private
@role_required("privacy_officer", "auditor")
@step_up
def evidence(request: SignedInRequest, word: str, key: UUID) -> HttpResponse:
    """Of one request, complaint or enquiry."""
    kind, matter = _matter(word, key)
    officer = request.user.role == Account.Roles.PRIVACY_OFFICER
    form = EvidenceForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and not officer:
        raise Http404
    if request.method == "POST" and form.is_valid() and _made(request, matter, form):
        return redirect("desk_evidence", word, key)
    found = Bundle.objects.filter(matter=matter.name)
    context = {
        "matter": matter,
        "page": kind.page,
        "linked": [one.matter for one in dossiers_of(matter.name)[1:]],
        "form": form,
        "officer": officer,
        "bundles": [(one, called_of(one.asked_by)) for one in found],
    }
    return render(request, "complaints/evidence.html", context)


def _made(request: SignedInRequest, matter: Matter, form: EvidenceForm) -> bool:
    personal, reason = form.cleaned_data["personal"], form.cleaned_data["reason"]
    try:
        actions.ask_for_bundle(matter, reason, personal=personal, by=actor_of(request), at=timezone.now())
    except LedgerError:
        form.add_error(None, STOPPED)
        return False
    except ComplaintError as refused:
        form.add_error("reason", str(refused) or "It cannot be made.")
        return False
    asked = "Asked. It is made once another officer has allowed it."
    messages.success(request, asked if personal else "Made, and signed. Fetch it below.")
    return True


@require_http_methods(["GET", "HEAD", "POST"])
@private
@role_required("privacy_officer", "auditor")
def bundle(request: SignedInRequest, bundle_id: UUID) -> HttpResponse:
    """One bundle: what is in it, why what names the person was asked for, and who allowed it."""
    found = _bundle(bundle_id)
    officer = request.user.role == Account.Roles.PRIVACY_OFFICER
    if request.method == "POST":
        if not officer:
            raise Http404
        actions.remove_bundle(found, by=actor_of(request), at=timezone.now())
        messages.success(request, "The bundle is removed. What was fetched before stays where it is.")
        return redirect("desk_bundle", bundle_id)
    label, _, key = found.matter.partition(":")
    kind = kind_of(label)
    context = {
        "bundle": found,
        "word": kind.word if kind else "",
        "key": key,
        "officer": officer,
        "reason": found.reason if officer and found.key is not None else "",
        "asked_by": called_of(found.asked_by),
        "made_by": called_of(found.made_by) if found.made_by else "",
        "waits": waiting_about(PERSONAL, "complaints.bundle", found.pk, timezone.now()),
    }
    return render(request, "complaints/bundle.html", context)


@require_POST
@private
@role_required("privacy_officer")
@step_up
def fetch(request: SignedInRequest, bundle_id: UUID) -> HttpResponseBase:
    found = _bundle(bundle_id)
    try:
        content = open_bundle(found)
    except (FileUnreadable, OSError):
        messages.warning(request, "That file cannot be fetched any more. Make a new one.")
        return redirect("desk_bundle", bundle_id)
    try:
        actions.bundle_given(found, by=actor_of(request), at=timezone.now())
    except NotNow:
        content.close()
        messages.warning(request, "That file cannot be fetched any more. Make a new one.")
        return redirect("desk_bundle", bundle_id)
    except BaseException:
        content.close()
        raise
    name = f"evidence-{found.reference}.zip"
    answer = FileResponse(content, as_attachment=True, filename=name, content_type="application/zip")
    answer.headers["Content-Length"] = str(found.size)
    return answer


def _bundle(bundle_id: UUID) -> Bundle:
    found = Bundle.objects.filter(pk=bundle_id).first()
    if found is None:
        raise Http404
    return found


def _matter(word: str, key: UUID) -> tuple[Kind, Matter]:
    kind = kind_of(word)
    found = kind.get(key) if kind and kind.word == word else None
    if kind is None or found is None:
        raise Http404
    return kind, found


@require_safe
@private
@role_required("privacy_officer", "auditor")
def find(request: SignedInRequest) -> HttpResponse:
    """From a number to the page where its evidence is made."""
    number = request.GET.get("number", "")[:40]
    matter = numbered(number) if number else None
    kind = kind_of(matter.label) if matter else None
    if matter and kind:
        return redirect("desk_evidence", kind.word, matter.id)
    recent = Bundle.objects.exclude(state=Bundle.State.GONE)[:50]
    return render(request, "complaints/evidence_find.html", {"number": number, "bundles": recent})
