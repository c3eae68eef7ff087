"""Talking to the site that a package goes to. It says how much it has, and we go on from there."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import BinaryIO

from django.conf import settings

from kept.engine.portable import FORMAT
from kept.post.languages import ENGLISH, language_of
from kept.rights.origins import allowed, plain_to
from kept.rights.portability.discovery import site_at
from kept.rights.portability.errors import OtherSite
from kept.rights.portability.rules import MOST_WORDS, read_state, transfer_text
from kept.rights.signatures import sign
from kept.security.fetch import BadAnswer, fetch

SECONDS = 30.0  # for one request
AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})  # answers after which trying later is of use
ASKED_ANEW = 3  # times that the other site may say that it has another number of bytes


class TryLater(Exception):
    """The other site cannot take it now. Nothing is lost there or here; it is tried again from where it stands."""


def offer(origin: str, email: str, sha256: str, size: int, language: str = ENGLISH) -> tuple[str, int, str, str, int]:
    """Announce a package. Returns the address to send to, how much is there, the state, why refused, and how large a
    piece may be. Raises FetchError, OtherSite, TryLater."""
    site = site_at(origin)
    if not site.accepts:
        raise OtherSite("The other provider’s site takes nothing in.")
    if size > site.most:
        raise OtherSite(f"It is larger than the other provider’s site takes: {site.most:,} bytes.")
    said = {
        "format": FORMAT,
        "from": settings.SITE_URL,
        "sha256": sha256,
        "size": size,
        "email": email,
        "signature": sign(transfer_text(settings.SITE_URL, origin, sha256, size, email)),
        "language": language_of(language).tag,
    }
    raw = _post(origin, site.upload, json.dumps(said).encode(), "application/json")
    state, have, problem = read_state(raw)
    return f"{site.upload}{sha256}/", have, state, problem, site.piece


def send_pieces(
    origin: str, to: str, file: BinaryIO, size: int, have: int, piece: int, moved: Callable[[int], None]
) -> tuple[str, str]:
    """Send what is not there yet, piece after piece. Returns the state there, and why it was refused.

    Raises FetchError, OtherSite, TryLater, and what reading the file raises.
    """
    asked, state, problem = 0, "receiving", ""
    _skip(file, 0, have)
    place = have
    while state == "receiving" and place < size:
        raw = file.read(min(piece, size - place))
        if not raw:
            raise OtherSite("The other provider’s site has more of it than there is.")
        try:
            answer = _post(origin, f"{to}{place}/", raw, "application/octet-stream")
        except BadAnswer as refused:
            if refused.status != 409 or asked >= ASKED_ANEW:
                raise
            asked += 1
            answer = refused.body
        state, have, problem = read_state(answer)
        if have < place + len(raw) or have > size:  # it lost a piece, or somebody else sends the same
            if asked >= ASKED_ANEW:
                raise TryLater("The other provider’s site has not kept what it was sent.")
            asked += 1
            file.seek(0)
            _skip(file, 0, min(have, size))
        elif have > place + len(raw):
            _skip(file, place + len(raw), have)
        place = have
        moved(have)
    return state, problem


def state_there(origin: str, to: str) -> tuple[str, str]:
    """What became of it: the state there, and why it was refused. Raises FetchError, OtherSite, TryLater."""
    try:
        answer = fetch(to, most=MOST_WORDS, seconds=SECONDS, allowed=allowed(), plain=plain_to(origin))
    except BadAnswer as refused:
        raise _later_or_never(refused) from None
    state, _, problem = read_state(answer.body)
    return state, problem


def _post(origin: str, url: str, data: bytes, kind: str) -> bytes:
    try:
        answer = fetch(
            url, data=data, kind=kind, most=MOST_WORDS, seconds=SECONDS, allowed=allowed(), plain=plain_to(origin)
        )
    except BadAnswer as refused:
        if refused.status == 409:
            raise
        raise _later_or_never(refused) from None
    return answer.body


def _later_or_never(refused: BadAnswer) -> Exception:
    if refused.status in AGAIN:
        return TryLater(f"The other provider’s site answers {refused.status}.")
    return OtherSite(f"The other provider’s site does not take it: it answers {refused.status}.")


def _skip(file: BinaryIO, at: int, to: int) -> None:
    """Read on to a place: a sealed file cannot jump."""
    while at < to:
        read = file.read(min(1 << 20, to - at))
        if not read:
            raise OtherSite("The other provider’s site has more of it than there is.")
        at += len(read)
