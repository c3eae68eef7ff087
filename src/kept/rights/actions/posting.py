"""Letters of ours: who had one on their screen, and the day on which it was posted."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from kept.rights.actions.steps import WORDS_GONE, is_sealing, must_be_officer
from kept.rights.errors import BadPostDay, MayNot, NotNow
from kept.rights.models import Case, Package
from kept.rights.reach.models import PaperLetter
from kept.rights.rules import OPEN
from kept.security.ledger import action, record, unchanged
from kept.security.reading import log_read
from kept.security.vault.actions import destroy_key
from kept.terms import Actor

State = PaperLetter.State
POST = ("support", "privacy_officer")


@action
def paper_seen(letter: PaperLetter, *, by: Actor, at: datetime) -> PaperLetter:
    """Somebody has it on their screen, to print it. Whoever saw a code cannot type it. Raises MayNot."""
    letter = _locked(letter, by)
    if by.id is None or by.id in letter.seen_by:
        unchanged()
        return letter
    letter.seen_by = [*letter.seen_by, by.id]
    letter.save(update_fields=["seen_by"])
    record("rights.letter_seen", letter, by=by, at=at)
    is_open = letter.case.state in OPEN or letter.case.state == Case.State.UNPROVEN
    log_read("mail", "case", case=letter.case_id, case_open=is_open, place="letters", by=by, at=at)
    return letter


@action
def paper_posted(letter: PaperLetter, on: date, *, by: Actor, at: datetime) -> PaperLetter:
    """It was posted on that day; a second call changes nothing. Raises MayNot, NotNow, BadPostDay."""
    letter = _locked(letter, by)
    if letter.state == State.POSTED:
        unchanged()
        return letter
    if letter.state != State.WAITING:
        raise NotNow(letter.state)
    if not letter.written_at.date() - timedelta(days=1) <= on <= (at + timedelta(hours=14)).date():
        raise BadPostDay("The day it was posted lies between the day it was written and today.")
    letter.state, letter.posted_on, letter.posted_at, letter.posted_by = State.POSTED, on, at, str(by)
    letter.save(update_fields=["state", "posted_on", "posted_at", "posted_by"])
    record(
        "rights.letter_posted", letter, by=by, at=at, case=str(letter.case_id), template=letter.about, on=on.isoformat()
    )
    _forget_where_ended(letter, by=by, at=at)
    return letter


@action
def paper_void(letter: PaperLetter, *, by: Actor, at: datetime) -> PaperLetter:
    """It is not posted: the person came by, or a newer one goes in its place. Raises MayNot, NotNow."""
    letter = _locked(letter, by)
    if letter.state == State.VOID:
        unchanged()
        return letter
    if letter.state != State.WAITING:
        raise NotNow(letter.state)
    letter.state = State.VOID
    letter.save(update_fields=["state"])
    record("rights.letter_void", letter, by=by, at=at, case=str(letter.case_id), template=letter.about)
    _forget_where_ended(letter, by=by, at=at)
    return letter


@action
def file_taken(letter: PaperLetter, package: Package, *, by: Actor, at: datetime) -> None:
    """An officer takes the file that goes with a letter, to print it. Raises MayNot."""
    must_be_officer(by)
    record("rights.package_printed", package, by=by, at=at, letter=str(letter.pk))
    case = letter.case
    log_read("package", "case", case=case.pk, case_open=case.closed_at is None, place="letters", by=by, at=at)


def _forget_where_ended(letter: PaperLetter, *, by: Actor, at: datetime) -> None:
    """Of a case that has ended, this was the last that had to be told."""
    key = letter.key
    if letter.case.key is None and key is not None:
        PaperLetter.objects.filter(pk=letter.pk).update(**WORDS_GONE)
        if not is_sealing(key):
            destroy_key(key, by=by, at=at)


def _locked(letter: PaperLetter, by: Actor) -> PaperLetter:
    if by.role not in POST:
        raise MayNot(by.role)
    return PaperLetter.objects.select_for_update(of=("self",)).select_related("case").get(pk=letter.pk)
