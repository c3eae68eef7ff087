"""What changes the register of letters, each with its entry."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import BinaryIO
from uuid import UUID

from kept.collection.addresses import named_in
from kept.collection.letters.errors import BadDay, NoScan, Settled
from kept.collection.letters.models import Letter, Scan
from kept.collection.letters.rules import BAD_DAY, may_have_come
from kept.security.ledger import action, record, unchanged
from kept.security.models import Entry
from kept.security.reading import log_read
from kept.security.uploads import Kept, Kind, keep, remove
from kept.security.vault.actions import destroy_key
from kept.terms import Actor, Identifier
from kept.use.access import must_have_ground
from kept.vault.keys import make_key

KINDS: tuple[Kind, ...] = ("pdf", "png", "jpeg")
LARGEST = 25_000_000  # bytes of one file
MOST_SCANS = 10
KEEP_WORDS = timedelta(days=90)  # after it was settled
KEEP_ROWS = timedelta(days=3 * 365)
SAME_LOOK = timedelta(minutes=2)
LOOKED_AT = "collection.letter_looked_at"

State = Letter.State
File = tuple[BinaryIO, str]  # opened, and what the browser calls it


@action
def register_letter(
    received_on: date, sender: str, says: str, files: Sequence[File], *, by: Actor, at: datetime
) -> Letter:
    """Keep a letter with its scan. Raises BadDay, NoScan, TooLarge, WrongKind, Dangerous."""
    if not may_have_come(received_on, at):
        raise BadDay(BAD_DAY)
    if not 1 <= len(files) <= MOST_SCANS:
        raise NoScan(f"A letter has one to {MOST_SCANS} files.")
    letter = Letter(
        key=make_key(), received_on=received_on, registered_at=at, registered_by=str(by), sender=sender, says=says
    )
    letter.save(force_insert=True)
    kept: list[Kept] = []
    try:
        for number, (file, name) in enumerate(files):
            kept.append(keep(file, name, kinds=KINDS, most=LARGEST, key=_key(letter)))
            _keep_scan(letter, number, kept[-1])
    except BaseException:
        for one in kept:
            remove(one.place)
        raise
    size = sum(one.size for one in kept)
    record("collection.letter_registered", letter, by=by, at=at, scans=len(kept), size=size, on=received_on.isoformat())
    return letter


@action
def letter_became(letter: Letter, case: UUID, reference: str, *, by: Actor, at: datetime) -> Letter:
    """A request was registered from it. In the transaction that opens it."""
    letter = _locked(letter)
    letter.case = letter.case or case
    letter.requests = [*letter.requests, {"case": str(case), "reference": reference}]
    letter.state, letter.settled_at, letter.settled_by = State.SETTLED, at, str(by)
    letter.save(update_fields=["case", "requests", "state", "settled_at", "settled_by"])
    record("collection.letter_became", letter, by=by, at=at, case=str(case))
    return letter


@action
def settle_letter(letter: Letter, how: str, *, by: Actor, at: datetime) -> Letter:
    """It is no request; `how` says what was done. Raises Settled."""
    letter = _locked(letter)
    if letter.state != State.TO_DECIDE:
        raise Settled
    letter.state, letter.settled_at, letter.settled_by, letter.settled_how = State.SETTLED, at, str(by), how
    letter.save(update_fields=["state", "settled_at", "settled_by", "settled_how"])
    record("collection.letter_settled", letter, by=by, at=at)
    return letter


@action
def letter_looked_at(letter: Letter, *, scan: int | None = None, despite: str = "", by: Actor, at: datetime) -> None:
    """Somebody reads a letter, or one of its scans; the same look is written once.

    Raises IsRestricted where its sender's data are restricted and `despite` is none of the grounds of GDPR Art. 18(2).
    """
    ground = despite if must_have_ground(_named_in(letter), despite, at.date(), cases=_cases_of(letter)) else ""
    about = f"{letter._meta.label_lower}:{letter.pk}"
    seen = Entry.objects.filter(about=about, kind=LOOKED_AT, by=str(by), at__gt=at - SAME_LOOK)
    if any((one.facts.get("scan"), one.facts.get("despite", "")) == (scan, ground) for one in seen):
        unchanged()
        return
    record(LOOKED_AT, letter, by=by, at=at, scan=scan, despite=ground)
    log_read(
        "mail", "question", case=letter.case, case_open=letter.state == State.TO_DECIDE, place="letters", by=by, at=at
    )


@action
def forget_letters(*, by: Actor, at: datetime) -> tuple[int, int]:
    """Forget the words and scans of letters 90 days after they were settled, and that there was one after three years.

    Their keys are destroyed, so that backups forget them too, and nobody can open a scan any more. Returns how many of
    each.
    """
    settled = Letter.objects.filter(state=State.SETTLED)
    wordy = list(settled.filter(key__isnull=False, settled_at__lt=at - KEEP_WORDS).only("pk", "key")[:500])
    for letter in wordy:
        Scan.objects.filter(letter=letter).update(key=None, name="")
        Letter.objects.filter(pk=letter.pk).update(key=None, sender="", says="", settled_how="")
        if letter.key is not None:
            destroy_key(letter.key, by=by, at=at)
    old = settled.filter(key=None, settled_at__lt=at - KEEP_ROWS).exclude(scans__in=Scan.objects.exclude(place=""))
    gone = old.count()
    old.delete()
    if wordy or gone:
        record("collection.letters_forgotten", "letters.letter", by=by, at=at, words=len(wordy), rows=gone)
    else:
        unchanged()
    return len(wordy), gone


@action
def scan_removed(scan: Scan, *, by: Actor, at: datetime) -> None:
    """The file is gone from the disk."""
    if Scan.objects.filter(pk=scan.pk).exclude(place="").update(place=""):
        record("collection.scan_removed", scan, by=by, at=at)
    else:
        unchanged()


def _named_in(letter: Letter) -> list[Identifier]:
    return named_in(lambda: f"{letter.sender}\n{letter.says}") if letter.key is not None else []


def _cases_of(letter: Letter) -> list[UUID]:
    return [UUID(one["case"]) for one in letter.requests]


def _keep_scan(letter: Letter, number: int, kept: Kept) -> None:
    Scan.objects.create(
        letter=letter, number=number, key=letter.key, place=kept.place, name=kept.name, kind=kept.kind, size=kept.size,
        sha256=kept.sha256,
    )  # fmt: skip


def _key(letter: Letter) -> int:
    assert letter.key is not None  # noqa: S101 - it was made a moment ago
    return letter.key


def _locked(letter: Letter) -> Letter:
    return Letter.objects.select_for_update().get(pk=letter.pk)
