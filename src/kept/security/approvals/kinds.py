"""What takes two persons, who may ask, who may approve, and what then happens.

ApprovalError
├── MayNotApprove   another role's to ask or to approve
├── SamePerson      who asked cannot approve
├── ApprovalOver    it was answered already, or its time is over
├── NoLongerFits    what it was about has changed since it was asked
└── NotApproved     the act was called without an approval
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from kept.terms import Role


class ApprovalError(Exception):
    """Base of what approvals refuse. Nothing was changed."""


class MayNotApprove(ApprovalError):
    """Another role asks for this, or approves it. Nothing was changed."""


class SamePerson(ApprovalError):
    """Who asked cannot approve, in whatever role. Nothing was changed; somebody else has to look."""


class ApprovalOver(ApprovalError):
    """It was answered already, or nobody answered in time. Nothing was changed."""

    def __init__(self, state: str) -> None:
        self.state = state
        super().__init__(state)


class NoLongerFits(ApprovalError):
    """What it was about has changed since it was asked: `why` says it in a sentence. Nothing was changed; ask again."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


class NotApproved(ApprovalError):
    """This takes two persons, and there is no approval of somebody else. Nothing was changed."""


@dataclass(frozen=True)
class Kind:
    name: str
    words: str  # "Erase a person's data for good"
    ask: tuple[Role, ...]
    approve: tuple[Role, ...]
    lasts: timedelta
    act: Callable[..., None]  # (approval, *, by, at)


KINDS: dict[str, Kind] = {}


def takes_two(
    name: str, *, ask: tuple[Role, ...], approve: tuple[Role, ...], lasts: timedelta
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register what happens when a second person approves. The docstring's first line tells them what it is."""

    def register(act: Callable[..., None]) -> Callable[..., None]:
        words = (inspect.getdoc(act) or "").split("\n")[0].rstrip(".")
        KINDS[name] = Kind(name, words, ask, approve, lasts, act)
        return act

    return register
