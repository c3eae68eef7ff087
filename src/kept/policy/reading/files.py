"""One file of any of the four forms, as headings, paragraphs and items. Says plainly what cannot be read, and why."""

from __future__ import annotations

import errno
import os
import re
import stat
from pathlib import Path

from kept.policy.problems import BadDocument
from kept.policy.reading.docx import read_docx
from kept.policy.reading.html import read_html
from kept.policy.reading.parts import MOST_SIGNS, Part, tidy
from kept.policy.reading.plain_text import read_markdown, read_plain_text

FORMS = {
    ".md": "markdown", ".markdown": "markdown", ".html": "html", ".htm": "html", ".xhtml": "html", ".docx": "docx",
    ".txt": "text", ".text": "text",
}  # fmt: skip
MOST_BYTES = 50_000_000
OTHERS = (
    (b"%PDF", "it is a PDF file: save the text as .docx, .html or .txt"),
    (b"\xd0\xcf\x11\xe0", "it is an old Word or Office file: save it as .docx"),
    (b"{\\rtf", "it is an RTF file: save it as .docx or .txt"),
    (b"PK\x03\x04", "it is a ZIP file: a Word document is named .docx"),
    (b"\x7fELF", "it is a program"),
    (b"\x89PNG", "it is a picture"),
    (b"\xff\xd8\xff", "it is a picture"),
)


def read_file(path: Path) -> list[Part]:
    """The blocks of a policy. Raises BadDocument with one sentence that says what is wrong and what to do."""
    form = FORMS.get(path.suffix.lower())
    if form is None and path.suffix.lower() in (".pdf", ".doc", ".rtf", ".odt"):
        raise BadDocument(f"{path.name}: this form is not read here: save the text as .docx, .html or .txt")
    if form is None:
        known = ", ".join(sorted(FORMS))
        raise BadDocument(f"{path.name}: the name does not say what it is; it ends in one of {known}")
    try:
        parts = list(tidy(_parts(path, form)))
    except BadDocument as bad:
        raise BadDocument(f"{path.name}: {bad}") from bad
    except OSError as problem:
        raise BadDocument(f"{path.name}: it cannot be read: {problem.strerror or 'the disk refused'}") from problem
    if sum(len(part.text) for part in parts) > MOST_SIGNS:
        raise BadDocument(f"{path.name}: it has more than {MOST_SIGNS:,} signs of text, which no policy has")
    if not any(part.kind != "heading" for part in parts):
        raise BadDocument(f"{path.name}: there is no sentence in it")
    return parts


def _parts(path: Path, form: str) -> list[Part]:
    if not stat.S_ISREG(path.stat().st_mode):
        why = os.strerror(errno.EISDIR) if path.is_dir() else "it is a device or a pipe, and no file"
        raise BadDocument(f"it cannot be read: {why}")
    if path.stat().st_size > MOST_BYTES:
        raise BadDocument(f"it has more than {MOST_BYTES:,} bytes")
    if form == "docx":
        return list(read_docx(path))
    content = path.read_bytes()
    for begin, what in OTHERS:
        if content.startswith(begin):
            raise BadDocument(what)
    text = _decoded(content, form).replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise BadDocument(f"line {line} has a zero byte: this is no text")
    read = {"markdown": read_markdown, "html": read_html, "text": read_plain_text}[form]
    return list(read(text))


def _decoded(content: bytes, form: str) -> str:
    """UTF-8, UTF-16 with its mark, or what a page of HTML says of itself."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif form == "html" and (said := re.search(rb"charset\s*=\s*[\"']?([\w.:-]{2,40})", content[:4096])):
        encoding = said[1].decode("ascii")
    else:
        encoding = "utf-8"
    if content.startswith(b"\xef\xbb\xbf"):
        encoding = "utf-8-sig"
    try:
        return content.decode(encoding)
    except LookupError:
        raise BadDocument(f"it says that its letters are “{encoding}”, which nobody knows: save it as UTF-8") from None
    except UnicodeError as problem:  # some codecs do not say where
        at = problem.start if isinstance(problem, UnicodeDecodeError) else 0
        line = content[:at].count(b"\n") + 1
        raise BadDocument(f"line {line} is not {encoding.upper()} text: save it as UTF-8") from problem
