"""What a site says of itself, so that another one can send to it and know it again."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse

from kept.engine.portable import FORMAT
from kept.rights.origins import allowed, plain_to
from kept.rights.portability.rules import MOST_WORDS, PIECE, UPLOAD, WELL_KNOWN, Site, read_site
from kept.rights.signatures import public_keys
from kept.security.fetch import fetch


def ours() -> dict[str, Any]:
    """This site's document."""
    return {
        "format": FORMAT,
        "company": settings.COMPANY,
        "accepts": settings.PORTABILITY_IN,
        "upload": f"{settings.SITE_URL}{UPLOAD}",
        "most_bytes": settings.PORTABILITY_MOST,
        "piece_bytes": PIECE,
        "keys": public_keys(),
        "schema": f"{settings.SITE_URL}{reverse('portability_schema')}",
        "documentation": f"{settings.SITE_URL}{reverse('portability')}",
    }


def site_at(origin: str) -> Site:
    """Another site's. Raises FetchError, OtherSite."""
    answer = fetch(f"{origin}{WELL_KNOWN}", most=MOST_WORDS, allowed=allowed(), plain=plain_to(origin))
    return read_site(answer.body, origin)
