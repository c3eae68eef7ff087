"""Where the privacy office counts its days: `office.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True)
class Office:
    law: str  # under which it answers where nothing else is said: "eu-gdpr"
    zone: str
    calendar: str
    language: str  # of what is written to its own officers: "en"


@cache
def office() -> Office:
    return Office(**tomllib.loads((resources.files("kept.clocks") / "office.toml").read_text(encoding="utf-8")))
