# ruff: noqa: E501 - rows of data read best as rows
"""One path whole on three databases: find, copy, erase, read again, look again; and each trap the peers fell into."""

import json
import zipfile
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from databases import Database, database, portable

import kept.engine.resolve as resolving
from kept.connectors.sql.connect import address
from kept.engine.errors import ChangeFailed, NotVerified, PlanRefused, SystemRefused, SystemUnreachable, WrongPack
from kept.engine.identifiers import normal
from kept.engine.package import About, write_packages
from kept.engine.resolve import resolve
from kept.engine.subject import LeftOut, Subject
from kept.terms import Verdict

__all__ = ["database"]

TODAY = date(2026, 11, 22)

SCHEMA = """
CREATE TABLE client (id integer PRIMARY KEY, email varchar(120) NOT NULL UNIQUE, full_name varchar(80) NOT NULL,
  phone varchar(40), born date, notes text, password varchar(80) NOT NULL, about DOCUMENT, created_at INSTANT NOT NULL);
CREATE TABLE invoice (id integer PRIMARY KEY, client_id integer, number varchar(20) NOT NULL UNIQUE,
  buyer_email varchar(120) NOT NULL, buyer_name varchar(80), ip varchar(45), issued_at INSTANT);
CREATE TABLE ticket (id integer PRIMARY KEY, client_id integer NOT NULL REFERENCES client (id), subject varchar(120) NOT NULL);
CREATE TABLE reply (id integer PRIMARY KEY, ticket_id integer NOT NULL REFERENCES ticket (id), author_id integer,
  author varchar(80) NOT NULL, body text NOT NULL);
CREATE TABLE login (id integer PRIMARY KEY, client_id integer NOT NULL REFERENCES client (id), ip varchar(45));
CREATE TABLE setting (name varchar(40) PRIMARY KEY, value text);
INSERT INTO client VALUES
 (1, 'Alice@Example.com', 'Alice Arden', '+49 30 23125000', '1980-02-03', 'likes tea', 'argon2-a', '{"city": "Berlin"}', '2015-01-01 00:00:00'),
 (2, 'bob@example.com', 'Bob Brook', NULL, NULL, 'xalice@example.com is not his', 'argon2-b', '{}', '2016-01-01 00:00:00');
INSERT INTO invoice VALUES
 (1, 1, 'A-1', 'alice@example.com', 'Alice Arden', '192.0.2.1', '2015-06-01 00:00:00'),
 (2, 1, 'A-2', 'alice@example.com', 'Alice Arden', '192.0.2.1', '2024-06-01 00:00:00'),
 (3, 2, 'B-1', 'bob@example.com', 'Bob Brook', '192.0.2.9', '2024-06-01 00:00:00');
INSERT INTO ticket VALUES (1, 1, 'Help'), (2, 2, 'About alice@example.com');
INSERT INTO reply VALUES
 (1, 1, 1, 'Alice Arden', 'My server is slow. Alice'),
 (2, 1, NULL, 'Sam Sato', 'Dear Alice, alice@example.com was told. Cc bob@example.com'),
 (3, 2, 2, 'Bob Brook', 'I know alice%40example.com and xalice@example.com');
INSERT INTO login VALUES (1, 1, '192.0.2.1'), (2, 1, '192.0.2.2'), (3, 2, '192.0.2.9');
INSERT INTO setting VALUES ('colour', 'blue');
"""

