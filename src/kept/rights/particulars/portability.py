"""To take along: give it to the person, or send it to another provider. Art. 20(1), (2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from kept.people.fields import LineField
from kept.rights.origins import host_of, origin_of
from kept.rights.particulars import ParticularsForm
from kept.security.fetch import LONGEST_URL, NotAllowed

TITLE = "Where should your data go?"
GIVE, SEND = "give", "send"
WAYS = ((GIVE, "Give it to me"), (SEND, "Send it to another provider, and give it to me too"))


class Form(ParticularsForm):
    way = forms.ChoiceField(
        label="Choose one",
        label_suffix="",
        choices=WAYS,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one.", "invalid_choice": "Choose one of these."},
    )
    to = LineField(
        label="Address of the other provider’s site",
        label_suffix="",
        longest=LONGEST_URL,
        required=False,
        help_text="Only to send it. It must run Kept, as we do: https://privacy.other.example. You confirm it once more before anything is sent.",  # noqa: E501
        widget=forms.TextInput(attrs={"autocomplete": "url", "inputmode": "url", "spellcheck": "false"}),
    )

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("way") == GIVE:
            said["to"] = ""
        elif said.get("way") == SEND and "to" not in self.errors:
            try:
                said["to"] = origin_of(said.get("to") or "")
            except NotAllowed as problem:
                words = str(problem) if said.get("to") else "Give the address of the site that we send it to."
                raise ValidationError({"to": words}) from None
        return said


def said(asked: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    told = [("Where it goes", dict(WAYS).get(asked.get("way", ""), ""))]
    return [*told, ("The other provider", host_of(asked["to"]))] if asked.get("to") else told
