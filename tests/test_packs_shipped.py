"""The packs that Kept ships name everything their products have, and say it so that a customer understands."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pymysql
import pytest
from pymysql.constants import CLIENT
from sqlalchemy.engine import make_url

from kept.connectors.sql.connector import SqlConnector
from kept.engine import packs
from kept.engine.pack import Pack
from kept.site.demo import SYSTEMS, generate

SHIPPED = ("demo-billing", "demo-helpdesk", "demo-newsletter", "fossbilling", "osticket")
SCHEMAS = Path(__file__).parent / "schemas"
REAL = {"fossbilling": "structure.sql", "osticket": "install-mysql.sql"}
JARGON = r"GDPR|DSGVO|EAV|JSON|PHP|SQL|row|column|table|schema|hash|cookie|metadata|e-?privacy|data subject|processor"
SECRETS = r"pass|passwd|password|salt|api_token|hash|access_hash|transfer_code|license_key"

Columns = Mapping[str, set[str]]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    generate(folder, people=10)
    return folder


def columns_of_sqlite(file: Path) -> Columns:
    with closing(sqlite3.connect(file)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {table: {row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')} for table in tables}


def load_into(url: str, text: str) -> Columns:
    """Run a whole SQL file in an empty MariaDB database. What it holds afterwards."""
    place = make_url(url)
    with (
        closing(
            pymysql.connect(
                host=place.host, port=place.port or 0, user=place.username, password=place.password or "",
                database=place.database, client_flag=CLIENT.MULTI_STATEMENTS, autocommit=True,
            )
        ) as connection,
        connection.cursor() as cursor,
    ):  # fmt: skip
        cursor.execute(text)
        while cursor.nextset():
            pass
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = %s", (place.database,)
        )
        found: dict[str, set[str]] = {}
        for table, column in cursor.fetchall():
            found.setdefault(table, set()).add(column)
        return found


def own_schema(product: str, prefix: str = "ost_") -> str:
    return (SCHEMAS / f"{product}.sql").read_text(encoding="utf-8").replace("{prefix}", prefix)


def real_schema(product: str) -> str:
    folder = os.environ.get("KEPT_SCHEMA_DIR")
    if not folder:
        pytest.skip(f"KEPT_SCHEMA_DIR is not set: it would hold the product's own {REAL[product]}")
    file = Path(folder) / REAL[product]
    if not file.is_file():
        pytest.skip(f"KEPT_SCHEMA_DIR holds no {REAL[product]}")
    return file.read_text(encoding="utf-8").replace("%TABLE_PREFIX%", "ost_")


def assert_complete(pack: Pack, live: Columns) -> None:
    """Pack and database name the same tables and columns, no more and no less."""
    missing = {name for name, rule in pack.tables.items() if not rule.optional} - set(live)
    assert not missing, "tables that are only in the pack"
    assert not set(live) - set(pack.tables) - pack.not_personal, "tables that are only in the database"
    for name, rule in pack.tables.items():
        if name in live:
            assert not set(rule.columns) - live[name], f"columns that are only in the pack: {name}"
            assert rule.rest or not live[name] - set(rule.columns), f"columns that are only in the database: {name}"


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_demo_pack_names_exactly_what_its_file_has(system, demo):
    pack = packs.load(f"demo-{system}")
    live = columns_of_sqlite(demo / f"{system}.sqlite3")
    assert_complete(pack, live)
    assert pack.not_personal <= set(live)


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_demo_system_can_be_planned_without_a_fault(system, demo):
    pack = packs.load(f"demo-{system}")
    connector = SqlConnector(pack.name, f"sqlite:///{demo / f'{system}.sqlite3'}", pack)
    try:
        assert connector.check() == ([], [])
    finally:
        connector.close()


@pytest.mark.mariadb
@pytest.mark.parametrize("product", REAL)
def test_a_products_pack_names_exactly_what_its_tables_have(product, mariadb_url):
    pack = packs.load(product)
    assert_complete(pack, load_into(mariadb_url, own_schema(product)))
    connector = SqlConnector(product, mariadb_url, pack)
    try:
        assert connector.check() == ([], [])
    finally:
        connector.close()


@pytest.mark.mariadb
def test_osticket_may_have_another_table_prefix(mariadb_url):
    pack = packs.load("osticket?prefix:help_")
    live = load_into(mariadb_url, own_schema("osticket", "help_"))
    assert_complete(pack, live)
    assert all(name.startswith("help_") for name in (*pack.tables, *pack.not_personal, *pack.probe))


@pytest.mark.mariadb
@pytest.mark.parametrize("product", REAL)
def test_a_products_pack_fits_its_real_schema(product, mariadb_url):
    pack = packs.load(product)
    assert_complete(pack, load_into(mariadb_url, real_schema(product)))
    connector = SqlConnector(product, mariadb_url, pack)
    try:
        assert connector.check() == ([], [])
    finally:
        connector.close()


@pytest.mark.mariadb
@pytest.mark.parametrize("product", REAL)
def test_our_own_tables_have_the_traps_of_the_real_ones(product, mariadb_server):
    """Same NOT NULL, same type, same UNIQUE: an erasure that works here works there."""
    shapes = []
    for text in (real_schema(product), own_schema(product)):
        url = mariadb_server.new_database()
        try:
            load_into(url, text)
            connector = SqlConnector(product, url, packs.load(product))
            with connector.session() as (_, view):
                shapes.append(view.catalogue.tables)
            connector.close()
        finally:
            mariadb_server.drop_database(url)
    real, own = shapes
    for name, table in real.items():
        assert own[name].key == table.key, name
        assert sorted(own[name].unique) == sorted(table.unique), name
        for column, live in table.columns.items():
            ours = own[name].columns[column]
            assert (ours.type, ours.length, ours.nullable) == (live.type, live.length, live.nullable), (name, column)


@pytest.mark.parametrize("name", SHIPPED)
def test_what_a_person_reads_is_plain(name):
    pack = packs.load(name)
    for rule in pack.tables.values():
        sentences = [rule.purpose, rule.source, rule.period]
        for text in (rule.title, *sentences, *rule.recipients, *(column.label for column in rule.columns.values())):
            assert not re.search(rf"\b({JARGON})s?\b", text, re.IGNORECASE), text
            assert "_" not in text, text
            assert all(len(sentence.split()) <= 25 for sentence in re.split(r"[.:;] ", text)), text
        assert all(sentence[0].isupper() and sentence.endswith(".") for sentence in sentences), rule.name
        assert rule.title[0].isupper() and not rule.title.endswith("."), rule.name  # noqa: PT018


@pytest.mark.parametrize("name", SHIPPED)
def test_nothing_is_left_undecided_or_refused(name):
    for rule in packs.load(name).tables.values():
        assert not [column.name for column in rule.columns.values() if column.do in ("undecided", "refuse")], rule.name


@pytest.mark.parametrize("name", SHIPPED)
def test_passwords_and_tokens_are_secret(name):
    for rule in packs.load(name).tables.values():
        shown = [one.name for one in rule.columns.values() if re.fullmatch(SECRETS, one.name) and not one.secret]
        assert not shown, rule.name


@pytest.mark.parametrize("name", SHIPPED)
def test_numbers_of_customers_and_staff_are_never_mixed_up(name):
    """Both are counted from 1: an account number may name a row of people, never one of staff."""
    for rule in packs.load(name).tables.values():
        if "staff" in rule.title.lower():
            assert not [link for link in rule.links if link.kind == "account"], rule.name
            assert not [column.name for column in rule.columns.values() if column.kind == "account"], rule.name


@pytest.mark.parametrize("name", ["demo-billing", "fossbilling"])
def test_an_accountants_address_does_not_lead_from_one_client_to_another(name):
    client = packs.load(name).tables["client"]
    assert client.columns["billing_email"].kind is None
    assert {link.column for link in client.links} == {"id", "email"}


@pytest.mark.parametrize("name", ["demo-billing", "fossbilling"])
def test_what_tax_law_keeps_is_the_invoice_and_no_more(name):
    pack = packs.load(name)
    assert {rule.name for rule in pack.tables.values() if rule.law} == {
        "invoice", "invoice_item", "client_balance", "payment" if name == "demo-billing" else "transaction",
    }  # fmt: skip
    for rule in pack.tables.values():
        if rule.law:
            assert (rule.law.amount, rule.law.unit, rule.law.year_end) == (10, "years", True)
            assert rule.rows == "change"
    invoice = pack.tables["invoice"].columns
    buyer = {one: rule.do for one, rule in invoice.items() if one.startswith("buyer_") and "phone" not in one}
    assert set(buyer.values()) == {"law"}
    assert {invoice[one].do for one in ("buyer_phone", "hash", "notes")} == {"erase"}


@pytest.mark.parametrize("name", ["demo-billing", "fossbilling"])
def test_every_copy_on_an_invoice_says_what_it_is_a_copy_of(name):
    pack = packs.load(name)
    for column in pack.tables["invoice"].columns.values():
        if column.name.startswith("buyer_") and column.do == "law":
            assert column.copy_of is not None, column.name
            assert column.copy_of[0] == "client"


def test_every_fossbilling_table_with_a_client_number_is_mapped():
    """18 tables have one; the product's own deletion forgets nine of them."""
    pack = packs.load("fossbilling")
    found = re.findall(r"CREATE TABLE `(\w+)` \((.*?)\n\);", own_schema("fossbilling"), re.DOTALL)
    numbered = {table for table, body in found if "`client_id`" in body}
    assert len(numbered) >= 18
    assert numbered <= set(pack.tables)
    for table in numbered:
        assert any(link.column == "client_id" for link in pack.tables[table].links), table
