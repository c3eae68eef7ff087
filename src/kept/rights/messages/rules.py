"""How much may be written, by whom, and when. Plain values."""

from __future__ import annotations

from datetime import datetime, timedelta

from kept.rights.rules import OPEN
from kept.security.upload_kinds import Kind

LONGEST = 5_000  # characters of one message
MOST_FILES = 5  # with one message
LARGEST_FILE = 10_000_000  # bytes
KINDS: tuple[Kind, ...] = ("pdf", "png", "jpeg")
MOST_A_DAY = 20  # messages of one person
WRITABLE = OPEN | {"answered", "refused"}  # while there is somebody to write to
CODES_COUNT_FOR = timedelta(days=1)


def codes_sent_lately(sent: int, last: datetime | None, at: datetime) -> int:
    """A conversation may go on for weeks, so that only the codes of a day count."""
    return sent if last is not None and at - last < CODES_COUNT_FOR else 0


def as_mailed(text: str) -> str:
    """A message as a mail may hold it: no line is set in, since only a code is."""
    return "\n".join(line.strip() for line in text.strip().splitlines())
