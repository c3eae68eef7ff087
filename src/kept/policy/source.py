"""A policy from its folder: `policy.toml`, `policy.md`, and the catalogue of promises they answer to. No Django."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

import kept
from kept.policy.inline import too_long
from kept.policy.problems import BadPolicy, Problem, UnknownClause
from kept.policy.settings_file import Settings, Table, line_of, read_settings, read_toml, wrong_format
from kept.policy.text import Clause, PolicyText, Section, read_text
from kept.terms import Narrowing, Promise, PromiseKind

POLICIES = Path(kept.__file__).parent / "policies"
CATALOGUE = POLICIES / "promises.toml"


@dataclass(frozen=True)
class Policy:
    """What one company promises: its own words, each clause bound to its promise by id."""

    settings: Settings
    text: PolicyText
    promises: Mapping[str, Promise]  # the whole catalogue
    folder: Path

    def promise(self, clause_id: str) -> Promise:
        if clause_id not in self.promises:
            raise UnknownClause(clause_id)
        return self.promises[clause_id]

    def clause(self, clause_id: str) -> tuple[Section, Clause]:
        """The first clause that answers to this promise, or carries this id."""
        for section in self.text.sections:
            for clause in section.clauses:
                if clause_id in (clause.promise, clause.id):
                    return section, clause
        raise UnknownClause(clause_id)

    def passages(self, promise_id: str) -> tuple[Clause, ...]:
        """Every clause that answers to a promise."""
        return tuple(clause for clause in self.text.clauses if clause.promise == promise_id)

    @property
    def made(self) -> list[str]:
        """The ids of the promises that it makes, in the order of the catalogue."""
        return [promise_id for promise_id in self.promises if promise_id not in self.settings.left_out]

    @property
    def sentences(self) -> list[tuple[str, tuple[str, ...]]]:
        """What it says, by promise, in the order of the text: ("5.6", ("You can …", …)); "": what nothing keeps."""
        said: dict[str, tuple[str, ...]] = {}
        for clause in self.text.clauses:
            said[clause.promise] = said.get(clause.promise, ()) + clause.sentences
        return list(said.items())

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what it is called, from when it holds, and every sentence: another one is another version."""
        own = self.settings
        whole = [own.title, own.version, own.effective.isoformat(), sorted(own.consents), self.sentences]
        return sha256(json.dumps(whole, ensure_ascii=False).encode()).hexdigest()


def load(folder: Path, catalogue: Path = CATALOGUE) -> Policy:
    """Read and compare the three files. Raises BadPolicy with every problem found."""
    promises = read_promises(_file(catalogue), catalogue.name)
    settings = read_settings(_file(folder / "policy.toml"))
    words = {"company": settings.company, **settings.contact}
    text = read_text(_file(folder / "policy.md"), words=words, most_words=settings.longest_sentence)
    if problems := [*compare(text, promises, settings.left_out), *_unknown_ids(settings, text, promises)]:
        raise BadPolicy(problems)
    return Policy(settings, text, promises, folder)


def compare(
    text: PolicyText, promises: Mapping[str, Promise], left_out: Collection[str] = (), file: str = "policy.md"
) -> Iterator[Problem]:
    """Every promise has its clause or is left out, and every clause its promise."""
    found = {clause.promise: clause for clause in reversed(text.clauses) if clause.promise}
    for promise_id in found.keys() - promises.keys():
        what = f"clause {promise_id} is not in promises.toml: no promise has that id"
        yield Problem(file, found[promise_id].line, what)
    for promise_id in found.keys() & set(left_out):
        yield Problem(file, found[promise_id].line, f"clause {promise_id} stands here, and policy.toml leaves it out")
    for promise_id in promises.keys() - found.keys() - set(left_out):
        number = int(promise_id.partition(".")[0])
        line = next((section.line for section in text.sections if number in section.numbers), 0)
        yield Problem(file, line, f"clause {promise_id} is missing: no text carries {{#{promise_id}}}")


def _unknown_ids(settings: Settings, text: PolicyText, promises: Mapping[str, Promise]) -> Iterator[Problem]:
    """What the settings say about clauses and sections that are not there."""
    for name, ids in (("consent", settings.consents), ("left_out", settings.left_out)):
        for promise_id in ids:
            if promise_id not in promises:
                yield Problem("policy.toml", 0, f"{name} names {promise_id}, which no promise has")
    for label in settings.short.keys() - {section.label or section.title for section in text.sections}:
        yield Problem("policy.toml", 0, f"short names section {label}, which policy.md does not have")


def read_promises(text: str, file: str = "promises.toml") -> dict[str, Promise]:
    """The catalogue. Raises BadPolicy."""
    tables = read_toml(text, file)
    problems = wrong_format(tables, text, file)
    promises: dict[str, Promise] = {}
    for clause_id, table in tables.items():
        if clause_id == "format":
            continue
        line = line_of(f'["{clause_id}"]', text)
        if not re.fullmatch(r"[1-9][0-9]{0,2}\.[1-9][0-9]{0,2}", clause_id) or not isinstance(table, dict):
            problems.append(Problem(file, line, f'“{clause_id}” is no clause id: a table is named ["5.6"]'))
            continue
        wrong = [*_wrong_promise(table)]
        problems += [Problem(file, line, f"clause {clause_id}: {what}") for what in wrong]
        if not wrong:
            promises[clause_id] = _promise(clause_id, table)
    if problems:
        raise BadPolicy(problems)
    return promises


def _wrong_promise(table: Table) -> Iterator[str]:
    kinds = [kind.value for kind in PromiseKind]
    if table.get("kind") not in kinds:
        yield f"kind must be one of {', '.join(kinds)}"
    for name in ("states", "needs", "shows"):
        yield from _wrong_sentence(name, table)
    narrowings = table.get("narrowed_by", [])
    if not isinstance(narrowings, list) or not all(isinstance(one, dict) for one in narrowings):
        yield "narrowed_by is a list of tables with law, was and now"
        return
    for one in narrowings:
        for name in ("law", "was", "now"):
            yield from _wrong_sentence(name, one)
        yield from (f"narrowed_by has the unknown word “{name}”" for name in one.keys() - {"law", "was", "now"})
    for name in table.keys() - {"kind", "states", "needs", "shows", "narrowed_by"}:
        yield f"the word “{name}” is not known"


def _wrong_sentence(name: str, table: Table) -> Iterator[str]:
    value = table.get(name)
    if not isinstance(value, str) or not value.strip():
        yield f"{name} is missing: it is one sentence"
    else:
        yield from (f"{name}: {what}" for what in too_long(value))


def _promise(clause_id: str, table: Table) -> Promise:
    narrowed_by = table.get("narrowed_by", [])
    assert isinstance(narrowed_by, list)  # noqa: S101 - _wrong_promise has looked
    return Promise(
        clause_id,
        PromiseKind(str(table["kind"])),
        str(table["states"]),
        str(table["needs"]),
        str(table["shows"]),
        tuple(Narrowing(one["law"], one["was"], one["now"]) for one in narrowed_by),
    )


def _file(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as problem:
        raise BadPolicy([Problem(path.name, 0, f"the file cannot be read: {problem.strerror}")]) from problem
    except UnicodeDecodeError as problem:
        line = path.read_bytes()[: problem.start].count(b"\n") + 1
        raise BadPolicy([Problem(path.name, line, "this is not UTF-8 text")]) from problem
