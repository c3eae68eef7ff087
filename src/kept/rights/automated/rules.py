"""What a rule declares, what is wrong with it, and how one of its decisions came about. Plain values only."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

NAME = re.compile("[a-z][a-z0-9_]{0,39}")  # of an input, a factor, an outcome
RULE_NAME = re.compile("[a-z][a-z0-9-]{0,59}")
MOST = 40  # inputs, factors or outcomes of one rule
LONGEST_WORDS = 300
MOST_FEWER = 3  # factors taken away at once, when we look for what would have changed a decision


@dataclass(frozen=True)
class Input:
    """What goes into a decision."""

    name: str
    label: str  # "Amount of the order"
    category: str  # "order data"
    source: str  # "you, when you ordered"
    special: bool = False  # of the special categories of Art. 9(1)


@dataclass(frozen=True)
class Factor:
    """What may decide: the engineer's own words, written down before any decision."""

    name: str
    says: str  # "The card is from another country than the address."
    otherwise: str  # "With one country for both, this would not have counted."
    inputs: tuple[str, ...] = ()  # which of the inputs it looks at
    points: int | None = None  # None: the rule does not count points


@dataclass(frozen=True)
class Outcome:
    """What may come out. `least`: from so many points on; None: the rule does not count points."""

    name: str
    says: str  # "The order is refused."
    least: int | None = None


@dataclass(frozen=True)
class Declared:
    """All that one version says of how it decides."""

    inputs: tuple[Input, ...]
    factors: tuple[Factor, ...]
    outcomes: tuple[Outcome, ...]

    def as_dict(self) -> dict[str, list[dict[str, Any]]]:
        return {
            "inputs": [asdict(one) for one in self.inputs],
            "factors": [{**asdict(one), "inputs": list(one.inputs)} for one in self.factors],
            "outcomes": [asdict(one) for one in self.outcomes],
        }

    def input(self, name: str) -> Input:
        return next(one for one in self.inputs if one.name == name)

    def factor(self, name: str) -> Factor:
        return next(one for one in self.factors if one.name == name)

    def outcome(self, name: str) -> Outcome:
        return next(one for one in self.outcomes if one.name == name)

    @property
    def counts_points(self) -> bool:
        return any(one.least is not None for one in self.outcomes)


def declared(
    inputs: Iterable[Mapping[str, Any]], factors: Iterable[Mapping[str, Any]], outcomes: Iterable[Mapping[str, Any]]
) -> Declared:
    """As rows store it."""
    return Declared(
        tuple(Input(**one) for one in inputs),
        tuple(Factor(**{**one, "inputs": tuple(one["inputs"])}) for one in factors),
        tuple(Outcome(**one) for one in outcomes),
    )


def faults_of(said: Declared, *, art_22: bool, permitted_by: str, permission: str, logic: str) -> list[str]:
    """What keeps a version from being used, each as a sentence. Art. 13(2)(f), 22(2), 22(4)."""
    found = [*_faults_of_names(said), *_faults_of_points(said)]
    if not logic.strip():
        found.append("It does not say how it decides.")
    if art_22 and not (permitted_by and permission.strip()):
        found.append("A computer decides alone, and it weighs: a contract, a law or consent must permit it. Say which.")
    if art_22 and permitted_by == "contract" and any(one.special for one in said.inputs):
        special = next(one.label for one in said.inputs if one.special)
        found.append(f"“{special}” is of the special categories: only explicit consent or a law permits that.")
    return found


def _faults_of_names(said: Declared) -> Iterable[str]:
    for what, names in (
        ("input", [one.name for one in said.inputs]),
        ("factor", [one.name for one in said.factors]),
        ("outcome", [one.name for one in said.outcomes]),
    ):
        if len(names) > MOST:
            yield f"A rule has at most {MOST} of each; these are {len(names)} {what}s."
        for name in sorted(names):
            if not NAME.fullmatch(name):
                yield f"The name of each {what} has small letters, digits and _ only, and begins with a letter."
                break
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield f"There are two {what}s with the name {name}."
    if not said.inputs:
        yield "It names nothing that goes into the decision."
    if len(said.outcomes) < 2:
        yield "A decision has at least two outcomes."
    known = {one.name for one in said.inputs}
    for factor in said.factors:
        for name in factor.inputs:
            if name not in known:
                yield f"The factor {factor.name} looks at {name}, which is no input."


def _faults_of_points(said: Declared) -> Iterable[str]:
    """Points are counted by all outcomes and factors, or by none."""
    counted = [one.least for one in said.outcomes if one.least is not None]
    pointed = [one for one in said.factors if one.points is not None]
    if not counted and not pointed:
        return
    if len(counted) < len(said.outcomes) or len(pointed) < len(said.factors):
        yield "Where points count, each factor has its points and each outcome says from how many on."
    elif len(set(counted)) < len(counted):
        yield "Two outcomes begin at the same number of points."
    elif min(counted) > min(0, sum(one.points or 0 for one in said.factors if (one.points or 0) < 0)):
        yield "One outcome must hold for the fewest points there can be."


def outcome_of(said: Declared, factors: Collection[str]) -> str | None:
    """What these factors lead to; None: the rule counts no points, so that nobody can work it out."""
    if not said.counts_points:
        return None
    points = points_of(said, factors)
    reached = [one for one in said.outcomes if one.least is not None and one.least <= points]
    return max(reached, key=lambda one: one.least or 0).name if reached else None


