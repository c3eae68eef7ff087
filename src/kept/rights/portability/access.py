"""Who may see which transfer and which import. Absent and not yours are answered alike."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse

from kept.engine.portable import Bounds, Portable, read_portable
from kept.people.codes import token_hash, token_of
from kept.rights.models import Case, Package
from kept.rights.packages import is_there, workshop
from kept.rights.portability.models import Import, Transfer
from kept.vault.fields import open_all

CODE, LINK = "import code", "import link"
MOST_CODES = 20  # mailed for one import: it can be read for three months
AT_ONCE = 8  # pieces opened together


def bounds() -> Bounds:
    return Bounds(packed=settings.PORTABILITY_MOST)


# What goes out


def may_send(case: Case) -> bool:
    """Whether the person asked to have it sent, and it is answered."""
    sends = case.right == Case.Right.PORTABILITY and case.state == Case.State.ANSWERED
    return sends and case.key is not None and bool(case.asked.get("to"))


def to_send(case: Case, at: datetime) -> Package | None:
    """The file that can be sent now."""
    if not may_send(case):
        return None
    return next((one for one in case.packages.all() if is_there(one, at)), None)


def transfer_of(case: Case) -> Transfer | None:
    """The newest one."""
    return Transfer.objects.filter(package__case=case).select_related("package").first()


# What comes in


def import_link(taken: Import) -> str:
    """The whole address of the page on which the person decides."""
    return f"{settings.SITE_URL}{reverse('import', args=[token_of(LINK, taken.pk, taken.token_hash)])}"


def import_by_token(token: str) -> Import:
    """What its person may be told of: not before it was checked."""
    shown = (Import.State.WAITING, Import.State.CONFIRMED, Import.State.ENDED)
    found = Import.objects.filter(token_hash=token_hash(token), state__in=shown).first()
    if found is None or found.checked_at is None:
        raise Http404
    return found


def import_by_sum(sha256: str) -> Import:
    """For the site that sends it: the newest of that package."""
    found = Import.objects.filter(sha256=sha256).first()
    if found is None:
        raise Http404
    return found


def imports_for_staff() -> QuerySet[Import]:
    """All that came; of what nobody has confirmed, that it came."""
    shown = (Import.State.WAITING, Import.State.CONFIRMED, Import.State.ENDED)
    return Import.objects.filter(state__in=shown, checked_at__isnull=False)


def import_for_staff(import_id: UUID) -> Import:
    """One that its person has confirmed, and that is there."""
    found = Import.objects.filter(pk=import_id, state=Import.State.CONFIRMED).first()
    if found is None:
        raise Http404
    return found


@contextmanager
def package_of(taken: Import) -> Iterator[tuple[Path, BinaryIO]]:
    """The package as it came, put together for a moment where only Kept reads it. Raises what opening raises."""
    with workshop() as work:
        path = work / "import.zip"
        with path.open("w+b") as file:
            numbers = list(taken.pieces.order_by("number").values_list("number", flat=True))
            for begin in range(0, len(numbers), AT_ONCE):
                pieces = list(taken.pieces.filter(number__in=numbers[begin : begin + AT_ONCE]).order_by("number"))
                open_all(pieces)
                for piece in pieces:
                    file.write(piece.raw)
            file.flush()
            file.seek(0)
            yield path, file


def read_import(taken: Import) -> Portable:
    """What is in it, for who may read it. It was checked when it came; it is checked again."""
    with package_of(taken) as (_, file):
        return read_portable(file, bounds())
