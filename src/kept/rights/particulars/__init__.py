"""What a person says beside the right: what is wrong and how it is right, which use is to end. One module for a right.

`particulars/<right>.py` offers `TITLE`, the page's question; `Form`; and `said`. The web form, staff who write down a
call or a letter, and programs all go through the same form, so that a case holds the same words whatever its door.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Protocol

from django import forms


class ParticularsForm(forms.Form):
    """Its fields' values are text, lists of text, or truth: they are stored as JSON, sealed."""

    def asked(self) -> dict[str, Any]:
        """As the case keeps it. Only after `is_valid()`."""
        return {name: value for name, value in self.cleaned_data.items() if value not in ("", [], None)}


class Particulars(Protocol):
    TITLE: str
    Form: type[ParticularsForm]

    def said(self, asked: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
        """(what, what the person said): for the page that checks it, the person's own page and the desk."""


def particulars_of(right: str) -> Particulars | None:
    """None: this right needs nothing said beside it."""
    name = f"{__name__}.{right}"
    if not right.isidentifier() or find_spec(name) is None:
        return None
    return import_module(name)


def said(right: str, asked: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    found = particulars_of(right)
    return found.said(asked) if found and asked else ()
