"""The register of enquiries: what authorities ask, who was called back, and what was answered by two officers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from kept.complaints import actions
from kept.complaints.actions.enquiring import RELEASE
from kept.complaints.clocks import office_day
from kept.complaints.enquiries import OPEN, answer_on_desk, enquiry_on_desk, line, matters_of, register_of
from kept.complaints.errors import ComplaintError, MayNot, NoSuchMatter, NotNow, NotVerified, TooLong
from kept.complaints.forms import AnswerForm, CloseForm, EnquiryForm, LinkForm, VerifyForm
from kept.complaints.models import Enquiry, EnquiryAnswer
from kept.complaints.views.private import private
from kept.people.access import SignedInRequest, actor_of, role_required
from kept.people.called import called_of
from kept.people.models import Account
from kept.people.step_up import step_up
from kept.security.approvals.access import waiting_about
from kept.terms import Actor
from kept.vault.fields import open_all

READERS = role_required("privacy_officer", "auditor")
OFFICER = role_required("privacy_officer")
Act = Callable[[Actor, datetime], object]
WHY = {
    NotVerified: "Call the authority back first: it may be anybody. Nothing was told.",
    NoSuchMatter: "No request or complaint has that number. Nothing was changed.",
    MayNot: "Your role does not do this. Nothing was changed.",
}


@require_safe
@private
@READERS
def enquiries(request: SignedInRequest) -> HttpResponse:
    """An auditor sees numbers and days, an officer the names of the authorities as well: nothing about a person."""
    found = list(register_of(request.user))
    officer = request.user.role == Account.Roles.PRIVACY_OFFICER
    if officer:
        open_all(found)
    today = office_day(timezone.now())
    rows = [line(one, today) for one in found]
    rows.sort(key=lambda row: (row.enquiry.state not in OPEN, row.enquiry.due_on, row.enquiry.received_at))
    return render(request, "complaints/enquiries.html", {"rows": rows, "officer": officer})


@require_http_methods(["GET", "HEAD", "POST"])
@private
@OFFICER
def new(request: SignedInRequest) -> HttpResponse:
    form = EnquiryForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.record_enquiry(**form.cleaned_data, by=actor_of(request), at=timezone.now())
        except (TooLong, NotNow) as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(
                request, f"Written down as {made.reference}. Call them back before you tell them anything."
            )
            return redirect("desk_enquiry", made.pk)
    return render(request, "complaints/enquiry_new.html", {"form": form})


@require_safe
@private
@READERS
def enquiry(request: SignedInRequest, enquiry_id: UUID) -> HttpResponse:
    found = enquiry_on_desk(request.user, enquiry_id)
    officer = request.user.role == Account.Roles.PRIVACY_OFFICER
    answers = list(found.answers.all())
    if officer:
        actions.enquiry_looked_at(found, by=actor_of(request), at=timezone.now())
        open_all(answers)
    context = {
        "enquiry": found,
        "line": line(found, office_day(timezone.now())),
        "officer": officer,
        "open": found.state in OPEN,
        "closed": found.state == Enquiry.State.CLOSED,
        "matters": matters_of(found),
        "waits": next((one for one in answers if one.state == EnquiryAnswer.State.WAITING), None),
        "answers": [
            (one, called_of(one.written_by), called_of(one.released_by) if one.released_by else "") for one in answers
        ],
        "verified_by": called_of(found.verified_by) if found.verified_by else "",
    }
    return render(request, "complaints/enquiry.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@private
@OFFICER
def verify(request: SignedInRequest, enquiry_id: UUID) -> HttpResponse:
    found = enquiry_on_desk(request.user, enquiry_id)
    form = VerifyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        how = form.cleaned_data["how"]
        act: Act = lambda by, at: actions.verify_contact(found, how, by=by, at=at)  # noqa: E731
        return _done(request, found, act, "Noted: it is they who ask.")
    return _form(request, found, form, "Call the authority back", "I reached them", callback=True)


@require_http_methods(["GET", "HEAD", "POST"])
@private
@OFFICER
def link(request: SignedInRequest, enquiry_id: UUID) -> HttpResponse:
    found = enquiry_on_desk(request.user, enquiry_id)
    form = LinkForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        number = form.cleaned_data["reference"]
        return _done(request, found, lambda by, at: actions.link_enquiry(found, number, by=by, at=at), "Linked.")
    return _form(request, found, form, "What is it about?", "Link it")


@require_http_methods(["GET", "HEAD", "POST"])
@private
@OFFICER
@step_up
def write(request: SignedInRequest, enquiry_id: UUID) -> HttpResponse:
    """Write the answer; another officer releases it."""
    found = enquiry_on_desk(request.user, enquiry_id)
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        act: Act = lambda by, at: actions.write_answer(  # noqa: E731
            found, told["text"], told["how"], whole=not told["part"], by=by, at=at
        )
        return _done(request, found, act, "Written. Another officer has to release it.")
    return _form(request, found, form, "Write the answer", "Ask for its release")


@require_http_methods(["GET", "HEAD", "POST"])
@private
@OFFICER
def close(request: SignedInRequest, enquiry_id: UUID) -> HttpResponse:
    found = enquiry_on_desk(request.user, enquiry_id)
    needed = found.answered_at is None
    form = CloseForm(request.POST if request.method == "POST" else None)
    form.fields["why"].required = needed
    if request.method == "POST" and form.is_valid():
        why = form.cleaned_data["why"]
        act: Act = lambda by, at: actions.close_enquiry(found, why, by=by, at=at)  # noqa: E731
        return _done(request, found, act, "Closed. It stays in the register.")
    return _form(request, found, form, "Close the enquiry", "Close it")


@require_safe
@private
@READERS
def answer(request: SignedInRequest, answer_id: UUID) -> HttpResponse:
    """What a second officer reads before they release it."""
    found = answer_on_desk(request.user, answer_id)
    officer = request.user.role == Account.Roles.PRIVACY_OFFICER
    if officer:
        actions.enquiry_looked_at(found.enquiry, by=actor_of(request), at=timezone.now())
    context = {
        "answer": found,
        "enquiry": found.enquiry,
        "officer": officer,
        "written_by": called_of(found.written_by),
        "released_by": called_of(found.released_by) if found.released_by else "",
        "waits": waiting_about(RELEASE, "complaints.enquiryanswer", found.pk, timezone.now()),
    }
    return render(request, "complaints/enquiry_answer.html", context)


def _done(request: SignedInRequest, found: Enquiry, act: Act, words: str) -> HttpResponse:
    try:
        act(actor_of(request), timezone.now())
    except NotNow as over:
        messages.warning(request, f"It is {over.state} by now. Nothing was changed.")
    except TooLong as refused:
        messages.error(request, f"{refused} Nothing was changed.")
    except ComplaintError as refused:
        messages.error(request, WHY.get(type(refused), "It cannot be done now. Nothing was changed."))
    else:
        messages.success(request, words)
    return redirect("desk_enquiry", found.pk)


def _form(
    request: SignedInRequest, found: Enquiry, form: Form, title: str, button: str, **more: object
) -> HttpResponse:
    shown = {"enquiry": found, "form": form, "title": title, "button": button}
    return render(request, "complaints/enquiry_act.html", shown | more)
