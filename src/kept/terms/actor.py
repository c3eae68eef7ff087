"""Who does something. An actor is named by a role and an opaque id, never by a name or an address."""

from dataclasses import dataclass
from typing import Literal

Role = Literal[
    "customer", "support", "privacy_officer", "engineer", "auditor", "person", "program", "agent", "kept"
]  # fmt: skip


@dataclass(frozen=True)
class Actor:
    """`person` is somebody without an account, known by the case; `kept` is the program itself.

    `program` is an app of the company's, `agent` somebody whom people let act for them.
    """

    role: Role
    id: str | None = None  # the UUID of the account, the case, the app or the agent; None: the program itself

    @classmethod
    def kept(cls) -> "Actor":
        """What runs by itself: schedules, retries, the sequencer."""
        return cls("kept")

    def __str__(self) -> str:
        return f"{self.role}:{self.id}" if self.id else self.role
