"""`kept inbox list|take`: the mail that came in."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from kept.cli.store import migrate_store, open_store

app = typer.Typer()
inbox = typer.Typer(help="The mail that came in.", no_args_is_help=True)
app.add_typer(inbox, name="inbox")


@inbox.callback()
def group() -> None:
    """The mail that came in."""


@inbox.command("list")
def list_mails(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    limit: Annotated[int, typer.Option(help="How many, the newest first.", min=1, max=100_000)] = 100,
) -> None:
    """List the mails: hash, verdicts about the sender, what was opened, replies sent, attachments."""
    open_store()
    migrate_store()
    from kept.collection.mail.listing import rows

    found = rows(limit)
    if as_json:
        typer.echo(json.dumps(found))
        return
    for one in found:
        typer.echo(_line(one))
    if not found:
        typer.echo("No mail came in yet.")


@inbox.command("take")
def take(
    file: Annotated[str, typer.Argument(help="The mail as a file; -: from standard input.", metavar="FILE")],
    to: Annotated[list[str] | None, typer.Option("--to", help="The mailbox that it came to. Repeat for more.")] = None,
) -> None:
    """Take a mail in by hand, as if it had come now. The same mail twice is one mail."""
    try:
        raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as problem:
        typer.echo(f"kept: {file} cannot be read: {problem.strerror}.", err=True)
        raise typer.Exit(2) from None
    if not raw.strip():
        typer.echo(f"kept: {file} is empty: nothing was taken in.", err=True)
        raise typer.Exit(2)
    open_store()
    migrate_store()
    from django.utils import timezone

    from kept.collection.mail.actions import take_in
    from kept.collection.mail.errors import TooLarge
    from kept.terms import Actor

    try:
        taken = take_in(raw, door="hand", mailboxes=to or [], by=Actor.kept(), at=timezone.now())
    except TooLarge as problem:
        typer.echo(f"kept: {problem} Nothing was taken in.", err=True)
        raise typer.Exit(1) from None
    typer.echo(f"{taken.mail.sha256}  {'taken in; the worker reads it' if taken.new else 'was taken in before'}")


def _line(one: dict[str, Any]) -> str:
    opened = ", ".join(f"{item['wish']} {item['case'] or item['state']}" for item in one["items"]) or "nothing opened"
    about = f"{one['state']}; {opened}; replies: {one['replies']}; attachments: {len(one['attachments'])}"
    return f"{one['received_at'][:19]}  {one['sha256'][:12]}  {about}"
