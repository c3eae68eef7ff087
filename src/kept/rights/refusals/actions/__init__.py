"""Proposing a refusal, and telling it once a second officer has approved."""

from kept.rights.refusals.actions.proposing import propose
from kept.rights.refusals.actions.telling import tell_refusal

__all__ = ["propose", "tell_refusal"]
