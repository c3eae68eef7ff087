"""The access log: who read whose data, when, for which case, why. Wherever staff see data, `log_read` is called."""

from kept.security.reading.log import NoReason, log_read
from kept.security.reading.rules import FLAG_WORDS, FOR_STAFF, REASONS, Flag, Limits, flags_of

__all__ = ["FLAG_WORDS", "FOR_STAFF", "REASONS", "Flag", "Limits", "NoReason", "flags_of", "log_read"]
