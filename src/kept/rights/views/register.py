"""Registering a request that came by letter, by telephone or in person: the questions of the web form, asked by staff.

What was answered so far is kept in the session only, one at a time for each letter or call.
"""

from __future__ import annotations

from typing import Any, TypedDict, cast
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from kept.collection.calls.access import call_on_desk
from kept.collection.calls.models import Call
from kept.collection.letters.access import letter_on_desk
from kept.collection.letters.models import Letter
from kept.people.access import SignedInRequest, actor_of, role_required
from kept.post.outbox import BadAddress
from kept.rights import actions
from kept.rights.actions.registering import Said, came_at, door_of
from kept.rights.alike.access import said_by_staff, told_before
from kept.rights.clocks import first_clock
from kept.rights.forms import RightForm
from kept.rights.homes import code_of
from kept.rights.mandate_forms import ActingForm, acting_of
from kept.rights.mandates.models import Mandate
from kept.rights.offered import RUNNING, offer_of
from kept.rights.particulars import particulars_of, said
from kept.rights.staff_forms import SaidForm
from kept.rights.views.once import locked_session, replace_in_session
from kept.vault.errors import VaultError

STAFF = role_required("support", "privacy_officer")
ANSWERS = "registering"  # the session's word: source -> what was answered so far
MOST = 20  # of them at a time
GONE = "Nothing was registered: we no longer have what you chose. Choose again, please."
FORGOTTEN = "Its words were forgotten. Nothing can be registered from it any more."


class Answers(TypedDict, total=False):
    right: str
    asked: dict[str, Any]
    who: dict[str, str]
    acting: dict[str, str]  # who asks, where it is for somebody else
    done: str  # the case that was opened with them; nothing else is there then


@require_safe
@STAFF
def register(request: SignedInRequest) -> HttpResponse:
    """By which door did it come?"""
    return render(request, "rights/register.html")


