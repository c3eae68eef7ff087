"""What was found about a person, as the desk shows it: by system and category, with what is wrong and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kept.engine.errors import PackError
from kept.engine.pack import Law, Pack, TableRule
from kept.information.access import pack_of
from kept.information.models import System
from kept.rights.models import SystemAnswer
from kept.rights.rules import changes_from, erased_count, kept_count, residue_from
from kept.rights.standing import is_stuck

Answer = SystemAnswer.State

WORDS: dict[str, tuple[str, str]] = {
    Answer.WAITING: ("waits for its turn", "waiting"),
    Answer.SEARCHING: ("being searched", "running"),
    Answer.FOUND: ("searched", "done"),
    Answer.NEEDS_PERSON: ("accounts to be chosen", "todo"),
    Answer.CHANGING: ("being changed", "running"),
    Answer.NOT_DONE: ("not done yet", "failed"),
    Answer.DONE: ("done", "done"),
    Answer.CANNOT_TELL: ("cannot tell", "todo"),
}


DID = {"erasure": ("erased", "kept by law"), "rectification": ("put right", "kept as written in documents")}


@dataclass(frozen=True)
class TableLine:
    name: str
    title: str
    category: str
    own: int
    others: int  # records in which others speak of the person, or that name others too
    kept: int
    law: str
    runs: str  # "3 running orders": something still runs on these records; "": nothing does
    third_parties: bool  # its rows have columns about somebody else


@dataclass(frozen=True)
class SystemHeld:
    answer: SystemAnswer
    name: str
    title: str
    words: str
    mark: str  # what the style sheet calls it
    tables: Sequence[TableLine]
    drift: Sequence[str]

    @property
    def problem(self) -> str:
        return self.answer.problem

    @property
    def next_try(self) -> datetime | None:
        return self.answer.next_try_at

    @property
    def done(self) -> str:
        """What was done here, and that somebody looked again; "": nothing yet."""
        residue = residue_from(self.answer.residue)
        if residue is None:
            return ""
        changes = changes_from(self.answer.changes)
        did, stayed = DID.get(self.answer.case.right, ("changed", "kept by law"))
        words = f"{erased_count(changes):,} {did}, {kept_count(changes):,} {stayed}"
        return f"{words}. Looked again through {residue.looked_at:,} tables: {residue.verdict}."

    @property
    def stuck(self) -> bool:
        """The second look found what only an officer can judge."""
        return is_stuck(self.answer)

    @property
    def searched(self) -> bool:
        return self.answer.searched_at is not None

    @property
    def records(self) -> int:
        return sum(table.own + table.others for table in self.tables)

    @property
    def kept(self) -> int:
        return sum(table.kept for table in self.tables)

    @property
    def runs(self) -> Sequence[str]:
        """What still runs for the person here: "3 running orders"."""
        return [table.runs for table in self.tables if table.runs]

    @property
    def todo(self) -> str:
        """What an officer can do about the problem."""
        match self.answer.state:
            case Answer.NEEDS_PERSON:
                return "Choose below which accounts are the person's."
            case Answer.CANNOT_TELL:
                return "Look at these places, then say below what you found."
            case Answer.NOT_DONE if self.answer.next_try_at:
                return "Kept tries again by itself. If it stays so, ask an engineer to look at this system."
            case _:
                return "Ask an engineer to look at this system."


def held(answers: Iterable[SystemAnswer]) -> list[SystemHeld]:
    return [_system(answer) for answer in answers]


def _system(answer: SystemAnswer) -> SystemHeld:
    rules = rules_of(answer.system)
    words, mark = WORDS[answer.state]
    tables = [_table(one, rules.get(one["table"])) for one in answer.holdings]
    tables.sort(key=lambda line: (line.category, line.title))
    drift = [f"{one['table']}{'.' + one['column'] if one['column'] else ''}: {one['why']}" for one in answer.drift]
    return SystemHeld(answer, answer.system.name, answer.system.title, words, mark, tables, drift)


def _table(found: Mapping[str, Any], rule: TableRule | None) -> TableLine:
    name = str(found["table"])
    return TableLine(
        name=name,
        title=rule.title if rule else name,
        category=rule.category if rule else "",
        own=int(found["own"]),
        others=int(found["others"]),
        kept=int(found["kept"]),
        law=law_words(rule.law) if rule and rule.law else "",
        runs=runs_words(found, rule),
        third_parties=rule is not None and any(column.third_party for column in rule.columns.values()),
    )


def rules_of(system: System) -> dict[str, TableRule]:
    """The pack's tables by name; none where the pack cannot be read any more: the page then shows bare names."""
    try:
        pack: Pack = pack_of(system)
    except PackError:
        return {}
    return dict(pack.tables)


def runs_words(found: Mapping[str, Any], rule: TableRule | None) -> str:
    """3 running orders"""
    count = int(found.get("live", 0))
    return f"{count:,} {rule.live.says}" if count and rule and rule.live else ""


def law_words(law: Law) -> str:
    """Tax Act §1, 7 years from the end of the year"""
    start = " from the end of the year" if law.year_end else ""
    return f"{law.name}, {law.amount} {law.unit}{start}"
