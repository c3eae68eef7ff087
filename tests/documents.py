"""Reading the documents: their files, blocks, words, and what of an output differs from run to run."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
VOLATILE = (
    (r"\b(access|erasure)-\d{8}-[0-9a-f]{8}\b", r"\1-REFERENCE"),
    (r"\b[0-9a-f]{64}\b", "SHA-256"),
    (r"\bplan [0-9a-f]{32}\b", "plan ID"),
    (r"\b[\d,]+ bytes\b", "SIZE bytes"),
    (r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) +\d+$", "TIME SIZE"),
)


@dataclass(frozen=True)
class Block:
    """A fenced block: `language`, and the file that the reader is told to write it to, if any."""

    language: str
    file: str
    text: str
    line: int


def documents() -> list[Path]:
    """Every document of the repository; the policies are pages of the site and have rules of their own."""
    return sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *(ROOT / "news").glob("*.md")])


def blocks(document: Path) -> list[Block]:
    text = document.read_text(encoding="utf-8")
    found = re.finditer(r"^```(\w*) ?(\S*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [Block(one[1], one[2], one[3], text.count("\n", 0, one.start()) + 1) for one in found]


def prose(document: Path) -> str:
    """The text without its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", document.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def inline_code(document: Path) -> set[str]:
    return set(re.findall(r"`([^`\n]+)`", prose(document)))


def sentences(document: Path) -> Iterator[str]:
    """Paragraphs, list items, headings and table cells, cut at full stops. Code counts as one word."""
    text = re.sub(r"`[^`\n]+`", "code", prose(document))
    text = re.sub(r"\]\([^)]*\)", "]", text)
    text = re.sub(r"^\s*(?:[-*] |\d+\. |#+ )", "\n\n", text, flags=re.MULTILINE)
    for part in re.split(r"\n\s*\n|\|", text):
        yield from (one for one in re.split(r"(?<=[.!?])\s+", " ".join(part.split())) if one)


def steady(text: str) -> str:
    """An output without what differs from run to run."""
    for volatile, word in VOLATILE:
        text = re.sub(volatile, word, text, flags=re.MULTILINE)
    return text.strip("\n")


def kept_command(folder: Path) -> Path:
    """A `kept` to put on the path: the code under test, whatever is installed."""
    command = folder / "kept"
    folder.mkdir(parents=True, exist_ok=True)
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m kept "$@"\n')
    command.chmod(0o755)
    return command


def shell_environment(home: Path, path: str) -> dict[str, str]:
    """What a reader's shell knows: nothing of ours but where Kept's code is."""
    return {
        "HOME": str(home),
        "PATH": path,
        "PYTHONPATH": str(ROOT / "src"),
        "COLUMNS": "80",
        "LC_ALL": "C.UTF-8",
    }
