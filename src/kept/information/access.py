"""The systems, opened. Which of them exist is no secret inside the company; who may ask is decided above this room."""

from __future__ import annotations

import sys
import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from django.db import connection

from kept.connectors.sql.connect import address
from kept.connectors.sql.connector import SqlConnector
from kept.engine.errors import PackError
from kept.engine.pack import Pack
from kept.engine.packs import load, named
from kept.information.models import System
from kept.information.own import OwnConnector

OWN = "kept:"  # the address of Kept's own database, wherever that is
OWN_NAME = "kept"


class _Kept(dict[str, tuple[object, SqlConnector]]):
    """What one thread holds open. It is closed when the thread ends: nobody else could."""

    def __del__(self) -> None:
        if not sys.is_finalizing():
            self.close()

    def close(self) -> None:
        while self:
            _, (_, connector) = self.popitem()
            connector.close()


class _Opened(threading.local):
    """Each thread keeps its own connectors open."""

    def __init__(self) -> None:
        self.systems = _Kept()


_opened = _Opened()


def active_systems() -> list[System]:
    """In the order in which they were added, Kept's own last: it learns most from what the others said."""
    return sorted(System.objects.filter(active=True), key=is_own)


def systems_by_name() -> Mapping[str, System]:
    """Every system that was ever connected."""
    return {system.name: system for system in System.objects.all()}


def open_system(system: System) -> SqlConnector:
    """The connector of a system, kept open by this thread for its next run.

    Raises PackError, and SystemRefused or SystemUnreachable where the address itself is of no use.
    """
    kept = _opened.systems
    url = str(address(url_of(system), system.title).render_as_string(hide_password=False))
    made_of = (url, system.pack, _stamp(system.pack), tuple(sorted(systems_by_pack().items())))
    known = kept.get(system.name)
    if known is not None and known[0] == made_of:
        return known[1]
    if known is not None:
        known[1].close()
        del kept[system.name]
    kind = OwnConnector if is_own(system) else SqlConnector
    connector = kind(system.name, url, _with_neighbours(_pack(system.pack, _stamp(system.pack))))
    kept[system.name] = (made_of, connector)
    return connector


def close_systems() -> None:
    """Close what this thread holds open."""
    _opened.systems.close()


def pack_of(system: System) -> Pack:
    """What the system holds, as its pack says, for pages and reports. Raises PackError."""
    return named(_with_neighbours(_pack(system.pack, _stamp(system.pack))), system.name)


def is_own(system: System) -> bool:
    return system.address == OWN


def url_of(system: System) -> str:
    """Where it is, as `address` reads it. Kept's own: wherever Django's connection goes."""
    if not is_own(system):
        return system.address
    place = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{place['NAME']}"
    from sqlalchemy.engine import URL

    url = URL.create(
        "postgresql",
        username=place["USER"] or None,
        password=place["PASSWORD"] or None,
        host=place["HOST"] or None,
        port=int(place["PORT"]) if place["PORT"] else None,
        database=str(place["NAME"]),
        query={key: str(value) for key, value in place["OPTIONS"].items() if key in LIBPQ},
    )
    return url.render_as_string(hide_password=False)


# What KEPT_DATABASE_URL may carry after its `?` and libpq reads; Django's own options are none of libpq's business.
LIBPQ = frozenset({"sslmode", "sslrootcert", "sslcert", "sslkey", "target_session_attrs", "options"})


def systems_by_pack() -> Mapping[str, str]:
    """Pack name -> the one system that runs it; packs that several systems run are left out."""
    running = System.objects.filter(active=True).values_list("pack", "name")
    count = Counter(pack.partition("?")[0] for pack, _ in running)
    return {place: name for pack, name in running if count[place := pack.partition("?")[0]] == 1}


def _with_neighbours(pack: Pack) -> Pack:
    """A pack calls another product's account numbers by that product's pack; here they belong to the system it runs."""
    systems = {}
    for place, name in systems_by_pack().items():
        with suppress(PackError):  # a neighbour's broken pack is told where the neighbour is opened
            systems[_pack(place, _stamp(place)).name] = name
    systems.pop(pack.name, None)  # its own: the connector names those
    tables = {
        name: replace(
            rule,
            links=tuple(replace(link, scope=systems.get(link.scope, link.scope)) for link in rule.links),
            columns={
                column: replace(one, scope=systems.get(one.scope, one.scope)) for column, one in rule.columns.items()
            },
        )
        for name, rule in pack.tables.items()
    }
    return replace(pack, tables=tables)


@lru_cache(maxsize=100)
def _pack(reference: str, stamp: Iterable[int]) -> Pack:
    """Read once, and again when its file changed."""
    return load(reference)


def _stamp(reference: str) -> tuple[int, ...]:
    """Changes when a pack's own file does; a shipped pack does not change while Kept runs."""
    try:
        state = Path(reference.partition("?")[0]).stat()
    except OSError:
        return ()
    return state.st_mtime_ns, state.st_size
