"""The work behind transfers and imports. Each step may be killed anywhere and is then run again: the other site says
how much it has, and a package that is there already is not taken in twice."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from kept.engine.package import sha256_of
from kept.engine.portable import BadPackage, Portable, read_portable, signed_text
from kept.rights.origins import host_of, origin_of
from kept.rights.packages import is_there, open_package
from kept.rights.portability import actions
from kept.rights.portability.access import bounds, package_of
from kept.rights.portability.actions import Checked
from kept.rights.portability.discovery import site_at
from kept.rights.portability.errors import OtherSite
from kept.rights.portability.models import Import, Transfer
from kept.rights.portability.rules import SEND_WITHIN, SENDER_WITHIN, Announced
from kept.rights.portability.sending import TryLater, offer, send_pieces, state_there
from kept.rights.signatures import is_signed
from kept.security.fetch import FetchError, NotAllowed, TooBig, Unreachable
from kept.security.sealed_files import FileUnreadable
from kept.terms import Actor
from kept.work.models import Step
from kept.work.registry import task
from kept.work.steps import drop, finish

KEPT = Actor.kept()
GONE = "The file is no longer there."
BEING_CHECKED = "The other provider’s site is looking through it."
REFUSED = {
    "not_whole": "what came there is not what we sent",
    "sender": "it could not see that it comes from us",
    "signature": "it could not see that it comes from us",
    "package": "it could not read the file",
    "too_large": "it is larger than it takes",
}


@task("rights.send_package")
def send_package(steps: list[Step]) -> None:
    """Send one package, and see that it was taken in."""
    step = steps[0]
    found = Transfer.objects.filter(pk=step.args["transfer"], ended_at=None).select_related("package__case").first()
    if found is None:
        with transaction.atomic():
            drop(step, "It is over.", at=timezone.now())
        return
    try:
        _send(step, found)
    except (FileUnreadable, OSError):
        actions.transfer_failed(step, found, GONE, by=KEPT, at=timezone.now())
    except (NotAllowed, TooBig, OtherSite) as never:
        actions.transfer_failed(step, found, str(never), by=KEPT, at=timezone.now())
    except (FetchError, TryLater) as later:
        _later(step, found, later)


def _send(step: Step, transfer: Transfer) -> None:
    package, case = transfer.package, transfer.package.case
    if not is_there(package, timezone.now()) or transfer.key is None or not case.email:
        actions.transfer_failed(step, transfer, GONE, by=KEPT, at=timezone.now())
        return
    to, have, state, problem, piece = offer(transfer.to, case.email, package.sha256, package.size, case.language)
    if state == "receiving":
        moved = partial(_moved, transfer)
        with open_package(package) as file:
            state, problem = send_pieces(transfer.to, to, file, package.size, have, piece, moved)
    if state == "checking":
        state, problem = state_there(transfer.to, to)
    match state:
        case "checking" | "receiving":
            actions.transfer_waits(step, transfer, BEING_CHECKED, checking=True, by=KEPT, at=timezone.now())
        case "waiting" | "confirmed":
            actions.transfer_accepted(step, transfer, by=KEPT, at=timezone.now())
        case "ended":
            raise OtherSite("The other provider’s site has it no more.")
        case _:
            raise OtherSite(f"The other provider’s site refused it: {REFUSED.get(problem, 'it does not say why')}.")


def _moved(transfer: Transfer, have: int) -> None:
    actions.transfer_moved(transfer, have, by=KEPT, at=timezone.now())


def _later(step: Step, transfer: Transfer, problem: Exception) -> None:
    at = timezone.now()
    if at - transfer.confirmed_at > SEND_WITHIN:
        words = f"{host_of(transfer.to)} did not take it in {SEND_WITHIN.days} days. {problem}"
        actions.transfer_failed(step, transfer, words, by=KEPT, at=at)
    else:
        actions.transfer_waits(step, transfer, str(problem), by=KEPT, at=at)


@task("rights.check_import")
def check_import(steps: list[Step]) -> None:
    """Look through one package that came: whole, from whom it says, and as the format says."""
    step = steps[0]
    found = Import.objects.filter(state=Import.State.CHECKING)
    taken = found.filter(pk=step.about).first() if step.about else None
    if taken is None:
        with transaction.atomic():
            drop(step, "It is over.", at=timezone.now())
        return
    try:
        why, read = _looked_through(taken)
    except (Unreachable, TryLater) as later:
        at = timezone.now()
        if at - taken.begun_at > SENDER_WITHIN:
            actions.import_refused(step, taken, "sender", by=KEPT, at=at)
        else:
            actions.import_waits(step, taken, str(later), by=KEPT, at=at)
        return
    if read is None:
        actions.import_refused(step, taken, why, by=KEPT, at=timezone.now())
    else:
        actions.import_checked(step, taken, _checked(read), by=KEPT, at=timezone.now())


def _looked_through(taken: Import) -> tuple[str, Portable | None]:
    """Why it is refused; or what is in it. Raises Unreachable while the sender's site gives no answer."""
    with package_of(taken) as (path, file):
        if sha256_of(path) != taken.sha256:
            return "not_whole", None
        said = Announced(taken.sender, taken.sha256, taken.size, taken.email, taken.signature)
        try:
            origin = origin_of(taken.sender)
            keys = site_at(origin).keys if origin == taken.sender else ()
        except Unreachable:
            raise
        except (FetchError, OtherSite):
            return "sender", None
        if not is_signed(said.text(str(settings.SITE_URL)), taken.signature, keys):
            return "signature", None
        try:
            found = read_portable(file, bounds())
        except BadPackage as bad:
            return ("too_large" if type(bad).__name__ == "TooLarge" else "package"), None
        if not is_signed(signed_text(found.manifest), found.signature, keys):
            return "signature", None
    return "", found


def _checked(found: Portable) -> Checked:
    tables = [{"system": one.system, "title": one.title, "records": len(one.records)} for one in found.tables]
    return Checked({"company": found.company, "made_at": found.made_at, "tables": tables}, found.records)


@task("rights.end_imports", every=timedelta(hours=1))
def end_imports(steps: list[Step]) -> None:
    """What nobody confirmed in time goes, and what was here long enough."""
    with transaction.atomic():
        ended = actions.end_old_imports(by=KEPT, at=timezone.now())
        for step in steps:
            finish(step, {"ended": ended}, at=timezone.now())
