"""The company's own pages, and what machines ask of every site."""

from __future__ import annotations

from datetime import timedelta

from allauth.account.internal.flows.login import record_authentication
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.core.cache import caches
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from kept.people.access import SignedInRequest, display_name, signed_in
from kept.people.actions import CAST
from kept.people.adapter import has_second_factor
from kept.people.browsers import browsers_of
from kept.people.details import came_back, is_due
from kept.people.models import Account
from kept.policy.access import policy, unread_by
from kept.policy.evidence import evidence_for
from kept.policy.shown import Row
from kept.site.context import site

SHOWN_FIRST = ("5.1",)  # clauses shown on the first page, as a taste of the policy page
SECURITY_TXT_LASTS = timedelta(days=180)  # RFC 9116, 2.5.5: less than a year


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    # A crowd does not make a check run for each of it.
    rows = caches["memory"].get_or_set("home", shown_first, timeout=60)
    return render(request, "home.html", {"rows": rows})


def shown_first() -> list[Row]:
    in_force, at = policy(), timezone.now()
    shown = [clause for clause in in_force.text.clauses if clause.id in SHOWN_FIRST]
    return [Row(clause, in_force.promise(clause.id), evidence_for(clause.id, at)) for clause in shown]


@require_safe
@signed_in
def client_area(request: SignedInRequest) -> HttpResponse:
    return render(
        request,
        "client_area.html",
        {
            "called": display_name(request.user),
            "second_factor": has_second_factor(request.user),
            "browsers": browsers_of(request.user, timezone.now()).count(),
            "news": unread_by(request.user.pk),
            "today": timezone.now().date(),
            "came_back": came_back(request.user),
            "check_details": is_due(request.user, timezone.now()),
        },
    )


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """RFC 9116: whom to tell about a weakness."""
    expires = (timezone.now() + SECURITY_TXT_LASTS).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = (
        f"Contact: mailto:{settings.CONTACT}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en",
        f"Canonical: {settings.SITE_URL}/.well-known/security.txt",
    )
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
def change_password(request: HttpRequest) -> HttpResponse:
    """Where password managers look for the form that changes a password."""
    return redirect("account_change_password")


@require_POST
def demo_sign_in(request: HttpRequest) -> HttpResponse:
    """One press signs in one of the demo's invented people. Outside the demo this page does not exist."""
    if not settings.DEMO or request.POST.get("email") not in [email for email, _, _ in CAST]:
        raise Http404
    account = Account.objects.filter(email=request.POST["email"], is_active=True).first()
    if account is None:
        messages.error(request, "The demo's people are not here yet. Run: kept demo load")
        return redirect("account_login")
    login(request, account, backend="allauth.account.auth_backends.AuthenticationBackend")
    record_authentication(request, account, method="demo", reauthenticated=True)
    way = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(way, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return redirect(way if safe else resolve_url(settings.LOGIN_REDIRECT_URL))


def server_error(request: HttpRequest) -> HttpResponse:
    """Without the store, the session or the person: one of them may be what broke."""
    return HttpResponse(render_to_string("500.html", site() | {"at": timezone.now()}), status=500)
