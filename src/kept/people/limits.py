"""How often what may be tried, by whom: one table for every form that a stranger can send again and again.

Counted in the store (`kept.security.tries`), so it holds across processes, hosts and restarts. Wrong passwords and
codes are counted by allauth as well, in the same table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address, ip_network
from typing import Literal

from allauth.account.adapter import get_adapter
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils import timezone

from kept.security.rates import Rate
from kept.security.tries import try_once

GetResponse = Callable[[HttpRequest], HttpResponse]
Per = Literal["place", "account", "address", "link"]

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
IPV6_PREFIX = 64  # one household has so many addresses; they are one place


@dataclass(frozen=True)
class Limit:
    """`per`: the network address; the signed-in account; the e-mail address typed; the link (a case's own address)."""

    what: str
    per: Per
    rate: Rate


# A page's name (a room's own names end with a colon), and what counts there. The first that fits is taken.
TABLE: tuple[tuple[tuple[str, ...], tuple[Limit, ...]], ...] = (
    (
        ("account_login",),
        (
            Limit("sign-in", "place", Rate(30, 5 * MINUTE)),
            Limit("sign-in", "address", Rate(10, 5 * MINUTE)),
        ),
    ),
    (
        ("mfa_authenticate", "mfa_reauthenticate", "mfa_login_webauthn", "account_reauthenticate"),
        (Limit("second step", "place", Rate(30, 5 * MINUTE)),),
    ),
    (
        ("account_signup",),
        (Limit("sign-up", "place", Rate(20, HOUR)), Limit("sign-up", "address", Rate(5, HOUR))),
    ),
    (
        ("account_reset_password",),
        (Limit("code", "place", Rate(20, 10 * MINUTE)), Limit("code", "address", Rate(5, HOUR))),
    ),
    (
        ("account_email_verification_sent", "account_confirm_password_reset_code", "account_confirm_login_code"),
        (Limit("code typed", "place", Rate(30, 5 * MINUTE)),),
    ),
    (
        ("ask_who",),
        (Limit("request", "place", Rate(120, HOUR)),),
    ),
    (
        ("ask_check", "ask_sent_again"),
        (Limit("request sent", "place", Rate(60, HOUR)), Limit("request sent", "account", Rate(20, HOUR))),
    ),
    (
        ("request_messages", "request_messages_code"),
        (Limit("message", "place", Rate(60, HOUR)), Limit("message", "link", Rate(30, HOUR))),
    ),
    (
        ("letter_add", "proof", "proof_mail_code", "proof_letter_code", "proof_call_back", "proof_facts"),
        (Limit("staff form", "account", Rate(120, HOUR)),),
    ),
    (
        ("portability_announce",),
        (Limit("announced", "place", Rate(30, HOUR)),),
    ),
    (
        ("portability_piece",),
        (Limit("piece", "place", Rate(600, 5 * MINUTE)),),
    ),
    (
        ("import", "import_code", "request_send", "request_send_code"),
        (Limit("import code", "place", Rate(60, 10 * MINUTE)), Limit("import code", "link", Rate(15, 10 * MINUTE))),
    ),
    (
        ("request_document",),
        (Limit("document", "place", Rate(20, HOUR)), Limit("document", "link", Rate(10, HOUR))),
    ),
    (
        ("not_me",),
        (Limit("word of another address", "place", Rate(30, HOUR)),),
    ),
    (
        ("request_answer",),
        (Limit("answer to a question", "place", Rate(60, HOUR)), Limit("answer to a question", "link", Rate(20, HOUR))),
    ),
    (
        (
            "agent_request",
            "agent_request_code",
            "ask_sent",
            "request_code",
            "request_fetch",
            "request_fetch_code",
            "request_new_address",
            "request_new_address_again",
        ),
        (Limit("request code", "place", Rate(60, 10 * MINUTE)), Limit("request code", "link", Rate(15, 10 * MINUTE))),
    ),
    (
        ("complain", "complaint_add"),
        (Limit("complaint sent", "place", Rate(30, HOUR)), Limit("complaint sent", "account", Rate(20, HOUR))),
    ),
    (
        ("complaint", "complaint_code"),
        (
            Limit("complaint code", "place", Rate(60, 10 * MINUTE)),
            Limit("complaint code", "link", Rate(15, 10 * MINUTE)),
        ),
    ),
)
# Doors for programs count by themselves, for each program, and answer in their own form.
DOORS = ("api_", "drp_")
# Whatever else is sent: far more than a person sends, far less than a program that floods.
EVERYTHING = (
    Limit("form", "place", Rate(300, 5 * MINUTE)),
    Limit("form", "account", Rate(300, 5 * MINUTE)),
)


class Limits:
    """Answers 429 with a page that says when to try again. Reading is never limited, only sending."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        wait = over(request) if request.method not in ("GET", "HEAD", "OPTIONS") else None
        return self.get_response(request) if wait is None else too_many(request, wait)


def over(request: HttpRequest) -> timedelta | None:
    """Count this try in all that it counts for. None: go on; else the longest wait."""
    at = timezone.now()
    waits = [try_once(f"{limit.what}/{limit.per}", who, limit.rate, at=at) for limit, who in _counted(request)]
    return max((wait for wait in waits if wait is not None), default=None)


def too_many(request: HttpRequest, wait: timedelta) -> HttpResponse:
    seconds = max(1, round(wait.total_seconds()))
    minutes = -(-seconds // 60)
    answer = render(request, "429.html", {"minutes": minutes}, status=429)
    answer.headers["Retry-After"] = str(seconds)
    return answer


def place_of(request: HttpRequest) -> str:
    """The network address a request comes from; of IPv6, the network of one household."""
    return household(get_adapter().get_client_ip(request))


def household(address: str) -> str:
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    mapped = getattr(ip, "ipv4_mapped", None)
    if mapped is not None:
        return str(mapped)
    return str(ip) if ip.version == 4 else str(ip_network((ip, IPV6_PREFIX), strict=False))


def limits_for(name: str) -> tuple[Limit, ...]:
    if name.startswith(DOORS):
        return ()
    return next((limits for names, limits in TABLE if name in names), EVERYTHING)


def _counted(request: HttpRequest) -> Iterator[tuple[Limit, str]]:
    try:
        match = resolve(request.path_info)
    except Resolver404:
        return
    for limit in limits_for(match.url_name or ""):
        if limit.per == "place":
            yield limit, place_of(request)
        elif limit.per == "account" and request.user.is_authenticated:
            yield limit, str(request.user.pk)
        elif limit.per == "address":
            typed = request.POST.get("login") or request.POST.get("email") or ""
            if typed.strip():
                yield limit, typed.strip().lower()[:254]
        elif limit.per == "link" and match.kwargs.get("key"):
            yield limit, str(match.kwargs["key"])
