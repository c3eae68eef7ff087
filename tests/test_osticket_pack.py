"""osTicket on a real MariaDB: Alice goes, and what Bob and Sam wrote stays theirs."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from packs_at_work import Maria, widened
from sqlalchemy.engine import make_url
from test_packs_shipped import load_into

from kept.engine.package import About, write_packages


@pytest.fixture
def osticket(mariadb_url: str) -> Iterator[Maria]:
    desk = Maria("osticket", mariadb_url)
    for number, name, address in ((7, "Alice Arden", "alice@example.com"), (8, "Bob Brook", "bob@example.com")):
        desk.plant("ost_user", id=number, name=name)
        desk.plant("ost_user_email", user_id=number, address=address)
    desk.plant("ost_user_email", user_id=7, address="alice@example.org")
    desk.plant("ost_staff", staff_id=7, username="sam", firstname="Sam", lastname="Sato", email="sam@hansoken.example")
    desk.plant("ost_ticket", ticket_id=50, number="100", user_id=7, ip_address="192.0.2.7")
    desk.plant("ost_ticket", ticket_id=500, number="101", user_id=8, ip_address="192.0.2.8")
    desk.plant("ost_thread", id=60, object_id=50, object_type="T")
    desk.plant("ost_thread", id=61, object_id=500, object_type="T")
    desk.plant("ost_thread", id=62, object_id=50, object_type="A")  # a task of the same number
    hers = "Alice Arden here, call +49 30 23125-101"
    desk.plant(
        "ost_thread_entry",
        id=70,
        thread_id=60,
        user_id=7,
        type="M",
        poster="Alice Arden",
        body=hers,
        ip_address="192.0.2.7",
    )
    quoted = f"Done. Sam\n\nalice@example.com wrote:\n> {hers}"
    desk.plant(
        "ost_thread_entry",
        id=71,
        thread_id=60,
        staff_id=7,
        type="R",
        poster="Sam Sato",
        body=quoted,
        ip_address="192.0.2.250",
    )
    bobs = "I am copied in. Bob"
    desk.plant(
        "ost_thread_entry",
        id=72,
        thread_id=60,
        user_id=8,
        type="M",
        poster="Bob Brook",
        body=bobs,
        ip_address="192.0.2.8",
    )
    desk.plant(
        "ost_thread_entry",
        id=73,
        thread_id=61,
        user_id=8,
        type="M",
        poster="Bob Brook",
        body="My own ticket",
        ip_address="192.0.2.8",
    )
    yield desk
    desk.close()


@pytest.mark.mariadb
def test_osticket_words_of_others_stay_and_only_lose_her_identifiers(osticket):
    osticket.erase("alice@example.com")
    entries = {row[0]: row[1:] for row in osticket.all("SELECT id, poster, body, ip_address FROM ost_thread_entry")}
    assert entries[70] == ("erased", "", "")
    poster, body, ip = entries[71]
    assert (poster, ip) == ("Sam Sato", "192.0.2.250")
    assert body.startswith("Done. Sam")
    assert "alice@example.com" not in body
    assert "Alice Arden" not in body
    assert entries[72] == ("Bob Brook", "I am copied in. Bob", "192.0.2.8")
    assert entries[73] == ("Bob Brook", "My own ticket", "192.0.2.8")
    assert osticket.all("SELECT ip_address FROM ost_ticket ORDER BY ticket_id") == [("",), ("192.0.2.8",)]


@pytest.mark.mariadb
def test_osticket_alices_copy_shows_her_own_network_address_and_not_bobs(osticket, tmp_path):
    subject = widened([osticket.connector], "alice@example.com")
    about = About("Hansoken Cloud", "privacy@hansoken.example", datetime(2026, 11, 22, tzinfo=UTC))
    (package,) = write_packages(tmp_path, [subject], [osticket.connector], about)
    with zipfile.ZipFile(package.path) as parts:
        copy = "\n".join(parts.read(name).decode("utf-8", "replace") for name in parts.namelist())
    assert "192.0.2.7" in copy
    assert "Bob Brook" in copy
    assert "192.0.2.8" not in copy
    assert "192.0.2.250" not in copy


@pytest.mark.mariadb
def test_osticket_finds_her_second_address_and_leaves_bobs(osticket):
    osticket.erase("alice@example.com")
    hers = osticket.all("SELECT address FROM ost_user_email WHERE user_id = 7")
    assert len(set(hers)) == 2
    assert all(address.endswith("@erased.invalid") for (address,) in hers)
    assert osticket.all("SELECT address FROM ost_user_email WHERE user_id = 8") == [("bob@example.com",)]
    assert osticket.all("SELECT name FROM ost_user WHERE id = 8") == [("Bob Brook",)]


@pytest.mark.mariadb
def test_osticket_answers_in_forms_go_by_kind_of_thing_and_number(osticket):
    for entry, kind, number in ((1, "U", 7), (2, "T", 50), (3, "O", 7), (4, "U", 8), (5, "T", 7)):
        osticket.plant("ost_form_entry", id=entry, form_id=1, object_type=kind, object_id=number)
        osticket.plant("ost_form_entry_values", entry_id=entry, field_id=1, value=f"answer {entry}")
    osticket.plant("ost_user__cdata", user_id=7, phone="+49 30 23125-101", name="Alice Arden")
    osticket.plant("ost_user__cdata", user_id=8, phone="+44 20 7946 0102", name="Bob Brook")
    osticket.plant("ost_ticket__cdata", ticket_id=50, subject="My shop is down")
    osticket.erase("alice@example.com")
    values = dict(osticket.all("SELECT entry_id, value FROM ost_form_entry_values"))
    assert values == {1: None, 2: None, 3: "answer 3", 4: "answer 4", 5: "answer 5"}
    assert osticket.all("SELECT phone, name FROM ost_user__cdata ORDER BY user_id") == [
        (None, None), ("+44 20 7946 0102", "Bob Brook"),
    ]  # fmt: skip
    assert osticket.all("SELECT subject FROM ost_ticket__cdata") == [(None,)]


@pytest.mark.mariadb
def test_osticket_notes_and_drafts_are_found_behind_their_prefix(osticket):
    for ext in ("U7", "U70", "O7", "U8"):
        osticket.plant("ost_note", ext_id=ext, body=f"about {ext}")
    for namespace, staff in (
        ("ticket.client.50", 7),
        ("ticket.response.50", 7),
        ("ticket.response.500", 7),
        ("ticket.client.500", 8),
    ):
        osticket.plant("ost_draft", namespace=namespace, staff_id=staff, body=namespace)
    osticket.erase("alice@example.com")
    assert dict(osticket.all("SELECT ext_id, body FROM ost_note")) == {
        "U7": None, "U70": "about U70", "O7": "about O7", "U8": "about U8",
    }  # fmt: skip
    assert dict(osticket.all("SELECT namespace, body FROM ost_draft")) == {
        "ticket.client.50": "", "ticket.response.50": "",
        "ticket.response.500": "ticket.response.500", "ticket.client.500": "ticket.client.500",
    }  # fmt: skip


@pytest.mark.mariadb
def test_osticket_a_file_that_bob_sent_too_stays_whole(osticket):
    for number, name in ((1, "logo.png"), (2, "passport.pdf")):
        osticket.plant("ost_file", id=number, type="x/y", size=3, key=f"k{number}", signature=f"s{number}", name=name)
        osticket.plant("ost_file_chunk", file_id=number, chunk_id=0, filedata=b"\x89\xff" + name.encode())
    for entry, number in ((70, 1), (72, 1), (70, 2)):
        osticket.plant("ost_attachment", object_id=entry, type="H", file_id=number, name=f"file {number}")
    osticket.erase("alice@example.com")
    assert osticket.all("SELECT id, signature, name FROM ost_file ORDER BY id") == [(1, "s1", "logo.png"), (2, "", "")]
    assert osticket.all("SELECT filedata FROM ost_file_chunk ORDER BY file_id") == [(b"\x89\xfflogo.png",), (b"",)]
    osticket.erase("bob@example.com")
    assert osticket.all("SELECT filedata FROM ost_file_chunk") == [(b"",), (b"",)], "the last one to go takes it along"


@pytest.mark.mariadb
def test_osticket_sessions_of_staff_are_not_hers_although_the_numbers_agree(osticket):
    osticket.plant("ost_session", session_id="s", user_id="7", user_ip="192.0.2.250", user_agent="Sam's browser")
    assert "ost_session" not in {row.rule.name for row in osticket.held("alice@example.com")}
    osticket.erase("alice@example.com")
    assert osticket.all("SELECT user_agent FROM ost_session") == [("Sam's browser",)]
    assert "ost_session" in {row.rule.name for row in osticket.held("sam@hansoken.example")}


@pytest.mark.mariadb
def test_osticket_may_be_old_enough_to_be_written_in_latin1(mariadb_url):
    load_into(mariadb_url, f"ALTER DATABASE {make_url(mariadb_url).database} CHARACTER SET latin1")
    desk = Maria("osticket", mariadb_url)
    try:
        assert ("latin1",) in desk.all("SELECT DISTINCT character_set_name FROM information_schema.columns")
        for number, name, address in ((7, "Jörg Grün", "joerg@example.com"), (8, "Åse Öberg", "aase@example.com")):
            desk.plant("ost_user", id=number, name=name)
            desk.plant("ost_user_email", user_id=number, address=address)
        desk.plant("ost_ticket", ticket_id=50, user_id=8)
        desk.plant("ost_thread", id=60, object_id=50, object_type="T")
        body = "Grüße, ask Åse Öberg, aase@example.com"
        desk.plant("ost_thread_entry", id=70, thread_id=60, user_id=7, type="M", poster="Jörg Grün", body=body)
        desk.erase("aase@example.com")
        assert desk.all("SELECT name FROM ost_user ORDER BY id") == [("Jörg Grün",), ("erased",)]
        (his,), (hers,) = desk.all("SELECT address FROM ost_user_email ORDER BY user_id")
        assert his == "joerg@example.com"
        assert hers.endswith("@erased.invalid")
        assert desk.all("SELECT poster, body FROM ost_thread_entry") == [("Jörg Grün", "Grüße, ask [erased], [erased]")]
    finally:
        desk.close()
