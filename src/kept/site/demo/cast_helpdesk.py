"""The help desk's rows of the ten known people, written by hand."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from random import Random

from kept.site.demo import text
from kept.site.demo.cast import ALICE, BOB, CAROL, CAST, HUGO, MILO, OTHER_ALICE, UMA, ZOE, Cast
from kept.site.demo.helpdesk import CONTACT_FORM, Writer, answers, attached, event, message, reply, ticket, writer
from kept.site.demo.people import UNTIL, Person, stamp
from kept.site.demo.write import Tables

LOGO = b"\x89PNG\r\n\x1a\n" + b"the logo of Brook Design" * 8


def fill(tables: Tables, rng: Random) -> list[Writer]:
    """In the order of their numbers. Returns whom the machine's own log names."""
    alice = _known(tables, ALICE, account=True, fields={"phone": ALICE.full_phone, "preferred": "after 15:00"})
    bob = _known(tables, BOB, fields={"phone": BOB.full_phone})
    _alice_and_bob(tables, alice, bob)
    _alice_moves(tables, alice)
    _bobs_own(tables, bob)
    _single(tables, CAROL, "Which of my addresses do you have?", "You may know me as carol@example.com.", account=True)
    _single(tables, OTHER_ALICE, "My first site", "Hello, I am new here. Alice Arden, the younger one it seems.")
    _single(tables, ZOE, "Umlaute: Größe, Öl, Ärger — 文字化け", 'Bitte prüfen: „Zoë“ kommt als "ZoÃ«" an. 太田です。')
    milo = _milo(tables)
    _hugo(tables, rng)
    _single(tables, UMA, "Capital letters", "Your form says uma.urban@example.com and UMA.URBAN@EXAMPLE.COM differ.")
    return [milo]


def _day(year: int, month: int, day: int, hour: int = 10) -> datetime:
    return datetime(year, month, day, hour)  # noqa: DTZ001


def _entry(who: Person) -> Cast:
    return next(one for one in CAST if one.person is who)


def _known(tables: Tables, who: Person, *, account: bool = False, fields: dict[str, str] | None = None) -> Writer:
    one = _entry(who)
    return writer(
        tables,
        one.desk or who,
        who.joined + timedelta(days=3),
        billing_client_id=one.client or None,
        account=account,
        fields=fields or {},
    )


def _alice_and_bob(tables: Tables, alice: Writer, bob: Writer) -> None:
    """Alice pastes a password; Sam quotes her; Bob, copied in, quotes her too, with the logo she sent before."""
    when = _day(2024, 2, 1)
    thread = ticket(tables, alice, "My shop is down", when, source="Email", domain="arden-flowers.example", closed=True)
    said = (
        "Hello,\n\nhttps://arden-flowers.example shows an error since this morning. To look yourself: user web0000001, "
        "password not-a-real-secret-4711. I copy Bob in, who made the site; his number is +44 20 7946 0102.\n\n"
        "Alice Arden\nArden Flowers\n14 Garden Street, Neustrand\n+49 30 23125-101"
    )
    to = ("bob@example.com",)
    first = message(tables, thread, alice, said, when, title="My shop is down", to=to, mailed=True)
    logo = attached(tables, first, "logo.png", LOGO, when)
    tables.add("thread_collaborator", thread_id=thread, user_id=bob.user_id, created=stamp(when))
    added = json.dumps({"add": {str(bob.user_id): {"name": "Bob Brook", "src": "bob@example.com"}}})
    event(tables, thread, "collab", when, by=alice, data=added)
    answer = (
        "Dear Alice Arden,\n\nI have signed in as web0000001 and restarted it. Please change the password.\n\nSam Sato"
    )
    reply(tables, thread, answer + text.quoted(said, ALICE), when + timedelta(hours=2))
    words = "The plug-in was mine, sorry. Alice, call me: +44 20 7946 0102.\n\nBob" + text.quoted(
        said.splitlines()[2], ALICE
    )
    second = message(
        tables,
        thread,
        bob,
        words,
        when + timedelta(hours=4),
        title="Re: My shop is down",
        to=("alice@example.com",),
        mailed=True,
    )
    attached(tables, second, "logo.png", LOGO, when + timedelta(hours=4), file_id=logo)
    message(tables, thread, alice, "It works again. Thank you both!", when + timedelta(days=1), mailed=True, to=to)
    reply(
        tables,
        thread,
        "Alice Arden paid late twice; be kind, she had a hard year.",
        when + timedelta(days=1),
        note=True,
    )
    event(tables, thread, "closed", when + timedelta(days=2))
    namespace = f"ticket.response.{tables.count('ticket')}"
    tables.add("draft", staff_id=1, namespace=namespace, body="Dear Alice, one more thing:", created=stamp(when))


