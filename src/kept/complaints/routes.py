"""Where somebody may go besides us: authorities and courts, by law. `routes.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal


@dataclass(frozen=True)
class Route:
    name: str
    kind: Literal["authority", "court"]  # mails in other languages say no more than that, and the link
    says: str
    link: str  # "": there is no one page
    source: str  # the law that says so


def routes_of(law: str) -> Sequence[Route]:
    """Of a law that is not known: those of everybody."""
    table = _table()
    return table.get(law) or table["other"]


@cache
def _table() -> dict[str, tuple[Route, ...]]:
    read = tomllib.loads((resources.files("kept.complaints") / "routes.toml").read_text(encoding="utf-8"))
    return {law: tuple(Route(**one) for one in rows) for law, rows in read.items()}
