"""What changes the register, the log of decisions and the reviews: one transaction each, one entry at least."""

from kept.rights.automated.actions.deciding import forget_decisions, log_decision
from kept.rights.automated.actions.registering import Said, approve_version, end_rule, write_rule
from kept.rights.automated.actions.reviewing import Letter, letter_failed, letters_written, review_decision

__all__ = [
    "Letter",
    "Said",
    "approve_version",
    "end_rule",
    "forget_decisions",
    "letter_failed",
    "letters_written",
    "log_decision",
    "review_decision",
    "write_rule",
]
