"""The copy of an identity document: the person uploads it, an officer looks at it once, and then it goes."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from kept.engine.errors import EngineError
from kept.people.access import SignedInRequest, actor_of, role_required
from kept.people.step_up import step_up
from kept.rights import actions
from kept.rights.errors import MayNot, NotNow, OwnCase, TooOften
from kept.rights.mandate_forms import MissingForm
from kept.rights.mandates.access import mandate_of
from kept.rights.offered import offer_of
from kept.rights.proof.claims import claim_of, fits_of, named
from kept.rights.proof.models import ProofStep
from kept.rights.staff_access import case_to_prove, document_of, document_wanted, step_of_document
from kept.rights.staff_forms import DocumentForm, DoubtForm
from kept.rights.views.private import private
from kept.rights.views.proofs import AWAY, OWN, STAFF, TOO_OFTEN
from kept.rights.views.status import followed
from kept.security.uploads import UploadRefused


@require_http_methods(["GET", "HEAD", "POST"])
@private
def upload(request: HttpRequest, key: str) -> HttpResponse:
    """The person uploads it, on the page that our mail or letter names."""
    here = followed(request, key)
    step = document_wanted(here.case)
    if step is None:
        messages.warning(request, "We wait for no document of yours. Nothing was sent.")
        return redirect("request", key)
    posted = request.method == "POST"
    form = DocumentForm(request.POST if posted else None, request.FILES if posted else None)
    if posted and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            actions.keep_document(step, file.file, file.name, by=here.by, at=timezone.now())
        except UploadRefused as refused:
            form.add_error("file", str(refused))
        except (NotNow, MayNot):
            messages.warning(request, "It was sent already. Nothing was kept twice.")
            return redirect("request", key)
        else:
            messages.success(request, "Thank you. A privacy officer looks at it once, and then it is deleted.")
            return redirect("request", key)
    authority = step.method == ProofStep.Method.AUTHORITY
    if authority:
        form.fields["file"].help_text = "PDF, PNG or JPEG, at most 10 MB."
    context = {
        "case": here.case,
        "key": key,
        "form": form,
        "offer": offer_of(here.case.right),
        "authority": authority,
    }
    return render(request, "rights/document_upload.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("privacy_officer")
@step_up
def ask(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """The last resort."""
    case = case_to_prove(request.user, case_id)
    form = DoubtForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.ask_for_document(case, form.cleaned_data["doubt"], by=actor_of(request), at=timezone.now())
        except TooOften:
            messages.warning(request, TOO_OFTEN)
        except OwnCase:
            messages.warning(request, OWN)
        except NotNow:
            messages.warning(request, "This request has gone on. Nothing was asked.")
        else:
            messages.success(request, "Asked. The person is told what to cover and how to send it.")
        return redirect("proof", case_id)
    context = {"case": case, "form": form, "offer": offer_of(case.right)}
    return render(request, "rights/document_ask.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@STAFF
def document(request: SignedInRequest, case_id: UUID, step_id: UUID) -> HttpResponse:
    """Take the copy in, or check it: what fits is said by an officer who did not take it in."""
    case = case_to_prove(request.user, case_id)
    step = step_of_document(case, step_id)
    posted = request.method == "POST"
    form = DocumentForm(request.POST if posted else None, request.FILES if posted else None)
    if posted and request.POST.get("do") in ("fits", "does_not"):
        return _check(request, step, fits=request.POST["do"] == "fits")
    if posted and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            actions.keep_document(step, file.file, file.name, by=actor_of(request), at=timezone.now())
        except UploadRefused as refused:
            form.add_error("file", str(refused))
        except OwnCase:
            messages.warning(request, OWN)
        except NotNow:
            messages.warning(request, "A copy is here already, or it was checked. Nothing was kept twice.")
        else:
            messages.success(request, "The copy is kept, sealed. Somebody else checks it.")
            return redirect("proof_document", case_id, step_id)
    context = {
        "case": case,
        "step": step,
        "form": form,
        "offer": offer_of(case.right),
        "authority": step.method == ProofStep.Method.AUTHORITY,
        "mandate": mandate_of(case),
        "open": step.state == ProofStep.State.OPEN,
        "mine": step.kept_by == str(actor_of(request)),
    }
    return render(request, "rights/document.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("privacy_officer")
@step_up
def missing(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """What they sent does not show that they may ask for somebody: say what would."""
    case = case_to_prove(request.user, case_id)
    if mandate_of(case) is None:
        raise Http404
    form = MissingForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.ask_for_authority(case, form.cleaned_data["why"], by=actor_of(request), at=timezone.now())
        except TooOften:
            messages.warning(request, TOO_OFTEN)
        except OwnCase:
            messages.warning(request, OWN)
        except NotNow:
            messages.warning(request, "One is waited for already, or this request has gone on. Nothing was asked.")
        else:
            messages.success(request, "Asked. They are told what is missing and how to send it.")
        return redirect("proof", case_id)
    return render(request, "mandates/missing.html", {"case": case, "form": form}, status=422 if form.errors else 200)


@require_safe
@role_required("privacy_officer")
def file(request: SignedInRequest, case_id: UUID, step_id: UUID) -> HttpResponseBase:
    """The copy, saved and opened outside the browser; that it was opened is written down."""
    step = step_of_document(case_to_prove(request.user, case_id), step_id)
    opened = document_of(request.user, step)
    try:
        actions.document_looked_at(step, by=actor_of(request), at=timezone.now())
        answer = FileResponse(opened, as_attachment=True, filename=step.name, content_type="application/octet-stream")
    except BaseException:
        opened.close()
        raise
    answer.headers["Content-Length"] = str(step.size)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _check(request: SignedInRequest, step: ProofStep, *, fits: bool) -> HttpResponse:
    try:
        found = named(fits_of(claim_of(step.case))) if fits else []
    except EngineError:
        messages.warning(request, AWAY)
        return redirect("proof_document", step.case_id, step.pk)
    try:
        step = actions.check_document(step, fits, found, by=actor_of(request), at=timezone.now())
    except OwnCase:
        messages.warning(request, OWN)
    except MayNot:
        messages.warning(request, "Whoever took the copy in cannot check it: another privacy officer does.")
        return redirect("proof_document", step.case_id, step.pk)
    except NotNow:
        messages.warning(request, "Somebody has checked it meanwhile, or no copy is here. Nothing was done twice.")
    else:
        passed = step.state == ProofStep.State.PASSED
        words = "It fits, and so does what is on file. The copy goes now."
        messages.success(request, words if passed else "Noted: it does not fit. The copy goes now.")
    return redirect("proof", step.case_id)
