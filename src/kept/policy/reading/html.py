"""HTML pages: the words people see, by the browser's own rules as far as the standard library knows them."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser

from kept.policy.reading.parts import Kind, Part


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


HEADINGS = {f"h{level}": level for level in range(1, 7)}
BLOCKS = _set("""
    address article aside blockquote body center dd details div dl dt fieldset figcaption figure footer form
    header hr html legend li main nav ol p pre section summary table tbody td tfoot th thead title tr ul br
""")
UNSEEN = _set("""
    script style template noscript head svg math iframe object canvas audio video select button textarea nav
    input
""")
VOID = _set("""
    area base br col embed hr img input link meta source track wbr
""")
DEEPEST = 500


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[Part] = []
        self.words: list[str] = []
        self.kind: Kind = "paragraph"
        self.level = 0
        self.unseen: list[str] = []  # the elements, from the outermost, whose content nobody sees

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if self.unseen or tag in UNSEEN or "hidden" in given or given.get("aria-hidden") == "true":
            if tag not in VOID and len(self.unseen) < DEEPEST:
                self.unseen.append(tag)
            return
        if tag in BLOCKS or tag in HEADINGS:
            self.close_part()
            self.kind = "heading" if tag in HEADINGS else "item" if tag == "li" else "paragraph"
            self.level = HEADINGS.get(tag, 0)

    def handle_endtag(self, tag: str) -> None:
        if self.unseen:
            if tag in self.unseen:  # one that was never closed ends with what it stood in
                while self.unseen.pop() != tag:
                    pass
            return
        if tag in BLOCKS or tag in HEADINGS:
            self.close_part()
            self.kind, self.level = "paragraph", 0

    def handle_data(self, data: str) -> None:
        if not self.unseen:
            self.words.append(data)

    def close_part(self) -> None:
        if any(word.strip() for word in self.words):
            self.parts.append(Part(self.kind, "".join(self.words), self.level))
        self.words = []


def read_html(text: str) -> Iterator[Part]:
    reader = _Reader()
    reader.feed(text)
    reader.close()
    reader.close_part()
    return iter(reader.parts)
