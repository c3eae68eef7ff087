"""`kept system add|list`: the company's systems that requests are carried out in. They live in Kept's own store."""

from __future__ import annotations

import json
from typing import Annotated

import typer


def add(
    system: Annotated[str, typer.Argument(help="URL=PACK. A URL with a password goes into env:NAME or file:PATH.")],
    name: Annotated[str, typer.Option("--name", help="Lower-case letters, digits and hyphens: billing, help-desk.")],
    title: Annotated[str, typer.Option("--title", help="What people read.")],
    region: Annotated[str, typer.Option("--region", help="Where it stands: Germany, Singapore.")],
    owner: Annotated[str, typer.Option("--owner", help="Who in the company answers for it.")],
) -> None:
    """Connect a system to the site, or change the one of that name. From then on every request is carried out in it."""
    from kept.cli.store import migrate_store, open_store

    url, equals, pack = system.rpartition("=")
    if not equals or not url:
        raise typer.BadParameter("write URL=PACK, such as env:SHOP=fossbilling", param_hint="SYSTEM")
    open_store()
    migrate_store()
    from django.utils import timezone

    from kept.engine.errors import EngineError
    from kept.information.access import open_system
    from kept.information.actions import SystemRejected, add_system
    from kept.terms import Actor

    try:
        added = add_system(name, title, url, pack, region, owner, by=Actor.kept(), at=timezone.now())
    except SystemRejected as rejected:
        typer.echo(str(rejected), err=True)
        raise typer.Exit(2) from None
    typer.echo(f"{added.name} is connected with the pack {added.pack}.")
    try:
        faults, unknown = open_system(added).check()
    except EngineError as problem:
        typer.echo(f"It cannot be used yet. {problem}", err=True)
        raise typer.Exit(1) from None
    for fault in [*faults, *unknown]:
        typer.echo(f"  {fault}")
    if faults:
        typer.echo("Until this is mended, nobody is erased in it.")
        raise typer.Exit(1)
    if unknown:
        typer.echo("Until the pack knows these tables, no erasure in it is called done.")
        raise typer.Exit(3)
    typer.echo("The pack fits: every column is decided.")


def list_systems(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List the connected systems, and how each stood when it was last compared with its pack."""
    from kept.cli.store import migrate_store, open_store

    open_store()
    migrate_store()
    from kept.information.access import active_systems

    systems = active_systems()
    if as_json:
        rows = [
            {
                "name": one.name,
                "title": one.title,
                "pack": one.pack,
                "region": one.region,
                "owner": one.owner,
                "checked_at": one.checked_at.isoformat() if one.checked_at else None,
                "faults": one.faults,
                "problem": one.problem,
            }
            for one in systems
        ]
        typer.echo(json.dumps(rows))
        return
    for one in systems:
        standing = one.problem or (f"{len(one.faults)} faults" if one.faults else "fits its pack")
        if not one.checked_at and not one.problem:
            standing = "not compared yet"
        typer.echo(f"{one.name}: {one.title}, pack {one.pack}, {one.region}, {one.owner}; {standing}")
    if not systems:
        typer.echo("No system is connected yet: kept system add URL=PACK --name … --title … --region … --owner …")
