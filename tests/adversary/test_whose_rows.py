"""Near misses: rows that look like the person's and are somebody else's."""

from __future__ import annotations

import pytest
from ground import ACCOUNT, ERASED_MAIL, ERASED_NAME, MAIL, answered, asking, email, pack, table, widened

from kept.engine.identifiers import normal
from kept.engine.resolve import resolve
from kept.terms import Identifier, Verdict

PEOPLE = table(
    "customer",
    f"{ACCOUNT}, {MAIL}",
    f'id = "key"\n{ERASED_MAIL}\n{ERASED_NAME}\nnote = "erase"',
    "person = true",
)
CUSTOMERS = "CREATE TABLE customer (id int PRIMARY KEY, email varchar(80), name varchar(80), note varchar(200))"
NOTHING = Verdict.DONE, ()


def people(place, *emails, ddl=CUSTOMERS):
    place.run(ddl)
    rows = [{"id": n, "email": one, "name": f"Nomen{n} Familia{n}", "note": f"n{n}"} for n, one in enumerate(emails, 1)]
    place.plant("customer", *rows)


def untouched(place, *numbers):
    left = {row[0] for row in place.all("SELECT id FROM customer WHERE note IS NOT NULL")}
    assert left == set(numbers)


@pytest.mark.parametrize(
    ("asked", "others"),
    [
        (
            "alice@example.com",
            ["xalice@example.com", "alice@example.com.au", "alice@example.co", "alice@sub.example.com"],
        ),
        (
            "alice@example.com",
            ["alice+shop@example.com", "a.lice@example.com", "alice@examplexcom", "al_ce@example.com"],
        ),
        ("rene@example.com", ["rené@example.com", "réné@example.com"]),
        ("strasse@example.com", ["straße@example.com"]),
        ("rene@muller.example", ["rene@müller.example"]),
        ("alice_b@example.com", ["alicexb@example.com", "alice%b@example.com"]),
    ],
)
def test_an_address_that_is_nearly_the_same_is_somebody_elses(place, connect, asked, others):
    people(place, asked, *others)
    [(_, residue)] = answered(connect(place, pack(PEOPLE)), asked)
    untouched(place, *range(2, len(others) + 2))
    assert residue.verdict is Verdict.DONE


@pytest.mark.parametrize("stored", ["Alice@Example.COM", "ALICE@EXAMPLE.COM"])
def test_case_makes_no_other_person(place, connect, stored):
    people(place, stored)
    [(_, residue)] = answered(connect(place, pack(PEOPLE)), "alice@example.com")
    untouched(place)
    assert residue.verdict is Verdict.DONE


@pytest.mark.parametrize(
    ("stored", "asked"),
    [
        ("jörg@müller.example", "jörg@xn--mller-kva.example"),
        ("JÖRG@MÜLLER.EXAMPLE", "jörg@müller.example"),
        ("anna@XN--MLLER-KVA.example", "anna@müller.example"),
        ("anna@MÜLLER.example", "anna@müller.example"),
        ("Jörg@Müller.example", "jörg@müller.example"),
    ],
)
def test_an_address_with_letters_beyond_ascii_is_found_however_it_is_spelled(place, connect, stored, asked):
    people(place, stored, "joerg@mueller.example", "jorg@muller.example")
    [(_, residue)] = answered(connect(place, pack(PEOPLE)), asked)
    untouched(place, 2, 3)
    assert residue.verdict is Verdict.DONE


@pytest.mark.mariadb
@pytest.mark.parametrize(
    "name", ["utf8mb4_unicode_ci", "utf8mb4_uca1400_ai_ci", "utf8mb4_uca1400_as_cs", "utf8mb4_bin"]
)
def test_a_collation_that_takes_letters_for_the_same_makes_nobody_the_same(mariadb, connect, name):
    ddl = CUSTOMERS.replace("email varchar(80)", f"email varchar(80) COLLATE {name}")
    people(mariadb, "Rene@example.com", "rené@example.com", ddl=ddl)
    answered(connect(mariadb, pack(PEOPLE)), "rene@example.com")
    untouched(mariadb, 2)


@pytest.mark.mariadb
@pytest.mark.parametrize("charset", ["latin1", "latin1 COLLATE latin1_german2_ci", "utf8mb3", "ascii"])
def test_an_old_character_set_is_read_and_written(mariadb, connect, charset):
    ddl = CUSTOMERS.replace("80)", f"80) CHARACTER SET {charset}")
    stored = "rene@example.com" if charset == "ascii" else "rené@example.com"
    people(mariadb, stored, "renet@example.com", ddl=ddl)
    [(_, residue)] = answered(connect(mariadb, pack(PEOPLE)), stored)
    untouched(mariadb, 2)
    assert residue.verdict is Verdict.DONE


