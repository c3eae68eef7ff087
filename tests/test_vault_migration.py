"""A store from before the vault is sealed whole, also when it is killed again and again in the middle."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from uuid import uuid4

import pytest

from kept.vault.migrating import BATCH

KILLS = int(os.environ.get("KEPT_TEST_KILLS", "6"))
MAILS = 3 * BATCH + 7
CASES = BATCH + 7
AT = "2026-01-05 09:00:00"

READ = """
import django; django.setup()
import json, sys
from kept.people.models import Person
from kept.post.models import Message
from kept.rights.models import Case, CaseIdentifier
from kept.vault.fields import open_all
from kept.vault.models import Key
def told(rows):
    rows = list(rows)
    open_all(rows)
    return rows
print(json.dumps({
    "mails": sorted([m.to, m.subject, m.text, m.html, m.key is None] for m in told(Message.objects.all())),
    "cases": sorted([c.name, c.email, c.key is None, c.person_id is None] for c in told(Case.objects.all())),
    "identifiers": sorted([i.kind, i.value, i.key == i.case.key] for i in told(CaseIdentifier.objects.all())),
    "found": Message.objects.filter(to="PERSON3@example.com").count(),
    "keys": Key.objects.count(),
    "persons": Person.objects.count(),
}))
"""


class OldStore:
    """A store as it was before anything was sealed: SQLite, or a PostgreSQL database of its own."""

    def __init__(self, folder, url):
        self.folder = folder
        folder.mkdir(mode=0o700)
        known = {name: value for name, value in os.environ.items() if not name.startswith("KEPT_")}
        self.env = known | {"KEPT_DATA": str(folder), "KEPT_TESTING": "1", "KEPT_LOG_LEVEL": "ERROR"}
        self.env |= {"DJANGO_SETTINGS_MODULE": "kept.site.settings"}
        if url:
            self.env["KEPT_DATABASE_URL"] = url
        self.url = url

    def migrate(self, *words, wait=True):
        command = [sys.executable, "-m", "kept", "migrate", *words, "--verbosity=0"]
        running = subprocess.Popen(command, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if wait:
            said, _ = running.communicate(timeout=120)
            assert running.returncode == 0, said
        return running

    def run(self, statements):
        if self.url:
            import psycopg

            with psycopg.connect(self.url) as connection, connection.cursor() as cursor:
                for statement, rows in statements:
                    cursor.executemany(statement.replace("?", "%s"), rows)
            return
        with closing(sqlite3.connect(self.folder / "kept.sqlite3")) as connection, connection:
            for statement, rows in statements:
                connection.executemany(statement, rows)

    def read(self):
        import json

        done = subprocess.run(
            [sys.executable, "-c", READ], env=self.env, capture_output=True, text=True, timeout=150, check=False
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def raw(self):
        """All that the files of the store hold."""
        return b"".join(path.read_bytes() for path in self.folder.glob("kept.sqlite3*"))


def uid(store):
    one = uuid4()
    return str(one) if store.url else one.hex


def fill(store):
    mails = [
        (
            uid(store),
            f"person{n % 50}@example.com",
            f"Subject {n}",
            f"Words for person {n}",
            "<p>Words</p>" if n % 3 else "",
        )
        for n in range(MAILS)
    ]
    forgotten = [(uid(store), "erased@erased.invalid", "Subject", "", "") for _ in range(3)]
    cases, identifiers = [], []
    for n in range(CASES):
        ended = n % 5 == 0
        case = uid(store)
        name, email = ("", "") if ended else (f"Person {n}", f"Person{n}@Example.com")
        state = "closed" if ended else "review"
        cases.append((case, f"HC-2026-{n:05}", state, name, email, f"t{n}"))
        if not ended:
            identifiers += [(case, "email", f"person{n}@example.com"), (case, "customer_number", f"C-{n}")]
    json = "'{}'"
    store.run(
        [
            (
                'INSERT INTO post_message (id, "to", subject, text, html, state, written_at)'
                f" VALUES (?, ?, ?, ?, ?, 'kept', '{AT}')",
                [*mails, *forgotten],
            ),
            (
                'INSERT INTO rights_case (id, reference, "right", state, channel, name, email, received_at, due_on,'
                " clock, token_hash, code_hash, code_attempts, codes_sent, approved_by, confirmed_by, outcome, problem)"
                f" VALUES (?, ?, 'access', ?, 'web', ?, ?, '{AT}', '2026-02-05',"
                f" {json}, ?, '', 0, 0, '', '', {json}, '')",
                cases,
            ),
            (
                "INSERT INTO rights_caseidentifier (case_id, kind, value, scope, origin, standing, not_in, found_at)"
                f" VALUES (?, ?, ?, '', 'given', 'used', '[]', '{AT}')",
                identifiers,
            ),
        ]
    )


def expected():
    mails = [
        [f"person{n % 50}@example.com", f"Subject {n}", f"Words for person {n}", "<p>Words</p>" if n % 3 else "", False]
        for n in range(MAILS)
    ]
    live = [n for n in range(CASES) if n % 5]
    cases = [[f"Person {n}", f"Person{n}@Example.com", False, False] for n in live]
    cases += [["", "", True, True]] * (CASES - len(live))
    identifiers = [["email", f"person{n}@example.com", True] for n in live]
    identifiers += [["customer_number", f"C-{n}", True] for n in live]
    persons = len({f"person{n % 50}" for n in range(MAILS)} | {f"person{n}" for n in live})
    return {
        "cases": sorted(cases), "identifiers": sorted(identifiers), "persons": persons, "keys": persons + len(live),
        "found": len([n for n in range(MAILS) if n % 50 == 3]), "mails": sorted(mails),
    }  # fmt: skip


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def old(request, tmp_path):
    url = request.getfixturevalue("postgresql_url") if request.param == "postgresql" else ""
    store = OldStore(tmp_path / "data", url)
    store.migrate("rights", "0001")
    store.migrate("people", "0002")
    store.migrate("post", "0001")
    fill(store)
    return store


@pytest.mark.xdist_group("killed")
def test_what_was_in_clear_is_sealed_also_when_it_is_killed_again_and_again(old):
    chance, killed = random.Random(), 0
    if not old.url:
        assert b"Words for person 5" in old.raw()
    for _ in range(KILLS):
        running = old.migrate(wait=False)
        time.sleep(chance.uniform(0.6, 2.0))
        killed += running.poll() is None
        running.send_signal(signal.SIGKILL)
        running.communicate()
    old.migrate()
    found = old.read()
    known = expected()
    forgotten = [mail for mail in found["mails"] if mail[0] == ""]
    assert [mail for mail in found["mails"] if mail[0]] == known["mails"]
    assert len(forgotten) == 3
    for what in ("cases", "identifiers", "persons", "found"):
        assert found[what] == known[what], what
    assert killed == 0 or found["keys"] >= known["keys"]
    if not old.url:
        for word in (b"Words for person", b"person5@example.com", b"Person 6", b"C-7", b"Subject 8"):
            assert word not in old.raw()


BREACHES = """
import django; django.setup()
import json
from kept.security.models import Breach, Notice
print(json.dumps({
    "breaches": sorted([b.title, b.happened, b.consequences, b.measures, b.late_because] for b in Breach.objects.all()),
    "notices": sorted([n.text, n.receipt, n.key == n.breach.key] for n in Notice.objects.all()),
}))
"""


def test_the_breach_register_of_before_is_sealed(old):
    import json

    old.migrate("security", "0003")
    made = [uid(old) for _ in range(3)]
    empty = "" if old.url else "0"
    yes_no = "false" if old.url else empty
    old.run(
        [
            (
                "INSERT INTO security_breach (id, reference, title, happened, confidentiality, integrity, availability,"
                " aware_at, systems, counted, counts, intelligible, risk, high_risk, singapore, harm, internal,"
                " consequences, measures, late_because, reported_by, reported_at) VALUES (?, ?, ?, 'Alice called us.',"
                f" {yes_no}, {yes_no}, {yes_no}, '{AT}', '[]', 'not', '[]', 'unknown', 'unknown', 'unknown', {yes_no},"
                f" 'unknown', {yes_no}, '', 'Locks', '', 'support:x', '{AT}')",
                [(one, f"BR-2026-{n:04}", f"Lost laptop {n}") for n, one in enumerate(made)],
            ),
            (
                'INSERT INTO security_notice (breach_id, "to", sent_at, text, receipt, by)'
                f" VALUES (?, 'people', '{AT}', 'Dear Alice', ?, 'kept')",
                [(made[0], ""), (made[0], "DPA-77"), (made[1], "")],
            ),
        ]
    )
    old.migrate()
    done = subprocess.run(
        [sys.executable, "-c", BREACHES], env=old.env, capture_output=True, text=True, timeout=150, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "breaches": [[f"Lost laptop {n}", "Alice called us.", "", "Locks", ""] for n in range(3)],
        "notices": [["Dear Alice", "", True], ["Dear Alice", "", True], ["Dear Alice", "DPA-77", True]],
    }
    if not old.url:
        assert b"Lost laptop" not in old.raw()
        assert b"Dear Alice" not in old.raw()
