"""The demo's three systems under their packs: each known person is found, goes, and leaves everybody else alone."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from packs_at_work import ON, erased, widened

from kept.connectors.sql.connector import SqlConnector
from kept.engine import packs
from kept.site.demo import SYSTEMS, generate
from kept.site.demo.cast import CAST


@pytest.fixture
def company(tmp_path: Path) -> Iterator[dict[str, SqlConnector]]:
    """The demo's three systems, connected."""
    made = generate(tmp_path, people=10)
    connectors = {
        name: SqlConnector(f"demo-{name}", f"sqlite:///{made[name]}", packs.load(f"demo-{name}")) for name in SYSTEMS
    }
    yield connectors
    for connector in connectors.values():
        connector.close()


def texts_of(folder: Path, word: str) -> list[str]:
    """Where a word stands in any cell of any table of any system."""
    found = []
    for name in SYSTEMS:
        with closing(sqlite3.connect(folder / f"{name}.sqlite3")) as connection:
            connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
            for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                cursor = connection.execute(f'SELECT * FROM "{table}"')
                for row in cursor:
                    for cell, column in zip(row, cursor.description, strict=True):
                        text = cell.decode("utf-8", "replace") if isinstance(cell, bytes) else str(cell)
                        if word.lower() in text.lower():
                            found.append(f"{name}.{table}.{column[0]}")
    return found


def test_the_demo_finds_each_known_person_and_nobody_else(company):
    """By any of their addresses, in whatever case: the same numbers everywhere."""
    for known in CAST:
        for who in filter(None, (known.person, known.desk, known.reader)):
            subject = widened(list(company.values()), who.email)
            accounts = {(one.scope, one.value) for one in subject.identifiers if one.kind == "account"}
            expected = {("demo-billing", str(known.client))} if known.client else set()
            expected |= {("demo-helpdesk", str(known.user))} if known.user else set()
            assert accounts == expected, known.person.first


def test_carols_newsletter_is_found_although_she_gives_her_other_address(company):
    subject = widened(list(company.values()), "carol@example.com")
    tables = {row.rule.name for row in company["newsletter"].rows([subject])}
    assert "subscribers" in tables
    assert widened([company["newsletter"]], "carol@example.com").identifiers != subject.identifiers


def test_alice_goes_from_all_three_systems_but_for_what_the_law_keeps(company, tmp_path):
    subject = widened(list(company.values()), "alice@example.com")
    for connector in company.values():
        erased(connector, subject)
    left = set(texts_of(tmp_path, "alice@example.com"))
    # Invoices of the last ten years, and Sam's words in Bob's ticket, which the second look is for.
    assert left == {
        "billing.invoice.buyer_email",
        "billing.payment.ipn",
        "helpdesk.thread_entry.body",
        "helpdesk.search_index.content",
    }
    # Her street stays on those invoices, and nowhere else: not where Sam quotes her either.
    assert set(texts_of(tmp_path, "14 Garden Street")) == {"billing.invoice.buyer_address"}
    assert texts_of(tmp_path, "14 Garden Street").count("billing.invoice.buyer_address") == 8
    assert texts_of(tmp_path, "3 Old Mill Lane") == ["billing.invoice.buyer_address"] * 3
    assert texts_of(tmp_path, "SPECIMEN-0000001") == []
    assert texts_of(tmp_path, "bob@example.com"), "Bob is still there"


def test_the_second_look_finds_alice_in_bobs_ticket_and_leaves_only_what_the_law_keeps(company, tmp_path):
    subject = widened(list(company.values()), "alice@example.com")
    for connector in company.values():
        erased(connector, subject)
        for residue in connector.look(connector.plan(ON), [subject]):
            assert {remain.why for remain in residue.remains} <= {"law"}, connector.name
    assert set(texts_of(tmp_path, "alice@example.com")) == {"billing.invoice.buyer_email", "billing.payment.ipn"}
    with closing(sqlite3.connect(tmp_path / "helpdesk.sqlite3")) as desk:
        bodies = [
            body for (body,) in desk.execute("SELECT body FROM thread_entry WHERE body LIKE 'We do the same as%'")
        ]
    assert len(bodies) == 1
    assert bodies[0].endswith("last year. Sam"), "Sam's words stay, without her"


