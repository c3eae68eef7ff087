"""Status links of complaints, and the codes mailed about them: see `kept.people.codes`."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.urls import reverse

from kept.people import codes

CODE, LINK = "complaint code", "complaint link"


def code_hash(code: str, about: UUID) -> str:
    return codes.code_hash(CODE, code, about)


def code_is(code: str, hashed: str, about: UUID) -> bool:
    return codes.code_is(CODE, code, hashed, about)


def token_of(complaint_id: UUID, hashed: str = "") -> str:
    """`hashed`: what the complaint stores; the token of the site's key that fits is given."""
    return codes.token_of(LINK, complaint_id, hashed)


def status_link(complaint_id: UUID, hashed: str) -> str:
    """The whole address of the page that shows where a complaint stands."""
    return f"{settings.SITE_URL}{reverse('complaint', args=[token_of(complaint_id, hashed)])}"
