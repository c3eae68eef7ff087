"""Four companies' databases that no author of the engine has seen, and the people in them.

Every planted value carries a mark that says whose it is and what an erasure has to make of it: zq007gone… must
vanish with person 7, zq007law… must stand to the letter, zq000stay… is nobody's.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from ground import Place

FOLDER = Path(__file__).parent / "worlds"
Row = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class Person:
    n: int
    email: str  # as it is stored
    first: str
    last: str
    ip: str

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"

    @property
    def asked(self) -> str:
        return self.email.lower()

    @property
    def phone(self) -> str:
        return f"+4930231{self.n:05}"

    @property
    def uuid(self) -> UUID:
        return UUID(int=0xFF00_5C27_0000_4000_8000_0000_0000_0000 + self.n)

    def mark(self, fate: str, word: str) -> str:
        return f"zq{self.n:03}{fate}{word}"

    def gone(self, word: str) -> str:
        return self.mark("gone", word)

    def law(self, word: str) -> str:
        return self.mark("law", word)

    def quoted(self) -> str:
        """How others' texts speak of the person."""
        return f"{self.name} <{self.asked}>"


def crowd(size: int) -> list[Person]:
    """People who may go."""
    alice = Person(1, "Alice.Arden@Example.COM", "Alice", "Arden", "32.1.2.3")
    joerg = Person(2, "jörg@müller.example", "Jörg", "Müller", "2001:db8::17")
    tagged = Person(3, "carol+news@example.com", "Carol", "Weiß", "10.0.0.3")
    rest = [
        Person(n, f"vor{n}.nach@example.net", f"Vor{_letters(n)}", f"Nach{_letters(n)}", f"10.1.{n}.{n}")
        for n in range(4, size + 1)
    ]
    return [alice, joerg, tagged, *rest][:size]


NEAR = [
    Person(901, "xalice.arden@example.com", "Xalice", "Ardens", "132.1.2.34"),
    Person(902, "alice.arden@example.com.au", "Alicea", "Arden", "32.1.2.30"),
    Person(903, "alice@arden.example", "Alice", "Arden", "32.1.2.4"),
    Person(904, "alice.arden+shop@example.com", "Alica", "Arden", "3.32.1.2"),
    Person(905, "álice.arden@example.com", "Álice", "Arden", "10.9.9.5"),
    Person(906, "jorg@muller.example", "Jorg", "Muller", "10.9.9.6"),
    Person(907, "rg@müller.example", "Rg", "Müllerin", "10.9.9.7"),
    Person(908, "carol@example.com", "Carol", "Weis", "10.9.9.8"),
]


def near(place: Place) -> list[Person]:
    """Who must not be touched. By MariaDB's rules two of them have somebody else's address: UNIQUE keeps them out."""
    return [one for one in NEAR if not place.mariadb or one.n not in (905, 906)]


def _letters(n: int) -> str:
    return "".join(chr(ord("a") + int(digit)) for digit in f"{n:03}")


@dataclass(frozen=True)
class World:
    name: str
    rows: Callable[[Person, Person, Place], Iterator[Row]]  # a person's rows; the other is somebody who speaks of them
    law: frozenset[str] = frozenset()  # tables where what a law keeps still names the person
    others: frozenset[str] = frozenset()  # tables where somebody else's words do
    names: bool = True  # whether it knows what people are called

    @property
    def pack(self) -> str:
        return (FOLDER / f"{self.name}.toml").read_text(encoding="utf-8")

    def settle(self, place: Place, people: list[Person]) -> None:
        """Make the tables and everybody's rows."""
        place.run((FOLDER / f"{self.name}.{place.kind}.sql").read_text(encoding="utf-8"))
        tables: dict[str, list[dict[str, Any]]] = {}
        for number, person in enumerate(people):
            for table, row in self.rows(person, people[number - 1], place):
                tables.setdefault(table, []).append(row)
        for table, rows in tables.items():
            place.plant(table, *rows)


