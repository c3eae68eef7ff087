"""What the company's own records say of whoever a claimed identifier names: read now, compared here, stored nowhere.

Nothing is shown to anybody but whether it fits.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from kept.connectors.sql.connector import SqlConnector
from kept.engine.errors import NotAnIdentifier
from kept.engine.identifiers import normal
from kept.engine.pack import TableRule
from kept.engine.subject import HeldRow, Subject
from kept.information.access import active_systems, is_own, open_system
from kept.information.models import System
from kept.terms import Identifier

MOST_RECORDS = 20  # of one identifier in one table; more is no longer one person
WORD = re.compile(r"\w+")
TOWN = ("city", "postcode")
NAME = ("first_name", "last_name", "full_name")


@dataclass(frozen=True)
class OnFile:
    """One record of one person in one system."""

    system: str
    identifier: Identifier = field(repr=False)  # the record's own account, or what it was found by
    details: Mapping[str, str] = field(repr=False)  # of the pack: "street", "phone", … as they stand
    phones: frozenset[str] = field(repr=False)  # E.164
    emails: frozenset[str] = field(repr=False)
    words: frozenset[str] = field(repr=False)  # every word of it


def records_of(identifiers: Sequence[Identifier]) -> list[OnFile]:
    """The records of whoever these name, in all the company's systems. Raises what a connector raises, PackError."""
    found: list[OnFile] = []
    for system in active_systems():
        if not is_own(system):
            theirs = [one for one in identifiers if one.kind != "account" or one.scope == system.name]
            for identifier in theirs:
                found += _in_system(system, open_system(system), identifier)
    return found


def has_postal(record: OnFile, postal: str) -> bool:
    """Whether the address is the record's: every word of it stands there, the street and the town among them."""
    said = words_of(postal)
    street = words_of(record.details.get("street", ""))
    town = [words_of(record.details.get(one, "")) for one in TOWN]
    named = any(one and one <= said for one in town)
    return bool(street) and street <= said and named and said <= record.words


def has_phone(record: OnFile, phone: str) -> bool:
    return bool(phone) and phone in record.phones


def has_email(record: OnFile, email: str) -> bool:
    with suppress(NotAnIdentifier):
        return normal("email", email).value in record.emails
    return False


def has_name(record: OnFile, name: str) -> bool:
    """Whether first and last name of the record stand in the name that was given."""
    said = words_of(name)
    parts = [known for one in NAME if (known := words_of(record.details.get(one, "")))]
    return bool(said) and bool(parts) and all(one <= said for one in parts)


def words_of(text: str) -> frozenset[str]:
    """ß is ss and É is e: addresses are typed by people."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return frozenset(WORD.findall("".join(sign for sign in plain if not unicodedata.combining(sign))))


def rows_in(connector: SqlConnector, table: str, identifier: Identifier) -> Iterator[HeldRow]:
    """A person's own rows of one table, a few of them."""
    with closing(connector.rows([Subject("", frozenset({identifier}))], only=[table])) as stream:
        yield from (row for row in islice(stream, MOST_RECORDS + 1) if row.own)


def _in_system(system: System, connector: SqlConnector, identifier: Identifier) -> Iterator[OnFile]:
    for rule in connector.shipped.tables.values():
        if rule.person:
            rows = list(rows_in(connector, rule.name, identifier))
            yield from (_record(system, rule, row, identifier) for row in rows[:MOST_RECORDS])


def _record(system: System, rule: TableRule, row: HeldRow, identifier: Identifier) -> OnFile:
    texts = {name: str(value).strip() for name, value in row.values.items() if value not in (None, "")}
    columns = {name: one for name, one in rule.columns.items() if name in texts and not one.secret}
    details = {str(one.detail): texts[name] for name, one in columns.items() if one.detail and not one.copy_of}
    emails, phones = set(), set()
    for name, one in columns.items():
        with suppress(NotAnIdentifier):
            if one.kind == "email":
                emails.add(normal("email", texts[name]).value)
            elif one.kind == "phone":
                phones.add(normal("phone", _whole(texts[name], texts.get(one.calling_code, ""))).value)
    words = words_of(" ".join(texts[name] for name in columns))
    account = _account(rule, row.values, system.name)
    return OnFile(system.name, account or identifier, details, frozenset(phones), frozenset(emails), words)


def _whole(text: str, code: str) -> str:
    """A telephone number with the country code of its own column."""
    return text if text.startswith(("+", "00")) or not code else f"+{code.lstrip('+')} {text}"


def _account(rule: TableRule, values: Mapping[str, Any], system: str) -> Identifier | None:
    for link in rule.links:
        if link.kind == "account" and link.scope == system and values.get(link.column) not in (None, ""):
            with suppress(NotAnIdentifier):
                return normal("account", str(values[link.column]), scope=system)
    return None
