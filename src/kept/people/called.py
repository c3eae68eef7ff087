"""How staff pages call who did something."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from kept.people.access import display_name
from kept.people.models import Account
from kept.terms import Actor


def called_of(by: str) -> str:
    """How staff pages call who did something: `by` as entries and cases store it."""
    return called_by([by])[by]


def called_by(actors: Collection[str]) -> dict[str, str]:
    """Staff by name; the person by a word: a desk needs to know what they did, not to read their name again."""
    parts = {by: by.partition(":") for by in actors}
    ids = [UUID(key) for role, _, key in parts.values() if key and role not in ("person", "customer")]
    names = {str(account.pk): display_name(account) for account in Account.objects.filter(pk__in=ids)}
    return {by: _one(role, key, names) for by, (role, _, key) in parts.items()}


def _one(role: str, key: str, names: Mapping[str, str]) -> str:
    if role in ("person", "customer"):
        return "the person"
    return "Kept" if role == Actor.kept().role else names.get(key, role.replace("_", " "))


def role_words(by: str) -> str:
    """Who did something, for others than staff: the role and the opaque id, and nobody's name."""
    role, _, key = by.partition(":")
    words = {"person": "the person, without an account", "customer": "the person, signed in", "kept": "Kept by itself"}
    said = words.get(role, role.replace("_", " "))
    return f"{said} ({key})" if key else said
