"""The help desk of ordinary people, and what the machine writes down beside them."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from random import Random

from kept.site.demo import text
from kept.site.demo.helpdesk import STAFF, Writer, attached, event, message, reply, ticket, writer
from kept.site.demo.people import UNTIL, Person, moment, stamp
from kept.site.demo.write import Tables


def ordinary(tables: Tables, who: Person, rng: Random, previous: Writer | None) -> Writer:
    """A person with one to four tickets. Now and then somebody else (`previous`) is copied in and answers."""
    since = moment(rng, who.joined, UNTIL - timedelta(days=10))
    fields = {"phone": who.full_phone} if rng.random() < 0.6 else {}
    if rng.random() < 0.3:
        fields["notes"] = f"{who.first} prefers to be called."
    by = writer(tables, who, since, account=rng.random() < 0.4, fields=fields)
    mailed = not who.customer or rng.random() < 0.5
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 4))):
        _conversation(tables, by, rng, moment(rng, since, UNTIL - timedelta(days=3)), mailed, previous)
    if rng.random() < 0.1:
        body = f"{who.name} called from {who.full_phone}."
        tables.add("note", staff_id=1, object_id=by.user_id, object_type="U", body=body, created=stamp(since))
    return by


def _conversation(
    tables: Tables, by: Writer, rng: Random, when: datetime, mailed: bool, previous: Writer | None
) -> None:
    subject, staff = rng.choice(text.SUBJECTS), rng.randrange(1, len(STAFF) + 1)
    thread = ticket(tables, by, subject, when, source="Email" if mailed else "Web", domain=by.who.host)
    copied = previous if previous and rng.random() < 0.1 else None
    said = text.ask(rng, by.who)
    to = (copied.who.email,) if copied else ()
    entry = message(tables, thread, by, said, when, title=subject, mailed=mailed, to=to)
    if rng.random() < 0.08:
        attached(tables, entry, f"screen-{entry}.png", rng.randbytes(400), when)
    name = " ".join(STAFF[staff - 1][1:])
    reply(tables, thread, text.answer(rng, by.who, said, name), when + timedelta(hours=3), staff=staff)
    if copied:
        tables.add("thread_collaborator", thread_id=thread, user_id=copied.user_id, created=stamp(when))
        event(
            tables,
            thread,
            "collab",
            when,
            by=by,
            data=json.dumps({"add": {str(copied.user_id): {"name": copied.who.name}}}),
        )
        words = f"I look after the site of {by.who.name}." + text.quoted(said, by.who)
        message(tables, thread, copied, words, when + timedelta(hours=5), mailed=True, to=(by.who.email,))
    if rng.random() < 0.2:
        reply(tables, thread, f"{by.who.name} has called before.", when + timedelta(hours=6), staff=staff, note=True)
    message(tables, thread, by, rng.choice(text.THANKS), when + timedelta(days=1), mailed=mailed)
    event(tables, thread, "closed", when + timedelta(days=2))


def machines(tables: Tables, rng: Random, writers: list[Writer]) -> None:
    """What the system writes down by itself: sessions of staff, and a log in which addresses turn up."""
    for staff, _ in enumerate(STAFF, start=1):
        tables.add(
            "session",
            session_id=f"{rng.getrandbits(128):032x}",
            session_data=f'_auth|a:1:{{s:5:"staff";i:{staff};}}'.encode(),
            session_expire=stamp(UNTIL + timedelta(hours=8)),
            user_id=str(staff),
            user_ip="192.0.2.250",
            user_agent=text.agent(rng),
        )
    for by in writers:
        tables.add(
            "syslog",
            log_type="Warning",
            title="Failed login attempt (client)",
            log=f"Username: {by.who.email} IP: {by.who.ip} Attempts #3",
            ip_address=by.who.ip,
            created=stamp(moment(rng, UNTIL - timedelta(days=60), UNTIL)),
        )
