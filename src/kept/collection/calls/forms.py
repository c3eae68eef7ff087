"""What staff note about a call or a visit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from kept.collection.calls.actions import FURTHEST, OLDEST, SLACK
from kept.collection.calls.models import Call
from kept.engine.errors import NotAnIdentifier
from kept.engine.identifiers import normal
from kept.people.fields import LineField, TextField

PLACES = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"]


class MomentField(forms.DateTimeField):
    """A day and a time of it, in UTC."""

    def __init__(self, **options: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=PLACES[0])
        super().__init__(input_formats=PLACES, widget=widget, label_suffix="", **options)
        self.error_messages["invalid"] = "Write day and time as 2026-11-30 14:05."

    def to_python(self, value: Any) -> datetime | None:
        found = super().to_python(value)
        return found.replace(tzinfo=UTC) if found and timezone.is_naive(found) else found


class CallForm(forms.Form):
    """One call or visit."""

    door = forms.ChoiceField(
        label="How they came",
        label_suffix="",
        choices=[(Call.Door.TELEPHONE, "By telephone"), (Call.Door.COUNTER, "At the counter")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how they came.", "invalid_choice": "Choose one of these."},
    )
    came_at = MomentField(
        label="When, in UTC",
        help_text="The time we have to answer begins then.",
        error_messages={"required": "Give the day and the time."},
    )
    caller = LineField(
        label="Their name",
        label_suffix="",
        longest=200,
        help_text="As they said it. Nothing is proven by it.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Give the name, or “not given”."},
    )
    number = LineField(
        label="Number to call back",
        label_suffix="",
        longest=40,
        required=False,
        help_text="With + and the country code: +65 6123 4567.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "tel"}),
    )
    says = TextField(
        label="What they want",
        label_suffix="",
        longest=2_000,
        help_text="In their words. Note no passwords, and no number of an identity document.",
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off"}),
        error_messages={"required": "Note what they want."},
    )
    call_back_at = MomentField(
        label="Call back, in UTC", required=False, help_text="The time you agreed on. Leave it empty if you did not."
    )

    def clean_number(self) -> str:
        if not self.cleaned_data["number"]:
            return ""
        try:
            return normal("phone", self.cleaned_data["number"]).value
        except NotAnIdentifier:
            raise ValidationError("This is no whole telephone number. It begins with + and the country code.") from None

    def clean_came_at(self) -> datetime:
        at, came = timezone.now(), self.cleaned_data["came_at"]
        if came > at + SLACK or came < at - OLDEST:
            raise ValidationError("It came now or earlier, and not more than a year back.")
        return min(came, at)  # type: ignore[no-any-return]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        back, at = data.get("call_back_at"), timezone.now()
        if back is not None and not at - SLACK <= back <= at + FURTHEST:
            self.add_error("call_back_at", f"An appointment lies ahead, within {FURTHEST // timedelta(days=1)} days.")
        if back is not None and not data.get("number") and "number" not in self.errors:
            self.add_error("number", "To call back you need a number.")
        return data


class CalledBackForm(forms.Form):
    """What came of a call back."""

    says = TextField(
        label="What came of it",
        label_suffix="",
        longest=2_000,
        help_text="Also that nobody answered. Nothing is proven by this note.",
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
        error_messages={"required": "Note what came of it."},
    )
