"""What support and the privacy officer may see of requests before they are proven, and of letters to be posted.

Absent and not theirs are answered alike.
"""

from __future__ import annotations

from typing import BinaryIO
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import Http404

from kept.people.models import Account
from kept.rights.access import file_of
from kept.rights.actions.asking import STAFF_DOORS
from kept.rights.actions.proving import ON_PAPER
from kept.rights.alerts.access import is_doubted
from kept.rights.models import Case, Package
from kept.rights.proof.models import ProofStep
from kept.rights.reach.models import PaperLetter, Reach
from kept.rights.rules import OPEN
from kept.security.sealed_files import FileUnreadable
from kept.security.uploads import UploadRefused, open_kept

OF_NOBODY = "CANARY-"  # kept.rights.canaries
MAY = (Account.Roles.SUPPORT, Account.Roles.PRIVACY_OFFICER)


def unproven(account: Account, reference: str = "") -> QuerySet[Case]:
    """The requests that staff registered and that wait for their proof, and those of which a paper waits to be read;
    the first due on top. By its number: any."""
    must_serve(account)
    waiting = Case.objects.filter(state=Case.State.UNPROVEN)
    if reference:
        return waiting.filter(reference__iexact=reference.strip())
    papers = ProofStep.objects.filter(state=ProofStep.State.OPEN).exclude(place="").values("case")
    return waiting.filter(Q(channel__in=STAFF_DOORS) | Q(pk__in=papers)).order_by("due_on", "received_at", "pk")


def case_to_prove(account: Account, case_id: UUID) -> Case:
    """A request that was not proven yet, or that came by a door where staff write it down: no more is shown of it. And
    for an officer, one that needs a further step."""
    must_serve(account)
    case = Case.objects.filter(pk=case_id).first()
    if case is None:
        raise Http404
    officer = account.role == Account.Roles.PRIVACY_OFFICER and case.state in OPEN
    if not (case.state == Case.State.UNPROVEN or case.channel in STAFF_DOORS or officer):
        raise Http404
    return case


def steps_of(case: Case) -> list[ProofStep]:
    """The latest first."""
    return list(case.proof_steps.order_by("-begun_at", "-id"))


def steps_passed(case: Case) -> list[str]:
    """What was shown, in words."""
    passed = case.proof_steps.filter(state=ProofStep.State.PASSED).values_list("method", flat=True)
    return [ProofStep.Method(method).label for method in dict.fromkeys(passed)]


def step_of_document(case: Case, step_id: UUID) -> ProofStep:
    """A document that was asked for, or Http404."""
    found = case.proof_steps.filter(pk=step_id, method__in=ON_PAPER).select_related("case").first()
    if found is None:
        raise Http404
    return found


def document_wanted(case: Case) -> ProofStep | None:
    """The one that waits for its copy: of an identity document, or of what lets somebody ask for another person."""
    wanted = case.proof_steps.filter(method__in=ON_PAPER, state=ProofStep.State.OPEN, place="")
    return wanted.select_related("case").first()


def document_of(account: Account, step: ProofStep) -> BinaryIO:
    """The copy, opened, for the privacy officer who checks it."""
    if account.role != Account.Roles.PRIVACY_OFFICER or not step.place or step.file_key is None:
        raise Http404
    try:
        return open_kept(step.place, step.file_key)
    except (FileUnreadable, UploadRefused, OSError):
        raise Http404 from None


def reach_of(case: Case) -> Reach | None:
    return Reach.objects.filter(case=case).first()


def papers(account: Account, states: tuple[str, ...]) -> QuerySet[PaperLetter]:
    """Letters of ours, without their words; what waits longest comes first."""
    must_serve(account)
    found = PaperLetter.objects.filter(state__in=states).select_related("case").defer("to", "subject", "text")
    waiting = states == (PaperLetter.State.WAITING,)
    return found.exclude(case__reference__startswith=OF_NOBODY).order_by(
        "written_at" if waiting else "-written_at", "id"
    )


def paper_on_desk(account: Account, letter_id: UUID) -> PaperLetter:
    must_serve(account)
    found = PaperLetter.objects.filter(pk=letter_id).select_related("case").first()
    if found is None:
        raise Http404
    return found


def papers_of(case: Case) -> list[PaperLetter]:
    return list(case.paper_letters.defer("to", "subject", "text"))


def package_to_print(account: Account, letter: PaperLetter) -> tuple[Package, BinaryIO]:
    """The file that goes with a letter of ours that was not posted yet, for the privacy officer who puts it in.

    Not while somebody at another address of the person says that it was not them.
    """
    if account.role != Account.Roles.PRIVACY_OFFICER or letter.state != PaperLetter.State.WAITING:
        raise Http404
    package = Package.objects.filter(pk=letter.package or letter.pk, case=letter.case_id, revoked_at=None).first()
    if package is None or not package.file or is_doubted(package.case_id):
        raise Http404
    return package, file_of(package)


def must_serve(account: Account) -> None:
    if account.role not in MAY:
        raise Http404
