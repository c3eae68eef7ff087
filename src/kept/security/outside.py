"""Others who vouch for a checkpoint, where whoever runs Kept has named them: a time stamp authority, a witness.

Both see the checkpoint only: a name, a number and a hash. Without KEPT_TIMESTAMP_URL and KEPT_WITNESS_URL nobody is
asked. What they answer is checked before it is kept.
"""

from __future__ import annotations

import re
import secrets
from base64 import b64encode
from pathlib import Path

from cryptography import x509
from django.conf import settings

from kept.security import timestamps
from kept.security.fetch import BadAnswer, FetchError, fetch
from kept.security.ledger_errors import LedgerError
from kept.security.notes import (
    COSIGNATURE,
    MOST_TEXT,
    BadNote,
    Key,
    Note,
    Signature,
    read_head,
    read_key,
    read_note,
    signed_by,
)
from kept.security.timestamps import BadStamp, Stamp
from kept.security.tree import consistency_proof

MOST_TOKEN = 64 * 1024
SECONDS = 20.0


class NotVouched(LedgerError):
    """An authority or a witness that is named did not answer, or not with what was asked. Nothing was changed."""


def stamped_text(note: str) -> bytes:
    """What a time stamp is over: the checkpoint with the ledger's own signature, without those of witnesses."""
    whole = read_note(note)
    return str(Note(whole.text, whole.signatures[:1])).encode()


def trusted_authorities() -> list[x509.Certificate]:
    """The certificates in KEPT_TIMESTAMP_CERTIFICATES. Raises NotVouched."""
    path = settings.TIMESTAMP_CERTIFICATES
    if not path:
        return []
    try:
        return x509.load_pem_x509_certificates(Path(path).read_bytes())
    except (OSError, ValueError) as problem:
        raise NotVouched("KEPT_TIMESTAMP_CERTIFICATES holds no certificates in PEM.") from problem


def witness_key() -> Key:
    """The key in KEPT_WITNESS_KEY. Raises NotVouched."""
    try:
        key = read_key(settings.WITNESS_KEY)
    except BadNote as problem:
        raise NotVouched(f"KEPT_WITNESS_KEY: {problem}") from problem
    if key.kind != COSIGNATURE:
        raise NotVouched("KEPT_WITNESS_KEY is no key of a witness: its first byte is 4.")
    return key


def ask_for_stamp(note: str) -> tuple[bytes, Stamp]:
    """A time stamp for a checkpoint, checked. Raises NotVouched."""
    text, nonce = stamped_text(note), secrets.randbits(63)
    try:
        answer = fetch(
            settings.TIMESTAMP_URL, data=timestamps.request_for(text, nonce), kind="application/timestamp-query",
            most=MOST_TOKEN, seconds=SECONDS, allowed=frozenset(settings.FETCH_ALLOWED), plain=True,
        )  # fmt: skip
        if answer.kind != "application/timestamp-reply":
            raise NotVouched(
                "KEPT_TIMESTAMP_URL: this is no time stamp authority: it answers with another kind of file."
            )
        token = timestamps.token_of(answer.body)
        return token, timestamps.check(token, text, trusted_authorities(), nonce)
    except (FetchError, BadStamp) as problem:
        raise NotVouched(f"KEPT_TIMESTAMP_URL: {problem}") from problem


def ask_witness(note: str, known: int) -> Signature:
    """A witness's cosignature of a checkpoint, checked. `known`: the size it cosigned last. Raises NotVouched.

    C2SP tlog-witness: the witness gets a proof that this checkpoint goes on from the one that it knows. Where it knows
    another one than we believe, it says which, and is asked once more.
    """
    try:
        body = _sent(note, known)
    except BadAnswer as problem:
        if problem.status != 409 or not re.fullmatch(rb"(0|[1-9][0-9]{0,17})\n?", problem.body):
            raise NotVouched(f"KEPT_WITNESS_URL: {problem}") from problem
        try:
            body = _sent(note, int(problem.body))
        except FetchError as again:
            raise NotVouched(f"KEPT_WITNESS_URL: {again}") from again
    except FetchError as problem:
        raise NotVouched(f"KEPT_WITNESS_URL: {problem}") from problem
    key, own = witness_key(), read_note(note)
    try:
        answered = read_note(f"{own.text}\n{body.decode()}")
        signed_by(answered, [key])
    except (BadNote, UnicodeDecodeError) as problem:
        raise NotVouched(f"KEPT_WITNESS_URL: the witness did not sign. {problem}") from problem
    return next(one for one in answered.signatures if (one.name, one.id) == (key.name, key.id))


def _sent(note: str, known: int) -> bytes:
    own = read_note(note)
    size = read_head(own).size
    if known > size:
        raise NotVouched(
            f"KEPT_WITNESS_URL: the witness has seen {known} entries, and here are {size}: the log was rolled back."
        )
    proof = "".join(f"{b64encode(one).decode()}\n" for one in (consistency_proof(known, size) if known else []))
    body = f"old {known}\n{proof}\n{Note(own.text, own.signatures[:1])}"
    address = f"{settings.WITNESS_URL.rstrip('/')}/add-checkpoint"
    return fetch(
        address, data=body.encode(), kind="text/plain; charset=utf-8", most=MOST_TEXT, seconds=SECONDS,
        allowed=frozenset(settings.FETCH_ALLOWED), plain=True,
    ).body  # fmt: skip
