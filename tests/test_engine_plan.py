"""The plan: every column decided beforehand, and what cannot work refused by name before anything is written."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kept.engine.catalogue import Catalogue, Column, Reference, Table, Type
from kept.engine.errors import PlanRefused
from kept.engine.pack import Law
from kept.engine.packs import parse
from kept.engine.periods import kept_newer_than, kept_until
from kept.engine.plan import make_plan

TODAY = date(2026, 11, 22)
HEAD = 'format = 1\nname = "shop"\ntitle = "Shop"\n'


def pack_of(columns, *, links='[{ column = "id", is = "account" }]', more="", table="client", head=HEAD):
    section = f'\n[table.{table}]\ntitle = "T"\ncategory = "account"\npurpose = "p"\nsource = "s"\nperiod = "q"\n'
    return head + section + f"links = {links}\n{more}\n[table.{table}.columns]\n{columns}\n"


def live(*columns, key=("id",), unique=(), name="client", **more):
    return Table(name, {column.name: column for column in columns}, key, unique, **more)


ID = Column("id", Type.INTEGER, nullable=False)


def plan_for(columns, *live_columns, references=(), pack_more="", **table):
    catalogue = Catalogue("f", {"client": live(ID, *live_columns, **table)}, tuple(references))
    return make_plan(parse(pack_of('id = "key"\n' + columns, more=pack_more), "shop.toml"), catalogue, TODAY)


def acts(plan):
    return {one.column: (one.act, one.value) for one in plan.tables[0].columns}


@pytest.mark.parametrize(
    ("column", "act"),
    [
        (Column("c", Type.TEXT), ("null", None)),
        (Column("c", Type.TEXT, nullable=False), ("set", "")),
        (Column("c", Type.DATE, nullable=False), ("set", "1900-01-01")),
        (Column("c", Type.BOOLEAN, nullable=False), ("set", False)),
        (Column("c", Type.JSON, nullable=False), ("set", "{}")),
        (Column("c", Type.TEXT, 2, nullable=False), ("set", "")),
        (Column("c", Type.TEXT, generated=True), ("stay", None)),
    ],
)
def test_how_a_column_is_erased_follows_from_the_catalogue(column, act):
    assert acts(plan_for('c = "erase"', column))["c"] == act


def test_a_mail_column_that_may_not_be_empty_holds_an_address_that_never_arrives():
    column = Column("c", Type.TEXT, 120, nullable=False)
    assert acts(plan_for('c = { do = "erase", is = "email" }', column))["c"] == ("set", "erased@erased.invalid")


def test_where_values_must_differ_each_row_gets_its_own_token():
    column = Column("c", Type.TEXT, 120, nullable=False)
    assert acts(plan_for('c = "erase"', column, unique=(("c",),)))["c"] == ("token", "")
    assert acts(plan_for('c = { do = "erase", is = "email" }', column, unique=(("c",),)))["c"] == (
        "token",
        "@erased.invalid",
    )


@pytest.mark.parametrize(
    ("columns", "live_columns", "more", "names", "says"),
    [
        ('c = "erase"', [Column("c", Type.TEXT, 2, nullable=False)], {"unique": (("c",),)}, "client.c", "no room"),
        ('c = "erase"', [Column("c", Type.INTEGER, nullable=False)], {"unique": (("c",),)}, "client.c", "must differ"),
        ('c = "erase"', [Column("c", Type.ENUM, nullable=False)], {}, "client.c", "no neutral value"),
        ('c = "undecided"', [Column("c", Type.TEXT)], {}, "client.c", "undecided"),
        ('c = "refuse"', [Column("c", Type.TEXT)], {}, "client.c", "refuses"),
        ("", [Column("c", Type.TEXT)], {}, "client.c", "does not name"),
        ('c = "erase"', [], {}, "client.c", "none of that name"),
        ("", [], {"key": ()}, "client", "no primary key"),
        ("", [], {"transactional": False}, "client", "no transactions"),
        ('c = "redact"', [Column("c", Type.DATE)], {}, "client.c", "cannot be redacted"),
    ],
)
def test_a_plan_that_cannot_work_is_refused_with_the_column_named(columns, live_columns, more, names, says):
    with pytest.raises(PlanRefused) as refused:
        plan_for(columns, *live_columns, **more)
    assert any(str(fault).startswith(f"{names}: ") and says in fault.why for fault in refused.value.faults)


def test_a_key_that_other_tables_point_at_is_not_erased():
    reference = Reference("order", ("client_mail",), "client", ("c",), "NO ACTION")
    with pytest.raises(PlanRefused, match=r"client\.c: order\.client_mail points at it"):
        plan_for('c = "erase"', Column("c", Type.TEXT), references=[reference])


@pytest.mark.parametrize(("on_delete", "says"), [("NO ACTION", "cannot be deleted"), ("CASCADE", "along")])
def test_rows_that_others_point_at_are_not_deleted_from_under_them(on_delete, says):
    reference = Reference("order", ("client_id",), "client", ("id",), on_delete)
    with pytest.raises(PlanRefused, match=says):
        plan_for('c = "erase"', Column("c", Type.TEXT), references=[reference], pack_more='rows = "delete"')


def test_a_missing_table_is_named():
    pack = parse(pack_of('id = "key"'), "shop.toml")
    with pytest.raises(PlanRefused, match="client: the pack names this table"):
        make_plan(pack, Catalogue("f", {}), TODAY)


def test_an_unknown_table_is_drift():
    catalogue = Catalogue("f", {"client": live(ID), "extra": live(ID, name="extra")})
    plan = make_plan(parse(pack_of('id = "key"'), "shop.toml"), catalogue, TODAY)
    assert [fault.table for fault in plan.drift] == ["extra"]


def test_children_are_changed_before_the_rows_they_point_at():
    both = pack_of('id = "key"') + pack_of(
        'id = "key"\nclient_id = "key"', links='[{ column = "client_id", to = "client.id" }]', table="order", head=""
    )
    order = live(ID, Column("client_id", Type.INTEGER), name="order")
    catalogue = Catalogue("f", {"client": live(ID), "order": order})
    assert [one.table for one in make_plan(parse(both, "shop.toml"), catalogue, TODAY).tables] == ["order", "client"]


def test_a_plan_is_the_same_for_the_same_pack_catalogue_and_day():
    one, two = (plan_for('c = "erase"', Column("c", Type.TEXT)) for _ in range(2))
    assert one == two
    assert one.id == two.id


laws = st.builds(
    Law, st.just("law"), st.integers(1, 40), st.sampled_from(["years", "months", "days"]), st.just("at"), st.booleans()
)
days = st.dates(date(1995, 1, 1), date(2060, 12, 31))


@given(laws, days, days)
def test_a_row_is_kept_exactly_until_its_last_day(law, start, on):
    assert (start > kept_newer_than(law, on)) == (kept_until(law, start) >= on)


@given(laws, days)
def test_keeping_ends(law, start):
    assert start <= kept_newer_than(law, kept_until(law, start) + timedelta(days=1))


@pytest.mark.parametrize(
    ("start", "year_end", "until"),
    [
        (date(2016, 3, 5), True, date(2026, 12, 31)),
        (date(2016, 12, 31), True, date(2026, 12, 31)),
        (date(2016, 2, 29), False, date(2026, 2, 28)),
    ],
)
def test_ten_years_of_books(start, year_end, until):
    assert kept_until(Law("Commercial Code", 10, "years", "at", year_end), start) == until
