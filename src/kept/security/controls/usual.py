"""The controls that a company begins with: usual.toml."""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import Any


def usual_controls() -> list[dict[str, Any]]:
    """Each with title, kind, does, owner and days."""
    text = (resources.files("kept.security.controls") / "usual.toml").read_text(encoding="utf-8")
    found: list[dict[str, Any]] = tomllib.loads(text)["control"]
    return found