PACK = """
format = 1
name = "shop"
title = "Shop"
not_personal = ["setting"]

[table.client]
title = "Account"
category = "account"
purpose = "p"
source = "s"
period = "q"
person = true
links = [{ column = "id", is = "account" }, { column = "email", is = "email" }]
[table.client.columns]
id = "key"
email = { do = "erase", is = "email" }
full_name = { do = "erase", is = "name" }
phone = { do = "erase", is = "phone" }
born = { do = "erase", is = "birth_date" }
notes = "erase"
password = { do = "erase", secret = true }
about = { do = "erase", codec = "json", path = ["city"] }
created_at = "keep"

[table.invoice]
title = "Invoices"
category = "billing"
purpose = "p"
source = "s"
period = "q"
links = [{ column = "client_id", to = "client.id" }]
law = { name = "Tax Code", keep = "10 years", from = "issued_at", year_end = true }
[table.invoice.columns]
id = "key"
client_id = "key"
number = "keep"
buyer_email = { do = "law", is = "email" }
buyer_name = "law"
ip = "erase"
issued_at = "keep"

[table.ticket]
title = "Tickets"
category = "communication"
purpose = "p"
source = "s"
period = "q"
links = [{ column = "client_id", to = "client.id" }]
[table.ticket.columns]
id = "key"
client_id = "key"
subject = "erase"

[table.reply]
title = "Messages"
category = "communication"
purpose = "p"
source = "s"
period = "q"
links = [
  { column = "author_id", to = "client.id" },
  { column = "ticket_id", to = "ticket.id", words = "others" },
]
[table.reply.columns]
id = "key"
ticket_id = "key"
author_id = "key"
author = { do = "erase", others = "keep" }
body = "erase"

[table.login]
title = "Sign-ins"
category = "security"
purpose = "p"
source = "s"
period = "q"
rows = "delete"
links = [{ column = "client_id", to = "client.id" }]
[table.login.columns]
id = "key"
client_id = "key"
ip = "erase"
"""


def person(email, ref="case"):
    return Subject(ref, frozenset({normal("email", email)}))


@pytest.fixture
def shop(database):
    database.run(portable(SCHEMA, database.kind))
    connector = database.connector(PACK)
    yield connector
    connector.close()


def widened(connector, *emails):
    return [one.subject for one in resolve([connector], [person(email, email) for email in emails])]


def erase(connector, batch):
    plan = connector.plan(TODAY)
    return connector.erase(plan, batch), connector.look(plan, batch)


def test_a_person_is_found_through_every_link(shop):
    holdings = {
        one.table: (one.own, one.others, one.kept) for one in shop.count(widened(shop, "alice@example.com"), TODAY)[0]
    }
    assert holdings == {
        "client": (1, 0, 0),
        "invoice": (2, 0, 1),
        "ticket": (1, 0, 0),
        "reply": (1, 1, 0),
        "login": (2, 0, 0),
    }


def test_an_erasure_leaves_nothing_of_the_person_and_everything_of_others(database, shop):
    bob_before = [line for line in database.dump().splitlines() if "Bob" in line or "'bob@" in line]
    changes, residues = erase(shop, widened(shop, "alice@example.com"))
    dump = database.dump()
    assert {one.table: (one.rows, one.deleted, one.kept) for one in changes[0]} == {
        "client": (1, 0, 0),
        "invoice": (1, 0, 1),
        "ticket": (1, 0, 0),
        "reply": (2, 0, 0),
        "login": (0, 2, 0),
    }
    assert [(one.table, one.column, one.count, one.why, one.until) for one in residues[0].remains] == [
        ("invoice", "buyer_email", 1, "law", date(2034, 12, 31))
    ]
    assert residues[0].verdict is Verdict.DONE
    kept = [line for line in dump.splitlines() if "alice" in line.lower().replace("xalice", "") or "Arden" in line]
    assert len(kept) == 1
    assert kept[0].startswith("invoice: (2, 1, 'A-2', 'alice@example.com', 'Alice Arden', None")
    assert "Berlin" not in dump
    assert "likes tea" not in dump
    assert "xalice@example.com is not his" in dump
    assert "I know [erased] and xalice@example.com" in dump
    assert "'Dear [erased], [erased] was told. Cc bob@example.com'" in dump
    assert "'Sam Sato'" in dump
    after = [line for line in dump.splitlines() if "Bob" in line or "'bob@" in line]
    assert [line.replace("alice%40example.com", "[erased]") for line in bob_before] == after


