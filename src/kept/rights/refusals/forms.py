"""What an officer chooses and writes to refuse a request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html

from kept.people.fields import TextField
from kept.rights.grounds import Ground, no_grounds, says_something, unproven
from kept.rights.refusals.actions.proposing import LONGEST


class GroundForm(forms.Form):
    """On which ground. What is no ground stands there too, and is refused with the reason."""

    ground = forms.ChoiceField(
        label="Why should it be refused?",
        label_suffix="",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a ground.", "invalid_choice": "Choose one of these."},
    )

    def __init__(self, *args: Any, grounds: Sequence[Ground], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lawful = [
            (one.name, format_html('{} <span class="hint">{}</span>', one.title, one.law_words)) for one in grounds
        ]
        other = [(one.name, one.title) for one in no_grounds()]
        self.fields["ground"].choices = [*lawful, *other]  # type: ignore[attr-defined]

    def clean_ground(self) -> str:
        chosen = str(self.cleaned_data["ground"])
        for one in no_grounds():
            if one.name == chosen:
                raise ValidationError(f"{one.why} {one.source}.")
        return chosen


class RefuseForm(forms.Form):
    """What shows that the ground holds, and the reasons that the person reads."""

    because = TextField(
        label="What you tell the person",
        label_suffix="",
        longest=LONGEST,
        help_text="Plain sentences, about this request: they stand in the mail and on the person’s page.",
        error_messages={"required": "Say it in your own words: the law wants the reasons told."},
    )

    def __init__(self, *args: Any, ground: Ground, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ground = ground
        asked = {
            f"show_{one.name}": TextField(
                label=one.asks,
                label_suffix="",
                longest=LONGEST,
                help_text="For the second officer and whoever checks it. The person does not read it.",
                error_messages={"required": "It is for us to show this. Without it, the request is answered."},
            )
            for one in ground.prove
        }
        self.fields = {**asked, **self.fields}

    def clean_because(self) -> str:
        text = str(self.cleaned_data["because"])
        if not says_something(text):
            raise ValidationError("A few words more: the person must understand why.")
        return text

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        for one in unproven(self.ground, self.shown(said)):
            name = f"show_{one.name}"
            if name in said:
                self.add_error(name, "Say it in words of its own: some more, and not those of another answer.")
        return said

    def shown(self, said: dict[str, Any] | None = None) -> dict[str, str]:
        values = self.cleaned_data if said is None else said
        return {one.name: str(values.get(f"show_{one.name}", "")) for one in self.ground.prove}
