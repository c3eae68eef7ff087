"""`kept drp`: the agents that people let ask for them, over the Data Rights Protocol."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer()
drp = typer.Typer(help="Requests of authorised agents, over the Data Rights Protocol.", no_args_is_help=True)
agent = typer.Typer(help="The agent directory: whose signature is taken.", no_args_is_help=True)
app.add_typer(drp, name="drp")
drp.add_typer(agent, name="agent")

MOST_BYTES = 4 * 1024 * 1024


@agent.callback()
def group() -> None:
    """The agent directory: whose signature is taken."""


@agent.command("add")
def add(
    agent_id: Annotated[str, typer.Argument(help="Its id in the directory.", metavar="ID")] = "",
    name: Annotated[str, typer.Option(help="What people know it as.")] = "",
    key: Annotated[str, typer.Option(help="Its verify_key: an Ed25519 public key in base64.")] = "",
    web_url: Annotated[str, typer.Option(help="Its site.")] = "",
    identity_assurance_url: Annotated[str, typer.Option(help="How it checks who people are.")] = "",
    technical_contact: Annotated[str, typer.Option(help="An address.")] = "",
    business_contact: Annotated[str, typer.Option(help="An address.")] = "",
    file: Annotated[
        Path | None, typer.Option(help="Instead: a JSON file of the directory, one entry or a list of them.")
    ] = None,
) -> None:
    """Trust an agent, or change the one of that id. With --file, every agent in the directory's own file."""
    entry: dict[str, Any] = {
        "id": agent_id,
        "name": name,
        "verify_key": key,
        "web_url": web_url,
        "identity_assurance_url": identity_assurance_url,
        "technical_contact": technical_contact,
        "business_contact": business_contact,
    }
    if (file is None) == (not agent_id):
        typer.echo("Give an ID with --name and --key, or a --file.", err=True)
        raise typer.Exit(2)
    entries = [entry] if file is None else _entries(file)
    from kept.cli.store import migrate_store, open_store

    open_store()
    migrate_store()
    from django.db import transaction
    from django.utils import timezone

    from kept.rights.drp.actions import add_agent
    from kept.rights.drp.errors import BadAgent
    from kept.terms import Actor

    added = []
    try:
        with transaction.atomic():  # all of a file, or none of it
            for one in entries:
                added.append(add_agent(one, by=Actor.kept(), at=timezone.now()))
    except BadAgent as bad:
        where = f"Entry {len(added) + 1}: " if file is not None else ""
        typer.echo(f"{where}{bad} Nothing was changed.", err=True)
        raise typer.Exit(2) from None
    for trusted in added:
        typer.echo(f"{trusted.agent_id} is trusted: {trusted.name}")


@agent.command("list")
def list_them(
    as_json: Annotated[bool, typer.Option("--json", help="A JSON array instead of lines.")] = False,
) -> None:
    """List the agents, those in use first."""
    from kept.cli.store import migrate_store, open_store

    open_store()
    migrate_store()
    from kept.rights.drp.access import agents

    told = [
        {
            "id": one.agent_id,
            "name": one.name,
            "verify_key": one.verify_key,
            "web_url": one.web_url,
            "identity_assurance_url": one.identity_assurance_url,
            "technical_contact": one.technical_contact,
            "business_contact": one.business_contact,
            "token": one.token_hash is not None,
            "ended_at": one.ended_at.isoformat() if one.ended_at else None,
        }
        for one in agents()
    ]
    if as_json:
        typer.echo(json.dumps(told, indent=2, ensure_ascii=False))
        return
    for row in told:
        state = f"ended {row['ended_at']}" if row["ended_at"] else "token set up" if row["token"] else "no token yet"
        typer.echo(f"{row['id']}  {row['name']}  {row['verify_key']}  {state}")
    if not told:
        typer.echo("No agent is trusted yet.")


@agent.command("end")
def end(agent_id: Annotated[str, typer.Argument(help="Its id in the directory.", metavar="ID")]) -> None:
    """Take nothing of an agent any more. What it has asked before goes on."""
    from kept.cli.store import migrate_store, open_store

    open_store()
    migrate_store()
    from django.utils import timezone

    from kept.rights.drp.access import agents
    from kept.rights.drp.actions import end_agent
    from kept.terms import Actor

    found = next((one for one in agents() if one.agent_id == agent_id), None)
    if found is None:
        typer.echo("There is no agent of that id. See: kept drp agent list", err=True)
        raise typer.Exit(2)
    end_agent(found, by=Actor.kept(), at=timezone.now())
    typer.echo(f"{found.agent_id} has ended.")


def _entries(file: Path) -> list[dict[str, Any]]:
    try:
        raw = file.read_bytes()
        found = json.loads(raw) if len(raw) <= MOST_BYTES else None
    except (OSError, ValueError, RecursionError):
        found = None
    entries: list[Any] = found if isinstance(found, list) else [found]
    if not entries or not all(isinstance(one, dict) for one in entries):
        typer.echo(f"{file} holds no entries of an agent directory in JSON.", err=True)
        raise typer.Exit(2)
    return entries
