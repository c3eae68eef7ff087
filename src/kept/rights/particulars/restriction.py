"""Why the data shall be stored and not used. GDPR Art. 18(1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html

from kept.people.fields import TextField
from kept.rights.particulars import ParticularsForm

TITLE = "Why shall we pause?"
LONGEST = 2_000
# GDPR Art. 18(1)(a) to (d): the words a person chooses, and what follows from them.
GROUNDS: Mapping[str, tuple[str, str]] = {
    "accuracy": ("Something about me is wrong", "We pause until we have checked it."),
    "unlawful": ("You should not have it, but do not erase it", "We keep it and do nothing with it."),
    "claims": ("I need it for a legal claim", "You no longer need us to use it, but you need it to be there."),
    "objection": ("I have objected to a use", "We pause until your objection is decided."),
}


class Form(ParticularsForm):
    grounds = forms.MultipleChoiceField(
        label="Your reason",
        label_suffix="",
        choices=[
            (name, format_html('{} <span class="hint">{}</span>', words, means))
            for name, (words, means) in GROUNDS.items()
        ],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one: the law knows these four.", "invalid_choice": "Choose one."},
    )
    about = TextField(
        label="What is it about?",
        label_suffix="",
        longest=LONGEST,
        required=False,
        help_text="For example what is wrong, or which claim it is. It helps us decide sooner.",
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "accuracy" in cleaned.get("grounds", ()) and "about" in cleaned and not cleaned["about"].strip():
            self.add_error("about", ValidationError("Say what is wrong, so that we can check it."))
        return cleaned


def said(asked: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    told = [("Why we shall pause", "\n".join(GROUNDS[one][0] for one in asked.get("grounds", ()) if one in GROUNDS))]
    return [*told, ("What it is about", str(asked["about"]))] if asked.get("about") else told
