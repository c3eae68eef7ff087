"""The help desk: people by number and by address, fields as rows, words quoted and copied."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from kept.site.demo import text
from kept.site.demo.people import UNTIL, Person, stamp
from kept.site.demo.write import Tables

FIRST_USER = 501
STAFF = (("sam", "Sam", "Sato"), ("ravi", "Ravi", "Rao"), ("lena", "Lena", "Lund"))
CONTACT_FORM, TICKET_FORM = 1, 2
FIELDS = {"phone": 1, "notes": 2, "preferred": 3, "subject": 4, "domain": 5}
EVENTS = ("created", "assigned", "closed", "edited", "collab")


@dataclass(frozen=True)
class Writer:
    """Somebody the help desk knows."""

    who: Person
    user_id: int
    email_id: int


def company(tables: Tables) -> None:
    """What is there before the first ticket."""
    for name in ("Support", "Billing"):
        tables.add("department", name=name, signature=f"{name}, {text.SELLER}")
    for username, first, last in STAFF:
        tables.add(
            "staff",
            dept_id=1,
            username=username,
            firstname=first,
            lastname=last,
            passwd="$argon2id$demo$staff",  # noqa: S106 - no password has this hash
            email=f"{username}@hansoken.example",
            phone="+49 30 23125-999",
            signature=f"{first} {last}, {text.SELLER}",
            created="2012-05-02 09:00:00",
        )
    for kind, title in (("U", "Contact details"), ("T", "Ticket details")):
        tables.add("form", type=kind, title=title)
    for form, kind, label, name in (
        (CONTACT_FORM, "phone", "Phone number", "phone"),
        (CONTACT_FORM, "memo", "Internal notes", "notes"),
        (CONTACT_FORM, "text", "Preferred time for a call", "preferred"),
        (TICKET_FORM, "text", "Subject", "subject"),
        (TICKET_FORM, "text", "Domain concerned", "domain"),
    ):
        tables.add("form_field", form_id=form, type=kind, label=label, name=name)
    for topic in ("Technical", "Billing", "Names"):
        tables.add("help_topic", topic=topic)
    for name, state in (("Open", "open"), ("Resolved", "closed")):
        tables.add("ticket_status", name=name, state=state)
    for name in EVENTS:
        tables.add("event", name=name)
    for title, response in (("Greeting", "Thank you for writing."), ("Closing", "We close this ticket now.")):
        tables.add("canned_response", title=title, response=response)
    tables.add("config", namespace="core", key="helpdesk_title", value=text.SELLER)
    tables.add("organization", name=text.SELLER, domain="hansoken.example", created="2012-05-02 09:00:00")
    tables.start("user", FIRST_USER)
    tables.start("user_email", 2_001)
    tables.start("thread", 30_001)


def writer(
    tables: Tables,
    who: Person,
    since: datetime,
    *,
    billing_client_id: int | None = None,
    account: bool = False,
    fields: dict[str, str] | None = None,
) -> Writer:
    """A person of the help desk with their address, their account if they made one, and their field values."""
    user_id = tables.add(
        "user",
        billing_client_id=billing_client_id,
        name=who.name,
        default_email_id=tables.upcoming("user_email"),
        created=stamp(since),
        updated=stamp(since),
    )
    email_id = tables.add("user_email", user_id=user_id, address=who.email)
    if account:
        tables.add(
            "user_account",
            user_id=user_id,
            status=1,
            timezone="Europe/Berlin",
            lang="en",
            username=who.email.lower(),
            passwd=f"$argon2id$demo${user_id:032x}",
            extra=json.dumps({"browser_lang": "en"}),
            registered=stamp(since),
        )
    answers(tables, CONTACT_FORM, "U", user_id, fields or {}, since)
    indexed(tables, "U", user_id, who.name, who.email)
    return Writer(who, user_id, email_id)


def answers(tables: Tables, form: int, kind: str, object_id: int, fields: dict[str, str], when: datetime) -> None:
    """Values of form fields: one row each, tied through their entry."""
    if fields:
        entry = tables.add("form_entry", form_id=form, object_id=object_id, object_type=kind, created=stamp(when))
        for name, value in fields.items():
            tables.add("form_entry_values", entry_id=entry, field_id=FIELDS[name], value=value)


def ticket(
    tables: Tables,
    by: Writer,
    subject: str,
    when: datetime,
    *,
    source: str = "Web",
    domain: str = "",
    closed: bool = True,
) -> int:
    """A ticket, its subject (a field value) and its thread. Returns the thread's number."""
    ticket_id = tables.add(
        "ticket",
        number=f"{tables.count('ticket') + 100_001}",
        user_id=by.user_id,
        user_email_id=by.email_id,
        status_id=2 if closed else 1,
        dept_id=1,
        topic_id=1,
        staff_id=1,
        ip_address=by.who.ip if source == "Web" else "",
        source=source,
        closed=stamp(min(when + timedelta(days=2), UNTIL)) if closed else None,
        created=stamp(when),
    )
    answers(tables, TICKET_FORM, "T", ticket_id, {"subject": subject} | ({"domain": domain} if domain else {}), when)
    indexed(tables, "T", ticket_id, subject, domain)
    thread_id = tables.add("thread", object_id=ticket_id, object_type="T", lastmessage=stamp(when), created=stamp(when))
    event(tables, thread_id, "created", when, by=by)
    return thread_id


