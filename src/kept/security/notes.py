"""Signed notes, checkpoints and proof files, as C2SP writes them down: signed-note, tlog-checkpoint, tlog-proof.

Plain functions on text. Whatever is given is refused with one sentence, or understood.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from kept.security.merkle import HASH_BYTES

ED25519, COSIGNATURE = 0x01, 0x04
MOST_SIGNATURES = 64
MOST_TEXT = 64 * 1024  # characters of a note or proof; bytes of a file that holds one
MOST_HASHES = 63
MOST_SIZE = 1 << 62
PROOF_NAME = "c2sp.org/tlog-proof@"
PROOF_HEAD = f"{PROOF_NAME}v1"
MARK = "\u2014 "
BASE64 = re.compile("([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")


class BadNote(Exception):
    """A note, key, checkpoint or proof file cannot be used. The message says where and why."""


class NotSigned(BadNote):
    """It can be read, but no key that we know has signed it."""


@dataclass(frozen=True)
class Key:
    """Who may sign: a name and an Ed25519 key. `text` is its form as a C2SP verifier key."""

    name: str
    kind: int  # ED25519: signs notes; COSIGNATURE: a witness, signs a time and a checkpoint
    public: bytes

    @property
    def id(self) -> bytes:
        return sha256(f"{self.name}\n".encode() + bytes([self.kind]) + self.public).digest()[:4]

    @property
    def text(self) -> str:
        return f"{self.name}+{self.id.hex()}+{_written(bytes([self.kind]) + self.public)}"


@dataclass(frozen=True)
class Signature:
    name: str
    id: bytes
    signature: bytes

    @property
    def line(self) -> str:
        return f"{MARK}{self.name} {_written(self.id + self.signature)}\n"


@dataclass(frozen=True)
class Note:
    text: str  # ends with a newline; what is signed
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return self.text + "\n" + "".join(one.line for one in self.signatures)


@dataclass(frozen=True)
class Head:
    """What a checkpoint says: the log, how many entries it has, and the root over them."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{_written(self.root)}\n"


@dataclass(frozen=True)
class Proof:
    """A proof file: the entry with this index is in the tree of the checkpoint."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: str  # a signed note
    extra: bytes | None = None

    def __str__(self) -> str:
        extra = "" if self.extra is None else f"extra {_written(self.extra)}\n"
        hashes = "".join(f"{_written(one)}\n" for one in self.hashes)
        return f"{PROOF_HEAD}\n{extra}index {self.index}\n{hashes}\n{self.checkpoint}"


def read_text(raw: bytes) -> str:
    """What a file holds, as somebody may have saved or pasted it: with other line ends, or empty lines around it.

    Raises BadNote.
    """
    if len(raw) > MOST_TEXT:
        raise BadNote(f"It is longer than {MOST_TEXT // 1024} KB.")
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n").strip(" \t\r\n")
    except UnicodeDecodeError as problem:
        raise BadNote("It is no text.") from problem
    if not text:
        raise BadNote("There is nothing in it.")
    return f"{text}\n"


def read_key(text: str) -> Key:
    """A verifier key. Raises BadNote."""
    name, _, rest = text.strip().partition("+")
    told, _, coded = rest.partition("+")
    if not _is_name(name) or not re.fullmatch(r"[0-9a-f]{8}", told):
        raise BadNote("A verifier key looks like name+8 hex digits+base64, and this does not.")
    raw = read_base64(coded, "the key")
    if len(raw) != 1 + HASH_BYTES or raw[0] not in (ED25519, COSIGNATURE):
        raise BadNote("This is no Ed25519 verifier key.")
    key = Key(name, raw[0], raw[1:])
    if key.id.hex() != told:
        raise BadNote("The verifier key does not fit its own number: a part of it is missing or changed.")
    return key


def read_note(text: str) -> Note:
    """Text and signatures, none of them checked. Raises BadNote."""
    if len(text) > MOST_TEXT:
        raise BadNote(f"It is longer than {MOST_TEXT} characters.")
    if any((sign < " " and sign != "\n") or "\ud800" <= sign <= "\udfff" for sign in text):
        raise BadNote("It has control characters. A note has none but line ends.")
    words, empty, below = text.rpartition("\n\n")
    if not empty or not below.endswith("\n"):
        raise BadNote("It has no signatures: after an empty line, each stands on a line of its own that is ended.")
    lines = below[:-1].split("\n")
    if len(lines) > MOST_SIGNATURES:
        raise BadNote(f"It has more than {MOST_SIGNATURES} signatures.")
    return Note(f"{words}\n", tuple(map(_signature, lines)))


def signed_by(note: Note, keys: Iterable[Key]) -> list[Key]:
    """Which of these keys have signed. Raises NotSigned for none, BadNote where a known key's signature is wrong."""
    found = signers_of(note, keys)
    if not found:
        raise NotSigned("None of its signatures is from a key that we know.")
    return found


