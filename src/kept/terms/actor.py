"""Who does something. An actor is named by a role and an opaque id, never by a name or an address."""

from dataclasses import dataclass
from typing import Literal

Role = Literal["customer", "support", "privacy_officer", "engineer", "auditor", "person", "kept"]


@dataclass(frozen=True)
class Actor:
    """`person` is somebody without an account, known by the case; `kept` is the program itself."""

    role: Role
    id: str | None = None  # the account's or the case's UUID; None: the program itself

    @classmethod
    def kept(cls) -> "Actor":
        """What runs by itself: schedules, retries, the sequencer."""
        return cls("kept")

    def __str__(self) -> str:
        return f"{self.role}:{self.id}" if self.id else self.role
