"""The billing system's rows of the ten known people, written by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from kept.site.demo import billing, text
from kept.site.demo.cast import ALICE, BOB, CAROL, DAN, HUGO, OTHER_ALICE, UMA, ZOE
from kept.site.demo.orders import order
from kept.site.demo.people import UNTIL, Person, stamp
from kept.site.demo.write import Tables

HOSTING, LARGE, DOMAIN, LICENCE, BACKUP = range(5)


def fill(tables: Tables, rng: Random) -> None:
    """In the order of their numbers."""
    _alice(tables, rng)
    _plain(tables, BOB, rng, (_day(2024, 6, 1), _day(2025, 6, 1)), (HOSTING,))
    _plain(tables, CAROL, rng, (_day(2023, 2, 5), _day(2024, 2, 5), _day(2025, 2, 5)), (HOSTING, DOMAIN))
    _plain(tables, DAN, rng, (_day(2024, 10, 8), _day(2025, 10, 8)), (DOMAIN,))
    _plain(tables, OTHER_ALICE, rng, (_day(2025, 5, 15),), (HOSTING,))
    _plain(tables, ZOE, rng, (_day(2024, 7, 7), _day(2025, 7, 7)), (LARGE, DOMAIN))
    _hugo(tables, rng)
    _plain(tables, UMA, rng, (_day(2015, 4, 4), _day(2025, 4, 4)), (HOSTING,))


def _day(year: int, month: int, day: int, hour: int = 10) -> datetime:
    return datetime(year, month, day, hour)  # noqa: DTZ001


def _alice(tables: Tables, rng: Random) -> None:
    number = billing.client(
        tables,
        ALICE,
        rng,
        notes="Prefers calls after 15:00. Her husband Paul (+49 30 23125-199) may ask about invoices too.",
        gender="female",
        custom_1="Passport SPECIMEN-0000001",
        custom_2="Identity checked by Sam Sato",
        api_token="not-a-real-token-alice",  # noqa: S106
        referred_by="bob@example.com",
    )
    for product, since in (
        (HOSTING, ALICE.joined),
        (DOMAIN, ALICE.joined),
        (LICENCE, _day(2019, 5, 2)),
        (BACKUP, _day(2021, 1, 4)),
    ):
        order(tables, ALICE, number, product, since, rng, host="arden-flowers.example")
    tables.add(
        "promo_redemption", promo_id=2, client_id=number, client_order_id=1, created_at=stamp(ALICE.joined)
    )  # invited by a friend
    then = replace(
        ALICE, street="3 Old Mill Lane", city="Oberlinde", postcode="30303", phone="(0)30 23125-109", company=None
    )
    for year in range(2014, 2027):  # the first two are past their ten years; the last is not paid yet
        payer = ("Paul Arden", "paul@example.org") if year == 2020 else None
        who = then if year < 2019 else ALICE
        lines = [("Web hosting S arden-flowers.example", 4_800), ("Domain name arden-flowers.example", 1_500)]
        billing.invoice(tables, who, number, _day(year, 3, 3), lines, rng, paid=year < 2026, payer=payer)
    billing.mailed(
        tables,
        ALICE,
        number,
        "Welcome",
        "Your server: user web0000001, password not-a-real-secret-welcome.",
        ALICE.joined,
    )
    billing.mailed(
        tables, ALICE, number, "We have changed your address", "It is now 14 Garden Street.", _day(2019, 1, 8)
    )
    billing.mailed(tables, ALICE, number, "Your invoice is overdue", "Please pay 63.00 EUR.", _day(2026, 4, 1))
    for day in range(12):
        billing.signed_in(tables, number, ALICE.ip, UNTIL - timedelta(days=30 * day))
    billing.logged(tables, number, "Client alice@example.com changed address", ALICE.ip, _day(2019, 1, 8))
    billing.logged(tables, number, "Sam Sato signed in as alice@example.com", "192.0.2.250", _day(2024, 2, 2))
    tables.add(
        "client_password_reset", client_id=number, hash=f"{1:040x}", ip=ALICE.ip, created_at=stamp(_day(2024, 2, 1))
    )
    tables.add(
        "client_balance",
        client_id=number,
        type="gift",
        amount_cents=1_000,
        description="For telling Bob Brook about us",
        created_at=stamp(_day(2021, 6, 2)),
    )
    tables.add(
        "subscription",
        client_id=number,
        sid="sub_alice",
        period="1Y",
        amount_cents=6_300,
        status="active",
        created_at=stamp(_day(2022, 3, 3)),
    )
    billing.session(tables, ALICE, number, rng)
    billing.queued(tables, ALICE, number, "Your invoice is overdue")


def _plain(tables: Tables, who: Person, rng: Random, invoices: tuple[datetime, ...], products: tuple[int, ...]) -> None:
    """A customer with little: their orders, the invoices of those days, some sign-ins."""
    number = billing.client(tables, who, rng)
    for product in products:
        order(tables, who, number, product, who.joined, rng)
    for day in invoices:
        billing.invoice(tables, who, number, day, [("Services of the year", 4_800)], rng)
    billing.mailed(tables, who, number, "Welcome", f"We are glad to have you, {who.first}.", who.joined)
    for week in range(4):
        billing.signed_in(tables, number, who.ip, UNTIL - timedelta(weeks=week))
    billing.logged(tables, number, f'Client "{who.name}" signed in', who.ip, UNTIL - timedelta(days=3))


def _hugo(tables: Tables, rng: Random) -> None:
    """Monthly invoices since 2012, a sign-in every other day, a mail every week."""
    number = billing.client(tables, HUGO, rng)
    for product in (LARGE, DOMAIN, LICENCE, BACKUP):
        order(tables, HUGO, number, product, HUGO.joined, rng)
    for month in range(178):
        issued = _day(2012 + month // 12, month % 12 + 1, 9)
        billing.invoice(tables, HUGO, number, issued, [("Reseller package", 19_900), ("Traffic", 2_500)], rng)
    for visit in range(3_000):
        billing.signed_in(tables, number, f"192.0.2.{110 + visit % 40}", UNTIL - timedelta(hours=41 * visit))
    for week in range(600):
        body = f"Usage of {HUGO.host}: {rng.randrange(10, 90)} % of your space. Questions? {text.SUPPORT}"
        billing.mailed(tables, HUGO, number, "Your weekly report", body, UNTIL - timedelta(weeks=week))
