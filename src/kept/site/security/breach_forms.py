"""What the officer writes into the breach register."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from kept.information.models import System
from kept.security.models import Breach

UTC_HINT = "In UTC. For example 2026-11-27 18:00."
NO_NAMES = "Name nobody: this text goes into notices."


class Moment(forms.DateTimeField):
    """A time in UTC, to the minute."""

    def __init__(self, **options: Any) -> None:
        widget = forms.DateTimeInput(format="%Y-%m-%d %H:%M", attrs={"autocomplete": "off"})
        super().__init__(widget=widget, **options)
        self.error_messages["invalid"] = "Write it like 2026-11-27 18:00."


class Words(forms.CharField):
    def __init__(self, *, rows: int = 5, **options: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": rows}), **options)


class ReportForm(forms.Form):
    title = forms.CharField(label="In a few words", max_length=120, help_text=NO_NAMES)
    happened = Words(label="What happened", max_length=4000, help_text="How it was found, and what you did so far.")
    aware_at = Moment(
        label="When did we know of it?", help_text=f"The 72 hours run from here. {UTC_HINT}", initial=timezone.now
    )


def _answer(label: str, hint: str) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, help_text=hint, choices=Breach.Answer.choices, widget=forms.RadioSelect)


class FactsForm(forms.Form):
    title = forms.CharField(label="In a few words", max_length=120)
    happened = Words(label="What happened", max_length=4000, help_text=NO_NAMES)
    confidentiality = forms.BooleanField(label="Data was read by somebody who should not", required=False)
    integrity = forms.BooleanField(label="Data was changed", required=False)
    availability = forms.BooleanField(label="Data was lost, or out of reach", required=False)
    aware_at = Moment(label="When did we know of it?", help_text=UTC_HINT)
    began_at = Moment(label="When did it begin?", help_text="Leave it empty while you do not know.", required=False)
    ended_at = Moment(label="When did it end?", help_text="Leave it empty while it goes on.", required=False)
    systems = forms.MultipleChoiceField(
        label="Which systems are concerned?", required=False, widget=forms.CheckboxSelectMultiple
    )
    people = forms.IntegerField(
        label="How many people, as you see it?",
        min_value=0,
        max_value=10**12,
        required=False,
        help_text="Empty: the number that the systems hold is used, which is the most it can be.",
        widget=forms.NumberInput(attrs={"class": "short"}),
    )
    records = forms.IntegerField(
        label="How many records?",
        min_value=0,
        max_value=10**15,
        required=False,
        widget=forms.NumberInput(attrs={"class": "short"}),
    )
    intelligible = _answer("Could they read the data?", "No: it was encrypted, and the key was not taken.")
    risk = _answer("Is there a risk to anybody?", "No: the authority is not told, and the reason stays here.")
    high_risk = _answer("Is the risk to people high?", "Yes: they are told without undue delay.")
    singapore = forms.BooleanField(label="Data stored in Singapore is concerned", required=False)
    harm = _answer("Is significant harm to people likely?", "It is what the law of Singapore asks.")
    internal = forms.BooleanField(label="It happened within our own organisation only", required=False)
    assessed_at = Moment(
        label="When was that assessed?", help_text="The 3 days of Singapore run from that day.", required=False
    )
    consequences = Words(label="What may follow for people", max_length=4000, required=False)
    measures = Words(label="What we did, and will do", max_length=4000, required=False)
    late_because = Words(label="If the notice is late: why", max_length=2000, required=False, rows=3)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["systems"].choices = list(  # type: ignore[attr-defined]
            System.objects.filter(active=True).values_list("name", "title")
        )


class NoticeForm(forms.Form):
    text = Words(label="The text", rows=24, max_length=50_000)
    sent_at = Moment(label="When was it sent?", help_text=UTC_HINT)
    receipt = forms.CharField(
        label="The number they gave it", max_length=120, required=False, help_text="Leave it empty if there is none."
    )
