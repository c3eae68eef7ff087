"""What the engine's commands are asked with: systems, a person, and how their faults end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from functools import wraps
from itertools import count
from typing import Annotated, ParamSpec, cast

import typer

from kept.cli.shown import err
from kept.connectors.sql.connector import SqlConnector
from kept.engine.errors import EngineError, NotACorrection, NotAnIdentifier, PackError, PlanRefused
from kept.engine.identifiers import normal
from kept.engine.packs import load
from kept.engine.subject import Subject
from kept.terms import STRONG, Kind, Verdict

DONE, NOT_DONE, WRONG_USE, CANNOT_TELL = 0, 1, 2, 3
EXIT = {Verdict.DONE: DONE, Verdict.NOT_DONE: NOT_DONE, Verdict.CANNOT_TELL: CANNOT_TELL}

P = ParamSpec("P")

SystemOption = Annotated[
    list[str],
    typer.Option("--system", help="URL=PACK, split at the last =. URL may be env:NAME or file:PATH. Repeat it."),
]
EmailOption = Annotated[list[str] | None, typer.Option("--email", help="The person's e-mail address. Repeat it.")]
PhoneOption = Annotated[list[str] | None, typer.Option("--phone", help="With + and the country code. Confirms only.")]
NameOption = Annotated[list[str] | None, typer.Option("--name", help="Full name. Confirms only.")]
IdOption = Annotated[
    list[str] | None,
    typer.Option("--id", help="KIND:VALUE: customer_number, username, domain, national_id, or account:PACK:NUMBER."),
]
RegionOption = Annotated[str | None, typer.Option("--region", help="Country of phone numbers without +, such as DE.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def told(command: Callable[P, int]) -> Callable[P, None]:
    """Run a command; its faults become one line and an exit code."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            code = command(*args, **kwargs)
        except (PackError, NotAnIdentifier, NotACorrection) as wrong:
            err.print(str(wrong), markup=False, highlight=False)
            raise typer.Exit(WRONG_USE) from None
        except PlanRefused as refused:
            err.print(f"{refused.system}: refused before anything was written.", markup=False)
            for fault in refused.faults:
                err.print(f"  {fault}", markup=False, highlight=False)
            raise typer.Exit(NOT_DONE) from None
        except EngineError as failed:
            err.print(str(failed), markup=False, highlight=False)
            raise typer.Exit(NOT_DONE) from None
        raise typer.Exit(code)

    return run


def now() -> datetime:
    return datetime.now(UTC)


def all_connected(stack: ExitStack, systems: Sequence[str], subject: Subject) -> list[SqlConnector]:
    """Connect the systems. Two of one pack are two systems: customer 5 of one is not customer 5 of the other.

    Raises NotAnIdentifier for an account of a system that is none of them.
    """
    found: list[SqlConnector] = []
    for system in systems:
        found.append(stack.enter_context(closing(connected(system, [one.name for one in found]))))
    names = [one.name for one in found]
    for account in subject.settled:
        if account.scope not in names:
            raise NotAnIdentifier("--id", f"no system is called {account.scope!r} here: {', '.join(names)}")
    return found


def connected(system: str, taken: Sequence[str] = ()) -> SqlConnector:
    url, equals, pack = system.rpartition("=")
    if not equals or not url:
        raise PackError("--system", None, "write URL=PACK, such as mariadb://name:password@host/database=fossbilling")
    loaded = load(pack)
    names = (loaded.name if number == 1 else f"{loaded.name}-{number}" for number in count(1))
    return SqlConnector(next(name for name in names if name not in taken), url, loaded)


def person(
    ref: str,
    region: str | None,
    emails: Sequence[str] | None,
    phones: Sequence[str] | None,
    names: Sequence[str] | None,
    others: Sequence[str] | None,
) -> Subject:
    """The subject that the options describe. Raises NotAnIdentifier."""
    found = {normal("email", text) for text in emails or ()}
    found |= {normal("phone", text, region=region) for text in phones or ()}
    found |= {normal("name", text) for text in names or ()}
    accounts = set()
    for other in others or ():
        kind, _, value = other.partition(":")
        if kind not in STRONG:
            raise NotAnIdentifier("--id", f"write KIND:VALUE, with one of {', '.join(sorted(STRONG))}")
        if kind == "account":
            scope, _, number = value.partition(":")
            accounts.add(normal("account", number, scope=scope))
        else:
            found.add(normal(cast(Kind, kind), value))
    if not any(one.strong for one in found | accounts):
        raise NotAnIdentifier("person", "give --email, or a customer number, user name or own domain by --id")
    return Subject(ref, frozenset(found | accounts), frozenset(accounts))
