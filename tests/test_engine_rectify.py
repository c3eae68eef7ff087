# ruff: noqa: E501 - rows of data read best as rows
"""Putting details right on three databases: who is reached and who is not, what stays, what is refused before a write."""

import threading
from datetime import date

import pytest
from databases import database, portable
from hypothesis import given
from hypothesis import strategies as st

from kept.engine.catalogue import Column, Type
from kept.engine.details import Correction, clean, corrected, same_form
from kept.engine.errors import NotACorrection, NotVerified, PlanRefused
from kept.engine.identifiers import normal
from kept.engine.rectifying import Cell, ColumnCorrection, decide, verdict_of_lines
from kept.engine.resolve import resolve
from kept.engine.subject import Subject
from kept.terms import Verdict

__all__ = ["database"]

TODAY = date(2026, 11, 22)

SCHEMA = """
CREATE TABLE client (id integer PRIMARY KEY, email varchar(60) NOT NULL UNIQUE, first_name varchar(12) NOT NULL, last_name varchar(20),
  phone_cc varchar(5), phone varchar(20), born date, street text, city varchar(40), country varchar(2) CHECK (country = 'DE' OR country = 'FR'), note text);
CREATE TABLE contact (id integer PRIMARY KEY, client_id integer NOT NULL REFERENCES client (id), name varchar(24), email varchar(60),
  city varchar(40), UNIQUE (client_id, email));
CREATE TABLE invoice (id integer PRIMARY KEY, client_id integer, buyer_last_name varchar(20), buyer_city varchar(40), shown_name varchar(40), issued_at INSTANT);
CREATE TABLE reply (id integer PRIMARY KEY, client_id integer, author_id integer, author varchar(80), body text);
INSERT INTO client VALUES
 (1, 'alice@example.com', 'Alice', 'Ardne', '+49', '30 23125000', '1980-02-03', 'Old Street 1', 'Berlin', 'DE', 'Ardne likes tea'),
 (2, 'bob@example.com', 'Bob', 'Ardne', NULL, NULL, NULL, NULL, 'Berlin', NULL, NULL);
INSERT INTO contact VALUES
 (1, 1, 'Alice Ardne', 'alice@example.com', 'Berlin'), (2, 1, 'ardne, ALICE', 'shop@example.com', 'Hamburg'), (3, 1, 'Alice Ardne-Brook', NULL, NULL),
 (4, 1, NULL, 'x@example.com', ''), (5, 2, 'Bob Ardne', 'bob@example.com', 'Berlin');
INSERT INTO invoice VALUES (1, 1, 'Ardne', 'Berlin', 'Alice Ardne', '2025-01-01 00:00:00'), (2, 2, 'Ardne', 'Berlin', 'Bob Ardne', '2025-01-01 00:00:00'),
 (3, 1, 'Ardne', 'Berlin', 'Alice Ardne', '2001-01-01 00:00:00');
INSERT INTO reply VALUES (1, 1, 1, 'Alice Ardne', 'I am Ardne'), (2, 1, NULL, 'Alice Ardne', 'Staff wrote to Ardne'), (3, 2, 2, 'Bob Ardne', 'Bob');
"""

HEAD = """
category = "account"
purpose = "p"
source = "s"
period = "q"
"""
PACK = f"""
format = 1
name = "shop"
title = "Shop"

[table.client]
title = "Account"
{HEAD}
person = true
links = [{{ column = "id", is = "account" }}, {{ column = "email", is = "email" }}]
[table.client.columns]
id = "key"
email = {{ do = "erase", is = "email", detail = "email" }}
first_name = {{ do = "erase", is = "name", detail = "first_name" }}
last_name = {{ do = "erase", is = "name", detail = "last_name" }}
phone_cc = "erase"
phone = {{ do = "erase", is = "phone", calling_code = "phone_cc", detail = "phone" }}
born = {{ do = "erase", is = "birth_date", detail = "birth_date" }}
street = {{ do = "erase", detail = "street" }}
city = {{ do = "erase", detail = "city" }}
country = {{ do = "erase", detail = "country" }}
note = "erase"

[table.contact]
title = "Contacts"
{HEAD}
links = [{{ column = "client_id", to = "client.id" }}]
[table.contact.columns]
id = "key"
client_id = "key"
name = {{ do = "erase", is = "name", detail = "full_name" }}
email = {{ do = "erase", is = "email", detail = "email", copy_of = "client.email" }}
city = {{ do = "erase", detail = "city" }}

[table.invoice]
title = "Invoices"
{HEAD}
links = [{{ column = "client_id", to = "client.id" }}]
law = {{ name = "Tax Code", keep = "10 years", from = "issued_at", year_end = true }}
[table.invoice.columns]
id = "key"
client_id = "key"
buyer_last_name = {{ do = "law", copy_of = "client.last_name" }}
buyer_city = {{ do = "law", copy_of = "client.city" }}
shown_name = {{ do = "erase", detail = "full_name" }}
issued_at = "keep"

[table.reply]
title = "Messages"
{HEAD}
links = [{{ column = "author_id", to = "client.id" }}, {{ column = "client_id", to = "client.id", words = "others" }}]
[table.reply.columns]
id = "key"
client_id = "key"
author_id = "key"
author = {{ do = "erase", detail = "full_name" }}
body = "erase"
"""


