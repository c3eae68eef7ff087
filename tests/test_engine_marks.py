# ruff: noqa: E501 - statements read best as lines
"""Marks on three databases: what is refused before a write, what is written, and that what stood there comes back."""

import json
import threading

import pytest
from databases import database, portable

from kept.engine.errors import NotVerified, PlanRefused
from kept.engine.identifiers import normal
from kept.engine.marking import joined, marked_from
from kept.engine.resolve import resolve
from kept.engine.subject import Subject

__all__ = ["database"]

SCHEMA = """
CREATE TABLE reader (id integer PRIMARY KEY, email varchar(120) NOT NULL UNIQUE,
  status varchar(12) NOT NULL DEFAULT 'enabled' CHECK (status IN ('enabled', 'paused', 'blocklisted')),
  mailed boolean, points smallint, note text);
CREATE TABLE visit (id integer PRIMARY KEY, reader_id integer NOT NULL REFERENCES reader (id), page varchar(40));
CREATE TABLE remark (id integer PRIMARY KEY, reader_id integer, author_id integer, state varchar(20), body text);
INSERT INTO reader VALUES
 (1, 'alice@example.com', 'enabled', true, 5, 'tea'), (2, 'bob@example.com', 'enabled', NULL, NULL, NULL);
INSERT INTO visit VALUES (1, 1, 'home'), (2, 1, 'news'), (3, 2, 'home');
INSERT INTO remark VALUES (1, 1, 1, NULL, 'mine'), (2, 1, NULL, 'open', 'of staff'), (3, 2, 2, 'open', 'of Bob');
"""

PACK = """
format = 1
name = "readers"
title = "Readers"

[table.reader]
title = "Reader"
category = "marketing"
purpose = "p"
source = "s"
period = "q"
person = true
marks = { objection = { status = "blocklisted" }, restriction = { status = "paused", mailed = false, points = -1 } }
links = [{ column = "id", is = "account" }, { column = "email", is = "email" }]
[table.reader.columns]
id = "key"
email = { do = "erase", is = "email" }
status = "keep"
mailed = "keep"
points = "keep"
note = "erase"

[table.visit]
title = "Visits"
category = "usage"
purpose = "p"
source = "s"
period = "q"
rows = "delete"
links = [{ column = "reader_id", to = "reader.id" }]
[table.visit.columns]
id = "key"
reader_id = "key"
page = "keep"

[table.remark]
title = "Remarks"
category = "communication"
purpose = "p"
source = "s"
period = "q"
marks = { restriction = { state = "frozen" } }
links = [
  { column = "author_id", to = "reader.id" },
  { column = "reader_id", to = "reader.id", words = "others" },
]
[table.remark.columns]
id = "key"
reader_id = "key"
author_id = "key"
state = "keep"
body = "erase"
"""


@pytest.fixture
def readers(database):
    database.run(portable(SCHEMA, database.kind))
    connector = database.connector(PACK)
    yield connector
    connector.close()


def people(connector, *emails):
    asked = [Subject(email, frozenset({normal("email", email)})) for email in emails]
    return [one.subject for one in resolve([connector], asked)]


def states(database):
    rows = database.rows("SELECT id, status, mailed, points, note FROM reader ORDER BY id")
    remarks = database.rows("SELECT id, state, body FROM remark ORDER BY id")
    return [tuple(int(one) if isinstance(one, bool) else one for one in row) for row in rows], remarks


def test_a_mark_is_set_on_the_persons_own_rows_and_taken_back(database, readers):
    before = states(database)
    plan = readers.plan_marks()
    assert plan.impossible("restriction") == ("visit",)
    assert plan.impossible("objection") == ("visit", "remark")
    batch = people(readers, "alice@example.com")
    done = readers.mark(plan, batch, "restriction")
    assert [(one.table, one.rows, one.already) for one in done[0]] == [("reader", 1, 0), ("remark", 1, 0)]
    rows, remarks = states(database)
    assert rows == [(1, "paused", 0, -1, "tea"), (2, "enabled", None, None, None)]
    assert remarks == [(1, "frozen", "mine"), (2, "open", "of staff"), (3, "open", "of Bob")]

    kept = [marked_from(json.loads(json.dumps(one.as_dict()))) for one in done[0]]
    assert [(one.table, one.put_back, one.changed, one.gone) for one in readers.unmark([kept])[0]] == [
        ("reader", 1, 0, 0),
        ("remark", 1, 0, 0),
    ]
    assert states(database) == before


def test_a_second_run_finds_the_rows_marked_and_loses_nothing_of_what_stood_there(database, readers):
    before = states(database)
    plan, batch = readers.plan_marks(), people(readers, "alice@example.com", "bob@example.com")
    told = []
    first = readers.mark(plan, batch, "restriction", told.extend)
    assert told == first
    second = readers.mark(plan, batch, "restriction")
    assert [[(one.rows, one.already) for one in subject] for subject in second] == [[(0, 1), (0, 1)]] * 2
    assert [joined(*both) for both in zip(first, second, strict=True)] == first
    readers.unmark([joined(*both) for both in zip(first, second, strict=True)])
    assert states(database) == before


