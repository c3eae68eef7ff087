"""Where a person may still stand when all that the pack knows is gone. "Done" has to mean that everything was read."""

from __future__ import annotations

import html
import json
import quopri
from urllib.parse import quote

import pytest
from ground import ACCOUNT, ERASED_MAIL, MAIL, ON, Place, answered, asking, pack, table, widened

from kept.connectors.sql import second_look
from kept.engine.errors import EngineError, NeedsPerson, PlanRefused
from kept.engine.identifiers import normal
from kept.terms import Verdict

HERS, HIS = "alice@example.com", "bob@example.com"
IDN = "jörg@müller.example"
CUSTOMER = "CREATE TABLE customer (id int PRIMARY KEY, email varchar(80), last varchar(40), first varchar(40));"
PEOPLE = table(
    "customer",
    f"{ACCOUNT}, {MAIL}",
    f'id = "key"\n{ERASED_MAIL}\nlast = {{ do = "erase", is = "name" }}\nfirst = {{ do = "erase", is = "name" }}',
    "person = true",
)
BATCH = [asking(f"nobody{n}@example.com", ref=f"c{n}") for n in range(12)]


def two(place, hers=HERS):
    place.run(CUSTOMER)
    place.plant(
        "customer",
        {"id": 1, "email": hers, "last": "Arden", "first": "Alice"},
        {"id": 2, "email": HIS, "last": "Brook", "first": "Bob"},
    )


def looked(place, connect, text=None, who=HERS, size=1):
    (_, residue), *_ = answered(connect(place, text or pack(PEOPLE)), who, *BATCH[: size - 1])
    return residue


SPELLINGS = {
    "plain": "mail {} now",
    "upper": "{UPPER}",
    "mail header": "From: Alice <{}>,",
    "html": "&lt;{}&gt;",
    "html at": "{HTML}",
    "url": "?to={URL}&x=1",
    "url twice": "?next=%2Fa%3Fto%3D{URL2}",
    "json": '{"to":"{}"}',
    "json at": "{JSON_AT}",
    "json ascii": "{JSON}",
    "quoted printable": "{QP}",
    "dash after": "{}- please",
    "dashes": "--{}--",
    "underscore after": "{}_old.csv",
    "full stop": "It was {}.",
    "german quotes": "„{}“",
    "line break": "to:\n{}\nfrom",
    "tab": "to:\t{}\tx",
    "backslash": "\\{}\\",
    "angle": "mailto:{}?subject=x",
    "spelled out": "{SPELLED}",
    "chinese": "请联系{}谢谢",
}


def spelled(form, mail):
    ascii_json = json.dumps(mail)[1:-1]
    return (
        form.replace("{UPPER}", mail.upper())
        .replace("{HTML}", html.escape(mail).replace("@", "&#64;"))
        .replace("{URL2}", quote(quote(mail, safe=""), safe=""))
        .replace("{URL}", quote(mail, safe=""))
        .replace("{JSON_AT}", ascii_json.replace("@", "\\u0040"))
        .replace("{JSON}", ascii_json)
        .replace("{QP}", quopri.encodestring(f"An: {mail} x".encode()).decode())
        .replace("{SPELLED}", mail.replace("@", " (at) "))
        .replace("{}", mail)
    )


@pytest.mark.parametrize("size", [1, 13])
@pytest.mark.parametrize("mail", [HERS, IDN], ids=["ascii", "idn"])
def test_every_spelling_of_an_address_is_found_in_a_table_nobody_named(place, connect, mail, size):
    two(place, mail)
    q = "longblob" if place.mariadb else "bytea"
    for kind, name in (("text", "t"), (q, "b")):
        place.run(f"CREATE TABLE wild_{name} (id int PRIMARY KEY, body {kind})")
        texts = [spelled(form, mail) for form in SPELLINGS.values()]
        # Before and after it, bytes that are no text.
        bodies = [b"\xff\x00 " + text.encode() + b" \x00\xfe" for text in texts] if name == "b" else texts
        place.plant(f"wild_{name}", *({"id": n, "body": body} for n, body in enumerate(bodies)))
    residue = looked(place, connect, who=mail, size=size)
    counted = {remain.table: remain.count for remain in residue.remains}
    assert counted == {"wild_t": len(SPELLINGS), "wild_b": len(SPELLINGS)}
    assert residue.verdict is Verdict.NOT_DONE


