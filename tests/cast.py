"""The people everybody in the suite knows, and the demo switched on for one test."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from kept.people.models import Account


@pytest.fixture
def cast(db: None) -> dict[str, Account]:
    """All six, by first name."""
    from kept.people.actions import make_demo_cast
    from kept.terms import Actor

    return make_demo_cast(by=Actor.kept(), at=datetime(2026, 1, 5, 9, tzinfo=UTC))


@pytest.fixture
def alice(cast: dict[str, Account]) -> Account:
    """The customer."""
    return cast["alice"]


@pytest.fixture
def bob(cast: dict[str, Account]) -> Account:
    """A customer who is not Alice."""
    return cast["bob"]


@pytest.fixture
def olga(cast: dict[str, Account]) -> Account:
    """The privacy officer."""
    return cast["olga"]


@pytest.fixture
def sam(cast: dict[str, Account]) -> Account:
    """In support."""
    return cast["sam"]


@pytest.fixture
def erik(cast: dict[str, Account]) -> Account:
    """The engineer."""
    return cast["erik"]


@pytest.fixture
def aino(cast: dict[str, Account]) -> Account:
    """The auditor."""
    return cast["aino"]


@pytest.fixture
def demo(settings: object) -> Iterator[None]:
    """The demo is on: its addresses exist, and staff need no second factor."""
    settings.DEMO = True  # type: ignore[attr-defined]
    _read_addresses_again()
    yield
    settings.DEMO = False  # type: ignore[attr-defined]
    _read_addresses_again()


def _read_addresses_again() -> None:
    from django.urls import clear_url_caches

    for name in [name for name in sys.modules if name.startswith("kept.") and name.endswith(".urls")]:
        importlib.reload(sys.modules[name])
    importlib.reload(importlib.import_module("kept.site.urls"))
    clear_url_caches()


@pytest.fixture(autouse=True)
def _fresh_rate_limits() -> None:
    """What one test put into the memory of the process is not shown to the next. Tries go with the test's store."""
    from django.core.cache import caches

    caches["memory"].clear()
