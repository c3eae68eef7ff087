"""What somebody says who asks for another person."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from kept.engine.errors import NotAnIdentifier
from kept.engine.identifiers import normal
from kept.people.fields import LineField, TextField
from kept.rights.actions.acting import LONGEST_WHY, Acting
from kept.rights.actions.asking import LONGEST_EMAIL, LONGEST_NAME
from kept.rights.forms import WhoForm
from kept.rights.mandates.models import Mandate
from kept.rights.staff_forms import LONGEST_POSTAL, OFF

KINDS = [
    (Mandate.Kind.AGENT, "They asked me to: I have it signed by them"),
    (Mandate.Kind.PARENT, "They are a child, and I am their parent or guardian"),
    (Mandate.Kind.GUARDIAN, "They are an adult, and a court or a law lets me act for them"),
]
STAFF_KINDS = [
    ("", "The person themselves"),
    (Mandate.Kind.AGENT, "Somebody they authorised"),
    (Mandate.Kind.PARENT, "A parent or guardian of a child"),
    (Mandate.Kind.GUARDIAN, "A guardian or deputy of an adult"),
]
NOT_WHOLE = "This is not a whole e-mail address. It looks like name@example.com."
SAME = "This is the address of the person you ask for. Give your own: we write to you."


def _whole(email: str) -> str:
    try:
        normal("email", email)
    except NotAnIdentifier:
        raise ValidationError(NOT_WHOLE) from None
    return email


class ForAnotherForm(WhoForm):
    """Of the person first, then of whoever asks."""

    kind = forms.ChoiceField(
        label="Why may you ask for them?",
        label_suffix="",
        widget=forms.RadioSelect,
        choices=KINDS,
        error_messages={"required": "Choose why you may ask for them.", "invalid_choice": "Choose one of these."},
    )
    own_name = LineField(
        label="Your own name",
        label_suffix="",
        longest=LONGEST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "name", "spellcheck": "false"}),
        error_messages={"required": "Type your name."},
    )
    own_email = LineField(
        label="Your own e-mail address",
        label_suffix="",
        longest=LONGEST_EMAIL,
        help_text="We write to you there. A code shows that you read it.",
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
        error_messages={"required": "Type your e-mail address."},
    )

    field_order = ("kind", "name", "email", "home", "own_name", "own_email")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name, email, home = self.fields["name"], self.fields["email"], self.fields["home"]
        name.label, name.required, name.help_text = "Their name", True, "As it stands in what lets you ask for them."
        name.error_messages["required"] = "Type their name."
        email.label, email.help_text = "Their e-mail address", "The one they gave us. We search for it."
        email.error_messages["required"] = "Type their e-mail address."
        home.label = "Where do they live?"
        for field in (name, email):
            field.widget.attrs["autocomplete"] = "off"

    def clean_own_email(self) -> str:
        return _whole(str(self.cleaned_data["own_email"]))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        both = data.get("email") and data.get("own_email")
        if both and normal("email", data["email"]) == normal("email", data["own_email"]):
            self.add_error("own_email", SAME)
        return data

    def acting(self) -> dict[str, str]:
        """As `Acting` takes it."""
        data = self.cleaned_data
        return {"kind": data["kind"], "name": data["own_name"], "email": data["own_email"]}


class ActingForm(forms.Form):
    """The same, written down by staff beside what they know of the person."""

    kind = forms.ChoiceField(
        label="Who asks?", label_suffix="", required=False, widget=forms.RadioSelect, choices=STAFF_KINDS, initial=""
    )
    acting_name = LineField(
        label="Name of whoever asks",
        label_suffix="",
        longest=LONGEST_NAME,
        required=False,
        help_text="Only where it is not the person themselves.",
        widget=forms.TextInput(attrs=OFF),
    )
    acting_email = LineField(
        label="Their e-mail address",
        label_suffix="",
        longest=LONGEST_EMAIL,
        required=False,
        help_text="We write there, and not to the person they ask for.",
        widget=forms.EmailInput(attrs=OFF),
    )
    acting_postal = TextField(
        label="Their postal address",
        label_suffix="",
        longest=LONGEST_POSTAL,
        required=False,
        help_text="Where they have no e-mail address.",
        widget=forms.Textarea(attrs={"rows": 3, **OFF}),
    )

    def clean_acting_email(self) -> str:
        return _whole(str(self.cleaned_data["acting_email"])) if self.cleaned_data["acting_email"] else ""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("kind"):
            return data
        if not data.get("acting_name") and "acting_name" not in self.errors:
            self.add_error("acting_name", "Give the name of whoever asks.")
        reach = data.get("acting_email") or data.get("acting_postal")
        if not reach and not {"acting_email", "acting_postal"} & set(self.errors):
            self.add_error("acting_email", "Give an e-mail address or a postal address of whoever asks.")
        return data

    def acting(self) -> dict[str, str]:
        """As `Acting` takes it; {}: the person asks."""
        data = self.cleaned_data
        if not data.get("kind"):
            return {}
        named = {name: data[f"acting_{name}"] for name in ("name", "email", "postal")}
        return {"kind": data["kind"], **named}


class MissingForm(forms.Form):
    """What is missing in what they sent."""

    why = TextField(
        label="What is missing?",
        label_suffix="",
        longest=LONGEST_WHY,
        help_text="They read this. Say what would do: a signature, a date, the name of the person, the court.",
        widget=forms.Textarea(attrs={"rows": 4, **OFF}),
        error_messages={"required": "Say what is missing: they cannot guess it."},
    )


def acting_of(said: dict[str, str] | None) -> Acting | None:
    return Acting(**said) if said else None
