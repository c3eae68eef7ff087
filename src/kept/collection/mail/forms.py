"""What a person says about a mail."""

from __future__ import annotations

from typing import Any

from django import forms

from kept.collection.mail.models import MailItem


class ItemForm(forms.Form):
    """What is asked for, and about whose data."""

    wish = forms.ChoiceField(label="What is asked for", choices=MailItem.Wish.choices)
    person = forms.EmailField(
        label="Address of the person",
        max_length=254,
        help_text="The code that proves the request goes there.",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["label_suffix"] = ""
        super().__init__(*args, **kwargs)