@pytest.mark.parametrize("size", [1, 13])
def test_every_type_of_column_is_read(place, connect, size):
    two(place)
    kinds = {
        "varchar(90)": HERS, "char(90)": HERS, "text": HERS,
    }  # fmt: skip
    if place.mariadb:
        kinds |= {
            "tinytext": HERS, "mediumtext": HERS, "longtext": HERS, "json": f'["{HERS}"]', "binary(90)": HERS.encode(),
            "varbinary(90)": HERS.encode(), "tinyblob": HERS.encode(), "longblob": HERS.encode(),
            f"enum('{HERS}', 'b')": HERS, f"set('a', '{HERS}')": f"a,{HERS}", "text character set latin1": HERS,
            "text character set utf16": HERS, "text character set ucs2": HERS,
        }  # fmt: skip
    else:
        place.run(f"CREATE EXTENSION citext; CREATE EXTENSION hstore; CREATE TYPE who AS ENUM ('{HERS}')")
        place.run("CREATE TYPE pair AS (a int, b text); CREATE DOMAIN mail AS text; CREATE DOMAIN mails AS text[]")
        kinds |= {
            "citext": HERS, "jsonb": f'{{"{HERS}": 1}}', "json": f'["{HERS}"]', "text[]": ["x", HERS],
            "bytea": HERS.encode(), "hstore": f'"a"=>"{HERS}"', "who": HERS, "pair": f"(1,{HERS})", "mail": HERS,
            "mails": [HERS], "xml": f"<a>{HERS}</a>", "tsvector": f"'{HERS}':1", "name": HERS, "citext[]": [HERS],
            "pair[]": f'{{"(1,{HERS})"}}',
        }  # fmt: skip
    for n, (kind, value) in enumerate(kinds.items()):
        place.run(f"CREATE TABLE wild{n} (id int PRIMARY KEY, body {kind})")
        place.plant(f"wild{n}", {"id": 1, "body": value})
    residue = looked(place, connect, size=size)
    found = {list(kinds)[int(remain.table.removeprefix("wild"))] for remain in residue.remains}
    assert found == set(kinds)


@pytest.mark.parametrize("size", [1, 13])
def test_a_row_too_long_for_one_packet_is_read_all_the_same(mariadb, connect, size):
    """Three columns of 30 MB are longer together than what the server handles as one value: it answers NULL."""
    two(mariadb)
    mariadb.run("CREATE TABLE wild (id int PRIMARY KEY, a longtext, b longtext, c longtext, body text)")
    mariadb.run(
        f"INSERT INTO wild SELECT 1, repeat('x', 30000000), repeat('y', 30000000), repeat('z', 30000000), '{HERS}'"
    )
    residue = looked(mariadb, connect, size=size)
    assert [(remain.table, remain.column) for remain in residue.remains] == [("wild", "body")]


@pytest.mark.parametrize("size", [1, 13])
def test_a_person_in_a_table_without_a_key_is_found(place, connect, size):
    two(place)
    place.run("CREATE TABLE wild (body text, other text)")
    place.plant("wild", {"body": HERS, "other": None}, {"body": HERS, "other": None}, {"body": HIS, "other": HERS})
    residue = looked(place, connect, size=size)
    assert sorted((remain.column, remain.count) for remain in residue.remains) == [("body", 2), ("other", 1)]
    assert residue.verdict is Verdict.NOT_DONE


@pytest.mark.postgresql
@pytest.mark.parametrize("size", [1, 13])
def test_partitions_are_read_and_changed(postgresql, connect, size):
    two(postgresql)
    postgresql.run(
        "CREATE TABLE event (id int, at date, customer_id int, body text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at)"
        ";"
        "CREATE TABLE event_1 PARTITION OF event FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');"
        "CREATE TABLE event_2 PARTITION OF event DEFAULT;"
        "CREATE TABLE parent (id int PRIMARY KEY, body text); CREATE TABLE child (more text) INHERITS (parent);"
        f"INSERT INTO child VALUES (1, '{HERS}', 'x')"
    )
    days = ("2020-05-05", "2025-05-05")
    rows = [{"id": n, "at": day, "customer_id": n, "body": f"{HERS} {HIS}"} for n in (1, 2) for day in days]
    postgresql.plant("event", *rows)
    event = table(
        "event",
        '{ column = "customer_id", to = "customer.id" }',
        'id = "key"\nat = "key"\ncustomer_id = "key"\nbody = "erase"',
    )
    residue = looked(postgresql, connect, pack(PEOPLE, event), size=size)
    assert postgresql.all("SELECT DISTINCT id, body FROM event ORDER BY id") == [(1, None), (2, f"[erased] {HIS}")]
    assert {remain.table for remain in residue.remains} == {"parent", "child"}


