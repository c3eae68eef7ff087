"""What an officer writes to leave records out of an answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from kept.people.fields import TextField
from kept.rights.actions.exempting import LONGEST
from kept.rights.grounds import Ground, says_something, unproven


class ExemptForm(forms.Form):
    """`grounds`: those of the law of the case. `erasure`: what stays needs a last day."""

    ground = forms.ChoiceField(
        label="Which law gives a reason?",
        label_suffix="",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a reason of the law.", "invalid_choice": "Choose one of these."},
    )
    law = TextField(
        label="Which law or place exactly, and why does it apply here?",
        label_suffix="",
        longest=LONGEST,
        required=False,
        help_text="For the second officer and whoever checks it.",
    )
    because = TextField(
        label="What you tell the person",
        label_suffix="",
        longest=LONGEST,
        help_text="It stands in their answer, beside what is left out. Say nothing in it of what they must not learn.",
        error_messages={"required": "Say it in your own words: the person is told what is left out, and why."},
    )
    until = forms.DateField(
        label="Until when does it have to stay?",
        label_suffix="",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "What stays has a last day.", "invalid": "Write a day such as 2027-03-31."},
    )

    def __init__(self, *args: Any, grounds: Sequence[Ground], erasure: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.grounds = {one.name: one for one in grounds}
        choices = [(one.name, f"{one.title} ({one.law_words})") for one in grounds]
        self.fields["ground"].choices = choices  # type: ignore[attr-defined]
        if not erasure:
            del self.fields["until"]
        if not any(one.prove for one in grounds):
            del self.fields["law"]

    def clean_because(self) -> str:
        text = str(self.cleaned_data["because"])
        if not says_something(text):
            raise ValidationError("A few words more: the person must understand why.")
        return text

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        ground = self.grounds.get(str(said.get("ground")))
        if ground is not None and unproven(ground, self.shown(ground, said)):
            self.add_error("law", f"{ground.prove[0].asks} It is for us to show it, in some words.")
        return said

    def shown(self, ground: Ground, said: dict[str, Any] | None = None) -> dict[str, str]:
        """Each ground for a part has one thing to show at most."""
        values = self.cleaned_data if said is None else said
        return {one.name: str(values.get("law", "")) for one in ground.prove}
