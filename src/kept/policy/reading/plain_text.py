"""Plain text and Markdown. Of Markdown what carries structure is read, and the rest is taken for words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kept.policy.reading.parts import Part

_HASHES = re.compile(r"(?P<level>#{1,6})\s+(?P<text>.*?)\s*#*")
_ITEM = re.compile(r"\s{0,12}(?:[-*+•‣▪\u2013]|\(?[0-9]{1,3}[.)]|\(?[a-z][.)])\s+(?P<text>\S.*)")
_NUMBERED = re.compile(r"(?:(?:section|article|part|§)\s*)?[0-9]{1,3}(?:\.[0-9]{1,3})*[.):]?\s+\S.*", re.IGNORECASE)
_LINK = re.compile(r"!?\[(?P<words>[^\[\]]*)\]\([^()\s]*(?:\s+\"[^\"]*\")?\)")
_EMPHASIS = re.compile(r"(\*{1,3}|_{1,3}|`+)(?P<words>\S(?:.*?\S)?)\1")
_RULE = re.compile(r"\s*(?:[-*_=]\s*){3,}")
LONGEST_HEADING = 90  # signs, where nothing but its form tells a heading


def read_markdown(text: str) -> Iterator[Part]:
    return _read(_without_fences(_without_front_matter(text)), marked=True)


def read_plain_text(text: str) -> Iterator[Part]:
    return _read(text, marked=False)


def _read(text: str, *, marked: bool) -> Iterator[Part]:
    """Blocks between blank lines; items are blocks of their own."""
    open_kind: str = ""
    words: list[str] = []
    lines = text.split("\n")
    for place, line in enumerate([*lines, ""]):
        stripped = line.strip()
        below = lines[place + 1].strip() if place + 1 < len(lines) else ""
        found = _heading(stripped, below, marked, alone=not words and not below)
        item = _ITEM.fullmatch(line)
        if words and (not stripped or found or item or _RULE.fullmatch(line)):
            yield Part("item" if open_kind == "item" else "paragraph", _words(" ".join(words), marked))
            words, open_kind = [], ""
        if found:
            yield found
        elif item and not _RULE.fullmatch(line):
            open_kind, words = "item", [item["text"]]
        elif stripped and not _RULE.fullmatch(line):
            words.append(stripped.removeprefix(">").strip() if marked else stripped)


def _heading(line: str, below: str, marked: bool, *, alone: bool) -> Part | None:
    """A line that heads what follows: by its signs in Markdown; in plain text by its form and by standing alone."""
    if marked and (found := _HASHES.fullmatch(line)):
        return Part("heading", _words(found["text"], marked), len(found["level"]))
    if line and re.fullmatch(r"=+|-{3,}", below) and not _RULE.fullmatch(line):
        return Part("heading", _words(line, marked), 1 if below[0] == "=" else 2)
    if marked or not alone or len(line) > LONGEST_HEADING or line[-1:] in ".,;:!":
        return None
    if line.endswith("?") and line.count(".") + line.count("?") == 1:
        return Part("heading", line, 2)
    if line.isupper() or _NUMBERED.fullmatch(line) or (line[:1].isupper() and len(line.split()) <= 8):
        return Part("heading", line, 2)
    return None


def _words(text: str, marked: bool) -> str:
    if not marked:
        return text
    text = _LINK.sub(lambda found: found["words"], text)
    for _ in range(3):  # bold within italic within a link
        text = _EMPHASIS.sub(lambda found: found["words"], text)
    return re.sub(r"\\([\\`*_{}\[\]()#+.!>~|-])", r"\1", text)


def _without_front_matter(text: str) -> str:
    found = re.match(r"---\n.*?\n(?:---|\.\.\.)\n", text, re.DOTALL)
    return text[found.end() :] if found else text


def _without_fences(text: str) -> str:
    return re.sub(r"^(```|~~~).*?^\1\s*$", "", text, flags=re.MULTILINE | re.DOTALL)
