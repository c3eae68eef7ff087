"""The way each right goes once an officer has approved it. One table: the actions, the tasks and the pages read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Ends = Literal["copy", "change", "letter"]


@dataclass(frozen=True)
class Flow:
    """`copy`: one file out of all systems. `change`: each system is changed and looked at again. `letter`: what the
    officer decided is written down, and no system is touched."""

    ends: Ends
    at_once: bool = False  # it holds from the approval on, so an approval cannot be taken back: it is ended instead
    twice: bool = False  # what it does cannot be taken back: an officer confirms it a second time
    task: str = ""  # change: the task that changes one system. letter: the one that writes it
    begun: str = ""  # change: the entry of the intent in one system
    again: str = ""  # change: an officer has it searched and changed once more


FLOWS: dict[str, Flow] = {
    "access": Flow("copy"),
    "portability": Flow("copy"),
    "erasure": Flow(
        "change",
        twice=True,
        task="rights.erase",
        begun="rights.erasure_begun",
        again="rights.erasure_asked_again",
    ),
    "rectification": Flow(
        "change",
        task="rights.rectify",
        begun="rights.rectification_begun",
        again="rights.rectification_asked_again",
    ),
    "restriction": Flow("change", at_once=True, task="rights.restrict"),
    "objection": Flow("change", at_once=True, task="rights.object"),
    "automated": Flow("letter", task="rights.automated_letter"),
}

COPIES = frozenset(right for right, flow in FLOWS.items() if flow.ends == "copy")
CHANGES = frozenset(right for right, flow in FLOWS.items() if flow.ends == "change")


def flow_of(right: str) -> Flow:
    """A case of a right that is no longer known is a fault in the code: raises KeyError."""
    return FLOWS[right]
