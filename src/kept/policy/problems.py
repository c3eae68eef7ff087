"""What can be wrong with the files of a policy. All of it is told at once, with file and line.

PolicyError
├── BadPolicy        a file says something that cannot be
├── UnknownClause    no promise has this id
├── VersionTaken     two wordings cannot bear one name
└── BadDocument      a file to import cannot be read
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Problem:
    """One thing to mend. Line 0: the file as a whole."""

    file: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}" if self.line else f"{self.file}: {self.what}"


class PolicyError(Exception):
    """Base of what reading a policy may raise. Reading changes nothing."""


class BadPolicy(PolicyError):
    """The policy cannot be used as it is. Nothing was changed; mend the lines that are named."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class UnknownClause(PolicyError, LookupError):
    """No promise of the catalogue has this id. Nothing was looked at."""


class VersionTaken(PolicyError):
    """A version of this name is stored with other words. Nothing was changed; give the new wording a name and a day."""


class BadDocument(PolicyError):
    """The file to import cannot be read as what it seems to be. Nothing was written."""
