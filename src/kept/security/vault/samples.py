"""Some of what people really wrote, opened, to be looked for in clear; and where a text stands that was found."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from uuid import uuid4

from django.db import connection, models

from kept.vault.errors import VaultError
from kept.vault.fields import SealedTextField, open_all, sealed_models
from kept.vault.open import open_fields

ROWS = 60  # of each table
LETTERS = re.compile(rb"[A-Za-z0-9 ,.:_-]{16,40}")  # no sign that a dump writes in another way; and no whole address


def samples() -> Mapping[bytes, str]:
    """Pieces of sealed values -> the field each is from. What is said to several people is in none of them: it is ours.

    Raises MasterKeyProblem.
    """
    chance = random.Random()  # noqa: S311 - which ones is no secret
    found: dict[bytes, str] = {}
    keys: dict[bytes, set[object]] = defaultdict(set)
    values = list(_values())
    for _, key, text in values:
        for piece in LETTERS.findall(text):
            keys[piece].add(key)
    for place, _, text in values:
        pieces = [piece for piece in LETTERS.findall(text) if len(keys[piece]) == 1 and len(piece.split()) > 1]
        if pieces:
            found[chance.choice(pieces)] = place
    return found


def _values() -> Iterator[tuple[str, object, bytes]]:
    for model, fields in sealed_models():
        rows = _some(model)
        open_all(rows)
        for row in rows:
            for field in fields:
                try:
                    text = str(getattr(row, field.attname))
                except VaultError:
                    continue  # its key was destroyed a moment ago
                yield field.place, getattr(row, field.key), text.encode("utf-8", "replace")


def _some(model: type[models.Model]) -> list[models.Model]:
    """Some rows, others each time."""
    rows = model._default_manager.order_by("pk")
    if isinstance(model._meta.pk, models.UUIDField):
        after = list(rows.filter(pk__gte=uuid4())[:ROWS])
        return after + list(rows[: ROWS - len(after)])
    return list(model._default_manager.order_by("-pk")[:ROWS])


def whereabouts(piece: bytes) -> list[str]:
    """Every column of the store that holds this text in clear, without those that may repeat what is sealed elsewhere.

    "somewhere": in none that is there any more.
    """
    text = piece.decode()
    may = {place for place, one in open_fields().items() if one.may_repeat}
    found = [place for place in _columns() if _holds(place, text)]
    return sorted(set(found) - may) if found else ["somewhere"]


def _columns() -> list[str]:
    """Every column that is really there, also of tables that no model knows."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        return [
            f"{table}.{column.name}"
            for table in tables
            for column in connection.introspection.get_table_description(cursor, table)
        ]


def _holds(place: str, text: str) -> bool:
    table, _, column = place.partition(".")
    cell = f'CAST("{column}" AS TEXT)'
    with connection.cursor() as cursor:
        like = "LIKE %s"  # no sign in it that LIKE reads in another way but "_", which stands for itself as well
        cursor.execute(f'SELECT 1 FROM "{table}" WHERE {cell} {like} LIMIT 1', [f"%{text}%"])  # noqa: S608
        return cursor.fetchone() is not None


def unsealed_forms() -> tuple[int, list[str]]:
    """How many sealed values there are, and the fields of which one has not the form of a sealed value."""
    values, wrong = 0, []
    for model, fields in sealed_models():
        for field in fields:
            count, sealed = _forms(model, field)
            values += count
            if count != sealed:
                wrong.append(field.place)
    return values, wrong


def _forms(model: type[models.Model], field: SealedTextField) -> tuple[int, int]:
    column, table = f'"{field.column}"', f'"{model._meta.db_table}"'
    # SQLite stores a text where bytes belong, if somebody writes one there.
    begins = (
        f"get_byte({column}, 0) = 1"
        if connection.vendor == "postgresql"
        else (f"typeof({column}) = 'blob' AND hex(substr({column}, 1, 1)) = '01'")
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*), sum(CASE WHEN length({column}) >= 29 AND {begins} THEN 1 ELSE 0 END)"  # noqa: S608
            f" FROM {table} WHERE length({column}) > 0"
        )
        count, sealed = cursor.fetchone()
    return int(count), int(sealed or 0)
