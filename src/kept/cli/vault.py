"""`kept vault`: the keys that seal what Kept stores."""

from __future__ import annotations

import json
from typing import Annotated

import typer

app = typer.Typer()
vault = typer.Typer(no_args_is_help=True)
app.add_typer(vault, name="vault")


@vault.callback()
def group() -> None:
    """The keys that seal what Kept stores about people."""


@vault.command("rotate")
def rotate(
    master: Annotated[
        bool, typer.Option("--master", help="The master key was changed: wrap with its first key, so the old can go.")
    ] = False,
) -> None:
    """Wrap every person's key anew, while Kept runs. The work is done by `kept run` or `kept worker`."""
    from kept.cli.store import migrate_store, open_store

    open_store()
    migrate_store()
    from django.utils import timezone

    from kept.security.vault.actions import begin_rotation, wrap_with_new_master
    from kept.terms import Actor
    from kept.vault.errors import MasterKeyProblem

    try:
        if master:
            count = wrap_with_new_master(by=Actor.kept(), at=timezone.now())
            typer.echo(f"{count} keys are wrapped with the new master key. The old one is no longer needed here.")
            typer.echo("Backups made before today still need it: keep it for 35 days.")
            return
        number = begin_rotation(by=Actor.kept(), at=timezone.now())
    except MasterKeyProblem as problem:
        typer.echo(f"kept: {problem}", err=True)
        raise typer.Exit(1) from None
    typer.echo(f"Generation {number} wraps what is new from now on. The others are wrapped anew in the background.")


@vault.command("show")
def show() -> None:
    """How many keys there are, and what wraps them."""
    from kept.cli.store import migrate_store, open_store

    open_store()
    migrate_store()
    from django.db.models import Count

    from kept.vault.models import Generation, Key

    counts = dict(Key.objects.values_list("generation_id").annotate(count=Count("number")).order_by())
    for generation in Generation.objects.exclude(number=Generation.INDEX).order_by("number"):
        made = f"{generation.made_at:%Y-%m-%d %H:%M} UTC"
        typer.echo(f"generation {generation.number}, made {made}: {counts.get(generation.number, 0):,} keys")


@vault.command("fields")
def fields(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of lines.")] = False,
) -> None:
    """Which fields of Kept's own store are sealed, and which are open and why.

    Exit code 1: nobody has decided about some.
    """
    from kept.cli.store import open_store

    open_store()
    from kept.vault.fields import sealed_models
    from kept.vault.open import open_fields, undecided

    sealed = [field.place for _, fields in sealed_models() for field in fields]
    unknown = undecided()
    if as_json:
        why = {place: one.why for place, one in sorted(open_fields().items())}
        typer.echo(json.dumps({"sealed": sealed, "open": why, "undecided": unknown}, indent=2))
    else:
        for place in sealed:
            typer.echo(f"{place}: sealed")
        for place, one in sorted(open_fields().items()):
            typer.echo(f"{place}: open. {one.why}")
        for place in unknown:
            typer.echo(f"{place}: nobody has decided", err=True)
    raise typer.Exit(int(bool(unknown)))
