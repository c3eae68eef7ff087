"""Kept's own database as a system: what is sealed in it is found by keyed index, shown opened, and searched opened."""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property
from itertools import islice
from typing import Any, TypeVar

import sqlalchemy as sa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.apps import apps

from kept.connectors.sql.change import Intend
from kept.connectors.sql.connect import plain_errors
from kept.connectors.sql.connector import SqlConnector
from kept.connectors.sql.mark import Intend as Noted
from kept.connectors.sql.reach import View, relation
from kept.connectors.sql.read_out import Row, key_texts, searched_rows
from kept.connectors.sql.rectify import Intend as Righted
from kept.connectors.sql.stream import stream
from kept.engine.catalogue import Table
from kept.engine.details import Detail
from kept.engine.marking import Marked, MarkPlan
from kept.engine.pack import MarkName
from kept.engine.plan import Plan
from kept.engine.rectifying import CorrectionPlan, Line
from kept.engine.subject import Batch, Change, HeldRow, Holding, Residue, Subject
from kept.engine.traces import Finder
from kept.terms import Identifier
from kept.vault.errors import Unreadable
from kept.vault.fields import KeyedIndexField, SealedTextField, sealed_fields
from kept.vault.index import address_index, index_of
from kept.vault.keys import cipher_from, secret_from
from kept.vault.models import Generation
from kept.vault.seal import bound_to, unseal

INDEX = "index "  # the pack calls a keyed index an account number of "index table.column"
ROWS = 500  # whose keys are read with one statement
UNREADABLE = "[sealed with a key that was destroyed]"

T = TypeVar("T")
Cells = Mapping[str, Any]


