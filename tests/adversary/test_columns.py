"""Columns of every sort: what they hold afterwards, and what nobody asked to be changed."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence

import pytest
from ground import ABOUT_US, ACCOUNT, ERASED_MAIL, MAIL, ON, answered, asking, pack, table, widened

from kept.engine.errors import EngineError, PlanRefused
from kept.engine.package import write_packages
from kept.terms import Verdict

HERS, HIS = "alice@example.com", "bob@example.com"
CUSTOMER = "CREATE TABLE customer (id int PRIMARY KEY, email varchar(80), name varchar(80));"
PEOPLE = table(
    "customer",
    f"{ACCOUNT}, {MAIL}",
    f'id = "key"\n{ERASED_MAIL}\nname = {{ do = "erase", is = "name" }}',
    "person = true",
)
TO_CUSTOMER = '{ column = "customer_id", to = "customer.id" }'


BOOKS = table(
    "invoice",
    TO_CUSTOMER,
    'id = "key"\ncustomer_id = "key"\nbuyer = "law"\nissued = "keep"',
    'law = { name = "Tax", keep = "10 years", from = "issued" }',
)


def two(place):
    place.run(CUSTOMER)
    place.plant(
        "customer",
        {"id": 1, "email": HERS, "name": "Ann Arden"},
        {"id": 2, "email": HIS, "name": "Bob Brook"},
    )


def done(answers):
    assert [residue.verdict for _, residue in answers] == [Verdict.DONE] * len(answers)


def pages(place, kind, values: Sequence[object], rule='"redact"'):
    """A table of texts that nobody owns, and the pack of it."""
    two(place)
    place.run(f"CREATE TABLE page (id int PRIMARY KEY, body {kind})")
    place.plant("page", *({"id": n, "body": value} for n, value in enumerate(values)))
    return pack(PEOPLE, table("page", "", f'id = "key"\nbody = {rule}'))


def bodies(place, shown="body"):
    return [row[0] for row in place.all(f"SELECT {shown} FROM page ORDER BY id")]


@pytest.mark.parametrize("kind", ["char(60)", "varchar(60)", "text"])
def test_a_text_of_any_sort_only_loses_her_identifiers(place, connect, kind):
    texts = [f"Ask {HERS}, not {HIS}.", "nothing here", f"ärgerlich: {HERS.upper()} ☂"]
    done(answered(connect(place, pages(place, kind, texts)), HERS))
    assert [body.rstrip() for body in bodies(place)] == [f"Ask [erased], not {HIS}.", texts[1], "ärgerlich: [erased] ☂"]


@pytest.mark.postgresql
def test_a_domain_of_text_keeps_its_length_and_its_check(postgresql, connect):
    postgresql.run(
        "CREATE DOMAIN brief AS varchar(5) NOT NULL;"
        "CREATE DOMAIN inner_domain AS text NOT NULL; CREATE DOMAIN outer_domain AS inner_domain"
    )
    two(postgresql)
    postgresql.run("CREATE TABLE d (id int PRIMARY KEY, customer_id int, a brief, b outer_domain)")
    postgresql.plant("d", {"id": 1, "customer_id": 1, "a": "Ann", "b": "Arden"})
    rule = table("d", TO_CUSTOMER, 'id = "key"\ncustomer_id = "key"\na = { do = "erase", is = "name" }\nb = "erase"')
    done(answered(connect(postgresql, pack(PEOPLE, rule)), HERS))
    assert postgresql.all("SELECT a, b FROM d") == [("", "")]


@pytest.mark.postgresql
def test_a_domain_whose_check_would_refuse_is_named_before_anything_is_written(postgresql, connect):
    postgresql.run("CREATE DOMAIN code AS text NOT NULL CHECK (VALUE ~ '^[A-Z]{12,}$')")
    two(postgresql)
    postgresql.run("CREATE TABLE d (id int PRIMARY KEY, customer_id int, a code)")
    rule = table("d", TO_CUSTOMER, 'id = "key"\ncustomer_id = "key"\na = "erase"')
    with pytest.raises(PlanRefused, match=r"d\.a"):
        connect(postgresql, pack(PEOPLE, rule)).plan(ON)


def test_a_generated_copy_that_must_be_unique_is_thought_of(place, connect):
    place.run(
        "CREATE TABLE customer (id int PRIMARY KEY, email varchar(80) NOT NULL, name varchar(80), "
        "folded varchar(80) GENERATED ALWAYS AS (lower(email)) STORED, UNIQUE (folded))"
    )
    place.plant("customer", *({"id": n, "email": f"p{n}@example.com", "name": "A B"} for n in (1, 2, 3)))
    rule = PEOPLE + 'folded = "erase"\n'
    done(answered(connect(place, pack(rule)), "p1@example.com", "p2@example.com"))
    assert place.one("SELECT count(DISTINCT folded) FROM customer WHERE folded LIKE '%@erased.invalid'") == 2


@pytest.mark.postgresql
def test_where_even_null_may_stand_only_once_two_people_can_go(postgresql, connect):
    postgresql.run(CUSTOMER.replace("email varchar(80)", "email varchar(80) UNIQUE NULLS NOT DISTINCT"))
    postgresql.plant("customer", *({"id": n, "email": f"p{n}@example.com", "name": "A B"} for n in (1, 2, 3)))
    done(answered(connect(postgresql, pack(PEOPLE)), "p1@example.com", "p2@example.com"))


@pytest.mark.postgresql
def test_every_sort_of_jsonb_survives(postgresql, connect):
    values = [
        "5", "true", "null", '"nothing"', f'"{HERS}"', f'["{HERS}", 1]', '{"price": 0.12345678901234567890, "n": 1.10}',
        f'{{"price": 0.12345678901234567890, "to": "{HERS}", "{HERS}": 12345678901234567890.5}}',
        '"a \\"quoted\\" \\\\ word"',
    ]  # fmt: skip
    text = pages(postgresql, "jsonb", values)
    before = bodies(postgresql, "body::text")
    done(answered(connect(postgresql, text), HERS))
    assert bodies(postgresql, "body::text") == [body.replace(HERS, "[erased]") for body in before]


DOCUMENTS = [
    '{"a": 1.10, "b": 0.1234567890123456789, "big": 12345678901234567890.25, "to": "MAIL"}',
    '{ "spaced" :  [ "MAIL" , "\\u00fc\\/x" ] }',
    '{"twice": 1, "twice": "MAIL", "e": 1E400}',
    '{"MAIL": {"deep": ["x MAIL y", null, true]}}',
    '"MAIL"',
    "not json MAIL",
    '{"escaped": "alice\\u0040example.com", "slash": "mailto:alice@example.com\\/x"}',
]


def test_somebody_elses_document_stays_as_it_is_but_for_her(place, connect):
    texts = [text.replace("MAIL", HERS) for text in DOCUMENTS]
    rule = '{ do = "redact", codec = "json" }'
    done(answered(connect(place, pages(place, "text", texts, rule)), HERS))
    wanted = [text.replace("MAIL", "[erased]") for text in DOCUMENTS[:-1]]
    *left, escaped = bodies(place)
    assert left == wanted
    assert json.loads(escaped) == {"escaped": "[erased]", "slash": "mailto:[erased]/x"}


def php(value, encoding="utf-8"):
    if isinstance(value, str):
        return f's:{len(value.encode(encoding))}:"{value}";'
    if isinstance(value, int):
        return f"i:{value};"
    return f"a:{len(value)}:{{{''.join(php(key, encoding) + php(one, encoding) for key, one in value.items())}}}"


@pytest.mark.parametrize("charset", ["utf8", "latin1"])
def test_serialised_php_can_be_read_again_in_its_own_encoding(place, connect, charset):
    encoding = "utf-8" if charset == "utf8" or not place.mariadb else "latin-1"
    kind = f"text CHARACTER SET {'utf8mb4' if charset == 'utf8' else 'latin1'}" if place.mariadb else "text"

    def texts(mail):
        inner = {"who": mail, "grüße": f'"; s:5:"{mail}";'}
        return [
            php({"Müller": f"für {mail} ß", "n": 5, "next": {"x": mail}}, encoding),
            php({"nested": php(inner, encoding)}, encoding),
            php(f"{mail}", encoding),
        ]

    rule = '{ do = "redact", codec = "php" }'
    done(answered(connect(place, pages(place, kind, texts(HERS), rule)), HERS))
    assert bodies(place) == texts("[erased]")


def test_a_text_that_fills_its_column_still_loses_her(place, connect):
    """What takes an identifier's place must not be longer than the column has room for."""
    short = "a@b.de"
    full = [
        f"{short} {'x' * (40 - len(short) - 1)}",
        f"{'y' * (40 - len(short) - 1)} {short}",
        f"{short} {short} {short}",
    ]
    text = pages(place, "varchar(40)", full)
    place.run(f"UPDATE customer SET email = '{short}' WHERE id = 1")
    done(answered(connect(place, text), short))
    assert all(short not in body for body in bodies(place))
    assert bodies(place)[0].endswith("x" * 33)


