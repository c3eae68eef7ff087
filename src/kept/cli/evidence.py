"""`kept evidence`: one signed file about a request, a complaint or an enquiry, and whether such a file is whole."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from kept.cli.store import migrate_store, open_store

DONE, NOT_DONE, WRONG_USE, CANNOT_TELL = 0, 1, 2, 3


class NumberFirst(TyperGroup):
    """`kept evidence HC-2026-4F7K2 --out FILE` is `kept evidence make HC-2026-4F7K2 --out FILE`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            args = ["make", *args]
        return super().parse_args(ctx, args)


app = typer.Typer()
evidence = typer.Typer(help="One signed file for an authority or a court.", no_args_is_help=True, cls=NumberFirst)
app.add_typer(evidence, name="evidence")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@evidence.callback()
def group() -> None:
    """One signed file for an authority or a court."""


@evidence.command("make")
def make(
    number: Annotated[str, typer.Argument(help="The number of a request, complaint or enquiry.", metavar="CASE")],
    out: Annotated[Path, typer.Option("--out", help="Where the file is written. It must not be there yet.")],
    as_json: AsJson = False,
) -> None:
    """Write the bundle of evidence about a case. It names nobody: what does takes two officers, on the desk."""
    open_store()
    migrate_store()
    from django.utils import timezone

    from kept.complaints.actions import bundle_made_elsewhere
    from kept.complaints.evidence.writing import write
    from kept.people.matters import numbered
    from kept.security.ledger_errors import LedgerError
    from kept.terms import Actor

    matter = numbered(number)
    if matter is None:
        typer.echo(f"kept: nothing has the number {number[:40]!r}. Nothing was written.", err=True)
        raise typer.Exit(WRONG_USE)
    try:
        made = write(matter.name, timezone.now())
    except LedgerError as problem:
        typer.echo(f"kept: {problem} Nothing was written.", err=True)
        raise typer.Exit(NOT_DONE) from None
    try:
        with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(made.raw)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        typer.echo(f"kept: {out} is there already. Nothing was written.", err=True)
        raise typer.Exit(WRONG_USE) from None
    except OSError as problem:
        typer.echo(f"kept: {out} cannot be written: {problem.strerror}.", err=True)
        raise typer.Exit(NOT_DONE) from None
    bundle_made_elsewhere(matter, made, by=Actor.kept(), at=timezone.now())
    told = {"file": str(out), "reference": made.reference, "entries": made.entries, "sha256": made.sha256}
    if as_json:
        typer.echo(json.dumps(told))
        return
    typer.echo(f"{made.sha256}  {out}: {made.reference}, {made.entries} entries, each with its proof")


@evidence.command("verify")
def verify(
    file: Annotated[Path, typer.Argument(help="A bundle of evidence.")],
    key: Annotated[list[str], typer.Option(help="A verifier key to trust instead of this ledger's. Repeat it.")] = [],  # noqa: B006
    as_json: AsJson = False,
) -> None:
    """Check a bundle: the signature, every file, the proof of every entry, and that the timeline says the same."""
    from kept.security import verifier

    try:
        keys = [verifier.key_of(one) for one in key]
    except verifier.Wrong as problem:
        raise typer.BadParameter(str(problem), param_hint="--key") from None
    if not file.is_file():
        typer.echo(f"kept: {file} is no file.", err=True)
        raise typer.Exit(WRONG_USE)
    code, shown = DONE, dict[str, Any]()
    try:
        shown = verifier.check_bundle(str(file), keys or _own_keys())
    except verifier.Wrong as problem:
        code, shown = NOT_DONE, {"why": str(problem)}
    except verifier.Unsure as problem:
        code, shown = CANNOT_TELL, {"why": str(problem)}
    shown = {"verdict": {DONE: "true", NOT_DONE: "not true"}.get(code, "cannot tell"), **shown}
    if as_json:
        typer.echo(json.dumps(shown))
    else:
        for name, value in shown.items():
            typer.echo(verifier.plain(f"{name}: {value}"))
    raise typer.Exit(code)


def _own_keys() -> list[tuple[str, bytes, bytes]]:
    """Those that this store's ledger was ever signed with."""
    open_store()
    migrate_store()
    from kept.security import verifier
    from kept.security.notes import BadNote
    from kept.security.sequencer import keys_of, present_log

    try:
        return [verifier.key_of(one.text) for one in keys_of(present_log())]
    except BadNote as problem:
        typer.echo(f"The keys of this ledger cannot be read: name one with --key. {problem}", err=True)
        raise typer.Exit(CANNOT_TELL) from None
