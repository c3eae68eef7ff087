#!/usr/bin/env python3
"""Checks a receipt, proof file, checkpoint or bundle of evidence of a Kept ledger. One file, Python 3.9 or newer.

  python3 kept_verify.py FILE --key VERIFIER_KEY           a receipt, a proof file or a checkpoint
  python3 kept_verify.py FILE.zip --key VERIFIER_KEY       a bundle of evidence, with everything in it
  python3 kept_verify.py FILE --later FILE --proof FILE --key VERIFIER_KEY
                                                           that a later checkpoint goes on from an earlier one

The verifier key stands on the ledger's page. Copy it once, from a place you trust, and keep it.
Ends with 0: true; 1: not true; 2: wrong usage; 3: cannot tell, because no key that you named has signed.

The formats: C2SP signed-note, tlog-checkpoint and tlog-proof@v1; trees as in RFC 6962 and RFC 9162; Ed25519 as in
RFC 8032. It reads only the files that you name, and no network.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import json
import re
import sys
import zipfile
import zlib
from functools import lru_cache
from typing import Any

MOST = 64 * 1024
MOST_FILES, MOST_FILE, MOST_ALL = 20_000, 64 * 1024 * 1024, 512 * 1024 * 1024  # of a bundle; bytes
Point = tuple[int, int, int, int]  # extended coordinates of RFC 8032
Key = tuple[str, bytes, bytes]  # name, id, public key
Signature = tuple[str, bytes, bytes]  # name, id, signature
RECEIPT, PROOF, MARK = "kept-receipt/v1", "c2sp.org/tlog-proof@v1", "\u2014 "
SAYS = ("about", "at", "by", "facts", "kind")
BUNDLE, MANIFEST, SIGNATURE = "kept-evidence/v1", "manifest.json", "manifest.sig"


class Wrong(Exception):
    """It is not true, or cannot be read."""


class Unsure(Exception):
    """Nobody can tell."""


class Unread(Exception):
    """A file that was named cannot be read."""


# Ed25519, as RFC 8032 section 5.1 describes it; for checking only

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
I = pow(2, (P - 1) // 4, P)  # noqa: E741


def point_add(a: Point, b: Point) -> Point:
    m, n = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    c, d = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = n - m, d - c, d + c, n + m
    return e * f % P, g * h % P, f * g % P, e * h % P


def point_times(number: int, point: Point) -> Point:
    found = (0, 1, 1, 0)
    while number:
        if number & 1:
            found = point_add(found, point)
        point = point_add(point, point)
        number >>= 1
    return found


def point_read(raw: bytes) -> Point | None:
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * I % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = 15112221349535400772501151409588531511454012693041857206046113283949847762202
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


@lru_cache(maxsize=64)  # the receipts of a bundle stand under one signature
def signature_is_right(public: bytes, text: bytes, signature: bytes) -> bool:
    if len(public) != 32 or len(signature) != 64:
        return False
    key, start, s = point_read(public), point_read(signature[:32]), int.from_bytes(signature[32:], "little")
    if key is None or start is None or s >= L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + text).digest(), "little") % L
    one, other = point_times(s, BASE), point_add(start, point_times(h, key))
    return (one[0] * other[2] - other[0] * one[2]) % P == 0 and (one[1] * other[2] - other[1] * one[2]) % P == 0


# The tree


def leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def check_inclusion(leaf: bytes, index: int, size: int, hashes: list[bytes], root: bytes) -> None:
    """RFC 9162 section 2.1.3.2."""
    if not 0 <= index < size:
        raise Wrong(f"The tree has {size} entries, so none has the number {index}.")
    place, last, found = index, size - 1, leaf
    for one in hashes:
        if last == 0:
            raise Wrong("The proof has more hashes than this place in the tree needs.")
        if place & 1 or place == last:
            found = node_hash(one, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, one)
        place, last = place >> 1, last >> 1
    if last:
        raise Wrong("The proof has fewer hashes than this place in the tree needs.")
    if found != root:
        raise Wrong("The proof leads to another root: this entry is not in the tree at this place.")


def check_consistency(first: int, first_root: bytes, second: int, second_root: bytes, hashes: list[bytes]) -> None:
    """RFC 9162 section 2.1.4.2."""
    if first < 1:
        raise Wrong("An empty ledger is the beginning of every ledger: that shows nothing.")
    if first > second:
        raise Wrong(f"A ledger of {second} entries cannot begin with one of {first}.")
    if first == second:
        if hashes:
            raise Wrong("Between checkpoints of one size there is nothing to prove, and yet there are hashes.")
        if first_root != second_root:
            raise Wrong("Two checkpoints of one size have different roots: the ledger was forked.")
        return
    path = ([first_root] if first & (first - 1) == 0 else []) + list(hashes)
    if not path:
        raise Wrong("The proof has fewer hashes than these sizes need.")
    place, last = first - 1, second - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = path[0]
    for one in path[1:]:
        if last == 0:
            raise Wrong("The proof has more hashes than these sizes need.")
        if place & 1 or place == last:
            old, new = node_hash(one, old), node_hash(one, new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, one)
        place, last = place >> 1, last >> 1
    if last:
        raise Wrong("The proof has fewer hashes than these sizes need.")
    if old != first_root or new != second_root:
        raise Wrong("The later checkpoint does not go on from the earlier one: the ledger was forked.")


# Reading


def base64_of(word: str, where: str) -> bytes:
    if not re.fullmatch("([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?", word):
        raise Wrong(f"In {where} stands no base64.")
    raw = base64.b64decode(word)
    if base64.b64encode(raw).decode() != word:
        raise Wrong(f"In {where} the base64 is not written in its one right form.")
    return raw


def hash_of(word: str, where: str) -> bytes:
    raw = base64_of(word, where)
    if len(raw) != 32:
        raise Wrong(f"{where[0].upper()}{where[1:]} does not have 32 bytes.")
    return raw


def number_of(word: str, where: str) -> int:
    if not re.fullmatch("0|[1-9][0-9]{0,18}", word) or int(word) >= 1 << 62:
        raise Wrong(f"In {where} stands no whole number.")
    return int(word)


def is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(sign.isspace() or sign < " " for sign in name)


def key_of(text: str) -> Key:
    """A verifier key: (name, id, public key)."""
    name, _, rest = text.strip().partition("+")
    told, _, coded = rest.partition("+")
    raw = base64_of(coded, "the key")
    if not is_name(name) or len(raw) != 33 or raw[0] != 1:
        raise Wrong("This is no Ed25519 verifier key: it looks like name+8 hex digits+base64.")
    own = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
    if own.hex() != told:
        raise Wrong("The verifier key does not fit its own number: a part of it is missing or changed.")
    return name, own, raw[1:]


def note_of(text: str) -> tuple[str, list[Signature]]:
    """The text of a signed note, and its signatures. None of them is checked."""
    if any((sign < " " and sign != "\n") or "\ud800" <= sign <= "\udfff" for sign in text):
        raise Wrong("It has control characters. A note has none but line ends.")
    words, empty, below = text.rpartition("\n\n")
    if not empty or not below.endswith("\n"):
        raise Wrong("It has no signatures: after an empty line, each stands on a line of its own that is ended.")
    lines, found = below[:-1].split("\n"), []
    if len(lines) > 64:
        raise Wrong("It has more than 64 signatures.")
    for line in lines:
        name, space, coded = line[len(MARK) :].partition(" ")
        if not line.startswith(MARK) or not space or not is_name(name):
            raise Wrong("A signature line looks like “\u2014 name base64”, and one does not.")
        raw = base64_of(coded, "a signature")
        if len(raw) < 5:
            raise Wrong("A signature is too short.")
        found.append((name, raw[:4], raw[4:]))
    return words + "\n", found


def signers_of(text: str, signatures: list[Signature], keys: list[Key]) -> list[str]:
    """The names of the keys that have signed."""
    known = {(name, own): public for name, own, public in keys}
    found = []
    for name, own, signature in signatures:
        if (name, own) not in known:
            continue
        if not signature_is_right(known[name, own], text.encode(), signature):
            raise Wrong(f"The signature of {name} is wrong: the text is not what was signed.")
        found.append(name)
    return found


def checkpoint_of(text: str, keys: list[Key]) -> tuple[str, int, bytes, list[str]]:
    """What a checkpoint says: (origin, size, root, who has signed)."""
    said, signatures = note_of(text)
    lines = said.split("\n")
    if len(lines) < 4 or "" in lines[:-1]:
        raise Wrong("A checkpoint has at least three lines and no empty one: name, size and root.")
    size, root = number_of(lines[1], "the size of the checkpoint"), hash_of(lines[2], "the root of the checkpoint")
    signers = signers_of(said, signatures, keys)
    if signers and lines[0] not in signers:
        raise Wrong(f"The checkpoint is of the log {lines[0]}, and it is signed under another name.")
    return lines[0], size, root, signers


def hashes_of(lines: list[str]) -> list[bytes]:
    if len(lines) > 63:
        raise Wrong("It has more than 63 hashes. No tree is that high.")
    return [hash_of(line, f"hash {place}") for place, line in enumerate(lines, 1)]


def proof_of(text: str) -> tuple[int, list[bytes], str, bytes]:
    """A proof file: (index, hashes, checkpoint, extra)."""
    above, empty, checkpoint = text.partition("\n\n")
    lines = above.split("\n")
    if lines[0] != PROOF:
        raise Wrong(f"A proof file begins with the line {PROOF}.")
    if not empty:
        raise Wrong("The proof file ends before its checkpoint.")
    lines, extra = lines[1:], b""
    if lines and lines[0].startswith("extra "):
        extra = base64_of(lines.pop(0)[6:], "the line “extra”")
    if not lines or not lines[0].startswith("index "):
        raise Wrong("The proof file has no line “index”.")
    return number_of(lines[0][6:], "the line “index”"), hashes_of(lines[1:]), checkpoint, extra


def receipt_of(text: str) -> tuple[dict[str, Any], bytes, tuple[int, list[bytes], str, bytes]]:
    """A receipt: (what the entry says, salt, proof file)."""
    head, _, rest = text.partition("\n")
    if head != RECEIPT:
        raise Wrong(f"A receipt begins with the line {RECEIPT}.")
    payload, _, rest = rest.partition("\n")
    told = payload_of(payload)
    line, _, rest = rest.partition("\n")
    if not line.startswith("salt "):
        raise Wrong("The third line of a receipt begins with “salt ”.")
    salt = base64_of(line[5:], "the line “salt”")
    if len(salt) != 16:
        raise Wrong("The salt does not have 16 bytes.")
    return told, salt, proof_of(rest)


WORD = r'"(?:[^"\\\x00-\x1f]|\\(?:["\\bfnrt]|u00[01][0-9a-f]))*"'
PLAIN = rf"(?:{WORD}|0|-?[1-9][0-9]{{0,17}}|true|false|null)"
FACT = rf'"(?:[A-Za-z_][A-Za-z0-9_]*)":(?:{PLAIN}|\[(?:{PLAIN}(?:,{PLAIN})*)?\])'
FACTS = rf"\{{(?:{FACT}(?:,{FACT})*)?\}}"
PAYLOAD = re.compile(rf'\{{"about":{WORD},"at":{WORD},"by":{WORD},"facts":{FACTS},"kind":{WORD}\}}')


def payload_of(line: str) -> dict[str, Any]:
    """What the entry says. Written in one way only, so that nobody can be shown something else than what was hashed."""
    if not PAYLOAD.fullmatch(line):
        raise Wrong("The second line is not written as an entry is: it was changed or cut off.")
    names = [name for name, _ in dict(json.loads(line, object_pairs_hook=list))["facts"]]
    if names != sorted(set(names)):
        raise Wrong("The facts in the second line do not stand in their order, each once.")
    told: dict[str, Any] = json.loads(line)
    return told


# Checking


def check(text: str, keys: list[Key]) -> dict[str, Any]:
    """Check a receipt, a proof file or a checkpoint. Returns what it shows; raises Wrong or Unsure."""
    lines = text.split("\n")
    index, checkpoint, leaf = -1, text, b""
    hashes: list[bytes] = []
    if lines[0].startswith("kept-receipt/"):
        told, salt, (index, hashes, checkpoint, _) = receipt_of(text)
        leaf = leaf_hash(hmac.new(salt, lines[1].encode(), hashlib.sha256).digest())
        shown: dict[str, Any] = {"what": "receipt", "entry": index, "says": told}
    elif lines[0].startswith("c2sp.org/tlog-proof@"):
        index, hashes, checkpoint, extra = proof_of(text)
        if len(extra) != 32:
            raise Wrong("The line “extra” does not hold the 32 bytes of the entry's commitment.")
        leaf = leaf_hash(extra)
        shown = {"what": "proof", "entry": index}
    elif re.fullmatch("[0-9]+", lines[1]):
        shown = {"what": "checkpoint"}
    else:
        raise Wrong(f"It is no receipt, proof file or checkpoint. A receipt begins with the line {RECEIPT}.")
    origin, size, root, signers = checkpoint_of(checkpoint, keys)
    if leaf:
        check_inclusion(leaf, index, size, hashes, root)
    shown.update(log=origin, size=size, root=root.hex())
    if not signers:
        raise Unsure(f"Its hashes fit, but none of your keys has signed it. It says it is of {origin}.")
    return shown


def check_later(text: str, later: str, proof: str, keys: list[Key]) -> dict[str, Any]:
    """Check that a later checkpoint goes on from an earlier one. `proof`: one hash a line."""
    origin, first, first_root, signers = checkpoint_of(text, keys)
    later_origin, second, second_root, later_signers = checkpoint_of(later, keys)
    if not signers or not later_signers:
        raise Unsure("None of your keys has signed both checkpoints.")
    if origin != later_origin:
        raise Wrong(f"They are of two logs, {origin} and {later_origin}.")
    check_consistency(first, first_root, second, second_root, hashes_of(proof.split("\n")[:-1] if proof else []))
    return {"what": "two checkpoints", "log": origin, "size": first, "later": second}


def check_bundle(path: str, keys: list[Key]) -> dict[str, Any]:
    """Check a bundle of evidence: that its list of files is signed, that each file is the one listed, that each entry
    stands in the ledger, and that the timeline says what the entries say. Names everything that is wrong."""
    try:
        with zipfile.ZipFile(path) as archive:
            return bundle_in(archive, keys)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        ValueError,
        OSError,
    ) as problem:
        raise Wrong(f"It is no whole bundle: {type(problem).__name__}.") from None


def bundle_in(archive: zipfile.ZipFile, keys: list[Key]) -> dict[str, Any]:
    names = archive.namelist()
    if len(names) > MOST_FILES:
        raise Wrong(f"It has more than {MOST_FILES} files.")
    if sum(one.file_size for one in archive.infolist()) > MOST_ALL:
        raise Wrong(f"It unpacks to more than {MOST_ALL // 1024 // 1024} MB.")
    for name in (MANIFEST, SIGNATURE):
        if name not in names:
            raise Wrong(f"{name} is missing.")
    manifest = member(archive, MANIFEST)
    said, signatures = note_of(text_of(member(archive, SIGNATURE)))
    lines = said.split("\n")
    if lines[0] != BUNDLE or len(lines) != 3 or lines[1] != f"sha256 {hashlib.sha256(manifest).hexdigest()}":
        raise Wrong(f"{SIGNATURE} is not about this {MANIFEST}: one of them was changed.")
    signers = signers_of(said, signatures, keys)
    listed = files_listed(manifest)
    wrong = [f"{name} stands in it twice." for name in sorted({one for one in names if names.count(one) > 1})]
    wrong += [f"{name} is missing." for name in sorted(set(listed) - set(names))]
    wrong += [f"{name} was added." for name in sorted(set(names) - set(listed) - {MANIFEST, SIGNATURE})]
    told: dict[int, dict[str, Any]] = {}
    logs = set()
    for name in sorted(set(listed) & set(names)):
        raw = member(archive, name)
        if hashlib.sha256(raw).hexdigest() != listed[name]:
            wrong.append(f"{name} was changed.")
            continue
        if name.startswith("entries/"):
            try:
                shown = check(text_of(raw), keys)
            except Unsure:
                shown = check_unsigned(text_of(raw))
            except Wrong as problem:
                wrong.append(f"{name}: {problem}")
                continue
            told[shown["entry"]] = shown.get("says", {})
            logs.add(shown["log"])
    if not wrong:
        wrong += timeline_faults(member(archive, "timeline.json"), told) if "timeline.json" in listed else []
    if wrong:
        raise Wrong(" ".join(wrong[:20]) + (f" And {len(wrong) - 20} more." if len(wrong) > 20 else ""))
    if not signers:
        raise Unsure(
            "Every file is as listed, but none of your keys has signed the list. Take the key from the ledger's page."
        )
    about = json.loads(manifest)
    return {
        "what": "bundle of evidence",
        "about": str(about.get("reference", "")),
        "made": str(about.get("made_at", "")),
        "files": len(listed),
        "entries": len(told),
        "log": ", ".join(sorted(logs)) or ", ".join(signers),
    }


def check_unsigned(text: str) -> dict[str, Any]:
    """What a receipt or proof shows where no key of ours has signed its checkpoint: its hashes fit."""
    lines = text.split("\n")
    if lines[0].startswith("kept-receipt/"):
        told, _, (index, _, checkpoint, _) = receipt_of(text)
    else:
        told, (index, _, checkpoint, _) = {}, proof_of(text)
    return {"entry": index, "says": told, "log": checkpoint_of(checkpoint, [])[0]}


def member(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as file:
        raw = file.read(MOST_FILE + 1)
    if len(raw) > MOST_FILE:
        raise Wrong(f"{name} is larger than {MOST_FILE // 1024 // 1024} MB.")
    return raw


def files_listed(manifest: bytes) -> dict[str, str]:
    """File -> SHA-256, as the list says."""
    try:
        listed = {str(one["name"]): str(one["sha256"]) for one in json.loads(manifest)["files"]}
    except (ValueError, KeyError, TypeError):
        raise Wrong(f"{MANIFEST} is no list of files.") from None
    if MANIFEST in listed or SIGNATURE in listed:
        raise Wrong(f"{MANIFEST} lists itself.")
    return listed


def timeline_faults(raw: bytes, told: dict[int, dict[str, Any]]) -> list[str]:
    """Where the timeline says something else than the entries that prove it."""
    try:
        lines = [
            (one["entry"], {name: one[name] for name in ("about", "at", "by", "facts", "kind")})
            for one in json.loads(raw)
        ]
    except (ValueError, KeyError, TypeError):
        return ["timeline.json cannot be read."]
    faults = [f"timeline.json: entry {entry} has no proof." for entry, _ in lines if entry not in told]
    faults += [
        f"timeline.json leaves entry {entry} out." for entry in sorted(set(told) - {entry for entry, _ in lines})
    ]
    for entry, says in lines:
        if told.get(entry) and told[entry] != says:
            faults.append(f"timeline.json says something else of entry {entry} than the ledger.")
    return faults


def text_of(raw: bytes) -> str:
    """What a file holds, as somebody may have saved or pasted it: with other line ends, or empty lines around it."""
    if len(raw) > MOST:
        raise Wrong(f"It is longer than {MOST // 1024} KB.")
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n").strip(" \t\r\n")
    except UnicodeDecodeError:
        raise Wrong("It is no text.") from None
    if not text:
        raise Wrong("There is nothing in it.")
    return text + "\n"


def read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(MOST + 1)
    except OSError as problem:
        raise Unread(f"{path} cannot be read: {problem.strerror}.") from None


def main(arguments: list[str] | None = None) -> int:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("file", help="a receipt, a proof file, a checkpoint or a bundle of evidence")
    words.add_argument("--key", action="append", default=[], help="the ledger's verifier key; may be repeated")
    words.add_argument("--later", help="a later checkpoint")
    words.add_argument("--proof", help="the hashes that show that the later one goes on from the earlier, one a line")
    words.add_argument("--json", action="store_true")
    given = words.parse_args(arguments)
    try:
        keys = [key_of(text) for text in given.key]
    except Wrong as problem:
        words.error(str(problem))
    code = 0
    try:
        raw = read(given.file)
        text = "" if raw.startswith(b"PK") else text_of(raw)
        if not text:
            shown = check_bundle(given.file, keys)
        elif given.later:
            proof = read(given.proof) if given.proof else b""
            hashes = text_of(proof) if proof else ""
            shown = check_later(text, text_of(read(given.later)), hashes, keys)
        else:
            shown = check(text, keys)
    except Unread as problem:
        words.error(str(problem))
    except Wrong as problem:
        code, shown = 1, {"why": str(problem)}
    except Unsure as problem:
        code, shown = 3, {"why": str(problem)}
    shown = {"verdict": {0: "true", 1: "not true", 3: "cannot tell"}[code], **shown}
    if given.json:
        print(json.dumps(shown))  # noqa: T201
    else:
        for name, value in shown.items():
            print(plain(f"{name}: {json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value}"))  # noqa: T201
    return code


def plain(text: str) -> str:
    """Nothing that a terminal could take for an order, or cannot show."""
    shown = "".join(sign if sign.isprintable() else f"\\u{ord(sign):04x}" for sign in text)
    return shown.encode(sys.stdout.encoding or "ascii", "backslashreplace").decode(sys.stdout.encoding or "ascii")


if __name__ == "__main__":
    sys.exit(main())
