"""The register of calls and visits: who came, who waits to be called back, and what was done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kept.collection import restricted
from kept.collection.calls import access
from kept.collection.calls.actions import call_looked_at, called_back, register_call, settle_call
from kept.collection.calls.errors import BadMoment, CallError
from kept.collection.calls.forms import CalledBackForm, CallForm
from kept.collection.calls.models import Call
from kept.collection.letters.forms import SettleForm
from kept.people.access import SignedInRequest, actor_of, role_required
from kept.terms import Actor
from kept.vault.errors import VaultError

PAGE = 50
State = Call.State
STAFF = role_required("support", "privacy_officer")
MEANWHILE = "Somebody has dealt with it meanwhile. Nothing was changed."
FILTERS = (
    ("todo", "To decide", "Nothing waits for you."),
    ("back", "To call back", "Nobody waits to be called back."),
    ("settled", "Settled", "No call was settled yet."),
)
MARKS = {State.TO_DECIDE: "waiting", State.SETTLED: "done"}


@require_safe
@STAFF
def calls(request: SignedInRequest) -> HttpResponse:
    asked, now = request.GET.get("show", ""), timezone.now()
    name, _, empty = next((one for one in FILTERS if one[0] == asked), FILTERS[0])
    page = Paginator(access.calls(request.user, name), PAGE).get_page(request.GET.get("page"))
    context = {
        "show": name,
        "empty": empty,
        "page": page,
        "lines": [(one, MARKS[State(one.state)], _is_late(one, now)) for one in page],
        "filters": [(each[0], each[1], access.calls(request.user, each[0]).count()) for each in FILTERS],
    }
    return render(request, "collection/calls.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@STAFF
def add(request: SignedInRequest) -> HttpResponse:
    """Note a call, or a visit."""
    posted = request.method == "POST"
    first = {"door": request.GET.get("door", Call.Door.TELEPHONE), "came_at": timezone.now()}
    form = CallForm(request.POST if posted else None, initial=first)
    if posted and form.is_valid():
        said = form.cleaned_data
        try:
            call = register_call(**said, by=actor_of(request), at=timezone.now())
        except BadMoment as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, "Noted. Now say what it asks for.")
            return redirect("call", call.pk)
    return render(request, "collection/call_add.html", {"form": form}, status=422 if posted else 200)


@require_safe
@STAFF
def call(request: SignedInRequest, call_id: UUID) -> HttpResponseBase:
    found = access.call_on_desk(request.user, call_id)
    return _looked_at(request, found, lambda: _page(request, found))


@require_POST
@STAFF
def ground(request: SignedInRequest, call_id: UUID) -> HttpResponseBase:
    """The caller's data are restricted: on which ground of the law somebody reads it all the same."""
    return restricted.answered(request, _thing(access.call_on_desk(request.user, call_id)))


@require_POST
@STAFF
def back(request: SignedInRequest, call_id: UUID) -> HttpResponseBase:
    """The call back was made."""
    found = access.call_on_desk(request.user, call_id)
    form = CalledBackForm(request.POST)
    if not form.is_valid():
        return _looked_at(request, found, lambda: _page(request, found, back=form, status=422))
    said = form.cleaned_data["says"]
    return _done(request, found, lambda by, at: called_back(found, said, by=by, at=at), "The call back is noted.")


@require_POST
@STAFF
def settle(request: SignedInRequest, call_id: UUID) -> HttpResponseBase:
    """It is no request."""
    found = access.call_on_desk(request.user, call_id)
    form = SettleForm(request.POST)
    if not form.is_valid():
        return _looked_at(request, found, lambda: _page(request, found, settle=form, status=422))
    how = form.cleaned_data["how"]
    return _done(request, found, lambda by, at: settle_call(found, how, by=by, at=at), "It is settled.")


def _looked_at(request: SignedInRequest, found: Call, page: Callable[[], HttpResponse]) -> HttpResponseBase:
    by, at = actor_of(request), timezone.now()
    return restricted.shown(
        request, _thing(found), lambda despite: call_looked_at(found, despite=despite, by=by, at=at), page
    )


def _thing(found: Call) -> restricted.Thing:
    title = f"note of {date_format(found.came_at, 'j F Y, H:i')}"
    return restricted.Thing(
        str(found.pk), title, "Read the note", ("Calls and visits", reverse("calls")), reverse("call", args=[found.pk]),
        reverse("call_ground", args=[found.pk]),
    )  # fmt: skip


def _done(request: SignedInRequest, found: Call, act: Callable[[Actor, datetime], object], words: str) -> HttpResponse:
    try:
        act(actor_of(request), timezone.now())
    except CallError:
        messages.error(request, MEANWHILE)
    else:
        messages.success(request, words)
    return redirect("call", found.pk)


def _is_late(one: Call, now: datetime) -> bool:
    return one.call_back_at is not None and one.called_back_at is None and one.call_back_at < now


def _page(
    request: SignedInRequest,
    found: Call,
    *,
    back: CalledBackForm | None = None,
    settle: SettleForm | None = None,
    status: int = 200,
) -> HttpResponse:
    try:
        words = {
            "caller": found.caller, "number": found.number, "says": found.says, "back_says": found.called_back_says,
            "how": found.settled_how,
        }  # fmt: skip
    except VaultError:
        words = {}
    wrong: forms.Form | None = back or settle
    context = words | {
        "call": found,
        "mark": MARKS[State(found.state)],
        "closed": found.key is None,
        "may_settle": found.state == State.TO_DECIDE,
        "waits": found.call_back_at is not None and found.called_back_at is None and found.key is not None,
        "late": _is_late(found, timezone.now()),
        "back": back or CalledBackForm(),
        "settle": settle or SettleForm(),
        "form": wrong,
    }
    return render(request, "collection/call.html", context, status=status)
