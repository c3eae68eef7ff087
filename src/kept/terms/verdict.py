"""What a check may answer."""

from collections.abc import Iterable
from enum import StrEnum


class Verdict(StrEnum):
    """Only code that has just re-read the store may answer DONE."""

    DONE = "done"
    NOT_DONE = "not done"
    CANNOT_TELL = "cannot tell"


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The answer for the whole: one `not done` outweighs all; of nothing at all nobody can tell."""
    found = set(verdicts)
    if Verdict.NOT_DONE in found:
        return Verdict.NOT_DONE
    return Verdict.DONE if found == {Verdict.DONE} else Verdict.CANNOT_TELL