def test_a_second_erasure_changes_nothing_more(database, shop):
    batch = widened(shop, "alice@example.com")
    erase(shop, batch)
    dump = database.dump()
    _, residues = erase(shop, batch)
    assert database.dump() == dump
    assert residues[0].verdict is Verdict.DONE


def test_statements_that_were_built_for_one_person_read_the_rows_of_the_next(database, shop):
    """Also for one of whom more, or less, is known: they need statements of another form."""
    both = [person("alice@example.com"), *widened(shop, "bob@example.com")]
    batches = [[one] for one in both] + [both, widened(shop, "alice@example.com"), [person("nobody@example.net")]]
    for batch in batches * 2:
        other = database.connector(PACK)
        with closing(other):
            assert list(shop.rows(batch)) == list(other.rows(batch))


def test_what_is_kept_of_a_statement_says_nothing_of_the_person_it_was_built_for(database, shop):
    list(shop.rows(widened(shop, "alice@example.com")))
    with shop.session() as (connection, view):
        for reading in (one for readings in view.built.values() for one in readings):
            if reading.statement is not None:
                with pytest.raises(LookupError):
                    _ = reading.statement.compile(dialect=connection.dialect).params


def test_what_is_left_out_is_in_no_copy_and_touched_by_no_erasure(database, shop):
    """By key, also of rows that somebody else wrote, and where the second look would rewrite them."""
    out = (LeftOut("reply", ("2",), "Art. 17(3)(e)", date(2030, 1, 1)), LeftOut("login", None, "Art. 17(3)(b)", None))
    alice = replace(widened(shop, "alice@example.com")[0], left_out=out)
    copied = [(row.rule.name, row.key) for row in shop.rows([alice])]
    assert ("reply", ("2",)) not in copied
    assert ("reply", ("1",)) in copied
    assert not [key for table, key in copied if table == "login"]
    held = {one.table: one.left_out for one in shop.count([alice], TODAY)[0]}
    assert (held["reply"], held["login"], held["invoice"]) == (1, 2, 0)

    def lines():
        return [one for one in database.dump().splitlines() if one.startswith(("login: ", "reply: (2,"))]

    before, told = lines(), []
    plan = shop.plan(TODAY)
    (changes,) = shop.erase(plan, [alice], told.append)
    assert {one.table: one.left_out for one in changes if one.left_out} == {"reply": 1, "login": 2}
    assert {one.table: one.left_out for one in told[0][0] if one.left_out} == {"reply": 1, "login": 2}
    (residue,) = shop.look(plan, [alice])
    assert lines() == before
    assert "Arden" not in "".join(one for one in database.dump().splitlines() if not one.startswith("invoice"))
    left = [one for one in residue.remains if one.why == "left out"]
    assert [(one.table, one.law, one.until) for one in left] == [("reply", "Art. 17(3)(e)", date(2030, 1, 1))]
    assert residue.verdict is Verdict.DONE
    changes, residues = erase(shop, [alice])
    assert lines() == before, "a second run leaves it as well"
    assert residues[0].verdict is Verdict.DONE


def test_two_people_at_once_are_each_told_of_their_own(database, shop):
    changes, residues = erase(shop, widened(shop, "alice@example.com", "bob@example.com"))
    assert {one.table: one.rows + one.deleted for one in changes[1]} == {
        "client": 1,
        "invoice": 0,
        "ticket": 1,
        "reply": 1,
        "login": 1,
    }
    assert [residue.verdict for residue in residues] == [Verdict.DONE, Verdict.DONE]
    left = [line for line in database.dump().splitlines() if "Brook" in line or "Arden" in line]
    assert [line.partition(" ")[0] for line in left] == ["invoice:", "invoice:"]


