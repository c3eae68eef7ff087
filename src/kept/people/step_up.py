"""Asking once more who it is, before what is dangerous.

    @require_http_methods(["GET", "POST"])
    @role_required("privacy_officer")
    @step_up
    def confirm(request: SignedInRequest, case_id: UUID) -> HttpResponse: ...

Whoever has a second factor must have used it within `settings.STEP_UP_MINUTES`; who has none, the password. A form
that was sent too late is kept, and goes on by itself once the person has shown who they are.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import suspend_request
from django.conf import settings
from django.http.response import HttpResponseBase
from django.urls import reverse

from kept.people.access import SignedInRequest
from kept.people.adapter import has_second_factor

P = ParamSpec("P")
View = Callable[Concatenate[SignedInRequest, P], HttpResponseBase]


def step_up(view: View[P]) -> View[P]:
    """Put it right above the view, below `role_required`. Reading stays as it is: only a form that is sent is held."""

    @wraps(view)
    def guarded(request: SignedInRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if request.method in ("GET", "HEAD") or is_fresh(request, time.time()):
            return view(request, *args, **kwargs)
        held: HttpResponseBase = suspend_request(request, _where_to_show_it(request))
        return held

    guarded.steps_up = True  # type: ignore[attr-defined]  # for the test that lists dangerous acts
    return guarded


def is_fresh(request: SignedInRequest, now: float) -> bool:
    """Whether the person has shown who they are a moment ago, in the strongest way they have.

    In the demo the cast has neither password nor second factor, so there is nothing to ask for.
    """
    strong = has_second_factor(request.user)
    if settings.DEMO and not strong and not request.user.has_usable_password():
        return True
    ways = ("mfa",) if strong else ("password", "mfa")
    records = get_authentication_records(request, request.user)
    since = now - 60 * settings.STEP_UP_MINUTES
    return any(record.get("method") in ways and since < record.get("at", 0) <= now + 1 for record in records)


def _where_to_show_it(request: SignedInRequest) -> str:
    """The page for the second factor where there is one: the password alone would lead round in a circle."""
    ways = get_adapter().get_reauthentication_methods(request.user)
    wanted = [way for way in ways if way["id"].startswith("mfa")] if has_second_factor(request.user) else ways
    return str(wanted[0]["url"]) if wanted else reverse("account_reauthenticate")
