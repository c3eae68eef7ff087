"""What goes when a case ends: rows that say something of its person, in whichever part of the room they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from django.db import models

if TYPE_CHECKING:
    from kept.rights.models import Case

Row = TypeVar("Row", bound=type[models.Model])
_models: list[type[models.Model]] = []


def goes_with_case(model: Row) -> Row:
    """Its rows, tied by `case`, are deleted when name and address of the case are erased."""
    _models.append(model)
    return model


def delete_with_case(case: Case) -> None:
    """Part of the action that ends the case."""
    for model in _models:
        model._default_manager.filter(case=case).delete()
