"""What a correction still lacks before an officer may approve it."""

from __future__ import annotations

from kept.rights.models import Case
from kept.rights.ready import before_approval
from kept.rights.righting.access import waits_for_address


def register() -> None:
    before_approval(Case.Right.RECTIFICATION, lacking)


def lacking(case: Case) -> str:
    if not case.asked.get("corrections"):
        return "What exactly is to be put right was not said, and nobody can guess it."
    if waits_for_address(case):
        return "The new address was not shown to be theirs yet: a code was mailed to it, and has to be typed."
    return ""
