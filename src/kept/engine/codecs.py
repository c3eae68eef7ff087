"""Taking identifiers out of values that are more than plain text, so that they can still be read afterwards."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from kept.engine.pack import ColumnRule
from kept.engine.searched import redact
from kept.engine.traces import REDACTED, Trace

LITERAL = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
TO_THE_LETTER = "\0number "  # before a number with a point while a document is taken apart
PHP_ENCODINGS = ("utf-8", "cp1252")  # what lengths may be counted in
PHP_TEXT = re.compile(rb's:(\d+):"')


def rewritten(text: str, rule: ColumnRule, traces: Sequence[Trace], *, own: bool, word: str = REDACTED) -> str:
    """The value as it should stand afterwards.

    In the person's own row the members named by `path` go whole; everywhere else, and in every other row,
    only the identifiers go. What holds none comes back to the letter.
    """

    def without(part: str) -> str:
        return redact(part, traces, word)

    if rule.codec == "json":
        return _json(text, rule.path if own and rule.do != "redact" else (), without)
    return _php(text, without) if rule.codec == "php" else without(text)


def _json(text: str, paths: Sequence[str], change: Callable[[str], str]) -> str:
    try:
        document = json.loads(text, parse_float=lambda number: TO_THE_LETTER + number, strict=False)
    except (ValueError, RecursionError):
        return change(text)  # says it is JSON and is not: treat it as the text it is
    if sum(_drop(document, path.split(".")) for path in paths):
        text = json.dumps(document, ensure_ascii=text.isascii())
        text = re.sub(f'"{re.escape(json.dumps(TO_THE_LETTER)[1:-1])}([^"]*)"', r"\1", text)

    def changed(match: re.Match[str]) -> str:
        said = json.loads(match.group(), strict=False)
        new = change(said)
        return match.group() if new == said else json.dumps(new, ensure_ascii=match.group().isascii())

    return LITERAL.sub(changed, text)


def _drop(document: Any, path: Sequence[str]) -> int:
    """Take a member out of the document; how often it was there."""
    if isinstance(document, list):
        return sum(_drop(member, path) for member in document)
    if not isinstance(document, dict) or path[0] not in document:
        return 0
    if len(path) > 1:
        return _drop(document[path[0]], path[1:])
    del document[path[0]]
    return 1


def _php(text: str, change: Callable[[str], str]) -> str:
    """PHP's serialize(): `s:5:"Alice";` carries its length in bytes, which has to follow the text."""
    encoding, raw = PHP_ENCODINGS[0], text.encode(PHP_ENCODINGS[0], "surrogateescape")
    for other in PHP_ENCODINGS:
        with suppress(UnicodeEncodeError):
            encoded = text.encode(other, "surrogateescape")
            if all(end for _, _, end in _php_texts(encoded)):
                encoding, raw = other, encoded
                break

    def inside(part: bytes) -> bytes:
        said = part.decode(encoding, "surrogateescape")
        new = _php(said, change) if re.match(r"[aOs]:\d+:", said) else change(said)
        return new.encode(encoding, "surrogateescape")

    def between(part: bytes) -> bytes:
        return change(part.decode(encoding, "surrogateescape")).encode(encoding, "surrogateescape")

    made, place = bytearray(), 0
    for match, start, end in _php_texts(raw):
        if end:
            new = inside(raw[start:end])
            made += between(raw[place : match.start()]) + b's:%d:"' % len(new) + new
            place = end
    return (bytes(made) + between(raw[place:])).decode(encoding, "surrogateescape")


def _php_texts(raw: bytes) -> Iterator[tuple[re.Match[bytes], int, int]]:
    """The outermost texts: where each says its length, and from where to where it goes; to 0: that is no length."""
    place = 0
    for match in PHP_TEXT.finditer(raw):
        if match.start() < place:
            continue  # inside a text already taken
        end = match.end() + int(match.group(1))
        if raw[end : end + 2] in (b'";', b'"'):
            yield match, match.end(), end
            place = end
        else:
            yield match, match.end(), 0
