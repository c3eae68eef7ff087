"""`kept check`: is it safe to start like this?"""

from __future__ import annotations

import json
from typing import Annotated

import typer

DONE, NOT_DONE, CANNOT_TELL = 0, 1, 3

app = typer.Typer()


@app.command()
def check(as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of lines.")] = False) -> None:
    """Say what is dangerous about these settings, and whether something sealed lies in clear; one line each.

    Exit code 0: nothing; 1: do not start like this; 3: nobody can tell whether something lies in clear.
    """
    from kept.site.environment import BadSetting

    looked, unsure = "", False
    try:
        found = _faults()
    except BadSetting as problem:
        setting, _, _ = str(problem).partition(" ")
        found = [{"setting": setting, "fault": str(problem), "mend": "", "stops": True}]
    if not any(fault["stops"] for fault in found):
        seen, looked, unsure = _clear_text()
        found += seen
    code = NOT_DONE if any(fault["stops"] for fault in found) else CANNOT_TELL if unsure else DONE
    if as_json:
        verdict = {DONE: "done", NOT_DONE: "not done", CANNOT_TELL: "cannot tell"}[code]
        typer.echo(json.dumps({"verdict": verdict, "faults": found, "looked": looked}, indent=2))
    else:
        for fault in found:
            typer.echo(f"{fault['fault']} {fault['mend']}".strip(), err=True)
        if not found:
            typer.echo("Nothing dangerous found.")
        if looked:
            typer.echo(looked)
    raise typer.Exit(code)


def _clear_text() -> tuple[list[dict[str, str | bool]], str, bool]:
    """Whether something that should be sealed lies in clear: what was found, what was looked at, and whether nobody can
    tell."""
    from django.db import Error, connection
    from django.utils import timezone

    from kept.security.vault.clear import look_for_clear_text, said
    from kept.terms import Actor
    from kept.vault.errors import MasterKeyProblem
    from kept.vault.keys import secret_of_indexes

    try:
        if "vault_generation" not in connection.introspection.table_names():
            return [], "", False  # before the first start there is nothing to be sealed
        secret_of_indexes()
        look = look_for_clear_text(by=Actor.kept(), at=timezone.now())
    except (MasterKeyProblem, Error, OSError) as problem:
        what = f"vault: nobody can tell whether something lies in clear ({type(problem).__name__})."
        return [{"setting": "vault", "fault": what, "mend": "", "stops": False}], "", True
    stops = bool(look.in_clear)
    found: list[dict[str, str | bool]] = [
        {"setting": "vault", "fault": f"vault: {line}", "mend": "", "stops": stops} for line in said(look)
    ]
    places = ", ".join(place.name for place in look.places if place.clear is not None)
    looked = f"{look.values:,} sealed values in {look.fields} fields; looked in: {places}."
    return found, looked, bool(look.unsure)


def _faults() -> list[dict[str, str | bool]]:
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kept.site.settings")
    django.setup()
    from kept.site.checks import faults

    return [
        {"setting": fault.setting, "fault": f"{fault.setting}: {fault.what}", "mend": fault.mend, "stops": fault.stops}
        for fault in faults()
    ]
