"""`kept demo`: the invented company, so that everything can be tried without anybody's data."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()
demo = typer.Typer(no_args_is_help=True)
app.add_typer(demo, name="demo")

SYSTEMS = {
    "billing": ("Billing", "demo-billing", "Accounts"),
    "helpdesk": ("Help desk", "demo-helpdesk", "Support"),
    "newsletter": ("Newsletter", "demo-newsletter", "Marketing"),
}
REGION = "Singapore"
People = Annotated[int | None, typer.Option(min=10, help="How many invented people. Default: 2,000.")]


@demo.callback()
def group() -> None:
    """The invented company Hansoken Cloud, to try Kept out."""


@demo.command("load")
def load(people: People = None) -> None:
    """Make the demo company: three systems full of invented people, and the staff. A second time changes nothing."""
    folder = _open_demo()
    _load(folder, people)


@demo.command("reset")
def reset(
    people: People = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Throw the demo company away, with every case and mail in it, and make it anew."""
    folder = _open_demo()
    if not folder.exists():
        typer.echo(f"kept: there is no demo in {folder.parent}, so nothing was thrown away.", err=True)
        raise typer.Exit(1)
    if not yes:
        typer.confirm(f"Throw away everything in {folder.parent}?", abort=True)
    from kept.cli.process import Busy, only_one

    try:
        with only_one(folder.parent / "run.lock"):
            _empty_store()
            shutil.rmtree(folder)
            _load(folder, people)
    except Busy:
        typer.echo("kept: Kept runs on this data. Stop it first.", err=True)
        raise typer.Exit(1) from None


def _open_demo() -> Path:
    """The folder of the demo's systems. Ends where the store holds anything that is not the demo's."""
    os.environ["KEPT_DEMO"] = "1"
    from kept.cli.store import migrate_store, open_store

    open_store()
    migrate_store()
    from django.conf import settings

    from kept.people.models import Account

    folder = Path(settings.DATA) / "demo"
    if not folder.exists() and Account.objects.exists():
        typer.echo("kept: this store is in use by a company. Set KEPT_DATA to another folder.", err=True)
        raise typer.Exit(1)
    return folder


def _load(folder: Path, people: int | None) -> None:
    from django.utils import timezone

    from kept.information.actions import add_system
    from kept.people.actions import make_demo_cast
    from kept.site.demo import PEOPLE, generate
    from kept.site.demo.decisions import load_decisions
    from kept.terms import Actor

    files = generate(folder, people or PEOPLE)
    at = timezone.now()
    cast = make_demo_cast(by=Actor.kept(), at=at)
    for name, (title, pack, owner) in SYSTEMS.items():
        url = f"sqlite:///{files[name]}"
        add_system(name, title, url, pack, REGION, owner, by=Actor.kept(), at=at)
    load_decisions(cast, by=Actor.kept(), at=at)
    typer.echo("The demo company is ready. Start it with: KEPT_DEMO=1 kept run")


def _empty_store() -> None:
    """Every table of the store, empty."""
    from django.core.management import call_command

    call_command("flush", interactive=False, verbosity=0)
