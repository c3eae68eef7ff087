"""The ten people everybody here knows, and what each is there to show. Sam Sato answers them in the help desk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from kept.site.demo.people import Person


@dataclass(frozen=True)
class Cast:
    """One known person: as they are, what they show, and how many of their own rows stand in which table."""

    person: Person
    shows: str
    client: int = 0  # their number in the billing system; 0: not there
    user: int = 0  # their number in the help desk
    subscriber: int = 0  # their number in the newsletter
    desk: Person | None = None  # as the help desk knows them, where that differs
    reader: Person | None = None  # as the newsletter knows them, where that differs
    rows: Mapping[str, int] | None = None  # table: rows of their own


def _at(year: int, month: int, day: int, hour: int = 10) -> datetime:
    return datetime(year, month, day, hour)  # noqa: DTZ001 - products store local time without a zone


ALICE = Person(
    number=1,
    first="Alice",
    last="Arden",
    email="alice@example.com",
    country="DE",
    phone="(0)30 23125-101",
    street="14 Garden Street",
    city="Neustrand",
    postcode="10101",
    born=date(1984, 4, 12),
    ip="192.0.2.101",
    joined=_at(2014, 3, 3),
    company="Arden Flowers",
)
BOB = replace(
    ALICE, number=2, first="Bob", last="Brook", email="bob@example.com", country="GB", phone="20 7946 0102",
    street="5 Canal Street", city="Hallowbridge", postcode="20202", born=date(1979, 9, 30), ip="198.51.100.102",
    joined=_at(2021, 6, 1), company=None,
)  # fmt: skip
CAROL = replace(
    BOB, number=3, first="Carol", last="Chen", email="carol@example.com", phone="20 7946 0103", street="77 Hill Street",
    born=date(1990, 1, 17), ip="198.51.100.103", joined=_at(2018, 2, 5), billing_email="accounts@tally.example",
)  # fmt: skip
DAN = replace(
    BOB, number=4, first="Dan", last="Dorn", email="dan@example.com", phone="20 7946 0104", street="9 Tower Street",
    born=date(1971, 11, 2), ip="198.51.100.104", joined=_at(2019, 10, 8), billing_email="accounts@tally.example",
)  # fmt: skip
OTHER_ALICE = replace(
    ALICE, number=5, email="alice.arden@example.net", phone="(0)30 23125-105", street="2 Harbour Street",
    born=date(2001, 8, 23), ip="203.0.113.105", joined=_at(2023, 5, 15), company=None,
)  # fmt: skip
ZOE = replace(
    ALICE, number=6, first="Zoë Åsa", last="Müller-太田", email="zoe@example.org", phone="(0)30 23125-106",
    street="8 Straße der Gärten", city="Altenbruch am See", born=date(1995, 2, 28), ip="2001:db8:6::106",
    joined=_at(2020, 7, 7), company="Ōta & Töchter",
)  # fmt: skip
NORA = replace(
    ALICE, number=7, first="Nora", last="North", email="nora@example.net", country="US", phone="2125550107",
    street="", city="Port Avery", born=date(1988, 6, 6), ip="203.0.113.107", joined=_at(2022, 9, 9), company=None,
    customer=False,
)  # fmt: skip
MILO = replace(
    NORA, number=8, first="Milo", last="Moss", email="milo@example.org", phone="2125550108", city="Fallow Creek",
    born=date(1966, 12, 24), ip="203.0.113.108", joined=_at(2025, 1, 20),
)  # fmt: skip
HUGO = replace(
    ALICE, number=9, first="Hugo", last="Hart", email="hugo@example.com", country="FR", phone="1 99 00 09 07",
    street="100 Market Street", city="Sainte-Orle", born=date(1959, 3, 1), ip="192.0.2.109", joined=_at(2012, 1, 9),
    company="Hart Réseaux",
)  # fmt: skip
UMA = replace(
    BOB, number=10, first="Uma", last="Urban", email="Uma.Urban@Example.COM", phone="20 7946 0110",
    street="1 Bridge Street", born=date(1992, 10, 10), ip="198.51.100.110", joined=_at(2017, 4, 4),
)  # fmt: skip

CAST: tuple[Cast, ...] = (
    Cast(
        ALICE,
        "A customer with everything: invoices the law keeps and invoices it no longer keeps, under two addresses; a "
        "password pasted into a ticket; Sam quotes her; Bob is copied in; Sam names her in Bob's ticket; newsletter.",
        client=1001,
        user=501,
        subscriber=1,
        rows={
            "billing.client": 1,
            "billing.client_order": 4,
            "billing.invoice": 13,
            "billing.activity_client_email": 3,
            "helpdesk.ticket": 2,
            "helpdesk.thread_entry": 4,
            "newsletter.subscriber_lists": 2,
            "newsletter.campaign_views": 6,
        },
    ),
    Cast(
        BOB,
        "Not Alice: her web designer. Copied into her ticket, he quotes her; both mails carry one logo, stored once.",
        client=1002,
        user=502,
        subscriber=2,
        rows={"billing.client": 1, "billing.invoice": 2, "helpdesk.ticket": 1, "helpdesk.thread_entry": 2},
    ),
    Cast(
        CAROL,
        "Two addresses: one with billing, another at the help desk and the newsletter. The help desk holds her "
        "customer number beside. Shares an accountant's address with Dan.",
        client=1003,
        user=503,
        subscriber=3,
        desk=replace(CAROL, email="carol.chen@example.org"),
        reader=replace(CAROL, email="carol.chen@example.org"),
        rows={"billing.client": 1, "billing.invoice": 3, "helpdesk.ticket": 1, "newsletter.subscriber_lists": 1},
    ),
    Cast(
        DAN,
        "Shares Carol's accountant: looking for one must not find the other.",
        client=1004,
        subscriber=4,
        rows={"billing.client": 1, "billing.invoice": 2, "newsletter.subscriber_lists": 1},
    ),
    Cast(
        OTHER_ALICE,
        "Has Alice's name and town, and is not Alice: a name never decides.",
        client=1005,
        user=504,
        rows={"billing.client": 1, "billing.invoice": 1, "helpdesk.ticket": 1},
    ),
    Cast(
        ZOE,
        "A name in three scripts: composed in billing, decomposed at the help desk, with joined and right-to-left "
        "signs in the newsletter.",
        client=1006,
        user=505,
        subscriber=5,
        desk=replace(ZOE, first="Zoe\u0308 A\u030asa", last="Mu\u0308ller-太田"),
        reader=replace(ZOE, first="Zoë 👩\u200d💻 \u200fزوي\u200e", last="Müller\u00a0太田"),
        rows={"billing.client": 1, "billing.invoice": 2, "helpdesk.ticket": 1, "newsletter.subscriber_lists": 1},
    ),
    Cast(
        NORA,
        "Only a newsletter reader: no customer, no ticket; a mail to her came back once.",
        subscriber=6,
        rows={"newsletter.subscribers": 1, "newsletter.campaign_views": 3, "newsletter.bounces": 1},
    ),
    Cast(
        MILO,
        "Only wrote a mail to support: no account anywhere. A line of the help desk's log names him, and no key ties "
        "it to him: only the second look finds it.",
        user=506,
        rows={"helpdesk.user": 1, "helpdesk.ticket": 1, "helpdesk.thread_entry": 2},
    ),
    Cast(
        HUGO,
        "The heavy one: several thousand rows.",
        client=1007,
        user=507,
        subscriber=7,
        rows={
            "billing.activity_client_history": 3000,
            "billing.activity_client_email": 600,
            "billing.invoice": 178,
            "helpdesk.ticket": 40,
            "helpdesk.thread_entry": 240,
            "newsletter.campaign_views": 900,
        },
    ),
    Cast(
        UMA,
        "Her address is written three ways: Uma.Urban@Example.COM, uma.urban@example.com, UMA.URBAN@EXAMPLE.COM.",
        client=1008,
        user=508,
        subscriber=8,
        desk=replace(UMA, email="uma.urban@example.com"),
        reader=replace(UMA, email="UMA.URBAN@EXAMPLE.COM"),
        rows={"billing.client": 1, "billing.invoice": 2, "helpdesk.ticket": 1, "newsletter.subscriber_lists": 1},
    ),
)