@pytest.mark.postgresql
def test_what_lies_in_another_schema_or_a_stored_view_is_never_called_done(postgresql, connect):
    two(postgresql)
    for ddl in (
        f"CREATE SCHEMA crm; CREATE TABLE crm.lead AS SELECT '{HERS}' AS mail",
        "CREATE MATERIALIZED VIEW copied AS SELECT email FROM customer",
    ):
        postgresql.run(ddl)
        residue = looked(postgresql, connect)
        assert residue.verdict is not Verdict.DONE, ddl
        postgresql.run("DROP SCHEMA IF EXISTS crm CASCADE")


@pytest.mark.postgresql
def test_rows_that_a_policy_hides_from_kept_are_never_called_done(postgresql, connect):
    two(postgresql)
    postgresql.run(
        "CREATE TABLE tenant_note (id int PRIMARY KEY, tenant int, body text);"
        f"INSERT INTO tenant_note VALUES (1, 1, 'nothing'), (2, 2, '{HERS}');"
        "ALTER TABLE tenant_note ENABLE ROW LEVEL SECURITY; CREATE POLICY one ON tenant_note USING (tenant = 1);"
        "CREATE ROLE kept_rls LOGIN PASSWORD 'rls-password'; GRANT ALL ON ALL TABLES IN SCHEMA public TO kept_rls;"
        "GRANT USAGE ON SCHEMA public TO kept_rls"
    )
    try:
        seen = Place("postgresql", postgresql.url.replace("kept:only-for-tests", "kept_rls:rls-password"))
        text = pack(PEOPLE, table("tenant_note", "", 'id = "key"\ntenant = "keep"\nbody = "redact"'))
        try:
            residue = looked(seen, connect, text)
        except EngineError:
            return
        assert residue.verdict is not Verdict.DONE
    finally:
        postgresql.run("DROP OWNED BY kept_rls; DROP ROLE kept_rls")


@pytest.mark.mariadb
def test_history_that_the_database_keeps_is_refused_by_name(mariadb, connect):
    two(mariadb)
    mariadb.run("ALTER TABLE customer ADD SYSTEM VERSIONING")
    with pytest.raises(PlanRefused, match=r"customer: .* every old row"):
        connect(mariadb, pack(PEOPLE)).plan(ON)


@pytest.mark.mariadb
def test_a_versioned_table_nobody_named_is_read_with_its_history(mariadb, connect):
    two(mariadb)
    mariadb.run("CREATE TABLE wild (id int PRIMARY KEY, body text) WITH SYSTEM VERSIONING")
    mariadb.run(f"INSERT INTO wild VALUES (1, '{HERS}'); UPDATE wild SET body = 'gone'")
    assert looked(mariadb, connect).verdict is Verdict.NOT_DONE


@pytest.mark.parametrize("size", [1, 13])
def test_a_name_beside_another_sign_is_for_a_person_to_decide_alone_and_in_a_batch(place, connect, size):
    two(place)
    place.run("CREATE TABLE wild (id int PRIMARY KEY, body text)")
    place.plant(
        "wild",
        {"id": 1, "body": "Alice\nArden, call 030 23125-101"},
        {"id": 2, "body": "Arden, Alice: +49 30 23125101"},
        {"id": 3, "body": "Alice Arden"},
        {"id": 4, "body": "030 23125-101"},
        {"id": 5, "body": "alice  arden 192.0.2.7"},
        {"id": 6, "body": "Alice Arden 192.0.2.77, 1192.0.2.7"},
    )
    known = asking(HERS, normal("phone", "+49 30 23125101"), normal("ip", "192.0.2.7"))
    residue = looked(place, connect, who=known, size=size)
    assert [(remain.count, remain.why) for remain in residue.remains if remain.kind == "ip"] == [(1, "unclear")]
    assert sum(remain.count for remain in residue.remains) == 3
    assert residue.verdict is Verdict.CANNOT_TELL


