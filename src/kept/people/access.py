"""Who may see what. Absent and not yours are answered alike."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import resolve_url

from kept.people.models import Account
from kept.terms import Actor, Role

P = ParamSpec("P")

ROLES: tuple[Role, ...] = ("customer", "support", "privacy_officer", "engineer", "auditor")
STAFF: tuple[Role, ...] = ROLES[1:]


MAY_APPROVE_STAFF: tuple[Role, ...] = ("engineer", "privacy_officer")


class SignedInRequest(HttpRequest):
    """What a view behind `signed_in` or `role_required` gets."""

    user: Account


def display_name(account: Account) -> str:
    """How a page calls the person: by name, else by address. Never for logs or the ledger."""
    return account.name or account.email


def actor_of(request: SignedInRequest) -> Actor:
    """The `by` of an action called from a page."""
    return request.user.actor


def role_required(
    *roles: Role,
) -> Callable[
    [Callable[Concatenate[SignedInRequest, P], HttpResponseBase]],
    Callable[Concatenate[HttpRequest, P], HttpResponseBase],
]:
    """Nobody: to the sign-in page. Another role: 404, as if the page were not there."""
    if not roles or not set(roles) <= set(ROLES):
        raise ValueError(f"roles must be some of {ROLES}")

    def guard(
        view: Callable[Concatenate[SignedInRequest, P], HttpResponseBase],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(way_back(request))
            if request.user.role not in roles:
                raise Http404
            return view(cast(SignedInRequest, request), *args, **kwargs)

        guarded.roles = roles  # type: ignore[attr-defined]  # for `may_open`
        return guarded

    return guard


def signed_in(
    view: Callable[Concatenate[SignedInRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Anybody with an account; nobody: to the sign-in page and back."""
    return role_required(*ROLES)(view)


def may_open(account: Account | AnonymousUser, view: Callable[..., object]) -> bool:
    """Whether a link to the view is of use: nobody is sent to sign in for what is not for customers."""
    roles = getattr(view, "roles", ROLES)
    return (account.role if isinstance(account, Account) else "customer") in roles


def way_back(request: HttpRequest) -> str:
    """Where to go after signing in: the page asked for, or the client area when it was a form sent too late."""
    return request.get_full_path() if request.method in ("GET", "HEAD") else resolve_url(settings.LOGIN_REDIRECT_URL)


def takes_two_now(by: Actor) -> bool:
    """Whether a staff role needs a second person: the company wants it so, and somebody else is there to approve."""
    if "staff" not in settings.TWO_PERSONS:
        return False
    able = Account.objects.filter(role__in=MAY_APPROVE_STAFF, is_active=True)
    return (able.exclude(pk=by.id) if by.id else able).exists()
