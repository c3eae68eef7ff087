"""Making the copies that a refusal owes, and destroying them when their time is over."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kept.engine.errors import EngineError
from kept.rights.models import Case
from kept.rights.preserved import actions
from kept.rights.preserved.access import is_over
from kept.rights.preserved.files import remove_files_of_nothing, write_preserved
from kept.rights.preserved.models import Dispute, PreservedCopy
from kept.terms import Actor
from kept.vault.errors import KeyDestroyed
from kept.work.models import Step
from kept.work.registry import task
from kept.work.steps import drop, finish

KEPT = Actor.kept()


@task(actions.PRESERVE, batch=20)
def preserve(steps: list[Step]) -> None:
    """Write each copy; a killed one is written anew, under the same name."""
    for step in steps:
        copy = PreservedCopy.objects.select_related("case").filter(pk=UUID(step.args["copy"])).first()
        if copy is None or copy.state != PreservedCopy.State.PENDING:
            with transaction.atomic():
                drop(step, "Nothing is to be preserved any more.", at=timezone.now())
            continue
        try:
            file = write_preserved(copy, timezone.now())
        except EngineError as problem:
            actions.not_preserved(step, copy, str(problem), by=KEPT, at=timezone.now())
        except OSError as problem:
            why = f"The file could not be written ({problem.strerror})."
            actions.not_preserved(step, copy, why, by=KEPT, at=timezone.now())
        except KeyDestroyed:
            actions.preserved(step, copy, None, by=KEPT, at=timezone.now())
        else:
            actions.preserved(step, copy, file, by=KEPT, at=timezone.now())


@task("rights.owe_copy")
def owe_copy(steps: list[Step]) -> None:
    """Of an answer from which something was left out that the law wants preserved."""
    for step in steps:
        case, at = Case.objects.filter(pk=step.about).first() if step.about else None, timezone.now()
        with transaction.atomic():
            owed = case is not None and case.key is not None and not case.preserved.exists()
            if case is not None and owed:
                actions.begin_preserving(case, by=KEPT, at=at)
            finish(step, {"owed": owed}, at=at)


@task("rights.destroy_preserved", every=timedelta(hours=1))
def destroy_preserved(steps: list[Step]) -> None:
    """What is past its last day goes, unless a review or a complaint runs."""
    now, gone = timezone.now(), 0
    for copy in PreservedCopy.objects.exclude(state=PreservedCopy.State.DESTROYED):
        if is_over(copy, now):
            gone += actions.preserved_destroyed(copy, by=KEPT, at=now)
    removed = sum(1 for _ in remove_files_of_nothing(now))
    with transaction.atomic():
        for step in steps:
            finish(step, {"destroyed": gone, "files": removed}, at=timezone.now())


@task("rights.dispute_begun")
def dispute_begun(steps: list[Step]) -> None:
    """Another room says that a complaint about a refusal runs: `case`, `kind`, `of`."""
    for step in steps:
        case, at = Case.objects.filter(pk=step.about).first() if step.about else None, timezone.now()
        of = UUID(step.args["of"]) if step.args.get("of") else None
        with transaction.atomic():
            copies = list(case.preserved.all()) if case else []
            for copy in copies:
                actions.begin_dispute(copy, str(step.args.get("kind", "complaint")), of=of, by=KEPT, at=at)
            finish(step, {"copies": len(copies)}, at=at)


@task("rights.dispute_ended")
def dispute_ended(steps: list[Step]) -> None:
    """That complaint is closed."""
    for step in steps:
        at = timezone.now()
        of = UUID(step.args["of"]) if step.args.get("of") else None
        with transaction.atomic():
            open_ones = list(Dispute.objects.filter(copy__case=step.about, of=of, ended_at=None))
            for dispute in open_ones:
                actions.end_dispute(dispute, by=KEPT, at=at)
            finish(step, {"disputes": len(open_ones)}, at=at)
