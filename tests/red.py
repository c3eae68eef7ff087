"""`@pytest.mark.breaks("people.accounts_sign_in_safely")`: the test breaks a control, and its keeper must see red.

A test so marked fails unless the keeper itself, run by the test, answered “broken” before the test ended. A rule in
`test_policy_rules.py` wants one such test for each keeper.
"""

from __future__ import annotations

import ast
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FrameType

import pytest

from kept.terms import Evidence, State

HERE = Path(__file__).parent


@pytest.fixture(autouse=True)
def _sees_red(request: pytest.FixtureRequest) -> Iterator[None]:
    marker = request.node.get_closest_marker("breaks")
    if marker is None:
        yield
        return
    names = {code_of(name): name for name in marker.args}
    red: set[str] = set()

    def watch(frame: FrameType, event: str, answer: object) -> None:
        looked = event == "return" and frame.f_code in names
        if looked and isinstance(answer, Evidence) and answer.state is State.BROKEN:
            red.add(names[frame.f_code])

    before = sys.getprofile()
    sys.setprofile(watch)
    threading.setprofile(watch)
    try:
        yield
    finally:
        sys.setprofile(before)
        threading.setprofile(None)  # type: ignore[arg-type]
    assert red == set(names.values()), f"no keeper saw red: {sorted(set(names.values()) - red)}"


def code_of(name: str) -> CodeType:
    """The code of the keeper with this name."""
    from kept.policy.keepers import all_keepers

    found = {bound.name: bound.look for bound in all_keepers()}
    assert name in found, f"there is no keeper {name}: there are {sorted(found)}"
    return found[name].__code__


def marked_in(source: str) -> Iterator[str]:
    """The keepers that the tests of a file say they break, read from its text."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.breaks":
            yield from (one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str))


def keepers_broken_by_tests() -> set[str]:
    return {name for path in HERE.rglob("test_*.py") for name in marked_in(path.read_text(encoding="utf-8"))}
