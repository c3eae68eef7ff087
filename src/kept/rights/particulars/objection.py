"""Which uses shall end. GDPR Art. 21: against advertising no reason is needed, against others the person's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from kept.people.fields import TextField
from kept.rights.particulars import ParticularsForm
from kept.use.purposes import Purpose, all_purposes, objectable

TITLE = "Which use shall end?"
LONGEST = 2_000
FINAL = "Your word is final: we stop as soon as you have shown that the address is yours."
WEIGHED = "It rests while we look at your reasons. Then it ends, or we tell you why it must go on."


class Form(ParticularsForm):
    uses = forms.MultipleChoiceField(
        label="Uses of your data",
        label_suffix="",
        choices=lambda: [(one.name, _choice(one)) for one in objectable(timezone.now().date())],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one.", "invalid_choice": "Choose from these uses."},
    )
    reasons = TextField(
        label="Your reasons",
        label_suffix="",
        longest=LONGEST,
        required=False,
        help_text="Against advertising you need none. Against anything else, say what is special about your situation.",
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        chosen = set(cleaned.get("uses", ()))
        weighed = [
            one for one in objectable(timezone.now().date()) if one.objection == "weighed" and one.name in chosen
        ]
        if weighed and "reasons" in cleaned and not cleaned["reasons"].strip():
            self.add_error("reasons", ValidationError("Say why: the law wants us to weigh your reasons against ours."))
        return cleaned


def said(asked: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    told = [("Uses that shall end", "\n".join(titles(asked.get("uses", ()))))]
    return [*told, ("Your reasons", str(asked["reasons"]))] if asked.get("reasons") else told


def titles(names: Sequence[str]) -> list[str]:
    """What the person reads; a purpose that has ended meanwhile is told as it was."""
    known = {one.name: one.title for one in all_purposes()}
    return [known.get(name, name) for name in names]


def _choice(one: Purpose) -> SafeString:
    hint = FINAL if one.objection == "absolute" else WEIGHED
    return format_html('{} <span class="hint">{} {}</span>', one.title, one.means, hint)
