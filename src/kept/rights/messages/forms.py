"""What is typed into a conversation, by either side."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms
from django.core.files.uploadedfile import UploadedFile

from kept.people.fields import TextField
from kept.post.languages import LANGUAGES
from kept.rights.messages.rules import LARGEST_FILE, LONGEST, MOST_FILES
from kept.rights.messages.texts import TITLES


class Files(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Some files, or none. What they are is looked at when they are kept: `security.uploads`."""

    widget = Files(attrs={"accept": ".pdf,.png,.jpg,.jpeg"})

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[bytes]]:
        found = [one for one in (data if isinstance(data, list | tuple) else [data]) if one]
        if len(found) > MOST_FILES:
            raise forms.ValidationError(f"Send at most {MOST_FILES} files at once.")
        return [super(FilesField, self).clean(one, initial) for one in found]


class Numbered(forms.Form):
    """Its number is the message's: a form that is sent twice is one message."""

    number = forms.UUIDField(widget=forms.HiddenInput, error_messages={"invalid": "Open the page again."})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["number"].initial = uuid4


class WriteBackForm(Numbered):
    """The person's side."""

    text = TextField(
        label="Your message",
        label_suffix="",
        longest=LONGEST,
        error_messages={"required": "Write your message."},
    )

    def __init__(self, *args: Any, files: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if files:
            megabytes = LARGEST_FILE // 1_000_000
            self.fields["files"] = FilesField(
                label="Files",
                label_suffix="",
                required=False,
                help_text=f"PDF, PNG or JPEG, up to {megabytes} MB each. Send only what we asked for.",
            )


class WriteForm(Numbered):
    """The officer's side."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=100)
    language = forms.ChoiceField(
        widget=forms.HiddenInput, choices=[(code, one.english) for code, one in LANGUAGES.items()], required=False
    )
    text = TextField(
        label="What you write",
        label_suffix="",
        longest=LONGEST,
        widget=forms.Textarea(attrs={"rows": 9}),
        help_text="The mail greets the person and names the request already.",
        error_messages={"required": "Write something, or pick a text above."},
    )
    may_send_files = forms.BooleanField(label="They may send files with their answer", label_suffix="", required=False)


class PickForm(forms.Form):
    """A text to begin with, and its language. A choice that is none of ours is no choice."""

    pick = forms.ChoiceField(
        label="Begin with a text",
        label_suffix="",
        required=False,
        choices=[("", "none"), *TITLES.items()],
    )
    in_language = forms.ChoiceField(
        label="Language",
        label_suffix="",
        required=False,
        choices=[(code, one.english) for code, one in LANGUAGES.items()],
    )