def signers_of(note: Note, keys: Iterable[Key]) -> list[Key]:
    """The same, where none may have signed. Raises BadNote where a known key's signature is wrong."""
    known = {(key.name, key.id): key for key in keys}
    found = []
    for one in note.signatures:
        key = known.get((one.name, one.id))
        if key is None:
            continue
        if not _is_right(key, note.text, one.signature):
            raise BadNote(f"The signature of {key.name} is wrong: the text is not what was signed.")
        found.append(key)
    return found


def sign(text: str, name: str, key: Ed25519PrivateKey) -> Note:
    """A note under one signature. `text` ends with a newline."""
    own = key_of(name, key)
    return Note(text, (Signature(own.name, own.id, key.sign(text.encode())),))


def key_of(name: str, key: Ed25519PrivateKey) -> Key:
    """What others need to check what this key signs under this name. Raises BadNote for a name that is none."""
    if not _is_name(name):
        raise BadNote("The name of a key has no spaces and no plus sign.")
    return Key(name, ED25519, key.public_key().public_bytes_raw())


def read_head(note: Note) -> Head:
    """What the text of a checkpoint says. Raises BadNote."""
    lines = note.text.split("\n")
    if len(lines) < 4 or "" in lines[:-1] or lines[-1]:
        raise BadNote("A checkpoint has at least three lines and no empty one: name, size and root.")
    size = _number(lines[1], "the size of the checkpoint")
    return Head(lines[0], size, _hash(lines[2], "the root of the checkpoint"))


def read_proof(text: str) -> Proof:
    """A proof file, nothing in it checked. Raises BadNote."""
    if len(text) > MOST_TEXT:
        raise BadNote(f"It is longer than {MOST_TEXT} characters.")
    above, empty, checkpoint = text.partition("\n\n")
    lines = above.split("\n")
    if lines[0] != PROOF_HEAD:
        raise BadNote(f"A proof file begins with the line {PROOF_HEAD}.")
    if not empty:
        raise BadNote("The proof file ends before its checkpoint.")
    lines = lines[1:]
    extra = None
    if lines and lines[0].startswith("extra "):
        extra = read_base64(lines.pop(0).removeprefix("extra "), "the line “extra”")
    if not lines or not lines[0].startswith("index "):
        raise BadNote("The proof file has no line “index”.")
    index = _number(lines.pop(0).removeprefix("index "), "the line “index”")
    return Proof(index, read_hashes(lines), checkpoint, extra)


def read_hashes(lines: Sequence[str]) -> tuple[bytes, ...]:
    """One hash a line. Raises BadNote."""
    if len(lines) > MOST_HASHES:
        raise BadNote(f"It has more than {MOST_HASHES} hashes. No tree is that high.")
    return tuple(_hash(line, f"hash {place}") for place, line in enumerate(lines, 1))


def _is_right(key: Key, text: str, signature: bytes) -> bool:
    said = text.encode()
    if key.kind == COSIGNATURE:
        if len(signature) != 8 + 64:
            return False
        time, signature = int.from_bytes(signature[:8], "big"), signature[8:]
        said = f"cosignature/v1\ntime {time}\n".encode() + said
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, said)
    except (InvalidSignature, ValueError):
        return False
    return True


def _signature(line: str) -> Signature:
    name, space, coded = line.removeprefix(MARK).partition(" ")
    if not line.startswith(MARK) or not space or not _is_name(name):
        raise BadNote("A signature line looks like “— name base64”, and one does not.")
    raw = read_base64(coded, "a signature")
    if len(raw) < 5:
        raise BadNote("A signature is too short.")
    return Signature(name, raw[:4], raw[4:])


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(sign.isspace() or sign < " " for sign in name)


def _number(word: str, where: str) -> int:
    if not re.fullmatch(r"0|[1-9][0-9]{0,18}", word, re.ASCII) or int(word) >= MOST_SIZE:
        raise BadNote(f"In {where} stands no whole number.")
    return int(word)


def _hash(word: str, where: str) -> bytes:
    raw = read_base64(word, where)
    if len(raw) != HASH_BYTES:
        raise BadNote(f"{where[0].upper()}{where[1:]} does not have {HASH_BYTES} bytes.")
    return raw


def read_base64(word: str, where: str) -> bytes:
    """Base64 in its one strict form. `where` is told with what is wrong. Raises BadNote."""
    if not BASE64.fullmatch(word):
        raise BadNote(f"In {where} stands no base64.")
    raw = base64.b64decode(word)
    if _written(raw) != word:
        raise BadNote(f"In {where} the base64 is not written in its one right form.")
    return raw


def _written(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