def test_the_copy_holds_everything_but_secrets_and_other_peoples_addresses(shop, tmp_path):
    about = About("Shop", "privacy@example.com", datetime(2026, 11, 22, tzinfo=UTC))
    [package] = write_packages(tmp_path / "out", widened(shop, "alice@example.com"), [shop], about)
    with zipfile.ZipFile(package.path) as archive:
        data = json.loads(archive.read("data.json"))
        manifest = json.loads(archive.read("manifest.json"))
        everything = "".join(archive.read(name).decode() for name in archive.namelist())
        page = archive.read("index.html").decode()
    records = {table["table"]: len(table["records"]) for table in data["tables"]}
    assert records == {"client": 1, "invoice": 2, "ticket": 1, "reply": 2, "login": 2}
    assert "argon2-a" not in everything
    assert "bob@example.com" not in everything
    assert "likes tea" in page
    assert package.withheld == 1
    assert {file["path"] for file in manifest["files"]} >= {"index.html", "data.json", "csv/shop/client.csv"}


def test_a_wrong_word_into_not_null_or_unique_never_reaches_the_database(database, shop):
    """The peers wrote NULL into NOT NULL and one fixed word into UNIQUE, and left half a person behind."""
    erase(shop, widened(shop, "alice@example.com", "bob@example.com"))
    emails = [row[0] for row in database.rows("SELECT email FROM client ORDER BY id")]
    assert len(set(emails)) == 2
    assert all(email.endswith("@erased.invalid") for email in emails)
    assert database.rows("SELECT full_name, password, born FROM client WHERE id = 1") == [("erased", "", None)]


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ("ALTER TABLE client ADD COLUMN shoe_size integer", "client.shoe_size: undecided"),
        ("ALTER TABLE client DROP COLUMN notes", "client.notes: the pack names this column"),
        ("DROP TABLE login", "login: the pack names this table"),
        ("CREATE UNIQUE INDEX one ON reply (author)", "reply.author: values must differ"),
    ],
)
def test_drift_is_refused_before_the_first_write(database, shop, change, names):
    if "UNIQUE" in change:
        database.run("UPDATE reply SET author = 'B' WHERE id = 3;\nALTER TABLE reply DROP COLUMN author;\n")
        database.run(
            "ALTER TABLE reply ADD COLUMN author varchar(9) DEFAULT '' NOT NULL;\nUPDATE reply SET author = id;\n"
        )
    batch = widened(shop, "alice@example.com")
    database.run(change)
    before = database.dump()
    with pytest.raises(PlanRefused) as refused:
        shop.plan(TODAY)
    assert any(str(fault).startswith(names) for fault in refused.value.faults), refused.value.faults
    assert database.dump() == before
    assert batch


@pytest.mark.parametrize(
    ("schema", "rule", "faults"),
    [
        (
            "CREATE UNIQUE INDEX called ON client (phone);\n"
            "CREATE TABLE voucher (id integer PRIMARY KEY, client_email varchar(120) NOT NULL REFERENCES client (email),"
            " client_phone varchar(40) REFERENCES client (phone));\n"
            "INSERT INTO voucher SELECT id, email, phone FROM client",
            ("", ""),
            [
                "client.email: voucher.client_email points at it: it cannot be changed",
                "client.phone: voucher.client_phone points at it: it cannot be changed",
            ],
        ),
        (
            "ALTER TABLE client ADD COLUMN code char(2) DEFAULT '' NOT NULL;\nUPDATE client SET code = id;\n"
            "CREATE UNIQUE INDEX short ON client (code)",
            ('created_at = "keep"', 'created_at = "keep"\ncode = "erase"'),
            [
                "client.code: values must differ and may not be NULL, and a text of 2 characters has no room for a"
                " unique token"
            ],
        ),
        ("", ('{ do = "erase", is = "birth_date" }', '"redact"'), ["client.born: a date column cannot be redacted"]),
    ],
    ids=["a referenced key", "a short column", "a date under a text mask"],
)
def test_what_no_value_can_be_written_into_is_refused_by_name(database, shop, schema, rule, faults):
    """The peers broke references, cut tokens off and masked dates with words, and told the database's error."""
    database.run(schema)
    before = database.dump()
    with pytest.raises(PlanRefused) as refused:
        database.connector(PACK.replace(*rule)).plan(TODAY)
    assert str(refused.value) == "Shop: " + "; ".join(faults)
    assert database.dump() == before


