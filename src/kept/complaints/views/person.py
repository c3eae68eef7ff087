"""Complaining, with or without an account, and following a complaint: by the link from the mail, or signed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kept.clocks.office import office
from kept.complaints import actions
from kept.complaints.access import (
    about_of,
    complaint_by_token,
    complaint_of,
    complaints_of,
    file_of,
    notes_of,
)
from kept.complaints.errors import NotNow, NoWay, TooLong, TooMany
from kept.complaints.forms import NOT_AN_ADDRESS, AddForm, CodeForm, ComplainForm
from kept.complaints.history import entry_for_person, told_of
from kept.complaints.models import Complaint, ComplaintFile
from kept.complaints.routes import routes_of
from kept.complaints.rules import CODE_PAUSE, CODE_TRIES, ENDED, MAY, MOST_CODES
from kept.complaints.views.private import NotSignedIn, private
from kept.complaints.views.shown import stages
from kept.people.access import SignedInRequest, signed_in
from kept.people.models import Account
from kept.post.languages import language_of_browser
from kept.post.outbox import BadAddress
from kept.security.ledger_errors import LedgerStopped, NoSuchEntry, PayloadErased
from kept.security.models import Entry
from kept.security.receipts import receipt_for
from kept.security.uploads import UploadRefused
from kept.terms import Actor

SENT = "complained"  # the session's word for what was sent from this browser
OPENED = "complaints opened"  # and for those whose code was typed in it
MOST_OPENED = 20
AGAIN = "Nothing was sent. Choose your files again: a browser forgets them."
NOT_NOW = "This receipt cannot be made just now: our ledger is being looked at. Please try again later."


@dataclass(frozen=True)
class Followed:
    """A complaint as the person reached it. `opens`: its words may be shown here."""

    complaint: Complaint
    key: str  # what stands in the address: the link's token, or the complaint's id for who is signed in
    by: Actor
    owner: bool
    opens: bool


def followed(request: HttpRequest, key: str) -> Followed:
    """The complaint behind an address, or Http404: guessed, gone and not yours are answered alike."""
    try:
        complaint_id = UUID(key)
    except ValueError:
        found = complaint_by_token(key)
        opens = str(found.pk) in request.session.get(OPENED, [])
        return Followed(found, key, Actor("person", str(found.pk)), owner=False, opens=opens)
    if not isinstance(request.user, Account):
        raise NotSignedIn
    return Followed(complaint_of(request.user, complaint_id), key, request.user.actor, owner=True, opens=True)


def opened(request: HttpRequest, key: str) -> Followed:
    """The same, where the words may be shown; else as if it were not there."""
    here = followed(request, key)
    if not here.opens:
        raise Http404
    return here


@require_http_methods(["GET", "HEAD", "POST"])
@private
def complain(request: HttpRequest) -> HttpResponse:
    """One page: what happened, and where our answer goes. Sent twice, it is one complaint."""
    account = request.user if isinstance(request.user, Account) else None
    if request.method != "POST":
        initial = {"about": request.GET.get("about", "")[:20], "law": office().law}
        form = ComplainForm(account=account, initial=initial)
        return render(request, "complaints/complain.html", {"form": form})
    form = ComplainForm(request.POST, request.FILES, account=account)
    if form.is_valid() and (sent := _send(request, form, account)):
        if sent.new:
            request.session[SENT] = {"complaint": str(sent.complaint.pk), "form": str(form.cleaned_data["form"])}
        if account:
            messages.success(request, "Your complaint is here.")
            return redirect("complaint", sent.complaint.pk)
        return redirect("complain_sent")
    if request.FILES:
        form.add_error("attached", AGAIN)
    return render(request, "complaints/complain.html", {"form": form}, status=200)


def _send(request: HttpRequest, form: ComplainForm, account: Account | None) -> actions.Opened | None:
    """None: it was refused, and the form says why."""
    told = form.cleaned_data
    try:
        return actions.open_complaint(
            told["words"],
            account.email if account else told["email"],
            channel="client_area" if account else "web",
            law=told["law"],
            name=account.name if account else told["name"],
            wants=told["wants"],
            about=told["about"],
            language=language_of_browser(request.headers.get("Accept-Language", "")),
            account=account,
            form=told["form"],
            files=told["attached"],
            by=account.actor if account else Actor("person"),
            at=timezone.now(),
        )
    except (UploadRefused, TooMany) as refused:
        form.add_error("attached", str(refused))
    except (NoWay, BadAddress):
        form.add_error(None if account else "email", NOT_AN_ADDRESS)
    except TooLong as refused:
        form.add_error("words", str(refused))
    return None


@require_safe
@private
def complain_sent(request: HttpRequest) -> HttpResponse:
    """It is here: its number and its clock. Shown to the browser that sent it, as far as that knows it anyway."""
    known = request.session.get(SENT)
    found = Complaint.objects.filter(pk=known["complaint"]).first() if known else None
    if found is None or found.state in ENDED:
        return redirect("complain")
    context = {"complaint": found, "clock": found.ack_clock, "routes": routes_of(found.law)}
    return render(request, "complaints/sent.html", context)


@require_safe
@signed_in
def my_complaints(request: SignedInRequest) -> HttpResponse:
    return render(request, "complaints/mine.html", {"complaints": complaints_of(request.user)})


@require_http_methods(["GET", "HEAD", "POST"])
@private
def complaint(request: HttpRequest, key: str) -> HttpResponse:
    """Where it stands. Its words, our notes and the answer only where the address was shown to be theirs."""
    here = followed(request, key)
    form = CodeForm(
        request.POST if request.method == "POST" else None, initial={"code": request.GET.get("code", "")[:12]}
    )
    if request.method == "POST" and not here.opens and form.is_valid():
        if actions.prove(here.complaint, form.cleaned_data["code"], by=here.by, at=timezone.now()):
            known = [one for one in request.session.get(OPENED, []) if one != str(here.complaint.pk)]
            request.session[OPENED] = [*known, str(here.complaint.pk)][-MOST_OPENED:]
            messages.success(request, "Thank you. Here is your complaint.")
            return redirect("complaint", key)
        here.complaint.refresh_from_db()
        form.add_error("code", _why_not(here.complaint, timezone.now()))
    return render(request, "complaints/complaint.html", _page(here, form))


def _page(here: Followed, form: CodeForm) -> dict[str, object]:
    one, now = here.complaint, timezone.now()
    works = one.code_expires_at is not None and now < one.code_expires_at and one.code_attempts < CODE_TRIES
    return {
        "complaint": one,
        "key": here.key,
        "owner": here.owner,
        "opens": here.opens and one.key is not None,
        "ended": one.state in ENDED,
        "stages": stages(one, now),
        "notes": notes_of(one, "told", "said") if here.opens and one.key is not None else (),
        "files": list(one.files.all()) if here.opens else (),
        "about": about_of(one) if here.opens else None,
        "told": told_of(one) if here.opens else (),
        "routes": routes_of(one.law),
        "may_withdraw": here.opens and one.state in MAY["withdraw"],
        "may_add": here.opens and one.state in MAY["say"],
        "form": form,
        "code_sent": one.code_sent_at is not None and works and bool(one.code_hash),
        "more": one.codes_sent < MOST_CODES and bool(one.email),
    }


def _why_not(one: Complaint, at: datetime) -> str:
    if one.code_expires_at is None or at >= one.code_expires_at:
        return "The code we mailed no longer works."
    left = CODE_TRIES - one.code_attempts
    if left <= 0:
        return "The code was typed wrong too often, so it no longer works."
    return f"That is not the code in our newest mail. You have {left} {'try' if left == 1 else 'tries'} left."


@require_POST
@private
def new_code(request: HttpRequest, key: str) -> HttpResponse:
    here = followed(request, key)
    if here.opens or here.complaint.state in ENDED:
        return redirect("complaint", key)
    if actions.send_code(here.complaint, by=here.by, at=timezone.now()):
        messages.success(request, "We mailed you a code. Only the newest one works.")
    elif here.complaint.codes_sent >= MOST_CODES:
        messages.warning(request, f"We mailed {MOST_CODES} codes and send no more. Write to {settings.CONTACT}.")
    elif here.complaint.code_sent_at is not None:
        again = timezone.localtime(here.complaint.code_sent_at + CODE_PAUSE)
        messages.warning(request, f"We mailed a code a moment ago. You can ask for another one at {again:%H:%M:%S %Z}.")
    return redirect("complaint", key)


@require_http_methods(["GET", "HEAD", "POST"])
@private
def add(request: HttpRequest, key: str) -> HttpResponse:
    """The person adds words and files."""
    here = opened(request, key)
    if here.complaint.state not in MAY["say"]:
        messages.warning(request, "This complaint has ended. Nothing was sent.")
        return redirect("complaint", key)
    form = AddForm(request.POST, request.FILES) if request.method == "POST" else AddForm()
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            actions.say(here.complaint, told["text"], told["attached"], by=here.by, at=timezone.now())
        except (UploadRefused, TooMany) as refused:
            form.add_error("attached", str(refused))
        except NotNow:
            messages.warning(request, "This complaint has ended meanwhile. Nothing was sent.")
            return redirect("complaint", key)
        else:
            messages.success(request, "We have it. Whoever looks into your complaint reads it.")
            return redirect("complaint", key)
    if request.FILES:
        form.add_error("attached", AGAIN)
    return render(request, "complaints/add.html", {"form": form, "complaint": here.complaint, "key": key})


@require_http_methods(["GET", "HEAD", "POST"])
@private
def withdraw(request: HttpRequest, key: str) -> HttpResponse:
    here = opened(request, key)
    if here.complaint.state not in MAY["withdraw"]:
        messages.warning(request, "It is too late to withdraw: you have our answer, or it has ended.")
        return redirect("complaint", key)
    if request.method != "POST":
        return render(request, "complaints/withdraw.html", {"complaint": here.complaint, "key": key})
    try:
        actions.withdraw(here.complaint, by=here.by, at=timezone.now())
    except NotNow:
        messages.warning(request, "It is too late to withdraw: you have our answer, or it has ended.")
    else:
        messages.success(request, "Your complaint is withdrawn. Name, address and words are erased.")
    return redirect("complaint", key)


@require_safe
@private
def file(request: HttpRequest, key: str, file_id: UUID) -> HttpResponseBase:
    """One of the files the person sent."""
    here = opened(request, key)
    return handed_out(*file_of(here.complaint, file_id))


def handed_out(found: ComplaintFile, content: object) -> FileResponse:
    """As a download, never shown in the page."""
    answer = FileResponse(content, as_attachment=True, filename=found.name, content_type="application/octet-stream")
    answer.headers["Content-Length"] = str(found.size)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


@require_safe
@private
def receipt(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Of one step, to be saved. Anybody can check it, without us."""
    here = opened(request, key)
    answer = receipt_file(here.complaint, entry_for_person(here.complaint, number))
    if answer is None:
        messages.warning(request, NOT_NOW)
        return redirect("complaint", key)
    return answer


def receipt_file(found: Complaint, entry: Entry) -> HttpResponse | None:
    """None: it cannot be made while the ledger is damaged."""
    try:
        text = receipt_for(entry)
    except (NoSuchEntry, PayloadErased) as problem:
        raise Http404 from problem
    except LedgerStopped:
        return None
    answer = HttpResponse(text, content_type="text/plain; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="receipt-{found.reference}-{entry.index}.txt"'
    return answer
