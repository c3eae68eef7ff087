"""How two sites speak about a package: plain values in, plain values out. See docs/reference/portability.md."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeGuard

from kept.engine.errors import NotAnIdentifier
from kept.engine.identifiers import normal
from kept.engine.portable import FORMAT
from kept.post.languages import ENGLISH, nearest
from kept.rights.portability.errors import BadWords, OtherSite

WELL_KNOWN = "/.well-known/kept-portability.json"
UPLOAD = "/portability/in/"
PIECE = 1_000_000  # bytes that one request carries at most
ROW = 256 * 1024  # bytes of one stored piece
MOST_WORDS = 64_000  # bytes of a document, an announcement, an answer
SHA256 = re.compile("[0-9a-f]{64}")

CONFIRM_WITHIN = timedelta(days=7)  # then what nobody has confirmed is given up
UPLOAD_WITHIN = timedelta(days=3)
KEPT_FOR = timedelta(days=90)  # after it was confirmed
SENDER_WITHIN = timedelta(days=1)  # by then the sender's site must have shown its key
MOST_WAITING = 200  # imports that nobody has confirmed yet, of everybody together
MOST_BYTES_WAITING = 2_000_000_000
MOST_PER_ADDRESS = 3  # and of one person in a day
PAUSE = timedelta(seconds=2)  # until we ask again what became of it
SEND_WITHIN = timedelta(days=7)  # then the person is told that it cannot be sent
OVERDUE = timedelta(days=2)  # a confirmed sending that is not over by then is late


@dataclass(frozen=True)
class Site:
    """What another site says of itself."""

    company: str
    accepts: bool
    upload: str
    most: int  # bytes
    piece: int  # bytes
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Announced:
    """What a site says before it sends."""

    sender: str  # origin
    sha256: str
    size: int
    email: str  # in its normal form
    signature: str
    language: str = "en"  # the person is written to in it; not signed: it opens nothing

    def text(self, receiver: str) -> bytes:
        """What the sender signs: it holds for this receiver, this package and this person alone."""
        return transfer_text(self.sender, receiver, self.sha256, self.size, self.email)


def transfer_text(sender: str, receiver: str, sha256: str, size: int, email: str) -> bytes:
    lines = (f"{FORMAT} transfer", f"from {sender}", f"to {receiver}", sha256, str(size), email)
    return "".join(f"{line}\n" for line in lines).encode()


def read_site(raw: bytes, origin: str) -> Site:
    """The document of another site. Raises OtherSite."""
    said = _words(raw)
    if said is None or said.get("format") != FORMAT:
        raise OtherSite("The other site does not know this way of sending.")
    upload, keys = said.get("upload"), said.get("keys")
    most, piece = said.get("most_bytes"), said.get("piece_bytes")
    if not isinstance(upload, str) or not upload.startswith(f"{origin}/") or not upload.endswith("/"):
        raise OtherSite("The other site wants it sent to another address than its own.")
    if not isinstance(keys, list) or not 0 < len(keys) <= 10 or not all(isinstance(one, str) for one in keys):
        raise OtherSite("The other site shows no key.")
    if not _is_number(most, 1, 10**12) or not _is_number(piece, 1_000, 10**9):
        raise OtherSite("The other site does not say how much it takes.")
    company = said.get("company")
    name = company if isinstance(company, str) and len(company) <= 200 else ""
    return Site(name, said.get("accepts") is True, upload, most, min(piece, PIECE), tuple(keys))


def read_announced(raw: bytes, most: int) -> Announced:
    """What a site wants to send. Raises BadWords."""
    said = _words(raw)
    if said is None or said.get("format") != FORMAT:
        raise BadWords(f"format must be {FORMAT}.")
    sender, sha256, size = said.get("from"), said.get("sha256"), said.get("size")
    email, signature = said.get("email"), said.get("signature")
    if not isinstance(sender, str) or not 0 < len(sender) <= 300 or "\n" in sender:
        raise BadWords("from must be the address of the sender’s site.")
    if not isinstance(sha256, str) or not SHA256.fullmatch(sha256):
        raise BadWords("sha256 must be 64 small hexadecimal digits.")
    if not _is_number(size, 1, 10**12):
        raise BadWords("size must be the number of bytes.")
    if not isinstance(signature, str) or len(signature) > 200:
        raise BadWords("signature must be an Ed25519 signature in Base64.")
    try:
        address = normal("email", email if isinstance(email, str) else "")
    except NotAnIdentifier:
        raise BadWords("email must be an e-mail address.") from None
    tag = said.get("language")
    language = nearest(tag) if isinstance(tag, str) and len(tag) <= 35 else None
    return Announced(sender, sha256, size, address.value, signature, language or ENGLISH)


def read_state(raw: bytes) -> tuple[str, int, str]:
    """(state, how many bytes are there, why it was refused), as the other site answers. Raises OtherSite."""
    said = _words(raw)
    state, have = (said or {}).get("state"), (said or {}).get("have")
    if not isinstance(state, str) or not _is_number(have, 0, 10**12):
        raise OtherSite("The other site answers in a way that we do not know.")
    problem = (said or {}).get("problem")
    return state[:20], have, problem[:40] if isinstance(problem, str) else ""


def _words(raw: bytes) -> Mapping[str, Any] | None:
    try:
        said = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def _is_number(value: object, least: int, most: int) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
