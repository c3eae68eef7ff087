"""A mail as a value: its head, its text, its attachments, and what was wrong with it."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from kept.collection.mail.parsing.charsets import decoded
from kept.collection.mail.parsing.encodings import unpacked
from kept.collection.mail.parsing.headers import (
    Address,
    Fields,
    addresses_of,
    fields_of,
    first,
    message_ids_of,
    split_head,
    text_of,
    with_parameters,
)
from kept.collection.mail.parsing.html import text_of_html

MOST_PARTS = 1000  # of all depths together
DEEPEST = 20  # parts in parts
LONGEST_TEXT = 1_000_000  # signs of text that are kept
SECONDS = 10.0  # after which the rest is left unread

HEADS_KEPT = frozenset(
    [
        "auto-submitted",
        "precedence",
        "x-auto-response-suppress",
        "list-id",
        "list-unsubscribe",
        "list-post",
        "x-loop",
        "x-autoreply",
        "x-autorespond",
        "return-path",
        "content-type",
    ]
)


@dataclass(frozen=True)
class Attachment:
    path: str  # "2.1": the first part of the second
    name: str
    kind: str  # "application/pdf", as the mail says
    size: int  # bytes, unpacked
    sha256: str


@dataclass(frozen=True)
class Mail:
    message_id: str
    references: tuple[str, ...]  # In-Reply-To first, then References from the newest
    subject: str
    senders: tuple[Address, ...]
    reply_to: tuple[Address, ...]
    recipients: tuple[Address, ...]
    text: str = field(repr=False)
    forwarded: str = field(repr=False)  # the text of mails inside this mail
    attachments: tuple[Attachment, ...] = ()
    heads: tuple[tuple[str, str], ...] = field(default=(), repr=False)  # those that HEADS_KEPT names
    faults: tuple[str, ...] = ()  # in plain words, each once

    def head(self, name: str) -> str:
        return next((value for known, value in self.heads if known == name), "")


@dataclass
class _Leaf:
    path: str
    kind: str
    name: str
    attached: bool
    charset: str
    body: bytes = field(repr=False)
    alternative: str  # the path of the multipart/alternative it stands in; "": in none
    inside: bool  # of a mail inside the mail


class _Reader:
    def __init__(self) -> None:
        self.faults: dict[str, None] = {}
        self.parts = 0
        self.until = time.monotonic() + SECONDS

    def fault(self, words: str) -> None:
        self.faults[words] = None

    def leaves(
        self, fields: Fields, body: bytes, path: str = "1", depth: int = 0, alternative: str = "", inside: bool = False
    ) -> Iterator[_Leaf]:
        self.parts += 1
        kind, given = with_parameters(first(fields, "content-type"))
        kind = kind if re.fullmatch(r"[\w.+-]+/[\w.+-]+", kind) else "text/plain"
        more = self._may_go_on(depth)
        if kind.startswith("multipart/") and more:
            bodies = _split(body, given.get("boundary", "").rstrip(), MOST_PARTS - self.parts)
            if bodies:
                alternative = path if kind == "multipart/alternative" else alternative
                for number, one in enumerate(bodies, 1):
                    head, below, cut = split_head(one)
                    if self.parts >= MOST_PARTS or cut:
                        self.fault("It has more parts, or longer heads of parts, than are read.")
                    if self.parts >= MOST_PARTS:
                        return
                    yield from self.leaves(
                        fields_of(head)[0], below, f"{path}.{number}", depth + 1, alternative, inside
                    )
                return
            self.fault("Its parts cannot be told apart.")
            kind = "text/plain"
        disposition, also = with_parameters(first(fields, "content-disposition"))
        raw, known = unpacked(body, with_parameters(first(fields, "content-transfer-encoding"))[0])
        if not known:
            self.fault("A part is packed in a way that is not known.")
        name = (also.get("filename") or given.get("name") or "")[:200]
        attached = disposition == "attachment" or bool(name) or not kind.startswith("text/")
        yield _Leaf(path, kind, name, attached, given.get("charset", ""), raw, alternative, inside)
        if kind in ("message/rfc822", "message/global") and more:
            head, below, _ = split_head(raw)
            yield from self.leaves(fields_of(head)[0], below, f"{path}.0", depth + 1, "", True)

    def _may_go_on(self, depth: int) -> bool:
        if depth >= DEEPEST:
            self.fault("Its parts stand deeper in each other than is read.")
        elif time.monotonic() > self.until:
            self.fault("Reading it took too long, so the rest was left unread.")
        else:
            return True
        return False


def read_mail(raw: bytes) -> Mail:
    """Whatever the bytes are, a value with what can be read of them."""
    reader = _Reader()
    head, body, cut = split_head(raw)
    if cut:
        reader.fault("Its head is longer than is read.")
    fields, clean = fields_of(head)
    if not fields:
        reader.fault("It has no head.")
        body = raw
    elif not clean:
        reader.fault("A line of its head is no field.")
    leaves = list(reader.leaves(fields, body))
    if not first(fields, "from"):
        reader.fault("It does not say from whom it is.")
    answered = message_ids_of(first(fields, "in-reply-to")) + message_ids_of(first(fields, "references"))[::-1]
    text = _text(reader, [leaf for leaf in leaves if not leaf.inside])
    forwarded = _text(reader, [leaf for leaf in leaves if leaf.inside])
    return Mail(
        message_id=next(iter(message_ids_of(first(fields, "message-id"))), ""),
        references=tuple(dict.fromkeys(answered)),
        subject=text_of(first(fields, "subject"))[:500],
        senders=tuple(addresses_of(first(fields, "from"))),
        reply_to=tuple(addresses_of(first(fields, "reply-to"))),
        recipients=tuple(addresses_of(first(fields, "to")) + addresses_of(first(fields, "cc"))),
        text=text,
        forwarded=forwarded,
        attachments=tuple(_attachment(leaf) for leaf in leaves if leaf.attached),
        heads=tuple((name, text_of(value)) for name, value in fields if name in HEADS_KEPT),
        faults=tuple(reader.faults),
    )


def _attachment(leaf: _Leaf) -> Attachment:
    return Attachment(leaf.path, leaf.name, leaf.kind[:100], len(leaf.body), hashlib.sha256(leaf.body).hexdigest())


def _text(reader: _Reader, leaves: list[_Leaf]) -> str:
    """All text that is shown at once; of alternatives the plain one, where it says anything."""
    chosen: dict[str, list[tuple[bool, str]]] = {}
    for leaf in leaves:
        if leaf.attached:
            continue
        if time.monotonic() > reader.until:
            reader.fault("Reading it took too long, so the rest was left unread.")
            break
        source, guessed = decoded(leaf.body[: 4 * LONGEST_TEXT], leaf.charset)
        if guessed:
            reader.fault("Its letters had to be guessed.")
        is_html = leaf.kind == "text/html" or (leaf.kind == "text/plain" and _looks_like_html(source))
        text = text_of_html(source) if is_html else source.replace("\r\n", "\n").replace("\r", "\n")
        if text.strip():
            chosen.setdefault(leaf.alternative or leaf.path, []).append((is_html, text))
    said = []
    for texts in chosen.values():
        plain = [text for is_html, text in texts if not is_html]
        said += plain or [text for _, text in texts]
    whole = "\n\n".join(said)
    if len(whole) > LONGEST_TEXT:
        reader.fault("Its text is longer than is read.")
    return whole[:LONGEST_TEXT].strip()


def _looks_like_html(text: str) -> bool:
    return text[:200].lstrip().lower().startswith(("<!doctype html", "<html"))


def _split(body: bytes, boundary: str, most: int) -> list[bytes]:
    """The parts between lines with the boundary; without preamble and epilogue. [] where no such line stands."""
    mark = b"--" + boundary.encode("utf-8", "replace")[:300]
    if len(mark) == 2:
        return []
    found: list[bytes] = []
    begin, at = -1, 0 if body.startswith(mark) else _next_line_with(mark, body, 0)
    while at >= 0 and len(found) <= max(most, 0):
        end = body.find(b"\n", at)
        end = len(body) if end < 0 else end
        rest = body[at + len(mark) : end].strip(b" \t\r")
        if rest in (b"", b"--"):
            if begin >= 0:
                found.append(_without_last_line_end(body[begin:at]))
            begin = end + 1
            if rest:
                return found
        at = _next_line_with(mark, body, end)
    if (
        begin >= 0 and begin < len(body) and len(found) <= max(most, 0)
    ):  # the last boundary is missing: cut off on its way
        found.append(body[begin:])
    return found


def _next_line_with(mark: bytes, body: bytes, at: int) -> int:
    """Where the next line begins that begins so; -1: nowhere."""
    found = body.find(b"\n" + mark, at)
    return found + 1 if found >= 0 else -1


def _without_last_line_end(part: bytes) -> bytes:
    return part[:-2] if part.endswith(b"\r\n") else part[:-1] if part.endswith(b"\n") else part
