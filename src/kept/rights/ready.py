"""What has to be done before an officer may approve a case: each part of this room says so when it starts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from kept.rights.errors import NotReady
from kept.rights.models import Case

Lacks = Callable[[Case], str]
_asked: dict[str, list[Lacks]] = defaultdict(list)
EVERY_RIGHT = ""


def before_approval(right: str, lacks: Lacks) -> None:
    """Register what tells, in one sentence, what a case of this right still lacks; "": nothing."""
    if lacks not in _asked[right]:
        _asked[right].append(lacks)


def must_be_ready(case: Case) -> None:
    """Raises NotReady."""
    if problem := what_is_lacking(case):
        raise NotReady(problem)


def what_is_lacking(case: Case) -> str:
    every = (*_asked[EVERY_RIGHT], *_asked[case.right])
    return next((problem for lacks in every if (problem := lacks(case))), "")
