"""What is done with the control register."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from kept.security.controls.usual import usual_controls
from kept.security.ledger import action, record, unchanged
from kept.security.models.controls import Control, Review
from kept.terms import Actor

MAY_KEEP = ("privacy_officer", "engineer")
AGAIN_AFTER_FAULT = 30  # days: what does not work is looked at again within a month


class ControlError(Exception):
    """Base of what the control register refuses. Nothing was changed."""


class MayNotKeep(ControlError):
    """The register is kept by the privacy officer and engineers. Nothing was changed."""


class ControlEnded(ControlError):
    """This control is no longer in use. Nothing was changed."""


class SameTitle(ControlError):
    """A control of that title is in use already. Nothing was changed."""


@action
def add_control(title: str, kind: str, does: str, owner: str, days: int, *, by: Actor, at: datetime) -> Control:
    """Add a measure. Its first review is due at once: nobody has seen that it works. Raises MayNotKeep, SameTitle."""
    _may_keep(by)
    try:
        with transaction.atomic():
            control = Control.objects.create(
                title=title, kind=kind, does=does, owner=owner, days=days, added_at=at, due_on=at.date()
            )
    except IntegrityError:
        raise SameTitle(title) from None
    record("security.control_added", control, by=by, at=at, area=kind)
    return control


@action
def add_usual_controls(*, by: Actor, at: datetime) -> int:
    """Add those of the shipped list that are not there. Each is given a month to its first review. Returns how many."""
    _may_keep(by)
    there = set(Control.objects.values_list("title", flat=True))
    added = [one for one in usual_controls() if one["title"] not in there]
    for one in added:
        due = (at + timedelta(days=30)).date()
        control = Control.objects.create(added_at=at, due_on=due, **one)
        record("security.control_added", control, by=by, at=at, area=control.kind)
    if not added:
        unchanged()
    return len(added)


@action
def review_control(control: Control, outcome: str, evidence: str, *, by: Actor, at: datetime) -> Control:
    """Say whether it works, and what was looked at. What does not is due again within a month.

    Raises MayNotKeep, ControlEnded.
    """
    _may_keep(by)
    control = Control.objects.select_for_update().get(pk=control.pk)
    if control.ended_at is not None:
        raise ControlEnded(control.title)
    works = outcome == Control.Outcome.WORKS
    Review.objects.create(control=control, outcome=outcome, evidence=evidence, by=str(by), at=at)
    days = control.days if works else min(control.days, AGAIN_AFTER_FAULT)
    control.due_on = (at + timedelta(days=days)).date()
    control.save(update_fields=["due_on"])
    record("security.control_reviewed", control, by=by, at=at, outcome=outcome)
    return control


@action
def end_control(control: Control, *, by: Actor, at: datetime) -> Control:
    """It is no longer in use; its reviews stay. A second call changes nothing. Raises MayNotKeep."""
    _may_keep(by)
    control = Control.objects.select_for_update().get(pk=control.pk)
    if control.ended_at is not None:
        unchanged()
        return control
    control.ended_at = at
    control.save(update_fields=["ended_at"])
    record("security.control_ended", control, by=by, at=at)
    return control


def _may_keep(by: Actor) -> None:
    if by.role != "kept" and by.role not in MAY_KEEP:
        raise MayNotKeep(by.role)
