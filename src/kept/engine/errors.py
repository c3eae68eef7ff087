"""What can go wrong, as a tree. No message ever holds a value out of a system.

EngineError
├── PackError              the pack file is wrong
├── NotAnIdentifier        what was typed is no identifier of that kind
├── NotACorrection         what was typed cannot be put in the place of a detail
├── SystemProblem
│   ├── SystemUnreachable  no answer
│   ├── SystemRefused      wrong password, missing permission
│   └── WrongPack          the pack is for another product
├── PlanRefused            the plan cannot be carried out
├── NeedsPerson            a bound was passed: a person looks why
└── ChangeFailed           the change was rolled back
    └── NotVerified        the re-read in the same transaction still found something
"""

from __future__ import annotations

from dataclasses import dataclass


class EngineError(Exception):
    """Base. Each subclass says what was changed and whether trying again is safe."""


class PackError(EngineError):
    """The pack cannot be used. Nothing was read or changed in any system."""

    def __init__(self, file: str, line: int | None, what: str) -> None:
        self.file, self.line, self.what = file, line, what
        super().__init__(f"{file}:{line}: {what}" if line else f"{file}: {what}")


class NotAnIdentifier(EngineError):
    """What was typed cannot be an identifier of that kind. Nothing was searched."""

    def __init__(self, kind: str, why: str) -> None:
        self.kind, self.why = kind, why
        super().__init__(f"This is not a usable {kind.replace('_', ' ')}: {why}.")


class NotACorrection(EngineError):
    """What was typed cannot be written as that detail of a person. Nothing was searched or changed."""

    def __init__(self, detail: str, why: str) -> None:
        self.detail, self.why = detail, why
        super().__init__(f"This is not a usable correction of {detail.replace('_', ' ')}: {why}.")


class SystemProblem(EngineError):
    """Something about one system, named; base of the three below."""

    def __init__(self, system: str, why: str) -> None:
        self.system, self.why = system, why
        super().__init__(f"{system}: {why}")


class SystemUnreachable(SystemProblem):
    """The system did not answer. Nothing was changed there, so trying again is safe."""


class SystemRefused(SystemProblem):
    """The system answered and said no: name, password, rights. Nothing was changed; mend the access first."""


class WrongPack(SystemProblem):
    """The pack does not fit the system. Nothing was changed; choose the right pack."""


@dataclass(frozen=True, order=True)
class Fault:
    """One reason why a plan cannot be carried out, or why the pack and the system disagree."""

    table: str
    column: str  # "": the whole table
    why: str

    def __str__(self) -> str:
        return f"{self.table}{'.' + self.column if self.column else ''}: {self.why}"


class PlanRefused(EngineError):
    """The plan would not work. Nothing was written anywhere in this system; mend what is named and try again."""

    def __init__(self, system: str, faults: list[Fault]) -> None:
        self.system, self.faults = system, sorted(faults)
        super().__init__(f"{system}: " + "; ".join(map(str, self.faults)))


class NeedsPerson(EngineError):
    """A bound was passed that no single person passes. What was done stays; a person looks why."""

    def __init__(self, system: str, why: str) -> None:
        self.system, self.why = system, why
        super().__init__(f"{system}: {why}")


class ChangeFailed(EngineError):
    """The system refused a change. Its whole transaction was rolled back, so trying again is safe."""

    def __init__(self, system: str, table: str, why: str) -> None:
        self.system, self.table, self.why = system, table, why
        super().__init__(f"{system}, {table}: {why}" if table else f"{system}: {why}")


class NotVerified(ChangeFailed):
    """Rows read again after the change still held what should be gone. All was rolled back; trying again is safe."""
