"""The steps of a proof that staff take with a person: a code by letter, a call back, known facts, a document.

Each is begun on what Kept found on file (`kept.rights.proof.claims`), and ended by something only the person can do or
know. What could be done by one of us alone takes two of us.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import BinaryIO
from uuid import UUID

from kept.rights.access import is_own_request
from kept.rights.actions.asking import go_on_if_proven
from kept.rights.actions.pausing import pause, waiting_for
from kept.rights.actions.posting import paper_void
from kept.rights.actions.registering import PROVE_BY_POST, REGISTER, Said
from kept.rights.actions.showing import end_steps, pass_step, prove_until, shown_json
from kept.rights.actions.steps import locked
from kept.rights.codes import code_hash, new_code
from kept.rights.errors import MayNot, NotNow, OwnCase, TooLong, TooOften
from kept.rights.models import Case
from kept.rights.proof.claims import Fits
from kept.rights.proof.models import ProofStep
from kept.rights.proof.rules import (
    CALL_CODE_LIFE,
    DOCUMENT_LIFE,
    LETTER_CODE_LIFE,
    MOST_FACTS_ASKED,
    MOST_STEPS,
    enough_facts,
)
from kept.rights.proof.standing import level_needed, table_of
from kept.rights.reach.models import PaperLetter, Reach
from kept.rights.rules import OPEN
from kept.rights.telling import Addressee, tell
from kept.security.ledger import action, record, unchanged
from kept.security.reading import log_read
from kept.security.uploads import Kind, keep, remove
from kept.security.vault.actions import destroy_key
from kept.terms import Actor, Identifier
from kept.vault.keys import make_key

State, Method = ProofStep.State, ProofStep.Method
ON_PAPER = (Method.DOCUMENT, Method.AUTHORITY)  # steps whose copy an officer reads
DOCUMENTS: tuple[Kind, ...] = ("pdf", "png", "jpeg")
LARGEST_DOCUMENT = 10_000_000  # bytes
LONGEST_DOUBT = 500
ASKED_FOR = "A copy of an identity document, with all covered but the name, and the address or the date of birth."


@action
def say_more(case: Case, said: Said, *, by: Actor, at: datetime) -> Case:
    """What the person said about themselves, put right or added to, before anything of it was shown.

    The e-mail address stays: it has its own code. Raises MayNot, NotNow.
    """
    case = _to_prove(case, by)
    if case.state != Case.State.UNPROVEN and not case.email:  # our answer goes where it was shown that they are
        raise NotNow(case.state)
    case.name = said.name or case.name
    case.save(update_fields=["name"])
    known = Reach.objects.filter(case=case).first()
    reach = known or Reach(case=case, key=case.key, registered_at=at, registered_by=str(by))
    reach.postal, reach.country, reach.phone = said.postal, said.country, said.phone
    reach.account, reach.system, reach.note = said.account, said.system if said.account else "", said.note
    reach.prove_until = max(at + PROVE_BY_POST, known.prove_until) if known else at + PROVE_BY_POST
    reach.save(force_insert=known is None)
    end_steps(_open(case, Method.LETTER_CODE, Method.CALL_BACK), by, at)
    record("rights.said_more", case, by=by, at=at)
    return case


@action
def send_code_by_letter(case: Case, found: Sequence[Fits], *, by: Actor, at: datetime) -> ProofStep:
    """Write a code to the postal address, which is on file; a newer one takes the place of the last.

    `found`: the records of that name with that address. Without any the step fails, and that is written down: who is
    not known fails alike. Raises MayNot, OwnCase, NotNow, TooOften.
    """
    case = _to_prove(case, by)
    reach = Reach.objects.filter(case=case).first()
    if not found or reach is None or not reach.postal:
        return _failed(case, Method.LETTER_CODE, "letter", by, at)
    step = _begin(case, Method.LETTER_CODE, "letter", found, by, at)
    code = new_code()
    step.code_hash, step.code_expires_at = code_hash(code, step.pk), at + LETTER_CODE_LIFE
    envelope = Addressee(case.name, "", reach.on_envelope())
    paper = tell(case, "proof_code", to=envelope, code=f"{code[:3]} {code[3:]}", until=step.code_expires_at, at=at)
    step.paper = paper.pk
    step.save(force_insert=True)
    prove_until(case, step.code_expires_at)
    record("rights.proof_begun", case, by=by, at=at, method=step.method)
    return step


@action
def begin_call_back(case: Case, found: Sequence[Fits], *, by: Actor, at: datetime) -> tuple[ProofStep, str]:
    """A code to be read out to whoever answers at the number, which is on file. Returns it, for this one page; "": the
    step failed, as above.

    Whoever reads it out cannot type it: a colleague does, or the person on the page of their request. Raises MayNot,
    OwnCase, NotNow, TooOften.
    """
    case = _to_prove(case, by)
    if not found:
        return _failed(case, Method.CALL_BACK, "telephone", by, at), ""
    step = _begin(case, Method.CALL_BACK, "telephone", found, by, at)
    code = new_code()
    step.code_hash, step.code_expires_at = code_hash(code, step.pk), at + CALL_CODE_LIFE
    step.seen_by = [by.id] if by.id else []
    step.save(force_insert=True)
    record("rights.proof_begun", case, by=by, at=at, method=step.method)
    return step, f"{code[:3]} {code[3:]}"


@action
def facts_compared(
    case: Case, channel: str, asked: Sequence[str], right: int, found: Fits | None, *, by: Actor, at: datetime
) -> bool:
    """Keep whether enough known facts were right. By another channel than the request's own: two channels.

    `asked`: their names; `right`: how many of them, for the record that fits best, None where there is none. Raises
    MayNot, NotNow, TooOften.
    """
    case = _to_prove(case, by)
    if channel == case.channel:
        raise NotNow(case.state)
    if case.proof_steps.filter(method=Method.FACTS).exclude(state=State.OVER).count() >= MOST_FACTS_ASKED:
        raise TooOften
    level, table = level_needed(case, sensitive=case.proven_at is not None), table_of(case)
    passed = found is not None and found.name and enough_facts(level, right, len(asked) - right, table)
    step = ProofStep(
        case=case, key=case.key, method=Method.FACTS, channel=channel, asked=list(asked), right=right, begun_at=at,
        begun_by=str(by),
    )  # fmt: skip
    if not passed or found is None:
        step.state, step.ended_at, step.ended_by = State.FAILED, at, str(by)
        step.save(force_insert=True)
        record("rights.proof_failed", case, by=by, at=at, method=step.method, asked=len(asked))
        return False
    pass_step(step, [found.record.identifier], found.contacts, by=by, at=at)
    record("rights.proof_passed", case, by=by, at=at, method=step.method)
    go_on_if_proven(case, by=by, at=at)
    return True


@action
def ask_for_document(case: Case, doubt: str, *, by: Actor, at: datetime) -> ProofStep:
    """The last resort, and only with a reasonable doubt that is written down. GDPR Art. 12(6).

    Where the law lets the clock wait for it, it does: see `pausing`. Raises MayNot, NotNow, TooLong, TooOften.
    """
    case = _to_prove(case, by)
    if by.role != "privacy_officer":
        raise MayNot(by.role)
    if not doubt.strip() or len(doubt) > LONGEST_DOUBT:
        raise TooLong(f"The doubt has one to {LONGEST_DOUBT} characters.")
    step = _begin(case, Method.DOCUMENT, "", (), by, at)
    step.doubt = doubt.strip()
    step.save(force_insert=True)
    prove_until(case, at + PROVE_BY_POST)
    if case.state in OPEN and waiting_for(case) is None:
        pause(case, "identity", ASKED_FOR, step.doubt, mail="document", by=by, at=at)
    elif case.state == Case.State.UNPROVEN:
        tell(case, "document", still=False, source="", at=at)
    record("rights.proof_begun", case, by=by, at=at, method=step.method)
    return step


@action
def keep_document(step: ProofStep, file: BinaryIO, name: str, *, by: Actor, at: datetime) -> ProofStep:
    """Take the copy in: sealed under a key of its own, which goes with it. The person may upload it themselves.

    Raises MayNot, OwnCase, NotNow, UploadRefused.
    """
    step, _ = _of_document(step, by, theirs=True)
    if step.place:
        raise NotNow(step.state)
    step.file_key = make_key()
    kept = keep(file, name, kinds=DOCUMENTS, most=LARGEST_DOCUMENT, key=step.file_key)
    try:
        step.place, step.name, step.kind, step.size = kept.place, kept.name, kept.kind, kept.size
        step.kept_by, step.remove_at = str(by), at + DOCUMENT_LIFE
        step.save(update_fields=["file_key", "place", "name", "kind", "size", "kept_by", "remove_at"])
        record("rights.document_kept", step.case, by=by, at=at, form=kept.kind)
    except BaseException:
        remove(kept.place)
        raise
    return step


@action
def document_looked_at(step: ProofStep, *, by: Actor, at: datetime) -> None:
    """Somebody opens the copy, to check it. Raises MayNot."""
    if by.role != "privacy_officer":
        raise MayNot(by.role)
    case = step.case
    record("rights.document_looked_at", case, by=by, at=at)
    is_open = case.closed_at is None
    log_read("package", "identity", case=case.pk, case_open=is_open, place="document", by=by, at=at)


@action
def check_document(step: ProofStep, fits: bool, found: Sequence[Fits], *, by: Actor, at: datetime) -> ProofStep:
    """An officer has looked at the copy: it shows who they say they are, or not. Its file goes now.

    `found`: the records of that name. It takes another person than the one who took the copy in. Raises MayNot, NotNow.
    """
    step, case = _of_document(step, by)
    if by.role != "privacy_officer" or str(by) == step.kept_by:
        raise MayNot(by.role)
    if not step.place:
        raise NotNow(step.state)
    step.remove_at = at
    if fits and found:
        contacts = frozenset().union(*(one.contacts for one in found))
        pass_step(step, [one.record.identifier for one in found], contacts, by=by, at=at)
        record("rights.proof_passed", case, by=by, at=at, method=step.method)
        go_on_if_proven(case, by=by, at=at)
    else:
        step.state, step.ended_at, step.ended_by = State.FAILED, at, str(by)
        step.save(update_fields=["state", "ended_at", "ended_by", "remove_at"])
        record("rights.proof_failed", case, by=by, at=at, method=step.method)
    return step


@action
def documents_due(*, by: Actor, at: datetime) -> list[str]:
    """Forget the copies whose time is over: their keys go first, so that nobody can open one any more, in no backup.

    Returns where the files lay, to be removed. A second call says them again, until `document_removed`.
    """
    due = ProofStep.objects.select_for_update().filter(remove_at__lte=at).exclude(file_key=None)
    for step in due:
        key, step.file_key, step.name = step.file_key, None, ""
        step.save(update_fields=["file_key", "name"])
        if step.state == State.OPEN:
            end_steps([step], by, at)
        record("rights.document_forgotten", f"rights.case:{step.case_id}", by=by, at=at)
        if key is not None:
            destroy_key(key, by=by, at=at)
    if not due:
        unchanged()
    return list(ProofStep.objects.filter(file_key=None).exclude(place="").values_list("place", flat=True))


@action
def document_removed(place: str, *, by: Actor, at: datetime) -> None:
    """The file is gone from the disk."""
    step = ProofStep.objects.filter(place=place).first()
    if step is None:
        unchanged()
        return
    ProofStep.objects.filter(pk=step.pk).update(place="")
    record("rights.document_removed", f"rights.case:{step.case_id}", by=by, at=at)


def _begin(case: Case, method: str, channel: str, found: Sequence[Fits], by: Actor, at: datetime) -> ProofStep:
    """A new step, not saved yet; the last of its kind no longer counts. Raises TooOften."""
    if case.proof_steps.filter(method=method).count() >= MOST_STEPS:
        raise TooOften
    last = _open(case, method)
    for one in last:
        _void_paper(one.paper, by, at)
    end_steps(last, by, at)
    contacts = frozenset[str]().union(*(one.contacts for one in found))
    identifiers: set[Identifier] = {one.record.identifier for one in found}
    return ProofStep(
        case=case, key=case.key, method=method, channel=channel, shows=shown_json(identifiers, contacts), begun_at=at,
        begun_by=str(by),
    )  # fmt: skip


def _void_paper(paper: UUID | None, by: Actor, at: datetime) -> None:
    letter = PaperLetter.objects.filter(pk=paper, state=PaperLetter.State.WAITING).first() if paper else None
    if letter is not None:
        paper_void(letter, by=by, at=at)


def _failed(case: Case, method: str, channel: str, by: Actor, at: datetime) -> ProofStep:
    """What does not fit counts as well: nobody finds out by trying who is known. Raises TooOften."""
    step = _begin(case, method, channel, (), by, at)
    step.state, step.ended_at, step.ended_by = State.FAILED, at, str(by)
    step.save(force_insert=True)
    record("rights.proof_failed", case, by=by, at=at, method=step.method)
    return step


def _open(case: Case, *methods: str) -> list[ProofStep]:
    return list(case.proof_steps.select_for_update().filter(method__in=methods, state=State.OPEN))


def _of_document(step: ProofStep, by: Actor, *, theirs: bool = False) -> tuple[ProofStep, Case]:
    own = theirs and by.id is not None and by.id in (str(step.case_id), str(step.case.account_id))
    case = locked(step.case) if own else _to_prove(step.case, by)
    step = ProofStep.objects.select_for_update().get(pk=step.pk)
    if step.method not in ON_PAPER or step.state != State.OPEN:
        raise NotNow(step.state)
    step.case = case
    return step, case


def _to_prove(case: Case, by: Actor) -> Case:
    """Raises MayNot, OwnCase, NotNow."""
    if by.role not in REGISTER:
        raise MayNot(by.role)
    case = locked(case)
    if case.state != Case.State.UNPROVEN and case.state not in OPEN:
        raise NotNow(case.state)
    if is_own_request(case, by.id):
        raise OwnCase(by.role)
    return case
