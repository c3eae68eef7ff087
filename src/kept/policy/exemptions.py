"""The one list of clauses that nothing looks at yet: why, and what has to be built. `policies/not_running.toml`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import kept
from kept.policy.inline import too_long
from kept.policy.problems import BadPolicy, Problem
from kept.policy.settings_file import line_of, read_toml, wrong_format
from kept.policy.source import POLICIES

ROOMS = Path(kept.__file__).parent
LIST = POLICIES / "not_running.toml"
FILE = LIST.name


@dataclass(frozen=True)
class Exemption:
    clause_id: str
    until: str  # what ends it: a room, "mailings", or a part of one, "rights/objection"
    reason: str  # one sentence
    line: int

    def is_over(self, rooms: Path = ROOMS) -> bool:
        """Whether what it waits for is there: a package or a module with code in it."""
        return (rooms / self.until / "__init__.py").is_file() or (rooms / f"{self.until}.py").is_file()


@lru_cache(maxsize=1)
def exemptions() -> Mapping[str, Exemption]:
    """Read once. Raises BadPolicy."""
    return read_exemptions(LIST.read_text("utf-8"))


def read_exemptions(text: str) -> Mapping[str, Exemption]:
    """Raises BadPolicy with every problem found."""
    table = read_toml(text, FILE)
    problems = wrong_format(table, text, FILE)
    found: dict[str, Exemption] = {}
    for clause_id, given in table.items():
        if clause_id == "format":
            continue
        line = line_of(f'["{clause_id}"]', text)
        values = given if isinstance(given, dict) else {}
        until, reason = values.get("until"), values.get("reason")
        if not isinstance(until, str) or not re.fullmatch(r"[a-z_]+(/[a-z_]+)?", until):
            problems.append(
                Problem(FILE, line, f"clause {clause_id}: until is a room, or a part of one: rights/refusal")
            )
        elif not isinstance(reason, str) or not reason.endswith(".") or too_long(reason):
            problems.append(Problem(FILE, line, f"clause {clause_id}: reason is one sentence of at most 25 words"))
        elif values.keys() - {"until", "reason"}:
            problems.append(Problem(FILE, line, f"clause {clause_id}: only until and reason are known"))
        else:
            found[clause_id] = Exemption(clause_id, until, reason, line)
    if problems:
        raise BadPolicy(problems)
    return found


def unkept(
    promises: Collection[str], kept_ids: Collection[str], exempt: Mapping[str, Exemption], rooms: Path = ROOMS
) -> Iterator[Problem]:
    """Clauses without keeper or exemption, and exemptions that have had their day."""
    for clause_id in promises:
        if clause_id not in kept_ids and clause_id not in exempt:
            yield Problem(FILE, 0, f"clause {clause_id} has no keeper, and no line here says why")
    for clause_id, exemption in exempt.items():
        if clause_id not in promises:
            yield Problem(FILE, exemption.line, f"clause {clause_id} is in no catalogue")
        elif clause_id in kept_ids:
            yield Problem(FILE, exemption.line, f"clause {clause_id} has a keeper now: take this exemption away")
        elif exemption.is_over(rooms):
            what = f"clause {clause_id} waited for {exemption.until}, which is there: give it a keeper"
            yield Problem(FILE, exemption.line, what)
