"""A computer has decided: which decision it was, how the person sees it, and what they want. Art. 22(3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from kept.people.fields import TextField
from kept.rights.particulars import ParticularsForm

TITLE = "Question a computer’s decision"
LONGEST = 2_000
WISHES = (
    ("explain", "Explain to me how it came about"),
    ("review", "Have a person look at it again"),
    ("change", "Change it: I think that it is wrong"),
)


class Form(ParticularsForm):
    which = TextField(
        label="Which decision is it?",
        label_suffix="",
        longest=LONGEST,
        help_text="Say what was decided, and when if you know it. You do not know it? Write that.",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say in a few words which decision you mean."},
    )
    wants = forms.ChoiceField(
        label="What would you like?",
        label_suffix="",
        choices=WISHES,
        widget=forms.RadioSelect,
        help_text="We always explain it, and a person always looks at it again.",
        error_messages={"required": "Choose one.", "invalid_choice": "Choose one of these."},
    )
    view = TextField(
        label="How do you see it?",
        label_suffix="",
        longest=LONGEST,
        required=False,
        help_text="The person who looks at it again reads this. Say what the computer did not know.",
    )


def said(asked: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    told = [("Which decision", asked.get("which", "")), ("What you want", dict(WISHES).get(asked.get("wants", ""), ""))]
    return [(what, words) for what, words in (*told, ("How you see it", asked.get("view", ""))) if words]
