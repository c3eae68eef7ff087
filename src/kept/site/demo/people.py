"""Invented people. Addresses, telephone numbers and IPs come from the ranges set aside for examples and fiction."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

UNTIL = datetime(2026, 11, 20, 12, 0)  # noqa: DTZ001 - the demo's last day; products store local time without a zone
OPENED = datetime(2011, 3, 1, 9, 0)  # noqa: DTZ001 - the demo company's first day


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST = _words(
    "Ada Anton Asta Bela Bruno Cato Cleo Dara Dora Edda Elio Emil Enid Ezra Fenja Finn Flora Gerda Gil Greta Hedda "
    "Hilde Ida Ilja Ines Jonas Jules Juna Kaja Karl Kira Lasse Leto Lotte Maja Marek Mila Nadja Nils Noa Olaf Otis "
    "Paula Piet Quinn Ralf Rhea Rosa Selma Stig Taro Tilda Ulla Vera Viggo Wanda Xenia Yara Yuki Zora Jörg Bjørn "
    "Zoë Søren Chloé Łucja 花子 太郎"
)
LAST = _words(
    "Abel Acker Aldous Amsel Barlow Birk Bloom Brandt Calder Carver Cove Dahl Dorn Drake Eck Elm Endo Falk Fenn Flint "
    "Frost Gale Grimm Grove Hale Harlow Heath Holm Inoue Ivers Jarl Juhl Kern Kite Lark Linde Loft Marsh Mayer Moor "
    "Nagy Nash Nord Oaks Orban Otter Pace Pike Quill Rask Reed Rowe Sand Sorel Stark Thorn Tull Ueda Umber Vale Voss "
    "Wren Wynn Yates Zahn Zorn Müller Åkesson Peña O'Dell D'Arcy van-Laan 山田"
)
STREETS = _words("Mill Harbour Orchard Station Linden Bridge Chapel Garden Quarry Tower Meadow Canal Market Hill")
SHOPS = _words("Flowers Bikes Books Bakery Pottery Garage Studio Law Dental Travel Tea Music Yoga Maps")
HOSTS = ("example.com", "example.org", "example.net")

# Country: calling code, how a number of its fiction range looks, invented towns.
COUNTRIES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "US": ("1", "212555{:04d}", ("Port Avery", "Fallow Creek", "Marlow Junction")),
    "GB": ("44", "20 7946 0{:03d}", ("Hallowbridge", "Nether Coombe", "Eastmarsh")),
    "DE": ("49", "(0)30 23125-{:03d}", ("Neustrand", "Altenbruch am See", "Oberlinde")),
    "FR": ("33", "1 99 00 {:02d} 07", ("Sainte-Orle", "Valbrune", "Port-Amer")),
}


@dataclass(frozen=True)
class Person:
    """One invented person, as the company's systems know them."""

    number: int
    first: str
    last: str
    email: str
    country: str
    phone: str  # without the calling code
    street: str
    city: str
    postcode: str
    born: date
    ip: str
    joined: datetime
    company: str | None = None
    billing_email: str | None = None  # None: mails about money go to `email`
    customer: bool = True
    writes_tickets: bool = False
    reads_newsletter: bool = False

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"

    @property
    def phone_cc(self) -> str:
        return COUNTRIES[self.country][0]

    @property
    def full_phone(self) -> str:
        return f"+{self.phone_cc} {self.phone}".replace("(0)", "")

    @property
    def host(self) -> str:
        """The name of the person's own site."""
        return f"{plain(self.last)}-{self.number}.example"


def person(seed: int, number: int) -> Person:
    """The person of that number: the same for the same seed, whichever system asks."""
    rng = Random(f"{seed}/person/{number}")  # noqa: S311 - invented data, no secret
    country = rng.choice(list(COUNTRIES))
    first, last = rng.choice(FIRST), rng.choice(LAST)
    role = rng.random()
    customer = role < 0.62
    return Person(
        number=number,
        first=first,
        last=last,
        email=f"{plain(first)}.{plain(last)}{number}@{rng.choice(HOSTS)}",
        country=country,
        phone=COUNTRIES[country][1].format(fiction(rng, country)),
        street=f"{rng.randrange(1, 200)} {rng.choice(STREETS)} Street",
        city=rng.choice(COUNTRIES[country][2]),
        postcode=f"{rng.randrange(10_000, 99_999)}",
        born=date(1940, 1, 1) + timedelta(days=rng.randrange(24_000)),
        ip=ip(rng),
        joined=moment(rng, OPENED, UNTIL - timedelta(days=30)),
        company=f"{last} {rng.choice(SHOPS)}" if rng.random() < 0.4 else None,
        billing_email=f"accounts@{plain(last)}-{number}.example" if rng.random() < 0.15 else None,
        customer=customer,
        writes_tickets=rng.random() < 0.55 if customer else role > 0.85,
        reads_newsletter=rng.random() < 0.45 if customer else role < 0.90,
    )


def fiction(rng: Random, country: str) -> int:
    """The last digits of a number nobody has: 555-01xx and its likes abroad."""
    return rng.randrange(100, 200) if country == "US" else rng.randrange(1000 if country != "FR" else 100)


def ip(rng: Random) -> str:
    """An address of the documentation ranges (RFC 5737, RFC 3849)."""
    if rng.random() < 0.2:
        return f"2001:db8:{rng.randrange(1, 0xFFFF):x}::{rng.randrange(1, 0xFFFF):x}"
    return f"{rng.choice(('192.0.2', '198.51.100', '203.0.113'))}.{rng.randrange(1, 255)}"


def moment(rng: Random, after: datetime, before: datetime) -> datetime:
    span = max(int((before - after).total_seconds()), 1)
    return after + timedelta(seconds=rng.randrange(span))


def stamp(when: datetime | None) -> str | None:
    """As the products write it: local time, no zone."""
    return when.strftime("%Y-%m-%d %H:%M:%S") if when else None


def plain(name: str) -> str:
    """A name as it can stand in an address; what has no Latin letters becomes `x`."""
    decomposed = unicodedata.normalize("NFKD", name.replace("ø", "o").replace("Ł", "L").replace("ł", "l"))
    return "".join(sign for sign in decomposed.lower() if sign.isascii() and sign.isalnum()) or "x"
