"""`kept restore`: a backup in the place of the store, and everything since done again before anybody is served."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from datetime import datetime

    from kept.security.backup.reading import Keys

app = typer.Typer()


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="The backup of data.", metavar="FILE")],
    keys: Annotated[Path | None, typer.Option("--keys", help="The backup of keys. Default: the newest beside.")] = None,
    without_keys: Annotated[
        bool, typer.Option("--without-keys", help="There is none any more: what is sealed stays unreadable.")
    ] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Put it in the place of the store that is there.")] = False,
    replays: Annotated[
        list[Path] | None, typer.Option("--replays", help="A further replay list, of another host. Repeat it.")
    ] = None,
    without_replays: Annotated[
        bool, typer.Option("--without-replays", help="The replay list is lost: what was erased since comes back.")
    ] = False,
) -> None:
    """Restore a backup. What was erased, objected to or suppressed since is done again before Kept serves.

    Kept must not run. Stopped at any point, give the same command again.
    """
    from kept.cli.store import open_store

    open_store()
    from django.conf import settings

    from kept.cli.process import Busy, only_one
    from kept.engine.errors import EngineError
    from kept.security.backup.errors import BackupError
    from kept.vault.errors import VaultError

    try:
        with only_one(Path(settings.DATA) / "run.lock"):
            _restore(file, keys, without_keys, replace, replays or [], without_replays)
    except Busy:
        _refuse(f"`kept run` uses {settings.DATA}. Stop it first.")
    except (BackupError, VaultError, EngineError) as problem:
        _refuse(str(problem))
    except OSError as problem:
        _refuse(f"{problem.filename or 'a file'}: {problem.strerror}.")


def _restore(
    file: Path, keys: Path | None, without_keys: bool, replace: bool, lists: list[Path], without_replays: bool
) -> None:
    from django.utils import timezone

    from kept.cli.store import migrate_store
    from kept.security.backup import folder, replays, restoring
    from kept.security.backup.actions import restore_over
    from kept.security.backup.errors import RestoreRefused
    from kept.security.backup.making import working_folder
    from kept.security.backup.reading import read_data
    from kept.terms import Actor
    from kept.vault.keys import forget_unwrapped
    from kept.vault.master import master_key

    at = timezone.now()
    if not without_replays and not replays.list_file().exists() and not lists:
        mend = "Bring it back (--replays FILE), or say --without-replays: then erased people come back."
        raise RestoreRefused(f"The replay list {replays.list_file()} is not there. {mend}")
    for path in lists:
        if not path.is_file():
            raise RestoreRefused(f"There is no file {path}.")
    with folder.alone(folder.folder()), working_folder(folder.folder()) as work:
        data = read_data(file, work, master_key())
        known = None if without_keys else _keys(file, keys, data.made_at)
        restoring.may_replace(data, replace=replace)
        restoring.put_in_place(data, known, at)
    forget_unwrapped()
    migrate_store()
    typer.echo(f"The store is as it was on {data.made_at:%Y-%m-%d %H:%M} UTC. Now what was done since is done again.")
    notes = replays.notes_since(data.made_at - folder.OVERLAP, lists)
    _go_on_with_the_ledger(at)
    done = replays.apply(notes, by=Actor.kept(), at=timezone.now())
    restore_over(done, by=Actor.kept(), at=timezone.now())
    restoring.over()
    typer.echo(f"{len(notes)} notes on the replay list, {done} of them had something left to do. Kept may serve again.")


def _keys(file: Path, given: Path | None, made_at: datetime) -> Keys:
    """The newest keys: those of a person who was erased since are not among them."""
    from kept.security.backup.errors import RestoreRefused
    from kept.security.backup.folder import backups_in, folder
    from kept.security.backup.reading import read_keys
    from kept.vault.master import master_key

    found = [one.path for place in (file.parent, folder()) for one in backups_in(place) if one.what == "keys"]
    path = given or max(found, key=lambda one: one.name, default=None)
    if path is None:
        mend = "Name one (--keys FILE), or say --without-keys: then what is sealed stays unreadable."
        raise RestoreRefused(f"There is no backup of keys beside {file.name}. {mend}")
    keys = read_keys(path, master_key())
    if keys.made_at < made_at:
        raise RestoreRefused(f"{path.name} is older than the data: it lacks keys. Take one that was made with it.")
    return keys


def _go_on_with_the_ledger(at: datetime) -> None:
    """Under another name, so that no checkpoint clashes with one from after the backup."""
    from kept.security.actions import begin_again
    from kept.security.ledger_errors import LedgerError
    from kept.terms import Actor

    try:
        begin_again("restored", by=Actor.kept(), at=at)
    except LedgerError as problem:
        typer.echo(f"kept: the ledger: {problem}", err=True)


def _refuse(words: str) -> None:
    typer.echo(f"kept: {words}", err=True)
    raise typer.Exit(1)