def test_a_copy_is_refused_when_a_table_is_missing(database, shop):
    batch = widened(shop, "alice@example.com")
    database.run("DROP TABLE login")
    with pytest.raises(PlanRefused, match="login: the pack names this table"):
        list(shop.rows(batch))


def test_a_schema_that_changes_after_the_plan_stops_the_change(database, shop):
    batch, plan = widened(shop, "alice@example.com"), shop.plan(TODAY)
    database.run("ALTER TABLE client ADD COLUMN shoe_size integer")
    with pytest.raises(PlanRefused, match="schema changed"):
        shop.erase(plan, batch)


def test_a_table_nobody_knows_is_read_but_never_called_done(database, shop):
    database.run("CREATE TABLE crm_import (line varchar(200));\nINSERT INTO crm_import VALUES ('42;alice@example.com')")
    _, [residue] = erase(shop, widened(shop, "alice@example.com"))
    assert residue.verdict is Verdict.NOT_DONE
    assert ("crm_import", "line", "missed") in [(one.table, one.column, one.why) for one in residue.remains]
    database.run("DELETE FROM crm_import")
    [residue] = shop.look(shop.plan(TODAY), widened(shop, "alice@example.com"))
    assert residue.verdict is Verdict.CANNOT_TELL
    assert residue.unknown_tables == ("crm_import",)


def test_a_constraint_that_would_refuse_the_value_is_named_beforehand(database, shop):
    if database.kind == "sqlite":
        database.run("ALTER TABLE client ADD COLUMN state varchar(10) CHECK (state <> '') DEFAULT 'on' NOT NULL")
    else:
        database.run("ALTER TABLE client ADD COLUMN state varchar(10) DEFAULT 'on' NOT NULL")
        database.run("ALTER TABLE client ADD CONSTRAINT state_given CHECK (state <> '')")
    connector = database.connector(PACK.replace('created_at = "keep"', 'created_at = "keep"\nstate = "erase"'))
    with pytest.raises(PlanRefused, match=r"client\.state: its CHECK constraint"):
        connector.plan(TODAY)
    assert [str(fault).partition(":")[0] for fault in connector.check()[0]] == ["client.state"]


def test_a_change_that_fails_midway_leaves_nothing_half_done_and_leaks_no_value(database, shop):
    """The peers masked seven tables of nine, and quoted the whole row in their log."""
    batch, plan = widened(shop, "alice@example.com"), shop.plan(TODAY)
    trigger = {
        "sqlite": "CREATE TRIGGER no BEFORE UPDATE ON client BEGIN SELECT RAISE(ABORT, 'row of alice@example.com'); END",
        "postgresql": "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'row of %', OLD.email; END $$;\n"
        "CREATE TRIGGER no BEFORE UPDATE ON client FOR EACH ROW EXECUTE FUNCTION no()",
        "mariadb": "CREATE TRIGGER no BEFORE UPDATE ON client FOR EACH ROW SIGNAL SQLSTATE '45000' "
        "SET MESSAGE_TEXT = 'row of alice@example.com'",
    }[database.kind]
    database.run(trigger)
    before = database.dump()
    plan = shop.plan(TODAY)
    with pytest.raises(ChangeFailed) as failed:
        shop.erase(plan, batch)
    assert database.dump() == before
    assert "alice" not in str(failed.value).lower()
    assert failed.value.__cause__ is None
    assert "client" in str(failed.value)


