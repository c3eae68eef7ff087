"""Rows that go whole, and what hangs on them."""

from __future__ import annotations

import pytest
from ground import ACCOUNT, ERASED_MAIL, MAIL, answered, pack, table

from kept.engine.errors import EngineError
from kept.terms import Verdict

HERS, HIS = "alice@example.com", "bob@example.com"
PEOPLE = table("customer", f"{ACCOUNT}, {MAIL}", f'id = "key"\n{ERASED_MAIL}', "person = true")
DELETE = 'rows = "delete"'


def two(place):
    place.run("CREATE TABLE customer (id int PRIMARY KEY, email varchar(80))")
    place.plant("customer", {"id": 1, "email": HERS}, {"id": 2, "email": HIS})


def all_or_nothing(place, connect, text, his):
    """Either it is done and his rows stand, or it is refused and nothing was touched at all."""
    before = place.dump()
    try:
        [(_, residue)] = answered(connect(place, text), HERS)
    except EngineError as refused:
        assert place.dump() == before
        return str(refused)
    assert his <= place.dump().rows().keys(), "rows of somebody else are gone"
    return residue.verdict


def his_rows(place, word="bobs"):
    return {key for key in place.dump().rows() if word.encode() in key[1]}


@pytest.mark.parametrize("rule", ["CASCADE", "NO ACTION", "SET NULL", "RESTRICT"])
def test_a_reply_to_her_comment_is_not_taken_along(place, connect, rule):
    two(place)
    place.run(
        "CREATE TABLE comment (id int PRIMARY KEY, customer_id int, parent_id int, body varchar(80), "
        f"FOREIGN KEY (parent_id) REFERENCES comment (id) ON DELETE {rule})"
    )
    place.plant(
        "comment",
        {"id": 1, "customer_id": 1, "parent_id": None, "body": "alices"},
        {"id": 2, "customer_id": 1, "parent_id": 1, "body": "alices own reply"},
        {"id": 3, "customer_id": 2, "parent_id": 1, "body": "bobs reply"},
        {"id": 4, "customer_id": 2, "parent_id": None, "body": "bobs"},
    )
    comment = table(
        "comment",
        '{ column = "customer_id", to = "customer.id" }',
        'id = "key"\ncustomer_id = "key"\nparent_id = "key"\nbody = "erase"',
        DELETE,
    )
    told = all_or_nothing(place, connect, pack(PEOPLE, comment), set())
    assert place.one("SELECT count(*) FROM comment WHERE customer_id = 2") == 2
    if rule == "SET NULL":
        assert told is Verdict.DONE
        assert place.all("SELECT id, parent_id FROM comment ORDER BY id") == [(3, None), (4, None)]
    else:
        assert "comment" in told


THREADS = """CREATE TABLE ticket (id int PRIMARY KEY, customer_id int, subject_line varchar(80));
CREATE TABLE message (id int PRIMARY KEY, ticket_id int, author_id int, body varchar(200), issued date,
  FOREIGN KEY (ticket_id) REFERENCES ticket (id) ON DELETE {rule})"""
TICKET = table(
    "ticket",
    '{ column = "customer_id", to = "customer.id" }',
    'id = "key"\ncustomer_id = "key"\nsubject_line = "erase"',
    DELETE,
)
MESSAGE_COLUMNS = 'id = "key"\nticket_id = "key"\nauthor_id = "key"\nbody = "erase"\nissued = "keep"'


@pytest.mark.parametrize("rule", ["CASCADE", "NO ACTION"])
def test_an_answer_in_her_ticket_is_not_taken_along(place, connect, rule):
    two(place)
    place.run(THREADS.format(rule=rule))
    place.plant("ticket", {"id": 1, "customer_id": 1, "subject_line": "alices"})
    rows = [
        {"id": n, "ticket_id": 1, "author_id": n, "body": body, "issued": "2025-01-01"}
        for n, body in ((1, "alices"), (2, "bobs"))
    ]
    place.plant("message", *rows)
    message = table(
        "message",
        '{ column = "author_id", to = "customer.id" }, { column = "ticket_id", to = "ticket.id", words = "others" }',
        MESSAGE_COLUMNS,
        DELETE,
    )
    all_or_nothing(place, connect, pack(PEOPLE, TICKET, message), his_rows(place))


