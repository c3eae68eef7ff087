"""What a clause of the policy promises, and what a look at the running system says about it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class PromiseKind(StrEnum):
    PROMISE = "P"  # must be kept
    RIGHT = "R"  # a person can exercise it
    CONDITION = "C"  # a gate that must be checked
    FACT = "F"  # must be true of the installation
    WARNING = "D"  # disclaimer or warning: must be shown where it matters


@dataclass(frozen=True)
class Narrowing:
    """Where the law allows less than the sentence that policies used to carry."""

    law: str  # "GDPR Art. 7(2), 7(4)"
    was: str  # one sentence: what policies used to say
    now: str  # one sentence: what holds instead


@dataclass(frozen=True)
class Promise:
    """One promise of the catalogue, in one sentence for each question a reader may have."""

    id: str  # "5.6"
    kind: PromiseKind
    states: str
    needs: str  # what has to run for it to be true
    shows: str  # the evidence that its keeper gives
    narrowed_by: tuple[Narrowing, ...] = ()


class State(StrEnum):
    KEPT = "kept"
    BROKEN = "broken"
    CANNOT_TELL = "cannot tell"
    NOT_RUNNING = "not running yet"  # no keeper looks: never the answer of a keeper


@dataclass(frozen=True)
class Evidence:
    """What one look found. Holds counts and states, never anybody's data: everyone may read it."""

    state: State
    figure: str  # "12 accounts, 83 % with a second factor"
    meaning: str  # one sentence
    at: datetime  # when it was looked at
    link: str = ""  # where the rows behind it are shown; "": nowhere
    keeper: str = ""  # who looked, "people.accounts"; set by the registry
    number: float | None = None  # the figure's one number, for the chart; None: it has none
    since: datetime | None = None  # from when on it is in this state; None: nobody has kept count


Keeper = Callable[[datetime], Evidence]
