"""What other sites use: our document, the schema, and where a package is sent to. No session, no cookie, JSON alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from kept.engine.package import PORTABLE, schema_of
from kept.rights.portability import actions
from kept.rights.portability.access import import_by_sum
from kept.rights.portability.discovery import ours
from kept.rights.portability.errors import Closed, NotTaken, OutOfPlace, TooMuch
from kept.rights.portability.models import Import
from kept.rights.portability.rules import MOST_WORDS, PIECE, SHA256, read_announced
from kept.terms import Actor

P = ParamSpec("P")
SITE = Actor("person")  # another site, that nobody has signed in from
PROBLEM = "application/problem+json"


def in_words(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """What is refused is told as RFC 9457 says, and repeats nothing that was sent."""

    @wraps(view)
    def told(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            answer = view(request, *args, **kwargs)
        except NotTaken as refused:
            answer = problem(refused.status, str(refused))
        except Http404:
            answer = problem(404, "No such package was announced here.")
        answer.headers["Cache-Control"] = "no-store"
        return answer

    return told


def problem(status: int, detail: str, **more: object) -> HttpResponse:
    said = {"type": "about:blank", "title": "Not taken in", "status": status, "detail": detail, **more}
    return HttpResponse(json.dumps(said), status=status, content_type=PROBLEM)


@require_safe
def document(request: HttpRequest) -> HttpResponse:
    """/.well-known/kept-portability.json"""
    return JsonResponse(ours(), json_dumps_params={"indent": 1})


@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    return HttpResponse(schema_of(PORTABLE), content_type="application/schema+json")


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """The same in words, for whoever builds such a site."""
    return render(request, "portability/about.html", {"site": ours(), "piece": PIECE})


@csrf_exempt
@require_POST
@in_words
def announce(request: HttpRequest) -> HttpResponse:
    if not settings.PORTABILITY_IN:
        raise Closed("This site takes nothing in.")
    said = read_announced(_body(request, MOST_WORDS), settings.PORTABILITY_MOST)
    return state_of(actions.announced(said, by=SITE, at=timezone.now()), status=202)


@csrf_exempt
@require_POST
@in_words
def piece(request: HttpRequest, sha256: str, offset: int) -> HttpResponse:
    taken = _known(sha256)
    raw = _body(request, PIECE)
    try:
        taken = actions.piece_came(taken, offset, raw, by=SITE, at=timezone.now())
    except OutOfPlace as refused:
        taken.refresh_from_db()
        return problem(refused.status, str(refused), state=taken.state, have=taken.received)
    return state_of(taken)


@require_safe
@in_words
def state(request: HttpRequest, sha256: str) -> HttpResponse:
    return state_of(_known(sha256))


def state_of(taken: Import, status: int = 200) -> HttpResponse:
    said = {"state": taken.state, "have": taken.received}
    return JsonResponse({**said, "problem": taken.problem} if taken.problem else said, status=status)


def _known(sha256: str) -> Import:
    if not settings.PORTABILITY_IN:
        raise Closed("This site takes nothing in.")
    if not SHA256.fullmatch(sha256):
        raise Http404
    return import_by_sum(sha256)


def _body(request: HttpRequest, most: int) -> bytes:
    """What was sent, as far as it is allowed to be. Raises TooMuch."""
    declared = request.META.get("CONTENT_LENGTH") or "0"
    if not declared.isdigit() or int(declared) > most:
        raise TooMuch(f"At most {most} bytes are taken at once.")
    raw = request.read(most + 1)
    if len(raw) > most:
        raise TooMuch(f"At most {most} bytes are taken at once.")
    return raw
