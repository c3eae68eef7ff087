"""What a person says about a mail."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from kept.collection.addresses import addresses_in
from kept.collection.mail.models import NO_RIGHTS, MailItem
from kept.people.fields import LineField

Acting = MailItem.Acting
RIGHTS = frozenset(MailItem.Wish.values) - NO_RIGHTS


class ItemForm(forms.Form):
    """What is asked for, about whose data, and whether the sender asks for somebody else."""

    wish = forms.ChoiceField(label="What is asked for", choices=MailItem.Wish.choices)
    person = forms.EmailField(
        label="Address of the person",
        max_length=254,
        help_text="The code that proves the request goes there.",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )

    acting = forms.ChoiceField(
        label="Who asks",
        required=False,
        choices=[("", "the person themselves"), *((name, f"the sender, {words}") for name, words in Acting.choices)],
        help_text="A sender who asks for somebody else has to show that they may. The code goes to the sender then.",
    )

    name = LineField(
        label="Name of the person",
        longest=200,
        required=False,
        help_text="Only where the sender asks for them: what they show is held against it.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, sender: str = "", **kwargs: Any) -> None:
        """`sender`: of the mail, in normal form."""
        kwargs["label_suffix"] = ""
        super().__init__(*args, **kwargs)
        self.sender = sender

    def clean_acting(self) -> str:
        acting, person = str(self.cleaned_data["acting"]), self.cleaned_data.get("person", "")
        if acting and self.cleaned_data.get("wish") not in RIGHTS:
            raise ValidationError("Only rights are used for somebody else. Choose “the person themselves”.")
        if acting and not self.sender:
            raise ValidationError("The mail does not say who sent it, so we cannot write to them.")
        if acting and person and addresses_in(person) == [self.sender]:
            raise ValidationError("This is the sender’s own address. Type the address of the person they ask for.")
        return acting

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if self.cleaned_data.get("acting") and not name:
            raise ValidationError("Give the name of the person that the sender asks for.")
        return name