@pytest.mark.parametrize("said", ["+49 30 23125-101", "web0000001", "arden-flowers.example", "14 Garden Street"])
def test_what_only_her_rows_say_of_alice_goes_out_of_other_peoples_texts_too(company, tmp_path, said):
    """Her number stands in two columns, her domain and user name in no record of a person."""
    assert any(place.startswith("helpdesk.") for place in texts_of(tmp_path, said))
    subject = widened(list(company.values()), "alice@example.com")
    for connector in company.values():
        erased(connector, subject)
        connector.look(connector.plan(ON), [subject])
    assert set(texts_of(tmp_path, said)) <= {"billing.invoice.buyer_address", "billing.invoice_item.title"}


def test_the_second_look_finds_milo_in_a_log_that_no_key_ties_to_him(company, tmp_path):
    desk = company["helpdesk"]
    subject = widened([desk], "milo@example.org")
    erased(desk, subject)
    assert texts_of(tmp_path, "milo@example.org") == ["helpdesk.syslog.log"]
    residues = list(desk.look(desk.plan(ON), [subject]))
    assert [residue.remains for residue in residues] == [()]
    assert texts_of(tmp_path, "milo@example.org") == []


def test_what_bob_holds_does_not_change_when_alice_is_erased(company, tmp_path):
    before = [
        row.values
        for name in SYSTEMS
        for row in company[name].rows([widened(list(company.values()), "bob@example.com")])
    ]
    subject = widened(list(company.values()), "alice@example.com")
    for connector in company.values():
        erased(connector, subject)
    after = [
        row.values
        for name in SYSTEMS
        for row in company[name].rows([widened(list(company.values()), "bob@example.com")])
    ]
    assert len(after) == len(before)
    changed = {column for old, new in zip(before, after, strict=True) for column in old if old[column] != new[column]}
    assert changed <= {"body", "content", "recipients", "headers"}, "only her identifiers in his words"


def test_a_reader_leaves_the_newsletter_and_the_counts_stay(company, tmp_path):
    copy = tmp_path / "before.sqlite3"
    shutil.copy(tmp_path / "newsletter.sqlite3", copy)
    erased(company["newsletter"], widened([company["newsletter"]], "nora@example.net"))
    with closing(sqlite3.connect(copy)) as old, closing(sqlite3.connect(tmp_path / "newsletter.sqlite3")) as new:
        for statement, gone in (
            ("SELECT count(*) FROM subscribers", 1),
            ("SELECT count(*) FROM subscriber_lists", 1),
            ("SELECT count(*) FROM bounces", 1),
            ("SELECT count(*) FROM campaign_views", 0),
            ("SELECT count(*) FROM campaign_views WHERE subscriber_id IS NOT NULL", 3),
        ):
            assert old.execute(statement).fetchone()[0] - new.execute(statement).fetchone()[0] == gone, statement
        assert new.execute("PRAGMA foreign_key_check").fetchall() == []
    assert texts_of(tmp_path, "nora@example.net") == []


def test_answers_in_forms_are_told_with_their_questions(company):
    helpdesk = company["helpdesk"]
    alice = widened([helpdesk], "alice@example.com")
    told = {row.values["field_id"]: row.values["value"] for row in helpdesk.rows([alice], ["form_entry_values"])}
    assert told["Preferred time for a call"] == "after 15:00"


