"""What the vault does by itself."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from kept.security.vault.actions import rewrap_batch
from kept.security.vault.clear import look_for_clear_text
from kept.terms import Actor
from kept.vault.errors import MasterKeyProblem
from kept.work.models import Step
from kept.work.registry import task
from kept.work.steps import finish, retry_later


@task("vault.look", every=timedelta(hours=6))
def look(steps: list[Step]) -> None:
    """Plant a secret word in everything that is sealed, and look for it in clear."""
    try:
        found = look_for_clear_text(by=Actor.kept(), at=timezone.now())
    except (MasterKeyProblem, OSError) as problem:
        for step in steps:
            retry_later(step, f"The look could not be made ({type(problem).__name__}).", at=timezone.now())
        return
    with transaction.atomic():
        for step in steps:
            finish(step, {"in_clear": len(found.in_clear), "unsure": len(found.unsure)}, at=timezone.now())


@task("vault.rewrap")
def rewrap(steps: list[Step]) -> None:
    """A batch of a rotation. Killed anywhere, it is done again: each key opens before and after."""
    for step in steps:
        rewrap_batch(step, by=Actor.kept(), at=timezone.now())


@task("vault.scrub", batch=100)
def scrub(steps: list[Step]) -> None:
    """Overwrite what the database keeps of destroyed keys: old row versions, and the write-ahead log of SQLite."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM vault_key")
        else:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    at = timezone.now()
    with transaction.atomic():
        for step in steps:
            finish(step, at=at)
