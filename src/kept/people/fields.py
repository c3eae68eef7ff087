"""Text that people type, on the pages of every room: bounded, and refused in plain words."""

from __future__ import annotations

import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

SHOWN_BACK = 2_000  # characters of a text that was too long: enough to see and shorten it

UNREADABLE = "Some letters did not reach us as you typed them. Type them again."


class LineField(forms.CharField):
    """One line of text of a bounded length. Control characters and broken letters are refused in plain words.

    The browser is not told the bound: it would cut what is pasted, and say nothing.
    """

    allowed: frozenset[str] = frozenset()

    def __init__(self, *, longest: int, **options: Any) -> None:
        super().__init__(**options)
        self.longest = longest
        self.validators = []  # ours follow, with our words

    def to_python(self, value: Any) -> str:
        return unicodedata.normalize("NFC", str(super().to_python(value)))

    def validate(self, value: str) -> None:
        super().validate(value)
        if len(value) > self.longest:
            raise ValidationError(f"This has {len(value):,} characters. Use at most {self.longest}.")
        if any(
            letter == "\ufffd" or unicodedata.category(letter) in ("Cc", "Cs") for letter in set(value) - self.allowed
        ):
            raise ValidationError(UNREADABLE)

    def bound_data(self, data: Any, initial: Any) -> Any:
        """What the page shows again: not megabytes, and nothing that a page cannot hold."""
        shown = super().bound_data(data, initial)
        return shown[:SHOWN_BACK].replace("\0", "") if isinstance(shown, str) else shown


class TextField(LineField):
    """Some lines of text."""

    widget = forms.Textarea(attrs={"rows": 4})
    allowed = frozenset("\n")

    def to_python(self, value: Any) -> str:
        return super().to_python(value).replace("\r\n", "\n").replace("\r", "\n")
