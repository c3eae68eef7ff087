"""What people and staff type in the complaints room."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from kept.complaints.actions.receiving import Upload
from kept.complaints.clocks import laws
from kept.complaints.models import Complaint, Enquiry
from kept.complaints.rules import (
    LARGEST_FILE,
    LONGEST_EMAIL,
    LONGEST_NAME,
    LONGEST_NOTE,
    LONGEST_POSTAL,
    LONGEST_WORDS,
    MOST_AT_ONCE,
)
from kept.engine.errors import NotAnIdentifier
from kept.engine.identifiers import normal
from kept.people.fields import LineField, TextField
from kept.people.models import Account

FILES_HINT = (
    f"Up to {MOST_AT_ONCE} files of {LARGEST_FILE // 1_000_000} MB: PDF, PNG, JPEG, DOCX or plain text. "
    "They are kept sealed."
)
NOT_AN_ADDRESS = "This is not a whole e-mail address. It looks like name@example.com."
CODE_DIGITS = 6
OLDEST = timedelta(days=10 * 365)


class _Files(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files, as `Upload`s. What they are is looked at when they are kept, by their content."""

    widget = _Files

    def clean(self, data: Any, initial: Any = None) -> list[Upload]:
        given = [one for one in (data if isinstance(data, list) else [data]) if isinstance(one, UploadedFile)]
        if len(given) > MOST_AT_ONCE:
            raise ValidationError(f"These are {len(given)} files. Send at most {MOST_AT_ONCE} at once.")
        if any(not one.size for one in given):
            raise ValidationError("A file is empty. Choose your files again.")
        return [Upload(one.file, one.name or "") for one in given]  # type: ignore[arg-type]


