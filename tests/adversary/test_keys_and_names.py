"""Keys and names that a schema may have although nobody would choose them."""

from __future__ import annotations

import uuid

import pytest
from ground import ACCOUNT, ERASED_MAIL, MAIL, answered, asking, email, pack, table, widened

from kept.engine.subject import Subject
from kept.terms import Identifier, Verdict

HERS, HIS = "alice@example.com", "bob@example.com"
CUSTOMER = "CREATE TABLE customer (id int PRIMARY KEY, email varchar(80));"
PEOPLE = table("customer", f"{ACCOUNT}, {MAIL}", f'id = "key"\n{ERASED_MAIL}', "person = true")
TO_CUSTOMER = '{ column = "customer_id", to = "customer.id" }'


def two(place):
    place.run(CUSTOMER)
    place.plant("customer", {"id": 1, "email": HERS}, {"id": 2, "email": HIS})


def done(answers):
    assert [residue.verdict for _, residue in answers] == [Verdict.DONE] * len(answers)


def test_a_key_column_may_have_any_name(place, connect):
    two(place)
    q = "`" if place.mariadb else '"'
    words = ["subject", "own", "kept", "position", "name", "v", "new", "old", "value", "k0", "c0", "given"]
    for word in words:
        place.run(
            f"CREATE TABLE line_{word} (customer_id int, {q}{word}{q} varchar(20), t text, u text, "
            f"PRIMARY KEY (customer_id, {q}{word}{q}))"
        )
        rows = [(n, key) for n in (1, 2) for key in ("a", "0", "")]
        place.plant(
            f"line_{word}", *({"customer_id": n, word: key, "t": f"t{n}", "u": f"{HERS} {HIS}"} for n, key in rows)
        )
    columns = 'customer_id = "key"\n{} = "key"\nt = "erase"\nu = "redact"'
    lines = [table(f"line_{word}", TO_CUSTOMER, columns.format(word)) for word in words]
    done(answered(connect(place, pack(PEOPLE, *lines)), HERS))
    for word in words:
        left = place.all(f"SELECT DISTINCT customer_id, t, u FROM line_{word} ORDER BY customer_id")
        assert left == [(1, None, f"[erased] {HIS}"), (2, "t2", f"[erased] {HIS}")], word


WEIRD = [
    "Order",
    "order",
    "select",
    "100%",
    "a b",
    'q"uote',
    "t`ick",
    "col:on",
    "Größe",
    "semi;colon",
    "group.by",
    "x'y",
]


def test_tables_and_columns_may_be_called_anything(place, connect):
    two(place)

    def quoted(name):
        return f"`{name.replace('`', '``')}`" if place.mariadb else '"{}"'.format(name.replace('"', '""'))

    columns = ", ".join(f"{quoted(f'{name} {n}')} text" for n, name in enumerate(WEIRD))
    for name in WEIRD:
        place.run(f"CREATE TABLE {quoted(name)} ({quoted(name + ' id')} int PRIMARY KEY, customer_id int, {columns})")
        text = f"mine {HERS}"
        with place.open() as connection, connection.cursor() as cursor:
            for n in (1, 2):
                cursor.execute(
                    f"INSERT INTO {quoted(name)} VALUES (".replace("%", "%%")
                    + ", ".join(["%s"] * (len(WEIRD) + 2))
                    + ")",
                    [n, n, *[text] * len(WEIRD)],
                )

    def rules(name):
        keys = [f'"{toml(name + " id")}" = "key"', 'customer_id = "key"']
        columns = [f'"{toml(f"{one} {n}")}" = "{"redact" if n % 2 else "erase"}"' for n, one in enumerate(WEIRD)]
        return "\n".join(keys + columns)

    def toml(text):
        return text.replace("\\", "\\\\").replace('"', '\\"')

    sections = [table(name, TO_CUSTOMER, rules(name)) for name in WEIRD]
    connector = connect(place, pack(PEOPLE, *sections))
    assert connector.check() == ([], [])
    many = [HERS, *(f"nobody{n}@example.com" for n in range(8))]  # enough for the search of a batch
    done(answered(connector, *many))
    for name in WEIRD:
        hers, his = place.all(f"SELECT * FROM {quoted(name)} ORDER BY 1")
        assert hers[2:] == (None, "mine [erased]") * 6, name
        assert his[2:] == ("mine [erased]",) * 12, name  # nobody's column: only her identifiers go


