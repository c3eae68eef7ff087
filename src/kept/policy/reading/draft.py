"""A draft of a policy from what was read: a folder with `policy.md`, `policy.toml` and `proposals.txt`.

Every mark in it ends with “?”. The reader of policies refuses such a mark, so that nothing runs before a person has
looked at each.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from kept.policy.inline import MOST_WORDS, count_words, sentences
from kept.policy.problems import BadDocument
from kept.policy.reading.propose import Head, Piece, Proposal
from kept.policy.settings_file import LONGEST

LETTERS = "bcdefghijklmnopqrstuvwxyz"
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_SIGNS = str.maketrans({"*": "", "[": "(", "]": ")", "{": "(", "}": ")", "<": "(", ">": ")", "`": "'"})


@dataclass(frozen=True)
class Draft:
    """The texts of the three files, and what to tell the person who asked for them."""

    policy: str
    settings: str
    report: str
    bound: int  # sentences with a proposal
    unkept: tuple[str, ...]  # sentences that nothing keeps
    left_out: tuple[str, ...]  # promises that nothing in the text is like


def draft(pieces: Sequence[Piece], promises: Collection[str], company: str, version: str, effective: date) -> Draft:
    """`promises`: the ids of the catalogue, in its order."""
    pieces = [piece for piece in pieces if isinstance(piece, Head) or any(map(clean, piece.sentences))]  # a bare "#"
    title = next((piece.text for piece in pieces if isinstance(piece, Head) and piece.level <= 1), "")
    heads = [piece for piece in pieces if isinstance(piece, Head) and piece.text != title]
    lines = [f"# {heading(title) or 'Privacy policy'}"]
    if not heads or not isinstance(_first_after_title(pieces, title), Head):
        lines += ["", "## Policy"]
    report: list[str] = []
    used: dict[str, int] = {}
    for piece in pieces:
        if isinstance(piece, Head):
            lines += ["", f"## {heading(piece.text) or 'Part'}"] if piece.text != title else []
            continue
        mark = _mark(piece, used)
        said = [clean(sentence) for sentence in piece.sentences]
        first, *others = [line for line in said if line]
        lines += ["", ("- " if piece.listed else "") + first, *others]
        lines[-1] += f" {{#{mark}?}}"
        report += _told(piece, mark)
    proposals = [piece for piece in pieces if isinstance(piece, Proposal)]
    unkept = tuple(one for piece in proposals if not piece.promise_id for one in piece.sentences)
    left_out = tuple(promise_id for promise_id in promises if promise_id not in used)
    text = "\n".join(lines) + "\n"
    bound = sum(len(piece.sentences) for piece in proposals if piece.promise_id)
    settings = _settings(text, company, version, effective, left_out)
    return Draft(text, settings, "\n".join(_head(bound, unkept, left_out) + report) + "\n", bound, unkept, left_out)


def write_draft(made: Draft, folder: Path) -> None:
    """The whole folder, or nothing of it. Raises BadDocument where it is there already, OSError."""
    if folder.exists():
        raise BadDocument(f"{folder} is there already: name another folder, or remove it")
    fresh = folder.with_name(f".{folder.name}.{os.getpid()}")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    for name, text in (("policy.md", made.policy), ("policy.toml", made.settings), ("proposals.txt", made.report)):
        with (fresh / name).open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    fresh.rename(folder)


def clean(text: str) -> str:
    """A line as `policy.md` takes it: signs of its own notation are written otherwise, words stay."""
    text = " ".join(text.translate(_SIGNS).split())
    text = re.sub(r"^[-+|#~=\s]+", "", text)
    return re.sub(r"^(\d+)[.)](?=\s|$)", r"(\1)", text)


def heading(text: str) -> str:
    """A heading without its number: in `policy.md` a number says which clauses may stand below."""
    return re.sub(r"^(?:\(?[0-9][0-9.,\s\u2013-]*\)?[.):]*(?:\s+|$))+", "", clean(text))


def _first_after_title(pieces: Sequence[Piece], title: str) -> Piece | None:
    return next((piece for piece in pieces if not (isinstance(piece, Head) and piece.text == title)), None)


def _mark(piece: Proposal, used: dict[str, int]) -> str:
    """ "5.6", then "5.6b", …; "-" for what no promise is like, and for the 27th passage about one promise."""
    if not piece.promise_id:
        return "-"
    count = used[piece.promise_id] = used.get(piece.promise_id, 0) + 1
    if count > len(LETTERS) + 1:
        return "-"
    return piece.promise_id + ("" if count == 1 else LETTERS[count - 2])


def _settings(text: str, company: str, version: str, effective: date, left_out: Sequence[str]) -> str:
    longest = max((count_words(one) for line in text.split("\n\n") for one in sentences(line)), default=MOST_WORDS)
    contacts = "\n".join(f'{name} = "{address}"' for name, address in _contacts(text).items())
    ids = ", ".join(f'"{promise_id}"' for promise_id in left_out)
    return f"""\
# A draft. Read each line, then each mark in policy.md; what each word means: docs/reference/policy-file.md
format = 1
title = "Privacy policy"
company = {_quoted(company)}
version = {_quoted(version)}
effective = {effective.isoformat()}

# The longest sentence has {longest} words. 25 is what readers can hold: shorten, then lower this.
longest_sentence = {max(MOST_WORDS, min(longest, LONGEST.stop - 1))}

# Clauses that rest on consent: when their words change, people are asked again.
consent = []

# Promises that nothing in the text seems to make. Take out each one that a mark names after all.
left_out = [{ids}]

[contact]
{contacts}
"""


def _contacts(text: str) -> dict[str, str]:
    """The three that a policy needs, from the addresses in the text; a placeholder where there is none."""
    found = list(dict.fromkeys(address.rstrip(".") for address in _ADDRESS.findall(text)))
    chosen = {}
    for name, hints in (("privacy", "privacy dpo data"), ("support", "support help"), ("legal", "legal law")):
        fitting = (one for one in found if any(hint in one.partition("@")[0].lower() for hint in hints.split()))
        chosen[name] = next(fitting, found[0] if found else f"{name}@change-me.example")
    return chosen


def _quoted(text: str) -> str:
    shown = "".join(sign for sign in text if sign.isprintable())
    return '"' + shown.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _head(bound: int, unkept: Sequence[str], left_out: Sequence[str]) -> list[str]:
    return [
        "What was proposed, and why. The number is likeness, 0 to 1: the words in common with what a promise states,",
        "needs and shows, and with how the shipped policy says it; the fewer promises use a word, the more it weighs.",
        "Nothing here is decided. In policy.md, take the “?” from each mark you agree with, and change the others.",
        "",
        f"Sentences with a proposal: {bound}. Sentences that nothing keeps: {len(unkept)}.",
        f"Promises that nothing in the text is like: {', '.join(left_out) or 'none'}.",
        "",
        "Sentences that nothing keeps",
        *(f"  {sentence}" for sentence in unkept),
        "",
        "Proposals",
    ]


def _told(piece: Proposal, mark: str) -> list[str]:
    near = [f"    {one.score:.2f}  {one.promise_id:<5} {', '.join(one.shared)}" for one in piece.like]
    return [f"  {{#{mark}}}  {' '.join(piece.sentences)}", *near, ""]
