"""The policy as text: a small part of Markdown, read into sections and clauses. Pure: no files, no Django.

The notation is described in docs/reference/policy-file.md. Everything that is wrong is collected and raised at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from kept.policy.inline import MOST_WORDS, Spans, plain, read_spans, sentences, too_long
from kept.policy.problems import BadPolicy, Problem

_DASH = "[-\N{EN DASH}]"
_SECTION = re.compile(rf"## +(?:(?P<label>[0-9]{{1,3}}(?: ?(?:,|{_DASH}) ?[0-9]{{1,3}})*) +)?(?P<title>\S.*)")
_MARK = re.compile(r"\{#(?P<id>[^{}\s]*)\}$")
_ID = re.compile(r"(?P<promise>[1-9][0-9]{0,2}\.[1-9][0-9]{0,2})[b-z]?")
UNKEPT = "-"  # the mark of a clause that answers to no promise
_FOREIGN = re.compile(r"(#{3,}|#+[^#\s]|\d+[.)]\s|[*+]\s|\||```|~~~|---|===|<)")
MOST_SIGNS = 1_000_000  # in one file


@dataclass(frozen=True)
class Block:
    """A paragraph, or a list of short lines."""

    items: tuple[Spans, ...]
    listed: bool = False  # False: one paragraph, the only item


@dataclass(frozen=True)
class Clause:
    id: str  # "5.6"; "5.6b": a second passage about the same promise; "unkept-1": one that answers to none
    line: int
    blocks: tuple[Block, ...]
    promise: str  # "5.6"; "": nothing keeps it

    @property
    def text(self) -> str:
        return " ".join(plain(item) for block in self.blocks for item in block.items)

    @property
    def sentences(self) -> tuple[str, ...]:
        return tuple(words for block in self.blocks for item in block.items for words in sentences(plain(item)))


@dataclass(frozen=True)
class Note:
    """Explains; promises nothing and needs no keeper."""

    line: int
    spans: Spans


@dataclass(frozen=True)
class Section:
    label: str  # as written: "13, 15"; "": without a number
    numbers: tuple[int, ...]  # whose clauses may stand here: (13, 15); none: any
    title: str
    line: int
    parts: tuple[Note | Clause, ...]
    place: int = 1  # the first is 1

    @property
    def clauses(self) -> tuple[Clause, ...]:
        return tuple(part for part in self.parts if isinstance(part, Clause))

    @property
    def anchor(self) -> str:
        return f"section-{self.numbers[0]}" if self.numbers else f"part-{self.place}"


@dataclass(frozen=True)
class PolicyText:
    title: str
    opening: tuple[Note, ...]
    sections: tuple[Section, ...]

    @property
    def clauses(self) -> tuple[Clause, ...]:
        return tuple(clause for section in self.sections for clause in section.clauses)


@dataclass(frozen=True)
class _Raw:
    """Lines that belong together, before anybody has read into them."""

    kind: Literal["title", "section", "note", "item", "paragraph"]
    line: int
    lines: list[str]

    @property
    def text(self) -> str:
        return " ".join(self.lines).strip()


@dataclass
class _Reader:
    """What has been read so far."""

    file: str
    words: Mapping[str, str]
    most_words: int
    problems: list[Problem] = field(default_factory=list)
    title: str = ""
    opening: list[Note] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    parts: list[Note | Clause] = field(default_factory=list)  # of the section that is open
    blocks: list[tuple[_Raw, Spans]] = field(default_factory=list)  # of the clause that is open
    ids: dict[str, int] = field(default_factory=dict)  # clause id -> line of its mark

    def wrong(self, line: int, what: str) -> None:
        self.problems.append(Problem(self.file, line, what))

    def spans(self, line: int, text: str) -> Spans:
        spans, wrong = read_spans(text, self.words)
        for what in [*wrong, *too_long(plain(spans), self.most_words)]:
            self.wrong(line, what)
        return spans


def read_text(
    text: str, *, words: Mapping[str, str], file: str = "policy.md", most_words: int = MOST_WORDS
) -> PolicyText:
    """Read a policy. `words` are what {name} stands for. Raises BadPolicy with every problem found."""
    reader = _Reader(file, words, most_words)
    if len(text) > MOST_SIGNS:
        raise BadPolicy([Problem(file, 0, f"the file has {len(text)} signs, {MOST_SIGNS} are the most")])
    for raw in _raw_blocks(text, reader):
        match raw.kind:
            case "title":
                _read_title(raw, reader)
            case "section":
                _open_section(raw, reader)
            case "note":
                _read_note(raw, reader)
            case _:
                _read_block(raw, reader)
    _close_section(reader)
    if not reader.title:
        reader.wrong(1, "the title is missing: the first line is “# ” and the title")
    if not reader.sections:
        reader.wrong(1, "there is no section: a section begins with “## 1 ” and its title")
    if reader.problems:
        raise BadPolicy(reader.problems)
    return PolicyText(reader.title, tuple(reader.opening), tuple(reader.sections))


def _raw_blocks(text: str, reader: _Reader) -> Iterator[_Raw]:
    """Group lines: a blank line, a heading, a list item or a note begins something new."""
    block: _Raw | None = None
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        if control := next((sign for sign in line if ord(sign) < 32 and sign != "\t"), None):
            reader.wrong(number, f"the line has a control character, number {ord(control)}")
            line = line.replace(control, " ")
        begun = _begins(line.strip(), number, reader)
        goes_on = block is not None and line.strip() and (begun is None or begun.kind == block.kind == "note")
        if block and goes_on and not _MARK.search(block.lines[-1]):
            block.lines.append(begun.lines[0] if begun else line.strip())
            continue
        if block:
            yield block
        block = begun or (_Raw("paragraph", number, [line.strip()]) if line.strip() else None)
        if block and block.kind in ("title", "section"):
            yield block
            block = None
    if block:
        yield block


def _begins(line: str, number: int, reader: _Reader) -> _Raw | None:
    """What a line begins by its first signs; None: it goes on with what is open, or opens a paragraph."""
    if line.startswith("# "):
        return _Raw("title", number, [line[2:].strip()])
    if line.startswith("## "):
        return _Raw("section", number, [line])
    if line.startswith(">"):
        return _Raw("note", number, [line[1:].strip()])
    if line.startswith("- "):
        return _Raw("item", number, [line[2:].strip()])
    if _FOREIGN.match(line):
        reader.wrong(number, f"“{line[:12]}” is not used here: headings are # and ##, lists “- ”, notes “> ”")
    return None


def _read_title(raw: _Raw, reader: _Reader) -> None:
    if reader.title:
        return reader.wrong(raw.line, "a second title: a policy has one line that begins with “# ”")
    if reader.sections or reader.parts or reader.opening or reader.blocks:
        reader.wrong(raw.line, "the title must come first")
    reader.title = plain(reader.spans(raw.line, raw.text))


def _open_section(raw: _Raw, reader: _Reader) -> None:
    _close_section(reader)
    found = _SECTION.fullmatch(raw.text)
    if found is None or found["title"].isdigit():
        reader.wrong(raw.line, "a section begins with “## ”, its number and its title: “## 5 What we use it for”")
    label = (found["label"] or "") if found else ""
    numbers = _numbers(label)
    taken = {number for section in reader.sections for number in section.numbers} & set(numbers)
    for number in sorted(taken):
        reader.wrong(raw.line, f"section {number} stands here a second time")
    title = plain(reader.spans(raw.line, found["title"] if found else ""))
    reader.sections.append(Section(label, numbers, title, raw.line, (), len(reader.sections) + 1))


def _numbers(label: str) -> tuple[int, ...]:
    """Of a comma or a dash between numbers: "13, 15" is 13 and 15, "4-6" is 4, 5 and 6."""
    numbers: list[int] = []
    for part in filter(None, label.split(",")):
        ends = [int(number) for number in re.split(_DASH, part)]
        numbers += range(min(ends), max(ends) + 1)
    return tuple(numbers)


def _close_section(reader: _Reader) -> None:
    if reader.blocks:
        line = reader.blocks[0][0].line
        reader.wrong(line, "this text belongs to no clause: a mark such as {#1.1} is missing at its end")
        reader.blocks = []
    if reader.sections:
        last = reader.sections[-1]
        reader.sections[-1] = replace(last, parts=tuple(reader.parts))
    reader.parts = []


def _read_note(raw: _Raw, reader: _Reader) -> None:
    if reader.blocks:
        reader.wrong(raw.line, "a note stands inside a clause: the clause before it has no mark yet")
    if mark := _MARK.search(raw.text):
        reader.wrong(raw.line, f"a note promises nothing and carries no clause mark: {{#{mark['id']}}}")
    note = Note(raw.line, reader.spans(raw.line, _MARK.sub("", raw.text).strip()))
    (reader.parts if reader.sections else reader.opening).append(note)


def _read_block(raw: _Raw, reader: _Reader) -> None:
    mark = _MARK.search(raw.text)
    text = _MARK.sub("", raw.text).strip()
    if not reader.sections:
        return reader.wrong(raw.line, "text before the first section: make it a note that begins with “> ”")
    if text:
        reader.blocks.append((raw, reader.spans(raw.line, text)))
    if mark:
        _close_clause(mark["id"], raw.line, reader)


def _close_clause(mark: str, line: int, reader: _Reader) -> None:
    promise = _promise_of(mark, line, reader)
    clause_id = mark
    if mark == UNKEPT:
        clause_id = f"unkept-{1 + sum(one.startswith('unkept-') for one in reader.ids)}"
    if not reader.blocks:
        reader.wrong(line, f"clause {mark} has no text")
    reader.ids.setdefault(clause_id, line)
    begin = reader.blocks[0][0].line if reader.blocks else line
    reader.parts.append(Clause(clause_id, begin, _blocks(reader.blocks), promise))
    reader.blocks = []


def _promise_of(mark: str, line: int, reader: _Reader) -> str:
    """The promise that a mark names; "" for none, and for a mark that is wrong."""
    section, found = reader.sections[-1], _ID.fullmatch(mark)
    if mark == UNKEPT:
        return ""
    if mark.endswith("?"):
        reader.wrong(line, f"{{#{mark}}} is a proposal: take the “?” away to confirm it, or write {{#-}}")
    elif found is None:
        reader.wrong(line, f"“{mark}” is no clause id: it is two numbers with a dot, {{#5.6}}")
    elif mark in reader.ids:
        reader.wrong(line, f"clause {mark} stands here again; it was in line {reader.ids[mark]} before")
    elif section.numbers and int(mark.partition(".")[0]) not in section.numbers:
        reader.wrong(line, f"clause {mark} stands in section {section.label}")
    return found["promise"] if found else ""


def _blocks(read: list[tuple[_Raw, Spans]]) -> tuple[Block, ...]:
    """Neighbouring list items become one list."""
    blocks: list[Block] = []
    for raw, spans in read:
        if raw.kind == "item" and blocks and blocks[-1].listed:
            blocks[-1] = Block((*blocks[-1].items, spans), listed=True)
        else:
            blocks.append(Block((spans,), listed=raw.kind == "item"))
    return tuple(blocks)