@pytest.mark.mariadb
def test_a_text_of_64_kilobytes_still_loses_her(mariadb, connect):
    short = "a@b.de"
    text = pages(mariadb, "text", [f"{short} {'x' * (65535 - 7)}", f"{'ü' * 32760} {short}"])
    mariadb.run(f"UPDATE customer SET email = '{short}' WHERE id = 1")
    done(answered(connect(mariadb, text), short))
    assert len(bodies(mariadb)[0]) >= 65529


@pytest.mark.mariadb
def test_a_name_of_two_megabytes_is_found_copied_and_erased(mariadb, connect, tmp_path):
    """It is too long to say who somebody is, and is a value like any other."""
    two(mariadb)
    mariadb.run("ALTER TABLE customer MODIFY name mediumtext; UPDATE customer SET name = repeat(name, 250000)")
    connector = connect(mariadb, pack(PEOPLE))
    batch = widened(connector, asking(HERS))
    assert [one.own for one in connector.count(batch, ON)[0]] == [1]
    [package] = write_packages(tmp_path, batch, [connector], ABOUT_US)
    with zipfile.ZipFile(package.path) as archive:
        [copied] = json.loads(archive.read("data.json"))["tables"][0]["records"]
    assert copied["name"] == "Ann Arden" * 250_000
    done(answered(connector, HERS))
    assert mariadb.all("SELECT name IS NULL, length(name) FROM customer ORDER BY id") == [(1, None), (0, 2_250_000)]


