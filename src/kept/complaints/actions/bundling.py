"""Making a bundle of evidence, handing it out, and removing it. With the person's own data it takes two officers."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO
from uuid import UUID

from django.conf import settings
from django.db import transaction

from kept.complaints.actions.steps import must_be, must_fit
from kept.complaints.errors import NoSuchMatter, NotNow
from kept.complaints.evidence.writing import Written, write
from kept.complaints.models import Bundle
from kept.complaints.rules import LONGEST_NOTE
from kept.people.matters import Matter, kind_of, matter_of, person_of
from kept.security.approvals.actions import ask, use_up
from kept.security.ledger import action, record, unchanged
from kept.security.reading import log_read
from kept.security.sealed_files import open_sealed, seal_file
from kept.security.vault.actions import destroy_key
from kept.terms import Actor
from kept.vault.keys import make_key

PERSONAL = "complaints.bundle_with_personal_data"  # always takes two officers
MADE = "complaints.bundle_made"
LIFE = timedelta(days=30)
SEALED = ".sealed"
State = Bundle.State


@action
def ask_for_bundle(matter: Matter, reason: str = "", *, personal: bool = False, by: Actor, at: datetime) -> Bundle:
    """Make a bundle now; with the person's own data, ask a second officer for it first.

    Raises MayNot, NoSuchMatter, TooLong, LedgerStopped, NoSuchEntry.
    """
    must_be(by, "privacy_officer")
    bundle = Bundle(
        matter=matter.name, reference=matter.reference, key=make_key(), personal=personal, asked_at=at, asked_by=str(by)
    )
    if personal:
        bundle.reason = must_fit(reason, LONGEST_NOTE)
        bundle.save(force_insert=True)
        ask(PERSONAL, bundle, f"{matter.what} {matter.reference}"[:200], by=by, at=at)
        record("complaints.bundle_asked", matter.name, by=by, at=at, bundle=str(bundle.pk))
        return bundle
    bundle.save(force_insert=True)
    _make(bundle, matter, by, at)
    return bundle


@action
def make_with_personal_data(bundle: Bundle, *, by: Actor, at: datetime) -> Bundle:
    """A second officer allows it, and it is made. Raises NotApproved, NoSuchMatter, NotNow, LedgerStopped."""
    bundle = Bundle.objects.select_for_update().get(pk=bundle.pk)
    if bundle.state != State.WAITING:
        raise NotNow(bundle.get_state_display())
    use_up(PERSONAL, bundle, by=by, at=at)
    matter = matter_of(bundle.matter)
    if matter is None:
        raise NoSuchMatter
    _make(bundle, matter, by, at)
    return bundle


@action
def bundle_made_elsewhere(matter: Matter, made: Written, *, by: Actor, at: datetime) -> None:
    """The command line wrote one to a file of its own."""
    record(MADE, matter.name, by=by, at=at, sha256=made.sha256, entries=made.entries, personal=False)


@action
def bundle_given(bundle: Bundle, *, by: Actor, at: datetime) -> None:
    """An officer fetches it: with the person's own data, a look at them. Raises MayNot, NotNow."""
    bundle = Bundle.objects.select_for_update().get(pk=bundle.pk)
    must_be(by, "privacy_officer")
    if bundle.state != State.READY:
        raise NotNow(bundle.get_state_display())
    bundle.downloads += 1
    bundle.save(update_fields=["downloads"])
    record("complaints.bundle_given", bundle.matter, by=by, at=at, bundle=str(bundle.pk), sha256=bundle.sha256)
    if not bundle.personal:
        return
    matter, key = matter_of(bundle.matter), UUID(bundle.matter.partition(":")[2])
    is_open, person = matter is not None and matter.is_open, person_of(bundle.matter)
    log_read("package", "authority", person=person, case=key, case_open=is_open, place="evidence", by=by, at=at)


@action
def remove_bundles(*, by: Actor, at: datetime) -> int:
    """Those whose time is over, and those nobody allowed in it. Returns how many."""
    over = list(Bundle.objects.select_for_update().filter(state=State.READY, expires_at__lte=at)[:500])
    over += list(Bundle.objects.select_for_update().filter(state=State.WAITING, asked_at__lte=at - LIFE)[:500])
    for bundle in over:
        _remove(bundle, by, at)
    old = Bundle.objects.filter(state=State.GONE, asked_at__lt=at - timedelta(days=3 * 365))
    gone, _ = old.delete()
    if over or gone:
        record("complaints.bundles_removed", "complaints.bundle", by=by, at=at, files=len(over), rows=gone)
    else:
        unchanged()
    return len(over)


@action
def remove_bundle(bundle: Bundle, *, by: Actor, at: datetime) -> None:
    """An officer takes it away before its time. A second call changes nothing. Raises MayNot."""
    bundle = Bundle.objects.select_for_update().get(pk=bundle.pk)
    must_be(by, "privacy_officer")
    if bundle.state == State.GONE:
        unchanged()
        return
    _remove(bundle, by, at)
    record("complaints.bundles_removed", bundle.matter, by=by, at=at, files=1, rows=0)


def open_bundle(bundle: Bundle) -> BinaryIO:
    """What was made. Raises FileUnreadable, OSError."""
    return open_sealed(folder() / bundle.file, bundle.key or 0)


def clear_orphans(at: datetime) -> Iterator[Path]:
    """Files that no row knows: what a killed process left."""
    known = set(Bundle.objects.exclude(file="").values_list("file", flat=True))
    since = (at - timedelta(days=1)).timestamp()
    for path in folder().glob("*"):
        with suppress(FileNotFoundError):
            if path.is_file() and path.name not in known and path.stat().st_mtime < since:
                path.unlink()
                yield path


def folder() -> Path:
    """In the data folder, readable by Kept alone."""
    path = Path(settings.DATA) / "evidence"
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def personal_of(name: str) -> dict[str, str]:
    """What names the person of a matter, in words."""
    label, _, key = name.partition(":")
    kind = kind_of(label)
    return dict(kind.personal(UUID(key))) if kind else {}


def _make(bundle: Bundle, matter: Matter, by: Actor, at: datetime) -> None:
    made = write(matter.name, at, personal=personal_of(matter.name) if bundle.personal else None)
    name = f"{secrets.token_hex(16)}{SEALED}"
    with TemporaryDirectory(prefix=".work", dir=folder()) as work:
        clear = Path(work) / "bundle"
        with os.fdopen(os.open(clear, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(made.raw)
        seal_file(clear, folder() / name, bundle.key or 0)
    bundle.file, bundle.sha256, bundle.size, bundle.entries = name, made.sha256, len(made.raw), made.entries
    bundle.state, bundle.made_at, bundle.made_by, bundle.expires_at = State.READY, at, str(by), at + LIFE
    bundle.save()
    which, personal = str(bundle.pk), bundle.personal
    record(MADE, matter.name, by=by, at=at, sha256=made.sha256, entries=made.entries, personal=personal, bundle=which)


def _remove(bundle: Bundle, by: Actor, at: datetime) -> None:
    key, file = bundle.key, bundle.file
    bundle.state, bundle.key, bundle.reason, bundle.file = State.GONE, None, "", ""
    bundle.save(update_fields=["state", "key", "reason", "file"])
    if key is not None:
        destroy_key(key, by=by, at=at)
    if file:
        transaction.on_commit(partial((folder() / file).unlink, missing_ok=True))
