"""HTML of a mail as text. It is read once from front to end, however broken it is. What is quoted begins with "> "."""

from __future__ import annotations

import html
import re

LONGEST = 2_000_000  # signs of HTML that are read
NAME = re.compile(r"</?([A-Za-z][A-Za-z0-9]{0,20})")
SPACES = re.compile(r"[ \t\r\n\f\xa0\u200b\ufeff]+")
MANY_LINES = re.compile(r"\n[ \t]*\n[ \t\n]*")
BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "center",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
        "br",
    ]
)
UNSEEN = frozenset(["head", "script", "style", "template", "title", "svg", "math", "object", "select", "noscript"])
QUOTES = re.compile(r"gmail_quote|yahoo_quoted|protonmail_quote|moz-cite|divRplyFwdMsg|appendonsend|OLK_SRC_BODY", re.I)


class _Writer:
    """Collects words and lines; what is quoted is marked as in a plain text."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.words: list[str] = []
        self.quoted = 0  # how many open elements, all with the name of the first that quotes
        self.by = ""
        self.unclosed: set[str] = set()  # names of elements of which no closing tag is left

    def say(self, text: str) -> None:
        if text:
            self.words.append(html.unescape(text))

    def end_line(self) -> None:
        line = SPACES.sub(" ", "".join(self.words)).strip()
        self.words.clear()
        if line or not self.lines or self.lines[-1] not in ("", ">"):
            self.lines.append(f"> {line}".rstrip() if self.quoted else line)

    def opened(self, name: str, tag: str) -> None:
        if name in BLOCKS:
            self.end_line()
        if self.quoted:
            self.quoted += name == self.by
        elif name == "blockquote" or (name == "div" and QUOTES.search(tag)):
            self.quoted, self.by = 1, name

    def closed(self, name: str) -> None:
        if name in BLOCKS:
            self.end_line()
        if self.quoted and name == self.by:
            self.quoted -= 1


def text_of_html(source: str) -> str:
    source = source[:LONGEST]
    writer, at, no_more = _Writer(), 0, False
    while at < len(source):
        begin = source.find("<", at)
        if begin < 0:
            writer.say(source[at:])
            break
        writer.say(source[at:begin])
        if source.startswith("<!--", begin):
            end = source.find("-->", begin + 4)
            at = end + 3 if end >= 0 else len(source)
            continue
        name = NAME.match(source, begin)
        if name is None and source[begin + 1 : begin + 2] not in ("!", "?"):
            writer.say("<")
            at = begin + 1
            continue
        end = -1 if no_more else source.find(">", begin)
        if end < 0:
            no_more, at = True, begin + 1
            continue
        at = end + 1
        if name is not None:
            at = _element(source, begin, end, name[1].lower(), writer)
    writer.end_line()
    return MANY_LINES.sub("\n\n", "\n".join(writer.lines)).strip()


def _element(source: str, begin: int, end: int, name: str, writer: _Writer) -> int:
    """One opening or closing tag. Returns where to go on."""
    if source[begin + 1] == "/":
        writer.closed(name)
        return end + 1
    if name in UNSEEN and source[end - 1] != "/" and name not in writer.unclosed:
        close = re.compile(rf"</{name}\b", re.IGNORECASE).search(source, end)
        if close is None:
            writer.unclosed.add(name)
            return end + 1
        after = source.find(">", close.start())
        return after + 1 if after >= 0 else len(source)
    writer.opened(name, source[begin : min(end, begin + 2000)])
    return end + 1