def test_long_texts_of_others_are_not_cut(place, connect):
    """Two megabytes, and nine: longer than any parameter that travels in hexadecimal."""
    kind = "longtext" if place.mariadb else "text"
    filler = "ünd dann noch ein Wort, "
    texts = [f"{HERS} {filler * 90_000} {HERS}", f"{filler * 380_000}{HERS}", filler * 3]
    done(answered(connect(place, pages(place, kind, texts)), HERS))
    assert [body == text.replace(HERS, "[erased]") for body, text in zip(bodies(place), texts, strict=True)] == [
        True
    ] * 3


def test_bytes_of_others_lose_her_where_the_pack_says_so(place, connect):
    kind = "longblob" if place.mariadb else "bytea"
    raw = [
        f"From: {HERS}\n".encode() + b"\xff\xfe\x00" + HIS.encode(),
        b"\x00\x01",
        "ü".encode("latin-1") + HERS.encode(),
    ]
    rule = '{ do = "redact", others = "redact" }'
    done(answered(connect(place, pages(place, kind, raw, rule)), HERS))
    assert [bytes(body) for body in bodies(place)] == [one.replace(HERS.encode(), b"[erased]") for one in raw]


@pytest.mark.mariadb
def test_a_nul_in_a_text_stays_where_it_was(mariadb, connect):
    text = pages(mariadb, "text", [f"a\0b {HERS} c\0", "\0"])
    done(answered(connect(mariadb, text), HERS))
    assert bodies(mariadb) == ["a\0b [erased] c\0", "\0"]