@require_http_methods(["GET", "HEAD", "POST"])
@STAFF
def right(request: SignedInRequest, door: str, source_id: UUID) -> HttpResponse:
    """What do they ask for?"""
    source = source_of(request, door, source_id)
    if source.key is None:
        messages.warning(request, FORGOTTEN)
        return redirect(page_of(source))
    answers = answers_of(request, source)
    form = RightForm(request.POST if request.method == "POST" else None, initial={"right": answers.get("right")})
    form.fields["right"].label = "What do they ask for?"
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data["right"]
        kept = answers if answers.get("right") == chosen else Answers(**{**answers, "asked": {}})
        kept.pop("done", None)
        return keep(request, source, {**kept, "right": chosen})
    return render(request, "rights/register_right.html", head(source) | {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@STAFF
def more(request: SignedInRequest, door: str, source_id: UUID) -> HttpResponse:
    """What exactly? The page that the person would see on the web."""
    source = source_of(request, door, source_id)
    answers = answers_of(request, source)
    particulars = particulars_of(answers.get("right", ""))
    if particulars is None:
        return redirect(first_open(source, answers))
    form = particulars.Form(request.POST if request.method == "POST" else None, initial=answers.get("asked"))
    if request.method == "POST" and form.is_valid():
        return keep(request, source, {**answers, "asked": form.asked()})
    return render(request, "rights/register_more.html", head(source) | {"form": form, "title": particulars.TITLE})


@require_http_methods(["GET", "HEAD", "POST"])
@STAFF
def who(request: SignedInRequest, door: str, source_id: UUID) -> HttpResponse:
    """Who are they, as they say, and how do we reach them?"""
    source = source_of(request, door, source_id)
    answers = answers_of(request, source)
    if "right" not in answers:
        return redirect(first_open(source, answers))
    first = answers.get("who") or known_of(source)
    posted = request.POST if request.method == "POST" else None
    known = answers.get("acting") or {}
    acting = ActingForm(posted, initial={"kind": known.get("kind", "")} | {f"acting_{k}": v for k, v in known.items()})
    asked_for = bool(posted and posted.get("kind"))
    form = SaidForm(posted, initial=first, for_another=asked_for)
    if posted and all([form.is_valid(), acting.is_valid()]):
        return keep(request, source, {**answers, "who": form.cleaned_data, "acting": acting.acting()})
    return render(request, "rights/register_who.html", head(source) | {"form": form, "acting": acting})


@require_http_methods(["GET", "HEAD", "POST"])
@STAFF
def check(request: SignedInRequest, door: str, source_id: UUID) -> HttpResponse:
    """Check it, and register it. Sent twice, it is one request."""
    source = source_of(request, door, source_id)
    answers = answers_of(request, source)
    way = first_open(source, answers)
    if request.method == "POST":
        return send(request, source)
    if way != address("register_check", source):
        return redirect(way)
    told, came = Said(**answers["who"]), min(came_at(source), timezone.now())
    known = {name: text for name, text in answers["who"].items() if name != "note"}
    acting = answers.get("acting")
    context = {
        "offer": offer_of(answers["right"]),
        "said": said(answers["right"], answers.get("asked", {})),
        "who": told,
        "acting": acting,
        "as_a": Mandate.Kind(acting["kind"]).label if acting else "",
        "before": told_before(answers["right"], said_by_staff(source.pk, **known), timezone.now()),
        "due": first_clock(came, answers["right"], home=code_of(told.country))[1].due_on,
    }
    return render(request, "rights/register_check.html", head(source) | context)


def send(request: SignedInRequest, source: Letter | Call) -> HttpResponse:
    """Open the case, once: what was answered leaves the session in the transaction that opens it."""
    try:
        with transaction.atomic():
            stored = locked_session(request)
            answers = cast(Answers, stored.get(ANSWERS, {}).get(str(source.pk), {}))
            if "done" in answers:
                return redirect("proof", answers["done"])
            if first_open(source, answers) != address("register_check", source):
                messages.warning(request, GONE)
                return redirect(page_of(source))
            case = actions.register(
                source,
                answers["right"],
                Said(**answers["who"]),
                acting=acting_of(answers.get("acting")),
                asked=answers.get("asked"),
                by=actor_of(request),
                at=timezone.now(),
            ).case
            done = stored[ANSWERS] | {str(source.pk): Answers(done=str(case.pk))}
            replace_in_session(request, ANSWERS, ANSWERS, done)
    except BadAddress:
        messages.error(request, "No mail can be sent to that address, so nothing was registered. Change it.")
        return redirect(address("register_who", source))
    messages.success(request, f"Registered as {case.reference}. Nothing happens before its proof.")
    return redirect("proof", case.pk)


def source_of(request: SignedInRequest, door: str, source_id: UUID) -> Letter | Call:
    """The letter or call that the request came by, or Http404."""
    if door == "letter":
        return letter_on_desk(request.user, source_id)
    call = call_on_desk(request.user, source_id)
    if door != call.door:
        raise Http404
    return call


def known_of(source: Letter | Call) -> dict[str, str]:
    """What the register says already; nobody types it twice."""
    try:
        if isinstance(source, Letter):
            first, _, rest = source.sender.partition("\n")
            return {"name": first.strip(), "postal": rest.strip()}
        return {"name": source.caller, "phone": source.number}
    except VaultError:
        return {}


def head(source: Letter | Call) -> dict[str, object]:
    return {
        "source": source,
        "door": door_of(source),
        "back": page_of(source),
        "right_page": address("register_from", source),
        "more_page": address("register_more", source),
        "who_page": address("register_who", source),
    }


def page_of(source: Letter | Call) -> str:
    return reverse("letter" if isinstance(source, Letter) else "call", args=[source.pk])


def address(name: str, source: Letter | Call) -> str:
    return reverse(name, args=[door_of(source), source.pk])


def answers_of(request: HttpRequest, source: Letter | Call) -> Answers:
    return cast(Answers, dict(request.session.get(ANSWERS, {}).get(str(source.pk), {})))


def keep(request: HttpRequest, source: Letter | Call, answers: Answers) -> HttpResponse:
    """Remember the answers and go to the first question that is still open."""
    others = {key: value for key, value in request.session.get(ANSWERS, {}).items() if key != str(source.pk)}
    request.session[ANSWERS] = dict([*others.items()][-MOST:]) | {str(source.pk): dict(answers)}
    return redirect(first_open(source, answers))


def first_open(source: Letter | Call, answers: Answers) -> str:
    if answers.get("right") not in {offer.name for offer in RUNNING}:
        return address("register_from", source)
    if particulars_of(answers["right"]) is not None and not answers.get("asked"):
        return address("register_more", source)
    return address("register_check" if answers.get("who") else "register_who", source)
