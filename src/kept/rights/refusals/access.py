"""Refusals as pages and keepers read them."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, F, Sum

from kept.post.models import Message
from kept.rights.clocks import office_day
from kept.rights.exemptions.models import Exemption
from kept.rights.grounds import ground_of
from kept.rights.models import Case
from kept.rights.preserved.models import PreservedCopy
from kept.rights.refusals.actions.proposing import REFUSE
from kept.rights.refusals.models import Annotation, Refusal
from kept.rights.refusals.rules import Told
from kept.security.approvals.access import waiting_about
from kept.security.models.approvals import Approval


def proposed(case: Case) -> Refusal | None:
    return Refusal.objects.filter(case=case, state=Refusal.State.PROPOSED).first()


def told(case: Case) -> Refusal | None:
    return Refusal.objects.filter(case=case, state=Refusal.State.TOLD).first()


def approval_of(case: Case, at: datetime) -> Approval | None:
    """What the second officer has to answer; None: nothing waits."""
    return waiting_about(REFUSE, Case._meta.label_lower, case.pk, at)


def refusals_by_ground(since: datetime | None = None) -> dict[str, int]:
    """Ground -> how many were told, for statistics."""
    rows = Refusal.objects.filter(state=Refusal.State.TOLD)
    if since is not None:
        rows = rows.filter(told_at__gte=since)
    counted = rows.values("ground").annotate(number=Count("pk")).order_by("-number", "ground")
    return {row["ground"]: row["number"] for row in counted}


def all_told() -> list[Told]:
    """Every refusal, as the keeper looks at it. Two statements beside those of the rows."""
    rows = list(Refusal.objects.filter(state=Refusal.State.TOLD).select_related("case"))
    mails = set(Message.objects.filter(pk__in=[row.message for row in rows]).values_list("pk", flat=True))
    made = set(PreservedCopy.objects.exclude(state=PreservedCopy.State.PENDING).values_list("case", flat=True))
    return [_told(row, row.message in mails, row.case_id in made) for row in rows]


def silent_refusals() -> int:
    """Requests that count as refused, and of which nobody was told anything. There must be none."""
    refused = Case.objects.filter(state=Case.State.REFUSED)
    return refused.exclude(pk__in=Refusal.objects.filter(state=Refusal.State.TOLD).values("case")).count()


def left_out_alone() -> int:
    """Records left out of answers by the very officer who approved these. There must be none."""
    decided = Exemption.objects.exclude(case__approved_by="")
    return decided.filter(made_by=F("case__approved_by")).count()


def left_out_by_ground() -> dict[str, int]:
    """Ground -> how many records were left out of answers that are given."""
    given = Exemption.objects.filter(case__answered_at__isnull=False)
    counted = given.values("ground").annotate(number=Sum("records")).order_by("-number", "ground")
    return {row["ground"]: row["number"] for row in counted}


def annotations_of(case: Case) -> list[Annotation]:
    """What this person said of records that we did not correct."""
    return list(Annotation.objects.filter(email=case.email)) if case.email else []


def _told(row: Refusal, mailed: bool, copied: bool) -> Told:
    ended = row.case.closed_at is not None
    ground = ground_of(row.law, row.right, row.ground)
    assert row.told_at is not None  # noqa: S101 - the store says so
    return Told(
        ground=row.ground,
        two=bool(row.told_by) and row.told_by != row.proposed_by,
        reasons=ended or bool(row.because),
        noticed=ended or mailed,
        told_on=office_day(row.told_at, row.case.clock),
        tell_by=row.tell_by,
        copy_owed=bool(ground and ground.keep) and not copied,
    )