@pytest.mark.mariadb
def test_a_column_that_the_pack_keeps_is_not_moved_by_the_database(mariadb, connect):
    """ON UPDATE CURRENT_TIMESTAMP: the law would count its ten years from the erasure."""
    two(mariadb)
    mariadb.run(
        "CREATE TABLE invoice (id int PRIMARY KEY, customer_id int, ip varchar(40), buyer text, remark text, "
        "issued timestamp NOT NULL DEFAULT current_timestamp ON UPDATE current_timestamp)"
    )
    day = {"issued": "2020-05-05 05:05:05", "remark": HERS}
    mariadb.plant("invoice", *({"id": n, "customer_id": n, "ip": "192.0.2.1", "buyer": "b", **day} for n in (1, 2)))
    invoice = table(
        "invoice",
        TO_CUSTOMER,
        'id = "key"\ncustomer_id = "key"\nip = "erase"\nbuyer = "law"\nremark = "redact"\nissued = "keep"',
        'law = { name = "Tax", keep = "10 years", from = "issued" }',
    )
    done(answered(connect(mariadb, pack(PEOPLE, invoice)), HERS))
    assert mariadb.all("SELECT DISTINCT CAST(issued AS char), remark FROM invoice") == [
        ("2020-05-05 05:05:05", "[erased]")
    ]


def test_a_date_that_says_nothing_keeps_its_row(place, connect):
    two(place)
    said = {"varchar(10)": ["", "00.00.0000", "01.02.1999", "0000-00-00"], "int": [0, 1999, 19990131], "date": [None]}
    rules = []
    for n, (kind, dates) in enumerate(said.items()):
        place.run(f"CREATE TABLE invoice{n} (id int PRIMARY KEY, customer_id int, buyer text, issued {kind})")
        rows = [{"id": m, "customer_id": 1, "buyer": "Buyer", "issued": day} for m, day in enumerate(dates)]
        place.plant(f"invoice{n}", *rows)
        rules.append(BOOKS.replace("invoice", f"invoice{n}"))
    answered(connect(place, pack(PEOPLE, *rules)), HERS)
    for n, dates in enumerate(said.values()):
        assert place.all(f"SELECT issued, buyer FROM invoice{n} ORDER BY id") == [(day, "Buyer") for day in dates]


@pytest.mark.mariadb
def test_a_zero_date_keeps_its_row(mariadb, connect):
    two(mariadb)
    mariadb.run(
        "CREATE TABLE invoice (id int PRIMARY KEY, customer_id int, buyer text, issued datetime NOT NULL);"
        "SET sql_mode = ''; INSERT INTO invoice VALUES (1, 1, 'Buyer', '0000-00-00'), (2, 1, 'Old', '1999-01-01')"
    )
    answered(connect(mariadb, pack(PEOPLE, BOOKS)), HERS)
    assert mariadb.all("SELECT buyer FROM invoice ORDER BY id") == [("Buyer",), (None,)]


