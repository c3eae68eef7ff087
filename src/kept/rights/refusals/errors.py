"""What this part refuses.

RefusalError
├── NoSuchGround   the law knows no such ground for such a request
├── NotShown       what we have to show is not said
└── NoReasons      the person would read no reason
"""

from __future__ import annotations

from collections.abc import Sequence

from kept.rights.errors import CaseError


class RefusalError(CaseError):
    """Base of what is refused here. Nothing was changed."""


class NoSuchGround(RefusalError):
    """The law of the case knows no such ground for such a request; the message says why. Nothing was changed."""


class NotShown(RefusalError):
    """It is for us to show that the ground holds, and a part of that is missing. Nothing was changed."""

    def __init__(self, missing: Sequence[str]) -> None:
        self.missing = tuple(missing)
        super().__init__(", ".join(self.missing))


class NoReasons(RefusalError):
    """The reasons are missing, too short to say anything, or too long. Nothing was changed."""
