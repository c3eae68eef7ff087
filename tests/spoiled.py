"""Receipts that were changed, cut off, or never were any: of each kind what it is, and what everybody says of it.

The page with and without scripts, the command line and the verifier alone must give the same verdict for the same
reason. `words` stand in the reason that is given, whoever gives it.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kept.security.notes import Head, read_head, read_note, sign
from kept.security.receipts import read_receipt

Verdict = Literal["true", "false", "unknown"]
NOBODY = Ed25519PrivateKey.from_private_bytes(bytes(32))
FACTS = '"facts":'
ZEROS = base64.b64encode(bytes(32)).decode()


@dataclass(frozen=True)
class Spoiled:
    name: str
    raw: bytes
    verdict: Verdict = "false"
    words: str = ""


def kinds_of(receipt: str) -> list[Spoiled]:
    """`receipt`: a genuine one, with at least one hash in its proof."""
    lines = receipt.split("\n")
    empty = lines.index("")
    payload, salt, index = lines[1], lines[2], int(lines[4].removeprefix("index "))
    checkpoint = read_receipt(receipt).proof.checkpoint
    head = read_head(read_note(checkpoint))
    signature = lines[empty + 5]
    assert empty > 5
    found = [Spoiled("as it is", receipt.encode(), "true")]

    def add(name: str, raw: bytes | str, words: str, verdict: Verdict = "false") -> None:
        found.append(Spoiled(name, raw if isinstance(raw, bytes) else raw.encode(), verdict, words))

    def line(place: int, *put: str) -> str:
        return "\n".join([*lines[:place], *put, *lines[place + 1 :]])

    def said(change: Callable[[str], str]) -> str:
        changed = change(payload)
        assert changed != payload
        return line(1, changed)

    def facts(inside: str) -> str:
        return said(lambda one: f'{one[: one.index(FACTS)]}{FACTS}{{{inside}}},"kind":"rights.case_opened"}}')

    for name, raw in {
        "line ends of Windows": receipt.replace("\n", "\r\n"), "a byte order mark": "\ufeff" + receipt,
        "empty lines around it": f"\n \n{receipt}\n\t\n", "without its last line end": receipt.rstrip("\n"),
    }.items():  # fmt: skip
        add(name, raw, "", "true")
    add("nothing", b"", "nothing in it")
    add("white space", " \r\n\t", "nothing in it")
    add("no text", b"\xff\xfe" + receipt.encode("utf-16-le"), "no text")
    add("half a letter", receipt.encode()[:-1] + b"\xe2\x80", "no text")
    add("too long", receipt + "x" * 70_000, "longer than 64 KB")
    add("another version", line(0, "kept-receipt/v2"), "begins with the line kept-receipt/v1")
    add("only its first line", lines[0], "second line")
    form = "not written as an entry is"
    add("the payload is cut off", line(1, payload[:-3]), form)
    add("no payload", line(1, ""), form)
    add("the payload is a list", line(1, "[]"), form)
    add("a blank in the payload", said(lambda one: one.replace('"facts":', '"facts": ')), form)
    add("a name is missing", said(lambda one: one.replace('"about"', '"abut"')), form)
    add("not a number", said(lambda one: one.replace('"facts":{', '"facts":{"a":NaN,')), form)
    add("a fraction", said(lambda one: one.replace('"facts":{', '"facts":{"a":0.5,')), form)
    add("a number without end", said(lambda one: one.replace('"facts":{', f'"facts":{{"a":{"9" * 5000},')), form)
    add("depth without end", said(lambda one: one.replace('"facts":{', f'"facts":{{"a":{"[" * 5000}')), form)
    add("half a pair", said(lambda one: one.replace('"at":"', '"at":"\\ud800')), form)
    add("a fact twice", facts('"a":1,"a":1'), "each once")
    add("facts in disorder", facts('"b":1,"a":1'), "order")
    other = "another root"
    add("another kind", said(lambda one: one.replace('"kind":"', '"kind":"x')), other)
    add("another time", said(lambda one: one.replace('"at":"2', '"at":"3')), other)
    add("other facts", facts('"a":true'), other)
    add("a long number", facts(f'"a":{10**17 + 1}'), other)
    add("no salt", line(2), "third line")
    add("a word for salt", line(2, "salt %%%"), "no base64")
    add("a short salt", line(2, "salt AAAA"), "16 bytes")
    add("another salt", line(2, "salt AAAAAAAAAAAAAAAAAAAAAA=="), other)
    add("salt in another form", line(2, "salt AAAAAAAAAAAAAAAAAAAAAB=="), "one right form")
    add("salt with too many signs", line(2, f"{salt}="), "no base64")
    add("another proof", line(3, "c2sp.org/tlog-proof@v2"), "begins with the line c2sp.org/tlog-proof@v1")
    add("no index", line(4), "no line “index”")
    for word in ("x", "01", "-1", "1.0", "\u0661", str(1 << 62), "9" * 30):
        add(f"index {word[:20]}", line(4, f"index {word}"), "no whole number")
    add("a number that nobody has", line(4, f"index {head.size}"), f"none has the number {head.size}")
    add("another number", line(4, f"index {index ^ 1}"), other)
    add("an extra that is none", line(4, "extra %", lines[4]), "no base64")
    add("an extra more", line(4, "extra AAAA", lines[4]), "", "true")
    add("a hash less", line(5), "fewer hashes")
    add("a hash more", line(5, lines[5], *[ZEROS] * (empty - 5)), "hashes than this place|another root")
    add("another hash", line(5, ZEROS), other)
    add("a short hash", line(5, "AAAA"), "Hash 1 does not have 32 bytes")
    add("a hash that is none", line(5, "\u2028"), "no base64")
    add("64 hashes", line(5, *[ZEROS] * 64), "63 hashes")
    add("no checkpoint", "\n".join(lines[:empty]), "ends before its checkpoint")
    add("no signature", "\n".join(lines[: empty + 4]), "no signatures")
    add("another name of the log", line(empty + 1, "elsewhere"), "not what was signed")
    add("another size", line(empty + 2, str(head.size + 1)), "not what was signed")
    add("a size that is none", line(empty + 2, f"0{head.size}"), "size of the checkpoint stands no whole number")
    add("another root", line(empty + 3, ZEROS), "not what was signed")
    add("a short root", line(empty + 3, "AAAA"), "root of the checkpoint does not have 32 bytes")
    add("a line more to be signed", line(empty + 3, lines[empty + 3], "more"), "not what was signed")
    add("another dash", line(empty + 5, signature.replace("\u2014", "-")), "signature line")
    add("a name with a space that nobody sees", line(empty + 5, signature.replace(" ", " \u3000", 1)), "signature line")
    add("a short signature", line(empty + 5, signature.rsplit(" ", 1)[0] + " AAAA"), "too short")
    add("a signature without its word", line(empty + 5, signature.rsplit(" ", 1)[0]), "signature line")
    add("65 signatures", line(empty + 5, *[signature] * 65), "more than 64")
    add("a bell", line(empty + 1, lines[empty + 1] + "\a"), "control characters")
    add("twice", receipt + receipt, "")
    strange = str(sign(head.text, head.origin, NOBODY)).rpartition("\n\n")[2]
    add("signed by somebody else", "\n".join([*lines[: empty + 5], strange]), "", "unknown")
    add("signed by somebody else too", receipt + strange, "", "true")
    forged = str(sign(Head(head.origin, head.size, bytes(32)).text, head.origin, NOBODY))
    add("forged by somebody else", "\n".join([*lines[: empty + 1], forged]), other)
    return found
