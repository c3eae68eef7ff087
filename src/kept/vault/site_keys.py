"""Keys for one use each, out of the site's key."""

from __future__ import annotations

from functools import lru_cache

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


def site_keys(use: str) -> list[bytes]:
    """32 bytes for each of the site's keys, the newest first (HKDF, RFC 5869). Two uses share no key."""
    return [derived(key, use) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


@lru_cache(maxsize=128)
def derived(secret: str | bytes, use: str) -> bytes:
    raw = secret.encode() if isinstance(secret, str) else secret
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"kept {use}".encode()).derive(raw)
