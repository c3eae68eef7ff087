"""What goes wrong: told by what and where, nothing half done, nothing leaked, and the next try works."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import contextmanager

import pytest
from ground import ACCOUNT, ERASED_MAIL, MAIL, ON, Place, answered, asking, pack, table, widened
from sqlalchemy.engine import make_url
from typer.testing import CliRunner

from kept.cli.engine import app
from kept.connectors.sql import connect as connecting
from kept.connectors.sql.connector import SqlConnector
from kept.engine.errors import ChangeFailed, EngineError, PlanRefused, SystemRefused, SystemUnreachable, WrongPack
from kept.engine.packs import parse
from kept.terms import Verdict

HERS, HIS = "alice@example.com", "bob@example.com"
SECRET = "hunter2/@:=%41!#"
TO_CUSTOMER = '{ column = "customer_id", to = "customer.id" }'
PEOPLE = table(
    "customer",
    f"{ACCOUNT}, {MAIL}",
    f'id = "key"\n{ERASED_MAIL}\nname = {{ do = "erase", is = "name" }}',
    "person = true",
)
NOTE = table("note", TO_CUSTOMER, 'id = "key"\ncustomer_id = "key"\nbody = "erase"')
TEXT = pack(PEOPLE, NOTE)


@pytest.fixture
def shop(place) -> Place:
    place.run(
        "CREATE TABLE customer (id int PRIMARY KEY, email varchar(80), name varchar(80));"
        "CREATE TABLE note (id int PRIMARY KEY, customer_id int, body varchar(200))"
    )
    place.plant(
        "customer",
        {"id": 1, "email": HERS, "name": "Alice Arden"},
        {"id": 2, "email": HIS, "name": "Bob Brook"},
    )
    place.plant("note", *({"id": n, "customer_id": 1 + n % 2, "body": f"body{n}"} for n in range(10)))
    return place


def all_of_her_is_gone(place):
    assert not place.dump().holding(HERS, "Arden")
    assert place.all("SELECT count(*) FROM note WHERE body IS NULL") == [(5,)]


def refused(place, connect, text=TEXT, error: type[EngineError] = EngineError):
    """An erasure that must not happen: what it says, and that nothing was touched."""
    before = place.dump()
    with pytest.raises(error) as failed:
        answered(connect(place, text), HERS)
    assert place.dump() == before
    for private in (HERS, HIS, "Alice", "Arden", "Bob", "body1", make_url(place.url).password):
        assert private not in str(failed.value)
    return str(failed.value)


# Addresses and packs


def test_a_wrong_password_is_told_as_that_and_not_repeated(shop):
    url = make_url(shop.url)
    for wrong in (url.set(password=SECRET), url.set(username="nobody", password=SECRET)):
        with pytest.raises(SystemRefused) as failed:
            SqlConnector("shop", wrong.render_as_string(hide_password=False), parse(TEXT, "x.toml")).plan(ON)
        assert SECRET not in repr(failed.value)
        assert "password" in str(failed.value)


def test_an_address_that_leads_nowhere_is_told_as_that(shop):
    with socket.socket() as taken:  # a port that nobody answers at
        taken.bind(("127.0.0.1", 0))
        url = make_url(shop.url).set(password=SECRET, port=taken.getsockname()[1])
        with pytest.raises(SystemUnreachable) as failed:
            SqlConnector("shop", url.render_as_string(hide_password=False), parse(TEXT, "x.toml")).plan(ON)
    assert SECRET not in repr(failed.value)
    missing = make_url(shop.url).set(database="nothing_here").render_as_string(hide_password=False)
    with pytest.raises(SystemRefused, match="no such database"):
        SqlConnector("shop", missing, parse(TEXT, "x.toml")).plan(ON)


ADDRESSES = [
    "{scheme}://kept:{secret}@127.0.0.1:{port}/{database}",  # without =PACK
    "{scheme}://kept:{secret}@127.0.0.1:{port}/{database}=",
    "{scheme}://kept:{secret}@127.0.0.1:{port}/{database}=no-such-pack",
    "{scheme}://kept:{secret}@127.0.0.1:port/{database}={pack}",
    "{scheme}://kept:{secret}@127.0.0.1/={pack}",
    "oracle://kept:{secret}@127.0.0.1/x={pack}",
    "kept:{secret}@127.0.0.1={pack}",
    "{secret}={pack}",
    "env:{secret}={pack}",
    "file:/nowhere/{secret}={pack}",
]


@pytest.mark.parametrize("form", ADDRESSES)
def test_a_mistyped_system_never_shows_its_password(shop, tmp_path, form):
    file = tmp_path / "shop.toml"
    file.write_text(TEXT)
    url = make_url(shop.url)
    secret = "top=secret-4711" if "env:" not in form and "file:" not in form else "x"
    typed = form.format(scheme=url.drivername, secret=secret, port=url.port, database=url.database, pack=file)
    result = CliRunner().invoke(app, ["find", "--system", typed, "--email", HERS])
    assert result.exit_code in (1, 2)
    assert "secret-4711" not in result.output
    assert not isinstance(result.exception, (ValueError, KeyError, AssertionError, TypeError))
    assert result.output.strip()


def test_the_pack_of_another_product_is_refused_by_name(shop, connect):
    told = refused(
        shop, connect, TEXT.replace('"customer"', '"client"').replace("customer.id", "client.id"), PlanRefused
    )
    assert "client" in told
    foreign = table("subscriber", f"{ACCOUNT}, {MAIL}", f'id = "key"\n{ERASED_MAIL}', "person = true")
    assert "subscriber" in refused(shop, connect, pack(foreign, name="newsletter"), WrongPack)


# The schema moves


def test_a_dropped_table_is_named(shop, connect):
    connector = connect(shop, TEXT)
    plan = connector.plan(ON)
    shop.run("DROP TABLE note")
    for asked in (
        lambda: connector.plan(ON),
        lambda: list(connector.rows([asking(HERS)])),
        lambda: connector.records([]),
    ):
        with pytest.raises(PlanRefused, match="note"):
            asked()
    before = shop.dump()
    with pytest.raises(PlanRefused):
        connector.erase(plan, [asking(HERS)])
    assert shop.dump() == before


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE customer ADD COLUMN passport varchar(20)",
        "ALTER TABLE customer DROP COLUMN name",
        "CREATE TABLE extra (id int PRIMARY KEY, t text)",
        "CREATE UNIQUE INDEX one ON customer (name)",
        "ALTER TABLE customer ADD CONSTRAINT named CHECK (name <> '')",
        "ALTER TABLE note ADD CONSTRAINT fk FOREIGN KEY (customer_id) REFERENCES customer (id) ON DELETE CASCADE",
        "not null",
        "engine",
    ],
)
def test_a_schema_that_moves_after_the_plan_stops_the_change(shop, connect, change):
    connector = connect(shop, TEXT)
    plan = connector.plan(ON)
    [subject] = widened(connector, asking(HERS))
    if change == "not null":
        change = (
            "ALTER TABLE customer MODIFY name varchar(80) NOT NULL"
            if shop.mariadb
            else "ALTER TABLE customer ALTER name SET NOT NULL"
        )
    if change == "engine":
        change = "ALTER TABLE note ENGINE = MyISAM" if shop.mariadb else "CREATE SCHEMA s; CREATE TABLE s.t (x text)"
    shop.run(change)
    before = shop.dump()
    with pytest.raises(PlanRefused):
        connector.erase(plan, [subject])
    assert shop.dump() == before


def test_a_table_nobody_named_is_read_and_never_called_done(shop, connect):
    shop.run("CREATE TABLE wild (id int PRIMARY KEY, body text)")
    [(_, residue)] = answered(connect(shop, TEXT), HERS)
    assert residue.verdict is Verdict.CANNOT_TELL
    assert residue.unknown_tables == ("wild",)
    shop.plant("wild", {"id": 1, "body": HERS})
    [(_, residue)] = answered(connect(shop, TEXT), HERS)
    assert residue.verdict is Verdict.NOT_DONE


@pytest.mark.mariadb
@pytest.mark.parametrize("storage", ["MyISAM", "Aria", "MEMORY"])
def test_a_table_without_transactions_is_refused(mariadb, connect, storage):
    mariadb.run(
        "CREATE TABLE customer (id int PRIMARY KEY, email varchar(80), name varchar(80));"
        f"CREATE TABLE note (id int PRIMARY KEY, customer_id int, body varchar(200)) ENGINE = {storage}"
    )
    mariadb.plant("customer", {"id": 1, "email": HERS, "name": "Alice Arden"})
    assert "note" in refused(mariadb, connect, error=PlanRefused)


# Rights


@contextmanager
def account(place: Place, grants: str):
    """Somebody who may do only so much."""
    name, url = f"k{place.url[-8:]}", make_url(place.url)
    place.run(
        f"CREATE USER '{name}'@'%' IDENTIFIED BY 'limited-1'; " + grants.format(who=f"'{name}'@'%'")
        if place.mariadb
        else f"CREATE ROLE {name} LOGIN PASSWORD 'limited-1'; " + grants.format(who=name)
    )
    try:
        yield Place(place.kind, url.set(username=name, password="limited-1").render_as_string(hide_password=False))
    finally:
        place.run(
            f"DROP USER '{name}'@'%'"
            if place.mariadb
            else f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {name}; DROP OWNED BY {name}; DROP ROLE {name}"
        )


def test_an_account_that_may_only_read_finds_and_changes_nothing(shop, connect):
    grants = "GRANT SELECT ON * TO {who}" if shop.mariadb else "GRANT SELECT ON ALL TABLES IN SCHEMA public TO {who}"
    with account(shop, grants) as reader:
        connector = connect(reader, TEXT)
        assert len(list(connector.rows(widened(connector, asking(HERS))))) == 6
        before = shop.dump()
        with pytest.raises(SystemRefused, match="may not"):
            answered(connector, HERS)
        assert shop.dump() == before


def test_what_kepts_account_may_not_see_is_never_called_done(shop, connect):
    """The account sees what the pack names, and not the table beside it."""
    shop.run("CREATE TABLE wild (id int PRIMARY KEY, body text)")
    shop.plant("wild", {"id": 1, "body": HERS})
    tables = ("GRANT ALL ON customer TO {who}; GRANT ALL ON note TO {who}",)
    grants = "; ".join(tables) + ("; GRANT CREATE TEMPORARY TABLES ON * TO {who}" if shop.mariadb else "")
    with account(shop, grants) as narrow:
        connector = connect(narrow, TEXT)
        try:
            [(_, residue)] = answered(connector, HERS)
        except EngineError:
            return
        assert residue.verdict is not Verdict.DONE


# While it runs


@contextmanager
def locked(place: Place, whole: bool = False):
    """Another session that holds her rows, or a whole table."""
    with place.open(autocommit=False) as connection, connection.cursor() as cursor:
        if whole:
            cursor.execute("LOCK TABLES note WRITE" if place.mariadb else "LOCK TABLE note IN ACCESS EXCLUSIVE MODE")
        else:
            cursor.execute("UPDATE note SET body = body WHERE customer_id = 1")
        try:
            yield
        finally:
            connection.rollback()


class Running(threading.Thread):
    """Something that takes its time beside the test."""

    def __init__(self, act: Callable[[], object]) -> None:
        super().__init__(daemon=True)
        self.act, self.result, self.problem = act, None, None
        self.start()

    def run(self) -> None:
        try:
            self.result = self.act()
        except EngineError as problem:
            self.problem = problem

    def end(self, seconds: float = 20) -> None:
        self.join(seconds)
        assert not self.is_alive(), "it waits for ever"


@pytest.mark.parametrize("whole", [False, True])
def test_a_lock_that_somebody_holds_is_waited_for_only_so_long(shop, connect, monkeypatch, whole):
    monkeypatch.setattr(connecting, "LOCK_SECONDS", 1)
    connector = connect(shop, TEXT)
    [subject] = widened(connector, asking(HERS))
    plan = connector.plan(ON)
    before = shop.dump()
    with locked(shop, whole):
        tried = Running(lambda: connector.erase(plan, [subject]))
        tried.end()
    assert isinstance(tried.problem, SystemUnreachable)
    assert shop.dump() == before
    connector.erase(plan, [subject])
    assert connector.look(plan, [subject])[0].verdict is Verdict.DONE
    all_of_her_is_gone(shop)


def sessions(place: Place) -> list[int]:
    """Kept's own connections that are at work."""
    if place.mariadb:
        query = "SELECT id FROM information_schema.processlist WHERE db = database() AND id <> connection_id() AND info"
        return [row[0] for row in place.all(f"{query} IS NOT NULL AND command = 'Query'")]
    query = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'kept'"
    return [row[0] for row in place.all(f"{query} AND wait_event_type = 'Lock'")]