def test_what_is_about_to_be_changed_is_told_before_and_is_what_the_count_finds(database, shop):
    batch, plan = widened(shop, "alice@example.com"), shop.plan(TODAY)
    counted, before, told = shop.count(batch, TODAY), database.dump(), []

    def intend(holdings):
        told.append(holdings)
        raise LookupError("not this time")

    with pytest.raises(LookupError):
        shop.erase(plan, batch, intend)
    assert database.dump() == before
    assert [sorted(one, key=lambda held: held.table) for one in told[0]] == [
        sorted(one, key=lambda held: held.table) for one in counted
    ]


def test_a_trigger_that_puts_the_old_value_back_is_seen_in_the_same_transaction(database, shop):
    trigger = {
        "sqlite": "CREATE TRIGGER back AFTER UPDATE ON client BEGIN "
        "UPDATE client SET notes = OLD.notes WHERE id = OLD.id AND notes IS NULL; END",
        "postgresql": "CREATE FUNCTION back() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN NEW.notes := OLD.notes; RETURN NEW; END $$;\n"
        "CREATE TRIGGER back BEFORE UPDATE ON client FOR EACH ROW EXECUTE FUNCTION back()",
        "mariadb": "CREATE TRIGGER back BEFORE UPDATE ON client FOR EACH ROW SET NEW.notes = OLD.notes",
    }[database.kind]
    database.run(trigger)
    before = database.dump()
    with pytest.raises(NotVerified, match="client: 1 rows"):
        erase(shop, widened(shop, "alice@example.com"))
    assert database.dump() == before


def test_a_trigger_that_keeps_a_copy_is_found_by_the_second_look(database, shop):
    database.run("CREATE TABLE audit (id integer, was varchar(200))")
    body = "INSERT INTO audit VALUES (OLD.id, OLD.email)"
    database.run(
        {
            "sqlite": f"CREATE TRIGGER copy AFTER UPDATE ON client BEGIN {body}; END",
            "postgresql": f"CREATE FUNCTION copy() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body}; RETURN NEW; END $$;\n"
            "CREATE TRIGGER copy AFTER UPDATE ON client FOR EACH ROW EXECUTE FUNCTION copy()",
            "mariadb": f"CREATE TRIGGER copy AFTER UPDATE ON client FOR EACH ROW {body}",
        }[database.kind]
    )
    _, [residue] = erase(shop, widened(shop, "alice@example.com"))
    assert residue.verdict is Verdict.NOT_DONE
    assert ("audit", "was") in [(one.table, one.column) for one in residue.remains]


def test_the_wrong_pack_is_refused_by_name(database):
    database.run("CREATE TABLE something (id integer PRIMARY KEY)")
    connector = database.connector(PACK)
    with pytest.raises(WrongPack, match="there is no table"):
        connector.count([person("alice@example.com")], TODAY)


def test_a_wrong_password_or_address_is_told_without_it(database):
    if database.kind == "sqlite":
        database.url = database.url.replace("system", "elsewhere")
        with pytest.raises(SystemUnreachable, match="no such SQLite file"):
            database.connector(PACK)
        return
    wrong = database.url.replace("only-for-tests", "pass-word-9")
    database.url = wrong
    # PostgreSQL's test server may trust everybody on loopback: an unknown database serves as well.
    if database.kind == "postgresql":
        database.url = wrong.rpartition("/")[0] + "/no_such_database"
    with pytest.raises((SystemRefused, SystemUnreachable)) as refused:
        database.connector(PACK).count([person("alice@example.com")], TODAY)
    assert "pass-word-9" not in str(refused.value)


def test_an_address_in_a_file_that_is_no_utf_8_is_refused_by_the_files_name(tmp_path):
    file = tmp_path / "shop.url"
    file.write_bytes("mariadb://kept:pässword@db.example.com/shop".encode("latin-1"))
    with pytest.raises(SystemRefused, match="cannot be read") as refused:
        address(f"file:{file}", "Shop")
    assert str(file) in str(refused.value)
    assert "ssword" not in str(refused.value)


