"""Telling agents how requests stand: which are to be told, and the one call that tells it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings

from kept.rights.drp.access import status_of, to_be_told
from kept.rights.drp.models import AgentRequest
from kept.rights.drp.rules import digest_of
from kept.rights.models import Case
from kept.security.fetch import FetchError, NotAllowed, checked, fetch
from kept.work.steps import key_of, queue

SECONDS, MOST = 15.0, 64 * 1024  # of an answer that is not read


def queue_telling(at: datetime, *, case: Case | None = None) -> int:
    """Queue what an agent does not know yet; of one case, or of all. Returns how many."""
    queued = 0
    for request in to_be_told(case):
        digest = digest_of(status_of(request, at))
        if request.told and digest != request.told:  # "": its first status is only now being answered
            key = key_of("drp.tell", request.pk, request.told, digest)
            queue("drp.tell", at=at, key=key, request=request.pk)
            queued += 1
    return queued


def may_be_told_at(url: str) -> bool:
    """Whether status can be sent there: https to the open internet, or what the settings allow inside."""
    try:
        checked(url, _allowed(), plain=_is_allowed(url))
    except NotAllowed:
        return False
    return True


def tell(request: AgentRequest, status: Mapping[str, object]) -> str:
    """Send it. Returns why it was not taken; "": it was. No word of the answer is read."""
    data, url = json.dumps(status).encode(), request.status_callback
    try:
        answer = fetch(
            url,
            data=data,
            kind="application/json",
            most=MOST,
            seconds=SECONDS,
            allowed=_allowed(),
            plain=_is_allowed(url),
        )
    except FetchError as problem:
        return f"The agent did not take it: {type(problem).__name__}."
    return "" if answer.status == 200 else f"The agent did not take it: it answered {answer.status}."


def _allowed() -> frozenset[str]:
    return frozenset(settings.FETCH_ALLOWED)


def _is_allowed(url: str) -> bool:
    """Plain http goes only to a place inside that the settings name."""
    try:
        parts = urlsplit(url)
        return f"{parts.hostname}:{parts.port}" in _allowed()
    except ValueError:
        return False