@pytest.fixture
def shop(database):
    database.run(portable(SCHEMA, database.kind))
    connector = database.connector(PACK)
    yield connector
    connector.close()


def person(connector, email="alice@example.com"):
    return next(one.subject for one in resolve([connector], [Subject("case", frozenset({normal("email", email)}))]))


def right(detail, was, now):
    return corrected(detail, was, now, today=TODAY)


def rectify(connector, *corrections):
    plan = connector.plan_corrections(corrections, TODAY)
    subject = person(connector)
    seen = connector.preview(plan, subject)
    told = []
    lines = connector.rectify(plan, subject, told.extend)
    assert lines == told == seen
    return lines


def short(lines):
    return sorted((one.place, one.outcome, one.was, one.becomes, one.rows) for one in lines)


def test_a_name_is_put_right_in_the_persons_own_rows_and_nowhere_else(database, shop):
    before = database.dump().splitlines()
    lines = rectify(shop, right("last_name", "ardne", "Arden"))
    assert short(lines) == [
        ("client.last_name", "changed", "Ardne", "Arden", 1),
        ("contact.name", "changed", "Alice Ardne", "Alice Arden", 1),
        ("contact.name", "changed", "ardne, ALICE", "Arden, ALICE", 1),
        ("contact.name", "unexpected", "Alice Ardne-Brook", None, 1),
        ("invoice.buyer_last_name", "copy", "Ardne", None, 2),
        ("invoice.shown_name", "changed", "Alice Ardne", "Alice Arden", 1),
        ("invoice.shown_name", "copy", "Alice Ardne", None, 1),
        ("reply.author", "changed", "Alice Ardne", "Alice Arden", 1),
    ]
    assert {one.law for one in lines if one.outcome == "copy"} == {"Tax Code"}
    assert verdict_of_lines(lines) is Verdict.CANNOT_TELL
    changed = {line for line in database.dump().splitlines() if line not in before}
    assert {line.partition(",")[0] for line in changed} == {
        "client: (1",
        "contact: (1",
        "contact: (2",
        "reply: (1",
        "invoice: (3",
    }
    assert "Ardne likes tea" in database.dump()
    assert "Staff wrote to Ardne" in database.dump()


def test_a_second_correction_changes_nothing_more(database, shop):
    rectify(shop, right("last_name", None, "Arden"), right("first_name", None, "Alicia"))
    dump = database.dump()
    again = rectify(shop, right("last_name", None, "Arden"), right("first_name", None, "Alicia"))
    assert database.dump() == dump
    assert "changed" not in {one.outcome for one in again}


def test_without_the_old_value_only_what_the_own_record_says_is_meant(database, shop):
    lines = rectify(shop, right("city", None, "Bonn"))
    assert short(lines) == [
        ("client.city", "changed", "Berlin", "Bonn", 1),
        ("contact.city", "changed", "Berlin", "Bonn", 1),
        ("contact.city", "unexpected", "Hamburg", None, 1),
        ("invoice.buyer_city", "copy", "Berlin", None, 2),
    ]
    assert database.rows("SELECT city FROM client WHERE id = 2") == [("Berlin",)]


def test_a_number_keeps_the_way_in_which_it_is_written(database, shop):
    lines = rectify(shop, right("phone", "030 / 23125000", "+33 1 40 20 50 50"))
    assert short(lines) == [("client.phone", "changed", "+49 30 23125000", "+33 140205050", 1)]
    assert database.rows("SELECT phone_cc, phone FROM client WHERE id = 1") == [("+33", "140205050")]


