"""What the complaints room decides. Plain values in, plain values out: no clock, no database, no request."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from kept.clocks.counting import same_date

OPEN = frozenset({"received", "acknowledged", "investigated"})
ENDED = frozenset({"closed", "withdrawn"})

LONGEST_WORDS = 10_000  # characters of a complaint
LONGEST_NOTE = 4_000
LONGEST_NAME = 200
LONGEST_EMAIL = 254  # RFC 5321, 4.5.3.1.3
LONGEST_POSTAL = 500
MOST_FILES = 20  # of one complaint
MOST_AT_ONCE = 5
LARGEST_FILE = 10_000_000  # bytes
CODE_LIFE = timedelta(minutes=30)
CODE_TRIES = 5
CODE_PAUSE = timedelta(minutes=1)
MOST_CODES = 10  # in the life of one complaint
MOST_MAILED = 5  # complaints with one address in MAILED_WITHIN that are acknowledged by themselves
MAILED_WITHIN = timedelta(hours=1)
SOON = timedelta(days=5)
KEPT_MONTHS = 6  # words and contact, after the outcome: as long as an authority usually waits for whoever disagrees
PROOF_YEARS = 3  # the rest, after that

Step = Literal["acknowledge", "take", "tell", "link", "decide", "reopen", "withdraw", "say", "law"]

# In which states a complaint can take a step.
MAY: dict[Step, frozenset[str]] = {
    "acknowledge": frozenset({"received"}),
    "take": OPEN,
    "tell": frozenset({"acknowledged", "investigated", "decided"}),
    "link": OPEN,
    "law": OPEN,
    "decide": frozenset({"investigated"}),
    "reopen": frozenset({"decided"}),
    "withdraw": OPEN,
    "say": OPEN | {"decided"},
}

Mark = Literal["good", "soon", "late", "met", "none"]
Act = Literal["acknowledge", "take", "read", "tell", "decide", "nothing"]


@dataclass(frozen=True)
class Standing:
    """All that the next step of a complaint is decided from. Days are the office's."""

    state: str
    ack_due: date
    acknowledged: date | None
    progress_due: date | None
    taken: bool
    unread: bool


@dataclass(frozen=True)
class Next:
    act: Act
    due: date | None
    mark: Mark


def next_step(one: Standing, today: date) -> Next:
    """The one thing to do next, and by when."""
    if one.state in ENDED:
        return Next("nothing", None, "none")
    if one.acknowledged is None:
        return Next("acknowledge", one.ack_due, mark_of(one.ack_due, today))
    due = one.progress_due if one.state in OPEN else None
    mark: Mark = mark_of(due, today) if due else "none"
    if one.unread:
        return Next("read", due, mark)
    if one.state not in OPEN:
        return Next("nothing", None, "none")
    if not one.taken:
        return Next("take", due, mark)
    return Next("tell" if mark in ("soon", "late") else "decide", due, mark)


def late(one: Standing, today: date) -> list[Literal["acknowledgement", "progress"]]:
    """What should have been said by now: also an acknowledgement that came too late."""
    found: list[Literal["acknowledgement", "progress"]] = []
    if (one.acknowledged or today) > one.ack_due and one.state != "withdrawn":
        found.append("acknowledgement")
    if one.state in OPEN and one.progress_due is not None and today > one.progress_due:
        found.append("progress")
    return found


def mark_of(due: date, today: date) -> Mark:
    left = (due - today).days
    return "late" if left < 0 else "soon" if left <= SOON.days else "good"


def may_judge(officer: str, complainant: Collection[str], deciders: Collection[str]) -> Literal["", "own", "decided"]:
    """Why an officer may not look into it: their own complaint, or about what they decided. "": they may.

    `complainant`: the accounts that are, or may be, whoever complains.
    """
    if officer in complainant:
        return "own"
    return "decided" if officer in deciders else ""


def words_end(decided_at: datetime) -> datetime:
    """From then on words and contact of an answered complaint go."""
    return datetime.combine(same_date(decided_at.date(), KEPT_MONTHS), decided_at.timetz())


def decided_before(at: datetime) -> datetime:
    """What was answered before this instant may have to go now. One day less sure than `words_end`, never later."""
    return at - timedelta(days=28 * KEPT_MONTHS)


def last_proof(at: datetime) -> datetime:
    """What ended before this instant need not be kept any longer."""
    return datetime.combine(same_date(at.date(), -12 * PROOF_YEARS), at.timetz())


def may_mail_code(sent: int, last: datetime | None, at: datetime) -> bool:
    return sent < MOST_CODES and (last is None or at - last >= CODE_PAUSE)
