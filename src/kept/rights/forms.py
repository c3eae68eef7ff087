"""What people type and choose in the rights room."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.safestring import SafeString

from kept.engine.errors import NotAnIdentifier
from kept.engine.identifiers import normal
from kept.people.fields import LineField, TextField
from kept.rights.actions.asking import LONGEST_EMAIL, LONGEST_NAME
from kept.rights.actions.extending import LONGEST_REASON, LONGEST_WAIT
from kept.rights.homes import homes
from kept.rights.models import Case
from kept.rights.offered import RUNNING, Offer
from kept.use.forms import GroundForm

CODE_DIGITS = 6


def _choice(words: str, hint: str) -> SafeString:
    return format_html('{} <span class="hint">{}</span>', words, hint)


def _choices(offers: tuple[Offer, ...]) -> list[tuple[str, SafeString]]:
    return [(offer.name, _choice(offer.ask, offer.means)) for offer in offers]


class RightForm(forms.Form):
    right = forms.ChoiceField(
        label="What would you like us to do?",
        label_suffix="",
        choices=lambda: _choices(RUNNING),
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what you would like.", "invalid_choice": "Choose one of these."},
    )


class WhoForm(forms.Form):
    email = LineField(
        label="Your e-mail address",
        label_suffix="",
        longest=LONGEST_EMAIL,
        help_text="We search for it in our systems, and send the answer there. Use the one you gave us.",
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
        error_messages={"required": "Type your e-mail address."},
    )
    name = LineField(
        label="Your name",
        label_suffix="",
        longest=LONGEST_NAME,
        required=False,
        help_text="It helps us tell you from others who share an address. Leave it empty if you like.",
        widget=forms.TextInput(attrs={"autocomplete": "name", "spellcheck": "false"}),
    )

    home = forms.ChoiceField(
        label="Where do you live?",
        label_suffix="",
        required=False,
        choices=lambda: [("", "I would rather not say"), *homes()],
        help_text="Some laws give us less time to answer. Where you say nothing, our own law counts.",
        error_messages={"invalid_choice": "Choose one of these."},
    )

    def clean_email(self) -> str:
        try:
            normal("email", self.cleaned_data["email"])
        except NotAnIdentifier:
            raise ValidationError("This is not a whole e-mail address. It looks like name@example.com.") from None
        return str(self.cleaned_data["email"])


class CodeForm(forms.Form):
    """Six digits, typed with or without spaces."""

    code = LineField(
        longest=40,
        label="Code from the mail",
        label_suffix="",
        help_text="6 digits. You can paste it.",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "class": "short"}),
        error_messages={"required": "Type the code from the mail."},
    )

    def clean_code(self) -> str:
        digits = re.sub(r"[\s.\u2010-\u2015-]+", "", str(self.cleaned_data["code"]))
        if not re.fullmatch(rf"[0-9]{{{CODE_DIGITS}}}", digits):
            raise ValidationError(f"The code has {CODE_DIGITS} digits.")
        return digits


class ConfirmForm(forms.Form):
    """The second confirmation of an erasure."""

    read = forms.BooleanField(
        label="I have read what goes and what stays",
        label_suffix="",
        error_messages={"required": "Tick this first: what is erased cannot be brought back."},
    )


class AccountsForm(forms.Form):
    """Which of the accounts that one system could not tell apart are the person's."""

    accounts = forms.MultipleChoiceField(
        label="Which of these are the person's?",
        label_suffix="",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Choose at least one, or say that none of them is the person's.",
            "invalid_choice": "Choose from these accounts only.",
        },
    )

    def __init__(self, *args: Any, found: list[tuple[str, SafeString]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["accounts"].choices = found  # type: ignore[attr-defined]


REASON_WORDS = {
    "identity": "To see whether they are this person's",
    "third_parties": "To see what they say about other people",
    "law": "To see whether a law keeps them",
    "question": "The person asked about them",
    "quality": "To see whether the answer is right and whole",
}


class ReasonForm(forms.Form):
    """Why an officer has to see a person's rows."""

    reason = forms.ChoiceField(
        label="Why do you need to see these rows?",
        label_suffix="",
        widget=forms.RadioSelect,
        choices=list(REASON_WORDS.items()),
        error_messages={
            "required": "Choose a reason. It is kept with your name.",
            "invalid_choice": "Choose one of these.",
        },
    )


class HoldForm(forms.Form):
    """Until when a case is put aside, and for what."""

    until = forms.DateField(
        label="Until when?",
        label_suffix="",
        widget=forms.DateInput(attrs={"type": "date", "class": "short"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d %B %Y", "%d %b %Y"],
        error_messages={"required": "Choose a day.", "invalid": "Write the day like this: 2026-12-24."},
    )
    waits_for = forms.ChoiceField(
        label="What does it wait for?",
        label_suffix="",
        widget=forms.RadioSelect,
        choices=[(one.value, one.label.capitalize()) for one in Case.Hold],
        error_messages={"required": "Choose what it waits for.", "invalid_choice": "Choose one of these."},
    )

    def __init__(self, *args: Any, first: date, last: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["until"].initial = first
        bounds = {"min": first.isoformat(), "max": last.isoformat()}
        self.fields["until"].widget.attrs |= bounds
        self.fields["until"].help_text = f"From {first:%d %b %Y} to the last day to answer, {last:%d %b %Y}."


class RestrictedReasonForm(GroundForm, ReasonForm):
    """The same for somebody whose data are restricted: a reason of ours, and a ground of the law. GDPR Art. 18(2)."""

    field_order = ("reason", "despite")


COMPLEX = "complexity", "It is complex"
MANY = "number", "There are many requests of this person"


class ExtendForm(forms.Form):
    """Why an answer takes longer: the law knows two grounds, and the person is told what it is here."""

    ground = forms.ChoiceField(
        label="Why does it take longer?",
        label_suffix="",
        widget=forms.RadioSelect,
        choices=[COMPLEX, MANY],
        error_messages={"required": "Choose why.", "invalid_choice": "Choose one of these."},
    )
    reasons = TextField(
        label="What you tell the person",
        label_suffix="",
        longest=LONGEST_REASON,
        help_text="One or two plain sentences. They stand in the mail and on their page.",
        error_messages={"required": "Say it in your own words: the law wants the reasons told."},
    )
    until = forms.DateField(
        label="When will the person have our answer?",
        label_suffix="",
        help_text="The law sets no length here: the person is told this day.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Say by when.", "invalid": "Write a day such as 2026-03-31."},
    )

    def __init__(self, *args: Any, after: date | None = None, **kwargs: Any) -> None:
        """`after`: the first deadline, where the law wants a day to be told; None: it sets the length itself."""
        super().__init__(*args, **kwargs)
        self.after = after
        if after is None:
            del self.fields["until"]
        else:
            del self.fields["ground"]
            self.order_fields(["until", "reasons"])

    def clean_until(self) -> date:
        until: date = self.cleaned_data["until"]
        if self.after is not None and not self.after < until <= self.after + LONGEST_WAIT:
            raise ValidationError(f"Say a day after {self.after:%-d %B %Y}, and within a year of it.")
        return until
