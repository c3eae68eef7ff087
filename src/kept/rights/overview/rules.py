"""What a list of numbers says, and which small ones are not said to everybody. Plain values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

LEAST = 5  # people that a published number stands for


def middle(values: Sequence[float]) -> float | None:
    """The median. None: there is nothing."""
    if not values:
        return None
    found, half = sorted(values), len(values) // 2
    return found[half] if len(found) % 2 else (found[half - 1] + found[half]) / 2


def percentile(values: Sequence[float], share: int) -> float | None:
    """The smallest of the values that at least `share` of a hundred of them do not exceed. None: there is nothing."""
    if not values:
        return None
    return sorted(values)[max(0, math.ceil(len(values) * share / 100) - 1)]


@dataclass(frozen=True)
class Counted:
    """One right in one year, as it was."""

    year: int
    right: str
    days: tuple[int, ...]  # from the request to each answer, refusals among them
    received: int
    refused: int


@dataclass(frozen=True)
class Published:
    """The same as everybody may read it. None: too few people, so that one of them could be recognised."""

    year: int
    right: str
    received: int | None
    answered: int | None
    refused_percent: int | None
    median_days: int | None


def publish(row: Counted) -> Published:
    """Nothing is said from which a group of one to four people follows, not even by taking one number from another."""
    answered = len(row.days)
    received_known = _enough(row.received)
    answered_known = received_known and _enough(answered) and _enough(row.received - answered)
    refused_known = answered_known and answered > 0 and _enough(row.refused) and _enough(answered - row.refused)
    days = middle(row.days) if answered >= LEAST and answered_known else None
    return Published(
        row.year,
        row.right,
        row.received if received_known else None,
        answered if answered_known else None,
        round(100 * row.refused / answered) if refused_known else None,
        round(days) if days is not None else None,
    )


def _enough(count: int) -> bool:
    return count == 0 or count >= LEAST
