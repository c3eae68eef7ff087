"""The demo company's three systems: the same each time, only invented people, and the ten people everybody knows."""

from __future__ import annotations

import fcntl
import ipaddress
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kept.site.demo import SYSTEMS, generate
from kept.site.demo.cast import ALICE, BOB, CAST, HUGO, MILO, NORA

PERSON_COLUMN = {"billing": "client_id", "helpdesk": "user_id", "newsletter": "subscriber_id"}
OWN_KEY = {"client": "id", "user": "id", "subscribers": "id"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    generate(folder, people=300)
    return folder


@pytest.fixture(scope="module")
def systems(folder: Path) -> Iterator[dict[str, sqlite3.Connection]]:
    connections = {name: sqlite3.connect(folder / f"{name}.sqlite3") for name in SYSTEMS}
    yield connections
    for connection in connections.values():
        connection.close()


def dump(folder: Path, system: str) -> list[str]:
    connection = sqlite3.connect(folder / f"{system}.sqlite3")
    try:
        return list(connection.iterdump())
    finally:
        connection.close()


def every_text(connection: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        for row in connection.execute(f'SELECT * FROM "{table}"'):
            for value in row:
                if isinstance(value, bytes):
                    value = value.decode("utf-8", "replace")
                if isinstance(value, str):
                    yield table, value


def one(connection: sqlite3.Connection, statement: str, *values: object) -> object:
    return connection.execute(statement, values).fetchone()[0]


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_same_seed_and_size_give_the_same_rows(system, folder, tmp_path):
    generate(tmp_path, people=300)
    assert dump(tmp_path, system) == dump(folder, system)


def test_another_seed_gives_other_people_but_the_same_cast(folder, tmp_path):
    generate(tmp_path, people=40, seed=7)
    with (
        closing(sqlite3.connect(tmp_path / "billing.sqlite3")) as other,
        closing(sqlite3.connect(folder / "billing.sqlite3")) as usual,
    ):
        known = "SELECT id, email, first_name, address_1 FROM client WHERE id <= 1008 ORDER BY id"
        others = "SELECT email FROM client WHERE id > 1008 ORDER BY id LIMIT 10"
        assert other.execute(known).fetchall() == usual.execute(known).fetchall()
        assert other.execute(others).fetchall() != usual.execute(others).fetchall()


def test_a_file_that_is_there_stays_unless_it_is_to_be_replaced(tmp_path):
    generate(tmp_path, people=10)
    billing = tmp_path / "billing.sqlite3"
    with closing(sqlite3.connect(billing)) as connection, connection:
        connection.execute("DELETE FROM invoice")
    (tmp_path / "newsletter.sqlite3").unlink()
    generate(tmp_path, people=10)
    with closing(sqlite3.connect(billing)) as connection:
        assert one(connection, "SELECT count(*) FROM invoice") == 0
    assert (tmp_path / "newsletter.sqlite3").exists(), "what was missing is made"
    generate(tmp_path, people=10, replace=True)
    with closing(sqlite3.connect(billing)) as connection:
        assert one(connection, "SELECT count(*) FROM invoice") > 0


def test_a_run_killed_half_way_leaves_no_half_file_and_the_next_one_finishes(tmp_path):
    code = (
        "import sys, pathlib; from kept.site.demo import generate; generate(pathlib.Path(sys.argv[1]), people=200_000)"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)])
    end = time.monotonic() + 150
    while not any(part.stat().st_size > 100_000 for part in tmp_path.glob(".billing-*.part")):
        assert process.poll() is None, "the generator ended before it could be killed"
        assert time.monotonic() < end, "the generator never began to write"
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not list(tmp_path.glob("*.sqlite3"))
    generate(tmp_path, people=10)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [f"{name}.sqlite3" for name in SYSTEMS]


