"""Where somebody says they live: what the form offers, and what stands below an address. Plain values: homes.toml."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources
from typing import Any

CODE = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")


def homes() -> list[tuple[str, str]]:
    """What is offered to choose from: ("SG", "In Singapore")."""
    return [(one["code"], one["says"]) for one in _table()["home"]]


def words_of(code: str) -> str:
    """In Singapore; of a country that the form does not offer, its code."""
    return dict(homes()).get(code) or code


def code_of(text: str) -> str:
    """The code of a country as somebody wrote it, ISO 3166: "Deutschland" and "de" give "DE". "": not known here."""
    said = " ".join(text.split()).casefold().strip(". ")
    named = next((code for code, names in _table()["named"].items() if said in names), "")
    return named or (said.upper() if CODE.fullmatch(said.upper()) else "")


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads((resources.files("kept.rights") / "homes.toml").read_text(encoding="utf-8"))
