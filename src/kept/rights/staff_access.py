"""What support and the privacy officer may see of requests before they are proven, and of letters to be posted.

Absent and not theirs are answered alike.
"""

from __future__ import annotations

from typing import BinaryIO
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from kept.people.models import Account
from kept.rights.access import file_of
from kept.rights.actions.asking import STAFF_DOORS
from kept.rights.models import Case, Package
from kept.rights.reach.models import PaperLetter, Reach

OF_NOBODY = "CANARY-"  # kept.rights.canaries
MAY = (Account.Roles.SUPPORT, Account.Roles.PRIVACY_OFFICER)


def unproven(account: Account, reference: str = "") -> QuerySet[Case]:
    """The requests that staff registered and that wait for their proof, the first due on top. By its number: any."""
    must_serve(account)
    waiting = Case.objects.filter(state=Case.State.UNPROVEN)
    if reference:
        return waiting.filter(reference__iexact=reference.strip())
    return waiting.filter(channel__in=STAFF_DOORS).order_by("due_on", "received_at", "pk")


def case_to_prove(account: Account, case_id: UUID) -> Case:
    """A request that was not proven yet, or that came by a door where staff write it down: no more is shown of it."""
    must_serve(account)
    case = Case.objects.filter(pk=case_id).first()
    if case is None or not (case.state == Case.State.UNPROVEN or case.channel in STAFF_DOORS):
        raise Http404
    return case


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
    """The file that goes with a letter of ours that was not posted yet, for the privacy officer who puts it in."""
    if account.role != Account.Roles.PRIVACY_OFFICER or letter.state != PaperLetter.State.WAITING:
        raise Http404
    package = Package.objects.filter(pk=letter.package or letter.pk, case=letter.case_id, revoked_at=None).first()
    if package is None or not package.file:
        raise Http404
    return package, file_of(package)


def must_serve(account: Account) -> None:
    if account.role not in MAY:
        raise Http404
