"""What an officer does with a complaint. When somebody else was quicker, a clear word says so, and nothing is done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from kept.complaints import actions
from kept.complaints.access import officers, on_desk
from kept.complaints.errors import (
    Decided,
    MayNot,
    NoSuchMatter,
    NotInHand,
    NotNow,
    NoWay,
    OwnMatter,
    TooLong,
)
from kept.complaints.forms import DecideForm, HowForm, LawForm, LinkForm, NoteForm, TakeForm, TellForm
from kept.complaints.models import Complaint
from kept.complaints.views.private import private
from kept.complaints.views.shown import line
from kept.people.access import SignedInRequest, actor_of, display_name, role_required
from kept.people.models import Account
from kept.people.step_up import step_up
from kept.terms import Actor

OFFICER = role_required("privacy_officer")
Act = Callable[[Actor, datetime], object]

WHY = {
    OwnMatter: "This is the officer's own complaint: another one has to look into it. Nothing was changed.",
    Decided: "That officer decided what it is about: another one has to look into it. Nothing was changed.",
    NotInHand: "Another officer looks into it, or nobody yet. Take it first. Nothing was changed.",
    NoSuchMatter: "No request or complaint has that number. Nothing was changed.",
    NoWay: "There is no e-mail address to write to. Nothing was changed.",
}


@require_http_methods(["GET", "HEAD", "POST"])
@private
@OFFICER
def acknowledge(request: SignedInRequest, complaint_id: UUID) -> HttpResponse:
    found = on_desk(request.user, complaint_id)
    form = HowForm(request.POST if request.method == "POST" else None, complaint=found)
    if request.method == "POST" and form.is_valid():
        how = form.cleaned_data["how"]
        return _done(
            request, found, lambda by, at: actions.acknowledge(found, how, by=by, at=at), "They know that it is here."
        )
    return _form(request, found, form, "Tell them that it is here", "Acknowledge it")


@require_http_methods(["GET", "HEAD", "POST"])
@private
@OFFICER
def take(request: SignedInRequest, complaint_id: UUID) -> HttpResponse:
    """Who looks into it: nobody who decided what it is about, and nobody about themselves."""
    found = on_desk(request.user, complaint_id)
    known = officers(found)
    able = [(str(one.pk), _called(one, request.user)) for one, why in known if not why]
    first = str(request.user.pk) if str(request.user.pk) in dict(able) else None
    given = request.POST if request.method == "POST" else None
    form = TakeForm(given, found=able, initial={"officer": first})
    if request.method == "POST" and form.is_valid():
        officer = Account.objects.get(pk=form.cleaned_data["officer"])
        return _done(
            request,
            found,
            lambda by, at: actions.take(found, officer, by=by, at=at),
            f"{display_name(officer)} has it.",
        )
    others = [(display_name(one), why) for one, why in known if why]
    return _form(request, found, form, "Who looks into it?", "Give it to them", others=others, able=bool(able))


@require_http_methods(["GET", "HEAD", "POST"])
@private
@OFFICER
def tell(request: SignedInRequest, complaint_id: UUID) -> HttpResponse:
    found = on_desk(request.user, complaint_id)
    form = TellForm(request.POST if request.method == "POST" else None, complaint=found)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        act: Act = lambda by, at: actions.tell(found, told["text"], told["how"], by=by, at=at)  # noqa: E731
        return _done(request, found, act, "They are told. The next word is due in 30 days.")
    return _form(request, found, form, "Tell them how far it is", "Tell them")


@require_http_methods(["GET", "HEAD", "POST"])
@private
@OFFICER
def note(request: SignedInRequest, complaint_id: UUID) -> HttpResponse:
    found = on_desk(request.user, complaint_id)
    form = NoteForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["text"]
        return _done(request, found, lambda by, at: actions.note(found, text, by=by, at=at), "Written down.")
    return _form(request, found, form, "Write a note", "Write it down")


@require_http_methods(["GET", "HEAD", "POST"])
@private
@OFFICER
def link(request: SignedInRequest, complaint_id: UUID) -> HttpResponse:
    """What it is about; whoever decided that no longer looks into it."""
    found = on_desk(request.user, complaint_id)
    given = request.POST if request.method == "POST" else None
    form = LinkForm(given, initial={"reference": request.GET.get("number", "")[:20]})
    if request.method == "POST" and request.POST.get("do") == "unlink":
        return _done(request, found, lambda by, at: actions.unlink(found, by=by, at=at), "The link is taken away.")
    if request.method == "POST" and form.is_valid():
        number = form.cleaned_data["reference"]
        return _done(request, found, lambda by, at: actions.link(found, number, by=by, at=at), "Linked, both ways.")
    return _form(request, found, form, "What is it about?", "Link it", unlink=bool(found.about))


@require_http_methods(["GET", "HEAD", "POST"])
@private
@OFFICER
def law(request: SignedInRequest, complaint_id: UUID) -> HttpResponse:
    found = on_desk(request.user, complaint_id)
    form = LawForm(request.POST if request.method == "POST" else None, initial={"law": found.law})
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data["law"]
        act: Act = lambda by, at: actions.set_law(found, chosen, by=by, at=at)  # noqa: E731
        return _done(request, found, act, "The clock is worked out anew.")
    return _form(request, found, form, "Whose clock runs?", "Set it")


@require_http_methods(["GET", "HEAD", "POST"])
@private
@OFFICER
@step_up
def decide(request: SignedInRequest, complaint_id: UUID) -> HttpResponse:
    found = on_desk(request.user, complaint_id)
    form = DecideForm(request.POST if request.method == "POST" else None, complaint=found)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        act: Act = lambda by, at: actions.decide(  # noqa: E731
            found, told["outcome"], told["findings"], told["remedy"], told["how"], by=by, at=at
        )
        return _done(request, found, act, "Answered. They are told where else they may go.")
    return _form(request, found, form, "Answer the complaint", "Answer it")


@require_POST
@private
@OFFICER
def reopen(request: SignedInRequest, complaint_id: UUID) -> HttpResponse:
    found = on_desk(request.user, complaint_id)
    words = "It is open again. Another officer looks into it."
    return _done(request, found, lambda by, at: actions.reopen(found, by=by, at=at), words)


@require_POST
@private
@OFFICER
def read(request: SignedInRequest, complaint_id: UUID) -> HttpResponse:
    found = on_desk(request.user, complaint_id)
    return _done(request, found, lambda by, at: actions.read_it(found, by=by, at=at), "Noted as read.")


def _done(request: SignedInRequest, found: Complaint, act: Act, words: str) -> HttpResponse:
    try:
        act(actor_of(request), timezone.now())
    except NotNow as over:
        messages.warning(request, f"Somebody was quicker, or it is too early: it is {over.state}. Nothing was changed.")
    except TooLong as refused:
        messages.error(request, f"{refused} Nothing was changed.")
    except (MayNot, NoSuchMatter, NoWay) as refused:
        messages.error(request, WHY.get(type(refused), "Your role does not do this. Nothing was changed."))
    else:
        messages.success(request, words)
    return redirect("desk_complaint", found.pk)


def _form(
    request: SignedInRequest, found: Complaint, form: Form, title: str, button: str, **more: object
) -> HttpResponse:
    shown = {"complaint": found, "form": form, "title": title, "button": button, "line": line(found, timezone.now())}
    return render(request, "complaints/act.html", shown | more)


def _called(one: Account, me: Account) -> str:
    return f"{display_name(one)} (you)" if one.pk == me.pk else display_name(one)
