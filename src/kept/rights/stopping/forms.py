"""What an officer types about the end of a restriction."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from kept.people.fields import TextField
from kept.rights.actions.extending import LONGEST_REASON


class EndForm(forms.Form):
    """The day, and why: the person reads both."""

    day = forms.DateField(
        label="It ends on",
        label_suffix="",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Choose the day.", "invalid": "Write it as year-month-day: 2026-12-31."},
    )
    because = TextField(
        label="What you tell the person",
        label_suffix="",
        longest=LONGEST_REASON,
        help_text="What was checked or decided, in one or two plain sentences. They stand in the mail.",
        error_messages={"required": "Say why it ends."},
    )

    def __init__(self, *args: Any, first: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["day"] = self.first = first

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if day < self.first:
            raise ValidationError(f"The person must know before: {self.first.isoformat()} or later.")
        return day


class SeenForm(forms.Form):
    seen = forms.BooleanField(
        label="I have seen to it there: the data are no longer used for this",
        label_suffix="",
        error_messages={"required": "Tick this first: nobody else looks there."},
    )