class _WithFiles(forms.Form):
    """Needs `enctype="multipart/form-data"`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)


def _files(label: str = "Files") -> FilesField:
    return FilesField(label=label, required=False, help_text=FILES_HINT)


def _law() -> forms.ChoiceField:
    return forms.ChoiceField(
        label="Where do you live?",
        choices=laws,
        widget=forms.RadioSelect,
        help_text="So that we can tell you where else you may go.",
        error_messages={"required": "Choose where you live.", "invalid_choice": "Choose one of these."},
    )


def _words(label: str, hint: str) -> TextField:
    return TextField(
        label=label,
        longest=LONGEST_WORDS,
        help_text=hint,
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"required": "Tell us what happened."},
    )


def _whole(email: str) -> str:
    if email.strip():
        try:
            normal("email", email)
        except NotAnIdentifier:
            raise ValidationError(NOT_AN_ADDRESS) from None
    return email


class ComplainForm(_WithFiles):
    """A complaint on the site. `form`: sent twice, it is one complaint."""

    words = _words("What are you not content with?", "In your own words. Do not write passwords or card numbers.")
    wants = TextField(
        label="What would put it right?", longest=LONGEST_NOTE, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    about = LineField(
        label="Number of the request it is about",
        longest=LONGEST_NAME,
        required=False,
        help_text="It stands in our mails and looks like HC-2026-4F7K2.",
        widget=forms.TextInput(attrs={"class": "short", "autocomplete": "off", "spellcheck": "false"}),
    )
    law = _law()
    email = LineField(
        label="Your e-mail address",
        longest=LONGEST_EMAIL,
        help_text="Our answer goes there.",
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
        error_messages={"required": "Type your e-mail address, so that we can answer."},
    )
    name = LineField(
        label="Your name",
        longest=LONGEST_NAME,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name", "spellcheck": "false"}),
    )
    attached = _files()
    form = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, *args: Any, account: Account | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if account is not None:
            del self.fields["email"], self.fields["name"]

    def clean_email(self) -> str:
        return _whole(str(self.cleaned_data["email"]))


class AddForm(_WithFiles):
    """What a person adds to their complaint."""

    text = TextField(
        label="What would you like to add?",
        longest=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": "Write a line, also if you only send files."},
    )
    attached = _files()


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


class Moment(forms.DateTimeField):
    """A time in UTC, to the minute; not in the future."""

    def __init__(self, **options: Any) -> None:
        widget = forms.DateTimeInput(format="%Y-%m-%d %H:%M", attrs={"autocomplete": "off", "class": "short"})
        super().__init__(widget=widget, **options)
        self.error_messages["invalid"] = "Write it like 2026-11-27 18:00."

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value and not timezone.now() - OLDEST < value <= timezone.now():
            raise ValidationError("It lies in the future, or more than ten years back.")


class WriteDownForm(_WithFiles):
    """Staff write down what came by letter, by telephone or at the counter."""

    channel = forms.ChoiceField(
        label="How did it come?",
        widget=forms.RadioSelect,
        choices=[(one.value, one.label.capitalize()) for one in (
            Complaint.Channel.LETTER, Complaint.Channel.TELEPHONE, Complaint.Channel.COUNTER, Complaint.Channel.EMAIL,
        )],
        error_messages={"required": "Choose how it came.", "invalid_choice": "Choose one of these."},
    )  # fmt: skip
    received_at = Moment(
        label="When did it come?", help_text="In UTC. The clock runs from here.", initial=timezone.now,
        error_messages={"required": "Say when it came."},
    )  # fmt: skip
    words = _words("What do they complain about?", "In their own words. A scan of the letter can stand for it below.")
    wants = TextField(
        label="What would put it right?", longest=LONGEST_NOTE, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    about = LineField(label="Number of the request it is about", longest=LONGEST_NAME, required=False)
    law = _law()
    name = LineField(label="Their name", longest=LONGEST_NAME, required=False)
    email = LineField(
        label="Their e-mail address",
        longest=LONGEST_EMAIL,
        required=False,
        help_text="With it, they are told at once that the complaint is here.",
    )
    postal = TextField(
        label="Their postal address", longest=LONGEST_POSTAL, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    attached = _files("Scans and other files")
    form = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["law"].label = "Where do they live?"
        self.fields["law"].help_text = "It says whose clock runs, and where else they may go."

    def clean_email(self) -> str:
        return _whole(str(self.cleaned_data["email"]))

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        if not told.get("email") and told.get("channel") == Complaint.Channel.EMAIL:
            self.add_error("email", "It came by e-mail: from which address?")
        return told


WAYS = [
    (one.value, words)
    for one, words in (
        (Complaint.Channel.EMAIL, "By e-mail: Kept writes it now"),
        (Complaint.Channel.LETTER, "By letter: I have sent it"),
        (Complaint.Channel.TELEPHONE, "By telephone: I have told them"),
        (Complaint.Channel.COUNTER, "At the counter: I have told them"),
    )
]


class HowForm(forms.Form):
    """By which way they are told; e-mail only where there is an address."""

    how = forms.ChoiceField(
        label="How are they told?",
        widget=forms.RadioSelect,
        choices=WAYS,
        error_messages={"required": "Choose how they are told.", "invalid_choice": "Choose one of these."},
    )

    def __init__(self, *args: Any, complaint: Complaint, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        ways = WAYS if complaint.email else WAYS[1:]
        self.fields["how"].choices = ways  # type: ignore[attr-defined]
        self.fields["how"].initial = ways[0][0]


class TellForm(HowForm):
    text = TextField(
        label="What you tell the person",
        longest=LONGEST_NOTE,
        help_text="Plain sentences: what you have done so far, and what comes next.",
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": "Write what you tell them."},
    )
    field_order = ("text", "how")


class NoteForm(forms.Form):
    text = TextField(
        label="What you found out",
        label_suffix="",
        longest=LONGEST_NOTE,
        help_text="It goes to nobody. If the person asks for a copy of their data, it is in it.",
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": "Write something down."},
    )


class DecideForm(HowForm):
    outcome = forms.ChoiceField(
        label="What came of it?",
        widget=forms.RadioSelect,
        choices=[
            (Complaint.Outcome.UPHELD.value, "Upheld: they are right"),
            (Complaint.Outcome.PARTLY.value, "Partly upheld: they are right in part"),
            (Complaint.Outcome.NOT_UPHELD.value, "Not upheld: we did what we had to"),
        ],
        error_messages={"required": "Choose an outcome.", "invalid_choice": "Choose one of these."},
    )
    findings = TextField(
        label="What we found",
        longest=LONGEST_NOTE,
        help_text="What you looked at, and what it shows. The person reads it.",
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": "Say what you found."},
    )
    remedy = TextField(
        label="What is done about it",
        longest=LONGEST_NOTE,
        help_text="Or why nothing is. The person reads it.",
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Say what is done, or why nothing is."},
    )
    field_order = ("outcome", "findings", "remedy", "how")


class LinkForm(forms.Form):
    reference = LineField(
        label="Number of the request or complaint",
        label_suffix="",
        longest=LONGEST_NAME,
        widget=forms.TextInput(attrs={"class": "short", "autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Type its number."},
    )


class LawForm(forms.Form):
    law = forms.ChoiceField(
        label="Where do they live?",
        label_suffix="",
        choices=laws,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose where.", "invalid_choice": "Choose one of these."},
    )


class TakeForm(forms.Form):
    """Who looks into it: only officers who may."""

    officer = forms.ChoiceField(
        label="Who looks into it?",
        label_suffix="",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose who looks into it.", "invalid_choice": "Choose one of these."},
    )

    def __init__(self, *args: Any, found: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["officer"].choices = found  # type: ignore[attr-defined]


class EvidenceForm(forms.Form):
    """A bundle; with what names the person only for a reason, and with a second officer."""

    personal = forms.BooleanField(label="Put in what names the person", label_suffix="", required=False)
    reason = TextField(
        label="If so, why is that needed?",
        label_suffix="",
        longest=LONGEST_NOTE,
        required=False,
        help_text="A second officer reads it, and has to allow it.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        if told.get("personal") and not told.get("reason", "").strip():
            self.add_error("reason", "Say why: without a need nobody’s data goes out.")
        return told


def _line(label: str, hint: str = "", *, required: bool = True) -> LineField:
    return LineField(
        label=label, longest=LONGEST_NAME, help_text=hint, required=required,
        error_messages={"required": "Type it."},
    )  # fmt: skip


class EnquiryForm(forms.Form):
    """What an authority asks."""

    authority = _line("Which authority?", "Its full name.")
    their_reference = _line("Their number", "As it stands in their letter.", required=False)
    basis = _line("Under which law do they ask?", "For example GDPR Art. 58(1)(a). They have to say it.")
    asked = TextField(
        label="What do they ask?",
        longest=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": "Write what they ask."},
    )
    contact = TextField(
        label="Who asks, and how can they be reached?",
        longest=1_000,
        required=False,
        help_text="As they say it themselves. You call back on a number that you found elsewhere.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    channel = forms.ChoiceField(
        label="How did it come?",
        widget=forms.RadioSelect,
        choices=[(value, words.capitalize()) for value, words in Enquiry.Channel.choices],
        error_messages={"required": "Choose how it came.", "invalid_choice": "Choose one of these."},
    )
    received_at = Moment(
        label="When did it come?", help_text="In UTC.", initial=timezone.now,
        error_messages={"required": "Say when it came."},
    )  # fmt: skip
    due_on = forms.DateField(
        label="By when do they want an answer?",
        help_text="Like 2026-12-14. Where they set no day, set one yourself.",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"class": "short", "autocomplete": "off"}),
        error_messages={"required": "Set a day.", "invalid": "Write it like 2026-12-14."},
    )
    due_said = _line("Where does that day come from?", "“Within two weeks”, their letter says.", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)


class VerifyForm(forms.Form):
    how = TextField(
        label="How did you reach them?",
        label_suffix="",
        longest=LONGEST_NOTE,
        help_text="Where you found the number, when you called, and who answered.",
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Say how: a number from their own letter proves nothing."},
    )


class AnswerForm(forms.Form):
    text = TextField(
        label="What you tell them",
        label_suffix="",
        longest=LONGEST_WORDS,
        help_text="Only what they ask for, and have the right to. It goes out as it stands here.",
        widget=forms.Textarea(attrs={"rows": 10}),
        error_messages={"required": "Write the answer."},
    )
    how = forms.ChoiceField(
        label="How does it go out?",
        label_suffix="",
        widget=forms.RadioSelect,
        choices=[(value, words.capitalize()) for value, words in Enquiry.Channel.choices],
        error_messages={"required": "Choose how it goes out.", "invalid_choice": "Choose one of these."},
    )
    part = forms.BooleanField(label="More will follow: this is only a part", label_suffix="", required=False)


class CloseForm(forms.Form):
    """Closed without an answer, it takes a reason."""

    why = TextField(
        label="Why is it closed without an answer?",
        label_suffix="",
        longest=LONGEST_NOTE,
        help_text="It was not genuine, say, or they took it back.",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why."},
    )
