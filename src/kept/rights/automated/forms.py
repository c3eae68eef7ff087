"""What engineers write about a rule, and what an officer says about a decision."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError

from kept.people.fields import LineField, TextField
from kept.rights.automated.actions import Said
from kept.rights.automated.models import Review, Version
from kept.rights.automated.rules import NAME, RULE_NAME, Declared, Factor, Input, Outcome

One = TypeVar("One")
SEPARATOR = "|"
INPUTS = "One a line: name | what people read | sort of data | where it comes from. End a line with “| special” for health, beliefs and the like."  # noqa: E501
FACTORS = "One a line: name | what it says when it counts | what would have changed that | inputs it looks at, with commas | points, if points count."  # noqa: E501
OUTCOMES = "One a line: name | what people read | from how many points on, if points count."


class LinesField(TextField):
    """A list of things, one a line, with a bar between their parts. What is wrong is told with its line's number."""

    def __init__(self, read: Callable[[list[str]], One], parts: Sequence[int], **options: Any) -> None:
        super().__init__(longest=20_000, **options)
        self.read, self.parts = read, parts

    def clean(self, value: Any) -> Any:
        found = []
        for number, line in enumerate(str(super().clean(value)).split("\n"), start=1):
            if not line.strip():
                continue
            cells = [cell.strip() for cell in line.split(SEPARATOR)]
            if len(cells) not in self.parts or not all(cells[: self.parts[0]]):
                raise ValidationError(f"Line {number} has not the parts that are asked for.")
            if not NAME.fullmatch(cells[0]):
                raise ValidationError(f"Line {number}: the name has small letters, digits and _ only.")
            try:
                found.append(self.read(cells))
            except ValueError:
                raise ValidationError(f"Line {number}: points are a whole number, or left out.") from None
        return tuple(found)


def read_input(cells: list[str]) -> Input:
    if len(cells) == 5 and cells[4] != "special":
        raise ValidationError("A fifth part can only be the word special.")
    name, label, category, source = cells[:4]
    return Input(name, label, category, source, len(cells) == 5)


def read_factor(cells: list[str]) -> Factor:
    looks_at = tuple(one.strip() for one in (cells[3] if len(cells) > 3 else "").split(",") if one.strip())
    return Factor(cells[0], cells[1], cells[2], looks_at, _points(cells[4:]))


def read_outcome(cells: list[str]) -> Outcome:
    return Outcome(cells[0], cells[1], _points(cells[2:]))


def _points(cells: list[str]) -> int | None:
    return int(cells[0]) if cells and cells[0] else None


def _written(points: int | None) -> list[str]:
    return [] if points is None else [str(points)]


def lines_of(said: Declared) -> dict[str, str]:
    """As the form shows what is written already."""
    inputs = (
        [one.name, one.label, one.category, one.source, *(["special"] if one.special else [])] for one in said.inputs
    )
    factors = (
        [
            one.name,
            one.says,
            one.otherwise,
            ", ".join(one.inputs),
            *_written(one.points),
        ]
        for one in said.factors
    )
    outcomes = ([one.name, one.says, *_written(one.least)] for one in said.outcomes)
    rows = {"inputs": inputs, "factors": factors, "outcomes": outcomes}
    return {name: "\n".join(" | ".join(cells) for cells in found) for name, found in rows.items()}


def _text(label: str, longest: int, hint: str = "", *, required: bool = True, rows: int = 3) -> TextField:
    return TextField(
        label=label,
        label_suffix="",
        longest=longest,
        help_text=hint,
        required=required,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


class VersionForm(forms.Form):
    title = LineField(label="What people read", label_suffix="", longest=120, help_text="Short: “Check of new orders”.")
    purpose = _text("What it is for", 500)
    alone = forms.BooleanField(label="A computer decides alone", label_suffix="", required=False)
    effect = forms.BooleanField(
        label="It has legal effects, or weighs as much",
        label_suffix="",
        required=False,
        help_text="A contract, credit, an account, work, a price: what a person cannot shrug off.",
    )
    permitted_by = forms.ChoiceField(
        label="What permits it?",
        label_suffix="",
        choices=[("", "Nothing has to: a person decides, or it does not weigh"), *Version.Permission.choices],
        required=False,
        widget=forms.RadioSelect,
        help_text="The law allows such a decision in these three cases only.",
    )
    permission = _text("Which law, why the contract needs it, or how people agree", 500, required=False)
    logic = _text("How it decides, in plain words", 2000, "As you would tell it to the person concerned.", rows=5)
    significance = _text("Why it matters to the person", 1000)
    consequences = _text("What follows for the person", 1000)
    inputs = LinesField(read_input, (4, 5), label="What goes into it", label_suffix="", help_text=INPUTS)
    factors = LinesField(
        read_factor, (3, 4, 5), label="What may decide", label_suffix="", help_text=FACTORS, required=False
    )
    outcomes = LinesField(read_outcome, (2, 3), label="What may come out", label_suffix="", help_text=OUTCOMES)
    days = forms.IntegerField(
        label="Days for which a decision is kept",
        label_suffix="",
        min_value=1,
        max_value=3660,
        widget=forms.NumberInput(attrs={"class": "short"}),
    )

    def said(self) -> Said:
        """Only after `is_valid()`."""
        words = dict(self.cleaned_data)
        words.pop("name", None)
        parts = Declared(words.pop("inputs"), words.pop("factors"), words.pop("outcomes"))
        return Said(**words, declared=parts)


class RuleForm(VersionForm):
    name = forms.CharField(
        label="What systems call it",
        label_suffix="",
        max_length=60,
        help_text="Small letters, digits and hyphens: order-check. It stays the same in all versions.",
    )
    field_order = ["name"]

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if not RULE_NAME.fullmatch(name):
            raise ValidationError("Small letters, digits and hyphens only, beginning with a letter.")
        return name


class ReviewForm(forms.Form):
    """Which outcomes there are to choose from stands in the rule."""

    result = forms.ChoiceField(
        label="What do you decide?",
        label_suffix="",
        widget=forms.RadioSelect,
        choices=[
            (Review.Result.UPHELD, "It stands"),
            (Review.Result.CHANGED, "It is changed"),
            (Review.Result.WITHDRAWN, "It is withdrawn"),
        ],
        error_messages={"required": "Choose one.", "invalid_choice": "Choose one of these."},
    )
    outcome = forms.ChoiceField(
        label="Changed to what?",
        label_suffix="",
        required=False,
        help_text="Only for a decision that is changed.",
        error_messages={"invalid_choice": "Choose one of the outcomes that the rule has."},
    )
    reasons = TextField(
        label="Your reasons, as the person reads them",
        label_suffix="",
        longest=3000,
        help_text="What you looked at, what you made of the person’s view, and why you decide so.",
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": "Say why: the person has a right to the reasons."},
    )

    def __init__(self, *args: Any, outcomes: Sequence[Outcome], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "It is not changed"), *((one.name, one.says) for one in outcomes)]
        self.fields["outcome"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("result") == Review.Result.CHANGED and not said.get("outcome") and "outcome" not in self.errors:
            self.add_error("outcome", "Choose what it is changed to.")
        return said
