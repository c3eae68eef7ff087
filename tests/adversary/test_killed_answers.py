"""`kept answer erasure` as a process of its own, killed where it hurts: each database has all or nothing, and running
it again finishes, although the first system has forgotten by then who the person is in the others."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from ground import MAIL, Dump, Place, pack, place_on, table

from kept.cli import main as kept_main

pytestmark = [pytest.mark.postgresql, pytest.mark.mariadb, pytest.mark.xdist_group("killed_answers")]
PEOPLE = range(1, 9)
ROWS = 400
BY_NUMBER = '{ column = "customer_id", is = "account", of = "crm" }'
CRM = pack(
    table(
        "customer",
        f'{{ column = "id", is = "account" }}, {MAIL}, {{ column = "second", is = "email" }}',
        'id = "key"\nemail = { do = "erase", is = "email" }\nsecond = { do = "erase", is = "email" }',
        "person = true",
    ),
    table("call", '{ column = "customer_id", to = "customer.id" }', 'id = "key"\ncustomer_id = "key"\nbody = "erase"'),
    name="crm",
)
SHOP = pack(
    table("orders", BY_NUMBER, 'id = "key"\ncustomer_id = "key"\nbody = "erase"'),
    table("basket", BY_NUMBER, 'id = "key"\ncustomer_id = "key"\nbody = "erase"', 'rows = "delete"'),
    name="shop",
)
DESK = pack(
    table("ticket", BY_NUMBER, 'id = "key"\ncustomer_id = "key"\nbody = "erase"'),
    table("page", "", 'id = "key"\nbody = "redact"'),
    name="desk",
)


class Company:
    """Three systems of one company. Only the first knows anybody's address."""

    def __init__(self, folder: Path, shop: Place, desk: Place) -> None:
        self.file, self.shop, self.desk = folder / "crm.sqlite3", shop, desk
        self.systems = []
        for name, url, text in (
            ("crm", f"sqlite:///{self.file}", CRM),
            ("shop", shop.url, SHOP),
            ("desk", desk.url, DESK),
        ):
            (folder / f"{name}.toml").write_text(text)
            (folder / f"{name}.url").write_text(url)
            self.systems += ["--system", f"file:{folder / name}.url={folder / name}.toml"]
        rows = [(n * 10_000 + k, n, f"zq{n:02}{word}-{k}") for n in PEOPLE for word in "x" for k in range(ROWS)]
        with closing(sqlite3.connect(self.file)) as crm:
            crm.execute("CREATE TABLE customer (id INTEGER PRIMARY KEY, email TEXT, second TEXT)")
            crm.execute("CREATE TABLE call (id INTEGER PRIMARY KEY, customer_id INTEGER, body TEXT)")
            crm.executemany(
                "INSERT INTO customer VALUES (?, ?, ?)",
                [(n, f"p{n}@example.com", f"zq{n:02}second@example.org") for n in PEOPLE],
            )
            crm.executemany("INSERT INTO call VALUES (?, ?, ?)", rows)
            crm.commit()
        for place, tables in ((shop, ("orders", "basket")), (desk, ("ticket",))):
            for name in tables:
                place.run(f"CREATE TABLE {name} (id int PRIMARY KEY, customer_id int, body varchar(80))")
                place.plant(name, *({"id": key, "customer_id": n, "body": body} for key, n, body in rows))
        desk.run("CREATE TABLE page (id int PRIMARY KEY, body varchar(200))")
        desk.plant("page", *({"id": n, "body": f"seen: zq{n:02}second@example.org, staff"} for n in PEOPLE))

    def dumps(self) -> dict[str, Dump]:
        with closing(sqlite3.connect(self.file)) as crm:
            lines = Counter(line.encode() for line in crm.iterdump())
        return {"crm": Dump({"crm": lines}), "shop": self.shop.dump(), "desk": self.desk.dump()}

    def left(self, n: int) -> dict[str, dict[str, int]]:
        """How many rows of each table still speak of one person."""
        return {name: dump.holding(f"zq{n:02}", f"p{n}@example.com") for name, dump in self.dumps().items()}

    def erasure(self, n: int, out: Path) -> subprocess.Popen[bytes]:
        words = ["answer", "erasure", *self.systems, "--email", f"p{n}@example.com", "--out", str(out), "--yes"]
        return subprocess.Popen(
            [sys.executable, "-m", "kept", *words],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env={name: value for name, value in os.environ.items() if not name.startswith("KEPT_")},
        )  # fmt: skip


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    (shop, postgresql), (desk, mariadb) = place_on("postgresql"), place_on("mariadb")
    yield Company(tmp_path_factory.mktemp("company"), shop, desk)
    postgresql.drop_database(shop.url)
    mariadb.drop_database(desk.url)


def finish(company, n, out):
    process = company.erasure(n, out)
    told = process.communicate(timeout=60)[0].decode()
    assert process.returncode == 0, told
    return told


