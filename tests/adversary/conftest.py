"""Each of the adversary's tests has an empty database of its own, on PostgreSQL and on MariaDB."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from ground import Place, place_on

from kept.connectors.sql.connector import SqlConnector

ON_BOTH = [
    pytest.param("postgresql", marks=pytest.mark.postgresql),
    pytest.param("mariadb", marks=pytest.mark.mariadb),
]


@pytest.fixture(params=ON_BOTH)
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    made, server = place_on(request.param)
    yield made
    server.drop_database(made.url)


@pytest.fixture
def postgresql(postgresql_url: str) -> Place:
    return Place("postgresql", postgresql_url)


@pytest.fixture
def mariadb(mariadb_url: str) -> Place:
    return Place("mariadb", mariadb_url)


@pytest.fixture
def connect() -> Iterator[Callable[[Place, str], SqlConnector]]:
    """Connectors that are closed before their database goes."""
    opened = []

    def made(place: Place, pack: str, name: str | None = None) -> SqlConnector:
        opened.append(place.connector(pack, name))
        return opened[-1]

    yield made
    for connector in opened:
        closing(connector).__exit__()


@pytest.fixture
def twins() -> Iterator[Callable[[str], tuple[Place, Place]]]:
    """Two empty databases on one server."""
    made = []

    def two(kind: str) -> tuple[Place, Place]:
        made.extend(place_on(kind) for _ in range(2))
        return made[-2][0], made[-1][0]

    yield two
    for place, server in made:
        server.drop_database(place.url)