def _clinic(p: Person, o: Person, place: Place) -> Iterator[Row]:
    many = ", ".join if place.mariadb else list
    yield "Patient", {
        "Id": str(p.uuid), "E-Mail": p.email, "First Name": p.first, "order": p.last, "Phone#": p.phone,
        "Ward": "night", "tags": many([p.gone("tag"), "b"]), "100%": 12.5, "born": f"19{p.n % 90 + 10}-02-03",
        'note: "quoted"': f'{p.gone("note")} %s :x \\ "q"',
    }  # fmt: skip
    for position in (1, 2, 10):
        yield "Visit", {
            "patientId": str(p.uuid), "position": position, "subject": p.gone(f"subject{position}"),
            "kept": p.gone("kept"), "doctor's words": f"Seen {p.quoted()}. Not {NEAR[0].asked}; {NEAR[1].asked}",
        }  # fmt: skip
    # The other one wrote about this person; this person's own words go with them.
    yield "visit", {"author": str(o.uuid), "about": str(p.uuid), "words": f"{o.gone('visit')} of {p.quoted()}"}
    for at in (None, "2024-03-31 02:30:00", "2024-03-31 02:30:01", "2024-03-31 02:30:01"):
        ip = p.ip if not place.mariadb or ":" in p.ip else f"::ffff:{p.ip}"
        yield "Door", {"who": str(p.uuid), "at": at, "ip": ip, "agent": p.gone("agent")}
    for own in (True, False):
        number = p.n * 10 + own
        yield "Scan", {
            "id": number, "patient": str(p.uuid), "own": own,
            "raw": (p.gone("raw") if own else "zq000stay").encode() + b"\x00\xff",
        }  # fmt: skip
        words = p.gone("page") if own else "zq000stay"
        for no in (1, 2):
            yield "Scan page", {"scan": number, "no": no, "words": words}
    yield "select", {"id": p.n, "where": "zq000stay", "from": "nobody 'at' \"all\" \\."}


def _bazaar(p: Person, o: Person, place: Place) -> Iterator[Row]:
    number = f"C-{p.n:04}"
    yield "customer", {
        "number": number, "login": f"login{p.n:03}x", "email": p.email, "name": p.name, "country": "DE",
        "password": p.mark("secret", "password"), "created": 1_600_000_000 + p.n,
    }  # fmt: skip
    # Two series count from 1: the number alone says nothing.
    for series, no, issued in (("OLD", p.n, "2010-06-01"), ("NEW", 1000 - p.n, "2024-06-01")):
        word = p.law if series == "NEW" else p.gone
        yield "invoice", {
            "series": series, "no": no, "customer": number, "buyer": word("buyer"),
            "buyer_email": p.email if series == "NEW" else None, "ip": p.gone("ip"), "issued": issued,
            "remark": f"für zq000stay {p.quoted()}",
        }  # fmt: skip
        for position in (1, 2):
            yield "invoice_line", {
                "series": series, "no": no, "position": position, "words": word(f"line{position}"), "booked": issued,
            }  # fmt: skip
    yield "invoice", {
        "series": "XXX", "no": p.n, "customer": None, "buyer": "zq000stay", "buyer_email": None, "ip": None,
        "issued": None, "remark": None,
    }  # fmt: skip
    yield "invoice_line", {"series": "XXX", "no": p.n, "position": 1, "words": "zq000stay", "booked": "2001-01-01"}
    yield "basket", {"id": p.n, "customer": number, "words": p.gone("basket")}
    for no in (1, 2):
        yield "basket_line", {"basket": p.n, "no": no, "words": p.gone("line")}
    yield "voucher", {"code": f"V{p.n}", "basket": p.n, "words": p.gone("voucher")}
    yield "review", {
        "id": p.n, "author": number, "seller": f"C-{o.n:04}", "stars": 5, "body": f"{p.gone('review')} on {o.quoted()}",
    }  # fmt: skip
    prefs = {"street": p.gone("street"), "lang": "de", "deep": {"phone": p.gone("phone"), "n": 1.10}}
    tracking = json.dumps({"seen": p.gone("seen"), "mail": p.email})
    yield "reader", {"id": p.n, "email": p.email, "prefs": json.dumps(prefs), "tracking": tracking}
    yield "reader", {"id": 1000 + p.n, "email": None, "prefs": '{"street": "zq000stay"}', "tracking": None}
    if p.n == 1:
        yield "currency", {"code": "EUR", "words": "zq000stay"}


def php(value: object, encoding: str = "utf-8") -> str:
    if isinstance(value, str):
        return f's:{len(value.encode(encoding))}:"{value}";'
    if isinstance(value, int):
        return f"i:{value};"
    assert isinstance(value, dict)
    return f"a:{len(value)}:{{{''.join(php(part, encoding) for pair in value.items() for part in pair)}}}"


