"""The suite's own servers: each test has a database of its own."""

import psycopg
import pymysql
import pytest
from sqlalchemy.engine import make_url


@pytest.mark.postgresql
@pytest.mark.parametrize("turn", [1, 2])
def test_a_postgresql_database_is_new_for_each_test(postgresql_url, turn):
    with psycopg.connect(postgresql_url) as connection:
        connection.execute("CREATE TABLE seen (turn int)")
        connection.execute("INSERT INTO seen VALUES (%s)", [turn])
        assert connection.execute("SELECT turn FROM seen").fetchall() == [(turn,)]


@pytest.mark.mariadb
@pytest.mark.parametrize("turn", [1, 2])
def test_a_mariadb_database_is_new_for_each_test(mariadb_url, turn):
    url = make_url(mariadb_url)
    with pymysql.connect(
        host=url.host, port=url.port, user=url.username, password=url.password, database=url.database
    ) as connection, connection.cursor() as cursor:  # fmt: skip
        cursor.execute("CREATE TABLE seen (turn int)")
        cursor.execute("INSERT INTO seen VALUES (%s)", [turn])
        cursor.execute("SELECT turn FROM seen")
        assert cursor.fetchall() == ((turn,),)
