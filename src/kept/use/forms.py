"""What staff type before they see, or may use, somebody's data."""

from __future__ import annotations

from collections.abc import Mapping

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from kept.engine.errors import NotAnIdentifier
from kept.engine.identifiers import normal
from kept.people.fields import LineField
from kept.security.reading import FOR_STAFF
from kept.use.purposes import CATEGORIES, RECIPIENTS, purposes_on

# GDPR Art. 18(2), as staff choose it.
DESPITE_WORDS: Mapping[str, str] = {
    "consent": "They asked for it, or agreed to it",
    "claims": "It is for a legal claim",
    "others": "It protects the rights of somebody else",
    "public_interest": "Important public interest needs it",
}
LONGEST_EMAIL = 254
WHY = ("use", "case", "question", "audit")


class GroundForm(forms.Form):
    """Why restricted data are looked at all the same."""

    despite = forms.ChoiceField(
        label="Why may you look all the same?",
        label_suffix="",
        widget=forms.RadioSelect,
        choices=list(DESPITE_WORDS.items()),
        error_messages={
            "required": "Choose a ground: the law knows these four. It is kept with your name.",
            "invalid_choice": "Choose one of these.",
        },
    )


class MayWeForm(forms.Form):
    """Whose data, for what, and why you ask."""

    email = LineField(
        label="E-mail address",
        label_suffix="",
        longest=LONGEST_EMAIL,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Type the address."},
    )
    purpose = forms.ChoiceField(
        label="For what?",
        label_suffix="",
        choices=lambda: [(one.name, one.title) for one in purposes_on(timezone.now().date()).values()],
        error_messages={"required": "Choose a purpose.", "invalid_choice": "The policy names no such purpose."},
    )
    category = forms.ChoiceField(
        label="Which sort of data?", label_suffix="", choices=[(one, one) for one in CATEGORIES], initial="contact"
    )
    recipient = forms.ChoiceField(
        label="Who gets it?", label_suffix="", choices=[(one, one) for one in RECIPIENTS], initial="us"
    )
    reason = forms.ChoiceField(
        label="Why do you ask?",
        label_suffix="",
        widget=forms.RadioSelect,
        choices=[(one, FOR_STAFF[one].capitalize()) for one in WHY],
        error_messages={"required": "Choose a reason. It is kept with your name.", "invalid_choice": "Choose one."},
    )

    def clean_email(self) -> str:
        try:
            return normal("email", self.cleaned_data["email"]).value
        except NotAnIdentifier:
            raise ValidationError("This is not a whole e-mail address. It looks like name@example.com.") from None