@pytest.mark.parametrize("step", ["erase", "look", "rows"])
def test_a_connection_that_breaks_in_the_middle_changes_nothing_and_the_next_try_works(shop, connect, step):
    connector = connect(shop, TEXT)
    [subject] = widened(connector, asking(HERS))
    plan = connector.plan(ON)
    steps = {
        "erase": lambda: connector.erase(plan, [subject]),
        "look": lambda: connector.look(plan, [subject]),
        "rows": lambda: list(connector.rows([subject])),
    }
    before = shop.dump()
    with locked(shop, whole=step != "erase"):
        tried = Running(steps[step])
        while not (found := sessions(shop)):
            assert tried.is_alive()
        for number in found:
            shop.run(f"KILL {number}" if shop.mariadb else f"SELECT pg_terminate_backend({number})")
        tried.end()
    assert isinstance(tried.problem, SystemUnreachable), tried.problem
    assert shop.dump() == before
    connector.erase(plan, [subject])
    assert connector.look(plan, [subject])[0].verdict is Verdict.DONE
    all_of_her_is_gone(shop)


def test_two_officers_at_once_end_as_one(shop, connect):
    shop.plant("note", *({"id": 100 + n, "customer_id": 1, "body": f"more{n}"} for n in range(3000)))
    connectors = [connect(shop, TEXT) for _ in range(3)]
    subjects = [widened(one, asking(HERS))[0] for one in connectors]
    plans = [one.plan(ON) for one in connectors]

    def act(number: int) -> Verdict:
        connectors[number].erase(plans[number], [subjects[number]])
        return connectors[number].look(plans[number], [subjects[number]])[0].verdict

    tries = [Running(lambda number=number: act(number)) for number in range(3)]
    for one in tries:
        one.end()
        assert one.result is Verdict.DONE or isinstance(one.problem, SystemUnreachable), one.problem
    assert act(0) is Verdict.DONE
    assert not shop.dump().holding(HERS, "Arden", "more")


