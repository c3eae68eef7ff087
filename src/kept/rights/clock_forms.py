"""What officers and people type about the clock of a request."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from kept.people.fields import TextField
from kept.rights.actions.moving import LONGEST as LONGEST_BECAUSE
from kept.rights.actions.pausing import LONGEST
from kept.rights.timing.models import Wait
from kept.rights.timing.rules import MINOR, Fee

AMOUNT = re.compile(r"([0-9]{1,7})(?:[.,]([0-9]{1,2}))?")

SAID_TO = "The person reads it in a mail, and on the page of their request."


class AskForm(forms.Form):
    """What is asked of the person. `effects`: ground -> what asking it does to the clock, in words."""

    ground = forms.ChoiceField(
        label="What do you need?",
        label_suffix="",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what you need.", "invalid_choice": "Choose one of these."},
    )
    asked = TextField(
        label="What you ask the person",
        label_suffix="",
        longest=LONGEST,
        help_text=f"{SAID_TO} Ask for no more than you need.",
        error_messages={"required": "Write what you ask."},
    )
    why = TextField(
        label="Why you need it for this request",
        label_suffix="",
        longest=LONGEST,
        help_text="It is kept for whoever checks it. No clock waits for a question that everybody is asked.",
        error_messages={"required": "Say why: the law wants a reason in each case."},
    )

    def __init__(self, *args: Any, choices: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ground"].choices = choices  # type: ignore[attr-defined]


class FeeForm(forms.Form):
    """A fee, where the law allows one."""

    basis = forms.ChoiceField(
        label="What allows a fee here?",
        label_suffix="",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what allows it.", "invalid_choice": "Choose one of these."},
    )
    amount = forms.CharField(
        label="Amount",
        label_suffix="",
        max_length=12,
        help_text="What answering costs, and no more: 12.50.",
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "short", "autocomplete": "off"}),
        error_messages={"required": "Write the amount."},
    )
    currency = forms.ChoiceField(label="Currency", label_suffix="", choices=[(one, one) for one in MINOR])
    asked = TextField(
        label="What the fee is for, and how it is worked out",
        label_suffix="",
        longest=LONGEST,
        help_text=SAID_TO,
        error_messages={"required": "Write what the fee is for."},
    )
    why = TextField(
        label="Why this request may cost something",
        label_suffix="",
        longest=LONGEST,
        help_text="It is for us to show it, and it is kept for whoever checks it.",
        error_messages={"required": "Say why: it is for us to show."},
    )

    def __init__(self, *args: Any, fees: tuple[Fee, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        basis = self.fields["basis"]
        basis.choices = [(fee.basis, f"{fee.title} ({fee.source})") for fee in fees]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        match = AMOUNT.fullmatch(str(said.get("amount", "")).strip())
        digits = MINOR.get(str(said.get("currency")), 2)
        if "amount" in said and match is None:
            self.add_error("amount", "Write an amount such as 12.50.")
        elif match is not None:
            whole, rest = match.group(1), match.group(2) or ""
            if len(rest) > digits:
                self.add_error("amount", f"{said.get('currency')} has no smaller coins: write whole ones.")
            else:
                said["minor"] = int(whole) * 10**digits + int((rest or "0").ljust(digits, "0") if digits else 0)
                if not said["minor"]:
                    self.add_error("amount", "A fee is more than nothing.")
        return said


class CameForm(forms.Form):
    """An officer writes down an answer that came another way."""

    came_by = forms.ChoiceField(
        label="How did it come?",
        label_suffix="",
        widget=forms.RadioSelect,
        choices=[(by.value, by.label.capitalize()) for by in Wait.By if by != Wait.By.PAGE],
        error_messages={"required": "Choose how it came.", "invalid_choice": "Choose one of these."},
    )
    came_on = forms.DateField(
        label="On which day?",
        label_suffix="",
        help_text="The day on which it reached us, also when you read it later.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Write the day.", "invalid": "Write a day such as 2026-03-31."},
    )
    outcome = forms.ChoiceField(
        label="What does the person say?",
        label_suffix="",
        widget=forms.RadioSelect,
        choices=[("accepted", "They pay it, or agree to"), ("declined", "They do not")],
        error_messages={"required": "Choose what they say.", "invalid_choice": "Choose one of these."},
    )
    answer = TextField(
        label="What was answered",
        label_suffix="",
        longest=LONGEST,
        required=False,
        help_text="As far as the request needs it. Copies of identity papers do not belong here.",
    )

    def __init__(self, *args: Any, fee: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not fee:
            del self.fields["outcome"]
            ways = [(by.value, by.label.capitalize()) for by in Wait.By if by not in (Wait.By.PAGE, Wait.By.BANK)]
            self.fields["came_by"].choices = ways  # type: ignore[attr-defined]


class AnswerForm(forms.Form):
    """The person's own answer."""

    answer = TextField(
        label="Your answer",
        label_suffix="",
        longest=LONGEST,
        help_text="Send no copy of an identity card or passport here.",
        error_messages={"required": "Write your answer."},
    )


class LawForm(forms.Form):
    law = forms.ChoiceField(
        label="Whose clock runs?",
        label_suffix="",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a law.", "invalid_choice": "Choose one of these."},
    )
    because = TextField(
        label="Why this law",
        label_suffix="",
        longest=LONGEST_BECAUSE,
        help_text="It is kept with the request: where the person lives, say, and how you know it.",
        error_messages={"required": "Say why."},
    )

    def __init__(self, *args: Any, laws: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["law"].choices = laws  # type: ignore[attr-defined]

    def clean_because(self) -> str:
        if len(str(self.cleaned_data["because"]).split()) < 2:
            raise ValidationError("Say it in a few words more.")
        return str(self.cleaned_data["because"])