def test_half_a_key_may_be_a_boolean_a_date_or_a_number_with_a_point(place, connect):
    two(place)
    place.run(
        "CREATE TABLE address (customer_id int, main boolean, since date, size decimal(6,2), at timestamp(6), "
        "street text, PRIMARY KEY (customer_id, main, since, size, at))"
    )
    keys = [
        (main, day, size) for main in (True, False) for day in ("2020-02-29", "1999-12-31") for size in ("1.50", "2.00")
    ]
    place.plant(
        "address",
        *(
            {
                "customer_id": n,
                "main": main,
                "since": day,
                "size": size,
                "at": "2024-03-31 01:30:00.123456",
                "street": f"street {HERS} {HIS}",
            }
            for n in (1, 2)
            for main, day, size in keys
        ),
    )
    columns = "\n".join(f'{name} = "key"' for name in ("customer_id", "main", "since", "size", "at"))
    address = table("address", TO_CUSTOMER, f'{columns}\nstreet = "redact"')
    done(answered(connect(place, pack(PEOPLE, address)), HERS))
    assert place.all("SELECT DISTINCT street FROM address") == [(f"street [erased] {HIS}",)]
    done(answered(connect(place, pack(PEOPLE, address)), HIS))


def bytes_table(place):
    return "varbinary(16)" if place.mariadb else "bytea"


def test_keys_and_account_numbers_may_be_bytes(place, connect):
    kind = bytes_table(place)
    place.run(
        f"CREATE TABLE customer (id {kind} PRIMARY KEY, email varchar(80) NOT NULL, UNIQUE (email));"
        f"CREATE TABLE note (id {kind} PRIMARY KEY, customer_id {kind}, body text);"
        f"CREATE TABLE wall (id {kind} PRIMARY KEY, body text)"
    )
    alice, bob = uuid.UUID("ff000000-0000-4000-8000-0000005c0a27").bytes, uuid.UUID(int=7).bytes
    place.plant("customer", {"id": alice, "email": HERS}, {"id": bob, "email": HIS})
    rows = [{"id": bytes([n, 255, 0, n]), "customer_id": who, "body": f"b{n}"} for n, who in ((1, alice), (2, bob))]
    place.plant("note", *rows)
    place.plant("wall", {"id": b"\xfe\x00\x5c'", "body": f"{HERS} was here"}, {"id": b"\x00", "body": f"{HIS} too"})
    text = pack(
        table(
            "customer",
            f"{ACCOUNT}, {MAIL}",
            f'id = {{ do = "key", codec = "binary-id" }}\n{ERASED_MAIL}',
            "person = true",
        ),
        table("note", TO_CUSTOMER, 'id = "key"\ncustomer_id = { do = "key", codec = "binary-id" }\nbody = "erase"'),
        table("wall", "", 'id = "key"\nbody = "redact"'),
    )
    connector = connect(place, text)
    done(answered(connector, HERS))
    assert place.all("SELECT body FROM note ORDER BY id") == [(None,), ("b2",)]
    assert sorted(place.all("SELECT body FROM wall")) == [("[erased] was here",), (f"{HIS} too",)]
    done(answered(connector, HIS))
    assert place.one("SELECT count(DISTINCT email) FROM customer") == 2


def test_uuid_keys_in_three_spellings_are_one_account(place, connect):
    place.run(
        "CREATE TABLE customer (id uuid PRIMARY KEY, email varchar(80));"
        "CREATE TABLE note (id char(36) PRIMARY KEY, customer_id char(36), body text)"
    )
    alice, bob = uuid.UUID(int=0xABCDEF), uuid.UUID(int=0xABCDE0)
    place.plant("customer", {"id": str(alice), "email": HERS}, {"id": str(bob), "email": HIS})
    ids = (str(alice), str(alice).upper(), str(bob))
    place.plant("note", *({"id": str(uuid.UUID(int=n)), "customer_id": one, "body": "b"} for n, one in enumerate(ids)))
    note = table("note", TO_CUSTOMER, 'id = "key"\ncustomer_id = "key"\nbody = "erase"')
    answered(connect(place, pack(PEOPLE, note)), HERS)
    assert place.all("SELECT body FROM note ORDER BY id") == [(None,), (None,), ("b",)]


