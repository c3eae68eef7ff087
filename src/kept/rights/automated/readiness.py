"""What a case about automated decisions still lacks: each decision found about the person has to be judged."""

from __future__ import annotations

from kept.rights.automated.access import found_in
from kept.rights.models import Case
from kept.rights.ready import before_approval


def register() -> None:
    before_approval(Case.Right.AUTOMATED, lacking)


def lacking(case: Case) -> str:
    left = sum(1 for one in found_in(case) if one.review is None)
    if not left:
        return ""
    return f"{left} decision{'' if left == 1 else 's'} about this person still to be judged."