@pytest.mark.postgresql
def test_a_collation_without_case_is_searched_and_changed(postgresql, connect):
    postgresql.run("CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level1', deterministic = false)")
    people(postgresql, "Rene@example.com", "rené@example.com", ddl=CUSTOMERS.replace("80)", "80) COLLATE nocase"))
    [(_, residue)] = answered(connect(postgresql, pack(PEOPLE)), "rene@example.com")
    untouched(postgresql, 2)
    assert residue.verdict is Verdict.DONE


@pytest.mark.postgresql
def test_citext_is_searched_and_changed(postgresql, connect):
    postgresql.run("CREATE EXTENSION citext")
    people(postgresql, "RENE@example.com", "xrene@example.com", ddl=CUSTOMERS.replace("varchar(80)", "citext"))
    [(_, residue)] = answered(connect(postgresql, pack(PEOPLE)), "rene@example.com")
    untouched(postgresql, 2)
    assert residue.verdict is Verdict.DONE


THINGS = """
CREATE TABLE ticket (id int PRIMARY KEY, email varchar(80), title varchar(80));
CREATE TABLE extra (id int PRIMARY KEY, object_type varchar(10), object_id varchar(40), secret varchar(80))
"""
LOOSE = pack(
    table("ticket", MAIL, f'id = "key"\n{ERASED_MAIL}\ntitle = "erase"'),
    table(
        "extra",
        '{ column = "object_id", to = "ticket.id", where = { object_type = "T" } }',
        'id = "key"\nobject_type = "keep"\nobject_id = "key"\nsecret = "erase"',
    ),
)


def test_a_number_in_a_text_column_leads_to_the_row_of_that_number_only(place, connect):
    place.run(THINGS)
    place.plant("ticket", {"id": 7, "email": "alice@example.com", "title": "t"})
    texts = ["7", "7abc", "07", "70", "7.0", " 7x", "7-2", ""]
    rows = [{"id": n, "object_type": "T", "object_id": text, "secret": f"s{n}"} for n, text in enumerate(texts)]
    place.plant("extra", *rows, {"id": 99, "object_type": "U", "object_id": "7", "secret": "s99"})
    answered(connect(place, LOOSE), "alice@example.com")
    gone = {row[0] for row in place.all("SELECT id FROM extra WHERE secret IS NULL")}
    assert gone == {0}


@pytest.mark.postgresql
def test_a_condition_on_an_enum_and_a_boolean_is_understood(postgresql, connect):
    postgresql.run(
        "CREATE TYPE thing AS ENUM ('T', 'U');"
        + THINGS.replace("object_type varchar(10)", "object_type thing").replace(
            "object_id varchar(40)", "object_id int"
        )
    )
    postgresql.plant("ticket", {"id": 7, "email": "alice@example.com", "title": "t"})
    rows = [{"id": n, "object_type": kind, "object_id": 7, "secret": "s"} for n, kind in enumerate("TU")]
    postgresql.plant("extra", *rows)
    answered(connect(postgresql, LOOSE), "alice@example.com")
    assert postgresql.all("SELECT id FROM extra WHERE secret IS NULL") == [(0,)]


@pytest.mark.mariadb
def test_tables_of_two_collations_can_be_joined(mariadb, connect):
    mariadb.run(
        """CREATE TABLE customer (id varchar(20) COLLATE utf8mb4_general_ci PRIMARY KEY, email varchar(80));
        CREATE TABLE folder (id varchar(20) COLLATE utf8mb4_general_ci PRIMARY KEY, customer_id varchar(20), t text);
        CREATE TABLE sheet (id int PRIMARY KEY, folder_id varchar(20) COLLATE utf8mb4_unicode_ci, secret text)"""
    )
    mariadb.plant("customer", {"id": "C-1", "email": "alice@example.com"})
    mariadb.plant("folder", {"id": "f1", "customer_id": "C-1", "t": "x"})
    mariadb.plant("sheet", {"id": 1, "folder_id": "f1", "secret": "s"}, {"id": 2, "folder_id": "f2", "secret": "s"})
    text = pack(
        table("customer", f"{ACCOUNT}, {MAIL}", f'id = "key"\n{ERASED_MAIL}', "person = true"),
        table(
            "folder", '{ column = "customer_id", to = "customer.id" }', 'id = "key"\ncustomer_id = "key"\nt = "erase"'
        ),
        table("sheet", '{ column = "folder_id", to = "folder.id" }', 'id = "key"\nfolder_id = "key"\nsecret = "erase"'),
    )
    answered(connect(mariadb, text), "alice@example.com")
    assert mariadb.all("SELECT id FROM sheet WHERE secret IS NULL") == [(1,)]


STRICT = """CREATE TABLE customer (id int PRIMARY KEY, email varchar(80) NOT NULL, name varchar(80) NOT NULL,
note varchar(200));
CREATE TABLE invoice (id int PRIMARY KEY, customer_id int, buyer varchar(80), issued date, remark text)"""
BOOKS = table(
    "invoice",
    '{ column = "customer_id", to = "customer.id" }',
    'id = "key"\ncustomer_id = "key"\nbuyer = "law"\nissued = "keep"\nremark = "redact"',
    'law = { name = "Tax", keep = "10 years", from = "issued" }',
)


