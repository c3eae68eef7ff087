"""The end of a case: name and address are erased after the download period, the rest three years later."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef

from kept.people.actions import forget_person
from kept.people.matters import held_by
from kept.people.models import Person
from kept.post.models import FORGOTTEN, Message
from kept.rights.actions.at_once import keeps_contact
from kept.rights.actions.steps import end_without_contact
from kept.rights.models import Case, Package
from kept.rights.reach.models import PaperLetter
from kept.rights.rules import DOWNLOAD_LIFE, last_proof
from kept.security.ledger import action, record, unchanged
from kept.terms import Actor


@action
def close_due_cases(*, by: Actor, at: datetime) -> int:
    """Close what was answered or refused 30 days ago: whom it was about is erased. Returns how many.

    What is held by something stays open, and a refusal whose copy is owed to the law and not made yet.
    A restriction that is not over keeps its request: its person must be told before it ends.
    """
    over = at - DOWNLOAD_LIFE
    told = (Case.State.ANSWERED, Case.State.REFUSED)
    due = Case.objects.select_for_update(of=("self",)).filter(state__in=told, answered_at__lt=over)
    due = due.exclude(pk__in=Case.objects.filter(preserved__state="pending"))
    due = due.exclude(pk__in=PaperLetter.objects.filter(state=PaperLetter.State.WAITING).values("case"))
    closed = 0
    for case in due:
        held = held_by(f"{case._meta.label_lower}:{case.pk}")  # somebody complains about it, or an authority asks
        if held or keeps_contact(case):
            continue
        end_without_contact(case, Case.State.CLOSED, by=by, at=at)
        record("rights.case_closed", case, by=by, at=at)
        closed += 1
    # Mails that were still on their way when their case ended.
    ended = Case.objects.filter(closed_at__lt=over).values("pk")
    late = Message.objects.filter(about__in=ended).exclude(key=None).exclude(state=Message.State.WAITING)
    if late.update(**FORGOTTEN):
        record("rights.mails_forgotten", "rights.case", by=by, at=at)
    elif not closed:
        unchanged()
    return closed


@action
def forget_old_cases(*, by: Actor, at: datetime) -> int:
    """Delete cases that were closed three years ago, with what the systems said. Returns how many."""
    over = Case.objects.filter(closed_at__lt=last_proof(at)).values_list("pk", flat=True)
    old = [pk for pk in over[:1000] if not held_by(f"{Case._meta.label_lower}:{pk}")]
    if not old:
        unchanged()
        return 0
    Case.objects.filter(pk__in=old).delete()
    record("rights.cases_forgotten", "rights.case", by=by, at=at, count=len(old))
    return len(old)


@action
def forget_persons(*, by: Actor, at: datetime) -> int:
    """Those who only ever asked, and about whom nothing is kept any longer, with their keys. Returns how many."""
    with_contact = Case.objects.filter(person=OuterRef("pk")).exclude(key=None)
    mailed = Message.objects.filter(key=OuterRef("pk"))
    idle = Person.objects.filter(~Exists(with_contact), ~Exists(mailed), account=None, annotations=None)[:1000]
    gone = 0
    for person in idle:
        forget_person(person, by=by, at=at)
        gone += 1
    if not gone:
        unchanged()
    return gone


@action
def package_removed(package: Package, *, by: Actor, at: datetime) -> None:
    """The file is gone from the disk."""
    if Package.objects.filter(pk=package.pk).exclude(file="").update(file=""):
        record("rights.package_removed", package, by=by, at=at)
    else:
        unchanged()


@action
def package_sealed(package: Package, file: str, *, by: Actor, at: datetime) -> None:
    """Its file, that an older version wrote in clear, is sealed now, under this name."""
    if Package.objects.filter(pk=package.pk, file=package.file).update(file=file):
        record("rights.package_sealed", package, by=by, at=at)
    else:
        unchanged()
