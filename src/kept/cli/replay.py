"""`kept replay`: after a company's own system was restored, what must be erased in it again."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from kept.information.models import System
    from kept.security.backup.replays import Note

DONE, NOT_DONE, WRONG_USE, CANNOT_TELL = 0, 1, 2, 3

app = typer.Typer()


@app.command()
def replay(
    system: Annotated[str, typer.Option("--system", help="The system that was restored, by its name.")],
    since: Annotated[datetime, typer.Option("--since", help="The day, or the moment in UTC, of its backup.")],
    out: Annotated[Path | None, typer.Option("--out", help="Write the list there instead of printing it.")] = None,
    run: Annotated[bool, typer.Option("--run", help="Erase these people in the system again, now.")] = False,
    lists: Annotated[
        list[Path] | None, typer.Option("--replays", help="A further replay list, of another host. Repeat it.")
    ] = None,
) -> None:
    """The erasures that a restore of one system undid, as a list that names nobody; with --run, done again."""
    from kept.cli.store import migrate_store, open_store

    open_store()
    migrate_store()
    from kept.engine.errors import EngineError
    from kept.information.models import System
    from kept.security.backup.errors import BackupError
    from kept.security.backup.replays import notes_since
    from kept.security.backup.tasks import write_replays_out
    from kept.vault.errors import VaultError

    known = System.objects.filter(name=system).first()
    if known is None:
        typer.echo("kept: there is no system of that name. `kept system list` has them all.", err=True)
        raise typer.Exit(WRONG_USE)
    try:
        write_replays_out()
        from_then = since if since.tzinfo else since.replace(tzinfo=UTC)
        notes = [
            one
            for one in notes_since(from_then, lists or [])
            if one.kind == "erasure" and one.facts.get("system") == known.name
        ]
        code = _run(known, notes) if run else _list(known, notes, from_then, out)
    except (BackupError, VaultError, EngineError) as problem:
        typer.echo(f"kept: {problem}", err=True)
        raise typer.Exit(NOT_DONE) from None
    except OSError as problem:
        typer.echo(f"kept: {problem.filename or 'a file'}: {problem.strerror}.", err=True)
        raise typer.Exit(NOT_DONE) from None
    raise typer.Exit(code)


def _list(system: System, notes: list[Note], since: datetime, out: Path | None) -> int:
    from kept.security.backup.replays import list_key

    said = {
        "format": "kept-replay/1",
        "system": system.name,
        "since": since.isoformat(),
        "hash": "first 16 bytes of HMAC-SHA256(key, kind 0x1F scope 0x1F value), in hexadecimal",
        "key": list_key(system.name),
        "erasures": [
            {"id": one.id, "at": one.at.isoformat(), "identifiers": one.facts["identifiers"]} for one in notes
        ],
    }
    text = json.dumps(said, indent=1) + "\n"
    if out is None:
        typer.echo(text, nl=False)
        return DONE
    if out.exists():
        typer.echo(f"kept: {out} is there already: name another file, or remove it.", err=True)
        return WRONG_USE
    out.touch(mode=0o600)
    out.write_text(text, encoding="utf-8")
    typer.echo(f"{len(notes)} erasures: {out}")
    return DONE


def _run(system: System, notes: list[Note]) -> int:
    from django.utils import timezone

    from kept.rights.replaying import erase_again_in
    from kept.terms import Actor, Verdict

    done = erase_again_in(system, notes, by=Actor.kept(), at=timezone.now())
    back = [one for one in done if one.residue is not None]
    for one in back:
        typer.echo(f"{one.note}: {one.erased} records, {one.verdict}")
    typer.echo(f"{len(done)} erasures on the list, {len(back)} people had come back.")
    verdicts = {one.verdict for one in done}
    return NOT_DONE if Verdict.NOT_DONE in verdicts else CANNOT_TELL if Verdict.CANNOT_TELL in verdicts else DONE
