"""What an officer says about one text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html

from kept.people.fields import TextField
from kept.rights.redaction.deciding import MOST_WORDS

MOST_ADDED = 50


class TextReviewForm(forms.Form):
    """Which marked places go, and what else."""

    out = forms.MultipleChoiceField(
        label="Take out of the copy",
        label_suffix="",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "This text has changed. Open it again."},
    )
    also = TextField(
        label="Take out as well",
        label_suffix="",
        required=False,
        longest=MOST_ADDED * MOST_WORDS,
        help_text="Words exactly as they stand in the text, one piece a line.",
    )

    def __init__(self, *args: Any, text: str, marks: Sequence[dict[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.text = text
        shown = [(str(number), _choice(text, mark)) for number, mark in enumerate(marks)]
        self.fields["out"].choices = shown  # type: ignore[attr-defined]
        if not shown:
            del self.fields["out"]

    def clean_also(self) -> list[str]:
        """Each must stand in the text: a slip of the pen must not pass for a decision."""
        pieces = [line.strip() for line in self.cleaned_data["also"].splitlines() if line.strip()]
        if len(pieces) > MOST_ADDED:
            raise ValidationError(f"Add at most {MOST_ADDED} pieces, or withhold the whole text.")
        for piece in pieces:
            if len(piece) > MOST_WORDS:
                raise ValidationError(
                    f"One piece has at most {MOST_WORDS} characters. Withhold the whole text instead."
                )
            if piece not in self.text:
                raise ValidationError(f"“{piece[:60]}” does not stand in this text. Copy it from the text.")
        return pieces


def _choice(text: str, mark: dict[str, Any]) -> str:
    words = text[mark["start"] : mark["end"]]
    return format_html('{} <span class="hint">{}</span>', words[:200], mark["why"])
