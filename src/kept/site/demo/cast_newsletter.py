"""The newsletter's rows of the ten known people, written by hand."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from kept.site.demo.cast import ALICE, BOB, CAROL, CAST, DAN, HUGO, NORA, UMA, ZOE
from kept.site.demo.newsletter import CAMPAIGNS, bounced, campaign_day, opened, subscriber
from kept.site.demo.people import Person
from kept.site.demo.write import Tables


def fill(tables: Tables, rng: Random) -> None:
    """In the order of their numbers."""
    attribs: dict[str, object] = {
        "phone": ALICE.full_phone,
        "city": "Neustrand",
        "interests": ["shops", "mail"],
        "birthday": "04-12",
        "household": {"partner": "Paul Arden"},
    }
    alice = subscriber(tables, ALICE, ALICE.joined + timedelta(days=1900), rng, lists=(1, 2), attribs=attribs)
    for campaign in range(CAMPAIGNS - 5, CAMPAIGNS + 1):
        opened(tables, alice, campaign, campaign_day(campaign) + timedelta(hours=1), clicked=campaign % 2 == 0)
    bounced(tables, alice, "alice@example.com", CAMPAIGNS - 6)
    subscriber(tables, BOB, BOB.joined, rng, status="blocklisted", subscription="unsubscribed")
    for who in (CAROL, DAN, ZOE):
        _reader(tables, who, rng)
    nora = subscriber(tables, NORA, NORA.joined, rng, attribs={"phone": NORA.full_phone, "city": "Port Avery"})
    for campaign in (3, 4, 5):
        opened(tables, nora, campaign, campaign_day(campaign) + timedelta(hours=2))
    bounced(tables, nora, NORA.email, 6)
    hugo = subscriber(
        tables, HUGO, HUGO.joined + timedelta(days=2700), rng, lists=(1, 2, 3), attribs={"city": HUGO.city}
    )
    for view in range(900):
        campaign = view % CAMPAIGNS + 1
        opened(tables, hugo, campaign, campaign_day(campaign) + timedelta(hours=view // CAMPAIGNS))
    _reader(tables, UMA, rng)


def _reader(tables: Tables, who: Person, rng: Random) -> None:
    one = next(one for one in CAST if one.person is who)
    attribs: dict[str, object] = {"city": who.city, "interests": ["security"]}
    subscriber(tables, one.reader or who, who.joined + timedelta(days=400), rng, attribs=attribs)
