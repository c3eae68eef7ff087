"""Word's DOCX: a ZIP of XML (ECMA-376). Read with bounds, without entities, and without following any reference.

The XML is parsed by expat and a document type in it is refused, so that no entity is expanded and no other file read.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from xml.parsers import expat

from kept.policy.problems import BadDocument
from kept.policy.reading.parts import Kind, Part

WORDS = "word/document.xml"
STYLES = "word/styles.xml"
MOST_FILES = 5_000
MOST_BYTES = 50_000_000  # of one part of it, unpacked
UNSEEN = ("del", "moveFrom")  # what a tracked change takes away
SPACES = (
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "http://purl.oclc.org/ooxml/wordprocessingml/main",
    "",
)


def read_docx(path: Path) -> Iterator[Part]:
    """Raises BadDocument, saying what is wrong with the file."""
    try:
        with zipfile.ZipFile(path) as archive:
            if len(archive.infolist()) > MOST_FILES:
                raise BadDocument(f"it holds more than {MOST_FILES:,} files")
            names = set(archive.namelist())
            if WORDS not in names:
                raise BadDocument(f"it is a ZIP file without {WORDS}, so no Word document")
            words = _unpacked(archive, WORDS)
            styles = _unpacked(archive, STYLES) if STYLES in names else b""
    except zipfile.BadZipFile as problem:
        raise BadDocument("it is no ZIP file, or a damaged one; old .doc files must be saved as .docx") from problem
    except (NotImplementedError, RuntimeError) as problem:
        raise BadDocument("it is encrypted, or packed in a way that is not read here") from problem
    except (zlib.error, EOFError, OSError) as problem:
        raise BadDocument("a part of it cannot be unpacked: the file is damaged") from problem
    return iter(_read_words(words, _read_styles(styles) if styles else {}))


def _unpacked(archive: zipfile.ZipFile, name: str) -> bytes:
    """One file of it, never more than it may have, whatever its directory claims."""
    with archive.open(name) as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise BadDocument(f"{name} is larger than {MOST_BYTES:,} bytes when unpacked")
    return content


class _Words:
    """Paragraphs as expat tells of them."""

    def __init__(self, levels: dict[str, int]) -> None:
        self.levels = levels
        self.parts: list[Part] = []
        self.words: list[str] = []
        self.kind: Kind = "paragraph"
        self.level = 0
        self.in_text = self.unseen = 0
        self.around: list[tuple[list[str], Kind, int]] = []  # a text box stands within a paragraph

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = _local(tag)
        if name == "p":
            self.around.append((self.words, self.kind, self.level))
            self.words, self.kind, self.level = [], "paragraph", 0
        elif name == "pStyle":
            self.level = self.levels.get(_value(attributes), 0)
            self.kind = "heading" if self.level else self.kind
        elif name == "outlineLvl" and _value(attributes).isdecimal() and int(_value(attributes)) < 9:
            self.kind, self.level = "heading", int(_value(attributes)) + 1
        elif name == "numPr" and self.kind == "paragraph":
            self.kind = "item"
        elif name in ("tab", "br", "cr"):
            self.words.append(" ")
        elif name == "noBreakHyphen":
            self.words.append("-")
        self.in_text += name == "t"
        self.unseen += name in UNSEEN or tag.endswith(" Fallback")

    def end(self, tag: str) -> None:
        name = _local(tag)
        self.in_text -= name == "t"
        self.unseen -= name in UNSEEN or tag.endswith(" Fallback")
        if name == "p":
            if self.words:
                self.parts.append(Part(self.kind, "".join(self.words), self.level))
            self.words, self.kind, self.level = self.around.pop()

    def text(self, data: str) -> None:
        if self.in_text and not self.unseen:
            self.words.append(data)


class _Styles:
    """Which styles are headings: by their outline level, or by Word's own names for them."""

    def __init__(self) -> None:
        self.levels: dict[str, int] = {}
        self.style = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = _local(tag)
        if name == "style":
            self.style = next((value for key, value in attributes.items() if _local(key) == "styleId"), "")
        elif name == "name" and self.style:
            known, _, number = _value(attributes).lower().partition(" ")
            if known == "title":
                self.levels[self.style] = 1
            elif known == "heading" and number.isdecimal() and 1 <= int(number) <= 9:
                self.levels[self.style] = int(number)
        elif name == "outlineLvl" and self.style and _value(attributes).isdecimal():
            self.levels.setdefault(self.style, min(9, int(_value(attributes)) + 1))


def _read_words(content: bytes, levels: dict[str, int]) -> list[Part]:
    words = _Words(levels)
    parser = _parser(WORDS)
    parser.StartElementHandler = words.start
    parser.EndElementHandler = words.end
    parser.CharacterDataHandler = words.text
    _parse(parser, content, WORDS)
    return words.parts


def _read_styles(content: bytes) -> dict[str, int]:
    styles = _Styles()
    parser = _parser(STYLES)
    parser.StartElementHandler = styles.start
    _parse(parser, content, STYLES)
    return styles.levels


def _parser(name: str) -> expat.XMLParserType:
    parser = expat.ParserCreate(namespace_separator=" ")

    def refuse(*_: object) -> None:
        raise BadDocument(f"{name} declares a document type, which Word never does")

    parser.StartDoctypeDeclHandler = refuse
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    return parser


def _parse(parser: expat.XMLParserType, content: bytes, name: str) -> None:
    try:
        parser.Parse(content, True)
    except expat.ExpatError as problem:
        what = expat.ErrorString(problem.code)
        raise BadDocument(f"{name} is no XML: {what}, line {problem.lineno}") from problem


def _local(name: str) -> str:
    space, _, local = name.rpartition(" ")
    return local if space in SPACES else ""


def _value(attributes: dict[str, str]) -> str:
    return next((value for key, value in attributes.items() if _local(key) == "val"), "")