def test_two_erased_people_do_not_become_one(place, connect):
    """What fills a column that may not be empty is nobody's address and nobody's name."""
    people(place, "alice@example.com", "bob@example.com", ddl=STRICT)
    place.plant(
        "invoice",
        {"id": 1, "customer_id": 1, "buyer": "Buyer One", "issued": "2025-01-01", "remark": "an erased thing"},
        {"id": 2, "customer_id": 2, "buyer": "Buyer Two", "issued": "2025-01-01", "remark": "an erased thing"},
    )
    connector = connect(place, pack(PEOPLE, BOOKS))
    answered(connector, "alice@example.com", "bob@example.com")
    [subject] = widened(connector, asking(Identifier("account", "1", "shop")))
    held = [row.values for row in connector.rows([subject]) if row.rule.name == "invoice"]
    assert [row["buyer"] for row in held] == ["Buyer One"]
    [(_, residue)] = answered(connector, subject)
    assert residue.verdict is Verdict.DONE
    assert place.all("SELECT remark FROM invoice") == [("an erased thing",)] * 2


def test_a_filler_that_many_share_does_not_make_them_one_person(place, connect):
    place.run(
        "CREATE TABLE customer "
        "(id int PRIMARY KEY, email varchar(80), name varchar(80), note text, passport varchar(20))"
    )
    rows = [
        {"id": n, "email": f"p{n}@example.com", "name": name, "note": f"n{n}", "passport": "N/A"}
        for n, name in ((1, "Alice Arden"), (2, None), (3, "Carol Cole"))
    ]
    place.plant("customer", *rows)
    both = table(
        "customer",
        f'{ACCOUNT}, {MAIL}, {{ column = "passport", is = "national_id" }}',
        f'id = "key"\n{ERASED_MAIL}\n{ERASED_NAME}\nnote = "erase"\npassport = {{ do = "erase", is = "national_id" }}',
        "person = true",
    )
    connector = connect(place, pack(both))
    [answer] = resolve([connector], [asking("p1@example.com")])
    assert answer.conflict or email("p2@example.com") not in answer.subject.identifiers


def test_a_name_alone_is_nobodys(place, connect):
    people(place, "alice@example.com", "alice@arden.example")
    place.run("UPDATE customer SET name = 'Alice Arden'")
    [(_, residue)] = answered(connect(place, pack(PEOPLE)), asking("alice@example.com", normal("name", "Alice Arden")))
    untouched(place, 2)
    assert place.one("SELECT name FROM customer WHERE id = 2") == "Alice Arden"
    assert residue.verdict is Verdict.DONE


FREE = table("page", "", 'id = "key"\nbody = "redact"')


@pytest.mark.parametrize(
    ("asked", "body"),
    [
        ("anna@example.com", "GET /?email=deanna@example.com 200"),
        ("rian@example.com", "user=adrian@example.com&x=1"),
        ("alice@example.com", "xalice@example.com, alice@example.com.au and 7alice@example.com"),
        ("rg@example.com", "jörg@example.com"),
        ("alice@example.com", "alice@example.community alice@example.com-shop.example"),
    ],
)
def test_somebody_elses_address_in_a_text_is_left_to_the_letter(place, connect, asked, body):
    place.run(f"{CUSTOMERS};\nCREATE TABLE page (id int PRIMARY KEY, body text)")
    place.plant("customer", {"id": 1, "email": asked, "name": "Nomen Familia", "note": "n"})
    place.plant("page", {"id": 1, "body": body}, {"id": 2, "body": f"{body} {asked}"})
    [(_, residue)] = answered(connect(place, pack(PEOPLE, FREE)), asked)
    assert place.all("SELECT body FROM page ORDER BY id") == [(body,), (f"{body} [erased]",)]
    assert residue.verdict is Verdict.DONE


def test_a_record_without_an_account_number_is_hers_by_its_address(place, connect):
    """A guest's subscription, beside one that carries the number of her account."""
    people(place, "alice@example.com", "bob@example.com")
    place.run("CREATE TABLE subscriber (id int PRIMARY KEY, customer_id int, email varchar(80), note varchar(80))")
    rows = [(1, 1, "alice@example.com"), (2, None, "alice@example.com"), (3, 2, "bob@example.com"), (4, None, None)]
    place.plant("subscriber", *({"id": n, "customer_id": who, "email": mail, "note": f"n{n}"} for n, who, mail in rows))
    subscriber = table(
        "subscriber",
        f'{{ column = "customer_id", is = "account" }}, {MAIL}',
        f'id = "key"\ncustomer_id = "key"\n{ERASED_MAIL}\nnote = "erase"',
        "person = true",
    )
    [(_, residue)] = answered(connect(place, pack(PEOPLE, subscriber)), "alice@example.com")
    assert place.all("SELECT id FROM subscriber WHERE note IS NULL ORDER BY id") == [(1,), (2,)]
    assert residue.verdict is Verdict.DONE
