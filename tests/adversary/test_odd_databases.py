"""What a database can do behind a plan's back: triggers, rules, inheritance, late constraints, objects out of reach."""

from __future__ import annotations

import pytest
from ground import ACCOUNT, ERASED_MAIL, MAIL, ON, answered, asking, pack, table, widened
from worlds import FOLDER, WORLDS

from kept.connectors.sql.connector import SqlConnector
from kept.engine.draft import draft_pack
from kept.engine.errors import ChangeFailed, EngineError, NotVerified, PlanRefused
from kept.engine.pack import Pack
from kept.engine.packs import parse
from kept.terms import Verdict

HERS, HIS = "alice@example.com", "bob@example.com"
PEOPLE = table("customer", f"{ACCOUNT}, {MAIL}", f'id = "key"\n{ERASED_MAIL}', "person = true")
TO_CUSTOMER = '{ column = "customer_id", to = "customer.id" }'
NOTE = table("note", TO_CUSTOMER, 'id = "key"\ncustomer_id = "key"\nbody = "erase"')
GONE = table("note", TO_CUSTOMER, 'id = "key"\ncustomer_id = "key"\nbody = "erase"', 'rows = "delete"')


def two(place):
    place.run(
        "CREATE TABLE customer (id int PRIMARY KEY, email varchar(80));"
        "CREATE TABLE note (id int PRIMARY KEY, customer_id int, body varchar(80))"
    )
    place.plant("customer", {"id": 1, "email": HERS}, {"id": 2, "email": HIS})
    place.plant("note", {"id": 1, "customer_id": 1, "body": "hers"}, {"id": 2, "customer_id": 2, "body": "his"})


def untouched(place, connect, text, error=EngineError, names="note"):
    before = place.dump()
    with pytest.raises(error, match=names) as refused:
        answered(connect(place, text), HERS)
    assert place.dump() == before
    return str(refused.value)


def test_a_trigger_that_keeps_a_row_from_going_is_seen(place, connect):
    two(place)
    if place.mariadb:
        act = "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'archived rows stay'"
        place.run(f"CREATE TRIGGER stays BEFORE DELETE ON note FOR EACH ROW {act}")
    else:
        place.run(
            "CREATE FUNCTION stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;"
            "CREATE TRIGGER stays BEFORE DELETE ON note FOR EACH ROW EXECUTE FUNCTION stays()"
        )
    untouched(place, connect, pack(PEOPLE, GONE))


@pytest.mark.postgresql
def test_a_rule_that_swallows_the_change_is_seen(postgresql, connect):
    two(postgresql)
    postgresql.run("CREATE RULE nothing AS ON UPDATE TO note DO INSTEAD NOTHING")
    untouched(postgresql, connect, pack(PEOPLE, NOTE), NotVerified)


@pytest.mark.postgresql
def test_a_constraint_that_is_checked_at_the_very_end_rolls_all_back(postgresql, connect):
    two(postgresql)
    postgresql.run(
        "CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'secret %', OLD.body; END $$;"
        "CREATE CONSTRAINT TRIGGER late AFTER UPDATE ON note DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION late()"
    )
    told = untouched(postgresql, connect, pack(PEOPLE, NOTE), ChangeFailed, "Shop")
    assert "secret" not in told


@pytest.mark.postgresql
def test_a_table_that_others_inherit_from_is_refused(postgresql, connect):
    """Its key names a row of the child as well: number 1 of the parent is Alice's, and of the child Bob's."""
    two(postgresql)
    postgresql.run(
        "CREATE TABLE old_note (PRIMARY KEY (id)) INHERITS (note); INSERT INTO old_note VALUES (1, 2, 'his too')"
    )
    text = pack(PEOPLE, NOTE, NOTE.replace('"note"', '"old_note"'))
    untouched(postgresql, connect, text, PlanRefused)
    assert postgresql.all("SELECT body FROM old_note") == [("his too",)]


@pytest.mark.postgresql
def test_large_objects_are_never_called_searched(postgresql, connect):
    two(postgresql)
    postgresql.run(f"SELECT lo_from_bytea(0, '{HERS}')")
    [(_, residue)] = answered(connect(postgresql, pack(PEOPLE, NOTE)), HERS)
    assert postgresql.dump() is not None
    assert residue.verdict is not Verdict.DONE