def kept(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kept", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def test_an_account_of_a_system_that_is_not_there_is_refused(company, tmp_path):
    system = f"sqlite:///{tmp_path / 'billing.sqlite3'}=demo-billing"
    told = kept("answer", "erasure", "--system", system, "--id", "account:biling:1001", "--out", str(tmp_path), "--yes")
    assert told.returncode == 2
    assert "no system is called 'biling' here: demo-billing" in told.stderr


def test_an_erasure_of_somebody_nobody_knows_says_so(company, tmp_path):
    system = f"sqlite:///{tmp_path / 'billing.sqlite3'}=demo-billing"
    told = kept(
        "answer", "erasure", "--system", system, "--email", "allice@example.com", "--out", str(tmp_path), "--yes"
    )
    assert told.returncode == 0, told.stderr
    assert "Nobody was found with these identifiers. Are they right?" in told.stdout
    [report] = tmp_path.glob("erasure-*.zip")
    with zipfile.ZipFile(report) as archive:
        [system] = json.loads(archive.read("report.json"))["systems"]
    assert system["verified"].endswith("and found nothing about you.")


def test_the_plan_says_what_still_runs_for_her(company, tmp_path):
    subject = widened(list(company.values()), "alice@example.com")
    held = {one.table: one for one in company["billing"].count([subject], ON)[0]}
    assert 0 < held["client_order"].live <= held["client_order"].own
    assert held["client"].live == 0
    system = f"sqlite:///{tmp_path / 'billing.sqlite3'}=demo-billing"
    words = ("--email", "alice@example.com", "--out", str(tmp_path), "--dry-run")
    told = kept("answer", "erasure", "--system", system, *words).stdout
    assert f"! client_order: {held['client_order'].live} running orders" in told


def test_a_correction_reaches_every_system_of_the_company(company, tmp_path):
    systems = [word for name in SYSTEMS for word in ("--system", f"sqlite:///{tmp_path / name}.sqlite3=demo-{name}")]
    words = ("answer", "rectification", *systems, "--email", "alice@example.com", "--out", str(tmp_path / "answers"))
    before = {path.name: path.read_bytes() for path in tmp_path.glob("*.sqlite3")}
    dry = kept(*words, "--set", "last_name=Ardent", "--dry-run")
    assert dry.returncode == 0, dry.stderr
    assert "~ client.last_name: 'Arden' becomes 'Ardent' in 1 row" in dry.stdout
    assert "~ subscribers.name: 'Alice Arden' becomes 'Alice Ardent' in 1 row" in dry.stdout
    assert "Commercial Code" in dry.stdout
    assert {path.name: path.read_bytes() for path in tmp_path.glob("*.sqlite3")} == before

    done = kept(*words, "--set", "last_name=Ardent", "--yes")
    assert done.returncode in (0, 3), done.stderr
    right = ["billing.client.last_name", "helpdesk.user.name", "newsletter.subscribers.name"]
    assert all(place in texts_of(tmp_path, "Ardent") for place in right)
    with closing(sqlite3.connect(tmp_path / "billing.sqlite3")) as billing:
        hers = billing.execute("SELECT first_name, last_name FROM client WHERE email = 'alice@example.com'").fetchall()
        others = billing.execute("SELECT count(*) FROM client WHERE last_name = 'Ardent'").fetchone()[0]
    assert hers == [("Alice", "Ardent")]
    assert others == 1
    assert "billing.invoice.buyer_last_name" in texts_of(tmp_path, "Arden")
    assert "billing.invoice.buyer_last_name" not in texts_of(tmp_path, "Ardent")
    [report] = (tmp_path / "answers").glob("rectification-*.zip")
    with zipfile.ZipFile(report) as archive:
        told = json.loads(archive.read("report.json"))
    assert any(row["was"] == "Arden" and row["now"] == "Ardent" for one in told["systems"] for row in one["changed"])
    assert "The registry of the domain" in [one["name"] for one in told["recipients"]]
    assert not (tmp_path / "answers" / "unfinished-corrections.json").exists()
    assert "Arden" not in (tmp_path / "answers" / "journal.jsonl").read_text()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--set", "nickname=Al"), "write DETAIL=VALUE"),
        (("--set", "birth_date=tomorrow"), "write it as year-month-day"),
        (("--was", "city=Berlin", "--set", "street=New 1"), "say by --set what is right"),
    ],
)
def test_a_correction_that_makes_no_sense_is_refused(company, tmp_path, words, says):
    system = f"sqlite:///{tmp_path / 'billing.sqlite3'}=demo-billing"
    told = kept("answer", "rectification", "--system", system, "--email", "alice@example.com", "--out", "x", *words)
    assert told.returncode == 2
    assert says in told.stderr
