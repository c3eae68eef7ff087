"""The second index over the same keepers: what laws ask, and which clauses answer. `policies/laws.toml`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from kept.policy.inline import too_long
from kept.policy.problems import BadPolicy, Problem
from kept.policy.rules import worst
from kept.policy.settings_file import read_toml, wrong_format
from kept.policy.source import POLICIES
from kept.terms import Evidence, State

LIST = POLICIES / "laws.toml"
FILE = LIST.name


@dataclass(frozen=True)
class Duty:
    """One thing a law asks for."""

    place: str  # "Art. 5(1)(e)"
    says: str
    clauses: tuple[str, ...]  # (): no clause of the catalogue answers to it

    def state(self, evidence: Mapping[str, Evidence]) -> State:
        """The worst of its clauses, by clause id; one that this policy does not make leaves a doubt."""
        found = [evidence[clause_id] for clause_id in self.clauses if clause_id in evidence]
        least = worst(found)
        if least is None:
            return State.NOT_RUNNING
        missing = len(found) < len(self.clauses) and least.state is State.KEPT
        return State.CANNOT_TELL if missing else least.state


@dataclass(frozen=True)
class Law:
    id: str  # "gdpr"
    name: str  # "GDPR"
    title: str
    duties: tuple[Duty, ...]


@lru_cache(maxsize=1)
def laws() -> tuple[Law, ...]:
    """Read once. Raises BadPolicy."""
    return read_laws(LIST.read_text("utf-8"))


def read_laws(text: str) -> tuple[Law, ...]:
    """Raises BadPolicy with every problem found."""
    table = read_toml(text, FILE)
    problems = wrong_format(table, text, FILE)
    named, listed = table.get("law"), table.get("duty")
    heads = named if isinstance(named, dict) else {}
    duties: dict[str, list[Duty]] = {law_id: [] for law_id in heads}
    for law_id, head in heads.items():
        if not isinstance(head, dict) or not all(isinstance(head.get(word), str) for word in ("name", "title")):
            problems.append(Problem(FILE, 0, f"law {law_id}: name and title are short texts"))
    for number, duty in enumerate(listed if isinstance(listed, list) else [], 1):
        what = _wrong_duty(duty, heads)
        if what:
            problems.append(Problem(FILE, 0, f"duty {number}: {what}"))
        else:
            duties[duty["law"]].append(Duty(duty["place"], duty["says"], tuple(duty["clauses"])))
    if problems or not heads:
        raise BadPolicy(problems or [Problem(FILE, 0, "no law is named")])
    return tuple(Law(law_id, head["name"], head["title"], tuple(duties[law_id])) for law_id, head in heads.items())


def duties_of(clause_id: str) -> list[tuple[Law, Duty]]:
    """What a clause answers to."""
    return [(law, duty) for law in laws() for duty in law.duties if clause_id in duty.clauses]


def unknown_clauses(promises: Collection[str]) -> list[Problem]:
    return [
        Problem(FILE, 0, f"{law.name} {duty.place} names clause {clause_id}, which is in no catalogue")
        for law in laws()
        for duty in law.duties
        for clause_id in duty.clauses
        if clause_id not in promises
    ]


def articles_kept(law_id: str, evidence: Mapping[str, Evidence], at: datetime) -> Evidence:
    """How many duties of a law are kept, counted from their clauses."""
    (law,) = (law for law in laws() if law.id == law_id)
    states = [duty.state(evidence) for duty in law.duties]
    kept, broken = states.count(State.KEPT), states.count(State.BROKEN)
    figure = f"{kept} of {len(states)} duties of the {law.name} kept, {broken} broken"
    if broken:
        return Evidence(State.BROKEN, figure, "A clause that answers to one of them is broken.", at, number=kept)
    if kept < len(states):
        meaning = "Of the others nobody can tell yet: clauses are not running, or none answers to them."
        return Evidence(State.CANNOT_TELL, figure, meaning, at, number=kept)
    return Evidence(State.KEPT, figure, "Every clause that answers to them is kept.", at, number=kept)


def _wrong_duty(duty: object, heads: Mapping[str, object]) -> str:
    if not isinstance(duty, dict) or duty.keys() != {"law", "place", "says", "clauses"}:
        return "it has law, place, says and clauses, and nothing else"
    if duty["law"] not in heads:
        return f"law “{duty['law']}” is not named in this file"
    if not all(isinstance(duty[word], str) and duty[word].strip() for word in ("place", "says")):
        return "place and says are short texts"
    if wrong := too_long(duty["says"]):
        return wrong[0]
    clauses = duty["clauses"]
    if not isinstance(clauses, list) or not all(isinstance(one, str) for one in clauses):
        return "clauses is a list of clause ids"
    return ""
