"""What the tree holds of an entry: a commitment that says nothing without the entry's salt.

The payload is written in one way only, so that everybody gets the same bytes: JSON as RFC 8785 writes it, without
fractions. Its HMAC-SHA256 under the salt is the commitment, and the commitment is the data of the leaf.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime

COMMITMENT_BYTES = 32

written = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")).encode


def payload_of(kind: str, about: str, by: str, at: datetime, facts: Mapping[str, object]) -> str:
    """One line of JSON: about, at (UTC, microseconds), by, facts, kind. Raises ValueError for a time without a zone."""
    if at.tzinfo is None:
        raise ValueError("An instant without a time zone is not one instant.")
    instant = at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return written({"about": about, "at": instant, "by": by, "facts": facts, "kind": kind})


def commitment_of(salt: bytes, payload: str) -> bytes:
    """32 bytes. Raises UnicodeEncodeError for text that is no Unicode (half a surrogate pair)."""
    return hmac.digest(salt, payload.encode(), "sha256")
