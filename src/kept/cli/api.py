"""`kept api`: the company's own apps that may open requests for people."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from kept.rights.api.models import Client

app = typer.Typer()
api = typer.Typer(help="The company's own apps that may open requests for people.", no_args_is_help=True)
app.add_typer(api, name="api")


@api.callback()
def group() -> None:
    """The company's own apps that may open requests for people."""


@api.command("add")
def add(
    name: Annotated[str, typer.Argument(help="What colleagues call the app.", metavar="NAME")],
    scope: Annotated[list[str], typer.Option(help="What it may do. Repeatable.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of lines.")] = False,
) -> None:
    """Let an app in, and print its token: this once, and never again."""
    from kept.cli.store import migrate_store, open_store

    open_store()
    migrate_store()
    from django.utils import timezone

    from kept.rights.api.actions import add_client
    from kept.rights.api.errors import BadApp, NameTaken
    from kept.rights.api.scopes import SCOPES
    from kept.terms import Actor

    try:
        added = add_client(name, scope, by=Actor.kept(), at=timezone.now())
    except NameTaken:
        typer.echo("An app of this name is in use. Choose another name, or revoke that one.", err=True)
        raise typer.Exit(1) from None
    except BadApp as bad:
        typer.echo(f"{bad} There are: {', '.join(SCOPES)}.", err=True)
        raise typer.Exit(2) from None
    if as_json:
        typer.echo(json.dumps(_said(added.client) | {"token": added.token}, indent=2))
    else:
        typer.echo(added.token)
        typer.echo("Copy it now: it is stored nowhere.", err=True)


@api.command("list")
def list_them(
    as_json: Annotated[bool, typer.Option("--json", help="A JSON array instead of lines.")] = False,
) -> None:
    """List the apps: what each may do, and when it came last."""
    from kept.cli.store import migrate_store, open_store

    open_store()
    migrate_store()
    from kept.rights.api.access import clients

    told = [_said(client) for client in clients()]
    if as_json:
        typer.echo(json.dumps(told, indent=2))
        return
    for one in told:
        used = f"used last {one['used_at']}" if one["used_at"] else "never used"
        ended = f", shut out {one['revoked_at']}" if one["revoked_at"] else ""
        typer.echo(f"{one['id']}  {one['name']}  …{one['token_hint']}  {' '.join(one['scopes'])}  {used}{ended}")
    if not told:
        typer.echo("No app is let in yet.")


@api.command("revoke")
def revoke(
    which: Annotated[str, typer.Argument(help="The app's id or its name: kept api list shows both.", metavar="APP")],
) -> None:
    """Shut an app out: its token opens nothing any more, at once."""
    from kept.cli.store import migrate_store, open_store

    open_store()
    migrate_store()
    from django.utils import timezone

    from kept.rights.api.access import clients
    from kept.rights.api.actions import revoke_client
    from kept.terms import Actor

    found = next((one for one in clients() if which in (str(one.pk), one.name)), None)
    if found is None:
        typer.echo("There is no app of that id or name. See: kept api list", err=True)
        raise typer.Exit(2)
    revoke_client(found, by=Actor.kept(), at=timezone.now())
    typer.echo(f"{found.name} is shut out.")


def _said(client: Client) -> dict[str, Any]:
    return {
        "id": str(client.pk),
        "name": client.name,
        "scopes": client.scopes,
        "token_hint": client.token_hint,
        "made_at": client.made_at.isoformat(),
        "used_at": client.used_at.isoformat() if client.used_at else None,
        "revoked_at": client.revoked_at.isoformat() if client.revoked_at else None,
    }
