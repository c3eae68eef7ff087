"""Django's sessions in the database, sealed: a form that was begun names people, and so does what is said to them."""

from __future__ import annotations

import base64
import json
import secrets
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session

from kept.vault.site_keys import site_keys

NONCE_BYTES = 12
BOUND = b"django_session.session_data"


class SessionStore(db.SessionStore):
    """AES-256-GCM under a key of the site. What cannot be opened is an empty session, as Django has it."""

    def encode(self, session_dict: dict[str, Any]) -> str:
        nonce = secrets.token_bytes(NONCE_BYTES)
        plain = json.dumps(session_dict, separators=(",", ":")).encode()
        return base64.b64encode(nonce + AESGCM(site_keys("sessions")[0]).encrypt(nonce, plain, BOUND)).decode()

    def decode(self, session_data: str | bytes) -> dict[str, Any]:
        try:
            raw = base64.b64decode(session_data, validate=True)
        except ValueError:  # binascii.Error is one
            return {}
        for key in site_keys("sessions"):
            try:
                plain = AESGCM(key).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], BOUND)
            except (InvalidTag, ValueError):
                continue
            found: dict[str, Any] = json.loads(plain)
            return found
        return {}


def opened(session: Session) -> dict[str, Any]:
    """What a row holds."""
    return SessionStore().decode(session.session_data)
