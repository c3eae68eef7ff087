"""What the page says of a receipt that somebody brought. Plain words, from one look; nothing of it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kept.security.ledger_errors import TreeDamaged
from kept.security.merkle import BadProof
from kept.security.models import Log
from kept.security.notes import MOST_TEXT, BadNote, NotSigned, read_text
from kept.security.receipts import Checked, check_receipt, read_receipt
from kept.security.sequencer import head_of, keys_of
from kept.security.tree import root_at

MOST_BYTES = MOST_TEXT
FORKED = "We signed it, and yet our ledger is another one today. Keep it: it shows that we broke our word."
UNREADABLE = "Our ledger cannot be read just now, so nothing was compared with it. Keep your receipt, and try later."


@dataclass(frozen=True)
class Answer:
    """`true`: all of it holds; `false`: something in it does not; `unknown`: nobody can tell from here."""

    state: Literal["true", "false", "unknown"]
    why: str = ""
    shown: tuple[tuple[str, str], ...] = ()  # label and text, in the order of the page


def answer(raw: bytes, log: Log | None) -> Answer:
    """Check what was brought: the bytes of a file, or the text of the form."""
    try:
        keys, head = keys_of(log), head_of(log) if log else None
    except BadNote:
        return Answer("unknown", UNREADABLE)
    try:
        checked = check_receipt(read_receipt(read_text(raw)), keys)
    except NotSigned:
        words = "It is not signed with the key of this ledger. It may be of another one, or of nobody's."
        return Answer("unknown", words)
    except (BadNote, BadProof) as problem:
        return Answer("false", str(problem))
    if head is not None and head.origin == checked.head.origin:
        try:
            if checked.head.size > head.size or root_at(checked.head.size) != checked.head.root:
                return Answer("false", FORKED, _shown(checked))
        except TreeDamaged:
            return Answer("unknown", UNREADABLE, _shown(checked))
    return Answer("true", "", _shown(checked))


def _shown(checked: Checked) -> tuple[tuple[str, str], ...]:
    told = checked.told
    facts = told["facts"] if isinstance(told["facts"], dict) else {}
    rows = [
        ("What was done", words_of(str(told["kind"]))),
        ("When", f"{str(told['at']).replace('T', ' ').partition('.')[0]} UTC"),
        ("By", words_of(str(told["by"]).partition(":")[0])),
        ("About", str(told["about"])),
        *((words_of(name).capitalize(), _plain(fact)) for name, fact in facts.items()),
        ("Entry", f"number {checked.index} of {checked.head.size}"),
        ("Ledger", checked.head.origin),
    ]
    return tuple(rows)


def words_of(name: str) -> str:
    """ "rights.case_opened": "case opened"."""
    return name.rpartition(".")[2].replace("_", " ")


def _plain(fact: object) -> str:
    if isinstance(fact, list):
        return ", ".join(map(_plain, fact))
    return {True: "yes", False: "no", None: "none"}.get(fact, str(fact)) if isinstance(fact, bool | None) else str(fact)
