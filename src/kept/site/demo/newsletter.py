"""The newsletter: readers, what is known of them in JSON, and what they opened."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from kept.site.demo import text
from kept.site.demo.people import UNTIL, Person, moment, stamp
from kept.site.demo.write import Tables

LISTS = ("News from Hansoken Cloud", "Tips for your site", "Maintenance")
INTERESTS = ("wordpress", "mail", "security", "shops", "domains", "backups")
CAMPAIGNS = 36  # one a month


def campaign_day(number: int) -> datetime:
    return UNTIL - timedelta(days=30 * (CAMPAIGNS - number + 1))


def company(tables: Tables, rng: Random) -> None:
    """Lists, campaigns and the links in them."""
    for name in LISTS:
        tables.add("lists", uuid=uuid(rng), name=name, type="public", optin="double", created_at="2019-01-10 10:00:00")
    tables.add("templates", name="Plain", body="<main>{{ content }}</main>")
    for number in range(1, CAMPAIGNS + 1):
        day = campaign_day(number)
        tables.add(
            "campaigns",
            uuid=uuid(rng),
            name=f"{day:%Y-%m}",
            subject=f"What is new in {day:%B}",
            from_email=f"{text.SELLER} <{text.LETTERS}>",
            body="<p>Hello {{ .Subscriber.Name }}</p>",
            status="finished",
            template_id=1,
            started_at=stamp(day),
            created_at=stamp(day),
        )
        tables.add("campaign_lists", campaign_id=number, list_id=1)
        tables.add("links", uuid=uuid(rng), url=f"https://hansoken.example/news/{number}", created_at=stamp(day))
    tables.add("media", uuid=uuid(rng), filename="header.png", created_at="2019-01-10 10:00:00")
    tables.add("settings", key="privacy.record_optin_ip", value="true")


def uuid(rng: Random) -> str:
    return str(UUID(int=rng.getrandbits(128), version=4))


def subscriber(
    tables: Tables,
    who: Person,
    since: datetime,
    rng: Random,
    *,
    lists: tuple[int, ...] = (1,),
    attribs: dict[str, object] | None = None,
    status: str = "enabled",
    subscription: str = "confirmed",
) -> int:
    """A reader, with the proof of their opt-in at each list."""
    subscriber_id = tables.add(
        "subscribers",
        uuid=uuid(rng),
        email=who.email,
        name=who.name,
        attribs=json.dumps(attribs or {}, ensure_ascii=False),
        status=status,
        created_at=stamp(since),
        updated_at=stamp(since),
    )
    for one in lists:
        tables.add(
            "subscriber_lists",
            subscriber_id=subscriber_id,
            list_id=one,
            meta=json.dumps({"optin_ip": who.ip, "optin_at": stamp(since)}),
            status=subscription,
            created_at=stamp(since),
        )
    return subscriber_id


def opened(tables: Tables, subscriber_id: int, campaign: int, when: datetime, *, clicked: bool = False) -> None:
    tables.add("campaign_views", campaign_id=campaign, subscriber_id=subscriber_id, created_at=stamp(when))
    if clicked:
        tables.add(
            "link_clicks", campaign_id=campaign, link_id=campaign, subscriber_id=subscriber_id, created_at=stamp(when)
        )


def bounced(tables: Tables, subscriber_id: int, email: str, campaign: int, kind: str = "soft") -> None:
    """A mail that came back: the report repeats the address."""
    report = {"Final-Recipient": f"rfc822; {email}", "Diagnostic-Code": "452 4.2.2 mailbox full"}
    tables.add(
        "bounces",
        subscriber_id=subscriber_id,
        campaign_id=campaign,
        type=kind,
        source="api",
        meta=json.dumps(report),
        created_at=stamp(campaign_day(campaign)),
    )


def ordinary(tables: Tables, who: Person, rng: Random) -> None:
    since = moment(rng, max(who.joined, datetime(2019, 2, 1)), UNTIL)  # noqa: DTZ001
    attribs: dict[str, object] = {"city": who.city, "interests": rng.sample(INTERESTS, rng.randrange(3))}
    if rng.random() < 0.3:
        attribs["phone"] = who.full_phone
    gone = rng.random()
    number = subscriber(
        tables,
        who,
        since,
        rng,
        lists=tuple(sorted(rng.sample((1, 2, 3), rng.randrange(1, 3)))),
        attribs=attribs,
        status="blocklisted" if gone < 0.02 else "enabled",
        subscription="unsubscribed" if gone < 0.1 else "confirmed",
    )
    for campaign in range(1, CAMPAIGNS + 1):
        day = campaign_day(campaign)
        if day > since and rng.random() < 0.35:
            opened(tables, number, campaign, day + timedelta(minutes=rng.randrange(5_000)), clicked=rng.random() < 0.2)
    if rng.random() < 0.04:
        bounced(tables, number, who.email, rng.randrange(1, CAMPAIGNS + 1))
    if rng.random() < 0.02:
        tables.add(
            "campaign_views",
            campaign_id=1,
            subscriber_id=None,
            created_at=stamp(since + timedelta(seconds=rng.randrange(60))),
        )
