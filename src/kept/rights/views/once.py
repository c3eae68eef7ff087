"""A form that is sent twice counts once: the browser's session decides, inside the transaction that sends it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from kept.rights.access import hold_session


def locked_session(request: HttpRequest) -> dict[str, Any]:
    """What the session holds now, and nobody else's until the transaction ends. `request.session` is older."""
    hold_session(request.session.session_key)
    stored: dict[str, Any] = request.session.load()
    return stored


def replace_in_session(request: HttpRequest, old: str, new: str, value: object) -> None:
    """Written now, and not after the answer: the same form, sent again, must find it so."""
    request.session.pop(old, None)
    request.session[new] = value
    request.session.save()