@pytest.mark.postgresql
def test_a_connection_may_start_in_another_schema(postgresql, connect):
    two(postgresql)
    postgresql.run("CREATE SCHEMA crm; CREATE TABLE crm.lead (id int PRIMARY KEY, account int, words text)")
    postgresql.run("INSERT INTO crm.lead VALUES (1, 1, 'lead hers'), (2, 2, 'lead his')")
    lead = table(
        "lead", '{ column = "account", to = "public.customer.id" }', 'id = "key"\naccount = "key"\nwords = "erase"'
    )
    text = pack(
        PEOPLE.replace('"customer"', '"public.customer"'),
        NOTE.replace('"note"', '"public.note"').replace("customer.id", "public.customer.id"),
        lead,
    )
    there = type(postgresql)(postgresql.kind, f"{postgresql.url}?options=-csearch_path%3Dcrm")
    [(_, residue)] = answered(connect(there, text), HERS)
    assert residue.verdict is Verdict.DONE
    assert postgresql.all("SELECT words FROM crm.lead ORDER BY id") == [(None,), ("lead his",)]
    assert not postgresql.dump().holding(HERS, "hers")


def test_a_redacted_text_that_must_be_unique_is_refused_beforehand(place, connect):
    two(place)
    place.run("CREATE TABLE alias (id int PRIMARY KEY, target varchar(80) UNIQUE)")
    place.plant("alias", *({"id": n, "target": f"{n if n > 1 else ''} {HERS}"} for n in (1, 2)))
    alias = table("alias", "", 'id = "key"\ntarget = "redact"')
    untouched(place, connect, pack(PEOPLE, NOTE, alias), PlanRefused, "alias")


def test_the_same_request_twice_in_one_batch_is_answered_twice(place, connect):
    two(place)
    text = pack(PEOPLE, NOTE, GONE.replace('"note"', '"other"'))
    place.run("CREATE TABLE other (id int PRIMARY KEY, customer_id int, body varchar(80))")
    place.plant("other", {"id": 1, "customer_id": 1, "body": "hers"}, {"id": 2, "customer_id": 2, "body": "his"})
    answers = answered(connect(place, text), asking(HERS, ref="a"), asking(HERS, ref="b"))
    assert [residue.verdict for _, residue in answers] == [Verdict.DONE] * 2
    assert not place.dump().holding(HERS, "hers")
    assert place.all("SELECT body FROM note ORDER BY id") == [(None,), ("his",)]
    assert place.all("SELECT body FROM other") == [("his",)]


def test_a_person_who_is_nowhere_changes_nothing(place, connect):
    two(place)
    before = place.dump()
    [(changes, residue)] = answered(connect(place, pack(PEOPLE, NOTE)), "nobody@example.com")
    assert sum(change.rows + change.deleted for change in changes) == 0
    assert residue.verdict is Verdict.DONE
    assert place.dump() == before


def test_rows_that_come_while_an_erasure_runs_are_found_by_the_look(place, connect):
    two(place)
    connector = connect(place, pack(PEOPLE, NOTE))
    [subject] = widened(connector, asking(HERS))
    plan = connector.plan(ON)
    connector.erase(plan, [subject])
    place.plant("customer", {"id": 3, "email": HERS})
    [residue] = connector.look(plan, [subject])
    assert residue.verdict is Verdict.NOT_DONE
    [(_, residue)] = answered(connector, HERS)
    assert residue.verdict is Verdict.DONE


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_a_draft_of_any_schema_loads_and_refuses_every_erasure(place, world):
    place.run((FOLDER / f"{world.name}.{place.kind}.sql").read_text(encoding="utf-8"))
    name = "`{}`" if place.mariadb else '"{}"'
    one, other = name.format("a.b"), name.format('say "x"' if place.mariadb else "it's")
    place.run(f"CREATE TABLE {one} (id int PRIMARY KEY, other int); CREATE TABLE {other} (id int PRIMARY KEY, one int)")
    place.run(f"ALTER TABLE {one} ADD FOREIGN KEY (other) REFERENCES {other} (id)")
    place.run(f"ALTER TABLE {other} ADD FOREIGN KEY (one) REFERENCES {one} (id)")
    connector = SqlConnector("drafted", place.url, Pack("drafted", "Drafted", {}))
    try:
        text = draft_pack(connector.read_catalogue(), "drafted", "Drafted")
        connector.close()
        connector = SqlConnector("drafted", place.url, parse(text, "drafted.toml"))
        faults, drift = connector.check()
        assert drift == []
        assert {fault.why.partition(":")[0] for fault in faults if fault.column} == {"undecided"}
        with pytest.raises(PlanRefused):
            connector.plan(ON)
    finally:
        connector.close()
