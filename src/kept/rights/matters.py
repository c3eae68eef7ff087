"""What other rooms may know of a request: its number, where it stands, who decided, and what shows what was done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from kept.engine.errors import NotAnIdentifier
from kept.engine.identifiers import normal
from kept.people.matters import Dossier, FileKept, Kind, Matter, register
from kept.post.models import Message
from kept.rights.actions.reading import person_of
from kept.rights.history import WORDS
from kept.rights.mailed import mails_of
from kept.rights.mandates.access import mandate_of
from kept.rights.models import Case
from kept.rights.offered import offer_of
from kept.rights.particulars import said
from kept.rights.rules import OPEN
from kept.rights.telling import addressee_of
from kept.security.models import Entry

LABEL = "rights.case"

# Kinds of entries that are nobody's decision about the request: looking, working, being told.
NO_DECISION = frozenset({
    "rights.case_opened", "rights.code_sent", "rights.wrong_code", "rights.case_proven", "rights.case_looked_at",
    "complaints.bundle_asked", "complaints.bundle_made", "complaints.bundle_given", "complaints.bundles_removed",
    "rights.proof_looked_at", "rights.proof_begun", "rights.proof_passed", "rights.proof_failed", "rights.said_more",
    "rights.document_kept", "rights.document_looked_at", "rights.document_forgotten", "rights.document_removed",
    "rights.request_registered", "rights.rows_looked_at", "rights.accounts_looked_at", "rights.case_joined",
})  # fmt: skip


def get(key: UUID) -> Matter | None:
    return _matter(Case.objects.filter(pk=key, joined=None).first())


def find(reference: str) -> Matter | None:
    case = Case.objects.select_related("joined").filter(reference=reference).first()
    return _matter(case.joined or case if case else None)


def is_theirs(key: UUID, address: str) -> bool:
    """Only a request whose address was proven is anybody's: whom we write to about it."""
    case = Case.objects.filter(pk=key, proven_at__isnull=False).first()
    to = addressee_of(case).email if case is not None else ""
    if not to:
        return False
    try:
        return normal("email", to) == normal("email", address)
    except NotAnIdentifier:
        return False


def about(name: str) -> Sequence[Matter]:
    return ()


def dossier(key: UUID) -> Dossier:
    """Raises Case.DoesNotExist."""
    case = Case.objects.get(pk=key)
    matter = _matter(case)
    assert matter is not None  # noqa: S101 - the case is there
    packages = list(case.packages.order_by("made_at"))
    files = [FileKept("package", one.sha256, one.size, one.made_at, "kept" if one.file else "gone") for one in packages]
    files += [
        FileKept("preserved copy", one.sha256, one.size, one.made_at, one.state)
        for one in case.preserved.all()
        if one.made_at is not None
    ]
    letters = Message.objects.filter(about=key).exclude(sha256="")
    files += [FileKept("letter", one.sha256, one.size, one.written_at, one.state) for one in letters]
    files += [FileKept("mail received", one.sha256, one.size, one.received_at, one.state) for one in mails_of(key)]
    return Dossier(
        matter=matter,
        facts={"right": case.right, "law": case.law, "channel": case.channel, "state": case.state},
        names=[matter.name, *(f"rights.package:{one.pk}" for one in packages)],
        clocks=[("answer", case.clock)],
        files=sorted(files, key=lambda one: one.at),
        words=WORDS,
    )


def personal(key: UUID) -> Mapping[str, str]:
    case = Case.objects.get(pk=key)
    if case.key is None:
        return {}
    told = {"name": case.name, "e-mail address": case.email}
    mandate = mandate_of(case)
    if mandate is not None:
        told |= {
            "asked by": mandate.name,
            "their e-mail address": mandate.email,
            "their postal address": mandate.postal,
        }
    told |= dict(said(case.right, case.asked))
    return {what: words for what, words in told.items() if words}


def person(key: UUID) -> UUID | None:
    case = Case.objects.filter(pk=key).first()
    return person_of(case) if case else None


def deciders_of(case: Case) -> frozenset[str]:
    """Accounts of staff who decided in it, by the entries, or have it in hand."""
    entries = Entry.objects.filter(about=f"{LABEL}:{case.pk}").exclude(kind__in=NO_DECISION)
    by = {*entries.values_list("by", flat=True), case.approved_by, case.confirmed_by}
    staff = {one.partition(":")[2] for one in by if one.partition(":")[0] not in ("customer", "person", "kept")}
    return frozenset({*staff, *([str(case.assignee_id)] if case.assignee_id else [])} - {""})


def _matter(case: Case | None) -> Matter | None:
    if case is None:
        return None
    offer = offer_of(case.right)
    return Matter(
        LABEL, case.pk, case.reference, offer.request or offer.ask, case.get_state_display(), case.state in OPEN,
        case.received_at, case.account_id, deciders_of(case),
    )  # fmt: skip


DECISIONS = frozenset(kind for kind in WORDS if kind not in NO_DECISION)
register(
    Kind(LABEL, "request", "desk_case", "request", DECISIONS, get, find, is_theirs, about, dossier, personal, person)
)
