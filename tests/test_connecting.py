"""Who is not let in is told why, in words of ours: never with the password, never as if the database were away."""

import pymysql
import pytest
from sqlalchemy.engine import make_url

from kept.connectors.sql.connector import SqlConnector
from kept.engine.errors import ChangeFailed, SystemRefused, SystemUnreachable
from kept.engine.packs import parse

PACK = parse(
    """\
format = 1
name = "shop"
title = "Shop"
[table.customer]
title = "Customer account"
category = "account"
purpose = "To run your account."
source = "You."
period = "While you are a customer."
person = true
links = [{ column = "email", is = "email" }]
[table.customer.columns]
id = "key"
email = { do = "erase", is = "email" }
""",
    "shop.toml",
)
WRONG = "a-wrong-password"


@pytest.fixture(params=["postgresql", "mariadb"])
def url(request):
    return request.getfixturevalue(f"{request.param}_url")


def told(url) -> Exception:
    with pytest.raises((SystemRefused, SystemUnreachable, ChangeFailed)) as refused:
        SqlConnector("shop", url.render_as_string(hide_password=False), PACK).read_catalogue()
    return refused.value


def test_a_wrong_password_is_told_as_one_and_never_repeated(url):
    said = told(make_url(url).set(password=WRONG))
    assert isinstance(said, SystemRefused)
    assert "wrong name or password" in str(said)
    assert WRONG not in str(said)


def test_a_name_that_nobody_has_is_told_as_a_wrong_name(url):
    said = told(make_url(url).set(username="nobody-of-that-name"))
    assert isinstance(said, SystemRefused)
    assert "wrong name or password" in str(said)


def test_a_database_that_is_not_there_is_told_as_that(url):
    said = told(make_url(url).set(database="no_such_database"))
    assert isinstance(said, SystemRefused)
    assert "no such database" in str(said)


def test_a_server_that_is_away_is_told_as_that(url):
    said = told(make_url(url).set(port=1))
    assert isinstance(said, SystemUnreachable)
    assert str(said).startswith("Shop: the database does not answer")


@pytest.mark.mariadb
def test_a_missing_right_on_mariadb_is_told_as_that(mariadb_server, mariadb_url):
    name = make_url(mariadb_url).database
    admin = pymysql.connect(host="127.0.0.1", port=mariadb_server.port, user="kept", password="only-for-tests")
    with admin, admin.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {name}.customer (id INT PRIMARY KEY, email VARCHAR(100) NOT NULL UNIQUE)")
        cursor.execute(f"CREATE USER {name} IDENTIFIED BY 'x'")
        try:
            cursor.execute(f"GRANT SELECT ON {name}.* TO {name}")
            said = change(make_url(mariadb_url).set(username=name, password="x"))
        finally:
            cursor.execute(f"DROP USER {name}")
    assert isinstance(said, SystemRefused)
    assert "Kept's account may not do this" in str(said)


def change(url) -> Exception:
    from datetime import date

    from kept.engine.identifiers import normal
    from kept.engine.subject import Subject

    system = SqlConnector("shop", url.render_as_string(hide_password=False), PACK)
    alice = Subject("case", frozenset({normal("email", "alice@example.net")}))
    with pytest.raises((SystemRefused, ChangeFailed)) as refused:
        system.erase(system.plan(date(2026, 1, 1)), [alice])
    return refused.value