def test_text_that_is_no_utf_8_is_found_copied_and_erased(tmp_path):
    """SQLite takes any bytes for a text, also in the column that says who somebody is."""
    here = Database("sqlite", f"sqlite:///{tmp_path / 'shop.sqlite3'}")
    here.run(portable(SCHEMA, "sqlite"))

    def put(column, table, row, text):
        raw = text.encode("latin-1").hex()
        here.run(f"UPDATE {table} SET {column} = CAST(X'{raw}' AS TEXT) WHERE id = {row}")

    put("notes", "client", 1, "likes käse")
    put("email", "client", 2, "bjørn@example.com")
    put("body", "reply", 2, "Grüße, alice@example.com")
    with closing(here.connector(PACK)) as shop:
        batch = widened(shop, "alice@example.com")
        assert {one.table: one.own for one in shop.count(batch, TODAY)[0]}["client"] == 1
        about = About("Shop", "privacy@example.com", datetime(2026, 11, 22, tzinfo=UTC))
        [package] = write_packages(tmp_path / "out", batch, [shop], about)
        with zipfile.ZipFile(package.path) as archive:
            data = archive.read("data.json").decode()
        assert "likes k\ufffdse" in data
        assert "Gr\ufffd\ufffde, alice@example.com" in data
        _, [residue] = erase(shop, batch)
    assert residue.verdict is Verdict.DONE
    assert here.rows("SELECT notes FROM client WHERE id = 1") == [(None,)]
    assert here.rows("SELECT CAST(email AS BLOB) FROM client WHERE id = 2") == [
        ("bjørn@example.com".encode("latin-1"),)
    ]
    assert here.rows("SELECT CAST(body AS BLOB) FROM reply WHERE id = 2") == [("Grüße, [erased]".encode("latin-1"),)]


def test_two_accounts_under_different_names_are_for_a_person_to_decide(database, shop):
    database.run(
        "INSERT INTO client VALUES (3, 'carla@example.com', 'Carla Cole', NULL, NULL, NULL, 'x', '{}', '2020-01-01 00:00:00')"
    )
    shared = PACK.replace('notes = "erase"', 'notes = { do = "erase", is = "email" }').replace(
        '{ column = "email", is = "email" }]', '{ column = "email", is = "email" }, { column = "notes", is = "email" }]'
    )
    database.run("UPDATE client SET notes = 'accountant@example.com' WHERE id IN (1, 3)")
    connector = database.connector(shared)
    [answer] = resolve([connector], [person("accountant@example.com")])
    assert answer.conflict == "2 accounts share an identifier under different names"
    chosen = answer.candidates[0]
    [decided] = resolve([connector], [Subject("case", answer.subject.identifiers | {chosen}, frozenset({chosen}))])
    assert decided.conflict is None
    assert {one.value for one in decided.subject.identifiers if one.kind == "account"} == {chosen.value}
    asked = Subject("case", answer.subject.identifiers, decided=frozenset({connector.name}))
    [none] = resolve([connector], [asked])
    assert none.conflict is None
    assert none.subject.identifiers == asked.identifiers


def test_a_search_that_never_ends_is_for_a_person_to_decide(shop, monkeypatch):
    monkeypatch.setattr(resolving, "MOST_ROUNDS", 1)
    [answer] = resolve([shop], [person("alice@example.com")])
    assert answer.conflict == "after 1 rounds the search still finds new identifiers"
    assert [one.kind for one in answer.candidates] == ["account"]


def test_more_identifiers_than_one_person_has_are_for_a_person_to_confirm(database, shop, monkeypatch):
    monkeypatch.setattr(resolving, "MOST_IDENTIFIERS", 2)
    [answer] = resolve([shop], [person("alice@example.com")])
    assert answer.conflict == "more than 2 identifiers for one person"
    [account] = answer.candidates
    [sure] = resolve([shop], [Subject("case", answer.subject.identifiers | {account}, frozenset({account}))])
    assert sure.conflict is None
    assert len(sure.subject.identifiers) > 2