def _alice_moves(tables: Tables, alice: Writer) -> None:
    when = _day(2019, 1, 7)
    thread = ticket(tables, alice, "We have moved", when)
    first = message(
        tables, thread, alice, "Please write to 14 Garden Street from now on. My passport is attached.", when
    )
    attached(tables, first, "passport-alice-arden.pdf", b"%PDF-1.4 SPECIMEN-0000001 ARDEN ALICE 1984-04-12", when)
    reply(tables, thread, "Changed, and your invoices will say so. Sam Sato", when + timedelta(hours=1))
    message(tables, thread, alice, "Thank you, Sam.", when + timedelta(hours=2))
    tables.add(
        "note",
        staff_id=1,
        object_id=alice.user_id,
        object_type="U",
        body="Spoke with Alice Arden on +49 30 23125-101: moving in January.",
        created=stamp(when),
    )


def _bobs_own(tables: Tables, bob: Writer) -> None:
    """Sam names Alice in a ticket that is none of hers."""
    when = _day(2025, 9, 9)
    thread = ticket(tables, bob, "The same plug-in on another site", when)
    message(tables, thread, bob, "It is down again, with another customer of mine.", when)
    reply(
        tables,
        thread,
        "We do the same as for alice@example.com (Alice Arden) last year. Sam",
        when + timedelta(hours=1),
    )


def _single(tables: Tables, who: Person, subject: str, body: str, *, account: bool = False) -> Writer:
    by = _known(tables, who, account=account, fields={"phone": who.full_phone})
    when = _day(2025, 10, 1)
    thread = ticket(tables, by, subject, when, domain=who.host)
    message(tables, thread, by, f"{body}\n\n{by.who.name}", when, title=subject)
    reply(
        tables,
        thread,
        f"Thank you, {who.first}. We look into it." + text.quoted(body, by.who),
        when + timedelta(hours=1),
    )
    return by


def _milo(tables: Tables) -> Writer:
    """Two mails, no account: known by an address alone."""
    by = writer(tables, MILO, MILO.joined)
    thread = ticket(tables, by, "What does a site cost?", MILO.joined, source="Email")
    said = "Hello, what would a small site cost me? You reach me at +1 212 555 0108.\n\nMilo Moss, Fallow Creek"
    message(tables, thread, by, said, MILO.joined, title="What does a site cost?", mailed=True)
    reply(tables, thread, "From 48 EUR a year. Sam Sato" + text.quoted(said, MILO), MILO.joined + timedelta(hours=1))
    message(tables, thread, by, "Thank you, I think about it.", MILO.joined + timedelta(days=1), mailed=True)
    return by


def _hugo(tables: Tables, rng: Random) -> None:
    by = _known(tables, HUGO, account=True, fields={"phone": HUGO.full_phone})
    answers(
        tables, CONTACT_FORM, "U", by.user_id, {"notes": "Hugo Hart resells; ask him before any change."}, HUGO.joined
    )
    for number in range(40):
        when = UNTIL - timedelta(days=20 + 60 * number)
        thread = ticket(tables, by, f"Report {number + 1}", when, domain=HUGO.host)
        for turn in range(6):
            said = text.ask(rng, HUGO)
            message(tables, thread, by, said, when + timedelta(hours=2 * turn))
            reply(tables, thread, text.answer(rng, HUGO, said, "Sam Sato"), when + timedelta(hours=2 * turn + 1))