def test_her_name_goes_with_her_address_out_of_others_texts_whatever_order_the_columns_have(place, connect):
    two(place)
    place.run("CREATE TABLE page (id int PRIMARY KEY, body text)")
    quotes = [f"Alice Arden <{HERS}> wrote:", f"Arden, Alice <{HERS}>", f"ALICE ARDEN {HERS}"]
    place.plant("page", *({"id": n, "body": body} for n, body in enumerate(quotes)))
    looked(place, connect, pack(PEOPLE, table("page", "", 'id = "key"\nbody = "redact"')))
    assert not place.dump().holding("arden", HERS)


SIGNS = {
    "field": "\x1f",
    "row": "\n",
    "no key": "\x18",
    "others": "\x01\x02\x03\x04\x05\x06\x0e\x0f\x10\x11",
    "copy": "\t\\N\\.\t",
}


@pytest.mark.parametrize("size", [1, 13])
@pytest.mark.parametrize("sign", SIGNS)
def test_a_text_that_holds_the_signs_between_fields_and_rows_hides_nobody(place, connect, sign, size):
    two(place)
    place.run("CREATE TABLE wild (id varchar(20) PRIMARY KEY, a text, b text)")
    place.plant(
        "wild",
        {"id": f"1{SIGNS[sign]}2", "a": f"x{SIGNS[sign]}y", "b": f"{SIGNS[sign]}{HERS}{SIGNS[sign]}"},
        {"id": "2", "a": f"{SIGNS[sign]}3{SIGNS[sign]}", "b": f"mail {HIS}"},
        {"id": "3", "a": HERS, "b": None},
    )
    remains = looked(place, connect, pack(PEOPLE), size=size).remains
    assert sum(one.count for one in remains if one.table == "wild") == 2


def test_what_is_taken_out_of_other_peoples_texts_is_told(place, connect):
    two(place)
    place.run("CREATE TABLE page (id int PRIMARY KEY, body text, foot text)")
    place.plant(
        "page",
        {"id": 1, "body": f"mail {HERS} or {HERS}", "foot": HERS},
        {"id": 2, "body": f"not {HIS}", "foot": ""},
        {"id": 3, "body": f"to {HERS}", "foot": ""},
    )
    text = pack(PEOPLE, table("page", "", 'id = "key"\nbody = "redact"\nfoot = "redact"'))
    residue = looked(place, connect, text)
    assert {(one.table, one.column, one.count) for one in residue.taken_out} == {
        ("page", "body", 2),
        ("page", "foot", 1),
    }
    assert residue.verdict is Verdict.DONE


def test_another_account_with_her_address_is_not_rewritten_but_for_a_person_to_decide(place, connect):
    two(place)
    place.run("UPDATE customer SET email = ' alice@example.com' WHERE id = 2")
    residue = looked(place, connect)
    assert [(one.table, one.column, one.why) for one in residue.remains] == [("customer", "email", "unclear")]
    assert residue.verdict is Verdict.CANNOT_TELL
    assert place.one("SELECT count(*) FROM customer WHERE email LIKE '%alice@example.com'") == 1


def test_more_remains_than_anybody_has_are_for_a_person_and_name_the_table(place, connect, monkeypatch):
    monkeypatch.setattr(second_look, "MOST_HITS", 40)
    two(place)
    place.run("CREATE TABLE wild (id int PRIMARY KEY, body text)")
    place.plant("wild", *({"id": n, "body": HERS} for n in range(41)))
    with pytest.raises(NeedsPerson, match=r"more than 40 values .* 41 of them in wild\.body"):
        looked(place, connect)
    place.run("DELETE FROM wild WHERE id = 7")
    assert sum(one.count for one in looked(place, connect).remains) == 40


@pytest.mark.postgresql
@pytest.mark.parametrize("size", [1, 13])
def test_long_values_stored_apart_and_parts_of_a_table_are_read(postgresql, connect, size):
    two(postgresql)
    postgresql.run(
        "CREATE TABLE long (id int PRIMARY KEY, body text);"
        f"INSERT INTO long SELECT n, (SELECT string_agg(md5((n * i)::text), ' ') FROM generate_series(1, 400) AS i)"
        f" || ' {HERS}' FROM generate_series(1, 5) AS n;"
        "CREATE TABLE part (id int, body text) PARTITION BY RANGE (id);"
        "CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM (0) TO (10);"
        "CREATE TABLE part_2 PARTITION OF part FOR VALUES FROM (10) TO (20);"
        f"INSERT INTO part VALUES (1, '{HERS}'), (11, '{HERS}');"
        "CREATE TABLE wide (id int PRIMARY KEY, body text);"
        "INSERT INTO wide SELECT n, md5(n::text) FROM generate_series(1, 100000) AS n;"
        f"UPDATE wide SET body = '{HERS}' WHERE id IN (1, 40000, 99999)"
    )
    assert postgresql.one("SELECT pg_relation_size('wide') / 8192") > 512  # more than are read at once
    remains = looked(postgresql, connect, pack(PEOPLE), size=size).remains
    assert {one.table: one.count for one in remains} == {"long": 5, "part": 2, "wide": 3}