def test_an_account_number_that_fits_no_column_is_nobodys(place, connect):
    two(place)
    place.run("CREATE TABLE other (id uuid PRIMARY KEY, small smallint, body text)")
    place.plant("other", {"id": str(uuid.UUID(int=1)), "small": 1, "body": "b"})
    other = table(
        "other",
        '{ column = "id", is = "account" }, { column = "small", is = "account" }',
        'id = "key"\nsmall = "key"\nbody = "erase"',
    )
    connector = connect(place, pack(PEOPLE, other))
    for number in ("x", "99999999999", "-1", "1e3", "1 OR 1=1", "9" * 40, "٣", "1'"):
        account = Identifier("account", number, "shop")
        [subject] = widened(connector, Subject("case", frozenset([email("nobody@example.com"), account])))
        assert list(connector.rows([subject])) == []
        done(answered(connector, subject))


LOG = "CREATE TABLE log (customer_id int, email varchar(80), at timestamp NULL, what text)"


def log(key):
    columns = 'customer_id = "key"\nemail = { do = "keep", is = "email" }\nat = "keep"\nwhat = "erase"'
    return table("log", TO_CUSTOMER, columns, f"key = {key}")


def test_a_row_without_a_primary_key_whose_key_is_empty_is_changed_too(place, connect):
    two(place)
    place.run(LOG)
    place.plant(
        "log",
        {"customer_id": 1, "at": None, "what": "hers, no date"},
        {"customer_id": 1, "at": "2024-01-01 00:00:00", "what": "hers"},
        {"customer_id": 2, "at": None, "what": "his, no date"},
        {"customer_id": None, "at": None, "what": "nobody's"},
    )
    done(answered(connect(place, pack(PEOPLE, log('["customer_id", "at"]'))), HERS))
    assert sorted(row[0] for row in place.all("SELECT what FROM log WHERE what IS NOT NULL")) == [
        "his, no date",
        "nobody's",
    ]


def test_a_key_that_does_not_tell_rows_apart_touches_nobody_else(place, connect):
    """The pack says that the time names a row. It does not: both acted in the same second."""
    two(place)
    place.run(LOG)
    same = "2024-01-01 00:00:00"
    place.plant(
        "log",
        {"customer_id": 1, "at": same, "what": "hers"},
        {"customer_id": 2, "at": same, "what": "his"},
        {"customer_id": 2, "at": "2024-01-01 00:00:01", "what": "his too"},
    )
    before = place.dump().without("hers", HERS)
    connector = connect(place, pack(PEOPLE, log('["at"]')))
    with pytest.raises(Exception, match="at"):
        answered(connector, HERS)
    assert before == place.dump().without("hers", HERS)


def test_rows_that_are_alike_to_the_letter_go_together(place, connect):
    two(place)
    place.run(LOG)
    twice = {"customer_id": 1, "at": "2024-01-01 00:00:00", "what": "hers"}
    place.plant("log", twice, twice, {**twice, "customer_id": 2, "what": "his"})
    done(answered(connect(place, pack(PEOPLE, log('["customer_id", "at"]'))), HERS))
    assert place.all("SELECT what FROM log WHERE what IS NOT NULL") == [("his",)]


@pytest.mark.parametrize("size", [1, 30])
def test_what_the_law_keeps_is_explained_where_no_primary_key_is_declared(place, connect, size):
    """Alone the database is asked, in a batch it is read whole: both have to know the row again."""
    two(place)
    place.run("CREATE TABLE receipt (customer_id int, no int, buyer varchar(80), issued date)")
    place.plant("receipt", {"customer_id": 1, "no": 5, "buyer": HERS, "issued": "2025-01-01"})
    receipt = table(
        "receipt",
        TO_CUSTOMER,
        'customer_id = "key"\nno = "keep"\nbuyer = "law"\nissued = "keep"',
        'key = ["customer_id", "no"]\nlaw = { name = "Tax", keep = "10 years", from = "issued" }',
    )
    others = [asking(f"nobody{n}@example.com") for n in range(size - 1)]
    (_, residue), *_ = answered(connect(place, pack(PEOPLE, receipt)), HERS, *others)
    assert [(one.table, one.why, str(one.until)) for one in residue.remains] == [("receipt", "law", "2035-01-01")]
    assert residue.verdict is Verdict.DONE
