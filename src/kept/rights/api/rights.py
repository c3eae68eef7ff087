"""GET /rights: what can be asked for here, and what is asked beside each right."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from kept.rights.offered import RUNNING
from kept.rights.particulars import particulars_of

router = Router()


class Choice(Schema):
    value: str
    label: str


class Beside(Schema):
    """One thing said beside a right, as a member of `asked`."""

    name: str
    label: str
    required: bool
    many: bool = Field(description="true: a list of texts.")
    choices: list[Choice] = Field(description="Only these; empty: any text.")


class Right(Schema):
    name: str
    title: str = Field(description="In the voice of the person who asks.")
    means: str
    asks: list[Beside]


class Rights(Schema):
    rights: list[Right]


@router.get(
    "/rights", response=Rights, url_name="api_rights", operation_id="list_rights", summary="The rights that run"
)
def list_rights(request: HttpRequest) -> dict[str, Any]:
    """Only what really runs here can be asked for."""
    return {
        "rights": [
            {"name": offer.name, "title": offer.ask, "means": offer.means, "asks": asks_of(offer.name)}
            for offer in RUNNING
        ]
    }


def asks_of(right: str) -> list[dict[str, Any]]:
    particulars = particulars_of(right)
    fields = particulars.Form().fields if particulars else {}
    return [
        {
            "name": name,
            "label": str(field.label or name),
            "required": field.required,
            "many": isinstance(field, forms.MultipleChoiceField),
            "choices": [{"value": str(value), "label": str(label)} for value, label in _choices(field) if value],
        }
        for name, field in fields.items()
    ]


def _choices(field: forms.Field) -> list[tuple[Any, Any]]:
    choices: Any = field.choices if isinstance(field, forms.ChoiceField) else ()
    return list(choices)
