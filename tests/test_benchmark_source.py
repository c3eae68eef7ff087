"""The database that the benchmarks measure against: the same each time, and one pack fits it."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from kept.connectors.sql.connector import SqlConnector
from kept.engine import packs
from kept.engine.identifiers import normal
from kept.engine.resolve import resolve
from kept.engine.subject import Subject

ROOT = Path(__file__).parent.parent
PACK = ROOT / "benchmarks" / "hosting-source.toml"
TABLES = ("customers", "addresses", "services", "domains", "invoices", "tickets", "ticket_replies", "login_log")

pytestmark = pytest.mark.postgresql


def made(url: str, *more: str) -> subprocess.CompletedProcess[str]:
    place = make_url(url)
    dsn = f"host={place.host} port={place.port} user={place.username} password={place.password}"
    command = [sys.executable, "-m", "benchmarks.source", "--dsn", dsn, "--db", str(place.database), *more]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def fingerprint(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        rows = [connection.execute(f"SELECT md5(string_agg(t::text, '' ORDER BY id)) FROM {one} t") for one in TABLES]
        return [str(row.fetchone()) for row in rows]


def test_the_same_seed_makes_the_same_rows_and_another_does_not(postgresql_url):
    assert made(postgresql_url, "--customers", "30", "--seed", "5").returncode == 0
    first = fingerprint(postgresql_url)
    made(postgresql_url, "--customers", "30", "--seed", "5")
    assert fingerprint(postgresql_url) == first
    made(postgresql_url, "--customers", "30", "--seed", "6")
    assert not set(fingerprint(postgresql_url)) & set(first)


def test_it_has_some_38_rows_for_each_customer_and_says_how_many(postgresql_url):
    ran = made(postgresql_url, "--customers", "400")
    counted = dict(line.split("\t") for line in ran.stdout.splitlines())
    assert counted["customers"] == "400"
    assert 36 <= int(counted["total"]) / 400 <= 40
    with psycopg.connect(postgresql_url) as connection:
        for table in TABLES:
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (int(counted[table]),)
        known = connection.execute("SELECT email FROM customers WHERE id = 77").fetchone()
        assert known == ("person77@example.com",)


def test_its_pack_fits_and_one_person_goes_alone(postgresql_url):
    assert made(postgresql_url, "--customers", "60").returncode == 0
    connector = SqlConnector("hosting-source", postgresql_url, packs.load(str(PACK)))
    try:
        assert connector.check() == ([], [])
        asking = Subject("case", frozenset({normal("email", "person7@example.com")}))
        subject = resolve([connector], [asking])[0].subject
        connector.erase(connector.plan(date(2026, 11, 22)), [subject])
    finally:
        connector.close()
    with psycopg.connect(postgresql_url) as connection:

        def one(statement: str) -> object:
            return (connection.execute(statement.encode()).fetchone() or (None,))[0]

        assert one("SELECT count(*) FROM customers WHERE email LIKE 'person%@example.com'") == 59
        assert one("SELECT count(*) FROM login_log WHERE customer_id = 7") == 0
        assert one("SELECT count(DISTINCT customer_id) FROM login_log") == 59
        assert one("SELECT count(*) FROM invoices WHERE customer_id = 7 AND billing_name IS NULL") == 0, "kept by law"
        assert one("SELECT count(*) FROM invoices WHERE customer_id = 7 AND card_last4 IS NOT NULL") == 0
        replies = "SELECT count(*) FROM ticket_replies WHERE body IS NULL OR author_email IS NULL"
        hers = "SELECT count(*) FROM ticket_replies r JOIN tickets t ON t.id = r.ticket_id WHERE t.customer_id = 7"
        assert one(replies) == one(hers)


def test_a_server_that_is_not_there_is_said_in_one_line_without_the_password():
    command = ["--dsn", "host=127.0.0.1 port=1 user=kept password=hunter2", "--customers", "1"]
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks.source", *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 1
    assert ran.stderr.startswith("The server did not do it: ")
    assert "hunter2" not in ran.stderr
    assert "Traceback" not in ran.stderr


def test_the_servers_own_database_is_never_dropped():
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks.source", "--dsn", "host=127.0.0.1 port=1", "--db", "postgres"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 2
    assert "belongs to the server" in ran.stderr
