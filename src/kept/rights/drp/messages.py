"""Signed messages of the Data Rights Protocol 1.0: base64 of an Ed25519 signature and the JSON behind it.

Plain functions on bytes: no clock, no database, no request. Checked in the order that section 3.07 gives.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from kept.rights.drp.errors import BadAgent, Refused

SIGNATURE_BYTES, KEY_BYTES = 64, 32
WIDEST = timedelta(minutes=16)  # from issued-at to expires-at: 15 minutes, and what two readings of a clock differ
VERSIONS = ("1.0", "0.9.4")  # the same words
NO_LETTER = re.compile("[\0\ud800-\udfff]")  # what no store can hold
DEEPEST = 16
# Points of small order: with one of these as its key, a signature holds for messages that nobody signed.
SMALL_ORDER = frozenset(
    bytes.fromhex(one)
    for one in (
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    )
)


@dataclass(frozen=True)
class Signed:
    """A message whose signature holds."""

    claims: Mapping[str, Any]
    signature: bytes


def verify_key(text: str) -> bytes:
    """The 32 bytes of an agent's key. Raises BadAgent."""
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise BadAgent("verify_key is not base64.") from None
    if len(key) != KEY_BYTES:
        raise BadAgent(f"verify_key has {len(key)} bytes; an Ed25519 key has {KEY_BYTES}.")
    if key[:31] + bytes([key[31] & 0x7F]) in SMALL_ORDER:
        raise BadAgent("verify_key is one under which anybody could sign.")
    return key


def opened(body: bytes, key: bytes) -> Signed:
    """Base64, then the signature, and only then what it says. Raises Refused."""
    try:
        raw = base64.b64decode(body.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise Refused(400, "The body is not base64.", fatal=True) from None
    if len(raw) <= SIGNATURE_BYTES:
        raise Refused(400, "The body is too short to hold a signature and a message.", fatal=True)
    signature, message = raw[:SIGNATURE_BYTES], raw[SIGNATURE_BYTES:]
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        raise Refused(403, "The signature is not one of this agent.", fatal=True) from None
    try:
        claims = json.loads(message.decode("utf-8"))
    except (ValueError, RecursionError):
        raise Refused(400, "The signed message is no JSON.", fatal=True) from None
    if not isinstance(claims, dict) or not _holds_letters(claims, 0):
        raise Refused(400, "The signed message is no JSON object of plain texts.", fatal=True)
    return Signed(claims, signature)


def check_envelope(claims: Mapping[str, Any], *, agent_id: str, business_id: str, now: datetime) -> datetime:
    """Who sends it, to whom, and whether it is its time. Returns until when it counts. Raises Refused."""
    if claims.get("agent-id") != agent_id:
        raise Refused(403, "agent-id is not the agent of this token.", fatal=True)
    if claims.get("business-id") != business_id:
        raise Refused(400, "business-id is not this business.", fatal=True)
    issued, expires = instant(claims, "issued-at"), instant(claims, "expires-at")
    if now <= issued:
        raise Refused(400, "issued-at lies in the future.")
    if now >= expires:
        raise Refused(400, "The message has expired. Sign it anew.", fatal=True)
    if expires - issued > WIDEST:
        raise Refused(400, "expires-at is more than 15 minutes after issued-at.", fatal=True)
    if claims.get("drp.version") not in VERSIONS:
        raise Refused(400, f"drp.version is none of {', '.join(VERSIONS)}.", fatal=True)
    return expires


def instant(claims: Mapping[str, Any], name: str) -> datetime:
    """Raises Refused."""
    value = claims.get(name)
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) and len(value) <= 40 else None
        if found is not None and found.tzinfo is not None and found.utcoffset() is not None:
            found - timedelta(days=1)  # the first day of all has none before it
            return found
    except (ValueError, OverflowError):
        pass
    raise Refused(400, f"{name} is no instant in ISO 8601 with its offset.", fatal=True)


def text(claims: Mapping[str, Any], name: str, most: int, *, required: bool = False) -> str:
    """Raises Refused."""
    value = claims.get(name)
    if value is None and not required:
        return ""
    if not isinstance(value, str) or len(value) > most or (required and not value.strip()):
        raise Refused(400, f"{name} is a text of at most {most} letters.", fatal=True)
    return value


def _holds_letters(value: object, depth: int) -> bool:
    """Texts that a store can hold, also in claims that we do not know; and not nested without end."""
    if depth > DEEPEST:
        return False
    if isinstance(value, str):
        return not NO_LETTER.search(value)
    if isinstance(value, Mapping):
        return all(not NO_LETTER.search(name) and _holds_letters(inner, depth + 1) for name, inner in value.items())
    return all(_holds_letters(inner, depth + 1) for inner in value) if isinstance(value, list) else True
