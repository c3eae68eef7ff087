"""A draft pack from a live catalogue: every column undecided, with what the catalogue knows beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from kept.engine.catalogue import Catalogue, Column, Reference, Table

# What a column's name makes likely. Only a hint in a comment: a person decides.
HINTS = (
    (r"e?_?mail", 'is = "email"'),
    (r"phone|mobile|fax|tel", 'is = "phone"'),
    (r"\bip|_ip|ip_|ipv4|ipv6|remote_addr", 'is = "ip"'),
    (r"passw|secret|token|api_?key|hash", "secret = true"),
    (r"birth|dob", 'is = "birth_date"'),
    (r"user_?name|login", 'is = "username"'),
    (r"(first|last|full|sur|given)_?name|^name$", 'is = "name"'),
    (r"domain|fqdn|hostname", 'is = "domain"'),
)


def draft_pack(catalogue: Catalogue, name: str, title: str) -> str:
    """The text of a pack that loads, and refuses every erasure until somebody has decided each column."""
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "system"
    return "\n".join(_lines(catalogue, slug, title)) + "\n"


def _lines(catalogue: Catalogue, name: str, title: str) -> Iterator[str]:
    yield "# A draft. Decide every column: key, keep, erase, redact, law or refuse. Words: docs/reference/packs.md"
    yield "format = 1"
    yield f"name = {_quoted(name)}"
    yield f"title = {_quoted(title)}"
    yield "# Move tables with nobody's data in them here and delete their section:"
    yield "not_personal = []"
    links = _links(catalogue)
    for table in catalogue.tables.values():
        yield from _table(table, links[table.name])


def _links(catalogue: Catalogue) -> dict[str, list[Reference]]:
    """What points from table to table, without going in a circle: a row's way to a person must end."""
    links: dict[str, list[Reference]] = {name: [] for name in catalogue.tables}

    def leads(name: str, target: str) -> bool:
        return name == target or any(leads(one.to_table, target) for one in links[name])

    for reference in catalogue.references:
        known = reference.table in links and reference.to_table in links
        if known and not leads(reference.to_table, reference.table):
            links[reference.table].append(reference)
    return links


def _table(table: Table, references: Sequence[Reference]) -> Iterator[str]:
    section = f"table.{_key(table.name)}"
    yield ""
    yield f"[{section}]{f'  # about {table.rows:,} rows' if table.rows else ''}"
    yield f"title = {_quoted(table.name.replace('_', ' ').capitalize())}"
    yield 'category = "account"  # account, contact, billing, communication, service, usage, marketing or security'
    yield 'purpose = "Say what it is for."'
    yield 'source = "Say where it comes from."'
    yield 'period = "Say for how long."'
    links = [
        f"{{ column = {_quoted(reference.columns[0])}, to = {_quoted(_target(reference))} }}"
        for reference in references
    ]
    yield f"links = [{', '.join(links)}]  # how a row ties to a person" + (": from its foreign keys" if links else "")
    if not table.key:
        yield "key = []  # no primary key is declared: name the columns that tell one row from another"
    yield ""
    yield f"[{section}.columns]"
    for column in table.columns.values():
        yield f'{_key(column.name)} = "undecided"  # {_about(column, table)}'


def _target(reference: Reference) -> str:
    return f"{reference.to_table}.{reference.to_columns[0]}"


def _about(column: Column, table: Table) -> str:
    words = [str(column.type) + (f"({column.length})" if column.length else "")]
    if column.name in table.key:
        words.append("primary key")
    if not column.nullable:
        words.append("not null")
    if any(column.name in unique for unique in table.unique):
        words.append("unique")
    hint = next((hint for pattern, hint in HINTS if re.search(pattern, column.name, re.IGNORECASE)), None)
    return ", ".join(words) + (f"; perhaps {{ do = …, {hint} }}" if hint else "")


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _quoted(name)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
