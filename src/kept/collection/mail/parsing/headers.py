"""The head of a mail or of one of its parts: fields, encoded words (RFC 2047), parameters (RFC 2231), addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from kept.collection.mail.parsing.charsets import decoded
from kept.collection.mail.parsing.encodings import from_base64
from kept.engine.errors import NotAnIdentifier
from kept.engine.identifiers import normal

HEAD_BYTES = 256 * 1024  # of one head; what is beyond counts to the body
MOST_FIELDS = 1000
LONGEST_FIELD = 16 * 1024  # of one field's value
LONGEST_WORD = 998
MOST_ADDRESSES = 200

END_OF_HEAD = re.compile(rb"\r?\n[ \t]*\r?\n|\r\r")
FIELD = re.compile(rb"^([!-9;-~]{1,200})[ \t]*:(.*)$", re.DOTALL)
NEW_LINE = re.compile(rb"\r\n|\n|\r")
ENCODED = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?\n]*)\?=")
Q_BYTE = re.compile(rb"=([0-9A-Fa-f]{2})")
MESSAGE_ID = re.compile(r"<([^<>\s]{1,900})>")
SPACES = re.compile(r"\s+")

Fields = list[tuple[str, bytes]]  # name in lower case, value as it stands


@dataclass(frozen=True)
class Address:
    name: str
    email: str  # normal form


def split_head(raw: bytes) -> tuple[bytes, bytes, bool]:
    """Head, body, and whether the head had to be cut."""
    if raw.startswith((b"\n", b"\r\n")):
        return b"", raw.lstrip(b"\r\n"), False
    found = END_OF_HEAD.search(raw, 0, HEAD_BYTES)
    if found:
        return raw[: found.start()], raw[found.end() :], False
    if len(raw) <= HEAD_BYTES:
        return raw, b"", False
    cut = raw.rfind(b"\n", 0, HEAD_BYTES) + 1 or HEAD_BYTES
    return raw[:cut], raw[cut:], True


def fields_of(head: bytes) -> tuple[Fields, bool]:
    """The fields in their order, and whether all lines were fields."""
    found: Fields = []
    clean, open_field = True, False
    for line in NEW_LINE.split(head):
        if line[:1] in (b" ", b"\t"):
            if open_field and len(found[-1][1]) < LONGEST_FIELD:
                found[-1] = (found[-1][0], (found[-1][1] + line)[:LONGEST_FIELD])
            continue
        match = FIELD.match(line)
        open_field = match is not None and len(found) < MOST_FIELDS
        if match is not None and open_field:
            found.append((match[1].decode("ascii").lower(), match[2][:LONGEST_FIELD]))
        elif line and not line.startswith((b"From ", b">From ")):
            clean = False
    return found, clean


def first(fields: Fields, name: str) -> bytes:
    return next((value for known, value in fields if known == name), b"")


def text_of(value: bytes) -> str:
    """One field as people read it, on one line."""
    text, _ = decoded(value[:LONGEST_FIELD], "utf-8")
    if "=?" in text:
        text = "".join(_encoded_words(text))
    return SPACES.sub(" ", text).strip()


def _encoded_words(text: str) -> Iterator[str]:
    """Words beside each other with the same letters are joined first: a sign may be cut in two."""
    waiting, letters, at = b"", "", 0
    for match in ENCODED.finditer(text):
        between = text[at : match.start()]
        raw = _word(match[2], match[3])
        charset = match[1].partition("*")[0]
        if waiting and (between.strip() or charset.lower() != letters.lower()):
            yield decoded(waiting, letters)[0]
            waiting = b""
        if between.strip() or at == 0:
            yield between
        waiting, letters, at = waiting + raw, charset, match.end()
    if waiting:
        yield decoded(waiting, letters)[0]
    yield text[at:]


def _word(how: str, word: str) -> bytes:
    raw = word.encode("utf-8", "replace")
    if how in "bB":
        return from_base64(raw)
    return Q_BYTE.sub(lambda match: bytes([int(match[1], 16)]), raw.replace(b"_", b" "))


def with_parameters(value: bytes) -> tuple[str, dict[str, str]]:
    """ "text/plain" and {"charset": "utf-8"}: the value in lower case, and what stands behind it."""
    main, *rest = _cut_at(decoded(value[:LONGEST_FIELD], "utf-8")[0], ";")
    pieces: dict[str, dict[int, str | bytes]] = {}
    letters: dict[str, str] = {}
    for one in rest[:100]:
        name, equals, given = one.partition("=")
        if not equals:
            continue
        name, given = name.strip().lower(), _unquoted(given.strip())
        base, star, order = name.partition("*")
        if not star:
            pieces.setdefault(name, {}).setdefault(0, text_of(given.encode("utf-8", "replace")))
            continue
        number, extended = order.rstrip("*"), name.endswith("*")
        at = int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 0
        if extended and at == 0 and given.count("'") >= 2:
            letters[base], _, given = given.split("'", 2)
        pieces.setdefault(base, {})[at] = unquote_to_bytes(given) if extended else given
    found = {name: _joined(parts, letters.get(name, "utf-8")) for name, parts in pieces.items()}
    return SPACES.sub("", main).lower()[:200], found


def _joined(parts: dict[int, str | bytes], charset: str) -> str:
    raw = b"".join(
        part if isinstance(part, bytes) else part.encode("utf-8", "replace") for _, part in sorted(parts.items())
    )
    every_text = all(isinstance(part, str) for part in parts.values())
    return decoded(raw, "utf-8" if every_text else charset)[0]


def _cut_at(text: str, sign: str) -> list[str]:
    """Cut where the sign stands outside quotation marks, brackets and comments."""
    found, quoted, depth, begin, skip = [], False, 0, 0, False
    for at, letter in enumerate(text):
        if skip:
            skip = False
        elif letter == "\\" and quoted:
            skip = True
        elif letter == '"':
            quoted = not quoted
        elif not quoted and letter in "(<":
            depth += 1
        elif not quoted and letter in ")>" and depth:
            depth -= 1
        elif letter == sign and not quoted and not depth:
            found.append(text[begin:at])
            begin = at + 1
    return [*found, text[begin:]]


def _unquoted(text: str) -> str:
    if text.startswith('"'):
        text = text[1:].rpartition('"')[0] or text[1:]
        return re.sub(r"\\(.)", r"\1", text)
    return text


def addresses_of(value: bytes) -> list[Address]:
    """Whom a From, To or Cc names, as far as there is an address in it."""
    found = []
    raw = decoded(value[:LONGEST_FIELD], "utf-8")[0]
    for one in _cut_at(raw.replace(";", ","), ",")[:MOST_ADDRESSES]:
        before, bracket, inside = one.rpartition("<")
        given = inside.partition(">")[0] if bracket else re.sub(r"\([^()]*\)", " ", one).strip().rpartition(" ")[2]
        try:
            email = normal("email", given.strip()).value
        except NotAnIdentifier:
            continue
        name = _unquoted(before.strip()) if bracket else ""
        found.append(Address(text_of(name.encode("utf-8", "replace"))[:200], email))
    return found


def message_ids_of(value: bytes) -> list[str]:
    """What stands in Message-ID, In-Reply-To and References, without the brackets."""
    return MESSAGE_ID.findall(decoded(value[:LONGEST_FIELD], "utf-8")[0])[:100]