def message(
    tables: Tables,
    thread_id: int,
    by: Writer,
    body: str,
    when: datetime,
    *,
    title: str | None = None,
    to: tuple[str, ...] = (),
    mailed: bool = False,
    sender: str | None = None,
) -> int:
    """What a person wrote, by mail (with its headers) or in the browser."""
    entry = tables.add(
        "thread_entry",
        thread_id=thread_id,
        user_id=by.user_id,
        type="M",
        poster=by.who.name,
        source="Email" if mailed else "Web",
        title=title,
        body=body,
        ip_address="" if mailed else by.who.ip,
        recipients=json.dumps({"to": [text.SUPPORT, *to]}) if mailed or to else None,
        created=stamp(when),
    )
    if mailed:
        host = (sender or by.who.email).rpartition("@")[2].lower()
        headers = (
            f"Received: from mail.{host} ([{by.who.ip}]) by mx.hansoken.example; {when:%d %b %Y %H:%M:%S} +0000\n"
            f"From: {by.who.name} <{sender or by.who.email}>\n"
            f"To: {', '.join((text.SUPPORT, *to))}\n"
            f"Subject: {title or 'Re: your ticket'}\n"
        )
        tables.add("thread_entry_email", thread_entry_id=entry, mid=f"<{entry}.{thread_id}@{host}>", headers=headers)
    indexed(tables, "H", entry, title or "", body)
    return entry


def reply(tables: Tables, thread_id: int, body: str, when: datetime, *, staff: int = 1, note: bool = False) -> int:
    """What staff wrote: to the person, or as a note among themselves."""
    _, first, last = STAFF[staff - 1]
    entry = tables.add(
        "thread_entry",
        thread_id=thread_id,
        staff_id=staff,
        type="N" if note else "R",
        poster=f"{first} {last}",
        body=body,
        ip_address="192.0.2.250",
        created=stamp(when),
    )
    indexed(tables, "H", entry, "", body)
    return entry


def event(
    tables: Tables, thread_id: int, name: str, when: datetime, *, by: Writer | None = None, data: str | None = None
) -> None:
    tables.add(
        "thread_event",
        thread_id=thread_id,
        event_id=EVENTS.index(name) + 1,
        staff_id=0 if by else 1,
        uid=by.user_id if by else 1,
        uid_type="U" if by else "S",
        username=by.who.name if by else "sam",
        data=data,
        timestamp=stamp(when),
    )


def attached(tables: Tables, entry: int, name: str, content: bytes, when: datetime, file_id: int = 0) -> int:
    """A file at a message. A file that is stored already (`file_id`) is not stored twice. Returns its number."""
    if not file_id:
        digest = hashlib.sha256(content + name.encode()).hexdigest()
        file_id = tables.add(
            "file",
            type="image/png" if name.endswith("png") else "application/pdf",
            size=len(content),
            key=f"{digest[:60]}{entry:08d}",
            signature=digest,
            name=name,
            created=stamp(when),
        )
        tables.add("file_chunk", file_id=file_id, chunk_id=0, filedata=content)
    tables.add("attachment", object_id=entry, type="H", file_id=file_id, name=name)
    return file_id


def indexed(tables: Tables, kind: str, number: int, title: str, content: str) -> None:
    """The search index: one more copy of the text."""
    tables.add("search_index", object_type=kind, object_id=number, title=title, content=content)