def points_of(said: Declared, factors: Collection[str]) -> int:
    return sum(one.points or 0 for one in said.factors if one.name in factors)


@dataclass(frozen=True)
class Weighed:
    """One factor that decided, with what it looked at."""

    says: str
    otherwise: str
    points: int | None
    looked_at: tuple[tuple[str, str], ...]  # label, value


@dataclass(frozen=True)
class Other:
    """What would have led to another outcome: without these factors."""

    without: tuple[str, ...]  # what they say
    then: str


@dataclass(frozen=True)
class Explanation:
    """How one decision came about: from the record and what the rule declared, and from nothing else."""

    title: str
    number: int  # the version
    alone: bool
    outcome: str
    logic: str
    used: tuple[tuple[str, str, str, str], ...]  # label, value, category, source
    weighed: tuple[Weighed, ...]
    points: int | None
    from_points: int | None  # the fewest with which this outcome holds
    others: tuple[Other, ...]
    significance: str
    consequences: str

    def text(self) -> str:
        """The same in lines, for a copy of everything held."""
        who = "A computer decided alone" if self.alone else "A computer proposed it and a person decided"
        lines = [f"{self.outcome} {who}, by “{self.title}”, version {self.number}.", f"How it decides: {self.logic}"]
        lines += [f"{label}: {value} ({category}; from {source})" for label, value, category, source in self.used]
        lines += [
            f"It counted: {one.says}{f' {_points(one.points)}.' if one.points is not None else ''} {one.otherwise}"
            for one in self.weighed
        ] or ["None of the reasons it looks for was found."]
        if self.points is not None and self.from_points is not None:
            lines.append(f"Together {_points(self.points)}; this outcome begins at {self.from_points}.")
        lines += [f"Without “{'” and “'.join(one.without)}”: {one.then}" for one in self.others]
        return "\n".join([*lines, f"Why it matters: {self.significance}", f"What follows: {self.consequences}"])


def explain(
    said: Declared,
    *,
    title: str,
    number: int,
    alone: bool,
    logic: str,
    significance: str,
    consequences: str,
    inputs: Mapping[str, Any],
    outcome: str,
    factors: Sequence[str],
) -> Explanation:
    """The procedure and the principles actually applied. Art. 15(1)(h); CJEU C-203/22.

    What would have changed it: for a rule that counts points, the smallest sets of factors without which another
    outcome holds, worked out from the points; the factors' own words in every case.
    """
    from_points = said.outcome(outcome).least if said.counts_points else None
    fits = outcome_of(said, factors) in (None, outcome)
    return Explanation(
        title=title,
        number=number,
        alone=alone,
        outcome=said.outcome(outcome).says,
        logic=logic,
        used=tuple(
            (one.label, shown(inputs[one.name]), one.category, one.source) for one in said.inputs if one.name in inputs
        ),
        weighed=tuple(_weighed(said, said.factor(name), inputs) for name in factors),
        points=points_of(said, factors) if said.counts_points else None,
        from_points=from_points,
        others=tuple(others(said, outcome, factors)) if fits else (),
        significance=significance,
        consequences=consequences,
    )


def others(said: Declared, outcome: str, factors: Sequence[str]) -> Iterable[Other]:
    """The smallest sets of factors without which it would have come out otherwise, up to three together."""
    if not said.counts_points:
        return
    for size in range(1, min(MOST_FEWER, len(factors)) + 1):
        found = False
        for gone in combinations(factors, size):
            then = outcome_of(said, set(factors) - set(gone))
            if then is not None and then != outcome:
                found = True
                yield Other(tuple(said.factor(name).says for name in gone), said.outcome(then).says)
        if found:
            return


def faults_of_decision(said: Declared, inputs: Mapping[str, Any], outcome: str, factors: Sequence[str]) -> list[str]:
    """What does not fit the rule; no value is repeated. A missing input is none: a system may not have had it."""
    found = [f"This rule has no input {_name(name)}." for name in inputs if name not in {i.name for i in said.inputs}]
    found += [
        f"The input {name} must be a text, a number, true, false or null, of at most {LONGEST_WORDS} signs."
        for name, value in inputs.items()
        if not _is_plain(value)
    ]
    if outcome not in {one.name for one in said.outcomes}:
        found.append(f"This rule has no outcome {_name(outcome)}.")
    known = {one.name for one in said.factors}
    found += [f"This rule has no factor {_name(name)}." for name in factors if name not in known]
    if len(set(factors)) < len(factors):
        found.append("A factor is named twice.")
    return found


def shown(value: Any) -> str:
    """A value as a person reads it."""
    if value is None:
        return "not known"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _weighed(said: Declared, factor: Factor, inputs: Mapping[str, Any]) -> Weighed:
    looked = tuple((said.input(name).label, shown(inputs[name])) for name in factor.inputs if name in inputs)
    return Weighed(factor.says, factor.otherwise, factor.points, looked)


def _points(points: int) -> str:
    return "1 point" if points == 1 else f"{points:,} points"


def _is_plain(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= LONGEST_WORDS and "\0" not in value
    if isinstance(value, float):
        return value == value and abs(value) != float("inf")
    return value is None or (isinstance(value, int) and abs(value) < 10**18)


def _name(name: object) -> str:
    """Of this name, as far as it is one: what a caller sends may be anything, and is not repeated then."""
    return f"“{name}”" if isinstance(name, str) and NAME.fullmatch(name) else "of that name"