@pytest.mark.parametrize("rule", ["CASCADE", "NO ACTION"])
def test_what_a_law_keeps_is_not_taken_along(place, connect, rule):
    two(place)
    place.run(THREADS.format(rule=rule))
    place.plant("ticket", {"id": 1, "customer_id": 1, "subject_line": "alices"})
    place.plant("message", {"id": 1, "ticket_id": 1, "author_id": 1, "body": "kept by law", "issued": "2025-01-01"})
    message = table(
        "message",
        '{ column = "ticket_id", to = "ticket.id" }',
        MESSAGE_COLUMNS,
        f'{DELETE}\nlaw = {{ name = "Letters", keep = "6 years", from = "issued" }}',
    )
    law = 'law = { name = "Letters", keep = "6 years", from = "opened" }'
    all_or_nothing(place, connect, pack(PEOPLE, TICKET, message), his_rows(place, "kept by law"))
    place.run("ALTER TABLE ticket ADD opened date")
    place.run("UPDATE ticket SET opened = '1999-01-01'")
    kept = TICKET.replace(DELETE, f"{DELETE}\n{law}") + 'opened = "keep"\n'
    all_or_nothing(place, connect, pack(PEOPLE, kept, message), his_rows(place, "kept by law"))


def test_a_composite_foreign_key_and_a_circle_of_tables_go_in_order(place, connect):
    two(place)
    place.run(
        """CREATE TABLE basket (series char(3), no int, customer_id int, t varchar(40), PRIMARY KEY (series, no));
        CREATE TABLE basket_line (series char(3), no int, line int, t varchar(40), PRIMARY KEY (series, no, line),
          FOREIGN KEY (series, no) REFERENCES basket (series, no));
        CREATE TABLE voucher (id int PRIMARY KEY, series char(3), no int, line int, t varchar(40),
          FOREIGN KEY (series, no, line) REFERENCES basket_line (series, no, line) ON DELETE CASCADE)"""
    )
    for n in (1, 2):
        place.plant("basket", {"series": "A", "no": n, "customer_id": n, "t": f"who{n}"})
        place.plant("basket", {"series": "B", "no": 3 - n, "customer_id": n, "t": f"who{n}"})
    for series, no, who in (("A", 1, 1), ("A", 2, 2), ("B", 2, 1), ("B", 1, 2)):
        rows = [{"series": series, "no": no, "line": line, "t": f"who{who}"} for line in (1, 2)]
        place.plant("basket_line", *rows)
    key = 'series = "key"\nno = "key"\n'
    text = pack(
        PEOPLE,
        table(
            "basket", '{ column = "customer_id", to = "customer.id" }', key + 'customer_id = "key"\nt = "erase"', DELETE
        ),
        table("basket_line", '{ column = "no", to = "basket.no" }', key + 'line = "key"\nt = "erase"', DELETE),
        table(
            "voucher",
            '{ column = "no", to = "basket_line.no" }',
            'id = "key"\n' + key + 'line = "key"\nt = "erase"',
            DELETE,
        ),
    )
    # The pack's link names half of the key: lines of B/1 are not hers although the number is.
    all_or_nothing(place, connect, text, his_rows(place, "who2"))


def test_others_words_in_rows_that_would_go_whole_are_treated_as_the_pack_says(place, connect):
    two(place)
    place.run(
        "CREATE TABLE review (id int PRIMARY KEY, customer_id int, about_id int, stars int, body varchar(80) NOT NULL)"
    )
    rows = [{"id": n, "customer_id": n, "about_id": 3 - n, "stars": 5, "body": f"about {n}"} for n in (1, 2)]
    place.plant("review", *rows)
    review = table(
        "review",
        '{ column = "customer_id", to = "customer.id" }, { column = "about_id", to = "customer.id", words = "others" }',
        'id = "key"\ncustomer_id = "key"\nabout_id = "key"\nstars = "keep"\nbody = { do = "erase", others = "erase" }',
        DELETE,
    )
    answered(connect(place, pack(PEOPLE, review)), HERS)
    assert place.all("SELECT id, body FROM review") == [(2, "")]


def test_a_table_nobody_named_is_not_emptied_by_a_cascade(place, connect):
    two(place)
    place.run(
        "CREATE TABLE secret (id int PRIMARY KEY, customer_id int, "
        "FOREIGN KEY (customer_id) REFERENCES customer (id) ON DELETE CASCADE)"
    )
    place.plant("secret", {"id": 1, "customer_id": 1})
    before = place.dump()
    with pytest.raises(EngineError, match="secret"):
        answered(connect(place, pack(PEOPLE.replace("person = true", f"person = true\n{DELETE}"))), HERS)
    assert place.dump() == before


@pytest.mark.postgresql
def test_a_cascade_from_another_schema_is_seen(postgresql, connect):
    two(postgresql)
    postgresql.run(
        "CREATE SCHEMA crm; CREATE TABLE crm.secret (id int PRIMARY KEY, customer_id int "
        "REFERENCES customer ON DELETE CASCADE); INSERT INTO crm.secret VALUES (1, 1)"
    )
    with pytest.raises(EngineError, match="secret"):
        answered(connect(postgresql, pack(PEOPLE.replace("person = true", f"person = true\n{DELETE}"))), HERS)
    assert postgresql.one("SELECT count(*) FROM crm.secret") == 1
