"""What must not be started: dangerous combinations of settings, each with its mend.

Read from the live settings, the live data folder and the live database, never from what they should be.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import Error, OperationalError, connection
from django.db.models import Exists, OuterRef

from kept.collection.mail.imap import BadMailbox, mailbox_at
from kept.collection.mail.receiver import BadListen, listen_at
from kept.people.adapter import SECOND_FACTORS
from kept.people.models import Account
from kept.policy.checks import check_policy
from kept.post.smtp import BadMailServer, mail_server
from kept.security.backup.models import Restore
from kept.security.backup.restoring import mark
from kept.security.ledger_errors import NoKey
from kept.security.notes import BadNote, key_of
from kept.security.outside import NotVouched, trusted_authorities, witness_key
from kept.security.sequencer import keys_of, present_log
from kept.security.signing import signing_key
from kept.terms.host import is_here
from kept.vault.errors import MasterKeyProblem
from kept.vault.keys import secret_of_indexes
from kept.vault.master import master_key
from kept.vault.models import Generation

OLDEST_POSTGRESQL = 13
OLDEST_SQLITE = (3, 35)


@dataclass(frozen=True)
class Fault:
    setting: str  # the variable to change
    what: str
    mend: str
    stops: bool = True  # False: worth a look, but Kept starts

    def __str__(self) -> str:
        return f"{self.setting}: {self.what} {self.mend}".rstrip()


def faults() -> list[Fault]:
    """Everything that is wrong, not only the first of it."""
    return [fault for check in CHECKS for fault in check()]


def _public() -> bool:
    return not is_here(settings.HOST)


def demo_in_public() -> Iterator[Fault]:
    if settings.DEMO and _public():
        what = "the demo signs anybody in with one press, and KEPT_HOST is public."
        yield Fault("KEPT_DEMO", what, "Unset KEPT_DEMO, or set KEPT_HOST=localhost.")


def tests_in_public() -> Iterator[Fault]:
    if settings.TESTING and _public():
        yield Fault("KEPT_TESTING", "this is for the test suite, and KEPT_HOST is public.", "Unset it.")


def host_is_a_name() -> Iterator[Fault]:
    if not re.fullmatch(r"\[[0-9A-Fa-f:]+\]|[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?", settings.HOST):
        mend = "Write privacy.example.com, without https:// and without a port."
        yield Fault("KEPT_HOST", "this is no host name.", mend)


def public_needs_https() -> Iterator[Fault]:
    if _public() and not settings.HTTPS:
        yield Fault("KEPT_HTTPS", "KEPT_HOST is public and HTTPS is off.", "Unset KEPT_HTTPS, so that it is on.")


def https_needs_a_proxy() -> Iterator[Fault]:
    if settings.HTTPS and not settings.SECURE_PROXY_SSL_HEADER:
        what = "HTTPS is on, and Kept itself answers in plain HTTP on 127.0.0.1: no page could be reached."
        mend = "Put your TLS proxy in front, let it set X-Forwarded-Proto, and set KEPT_BEHIND_PROXY=1."
        yield Fault("KEPT_BEHIND_PROXY", what, mend)


def data_is_closed_to_others() -> Iterator[Fault]:
    folder = Path(settings.DATA)
    state = folder.stat()
    if state.st_uid not in (os.geteuid(), 0):
        mend = "Run Kept as its owner, or choose another folder."
        yield Fault("KEPT_DATA", "the data folder belongs to another account of this machine.", mend)
    if state.st_mode & 0o077:
        yield Fault("KEPT_DATA", "other accounts of this machine can read the data folder.", "chmod 700 it.")


def key_is_strong() -> Iterator[Fault]:
    key = settings.SECRET_KEY
    if len(set(key)) < 16 or key.startswith("django-insecure"):
        what = "the site's key can be guessed."
        yield Fault("KEPT_SECRET_KEY_FILE", what, "Remove the file, and Kept makes a good key.")


def master_key_opens_the_store() -> Iterator[Fault]:
    """Before the first start there is none, and nothing to open."""
    try:
        sealed = Generation.objects.exists()
    except Error:  # no tables yet, or no answer: other checks tell that
        return
    try:
        if sealed:
            secret_of_indexes()
        elif Path(settings.MASTER_KEY_FILE).exists() or settings.MASTER_KEY or settings.MASTER_KEY_COMMAND:
            master_key()
    except MasterKeyProblem as problem:
        setting, _, what = str(problem).partition(" ")
        yield Fault(setting.rstrip(":"), what, "")


def no_restore_is_half_done() -> Iterator[Fault]:
    """Before everything since the backup was done again, an erased person would be back."""
    try:
        half = mark().exists() or Restore.objects.filter(over_at=None).exists()
    except Error:  # no tables yet, or no answer: other checks tell that
        return
    if half:
        what = "a restore was begun and is not over: what was erased since the backup may be here again."
        yield Fault("restore", what, "Give the same `kept restore` again.")


def store_answers_and_is_durable() -> Iterator[Fault]:
    try:
        connection.ensure_connection()
    except OperationalError:
        mend = "Start it, and compare host, port, database, name and password."
        yield Fault("KEPT_DATABASE_URL", "Kept's own database does not answer.", mend)
        return
    yield from _postgresql() if connection.vendor == "postgresql" else _sqlite()


def _sqlite() -> Iterator[Fault]:
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        what = f"SQLite {sqlite3.sqlite_version} is too old."
        yield Fault("KEPT_DATABASE_URL", what, "Use SQLite 3.35 or newer, or PostgreSQL.")
    if _asked("PRAGMA journal_mode") != "wal":
        mend = "Put the data folder on a local disk, or use PostgreSQL (KEPT_DATABASE_URL)."
        yield Fault("KEPT_DATA", "SQLite cannot keep its write-ahead log (WAL) in this folder.", mend)
    if int(_asked("PRAGMA synchronous")) < 2:  # 2: FULL
        what = "SQLite would lose confirmed requests in a power cut (synchronous is not FULL)."
        yield Fault("KEPT_DATA", what, "Remove what changes PRAGMA synchronous.")


def _postgresql() -> Iterator[Fault]:
    if int(_asked("SHOW server_version_num")) < OLDEST_POSTGRESQL * 10_000:
        yield Fault("KEPT_DATABASE_URL", "this PostgreSQL is too old.", "Use PostgreSQL 13 or newer.")
    if _asked("SHOW synchronous_commit") == "off":
        what = "PostgreSQL would lose confirmed requests in a crash (synchronous_commit is off)."
        yield Fault("KEPT_DATABASE_URL", what, "Set synchronous_commit = on for this database and this role.")
    if _asked("SHOW fsync") == "off" and not settings.TESTING:
        what = "PostgreSQL would lose everything in a power cut (fsync is off)."
        yield Fault("KEPT_DATABASE_URL", what, "Set fsync = on in postgresql.conf.")
    if _asked("SHOW server_encoding") != "UTF8":
        yield Fault("KEPT_DATABASE_URL", "the database cannot hold every letter.", "Create it with ENCODING 'UTF8'.")
    here = str(settings.DATABASES["default"].get("HOST", ""))
    encrypted = _asked("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
    if here and not here.startswith("/") and not is_here(here) and encrypted == "False":
        what = "the way to the database is not encrypted."
        yield Fault("KEPT_DATABASE_URL", what, "Add ?sslmode=verify-full at its end.")


def _asked(statement: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        row = cursor.fetchone()
    return str(row[0]) if row else ""


def mail_can_leave() -> Iterator[Fault]:
    if settings.DEMO:
        return
    if not settings.SMTP_URL:
        what = "no mail can leave, so nobody can prove an address or get an answer."
        yield Fault("KEPT_SMTP_URL", what, "Set smtp://name:password@host:587, or KEPT_DEMO=1 to try Kept out.")
        return
    try:
        mail_server(settings.SMTP_URL)
    except BadMailServer as problem:
        yield Fault("KEPT_SMTP_URL", "it cannot be used.", str(problem))
    if _public() and settings.DEFAULT_FROM_EMAIL.endswith(".example"):
        what = "mail would come from the demo's invented address."
        yield Fault("KEPT_MAIL_FROM", what, "Set the address of your privacy office.")


def mail_can_come_in() -> Iterator[Fault]:
    for name, url, read in (
        ("KEPT_MAIL_LISTEN", settings.MAIL_LISTEN, listen_at),
        ("KEPT_IMAP_URL", settings.IMAP_URL, mailbox_at),
    ):
        try:
            if url:
                read(url)
        except (BadListen, BadMailbox) as problem:
            yield Fault(name, "it cannot be used.", str(problem))
    if (settings.MAIL_LISTEN or settings.IMAP_URL) and not settings.MAILBOXES:
        yield Fault("KEPT_MAILBOXES", "mail comes in, but for no address.", "Set the addresses that people write to.")


def demo_data_needs_the_demo() -> Iterator[Fault]:
    if not settings.DEMO and (Path(settings.DATA) / "demo").exists():
        what = "this folder holds the demo company, with invented people and an officer anybody knows."
        yield Fault("KEPT_DATA", what, "Choose another folder, or set KEPT_DEMO=1.")


def staff_have_a_second_factor() -> Iterator[Fault]:
    """They reach nothing without it, so this stops no start: but whoever runs Kept should know."""
    if settings.DEMO:
        return
    second = Authenticator.objects.filter(user=OuterRef("pk"), type__in=SECOND_FACTORS)
    staff = Account.objects.exclude(role=Account.Roles.CUSTOMER).filter(~Exists(second), is_active=True)
    try:
        without = staff.count()
    except Error:  # no tables yet, or no answer: other checks tell that
        return
    if without:
        what = f"{without} staff account{'s have' if without > 1 else ' has'} no second factor yet."
        yield Fault("staff", what, "Each is asked for it at the next sign-in, and reaches nothing before.", stops=False)


def policy_can_be_read_and_every_keeper_has_its_clause() -> Iterator[Fault]:
    for message in check_policy(None):
        yield Fault("KEPT_POLICY", message.msg, message.hint or "Mend this line.")


def ledger_can_sign() -> Iterator[Fault]:
    """Entries are written all the same, so this stops no start; until it is mended they get no number."""
    try:
        log = present_log()
        keys = keys_of(log)
        if keys and key_of(keys[-1].name, signing_key()) != keys[-1]:
            what = "the ledger is signed with another key than the one on this machine."
            yield Fault("KEPT_LEDGER_KEY_FILE", what, "Copy the ledger's key here.", stops=False)
    except Error:  # no tables yet, or no answer: other checks tell that
        return
    except NoKey as problem:
        mend = "Put it back, or run: kept ledger begin-again --reason key-lost"
        yield Fault("KEPT_LEDGER_KEY_FILE", str(problem), mend, stops=False)
    except BadNote as problem:
        yield Fault("ledger", f"its row in the store is damaged. {problem}", "Run: kept ledger verify", stops=False)


def who_vouches_for_the_ledger_can_be_checked() -> Iterator[Fault]:
    try:
        if settings.TIMESTAMP_URL and not trusted_authorities():
            mend = "Set KEPT_TIMESTAMP_CERTIFICATES to a PEM file of the authorities to trust."
            yield Fault("KEPT_TIMESTAMP_URL", "nobody says which authority to trust.", mend)
        if settings.WITNESS_URL:
            witness_key()
    except NotVouched as problem:
        setting, _, what = str(problem).partition(" ")
        yield Fault(setting.rstrip(":"), what, "Mend it, or unset the address.")


CHECKS: tuple[Callable[[], Iterator[Fault]], ...] = (
    demo_in_public,
    tests_in_public,
    host_is_a_name,
    public_needs_https,
    https_needs_a_proxy,
    data_is_closed_to_others,
    key_is_strong,
    store_answers_and_is_durable,
    master_key_opens_the_store,
    no_restore_is_half_done,
    mail_can_leave,
    mail_can_come_in,
    demo_data_needs_the_demo,
    staff_have_a_second_factor,
    policy_can_be_read_and_every_keeper_has_its_clause,
    ledger_can_sign,
    who_vouches_for_the_ledger_can_be_checked,
)
