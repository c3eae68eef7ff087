"""The demo company's three systems: SQLite files with the shapes of real products, and only invented people in them.

The same seed and number of people give the same rows. `kept.site.demo.cast` names the ten people whose rows are
written by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

from kept.site.demo import (
    billing,
    cast_billing,
    cast_helpdesk,
    cast_newsletter,
    conversations,
    helpdesk,
    newsletter,
)
from kept.site.demo.cast import CAST
from kept.site.demo.people import Person, person
from kept.site.demo.write import Tables, write

PEOPLE = 2_000
SEED = 20261122
SYSTEMS = ("billing", "helpdesk", "newsletter")


def generate(folder: Path, people: int = PEOPLE, seed: int = SEED, *, replace: bool = False) -> dict[str, Path]:
    """Make the three files in `folder`; a file that is there stays as it is unless `replace`. Name -> file.

    Each file appears whole or not at all, so a run that was stopped is finished by calling again.
    """
    if people < len(CAST):
        raise ValueError(f"the demo company needs at least its {len(CAST)} known people")
    folder.mkdir(parents=True, exist_ok=True)
    fillers: dict[str, Callable[[Tables], None]] = {
        "billing": lambda tables: _billing(tables, people, seed),
        "helpdesk": lambda tables: _helpdesk(tables, people, seed),
        "newsletter": lambda tables: _newsletter(tables, people, seed),
    }
    files = {name: folder / f"{name}.sqlite3" for name in SYSTEMS}
    for name, file in files.items():
        if replace or not file.exists():
            write(file, f"{name}.sql", fillers[name])
    return files


def _billing(tables: Tables, people: int, seed: int) -> None:
    billing.company(tables)
    cast_billing.fill(tables, _rng(seed, "billing"))
    for who in _others(people, seed):
        if who.customer:
            billing.customer(tables, who, _rng(seed, "billing", who.number))


def _helpdesk(tables: Tables, people: int, seed: int) -> None:
    helpdesk.company(tables)
    named = cast_helpdesk.fill(tables, _rng(seed, "helpdesk"))
    previous = None
    for who in _others(people, seed):
        if who.writes_tickets:
            previous = conversations.ordinary(tables, who, _rng(seed, "helpdesk", who.number), previous)
            if len(named) < 20 and who.number % 10 == 0:
                named.append(previous)
    conversations.machines(tables, _rng(seed, "machines"), named)


def _newsletter(tables: Tables, people: int, seed: int) -> None:
    newsletter.company(tables, _rng(seed, "campaigns"))
    cast_newsletter.fill(tables, _rng(seed, "newsletter"))
    for who in _others(people, seed):
        if who.reads_newsletter:
            newsletter.ordinary(tables, who, _rng(seed, "newsletter", who.number))


def _others(people: int, seed: int) -> Iterator[Person]:
    return (person(seed, number) for number in range(len(CAST) + 1, people + 1))


def _rng(seed: int, *what: str | int) -> Random:
    """Each person has their own chances in each system: a change in one place changes nothing in another."""
    return Random("/".join(map(str, (seed, *what))))  # noqa: S311 - invented data, no secret