def test_a_day_of_birth_and_an_address_are_put_right(database, shop):
    lines = rectify(
        shop,
        right("birth_date", "1980-02-03", "1980-03-02"),
        right("email", "ALICE@example.com", "Alice.Arden@Example.com"),
    )
    assert [one.outcome for one in lines] == ["changed", "changed", "changed", "unexpected", "unexpected"]
    assert [str(row[0]) for row in database.rows("SELECT born FROM client WHERE id = 1")] == ["1980-03-02"]
    assert database.rows("SELECT email FROM client WHERE id = 1") == [("alice.arden@example.com",)]
    assert database.rows("SELECT email FROM contact WHERE id = 2") == [("shop@example.com",)]


def test_what_is_missing_is_completed_in_the_own_record_only(database, shop):
    database.run("UPDATE client SET street = NULL, city = '' WHERE id = 1")
    lines = rectify(shop, right("street", None, "New Street 5"), right("city", None, "Bonn"))
    assert short(lines) == [
        ("client.city", "changed", None, "Bonn", 1),
        ("client.street", "changed", None, "New Street 5", 1),
        ("contact.city", "unexpected", "Berlin", None, 1),
        ("contact.city", "unexpected", "Hamburg", None, 1),
    ]
    assert database.rows("SELECT city FROM contact WHERE id = 4") == [("",)]


def test_a_value_of_two_megabytes_is_no_street_and_is_left(database, shop):
    size = 2_000_000
    if database.kind == "mariadb":
        database.run("ALTER TABLE client MODIFY street longtext")
    with database.open() as connection:
        mark = "?" if database.kind == "sqlite" else "%s"
        connection.cursor().execute(f"UPDATE client SET street = {mark} WHERE id = 1", ("Old Street 1 " + "x" * size,))
        connection.commit()
    lines = rectify(shop, right("street", "Old Street 1", "New Street 5"))
    assert short(lines) == [("client.street", "unexpected", None, None, 1)]
    assert database.rows("SELECT length(street) FROM client WHERE id = 1") == [(size + 13,)]


@pytest.mark.parametrize(
    ("correction", "place", "why"),
    [
        (("email", None, "bob@example.com"), ("client", "email"), "another record has the new value"),
        (("email", "alice@example.com", "x@example.com"), ("contact", "email"), "another record has the new value"),
        (("first_name", None, "Maximiliana-Theodora"), ("client", "first_name"), "longer than its 12 characters"),
        (("last_name", "Ardne", "Arden von und zu Hof"), ("contact", "name"), "longer than its 24 characters"),
        (("country", None, "AT"), ("client", "country"), "CHECK constraint"),
    ],
)
def test_what_the_database_would_refuse_is_named_before_the_first_write(database, shop, correction, place, why):
    before = database.dump()
    with pytest.raises(PlanRefused) as refused:
        rectify(shop, right(*correction))
    assert refused.value.system == "Shop"
    assert place in [(one.table, one.column) for one in refused.value.faults]
    assert all(why in one.why for one in refused.value.faults)
    assert not any(text in str(refused.value) for text in (correction[2], "Ardne", "example.com"))
    assert database.dump() == before


def test_a_column_of_another_type_is_named(database):
    database.run(portable(SCHEMA, database.kind))
    connector = database.connector(
        PACK.replace(
            'born = { do = "erase", is = "birth_date", detail = "birth_date" }',
            'born = { do = "erase", detail = "city" }',
        )
    )
    with pytest.raises(PlanRefused, match=r"client\.born: it cannot be corrected: a date column holds no city"):
        connector.plan_corrections([right("city", None, "Bonn")], TODAY)


def test_a_value_is_never_sql(database, shop):
    rectify(shop, right("street", None, "Robert'); DROP TABLE reply; -- 5 \\ % {x} $1 :p"))
    assert database.rows("SELECT street FROM client WHERE id = 1") == [
        ("Robert'); DROP TABLE reply; -- 5 \\ % {x} $1 :p",)
    ]
    assert len(database.rows("SELECT id FROM reply")) == 3


def test_a_sign_that_the_column_cannot_hold_is_named(database):
    if database.kind != "mariadb":
        pytest.skip("only MariaDB gives a column its own signs")
    database.run(
        portable(SCHEMA, database.kind).replace(
            "city varchar(40), country", "city varchar(40) CHARACTER SET latin1, country"
        )
    )
    connector = database.connector(PACK)
    with pytest.raises(PlanRefused, match=r"client\.city: it cannot be corrected: it cannot hold every sign"):
        connector.plan_corrections([right("city", None, "Łódź")], TODAY)
    connector.rectify(connector.plan_corrections([right("city", None, "Köln")], TODAY), person(connector))
    assert database.rows("SELECT city FROM client WHERE id = 1") == [("Köln",)]


