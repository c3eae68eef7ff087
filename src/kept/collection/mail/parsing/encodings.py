"""Undoing how a body was packed for its way (RFC 2045, 6). What is broken gives what can be read of it."""

from __future__ import annotations

import binascii

NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))


def unpacked(raw: bytes, encoding: str) -> tuple[bytes, bool]:
    """The bytes, and whether the encoding is one that is known."""
    name = encoding.strip().lower()
    if name == "base64":
        return from_base64(raw), True
    if name == "quoted-printable":
        return binascii.a2b_qp(raw), True
    if name in ("x-uuencode", "uuencode", "x-uue", "uue"):
        return _from_uu(raw), True
    return raw, name in ("", "7bit", "8bit", "binary")


def from_base64(raw: bytes) -> bytes:
    clean = raw.translate(None, NOT_BASE64)
    if len(clean) % 4 == 1:  # a last sign alone says nothing
        clean = clean[:-1]
    return binascii.a2b_base64(clean + b"=" * (-len(clean) % 4))


def _from_uu(raw: bytes) -> bytes:
    lines = raw.splitlines()
    begin = next((number for number, line in enumerate(lines) if line.startswith(b"begin ")), -1)
    found = []
    for line in lines[begin + 1 :]:
        if line.strip() == b"end":
            break
        try:
            found.append(binascii.a2b_uu(line))
        except binascii.Error:
            continue
    return b"".join(found)
