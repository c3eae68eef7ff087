"""A reader that ends in the middle, with a result still coming in: the system must be usable again at once."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from ground import ACCOUNT, ERASED_MAIL, MAIL, Place, asking, pack, table

from kept.connectors.sql.read_out import searched_whole
from kept.connectors.sql.stream import stream
from kept.engine.traces import Finder, traces_of

MANY = 5000
HERS = "alice@example.com"
PEOPLE = table("customer", f"{ACCOUNT}, {MAIL}", f'id = "key"\n{ERASED_MAIL}', "person = true")


class SomethingWrong(Exception):
    pass


@pytest.fixture
def connector(place: Place, connect):
    place.run("CREATE TABLE customer (id int PRIMARY KEY, email varchar(2000))")
    place.plant("customer", *({"id": n, "email": f"{HERS} {'x' * 1000}"} for n in range(MANY)))
    return connect(place, pack(PEOPLE))


def streamed(connection, _view):
    return stream(connection, sa.select(sa.text("email")).select_from(sa.table("customer")))


def searched(connection, view):
    finder = Finder(traces_of([asking(HERS)]))
    return searched_whole(connection, view, view.catalogue.tables["customer"], ["email"], finder)


def break_off(session, read):
    """The error keeps this frame, and with it the result."""
    with session as (connection, view):
        rows = read(connection, view)
        next(rows)
        raise SomethingWrong


def break_off_in_one_reading(connector):
    with connector.held():
        break_off(connector.session(), streamed)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("read", [streamed, searched])
def test_an_error_in_the_middle_of_a_result_holds_nothing_up(connector, read, monkeypatch):
    monkeypatch.setattr("kept.connectors.sql.read_out._own_pages", lambda *_: 0)  # row by row
    with pytest.raises(SomethingWrong) as kept:
        break_off(connector.session(repeatable=True), read)
    assert customers(connector) == MANY
    del kept


@pytest.mark.timeout(60)
def test_an_error_ends_the_reading_of_one_moment_that_it_happened_in(connector):
    with pytest.raises(SomethingWrong) as kept:
        break_off_in_one_reading(connector)
    assert customers(connector) == MANY
    del kept


def customers(connector):
    with connector.session() as (connection, _):
        return connection.execute(sa.text("SELECT count(*) FROM customer")).scalar()
