"""Opening Kept's own store: Django set up, the checks passed, the tables in their newest form."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

MIGRATION_LOCK = 0x6B657074  # "kept"


def open_store() -> None:
    """Set Django up, or end with one line for each setting that cannot be used."""
    import django

    from kept.site.environment import BadSetting

    os.umask(0o077)  # what Kept makes is its owner's alone
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kept.site.settings")
    try:
        django.setup()
    except BadSetting as problem:
        typer.echo(f"kept: {problem}", err=True)
        raise typer.Exit(1) from None


def pass_checks() -> None:
    """End with one line for each dangerous setting. What only deserves a look is told, and does not stop."""
    from kept.site.checks import faults

    found = faults()
    for fault in found:
        typer.echo(f"kept: {fault}", err=True)
    if any(fault.stops for fault in found):
        raise typer.Exit(1)


def migrate_store() -> None:
    """Bring the tables to their newest form. Several starts at once: one does it, the others wait."""
    from django.core.management import call_command

    with _migrations_locked():
        call_command("migrate", interactive=False, verbosity=0)


@contextmanager
def _migrations_locked() -> Iterator[None]:
    from django.conf import settings
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATION_LOCK])
    else:
        with (Path(settings.DATA) / "migrate.lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
