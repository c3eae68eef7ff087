"""What is wrong, what it says now, and what is right. GDPR Art. 16."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from kept.engine.correction_report import NAMES
from kept.engine.details import DETAILS, LONGEST, Correction, corrected, must_agree
from kept.engine.errors import NotACorrection
from kept.people.fields import LineField
from kept.rights.particulars import ParticularsForm
from kept.rights.righting.rules import MOST_CORRECTIONS

TITLE = "What is wrong, and what is right?"
ROWS = range(1, MOST_CORRECTIONS + 1)
# For people, in place of the engine's words.
WORDS: Mapping[str, str] = {
    "what is wrong and what is right are the same": "This is what you said it says now. What should it say?",
    "say what is right; to have it removed is an erasure": "Say what is right. To have it removed, ask for an erasure.",
    "start with + and the country code": "Start with + and the code of the country, like +49 30 123456.",
    "write it as year-month-day": "Write the day as year-month-day, like 1980-02-29.",
    "nobody alive was born on that day": "Check the year of birth.",
    "it is named twice": "You named this twice.",
    "it can only become one thing": "You named this twice, with two different answers.",
    "it looks like an address of mail": "This looks like an e-mail address.",
    "it holds no letter and no digit": "This has no letter and no digit.",
}


class Form(ParticularsForm):
    """Up to five details. As data it also takes what `asked` gives: {"corrections": [{"detail", "was", "now"}]}."""

    template_name = "righting/form.html"

    def __init__(self, data: Mapping[str, Any] | None = None, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {**(kwargs.get("initial") or {}), **_rows(kwargs.get("initial") or {})}
        if data is not None and "corrections" in data:
            data = _rows(data)
        super().__init__(data, *args, **kwargs)
        for row in ROWS:
            self.fields[f"detail_{row}"] = forms.ChoiceField(
                label="What is wrong?",
                label_suffix="",
                required=row == 1,
                choices=[("", "Choose"), *((name, NAMES[name]) for name in DETAILS)],
                error_messages={"required": "Choose what is wrong.", "invalid_choice": "Choose one of these."},
            )
            self.fields[f"was_{row}"] = LineField(
                label="What does it say now?",
                label_suffix="",
                longest=LONGEST,
                required=False,
                help_text="Leave it empty if you do not know." if row == 1 else "",
                widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
            )
            self.fields[f"now_{row}"] = LineField(
                label="What is right?",
                label_suffix="",
                longest=LONGEST,
                required=row == 1,
                help_text="A new e-mail address gets a code, which you type on the page of your request."
                if row == 1
                else "",
                widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
                error_messages={"required": "Type what is right."},
            )

    def rows(self) -> list[tuple[int, list[forms.BoundField]]]:
        """For the template: the fields of each detail."""
        return [(row, [self[f"{name}_{row}"] for name in ("detail", "was", "now")]) for row in ROWS]

    @property
    def more(self) -> bool:
        """Whether the further details are to be shown at once."""
        return any(self[f"{name}_{row}"].value() or self[f"{name}_{row}"].errors for row in ROWS[1:] for name in NAMED)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        made: list[Correction] = []
        for row in ROWS:
            detail, was, now = (str(cleaned.get(f"{name}_{row}") or "") for name in NAMED)
            if any(f"{name}_{row}" in self.errors for name in NAMED) or not (detail or was or now):
                continue
            if not detail:
                self.add_error(f"detail_{row}", ValidationError("Choose what is wrong."))
                continue
            try:
                one = corrected(detail, was, now, today=timezone.localdate())  # type: ignore[arg-type]  # of the choices
                must_agree([*made, one])
            except NotACorrection as wrong:
                self.add_error(f"now_{row}", ValidationError(WORDS.get(wrong.why, f"{wrong.why.capitalize()}.")))
                continue
            made.append(one)
        self.made = made
        return cleaned

    def asked(self) -> dict[str, Any]:
        return {"corrections": [{"detail": one.detail, "was": one.was or "", "now": one.now} for one in self.made]}


NAMED = ("detail", "was", "now")


def _rows(asked: Mapping[str, Any]) -> dict[str, Any]:
    """What a case keeps, or a program sends, as the fields of the form. What is no such list is refused by them."""
    given = asked.get("corrections")
    rows = given if isinstance(given, list) else []
    found: dict[str, Any] = {}
    for row, one in zip(ROWS, rows, strict=False):
        if isinstance(one, Mapping):
            found |= {f"{name}_{row}": str(one.get(name) or "") for name in NAMED}
    if len(rows) > len(ROWS):
        found[f"detail_{len(ROWS)}"] = "too many"
    return found


def said(asked: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    told = []
    for one in asked.get("corrections", ()):
        was = f"It says: {one['was']}\n" if one.get("was") else ""
        told.append((NAMES[one["detail"]], f"{was}Right is: {one['now']}"))
    return told