@pytest.mark.parametrize("name", ["must_be_reachable", "must be-reachable"])
def test_a_constraint_over_two_columns_rolls_all_back_and_is_named(shop, connect, name):
    q = "`" if shop.mariadb else '"'
    shop.run(f"ALTER TABLE customer ADD CONSTRAINT {q}{name}{q} CHECK (email IS NOT NULL OR name IS NOT NULL)")
    told = refused(shop, connect, error=ChangeFailed)
    assert "customer" in told
    assert name in told


def test_an_error_that_quotes_a_value_is_told_without_it(shop, connect):
    """Names in an error are the database's own, wherever a value looks like one."""
    act = "UPDATE customer SET name = '{}' WHERE id = 2"
    hostile = "for key 'Alice' CONSTRAINT `Arden` Column 'secret'"
    shop.run("ALTER TABLE customer ADD UNIQUE (name)")
    shop.run(act.format(hostile.replace("'", "''")))
    body = "INSERT INTO customer SELECT 99, NULL, name FROM customer WHERE id = 2"
    if shop.mariadb:
        shop.run(f"CREATE TRIGGER doubles AFTER UPDATE ON note FOR EACH ROW {body}")
    else:
        shop.run(
            f"CREATE FUNCTION doubles() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body}; RETURN NEW; END $$;"
            "CREATE TRIGGER doubles AFTER UPDATE ON note FOR EACH ROW EXECUTE FUNCTION doubles()"
        )
    told = refused(shop, connect, error=ChangeFailed)
    assert "secret" not in told
    assert "name" in told
