"""What staff say about a letter."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from kept.collection.letters.actions import LARGEST, MOST_SCANS
from kept.collection.letters.rules import BAD_DAY, may_have_come
from kept.people.fields import LineField, TextField


class ManyFiles(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One file or several."""

    widget = ManyFiles(attrs={"accept": "application/pdf,image/png,image/jpeg"})

    def clean(self, data: Any, initial: Any = None) -> Any:
        given = data if isinstance(data, list | tuple) else [data] if data else []
        if not given:
            raise ValidationError(self.error_messages["required"], code="required")
        if len(given) > MOST_SCANS:
            raise ValidationError(f"These are {len(given)} files. Send at most {MOST_SCANS} at once.")
        return [super(FilesField, self).clean(one, initial) for one in given]


class LetterForm(forms.Form):
    """The letter as it came."""

    received_on = forms.DateField(
        label="Day it came",
        label_suffix="",
        help_text="As the stamp on the envelope says. The time we have to answer begins then.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Give the day it came.", "invalid": "Write the day as 2026-11-30."},
    )
    scans = FilesField(
        label="The scan",
        label_suffix="",
        help_text=f"PDF, PNG or JPEG. At most {MOST_SCANS} files of {LARGEST // 1_000_000} MB each.",
        error_messages={"required": "Choose the file with the scan.", "empty": "This file is empty. Scan it again."},
    )
    sender = TextField(
        label="Who wrote it",
        label_suffix="",
        longest=500,
        help_text="Name and address as they stand in the letter.",
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off"}),
        error_messages={"required": "Say who wrote it, or “unknown”."},
    )
    says = LineField(
        label="What it is about",
        label_suffix="",
        longest=200,
        required=False,
        help_text="In a few words, so that whoever comes next need not read it.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean_received_on(self) -> Any:
        day = self.cleaned_data["received_on"]
        if not may_have_come(day, timezone.now()):
            raise ValidationError(BAD_DAY)
        return day


class SettleForm(forms.Form):
    """What was done with what is no request."""

    how = LineField(
        label="What you did with it",
        label_suffix="",
        longest=200,
        help_text="For example: answered by telephone; passed on to the accounts.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Say what you did, so that it can be shown later."},
    )
