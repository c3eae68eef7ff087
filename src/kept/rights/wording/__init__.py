"""Words of this room in the languages people are written to in. One file for each: `wording/de.toml`.

Where a sentence would have to bend a word, it is set behind a colon instead: "You asked for: erasure of your data".
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from kept.post.languages import language_of


@cache
def wording(language: str) -> Mapping[str, Any]:
    """All of it in that language; English for what is none of ours."""
    file = resources.files(__name__) / f"{language_of(language).code}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


def wish(right: str, language: str) -> str:
    """What the person asked for: "erasure of your data"."""
    return str(wording(language)["wish"][right])


def asked_for(name: str, language: str) -> str:
    """What stands above what we write to somebody who asks for another person."""
    return str(wording(language)["mandate"]["above"]).format(name=name)