def test_a_row_that_somebody_changes_meanwhile_waits(database, shop):
    if database.kind == "sqlite":
        pytest.skip("SQLite locks the whole file")
    thread = threading.Thread(target=lambda: database.run("UPDATE client SET last_name = 'Smith' WHERE id = 1"))
    plan = shop.plan_corrections([right("last_name", "Ardne", "Arden")], TODAY)
    shop.rectify(plan, person(shop), lambda _: thread.start())
    thread.join(30)
    assert not thread.is_alive()
    assert database.rows("SELECT last_name FROM client WHERE id = 1") == [("Smith",)]
    assert "changed" not in {one.outcome for one in shop.rectify(plan, person(shop))}


def test_a_trigger_that_writes_something_else_is_found_out_and_all_is_rolled_back(database, shop):
    database.run(
        {
            "sqlite": "CREATE TRIGGER shout AFTER UPDATE ON contact BEGIN UPDATE contact SET name = 'Somebody' WHERE id = NEW.id; END",
            "postgresql": "CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.name := 'Somebody'; RETURN NEW; END $$;\nCREATE TRIGGER shout BEFORE UPDATE ON contact FOR EACH ROW EXECUTE FUNCTION shout()",
            "mariadb": "CREATE TRIGGER shout BEFORE UPDATE ON contact FOR EACH ROW SET NEW.name = 'Somebody'",
        }[database.kind]
    )
    before = database.dump()
    with pytest.raises(NotVerified, match="Shop, contact"):
        rectify(shop, right("last_name", None, "Arden"))
    assert database.dump() == before


@pytest.mark.parametrize(
    ("detail", "now", "why"),
    [
        ("last_name", " ", "say what is right"),
        ("last_name", "A\x00rden", "on one line"),
        ("last_name", "Arden\nBcc: x", "on one line"),
        ("last_name", "x" * 201, "at most 200"),
        ("last_name", "---", "no letter"),
        ("last_name", "alice@example.com", "address of mail"),
        ("email", "alice at example.com", "one @"),
        ("phone", "23125000", "country code"),
        ("birth_date", "03.02.1980", "year-month-day"),
        ("birth_date", "1980-02-31", "year-month-day"),
        ("birth_date", "2099-01-01", "nobody alive"),
        ("city", "  Berlin ", "are the same"),
    ],
)
def test_what_cannot_be_a_detail_is_refused_without_repeating_it(detail, now, why):
    with pytest.raises(NotACorrection, match=why) as wrong:
        right(detail, "Berlin", now)
    assert not now.strip() or now not in str(wrong.value)


def test_corrections_that_contradict_each_other_are_refused(shop):
    with pytest.raises(NotACorrection, match="only become one thing"):
        shop.plan_corrections([right("city", "Berlin", "Bonn"), right("city", "Hamburg", "Köln")], TODAY)
    with pytest.raises(NotACorrection, match="named twice"):
        shop.plan_corrections([Correction("city", "berlin", "Bonn"), Correction("city", "Berlin", "Bonn")], TODAY)


name = st.text("abcdefgh ßéÖ'-", min_size=1, max_size=8).map(clean).filter(lambda text: text.strip(" '-"))
LIVE = Column("name", Type.TEXT)


@given(st.lists(name, min_size=1, max_size=4).map(" ".join), name, name, name, name)
def test_what_became_of_a_name_is_right_and_stays_so(text, first, second, third, fourth):
    corrections = [Correction("first_name", first, second), Correction("last_name", third, fourth)]
    column = ColumnCorrection("name", "full_name", "part")
    decided = decide(column, Cell(text, None, False, False), False, {}, corrections, LIVE)
    assert decided.outcome in ("changed", "right", "unexpected")
    if decided.outcome == "changed":
        after = decide(column, Cell(decided.becomes, None, False, False), False, {}, corrections, LIVE)
        assert after.outcome == "right"


@given(name, st.none() | name, name, st.booleans(), st.sets(name, max_size=2))
def test_only_what_was_meant_is_changed_and_once(value, was, now, person, others):
    correction = Correction("city", was, now)
    column, record = ColumnCorrection("city", "city", "whole"), {"city": frozenset(map(str.casefold, others))}
    decided = decide(column, Cell(value, None, False, False), person, record, [correction], LIVE)
    if decided.outcome == "changed":
        meant = {same_form("city", was)} if was else {*record["city"], *({same_form("city", value)} if person else ())}
        assert same_form("city", value) in meant
        again = decide(column, Cell(decided.becomes, None, False, False), person, record, [correction], LIVE)
        assert again.outcome == "right"
    kept = decide(column, Cell(value, None, False, True), person, record, [correction], LIVE)
    assert kept.outcome in ("copy", "nothing")
