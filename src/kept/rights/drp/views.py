"""The Data Rights Protocol 1.0, as a business's own server: pair-wise keys, requests, their status, revoking.

Signed bodies come as text/plain; what they are called by a header says nothing, so it is not looked at.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from kept.engine.errors import NotAnIdentifier
from kept.people.limits import place_of
from kept.post.outbox import BadAddress
from kept.rights.drp.access import agent_by_token, agent_named, directory_entry, request_of, status_of
from kept.rights.drp.actions import revoke_request, set_up_token, take_request
from kept.rights.drp.asking import read
from kept.rights.drp.door import bare, error
from kept.rights.drp.errors import Refused
from kept.rights.drp.messages import Signed, check_envelope, opened, text, verify_key
from kept.rights.drp.models import Agent
from kept.rights.drp.telling import may_be_told_at
from kept.rights.errors import NotNow
from kept.security.rates import Rate
from kept.security.tries import take_back, try_once
from kept.terms import Actor

CALLS = Rate(300, timedelta(minutes=1))  # of one agent
OPENED = Rate(600, timedelta(hours=1))  # requests of one agent: each may mail somebody
GUESSES = Rate(30, timedelta(minutes=5))  # failed key setups and tokens of nobody, from one place
LONGEST_REASON = 2_000
BEARER = re.compile(r"Bearer +([\x21-\x7e]{1,200})", re.IGNORECASE)


@require_safe
def directory(request: HttpRequest) -> HttpResponse:
    """Our entry, for whoever keeps the directory of businesses."""
    return JsonResponse(directory_entry())


@csrf_exempt
def agent(request: HttpRequest, agent_id: str) -> HttpResponse:
    if request.method == "POST":
        return _set_up(request, agent_id)
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    caller = _caller(request)
    if isinstance(caller, HttpResponse):
        return caller
    return JsonResponse({}) if caller.agent_id == agent_id else error(403)


def _set_up(request: HttpRequest, agent_id: str) -> HttpResponse:
    """2.05: a token for whoever shows the key that the directory names for this agent."""
    at = timezone.now()
    if _guessed_too_often(request, at, look=True):
        return error(429)
    found = agent_named(agent_id)
    try:
        if found is None:
            raise Refused(403, "")
        signed = opened(request.body, verify_key(found.verify_key))
        until = check_envelope(signed.claims, agent_id=agent_id, business_id=settings.DRP_BUSINESS, now=at)
        with transaction.atomic():
            _once(found, signed, until, at)
            token = set_up_token(found, by=actor_of(found), at=at)
    except Refused:
        _guessed_too_often(request, at)
        return bare()
    return JsonResponse({"agent-id": agent_id, "token": token})


@csrf_exempt
def requests(request: HttpRequest) -> HttpResponse:
    """2.01: exercise a right."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    caller = _caller(request)
    if isinstance(caller, HttpResponse):
        return caller
    at = timezone.now()
    try:
        signed = opened(request.body, verify_key(caller.verify_key))
        until = check_envelope(signed.claims, agent_id=caller.agent_id, business_id=settings.DRP_BUSINESS, now=at)
        asked = read(signed.claims)
        if asked.status_callback and not may_be_told_at(asked.status_callback):
            raise Refused(400, "status_callback is no https address of the open internet.", fatal=True)
        if try_once("drp open", str(caller.pk), OPENED, at=at) is not None:
            return error(429)
        with transaction.atomic():
            _once(caller, signed, until, at)
            taken = take_request(caller, asked, by=actor_of(caller), at=at)
    except Refused as refused:
        return error(refused.status, refused.message, fatal=refused.fatal)
    except (NotAnIdentifier, BadAddress):
        return error(400, "email is no address that we can write to.", fatal=True)
    return JsonResponse(status_of(taken, at))


@csrf_exempt
def one_request(request: HttpRequest, request_id: str) -> HttpResponse:
    """2.02, 2.04: how it stands; that the person no longer wants it."""
    if request.method not in ("GET", "HEAD", "DELETE"):
        return HttpResponseNotAllowed(["GET", "HEAD", "DELETE"])
    caller = _caller(request)
    if isinstance(caller, HttpResponse):
        return caller
    found, at = request_of(caller, request_id), timezone.now()
    if found is None:
        return error(403)
    if request.method == "DELETE":
        try:
            signed = opened(request.body, verify_key(caller.verify_key))
            text(signed.claims, "reason", LONGEST_REASON)
            found = revoke_request(found, by=actor_of(caller), at=at)
        except Refused as refused:
            return error(refused.status, refused.message, fatal=refused.fatal)
        except NotNow:
            return error(409, "It is too late to revoke this request.")
        told = status_of(found, at)
        return JsonResponse(told) if told["status"] == "revoked" else error(409, "This request has ended already.")
    return JsonResponse(status_of(found, at))


@csrf_exempt
def nothing_here(request: HttpRequest, **_: Any) -> HttpResponse:
    return error(404)


def actor_of(agent: Agent) -> Actor:
    return Actor("agent", str(agent.pk))


def _caller(request: HttpRequest) -> Agent | HttpResponse:
    """The agent of the bearer token; or the answer for who has none, or calls too often."""
    at = timezone.now()
    given = BEARER.fullmatch(request.headers.get("Authorization", "").strip())
    found = agent_by_token(given.group(1)) if given else None
    if found is None:
        return error(429) if _guessed_too_often(request, at) else error(403, "There is no such token.")
    if try_once("drp", str(found.pk), CALLS, at=at) is not None:
        return error(429)
    return found


def _guessed_too_often(request: HttpRequest, at: datetime, *, look: bool = False) -> bool:
    """Counts a guess from this place. `look`: asks whether one more may be made, and counts it only if it fails."""
    place = place_of(request)
    wait = try_once("drp guess", place, GUESSES, at=at)
    if look and wait is None:
        take_back("drp guess", place, GUESSES, at=at)
    return wait is not None


def _once(agent: Agent, signed: Signed, until: datetime, at: datetime) -> None:
    """In the transaction that acts on it: the same message is taken once, whichever process it comes to. Raises
    Refused."""
    seconds = (until - at).total_seconds() + 1
    if not caches["default"].add(f"drp.{agent.pk}.{signed.signature.hex()}", 1, timeout=seconds):
        raise Refused(409, "This message was taken before. Sign a new one.", fatal=True)