WHOLE = {
    "crm": [{"crm": ROWS + 1}, {}],
    "shop": [{"orders": ROWS, "basket": ROWS}, {}],
    "desk": [{"ticket": ROWS, "page": 1}, {"page": 1}, {}],  # somebody else's text loses her in the second look
}


@pytest.mark.parametrize("n", PEOPLE[1:7])
def test_a_killed_erasure_has_changed_all_or_nothing_and_finishes_when_run_again(company, tmp_path, n):
    """Killed after the n-th line of its journal, and a little later."""
    before = company.dumps()
    process = company.erasure(n, tmp_path)
    journal = tmp_path / "journal.jsonl"
    while process.poll() is None and (not journal.exists() or journal.read_bytes().count(b"\n") < n - 1):
        time.sleep(0.001)
    time.sleep(random.Random(n).uniform(0, 0.03))
    process.send_signal(signal.SIGKILL)
    process.communicate()
    quiet(company)
    for name, left in company.left(n).items():
        assert left in WHOLE[name], (name, left)
    finish(company, n, tmp_path)
    assert company.left(n) == {"crm": {}, "shop": {}, "desk": {}}
    others = {name: dump.without(f"zq{n:02}", f"p{n}@example.com") for name, dump in before.items()}
    for name, dump in company.dumps().items():
        gone = others[name] - dump.rows()
        assert not gone, (name, gone)
    kept = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert not [file for file in kept if f"p{n}@example.com".encode() in file.read_bytes()], "the work is done"


def quiet(company):
    """Until the servers have noticed that nobody is there any more."""
    end = time.monotonic() + 20
    theirs = "datname = current_database() AND application_name = 'kept'"
    for place, query in (
        (company.shop, f"SELECT count(*) FROM pg_stat_activity WHERE {theirs}"),
        (company.desk, "SELECT count(*) - 1 FROM information_schema.processlist WHERE db = database()"),
    ):  # fmt: skip
        while place.one(query):
            assert time.monotonic() < end
            time.sleep(0.02)


def test_a_system_that_was_away_is_finished_when_it_is_back(company, tmp_path):
    n = PEOPLE[0]
    urls = {name: company.file.parent / f"{name}.url" for name in ("shop", "desk")}
    real = {name: file.read_text() for name, file in urls.items()}
    with company.shop.open(autocommit=False) as busy:  # there for the plan, and away for the change
        busy.execute(f"UPDATE orders SET body = body WHERE customer_id = {n}")
        process = company.erasure(n, tmp_path)
        while not (found := company.shop.all(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )):  # fmt: skip
            assert process.poll() is None
        company.shop.run(f"SELECT pg_terminate_backend({found[0][0]})")
        told = process.communicate(timeout=60)[0].decode()
        busy.rollback()
    assert process.returncode == 1, told
    assert "not done" in told
    left = company.left(n)
    assert (left["crm"], left["shop"]) == ({}, {"orders": ROWS, "basket": ROWS})
    assert {name: file.read_text() for name, file in urls.items()} == real
    assert "done" in finish(company, n, tmp_path)
    assert company.left(n) == {"crm": {}, "shop": {}, "desk": {}}


def test_a_finished_erasure_can_be_run_again_and_changes_nothing(company, tmp_path):
    n = PEOPLE[-1]
    finish(company, n, tmp_path)
    before = company.dumps()
    finish(company, n, tmp_path)
    finish(company, n, tmp_path / "elsewhere")
    assert company.dumps() == before


def test_two_systems_of_one_product_do_not_mix_up_their_numbers(tmp_path):
    """Customer 1 of one is Alice, and of the other Bob."""
    rules = table(
        "customer",
        f'{{ column = "id", is = "account" }}, {MAIL}',
        'id = "key"\nemail = { do = "erase", is = "email" }\nnote = "erase"',
        "person = true",
    )
    (tmp_path / "shop.toml").write_text(pack(rules))
    words = []
    for name, mail in (("one", "alice@example.com"), ("two", "bob@example.com")):
        with closing(sqlite3.connect(tmp_path / f"{name}.sqlite3")) as database:
            database.execute("CREATE TABLE customer (id INTEGER PRIMARY KEY, email TEXT, note TEXT)")
            database.execute("INSERT INTO customer VALUES (1, ?, 'note')", [mail])
            database.commit()
        words += ["--system", f"sqlite:///{tmp_path / name}.sqlite3={tmp_path / 'shop.toml'}"]
    words += ["--email", "alice@example.com", "--out", str(tmp_path / "out"), "--yes"]
    assert kept_main(["answer", "erasure", *words]) == 0
    left = []
    for name in ("one", "two"):
        with closing(sqlite3.connect(tmp_path / f"{name}.sqlite3")) as database:
            left += database.execute("SELECT email, note FROM customer").fetchall()
    assert left == [(None, None), ("bob@example.com", "note")]