def test_a_part_that_somebody_still_writes_is_not_cleared_away(tmp_path):
    part = tmp_path / ".billing-busy.part"
    with part.open("wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        generate(tmp_path, people=10)
        assert part.exists()
    generate(tmp_path, people=10, replace=True)
    assert not part.exists()


def test_fewer_people_than_the_cast_is_said_to_be_too_few(tmp_path):
    with pytest.raises(ValueError, match="at least its 10 known people"):
        generate(tmp_path, people=9)
    assert not list(tmp_path.iterdir())


def test_files_are_readable_by_their_owner_only(folder):
    assert {entry.stat().st_mode & 0o777 for entry in folder.iterdir()} == {0o600}


def test_addresses_and_networks_are_those_set_aside_for_examples(systems):
    hosts, networks = set(), set()
    for connection in systems.values():
        for _, text in every_text(connection):
            hosts |= {host.lower().rstrip(".") for host in re.findall(r"[\w.+-]+@([\w-]+(?:\.[\w-]+)+)", text)}
            hosts |= {host.lower() for host in re.findall(r"https?://([\w.-]+\w)", text)}
            networks |= set(re.findall(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])", text))
            networks |= set(re.findall(r"\b2[0-9a-f]{3}:[0-9a-f:]+[0-9a-f]\b", text))
    assert hosts
    assert networks
    assert not [host for host in hosts if not re.fullmatch(r"(.+\.)?example(\.(com|org|net))?", host)]
    documentation = [
        ipaddress.ip_network(net) for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
    ]
    assert not [ip for ip in networks if not any(ipaddress.ip_address(ip) in net for net in documentation)]


def test_telephone_numbers_come_from_the_ranges_of_fiction(systems):
    fiction = {
        "US": r"212555(01\d\d)",
        "GB": r"20 7946 0\d{3}",
        "DE": r"\(0\)30 23125-\d{3}",
        "FR": r"1 99 00 \d\d 07",
    }
    rows = systems["billing"].execute("SELECT country, phone FROM client").fetchall()
    assert {country for country, _ in rows} == set(fiction)
    assert not [(country, phone) for country, phone in rows if not re.fullmatch(fiction[country], phone)]


def test_there_are_ten_known_people_and_each_says_what_they_show():
    assert len(CAST) == 10
    assert len({known.person.email.lower() for known in CAST}) == 10
    assert all(known.shows.endswith(".") and known.rows for known in CAST)


@pytest.mark.parametrize("known", CAST, ids=lambda known: known.person.first)
def test_the_known_people_have_the_rows_their_table_says(known, systems):
    numbers = {"billing": known.client, "helpdesk": known.user, "newsletter": known.subscriber}
    counted = {}
    for place in known.rows:
        system, table = place.split(".")
        column = OWN_KEY.get(table, PERSON_COLUMN[system])
        statement = f'SELECT count(*) FROM "{table}" WHERE {column} = ?'
        counted[place] = one(systems[system], statement, numbers[system])
    assert counted == known.rows


def test_the_known_people_stand_where_their_numbers_say_and_nowhere_else(systems):
    for known in CAST:
        desk, reader = known.desk or known.person, known.reader or known.person
        for system, statement, who, number in (
            ("billing", "SELECT group_concat(id) FROM client WHERE email = ?", known.person, known.client),
            ("helpdesk", "SELECT group_concat(user_id) FROM user_email WHERE address = ?", desk, known.user),
            ("newsletter", "SELECT group_concat(id) FROM subscribers WHERE email = ?", reader, known.subscriber),
        ):
            assert one(systems[system], statement, who.email) == (str(number) if number else None), (who.first, system)


def test_alice_has_invoices_that_the_law_keeps_and_two_it_no_longer_keeps(systems):
    years = [
        int(year)
        for (year,) in systems["billing"].execute(
            "SELECT strftime('%Y', issued_at) FROM invoice WHERE client_id = 1001 ORDER BY issued_at"
        )
    ]
    assert years == list(range(2014, 2027))
    assert [year for year in years if year + 10 < 2026] == [2014, 2015]


def test_alices_older_invoices_carry_her_older_address(systems):
    streets = systems["billing"].execute(
        "SELECT DISTINCT buyer_address FROM invoice WHERE client_id = 1001 ORDER BY issued_at"
    )
    assert [street for (street,) in streets] == ["3 Old Mill Lane", "14 Garden Street"]
    assert one(systems["billing"], "SELECT address_1 FROM client WHERE id = 1001") == "14 Garden Street"


def test_sam_quotes_alice_and_names_her_in_bobs_ticket(systems):
    desk = systems["helpdesk"]
    quoting = desk.execute(
        "SELECT body FROM thread_entry WHERE poster = 'Sam Sato' AND body LIKE '%alice@example.com%'"
    )
    bodies = [body for (body,) in quoting]
    assert any(f"{ALICE.name} <{ALICE.email}> wrote:\n> Hello," in body for body in bodies)
    in_bobs = desk.execute(
        "SELECT e.body FROM thread_entry e JOIN thread t ON t.id = e.thread_id JOIN ticket k ON k.id = t.object_id"
        " WHERE k.user_id = 502 AND e.staff_id = 1"
    ).fetchall()
    assert any(ALICE.email in body for (body,) in in_bobs)


def test_bob_is_copied_into_alices_ticket_and_their_logo_is_stored_once(systems):
    desk = systems["helpdesk"]
    assert one(desk, "SELECT count(*) FROM thread_collaborator WHERE user_id = 502") == 1
    assert BOB.email in one(desk, "SELECT recipients FROM thread_entry WHERE user_id = 501 AND recipients IS NOT NULL")
    senders = desk.execute(
        "SELECT DISTINCT e.user_id FROM attachment a JOIN thread_entry e ON e.id = a.object_id"
        " WHERE a.file_id = (SELECT id FROM file WHERE name = 'logo.png') ORDER BY 1"
    ).fetchall()
    assert senders == [(501,), (502,)]


def test_the_help_desk_ties_carols_second_address_to_her_customer_number(systems):
    found = systems["helpdesk"].execute(
        "SELECT u.billing_client_id FROM user u JOIN user_email e ON e.user_id = u.id"
        " WHERE e.address = 'carol.chen@example.org'"
    )
    assert found.fetchall() == [(1003,)]


def test_carol_and_dan_share_an_accountants_address_and_nothing_else(systems):
    sharing = systems["billing"].execute("SELECT id FROM client WHERE billing_email = 'accounts@tally.example'")
    assert sharing.fetchall() == [(1003,), (1004,)]


def test_two_clients_are_called_alice_arden_and_only_two(systems):
    found = systems["billing"].execute("SELECT id FROM client WHERE first_name = 'Alice' AND last_name = 'Arden'")
    assert found.fetchall() == [(1001,), (1005,)]


def test_zoes_name_is_spelled_with_other_signs_in_each_system(systems):
    names = {
        one(systems["billing"], "SELECT first_name || ' ' || last_name FROM client WHERE id = 1006"),
        one(systems["helpdesk"], "SELECT name FROM user WHERE id = 505"),
        one(systems["newsletter"], "SELECT name FROM subscribers WHERE id = 5"),
    }
    assert len(names) == 3
    assert any("\u0308" in name for name in names)
    assert any("\u200d" in name and "\u200f" in name for name in names)


def test_nora_only_reads_and_milo_only_wrote_a_mail(systems):
    for system in ("billing", "helpdesk"):
        assert not [text for _, text in every_text(systems[system]) if NORA.email in text]
    for system in ("billing", "newsletter"):
        assert not [text for _, text in every_text(systems[system]) if MILO.email in text]
    assert one(systems["helpdesk"], "SELECT count(*) FROM user_account WHERE user_id = 506") == 0
    assert MILO.email in one(systems["helpdesk"], "SELECT group_concat(log) FROM syslog")


def test_hugo_is_heavy(systems):
    assert sum(next(known for known in CAST if known.person is HUGO).rows.values()) > 4_000


def test_umas_address_is_spelled_in_three_ways(systems):
    spelled = {
        one(systems["billing"], "SELECT email FROM client WHERE id = 1008"),
        one(systems["helpdesk"], "SELECT address FROM user_email WHERE user_id = 508"),
        one(systems["newsletter"], "SELECT email FROM subscribers WHERE id = 8"),
    }
    assert len(spelled) == 3
    assert len({address.lower() for address in spelled}) == 1


def test_people_overlap_between_the_systems_only_in_part(systems):
    addresses = {
        "billing": "SELECT lower(email) FROM client",
        "helpdesk": "SELECT lower(address) FROM user_email",
        "newsletter": "SELECT lower(email) FROM subscribers",
    }
    found = {name: {row[0] for row in systems[name].execute(sql)} for name, sql in addresses.items()}
    everywhere = found["billing"] & found["helpdesk"] & found["newsletter"]
    assert len(everywhere) > 20
    for name in SYSTEMS:
        elsewhere = set().union(*(found[other] for other in SYSTEMS if other != name))
        assert found[name] - elsewhere, f"somebody is only in {name}"


def test_numbers_of_the_three_systems_do_not_agree_by_chance(systems):
    clients = {row[0] for row in systems["billing"].execute("SELECT id FROM client")}
    staff = {row[0] for row in systems["helpdesk"].execute("SELECT id FROM staff")}
    users = {row[0] for row in systems["helpdesk"].execute("SELECT id FROM user")}
    assert not clients & users
    assert not staff & users


def test_billing_declares_no_relation_and_the_newsletter_does(systems):
    def relations(connection: sqlite3.Connection) -> int:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return sum(len(connection.execute(f'PRAGMA foreign_key_list("{table}")').fetchall()) for (table,) in tables)

    assert relations(systems["billing"]) == 0 == relations(systems["helpdesk"])
    assert relations(systems["newsletter"]) >= 8
    assert systems["newsletter"].execute("PRAGMA foreign_key_check").fetchall() == []


def test_memory_does_not_grow_with_the_number_of_people(tmp_path):
    code = (
        "import pathlib, resource, sys; from kept.site.demo import generate;"
        "generate(pathlib.Path(sys.argv[1]), people=int(sys.argv[2]), replace=True);"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    used = {}
    for people in (1_500, 6_000):
        ran = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path), str(people)],
            capture_output=True, text=True, check=True, env={**os.environ, "PYTHONHASHSEED": "0"},
        )  # fmt: skip
        used[people] = int(ran.stdout) // 1024
    written = sum(entry.stat().st_size for entry in tmp_path.iterdir()) // 2**20
    assert written > 50, "too little was written to tell"
    assert used[6_000] - used[1_500] < 25, f"MiB: {used}"