@pytest.mark.postgresql
@pytest.mark.parametrize(("encoding", "size"), [("LATIN1", 1), ("LATIN1", 13), ("SQL_ASCII", 1), ("SQL_ASCII", 13)])
def test_a_database_of_another_encoding_is_read(postgresql, postgresql_server, connect, encoding, size):
    name = f"t_{encoding.lower()}_{size}_{postgresql.url[-6:]}"
    postgresql_server.run(f"CREATE DATABASE {name} ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0")
    odd = Place("postgresql", postgresql_server.url(name))
    try:
        with odd.open() as connection:
            connection.execute("SET client_encoding = 'LATIN1'" if encoding == "LATIN1" else "SELECT 1")
            connection.execute(CUSTOMER)
            connection.execute(
                "CREATE TABLE page (id int PRIMARY KEY, body text); CREATE TABLE wild (id int, body text)"
            )
            told = "jörg@müller.example".encode("latin-1" if encoding == "LATIN1" else "utf-8").decode("latin-1")
            if encoding == "SQL_ASCII":
                connection.execute(b"INSERT INTO wild VALUES (9, E'\\374 is no UTF-8')")
            for statement in (
                f"INSERT INTO customer VALUES (1, '{told}', 'Arden', 'Alice'), (2, '{HIS}', 'Brook', 'Bob')",
                f"INSERT INTO page VALUES (1, 'to {told} now'); INSERT INTO wild VALUES (1, '{told}')",
            ):
                connection.execute(statement.encode("latin-1"))
        text = pack(PEOPLE, table("page", "", 'id = "key"\nbody = "redact"'))
        residue = looked(odd, connect, text, who=IDN, size=size)
        assert [remain.table for remain in residue.remains] == ["wild"]
        with odd.open() as connection:
            assert connection.execute("SELECT convert_to(body, 'SQL_ASCII') FROM page").fetchall() == [
                (b"to [erased] now",)
            ]
            assert connection.execute("SELECT email IS NULL FROM customer ORDER BY id").fetchall() == [
                (True,),
                (False,),
            ]
    finally:
        postgresql_server.drop_database(odd.url)


def test_a_copy_that_a_trigger_makes_is_never_called_done_and_goes_at_the_next_try(place, connect):
    two(place)
    place.run(
        "CREATE TABLE audit (id serial PRIMARY KEY, customer_id int, old_email varchar(80), old_name varchar(80))"
    )
    act = "INSERT INTO audit (customer_id, old_email, old_name) VALUES (OLD.id, OLD.email, OLD.last)"
    if place.mariadb:
        place.run(f"CREATE TRIGGER keeps AFTER UPDATE ON customer FOR EACH ROW {act}")
    else:
        place.run(
            f"CREATE FUNCTION keeps() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {act}; RETURN NEW; END $$;"
            "CREATE TRIGGER keeps AFTER UPDATE ON customer FOR EACH ROW EXECUTE FUNCTION keeps()"
        )
    audit = table(
        "audit",
        '{ column = "customer_id", to = "customer.id" }',
        'id = "key"\ncustomer_id = "key"\nold_email = "erase"\nold_name = "erase"',
        'rows = "delete"',
    )
    connector = connect(place, pack(PEOPLE, audit))
    [subject] = widened(connector, asking(HERS))
    plan = connector.plan(ON)
    connector.erase(plan, [subject])
    [first] = connector.look(plan, [subject])
    if place.dump().holding(HERS, "Arden"):
        assert first.verdict is Verdict.NOT_DONE
    connector.erase(plan, [subject])
    [second] = connector.look(plan, [subject])
    assert not place.dump().holding(HERS, "Arden")
    assert second.verdict is Verdict.DONE