def test_what_somebody_wrote_meanwhile_stays(database, readers):
    done = readers.mark(readers.plan_marks(), people(readers, "alice@example.com"), "restriction")
    database.run("UPDATE reader SET status = 'enabled' WHERE id = 1;\nDELETE FROM remark WHERE id = 1")
    back = readers.unmark(done)[0]
    assert [(one.put_back, one.changed, one.gone) for one in back] == [(0, 1, 0), (0, 0, 1)]
    assert states(database)[0][0] == (1, "enabled", 1, 5, "tea")
    again = readers.unmark(done)[0]
    assert [(one.put_back, one.changed, one.gone) for one in again] == [(0, 1, 0), (0, 0, 1)]
    assert states(database)[0][0] == (1, "enabled", 1, 5, "tea")


def test_nothing_is_marked_when_the_caller_could_not_keep_what_stood_there(database, readers):
    before = states(database)

    class Full(Exception):
        pass

    def refuse(_):
        raise Full

    with pytest.raises(Full):
        readers.mark(readers.plan_marks(), people(readers, "alice@example.com"), "restriction", refuse)
    assert states(database) == before


def test_a_row_is_locked_until_its_mark_stands(database, readers):
    if database.kind == "sqlite":
        pytest.skip("SQLite locks the whole file")
    there, done = threading.Event(), []

    def others():
        there.wait(20)
        database.run(
            "UPDATE reader SET points = 9 WHERE id = 1".replace(
                "points", "`points`" if database.kind == "mariadb" else "points"
            )
        )

    def intend(found):
        there.set()
        done.append(found)

    thread = threading.Thread(target=others)
    thread.start()
    marked = readers.mark(readers.plan_marks(), people(readers, "alice@example.com"), "restriction", intend)
    thread.join(30)
    assert not thread.is_alive()
    assert marked[0][0].before[0].values[2] == 5
    assert [one.changed for one in readers.unmark(marked)[0]] == [1, 0]
    assert states(database)[0][0] == (1, "enabled", 1, 9, "tea")


def test_a_schema_that_changed_after_the_plan_is_not_written_to(database, readers):
    plan, batch = readers.plan_marks(), people(readers, "alice@example.com")
    database.run("ALTER TABLE reader ADD COLUMN colour integer")
    before = states(database)
    with pytest.raises(PlanRefused, match="plan again"):
        readers.mark(plan, batch, "restriction")
    assert states(database) == before


@pytest.mark.parametrize(
    ("old", "new", "column", "why"),
    [
        ('status = "paused"', 'note_2 = "x"', "note_2", "no column of that name"),
        ('status = "paused"', 'status = "held for a while"', "status", "longer than its 12 characters"),
        ('status = "paused"', 'status = "held"', "status", "CHECK constraint"),
        ('status = "paused"', "status = 5", "status", "takes a text"),
        ("mailed = false", 'mailed = "no"', "mailed", "neither"),
        ("points = -1", 'points = "low"', "points", "whole number"),
        ("points = -1", "points = 100000", "points", "no room"),
        ('state = "frozen"', 'body = "x", state = "a text that is too long for the column"', "state", "longer than"),
    ],
)
def test_a_mark_that_would_not_work_is_refused_before_a_write(database, old, new, column, why):
    database.run(portable(SCHEMA, database.kind))
    if why == "no room" and database.kind == "sqlite":
        pytest.skip("SQLite has one size of number")
    pack = PACK.replace(old, new).replace(
        'note = "erase"', 'note = "erase"\nnote_2 = "keep"' if "note_2" in new else 'note = "erase"'
    )
    connector = database.connector(pack)
    with pytest.raises(PlanRefused) as refused:
        connector.plan_marks()
    assert refused.value.system == "Readers"
    assert [(one.column, why in one.why) for one in refused.value.faults] == [(column, True)]
    assert any(why in fault.why for fault in connector.check()[0])


def test_a_trigger_that_writes_something_else_is_found_out(database, readers):
    script = {
        "sqlite": "CREATE TRIGGER put_open AFTER UPDATE ON remark BEGIN UPDATE remark SET state = 'open' WHERE id = NEW.id; END",
        "postgresql": "CREATE FUNCTION put_open() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.state := 'open'; RETURN NEW; END $$;\n"
        "CREATE TRIGGER put_open BEFORE UPDATE ON remark FOR EACH ROW EXECUTE FUNCTION put_open()",
        "mariadb": "CREATE TRIGGER put_open BEFORE UPDATE ON remark FOR EACH ROW SET NEW.state = 'open'",
    }[database.kind]
    database.run(script)
    before = states(database)
    with pytest.raises(NotVerified, match="Readers, remark"):
        readers.mark(readers.plan_marks(), people(readers, "alice@example.com"), "restriction")
    assert states(database) == before
