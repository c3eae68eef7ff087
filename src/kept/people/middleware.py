"""What holds on every page for whoever is signed in."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from kept.people.adapter import has_second_factor
from kept.people.browsers import note

GetResponse = Callable[[HttpRequest], HttpResponse]


class OneTransaction:
    """What a form under /account/ changes, its ledger entry and its mail commit together, or not at all.

    The sign-in form is left out: it changes nothing but a date, and would hold the store's lock while it hashes.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        sign_in = reverse("account_login")
        if request.method != "POST" or not request.path.startswith("/account/") or request.path == sign_in:
            return self.get_response(request)
        with transaction.atomic():
            response = self.get_response(request)
            if response.status_code >= 500:
                transaction.set_rollback(True)
        return response


class Browsers:
    """Keeps the list of a person's signed-in browsers: one look for each page, one write in five minutes."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated and request.session.session_key:
            note(request, request.user, timezone.now())
        return response


class StaffSecondFactor:
    """Outside the demo, staff without a second factor can set one up, sign out, and nothing else."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: object) -> HttpResponse | None:
        if settings.DEMO or not request.user.is_authenticated or not request.user.is_staff_member:
            return None
        name = request.resolver_match.url_name if request.resolver_match else None
        if name and (name.startswith("mfa_") or name in ("account_logout", "account_reauthenticate", "healthz")):
            return None
        return None if has_second_factor(request.user) else redirect("mfa_index")
