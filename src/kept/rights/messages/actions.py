"""Writing to the person, being written to, and the code that opens the conversation."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from kept.post.languages import language_of
from kept.rights.actions.steps import locked, must_decide
from kept.rights.codes import code_hash, code_is, new_code
from kept.rights.errors import TooLong
from kept.rights.messages.access import files_wanted, newest
from kept.rights.messages.errors import CannotWrite, NoFiles, Unread
from kept.rights.messages.models import CaseFile, CaseMessage, MessagesCode
from kept.rights.messages.rules import (
    LONGEST,
    MOST_A_DAY,
    MOST_FILES,
    WRITABLE,
    as_mailed,
    codes_sent_lately,
)
from kept.rights.models import Case
from kept.rights.rules import CODE_LIFE, CODE_TRIES, may_mail_code
from kept.rights.telling import addressee_of, tell
from kept.security.ledger import action, record, unchanged
from kept.security.reading import log_read
from kept.security.uploads import Kept
from kept.terms import Actor

Way = CaseMessage.Way


@action
def write(
    case: Case,
    text: str,
    *,
    message_id: UUID | None = None,
    language: str = "",
    files: bool = False,
    seen: str | None = None,
    by: Actor,
    at: datetime,
) -> CaseMessage:
    """Write to the person: by mail, and on their page. The same `message_id` twice is one message.

    `files`: they may send files with their answer. `seen`: what `newest` gave when the page was drawn.
    Raises MayNot, OwnCase, CannotWrite, TooLong, Unread.
    """
    case = locked(case)
    must_decide(case, by)
    if known := _known(message_id, case):
        unchanged()
        return known
    _must_be_writable(case, text)
    if seen is not None and seen != newest(case):
        raise Unread
    spoken = language_of(language or case.language).code
    mail = tell(case, "message", words=as_mailed(text), files=files, at=at)
    message = CaseMessage.objects.create(
        id=message_id or uuid4(), case=case, key=case.key, way=Way.OUT, text=text.strip(), language=spoken,
        files=files, by=str(by), at=at, mail=mail.pk,
    )  # fmt: skip
    record("rights.message_sent", case, by=by, at=at, message=str(message.pk), files=files, language=spoken)
    return message


@action
def write_back(
    case: Case, text: str, files: Sequence[Kept] = (), *, message_id: UUID | None = None, by: Actor, at: datetime
) -> CaseMessage:
    """The person writes to us. The same `message_id` twice is one message, and its second files are not kept.

    Raises CannotWrite, TooLong, NoFiles. Whoever kept the files removes them again then.
    """
    case = locked(case)
    if known := _known(message_id, case):
        unchanged()
        return known
    _must_be_writable(case, text)
    today = CaseMessage.objects.filter(case=case, way=Way.IN, at__gt=at - timedelta(days=1)).count()
    if today >= MOST_A_DAY:
        raise CannotWrite("today")
    if files and not files_wanted(case):
        raise NoFiles
    if len(files) > MOST_FILES:
        raise TooLong(f"Send at most {MOST_FILES} files at once.")
    message = CaseMessage.objects.create(
        id=message_id or uuid4(), case=case, key=case.key, way=Way.IN, text=text.strip(), language=case.language,
        files=bool(files), by=str(by), at=at,
    )  # fmt: skip
    for one in files:
        CaseFile.objects.create(
            case=case, message=message, key=case.key, place=one.place, name=one.name, kind=one.kind, size=one.size,
            sha256=one.sha256, at=at,
        )  # fmt: skip
    record("rights.message_received", case, by=by, at=at, message=str(message.pk), files=len(files))
    return message


@action
def messages_read(case: Case, *, by: Actor, at: datetime) -> None:
    """An officer has the conversation on their screen. What was new is not new any more."""
    new = CaseMessage.objects.filter(case=case, way=Way.IN, read_at=None)
    if by.role == "privacy_officer" and (count := new.update(read_at=at)):
        record("rights.messages_read", case, by=by, at=at, count=count)
    else:
        unchanged()


@action
def file_handed_out(file: CaseFile, *, by: Actor, at: datetime) -> None:
    """Somebody of the staff opens a file that the person sent."""
    record("rights.case_file_opened", file.case, by=by, at=at, file=str(file.pk), sha256=file.sha256)
    is_open = file.case.state in WRITABLE
    log_read("case", "case", case=file.case_id, case_open=is_open, place="file", by=by, at=at)


@action
def send_code(case: Case, *, by: Actor, at: datetime) -> bool:
    """Mail a code that opens the conversation for half an hour. False: too many today, or the last a moment ago."""
    case = locked(case)
    lock, _ = MessagesCode.objects.select_for_update().get_or_create(case=case)
    sent = codes_sent_lately(lock.codes_sent, lock.code_sent_at, at)
    if case.key is None or not addressee_of(case).email or not may_mail_code(sent, lock.code_sent_at, at):
        unchanged()
        return False
    code = new_code()
    lock.code_hash, lock.code_expires_at, lock.code_attempts = code_hash(code, case.pk), at + CODE_LIFE, 0
    lock.codes_sent, lock.code_sent_at = sent + 1, at
    lock.save()
    tell(case, "conversation_code", code=f"{code[:3]} {code[3:]}", at=at)
    record("rights.messages_code_sent", case, by=by, at=at, count=lock.codes_sent)
    return True


@action
def check_code(case: Case, code: str, *, by: Actor, at: datetime) -> bool:
    """Whether the code opens the conversation now. It opens once; after five wrong ones it takes a new code."""
    lock = MessagesCode.objects.select_for_update().filter(case=case).first()
    if lock is None or lock.code_expires_at is None or at >= lock.code_expires_at or lock.code_attempts >= CODE_TRIES:
        unchanged()
        return False
    if code_is(code, lock.code_hash, case.pk):
        lock.code_hash, lock.code_expires_at = "", None
        lock.save(update_fields=["code_hash", "code_expires_at"])
        record("rights.messages_opened", case, by=by, at=at)
        return True
    lock.code_attempts += 1
    lock.save(update_fields=["code_attempts"])
    record("rights.wrong_messages_code", case, by=by, at=at, tries=lock.code_attempts)
    return False


@action
def files_removed(files: Collection[CaseFile], *, by: Actor, at: datetime) -> None:
    """The files are gone from the disk."""
    gone = CaseFile.objects.filter(pk__in=[one.pk for one in files]).exclude(place="").update(place="")
    if gone:
        record("rights.case_files_removed", "rights.case", by=by, at=at, count=gone)
    else:
        unchanged()


def _known(message_id: UUID | None, case: Case) -> CaseMessage | None:
    """A message of this case that was written before. One of another case is none: its number was made up."""
    known = CaseMessage.objects.filter(pk=message_id).first() if message_id else None
    if known is not None and known.case_id != case.pk:
        raise CannotWrite("number")
    return known


def _must_be_writable(case: Case, text: str) -> None:
    if case.state not in WRITABLE or case.key is None:
        raise CannotWrite("ended")
    if not text.strip() or len(text) > LONGEST:
        raise TooLong(f"A message has 1 to {LONGEST:,} characters.")