def _agora(p: Person, o: Person, place: Place) -> Iterator[Row]:
    yield "member", {"id": p.n, "nick": f"nick{p.n:03}name", "email": p.email, "real": p.name}
    for field in ("street", "über mich"):
        yield "profile", {"member_id": p.n, "field": field, "value": p.gone("profile")}
    first = p.n * 10
    yield "post", {"id": first, "author_id": p.n, "reply_to": None, "body": p.gone("post"), "edited": None}
    yield "post", {
        "id": first + 1, "author_id": p.n, "reply_to": first, "body": f"{p.gone('answer')} > {o.quoted()} wrote",
        "edited": f"{p.gone('edited')} with {o.asked}",
    }  # fmt: skip
    for number, (kind, thing, fate) in enumerate(
        (("post", first, "gone"), ("member", p.n, "gone"), ("post", f"{first}x", ""), ("thread", first, ""))
    ):
        word = p.gone("file") if fate else "zq000stay"
        yield "attachment", {
            "id": first + number, "kind": kind, "object_id": str(thing), "name": word, "data": word.encode() + b"\xff",
        }  # fmt: skip
    yield "session", {"id": f"s{p.n}", "member_id": p.n, "data": session_of(p, place, p.name, p.asked)}
    yield "session", {"id": f"t{p.n}", "member_id": None, "data": php({"x": "zq000stay"})}
    yield "message", {
        "id": p.n, "from_id": p.n, "to_id": o.n, "body": f"{p.gone('message')} to {o.quoted()}",
        "sent": "2020-05-05 05:05",
    }  # fmt: skip
    yield "likes", {"post_id": o.n * 10, "member_id": p.n, "words": p.gone("like")}
    yield "banned", {"email": p.asked, "reason": p.gone("banned")}
    yield "log", {"member_id": p.n, "line": p.gone("line")}
    yield "log", {"member_id": p.n, "line": None}
    yield "log", {"member_id": None, "line": "zq000stay"}


def session_of(p: Person, place: Place, name: str, mail: str) -> str:
    encoding = "cp1252" if place.mariadb else "utf-8"  # what the column's own application counts in
    inner = php({"mail": mail}, encoding)
    return php({"grüße": f"{p.mark('stay', 'session')} für {name} <{mail}>", "n": p.n, "inner": inner}, encoding)


def _cellar(p: Person, o: Person, place: Place) -> Iterator[Row]:
    many = json.dumps if place.mariadb else list
    packed = ipaddress.ip_address(p.ip).packed
    yield "account", {
        "id": p.uuid.bytes, "email": p.email.encode(), "phones": many([p.phone, p.gone("phone")]),
        "born": 1950 + p.n % 50,
        "secret": p.mark("secret", "key").encode() + b"\x00", "notes": p.gone("notes"), "small": "small",
    }  # fmt: skip
    for main, since in ((True, "2020-02-29"), (False, "2020-02-29"), (True, "1999-12-31")):
        yield "device", {
            "account": p.uuid.bytes, "main": main, "since": since, "mac": f"zq{p.n:03}gonemac", "ip": packed,
            "blob": b"\x89\xff" + p.gone("blob").encode(),
        }  # fmt: skip
    for day in ("2010-01-01", "2024-01-01"):
        yield "event", {"id": p.n, "day": day, "account": p.uuid.bytes, "words": p.gone("event")}
    long = "langer Text mit ü und " * (60_000 if p.n == 1 else 20)
    nul = "\0" if place.mariadb else ""
    extra = json.dumps({"by": p.asked, p.asked: [p.name, 1.5]}, ensure_ascii=p.n % 2 == 0)
    yield "page", {
        "id": p.n, "owner": p.uuid.bytes, "body": f"zq000stay{nul} {p.quoted()} {long} {p.quoted()}",
        "body2": f"zq000stay ü {p.quoted()}", "extra": extra, "parts": many(["zq000stay"]),
    }  # fmt: skip
    if place.mariadb:
        yield "crm.lead", {"id": p.n, "account": p.uuid.bytes, "words": p.gone("lead")}


WORLDS = [
    World("clinic", _clinic),
    World("bazaar", _bazaar, law=frozenset({"invoice"})),
    World("agora", _agora, others=frozenset({"post"})),
    World("cellar", _cellar, names=False),
]
