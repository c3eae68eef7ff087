"""What is not sealed, and why: `open.toml`, held to the models."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import models

from kept.vault.fields import KeyedIndexField, SealedTextField

FILE = Path(__file__).with_name("open.toml")
CAN_HOLD_TEXT = (
    models.CharField, models.TextField, models.JSONField, models.FileField, models.BinaryField,
    models.GenericIPAddressField,
)  # fmt: skip


@dataclass(frozen=True)
class Open:
    """One field that stands in clear."""

    place: str  # "people_account.email"
    why: str
    may_repeat: bool  # the same words may stand sealed in another place


@cache
def open_fields() -> Mapping[str, Open]:
    """Place -> why it is open."""
    said = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return {
        place: Open(place, one["why"], one.get("may_repeat", False)) for one in said["open"] for place in one["fields"]
    }


def undecided() -> list[str]:
    """Fields that can hold text, are not sealed, and that nobody has said may stand in clear."""
    known = open_fields()
    return sorted(place for place in _open_places() if place not in known)


def decided_in_vain() -> list[str]:
    """Lines of `open.toml` of which there is no such field, or which is sealed."""
    return sorted(set(open_fields()) - set(_open_places()))


def _open_places() -> Iterator[str]:
    for model in apps.get_models(include_auto_created=True):
        if not model._meta.managed:
            continue
        for field in model._meta.local_concrete_fields:
            if _holds_text(field):
                yield f"{model._meta.db_table}.{field.column}"


def _holds_text(field: models.Field[Any, Any]) -> bool:
    if isinstance(field, SealedTextField | KeyedIndexField) or field.choices:
        return False
    return isinstance(field, CAN_HOLD_TEXT)
