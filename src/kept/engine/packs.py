"""Packs: what a product holds. Found by name or file, read and checked. The format: docs/reference/packs.md."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib import resources
from pathlib import Path

from kept.engine.errors import PackError
from kept.engine.pack import Pack
from kept.engine.pack_reader import read_pack


def load(reference: str, parameters: Mapping[str, str] | None = None) -> Pack:
    """The pack of a name Kept ships (`fossbilling`), or of a file; `?prefix:ost_` sets a parameter.

    Raises PackError.
    """
    place, _, query = reference.partition("?")
    given = dict(parameters or {})
    for setting in filter(None, query.split("&")):
        key, colon, value = setting.partition(":")
        if not colon:
            raise PackError(place, None, "after ? write word:value, such as osticket?prefix:ost_")
        given[key] = value
    shipped = resources.files("kept") / "packs" / f"{place}.toml"
    if re.fullmatch(r"[a-z0-9-]+", place) and shipped.is_file():
        return parse(shipped.read_text(encoding="utf-8"), f"{place}.toml", given)
    try:
        text = Path(place).read_text(encoding="utf-8")
    except FileNotFoundError:
        if "@" in place:  # an address without its pack, cut at an = of its password
            raise PackError("pack", None, "after the last = stands the pack, which is missing here") from None
        known = ", ".join(sorted(shipped_packs()))
        raise PackError(place, None, f"no such file, and no pack of that name; Kept ships: {known}") from None
    except (OSError, UnicodeDecodeError) as problem:
        raise PackError(place, None, f"cannot be read ({type(problem).__name__}); packs are UTF-8 text") from problem
    return parse(text, place, given)


def named(pack: Pack, system: str) -> Pack:
    """The pack for one system: its account numbers belong to that system, since two may run the same product."""
    tables = {}
    for name, rule in pack.tables.items():
        links = tuple(replace(link, scope=system) if link.scope == pack.name else link for link in rule.links)
        columns = {
            column: replace(one, scope=system) if one.scope == pack.name else one
            for column, one in rule.columns.items()
        }
        tables[name] = replace(rule, links=links, columns=columns)
    return replace(pack, name=system, tables=tables)


def shipped_packs() -> Iterator[str]:
    for entry in (resources.files("kept") / "packs").iterdir():
        if entry.name.endswith(".toml"):
            yield entry.name.removesuffix(".toml")


def parse(text: str, file: str, parameters: Mapping[str, str] | None = None) -> Pack:
    """Read and check one pack. Raises PackError with the line of what is wrong."""
    return read_pack(text, file, parameters or {})
