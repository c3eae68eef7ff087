"""What staff type when they register a request, and when they post a letter."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from kept.engine.errors import NotAnIdentifier, PackError
from kept.engine.identifiers import normal
from kept.information.access import active_systems, is_own, pack_of
from kept.information.models import System
from kept.people.fields import LineField, TextField
from kept.rights.actions.asking import LONGEST_EMAIL, LONGEST_NAME
from kept.rights.actions.proving import LONGEST_DOUBT
from kept.rights.models import Case
from kept.rights.proof.facts import facts_here

LONGEST_POSTAL = 500
FEWEST = 2  # facts asked at a time
SPOKEN = (("telephone", "By telephone"), ("counter", "At the counter"), ("letter", "By letter"))
LONGEST_NOTE = 1_000
OFF = {"autocomplete": "off", "spellcheck": "false"}


class SaidForm(forms.Form):
    """What somebody said about themselves: enough to find them, and a way to answer. None of it is believed yet."""

    name = LineField(
        label="Their name",
        label_suffix="",
        longest=LONGEST_NAME,
        required=False,
        widget=forms.TextInput(attrs=OFF),
    )
    email = LineField(
        label="E-mail address",
        label_suffix="",
        longest=LONGEST_EMAIL,
        required=False,
        help_text="A code goes there at once. Leave it empty for somebody who has none.",
        widget=forms.EmailInput(attrs=OFF),
    )
    postal = TextField(
        label="Postal address",
        label_suffix="",
        longest=LONGEST_POSTAL,
        required=False,
        help_text="Street and number, then postcode and town: one line each.",
        widget=forms.Textarea(attrs={"rows": 3, **OFF}),
    )
    country = LineField(
        label="Country",
        label_suffix="",
        longest=100,
        required=False,
        help_text="For the envelope, where it is not ours. Its law may give us less time.",
        widget=forms.TextInput(attrs=OFF),
    )
    phone = LineField(
        label="Telephone number",
        label_suffix="",
        longest=40,
        required=False,
        help_text="With + and the country code: +65 6123 4567.",
        widget=forms.TextInput(attrs={"inputmode": "tel", **OFF}),
    )
    account = LineField(
        label="Their number as a customer",
        label_suffix="",
        longest=64,
        required=False,
        help_text="As they say it, or as you find it by their name. Whether it is theirs shows in the proof.",
        widget=forms.TextInput(attrs=OFF),
    )
    system = forms.ChoiceField(label="That is their number in", label_suffix="", required=False)
    note = TextField(
        label="Note",
        label_suffix="",
        longest=LONGEST_NOTE,
        required=False,
        help_text="For your colleagues. The person can read it in a copy of their data.",
        widget=forms.Textarea(attrs={"rows": 3, **OFF}),
    )

    def __init__(self, *args: Any, for_another: bool = False, **kwargs: Any) -> None:
        """`for_another`: somebody else asks, and we write to them."""
        super().__init__(*args, **kwargs)
        self.for_another = for_another
        self.fields["system"].choices = [(one.name, one.title) for one in with_accounts()]  # type: ignore[attr-defined]
        if not self.fields["system"].choices:  # type: ignore[attr-defined]
            del self.fields["system"], self.fields["account"]

    def clean_email(self) -> str:
        if self.cleaned_data["email"]:
            try:
                normal("email", self.cleaned_data["email"])
            except NotAnIdentifier:
                raise ValidationError("This is not a whole e-mail address. It looks like name@example.com.") from None
        return str(self.cleaned_data["email"])

    def clean_phone(self) -> str:
        if not self.cleaned_data["phone"]:
            return ""
        try:
            return normal("phone", self.cleaned_data["phone"]).value
        except NotAnIdentifier:
            raise ValidationError("This is no whole telephone number. It begins with + and the country code.") from None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.for_another:
            if not data.get("name") and "name" not in self.errors:
                self.add_error("name", "Give the name of the person they ask for.")
            if not (data.get("email") or data.get("account")) and "email" not in self.errors:
                self.add_error(
                    "email", "Give what the person is found by: an e-mail address, or a number as a customer."
                )
        elif not self.errors and not (data["email"] or data["postal"] or data["phone"]):
            raise ValidationError("Give an e-mail address, a postal address or a telephone number to answer to.")
        if data.get("postal") and not data.get("name") and "name" not in self.errors:
            self.add_error("name", "A letter needs a name on its envelope.")
        return data


class SaidAgainForm(SaidForm):
    """The same, put right or added to; the address has its own code and stays."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["email"]

    def clean(self) -> dict[str, Any]:
        data = forms.Form.clean(self) or {}
        if data.get("postal") and not data.get("name") and "name" not in self.errors:
            self.add_error("name", "A letter needs a name on its envelope.")
        return data


class FactsForm(forms.Form):
    """Known facts, as the person said them. What is typed here is compared and stored nowhere."""

    channel = forms.ChoiceField(
        label="How did you ask them?",
        label_suffix="",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how you asked.", "invalid_choice": "Choose one of these."},
    )

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ways = [way for way in SPOKEN if way[0] != case.channel]
        self.fields["channel"].choices = ways  # type: ignore[attr-defined]
        for fact in facts_here():
            self.fields[fact.name] = LineField(
                label=fact.asks,
                label_suffix="",
                longest=100,
                required=False,
                help_text=fact.hint,
                widget=forms.TextInput(attrs=OFF),
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and len(self.answers()) < FEWEST:
            raise ValidationError(f"Ask at least {FEWEST} of these.")
        return data

    def answers(self) -> dict[str, str]:
        return {name: text for name, text in self.cleaned_data.items() if name != "channel" and text}


class DoubtForm(forms.Form):
    """Why nothing less than a document will do."""

    doubt = TextField(
        label="Why do you doubt that it is them?",
        label_suffix="",
        longest=LONGEST_DOUBT,
        help_text="What about this request makes you doubt, and why no other step will do. It is kept with your name.",
        widget=forms.Textarea(attrs={"rows": 4, **OFF}),
        error_messages={"required": "The law allows it only with a reasonable doubt. Say what it is."},
    )


class DocumentForm(forms.Form):
    """The copy of a document."""

    file = forms.FileField(
        label="The copy",
        label_suffix="",
        help_text="PDF, PNG or JPEG, at most 10 MB. All is covered but the name, and the address or date of birth.",
        widget=forms.FileInput(attrs={"accept": "application/pdf,image/png,image/jpeg"}),
        error_messages={"required": "Choose the file with the copy.", "empty": "This file is empty."},
    )


class PostedForm(forms.Form):
    """The day on which a letter of ours was posted."""

    on = forms.DateField(
        label="Posted on",
        label_suffix="",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Give the day it was posted.", "invalid": "Write the day as 2026-11-30."},
    )


def with_accounts() -> list[System]:
    """The company's systems in which people have a number. One whose pack cannot be read has none."""
    found = []
    for system in active_systems():
        try:
            tables = pack_of(system).tables.values()
        except PackError:
            continue
        numbered = any(link.kind == "account" for rule in tables if rule.person for link in rule.links)
        if numbered and not is_own(system):
            found.append(system)
    return found
