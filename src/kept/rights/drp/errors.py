"""What the door for agents refuses.

DrpError
├── Refused        a message cannot be taken
├── BadAgent       an entry of the agent directory cannot be used
└── MayNotAddAgents  trusting an agent is an officer's or an engineer's
"""

from kept.rights.errors import CaseError


class DrpError(CaseError):
    """Base of what this door refuses. Nothing was changed."""


class Refused(DrpError):
    """A message cannot be taken; nothing was opened. `fatal`: sending the same message again never helps."""

    def __init__(self, status: int, message: str, *, fatal: bool = False) -> None:
        self.status, self.message, self.fatal = status, message, fatal
        super().__init__(message)


class BadAgent(DrpError):
    """The message says which part of the entry cannot be used, and why. Nothing was changed."""


class MayNotAddAgents(DrpError):
    """Trusting an agent is a privacy officer's or an engineer's. Nothing was changed."""
