"""How a request stands, in the protocol's words. Plain values in, plain values out: no clock, no database."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from kept.rights.rules import DOWNLOAD_LIFE, OPEN, PROVE_WITHIN

LEAST_KEPT, MOST_KEPT = timedelta(days=7), timedelta(days=60)  # a final state can be asked for so long

FINAL = frozenset({"fulfilled", "revoked", "denied", "expired"})
# The protocol's reasons for those grounds of a refusal that it has a word for.
EXCEPTIONS = (  # of the laws: what is asked for is not owed
    "archive", "claims", "exemption", "expression", "fifth_schedule", "health", "national", "obligation", "others",
    "secrets", "sixth_schedule", "unmet",
)  # fmt: skip
REASONS: Mapping[str, str] = {
    "excessive": "too_many_requests",
    "unidentified": "insuf_verification",
    **dict.fromkeys(EXCEPTIONS, "claim_not_covered"),
}
WHY_LONGER: Mapping[str, str] = {
    "time": "The answer takes longer than the law gives at first. The person was told why, and until when.",
    "complexity": "The answer takes longer: the request is complex. The person was told why.",
    "number": "The answer takes longer: the person has sent many requests. The person was told why.",
}
DETAILS: Mapping[str, str] = {
    "need_user_verification": "We mailed the person a code. Nothing is searched before they have typed it.",
    "insuf_verification": "Nobody has shown in time that the address is theirs.",
    "claim_not_covered": "This business does not do what was asked, or a law keeps it from doing so.",
    "too_many_requests": "The law lets us refuse a request that is excessive. The person was told why.",
    "other": "The request was refused. The person was told on what ground, and where to complain.",
}


@dataclass(frozen=True)
class CaseFacts:
    """What the case says."""

    state: str
    due_on: date
    zone: str  # in which the office counts its days
    code_sent_at: datetime | None = None
    answered_at: datetime | None = None
    closed_at: datetime | None = None
    longer: str = ""  # the ground on which more time was taken
    ground: str = ""  # on which it was refused


@dataclass(frozen=True)
class Stand:
    """Status and reason as the protocol has them; what else its table lets such a status say."""

    status: str
    reason: str = ""
    details: str = ""
    expires_at: datetime | None = None
    expected_by: datetime | None = None
    results: bool = False  # there is a place to fetch them from
    since: datetime | None = None  # of a final status


def stand_of(received_at: datetime, denied: str, case: CaseFacts | None, at: datetime) -> Stand:
    """`denied`: why it was denied at once; then there is no case."""
    if case is None:
        return Stand("denied", denied or "other", DETAILS[denied or "other"], since=received_at)
    expected = datetime.combine(case.due_on, time(23, 59, 59), ZoneInfo(case.zone))
    ended = case.closed_at or case.answered_at
    if case.state == "unproven":
        ends = max(received_at, case.code_sent_at or received_at) + PROVE_WITHIN
        why = "need_user_verification"
        return Stand("in_progress", why, DETAILS[why], expires_at=ends, expected_by=expected)
    if case.state in OPEN:
        return Stand("in_progress", details=WHY_LONGER.get(case.longer, ""), expected_by=expected)
    if case.state == "withdrawn":
        return Stand("revoked", since=ended)
    if case.state == "expired":
        return Stand("denied", "insuf_verification", DETAILS["insuf_verification"], since=ended)
    if case.state == "refused" or case.ground:
        reason = REASONS.get(case.ground, "other")
        return Stand("denied", reason, DETAILS[reason], since=case.answered_at or ended)
    expires = case.answered_at + DOWNLOAD_LIFE if case.answered_at else None
    if case.state == "closed" and expires is not None and at >= expires:
        return Stand("expired", expires_at=expires, since=case.answered_at)
    return Stand("fulfilled", expires_at=expires, results=case.state == "answered", since=case.answered_at or ended)


def kept_until(stand: Stand) -> datetime | None:
    """Until when a final status can be asked for: its own end or 60 days, 7 days at least. None: not final."""
    if stand.status not in FINAL or stand.since is None:
        return None
    latest = min(stand.expires_at or stand.since + MOST_KEPT, stand.since + MOST_KEPT)
    return max(stand.since + LEAST_KEPT, latest)


def digest_of(status: Mapping[str, object]) -> str:
    """Equal for statuses that say the same."""
    return hashlib.sha256(json.dumps(status, sort_keys=True).encode()).hexdigest()
