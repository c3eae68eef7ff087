"""What has to be done before an officer may approve a case: each right's own room says so when it starts."""

from __future__ import annotations

from collections.abc import Callable

from kept.rights.errors import NotReady
from kept.rights.models import Case

Lacks = Callable[[Case], str]
_asked: dict[str, Lacks] = {}


def before_approval(right: str, lacks: Lacks) -> None:
    """Register what tells, in one sentence, what a case of this right still lacks; "": nothing."""
    _asked[right] = lacks


def must_be_ready(case: Case) -> None:
    """Raises NotReady."""
    if problem := what_is_lacking(case):
        raise NotReady(problem)


def what_is_lacking(case: Case) -> str:
    return _asked[case.right](case) if case.right in _asked else ""