def test_columns_of_every_type_can_be_emptied(place, connect):
    """NOT NULL everywhere: each either gets a neutral value, or the plan is refused with its name."""
    two(place)
    kinds = ["smallint", "bigint", "decimal(9,2)", "float", "double precision", "date", "time", "char(2)", "varchar(3)"]
    kinds += ["text", "boolean"]
    if place.mariadb:
        kinds += [
            "datetime(6)",
            "timestamp",
            "year",
            "bit(4)",
            "tinyblob",
            "varbinary(9)",
            "inet6",
            "uuid",
            "mediumtext",
        ]
        kinds += ["int unsigned", "tinyint", "set('a','b')", "longblob"]
    else:
        kinds += [
            "timestamptz",
            "timestamp",
            "bytea",
            "inet",
            "cidr",
            "uuid",
            "text[]",
            "int[]",
            "jsonb",
            "json",
            "money",
        ]
        kinds += ["timetz"]
    names = [f"c{n}" for n in range(len(kinds))]
    columns = ", ".join(f"{name} {kind} NOT NULL" for name, kind in zip(names, kinds, strict=True))
    place.run(f"CREATE TABLE wide (id int PRIMARY KEY, customer_id int, {columns})")
    samples = {
        "date": "1980-02-03", "time": "13:14:15", "timetz": "13:14:15+02", "boolean": True, "inet": "192.0.2.9",
        "inet6": "2001:db8::9", "cidr": "192.0.2.0/24", "uuid": "11111111-1111-4111-8111-111111111111", "text[]": ["a"],
        "int[]": [1], "jsonb": '{"a": 1}', "json": '{"a": 1}', "year": 1980, "bytea": b"x\0", "set('a','b')": "a",
        "datetime(6)": "1980-01-02 03:04:05", "timestamp": "1980-01-02 03:04:05", "timestamptz": "1980-01-02 03:04:05",
        "tinyblob": b"x", "varbinary(9)": b"x", "longblob": b"\xff", "char(2)": "DE", "varchar(3)": "abc",
        "text": "abc", "mediumtext": "abc", "money": "5.00", "bit(4)": 5,
    }  # fmt: skip
    values = {name: samples.get(kind, 7) for name, kind in zip(names, kinds, strict=True)}
    place.plant("wide", {"id": 1, "customer_id": 1, **values}, {"id": 2, "customer_id": 2, **values})
    rules = dict.fromkeys(names, "erase")

    def connected():
        listed = "\n".join(f'{name} = "{do}"' for name, do in rules.items())
        return connect(place, pack(PEOPLE, table("wide", TO_CUSTOMER, f'id = "key"\ncustomer_id = "key"\n{listed}')))

    try:
        connected().plan(ON)
    except PlanRefused as refused:
        for fault in refused.faults:
            assert fault.table == "wide", fault
            rules[fault.column] = "keep"
    kept = {kinds[names.index(name)] for name, do in rules.items() if do == "keep"}
    assert kept <= {"set('a','b')"}
    before = place.all("SELECT * FROM wide WHERE id = 2")
    done(answered(connected(), HERS))
    [hers] = place.all("SELECT * FROM wide WHERE id = 1")
    assert place.all("SELECT * FROM wide WHERE id = 2") == before
    for kind, old, new in zip(kinds, before[0][2:], hers[2:], strict=True):
        assert (old == new) == (kind in kept), kind


def test_a_value_that_only_a_trigger_forbids_rolls_all_back_and_names_no_value(place, connect):
    two(place)
    if place.mariadb:
        place.run(
            "CREATE TRIGGER no BEFORE UPDATE ON customer FOR EACH ROW BEGIN IF NEW.name IS NULL THEN SIGNAL SQLSTATE "
            "'45000' SET MESSAGE_TEXT = 'secret Ann Arden'; END IF; END"
        )
    else:
        place.run(
            "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.name IS NULL THEN "
            "RAISE EXCEPTION 'secret %', OLD.name; END IF; RETURN NEW; END $$;"
            "CREATE TRIGGER no BEFORE UPDATE ON customer FOR EACH ROW EXECUTE FUNCTION no()"
        )
    before = place.dump()
    with pytest.raises(EngineError) as failed:
        answered(connect(place, pack(PEOPLE)), HERS)
    assert "Ann" not in str(failed.value)
    assert "customer" in str(failed.value)
    assert place.dump() == before
