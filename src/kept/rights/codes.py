"""Status links of cases, and the codes mailed about them: see `kept.people.codes`."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.urls import reverse

from kept.people import codes
from kept.people.codes import REFERENCE_SIGNS, new_code, new_reference, token_hash

__all__ = [
    "REFERENCE_SIGNS", "code_hash", "code_is", "new_code", "new_reference", "status_link", "token_hash", "token_of",
]  # fmt: skip

CODE, LINK = "case code", "case link"


def code_hash(code: str, about: UUID) -> str:
    """Keyed: six digits alone would be guessed from their hash at once."""
    return codes.code_hash(CODE, code, about)


def code_is(code: str, hashed: str, about: UUID) -> bool:
    """Whether that is the code; spaces and dashes, as people type them, do not matter."""
    return codes.code_is(CODE, code, hashed, about)


def token_of(case_id: UUID, hashed: str = "") -> str:
    """The token of a case's status link, worked out again whenever a mail needs it.

    `hashed`: what the case stores; after the site's key was changed, the token of the key that fits is given.
    """
    return codes.token_of(LINK, case_id, hashed)


def status_link(case_id: UUID, hashed: str) -> str:
    """The whole address of the page that shows where a case stands."""
    return f"{settings.SITE_URL}{reverse('request', args=[token_of(case_id, hashed)])}"