class OwnConnector(SqlConnector):
    """As any database, with the vault's keys. It reads them over its own connection, in the thread that reads."""

    def count(self, batch: Batch, on: date) -> list[list[Holding]]:
        return super().count(self.with_indexes(batch), on)

    def rows(self, batch: Batch, only: Collection[str] | None = None) -> Generator[HeldRow, None, None]:
        with self.session() as (connection, _):
            known = super().rows(self.with_indexes(batch), only)
            for parcel in _parcels(known, ROWS):
                yield from self._opened(connection, parcel)

    def erase(self, plan: Plan, batch: Batch, intend: Intend | None = None) -> list[list[Change]]:
        return super().erase(plan, self.with_indexes(batch), intend)

    def mark(self, plan: MarkPlan, batch: Batch, name: MarkName, intend: Noted | None = None) -> list[list[Marked]]:
        return super().mark(plan, self.with_indexes(batch), name, intend)

    def preview(self, plan: CorrectionPlan, subject: Subject) -> list[Line]:
        return super().preview(plan, self.with_indexes([subject])[0])

    def stated(self, plan: CorrectionPlan, subject: Subject) -> Mapping[Detail, frozenset[str]]:
        return super().stated(plan, self.with_indexes([subject])[0])

    def rectify(self, plan: CorrectionPlan, subject: Subject, intend: Righted | None = None) -> list[Line]:
        return super().rectify(plan, self.with_indexes([subject])[0], intend)

    def look(self, plan: Plan, batch: Batch) -> list[Residue]:
        return super().look(plan, self.with_indexes(batch))

    def with_indexes(self, batch: Batch) -> list[Subject]:
        """Each subject with what stands in the keyed indexes for their addresses, and for the numbers they have."""
        places = sorted({link.scope for rule in self.shipped.tables.values() for link in rule.links})
        places = [place.removeprefix(INDEX) for place in places if place.startswith(INDEX)]
        with plain_errors(self.title), self.engine.connect() as connection:
            wrapped = sa.text("SELECT wrapped FROM vault_generation WHERE number = :number")
            row = connection.execute(wrapped, {"number": Generation.INDEX}).first()
        if row is None:
            return list(batch)  # no keys yet: nothing was ever sealed
        secret = secret_from(bytes(row[0]))
        return [
            replace(
                subject,
                identifiers=subject.identifiers
                | {
                    Identifier("account", address_index(place, address, secret).hex(), INDEX + place)
                    for place in places
                    for address in subject.emails()
                }
                | {
                    Identifier("account", index_of(place, one.written, secret).hex(), INDEX + place)
                    for place in places
                    if place in self.of_identifiers
                    for one in subject.identifiers
                    if one.strong and one.kind != "email"
                },
            )
            for subject in batch
        ]

    def beside(
        self, connection: sa.Connection, view: View, table: Table, finder: Finder
    ) -> tuple[Sequence[str], Iterator[Row]] | None:
        """What is sealed in a table, opened: the second look reads that as well."""
        fields = self.sealed.get(table.name, ())
        if not fields:
            return None
        source = relation(table)
        keys = key_texts(view, table, source)
        names = list(dict.fromkeys(name for field in fields for name in _needed(field)))
        filled = sa.or_(*(sa.func.length(source.c[field.attname]) > 0 for field in fields))
        statement = sa.select(*keys, *(source.c[name] for name in names)).select_from(source).where(filled)

        def opened() -> Iterator[tuple[Any, ...]]:
            # Keys are asked for while rows are still coming, so they come over a second connection.
            with self.engine.connect() as other:
                for parcel in _parcels(stream(connection, statement), ROWS):
                    cells = [dict(zip(names, row[len(keys) :], strict=True)) for row in parcel]
                    ciphers = _ciphers(other, (cell[field.key] for cell in cells for field in fields))
                    for row, cell in zip(parcel, cells, strict=True):
                        yield (*row[: len(keys)], *(_open(field, cell, ciphers, "") for field in fields))

        return [field.attname for field in fields], searched_rows(opened(), len(keys), finder)

    @cached_property
    def sealed(self) -> Mapping[str, Sequence[SealedTextField]]:
        """Table -> its sealed fields."""
        found = ((model._meta.db_table, sealed_fields(model)) for model in apps.get_models())
        return {table: fields for table, fields in found if fields}

    @cached_property
    def of_identifiers(self) -> frozenset[str]:
        """The places whose keyed index is one of identifiers of every kind."""
        fields = (field for model in apps.get_models() for field in model._meta.local_concrete_fields)
        return frozenset(one.place for one in fields if isinstance(one, KeyedIndexField) and one.kind == "identifier")

    def _opened(self, connection: sa.Connection, rows: Sequence[HeldRow]) -> Iterator[HeldRow]:
        """The rows as the person may read them."""
        wanted = (row.values.get(field.key) for row in rows for field in self.sealed.get(row.rule.name, ()))
        with self.engine.connect() as other:
            ciphers = _ciphers(other, wanted)
        for row in rows:
            fields = self.sealed.get(row.rule.name, ())
            told = {field.attname: _open(field, row.values, ciphers, UNREADABLE) for field in fields}
            yield replace(row, values={**row.values, **told}) if told else row


def _needed(field: SealedTextField) -> list[str]:
    return [field.attname, field.key, *(one.attname for one in field.bound_fields())]


def _open(field: SealedTextField, cells: Cells, ciphers: Mapping[int, AESGCM], instead: str) -> str:
    """One sealed value as text; "": there is nothing in it."""
    sealed = bytes(cells[field.attname] or b"")
    if not sealed:
        return ""
    number = cells[field.key]
    if number not in ciphers:
        return instead
    row = "\0".join(str(one.to_python(cells[one.attname])) for one in field.bound_fields())
    try:
        return unseal(ciphers[number], sealed, bound_to(number, field.place, row)).decode("utf-8", "replace")
    except Unreadable:
        return instead


def _ciphers(connection: sa.Connection, numbers: Iterable[int | None]) -> Mapping[int, AESGCM]:
    wanted = sorted({number for number in numbers if number is not None})
    statement = sa.text(
        "SELECT k.number, g.wrapped, k.wrapped FROM vault_key AS k JOIN vault_generation AS g"
        " ON g.number = k.generation_id WHERE k.number IN :numbers"
    ).bindparams(sa.bindparam("numbers", expanding=True))
    rows = connection.execute(statement, {"numbers": wanted}) if wanted else ()
    return {int(number): cipher_from(bytes(above), bytes(wrapped)) for number, above, wrapped in rows}


def _parcels(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    coming = iter(rows)
    while parcel := list(islice(coming, size)):
        yield parcel
