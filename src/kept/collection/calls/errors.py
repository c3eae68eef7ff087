"""
CallError
├── BadMoment     the moment it came lies ahead or too far back, or the appointment lies behind
├── Settled       somebody has settled it meanwhile
└── NoCallBack    no call back was agreed, or it was made already
"""

from __future__ import annotations


class CallError(Exception):
    """Base of what the register of calls refuses. Nothing was changed."""


class BadMoment(CallError):
    """A moment in the wrong direction; the message says which. Nothing was kept."""


class Settled(CallError):
    """Somebody has settled it meanwhile. Nothing was changed; look at it again."""


class NoCallBack(CallError):
    """No call back was agreed, or somebody has made it meanwhile. Nothing was changed."""
