"""How a recipient is told from now on, and what came of telling one by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from kept.people.fields import LineField, TextField
from kept.rights.recipients.actions import LONGEST_REASON
from kept.rights.recipients.models import Recipient

TOLD, CANNOT = "told", "cannot"


class HowForm(forms.Form):
    how = forms.ChoiceField(
        label="How are they told?",
        label_suffix="",
        choices=[
            (Recipient.How.MAIL, "By e-mail, at once"),
            (Recipient.How.HAND, "By one of us: by letter, by telephone, on their own site"),
            (Recipient.How.NOT, "Not at all"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one.", "invalid_choice": "Choose one of these."},
    )
    email = forms.EmailField(
        label="Their mailbox for this",
        label_suffix="",
        required=False,
        max_length=254,
        help_text="Only for “by e-mail”. They have agreed to get personal data there.",
        error_messages={"invalid": "This is no e-mail address."},
    )
    because = LineField(
        label="Why not at all",
        label_suffix="",
        required=False,
        longest=300,
        help_text="Only for “not at all”. An authority that asked in an inquiry of its own, say (GDPR Art. 4(9)).",
    )

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("how") == Recipient.How.MAIL and not said.get("email") and "email" not in self.errors:
            self.add_error("email", ValidationError("Give the address that we write to."))
        if said.get("how") == Recipient.How.NOT and not said.get("because") and "because" not in self.errors:
            self.add_error("because", ValidationError("Say why: the person reads it."))
        return said


class TellingForm(forms.Form):
    came = forms.ChoiceField(
        label="What came of it?",
        label_suffix="",
        choices=[(TOLD, "They were told"), (CANNOT, "They cannot be told")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one.", "invalid_choice": "Choose one of these."},
    )
    on = forms.DateField(
        label="On which day",
        label_suffix="",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Write it as year-month-day: 2026-12-31."},
    )
    because = TextField(
        label="Why they cannot be told",
        label_suffix="",
        required=False,
        longest=LONGEST_REASON,
        help_text="It is impossible, or out of all proportion (GDPR Art. 19). The person reads it.",
    )

    def __init__(self, *args: Any, first: date, last: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.first, self.last = first, last
        self.initial.setdefault("on", last)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("came") == TOLD and "on" not in self.errors:
            day = said.get("on")
            if day is None or not self.first <= day <= self.last:
                words = f"Give a day from {self.first.isoformat()} to {self.last.isoformat()}."
                self.add_error("on", ValidationError(words))
        if said.get("came") == CANNOT and len(said.get("because") or "") < 10:
            self.add_error("because", ValidationError("Say in a sentence why: the person reads it."))
        return said
