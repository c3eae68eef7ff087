"""`kept backup`: the store, the files beside it and the keys, each encrypted, while Kept runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()


@app.command()
def backup(
    to: Annotated[Path | None, typer.Option("--to", help="The folder to write. Default: KEPT_BACKUPS.")] = None,
) -> None:
    """Write a backup: one file of data, kept for 35 days, and one of keys, kept for 7. Kept may run meanwhile."""
    from kept.cli.store import migrate_store, open_store

    open_store()
    migrate_store()
    from django.utils import timezone

    from kept.security.backup.actions import backup_made
    from kept.security.backup.errors import BackupError
    from kept.security.backup.folder import folder
    from kept.security.backup.making import make
    from kept.security.backup.tasks import remove, write_replays_out
    from kept.terms import Actor
    from kept.vault.errors import MasterKeyProblem

    at = timezone.now()
    try:
        write_replays_out()
        made = make((to or folder()).resolve(), at)
        backup_made(made, by=Actor.kept(), at=at)
        removed = remove(at)
    except (BackupError, MasterKeyProblem) as problem:
        typer.echo(f"kept: {problem}", err=True)
        raise typer.Exit(1) from None
    except OSError as problem:
        typer.echo(f"kept: the backup could not be written: {problem.strerror}.", err=True)
        raise typer.Exit(1) from None
    typer.echo(f"data: {made.data} ({made.rows:,} rows of {made.tables} tables)")
    typer.echo(f"keys: {made.keys}")
    if removed:
        typer.echo(f"{removed} older files were removed: their days were over.")
