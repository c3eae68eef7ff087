"""The languages that people are written to in, as `languages.toml` lists them.

A mail's template is `<name>.txt` in English and `<name>.de.txt` in German.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources

from django.utils.translation.trans_real import parse_accept_lang_header

ENGLISH = "en"
OTHER_SCRIPT = ("hant", "tw", "hk", "mo")  # Chinese in the signs that our Chinese is not written in


@dataclass(frozen=True)
class Language:
    code: str  # as rows store it, and Django knows it: "zh-hans"
    tag: str  # as pages and mails name it (BCP 47): "zh-Hans"
    name: str  # in itself
    english: str  # for staff
    long_date: str  # a day with its name, in Django's signs: "l, j F Y"
    only_english: str  # said above a mail that nobody has translated yet
    right_to_left: bool = False

    @property
    def direction(self) -> str:
        return "rtl" if self.right_to_left else "ltr"


def _read() -> dict[str, Language]:
    known = tomllib.loads((resources.files("kept.post") / "languages.toml").read_text(encoding="utf-8"))
    return {one["code"]: Language(**one) for one in known["language"]}


LANGUAGES = _read()


def language_of(code: str) -> Language:
    """That language; English for what is none of ours."""
    return LANGUAGES.get(code.lower(), LANGUAGES[ENGLISH])


def nearest(tag: str) -> str | None:
    """Ours that serves a reader of that language: "de-AT" gives "de", "zh" and "zh-SG" give "zh-hans"; None: none."""
    parts = tag.lower().replace("_", "-").split("-")
    if parts[0] == "zh":
        return None if any(part in OTHER_SCRIPT for part in parts[1:]) else "zh-hans"
    return parts[0] if parts[0] in LANGUAGES else None


def chosen(tags: Iterable[str]) -> str:
    """The first that we have. Chinese in other signs counts only where nothing else does; and then English."""
    tags = list(tags)
    found = (code for tag in tags if (code := nearest(tag)))
    return next(found, "zh-hans" if any(tag.lower().startswith("zh") for tag in tags) else ENGLISH)


def language_of_browser(accept_language: str) -> str:
    """What a browser's header asks for, best first. Nonsense gives English."""
    return chosen(tag for tag, _ in parse_accept_lang_header(accept_language[:500]))
