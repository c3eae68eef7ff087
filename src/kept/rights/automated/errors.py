"""What the room of automated decisions refuses.

AutomatedError
├── MayNotKeep     the register is another role's to change
├── BadRule        what was said about the rule does not hold together, or the law does not allow it
├── RuleEnded      the rule is no longer in use
├── NoSuchRule     no rule of that name was in force at that moment
├── BadDecision    a decision that does not fit the rule it names
├── OtherDecision  the system has logged another decision under this number
├── MadeTheRule    whoever made the rule does not judge its decisions
└── Settled        the review is answered already
"""

from __future__ import annotations

from collections.abc import Sequence


class AutomatedError(Exception):
    """Base of what the room of automated decisions refuses. Nothing was changed."""


class MayNotKeep(AutomatedError):
    """Engineers write rules down, and the privacy officer approves them. Nothing was changed."""


class BadRule(AutomatedError):
    """The rule does not hold together, or no law permits it as it stands. Nothing was changed; `faults` says what."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = list(faults)
        super().__init__(" ".join(self.faults))


class RuleEnded(AutomatedError):
    """The rule is no longer in use. Nothing was changed."""


class NoSuchRule(AutomatedError):
    """No approved rule of that name was in force when the decision was made. Nothing was logged; the rule must be
    registered and approved first, and logging the decision again is safe then."""


class BadDecision(AutomatedError):
    """The decision does not fit the rule it names. Nothing was logged; the message says what, and repeats no value."""


class OtherDecision(AutomatedError):
    """The system has logged another decision under this number already. Nothing was logged."""


class MadeTheRule(AutomatedError):
    """Whoever wrote the rule does not judge what it decided: somebody else has to. Nothing was changed."""


class Settled(AutomatedError):
    """The review is answered, so what was found in it stays. Nothing was changed."""
