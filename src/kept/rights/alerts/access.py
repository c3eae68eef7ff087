"""What the other addresses said, as pages and actions read it. Of the addresses themselves only the mail knows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.http import Http404
from django.utils import timezone

from kept.people.codes import token_hash
from kept.rights.alerts.models import Alert
from kept.rights.alerts.rules import holds_back
from kept.rights.clocks import office_day
from kept.rights.models import Case

State = Alert.State
LINK = "address alert link"
DOUBT = "Somebody at another address of this person says that the request is not theirs. Look into it first."


@dataclass(frozen=True)
class Told:
    """How many addresses were told, and what came back."""

    addresses: int
    yes: int
    no: int  # that nobody has looked into yet
    settled: int
    first: datetime | None
    until: date | None  # the act waits until then; None: it does not


def told_in(case: Case) -> Told:
    rows = list(Alert.objects.filter(case=case).defer("email", "settled_because"))
    return Told(
        addresses=len(rows),
        yes=sum(row.state == State.YES for row in rows),
        no=sum(row.state == State.NO and row.settled_at is None for row in rows),
        settled=sum(row.settled_at is not None for row in rows),
        first=rows[0].told_at if rows else None,
        until=held_until(case, timezone.now()),
    )


def held_until(case: Case, at: datetime) -> date | None:
    """Until when the act waits for what the other addresses say; None: it does not."""
    rows = Alert.objects.filter(case=case).values_list("state", "waits_until")
    return holds_back(rows, office_day(at, case.clock))


def is_doubted(case_id: UUID) -> bool:
    """Somebody said that it was not them, and no officer has looked into it yet."""
    return Alert.objects.filter(case=case_id, state=State.NO, settled_at=None).exists()


def lacks_word(case: Case) -> str:
    """For `kept.rights.ready`."""
    return DOUBT if is_doubted(case.pk) else ""


def alert_by_token(token: str) -> Alert:
    """The one whose link it is. Of an ended request there is none any more."""
    found = Alert.objects.select_related("case").filter(token_hash=token_hash(token)).first()
    if found is None:
        raise Http404
    return found
