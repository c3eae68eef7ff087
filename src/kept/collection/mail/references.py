"""Our own numbers in a mail: the reference of a request, and the ids of mails that we sent."""

from __future__ import annotations

import re
from collections.abc import Iterable
from uuid import UUID

REFERENCE = re.compile(r"(?<![A-Z0-9-])([A-Z]{1,3}-20\d\d-[23456789ABCDEFGHJKMNPQRSTVWXYZ]{5})(?![A-Z0-9-])")


def references_in(*texts: str) -> list[str]:
    """ "HC-2026-4F7K2", however it was typed; each once, in the order of the texts."""
    return list(dict.fromkeys(found for text in texts for found in REFERENCE.findall(text.upper())))[:10]


def our_ids(message_ids: Iterable[str], host: str) -> list[UUID]:
    """The mails of ours that these are: `post` names each by its row, at the host of the sender's address."""
    found = []
    for one in message_ids:
        local, _, domain = one.rpartition("@")
        if domain.lower() == host.lower() and re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", local.lower()):
            found.append(UUID(local))
    return found
