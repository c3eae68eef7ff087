"""Sealing what older versions stored in clear: in batches, each whole or not at all, so that it can be killed and goes
on where it was. Used by migrations, on the models of their time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db import connection, models, transaction
from django.db.models import Q

from kept.vault.index import address_index
from kept.vault.keys import make_key

BATCH = 200


def seal_rows(model: Any, fields: Mapping[str, str], key_of: Callable[[Any], int]) -> int:
    """Move each clear field of the model into its sealed one. Returns how many rows there were to seal.

    `fields`: clear -> sealed. `key_of`: the number of a row's key, asked once for a row that has none yet.
    """
    wanted = Q()
    for clear in fields:
        wanted |= ~Q(**{clear: ""})
    done = 0
    while True:
        with transaction.atomic():
            rows = list(model.objects.select_for_update().filter(wanted).order_by("pk")[:BATCH])
            for row in rows:
                if row.key is None:
                    row.key = key_of(row)
                for clear, sealed in fields.items():
                    setattr(row, sealed, getattr(row, clear))
                    setattr(row, clear, "")
                row.save()
        done += len(rows)
        if len(rows) < BATCH:
            return done


def person_number(person: Any, account: Any, address: str) -> int:
    """The person of an address, made where there is none: `kept.people.persons` on the models of a migration."""
    index = address_index("people_person.address", address)
    known = person.objects.filter(address_index=index).first()
    if known is None:
        owner = account.objects.filter(email=address.lower()).first()
        known = person.objects.filter(account=owner).first() if owner else None
        if known is None:
            known = person.objects.create(number=make_key(), account=owner, address_index=index)
    return int(known.pk)


def rewrite(*tables: type[models.Model]) -> None:
    """Write the tables anew, so that no page holds what was there in clear. Outside a transaction."""
    full = [model._meta.db_table for model in tables if model._default_manager.exists()]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for table in full:
                cursor.execute(f'VACUUM FULL "{table}"')
        elif full:
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
