"""Links and mailed codes that open what is somebody's. Only hashes are stored; a leaked store opens nothing.

`purpose` keeps what opens one kind of thing from opening another: "case link", "complaint code".
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from string import ascii_uppercase
from uuid import UUID

from kept.vault.site_keys import site_keys

TOKEN_BYTES = 18  # 144 bits
REFERENCE_SIGNS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that is taken for another, on paper or by telephone


def new_code() -> str:
    """Six digits."""
    return f"{secrets.randbelow(10**6):06d}"


def code_hash(purpose: str, code: str, about: UUID) -> str:
    """Keyed: six digits alone would be guessed from their hash at once."""
    return _mac(site_keys(purpose)[0], about, code)


def code_is(purpose: str, code: str, hashed: str, about: UUID) -> bool:
    """Whether that is the code; spaces and dashes, as people type them, do not matter."""
    clean = "".join(sign for sign in code if sign.isdigit())
    return bool(hashed) and any(hmac.compare_digest(_mac(key, about, clean), hashed) for key in site_keys(purpose))


def token_of(purpose: str, about: UUID, hashed: str = "") -> str:
    """The token of a link, worked out again whenever a mail needs it.

    `hashed`: what is stored; after the site's key was changed, the token of the key that fits is given.
    """
    tokens = [_token(key, about) for key in site_keys(purpose)]
    return next((token for token in tokens if token_hash(token) == hashed), tokens[0])


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def new_reference(company: str, year: int) -> str:
    """ "HC-2026-4F7K2": the company's initials, the year, five signs by chance."""
    initials = "".join(word[0] for word in company.upper().split() if word[0] in ascii_uppercase)[:3] or "K"
    return f"{initials}-{year}-{''.join(secrets.choice(REFERENCE_SIGNS) for _ in range(5))}"


def _token(key: bytes, about: UUID) -> str:
    mac = hmac.new(key, about.bytes, hashlib.sha256).digest()[:TOKEN_BYTES]
    return base64.urlsafe_b64encode(mac).decode()


def _mac(key: bytes, about: UUID, code: str) -> str:
    return hmac.new(key, about.bytes + code.encode(), hashlib.sha256).hexdigest()
