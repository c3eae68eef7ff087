"""Fetching mail from a mailbox by IMAP: a message is marked as read only when it is committed here. RFC 3501."""

from __future__ import annotations

import imaplib
import re
import ssl
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import unquote, urlsplit

from kept.collection.mail.actions import LARGEST, take_in
from kept.terms import Actor
from kept.terms.host import is_here

TIMEOUT = 30.0
MOST = 50  # messages of one turn
UID = re.compile(rb"UID (\d+)")
SIZE = re.compile(rb"RFC822\.SIZE (\d+)")


class BadMailbox(Exception):
    """KEPT_IMAP_URL cannot be used. Nothing was fetched; the message says what is wrong and repeats no secret."""


@dataclass(frozen=True)
class Mailbox:
    host: str
    port: int
    name: str
    password: str = field(repr=False)
    folder: str
    tls_from_the_start: bool


@dataclass(frozen=True)
class Fetched:
    new: int
    known: int
    too_large: int  # flagged there, and left for a person to read there


def mailbox_at(url: str) -> Mailbox:
    """imaps://name:password@host/INBOX; imap://… turns to TLS before it signs in, unless the server is this machine."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadMailbox("KEPT_IMAP_URL cannot be read as a URL.") from None
    if parts.scheme not in ("imap", "imaps") or not parts.hostname or not parts.username or not parts.password:
        raise BadMailbox("KEPT_IMAP_URL must look like imaps://name:password@host:993/INBOX.")
    folder = unquote(parts.path.strip("/")) or "INBOX"
    if re.search(r'[\x00-\x1f\x7f"\\]', folder):
        raise BadMailbox("KEPT_IMAP_URL names a folder with signs that no folder has.")
    tls = parts.scheme == "imaps"
    name, password = unquote(parts.username), unquote(parts.password)
    return Mailbox(parts.hostname, port or (993 if tls else 143), name, password, folder, tls)


def connect(mailbox: Mailbox) -> imaplib.IMAP4:
    """Signed in, with the folder open. Raises OSError, imaplib.IMAP4.error, BadMailbox."""
    context = ssl.create_default_context()
    session: imaplib.IMAP4
    if mailbox.tls_from_the_start:
        session = imaplib.IMAP4_SSL(mailbox.host, mailbox.port, ssl_context=context, timeout=TIMEOUT)
    else:
        session = imaplib.IMAP4(mailbox.host, mailbox.port, timeout=TIMEOUT)
    try:
        if not mailbox.tls_from_the_start:
            if "STARTTLS" in session.capabilities:
                session.starttls(context)
            elif not is_here(mailbox.host):
                raise BadMailbox("The server of KEPT_IMAP_URL offers no encryption (STARTTLS).")
        session.login(mailbox.name, mailbox.password)
        answer, _ = session.select(f'"{mailbox.folder}"')
        if answer != "OK":
            raise BadMailbox("The folder of KEPT_IMAP_URL cannot be opened.")
    except (OSError, imaplib.IMAP4.error, BadMailbox):
        session.shutdown()
        raise
    return session


def fetch_new(mailbox: Mailbox, *, by: Actor, now: datetime) -> Fetched:
    """Take in what nobody has read. Cut off anywhere, the next turn goes on: what is fetched twice is one mail.

    Raises OSError, imaplib.IMAP4.error, BadMailbox, and what `take_in` raises of the store.
    """
    session = connect(mailbox)
    try:
        new = known = too_large = 0
        for uid, size in _unread(session):
            if size > LARGEST:
                session.uid("STORE", uid, "+FLAGS", r"(\Flagged)")
                too_large += 1
                continue
            raw, came = _message(session, uid)
            if raw is None:
                continue  # somebody took it away meanwhile
            at = min(came or now, now)
            taken = take_in(raw, door="imap", mailboxes=[mailbox.name], by=by, at=at)
            session.uid("STORE", uid, "+FLAGS", r"(\Seen)")
            new, known = new + taken.new, known + (not taken.new)
        return Fetched(new, known, too_large)
    finally:
        with suppress(OSError, imaplib.IMAP4.error):
            session.logout()
        with suppress(OSError):  # after a broken line there was no goodbye
            session.shutdown()


def _unread(session: imaplib.IMAP4) -> Iterator[tuple[str, int]]:
    """The oldest unread messages: each with its size in bytes. What was too large before is flagged, and left."""
    _, found = session.uid("SEARCH", "UNSEEN", "UNFLAGGED")
    uids = [uid.decode() for uid in (found[0] or b"").split()][:MOST] if found else []
    for uid in uids:
        _, told = session.uid("FETCH", uid, "(UID RFC822.SIZE)")
        size = SIZE.search(b" ".join(_bytes(told)))
        if size:
            yield uid, int(size[1])


def _message(session: imaplib.IMAP4, uid: str) -> tuple[bytes | None, datetime | None]:
    """The bytes, and when our own mail server took them in: that is our border."""
    _, told = session.uid("FETCH", uid, "(UID INTERNALDATE BODY.PEEK[])")
    for part in told or []:
        if isinstance(part, tuple) and UID.search(part[0]):
            stamp = imaplib.Internaldate2tuple(part[0])
            return bytes(part[1]), datetime.fromtimestamp(time.mktime(stamp), UTC) if stamp else None
    return None, None


def _bytes(told: object) -> Iterator[bytes]:
    for part in told if isinstance(told, list) else []:
        if isinstance(part, bytes):
            yield part
        elif isinstance(part, tuple):
            yield from (one for one in part if isinstance(one, bytes))
