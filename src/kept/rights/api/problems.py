"""Errors as programs read them: RFC 9457. No text of theirs repeats anything that was sent.

The address of a kind is stable: it leads to the page that explains it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True)
class Kind:
    slug: str  # the last part of its address; never changed, never used for something else
    status: int
    title: str
    means: str  # one or two sentences for the page: what happened, and what to do


KINDS: tuple[Kind, ...] = (
    Kind(
        "unreadable",
        400,
        "The body cannot be read",
        "It is no JSON, no UTF-8, or holds signs that no text holds. Nothing was done. Mend the body.",
    ),
    Kind(
        "bad-request",
        400,
        "The request cannot be understood",
        "Its address or its headers are not those of HTTP. Nothing was done. Mend the request.",
    ),
    Kind(
        "no-token",
        401,
        "No valid token",
        "Send Authorization: Bearer with the token of your app. It may have been revoked; ask an engineer.",
    ),
    Kind(
        "scope-missing",
        403,
        "This app may not do that",
        "The token lacks the scope named in detail. An engineer gives scopes with a new token.",
    ),
    Kind(
        "forbidden",
        403,
        "This is not allowed",
        "Something refused it before the token was looked at, such as a network rule. Nothing was done.",
    ),
    Kind(
        "not-found",
        404,
        "Nothing is here",
        "The address is wrong, or it names what your app did not open. Nothing was done.",
    ),
    Kind(
        "method-not-allowed",
        405,
        "This method is not for this address",
        "The header Allow names the methods that are. Nothing was done.",
    ),
    Kind(
        "not-now",
        409,
        "The request has gone on",
        "It is too late, or too early, for this step. Read how it stands, and go on from there.",
    ),
    Kind(
        "key-used",
        409,
        "This key came with another request",
        "Each Idempotency-Key is for one request. Nothing was opened. Send a new key.",
    ),
    Kind(
        "no-rule",
        409,
        "No approved rule of that name was in force then",
        "Nothing was logged. Have the rule registered and approved; logging the decision again is safe then.",
    ),
    Kind(
        "number-used",
        409,
        "This number came with another decision",
        "The system has logged another decision under that number. Nothing was logged.",
    ),
    Kind(
        "too-large",
        413,
        "The body is too large",
        "A body has at most 64 KiB. Nothing was read or done.",
    ),
    Kind(
        "media-type",
        415,
        "The body is not sent as JSON",
        "Send Content-Type: application/json. Nothing was done.",
    ),
    Kind(
        "invalid",
        422,
        "Some of what was sent cannot be used",
        "errors names each place and what is wrong there. Nothing was done. Mend these, and send again.",
    ),
    Kind(
        "too-many",
        429,
        "Too many requests",
        "Retry-After says how many seconds to wait. Nothing was done.",
    ),
    Kind(
        "no-code",
        429,
        "No code is mailed now",
        "One was mailed a moment ago, or too many were. The person can still type the newest one.",
    ),
    Kind(
        "internal",
        500,
        "Something broke here",
        "It is our fault, and was logged. Trying again with the same Idempotency-Key is safe.",
    ),
    Kind(
        "not-yet",
        503,
        "This cannot be answered now",
        "A part of the service does not answer. Trying again later is safe.",
    ),
)
BY_SLUG: Mapping[str, Kind] = {kind.slug: kind for kind in KINDS}
# What an answer becomes that another part of the site gave.
BY_STATUS: Mapping[int, str] = {
    400: "bad-request",
    401: "no-token",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    413: "too-large",
    415: "media-type",
    429: "too-many",
    503: "not-yet",
}


@dataclass(frozen=True)
class Place:
    """One thing that cannot be used. `where` is a JSON pointer into the body, or the name of a header."""

    where: str
    what: str


class Problem(Exception):
    """An answer that says no. Nothing was done, unless its kind says otherwise."""

    def __init__(
        self,
        slug: str,
        detail: str = "",
        *,
        places: Sequence[Place] = (),
        wait: float | None = None,
    ) -> None:
        self.kind, self.detail, self.places, self.wait = BY_SLUG[slug], detail, tuple(places), wait
        super().__init__(slug)


def address_of(kind: Kind) -> str:
    return f"{settings.SITE_URL}{reverse('api_problem', args=[kind.slug])}"


def answer(problem: Problem) -> HttpResponse:
    kind = problem.kind
    said: dict[str, object] = {"type": address_of(kind), "title": kind.title, "status": kind.status}
    said["detail"] = problem.detail or kind.means
    if problem.places:
        said["errors"] = [{"where": place.where, "what": place.what} for place in problem.places]
    response = HttpResponse(json.dumps(said), status=kind.status, content_type=MEDIA_TYPE)
    if kind.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="api"'
    if problem.wait is not None:
        response.headers["Retry-After"] = str(max(1, round(problem.wait)))
    return response


def instead_of(status: int) -> HttpResponse:
    """The same answer, as programs read it."""
    slug = BY_STATUS.get(status, "internal" if status >= 500 else "bad-request")
    return answer(Problem(slug))
