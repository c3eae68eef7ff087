"""A wrong pack is refused with the file, the line and what is wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kept.engine.errors import PackError
from kept.engine.packs import load, parse, shipped_packs

GOOD = """\
format = 1
name = "shop"
title = "Shop"
parameters = { prefix = "s_" }

[table."{prefix}client"]
title = "Account"
category = "account"
purpose = "p"
source = "s"
period = "q"
person = true
links = [
  { column = "id", is = "account" },
  { column = "email", is = "email" },
]

[table."{prefix}client".columns]
id = "key"
email = { do = "erase", is = "email" }
note = "redact"
"""


def test_a_pack_says_what_it_holds_and_takes_its_prefix():
    pack = parse(GOOD, "shop.toml", {"prefix": "x_"})
    assert list(pack.tables) == ["x_client"]
    assert pack.tables["x_client"].columns["email"].kind == "email"


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("format = 1", "format = 2", 1, "format must be 1"),
        ('name = "shop"', 'name = "The Shop"', 2, "lower-case"),
        ('category = "account"', 'category = "stuff"', 8, "category must be one of"),
        ('purpose = "p"', "", 6, "needs purpose"),
        ('is = "email" },\n]', 'is = "phone" },\n]', 13, "shared by many people"),
        ('note = "redact"', 'note = "burn"', 21, "no action"),
        ('note = "redact"', 'note = "law"', 21, "names no law"),
        ('note = "redact"', 'note = { do = "erase", colour = 1 }', 21, "unknown word 'colour'"),
        ('{ column = "id", is = "account" }', '{ column = "uid", is = "account" }', 13, "no column 'uid'"),
        ('{ column = "id", is = "account" }', '{ column = "id", to = "order.id" }', 13, "not in this pack"),
        (
            'note = "redact"',
            'note = { do = "keep", copy_of = "{prefix}client.email" }',
            21,
            "is erased: it cannot be kept",
        ),
        (
            'note = "redact"',
            'note = { do = "keep", copy_of = "buyer.email" }',
            21,
            "a copy from buyer, which is not in",
        ),
        ('note = "redact"', 'note = { do = "keep", copy_of = "{prefix}client.mail" }', 21, "lists no column 'mail'"),
        ('note = "redact"', 'note = { do = "keep", copy_of = "email" }', 21, 'must look like "table.column"'),
        ("person = true", 'person = true\nlive = { says = "running orders" }', 13, "needs where"),
        ("person = true", 'person = true\nlive = { says = "x", where = { state = 1 } }', 6, "lists no column 'state'"),
        ("person = true", 'person = true\nlive = "orders"', 13, "live looks like"),
        ('note = "redact"', 'note = { do = "erase", detail = "nickname" }', 21, "detail must be one of first_name"),
        ('note = "redact"', 'note = { do = "key", detail = "city" }', 21, "key and detail"),
        ('note = "redact"', 'note = { do = "erase", codec = "json", detail = "city" }', 21, "detail goes with a plain"),
        ('note = "redact"', 'note = { do = "erase", secret = true, detail = "city" }', 21, "secret and detail"),
        ("person = true", "person = true\nportable = 1", 13, "portable must be true or false"),
        ("person = true", 'person = true\nmarks = "held"', 13, "marks look like"),
        ("person = true", 'person = true\nmarks = { paused = { note = "x" } }', 13, "unknown word 'paused'"),
        ("person = true", "person = true\nmarks = { objection = { note = 1.5 } }", 13, "objection looks like"),
        ("person = true", "person = true\nmarks = { objection = {} }", 13, "objection looks like"),
        ("person = true", 'person = true\nmarks = { restriction = { state = "x" } }', 13, "lists no column 'state'"),
        ("person = true", "person = true\nmarks = { restriction = { id = 1 } }", 13, "names the row or ties it"),
        ("person = true", 'person = true\nmarks = { restriction = { email = "x" } }', 13, "names the row or ties it"),
        ('title = "Shop"', 'title = "Shop', 3, "not TOML"),
    ],
)
def test_a_fault_is_told_with_its_line(old, new, line, says):
    with pytest.raises(PackError) as wrong:
        parse(GOOD.replace(old, new), "shop.toml")
    assert wrong.value.line == line
    assert says in str(wrong.value)
    assert str(wrong.value).startswith(f"shop.toml:{line}: ")


def test_links_that_go_in_a_circle_are_refused():
    two = GOOD + GOOD.partition("\n\n")[2].replace("{prefix}client", "{prefix}order").replace("person = true\n", "")
    two = two.replace('{ column = "id", is = "account" },\n  { column = "email", is = "email" },', "LINKS")
    two = two.replace("LINKS", '{ column = "id", to = "{prefix}order.id" }', 1).replace("person = true\n", "")
    two = two.replace("LINKS", '{ column = "id", to = "{prefix}client.id" }')
    with pytest.raises(PackError, match="circle"):
        parse(two, "shop.toml")


@pytest.mark.parametrize(
    "reference", ["no-such-pack", "/nowhere/pack.toml", "demo-billing?prefix:x", "osticket?prefix=x"]
)
def test_a_pack_that_is_not_there_or_has_no_such_parameter_is_refused(reference):
    with pytest.raises(PackError):
        load(reference)


def test_a_pack_that_is_no_utf_8_is_refused_by_its_name(tmp_path):
    file = tmp_path / "shop.toml"
    file.write_bytes(GOOD.replace("Account", "Käufer").encode("latin-1"))
    with pytest.raises(PackError, match="packs are UTF-8 text") as wrong:
        load(str(file))
    assert str(wrong.value).startswith(f"{file}: ")


@given(st.text(max_size=300))
def test_any_text_is_a_pack_or_a_clear_no(text):
    with pytest.raises(PackError):
        parse(text, "any.toml")


def test_every_shipped_pack_loads():
    for name in shipped_packs():
        assert load(name).tables
