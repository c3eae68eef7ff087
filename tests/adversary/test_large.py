"""A person with a hundred thousand rows: found, changed and looked at in sets, with memory that does not grow along."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import zipfile

from ground import ACCOUNT, ERASED_MAIL, MAIL, pack, table

HERS, HIS = "alice@example.com", "bob@example.com"
ROWS = 100_000
SECONDS = 60  # each, on two cores that others use as well
MEMORY = 200_000  # KiB; Python with the engine alone takes about 90,000
TO_CUSTOMER = '{ column = "customer_id", to = "customer.id" }'
TEXT = pack(
    table("customer", f"{ACCOUNT}, {MAIL}", f'id = "key"\n{ERASED_MAIL}', "person = true"),
    table("event", TO_CUSTOMER, 'id = "key"\ncustomer_id = "key"\nip = { do = "erase", is = "ip" }\nbody = "redact"'),
    table("visit", TO_CUSTOMER, 'id = "key"\ncustomer_id = "key"\nbody = "erase"', 'rows = "delete"'),
)


# What the system counts for an ended child includes the memory of the parent that it was forked from: it tells itself.
MEASURED = """
import sys
from kept.__main__ import main
code = main()
[most] = [line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM:")]
print("most memory", most, file=sys.stderr)
sys.exit(code)
"""


def run(*words: str) -> tuple[int, int, float]:
    """Exit code, most memory in KiB, seconds."""
    began = time.monotonic()
    command = [sys.executable, "-c", MEASURED, *words]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert "most memory " in done.stderr, done.stderr
    return done.returncode, int(done.stderr.split()[-1]), time.monotonic() - began


def test_a_person_with_a_hundred_thousand_rows(place, tmp_path):
    serial = f"(SELECT seq AS n FROM seq_1_to_{ROWS}) AS s" if place.mariadb else f"generate_series(1, {ROWS}) AS s(n)"
    place.run(
        "CREATE TABLE customer (id int PRIMARY KEY, email varchar(80));"
        f"INSERT INTO customer VALUES (1, '{HERS}'), (2, '{HIS}');"
        "CREATE TABLE event (id int PRIMARY KEY, customer_id int, ip varchar(40), body varchar(200));"
        f"INSERT INTO event SELECT n, 1 + CASE WHEN n % 10 = 0 THEN 1 ELSE 0 END, '192.0.2.7', concat('event ', n, "
        f"CASE WHEN n % 20 < 2 THEN ' from {HERS}' ELSE '' END) FROM {serial};"
        "CREATE TABLE visit (id int PRIMARY KEY, customer_id int, body varchar(200));"
        f"INSERT INTO visit SELECT n, 1, concat('visit ', n) FROM {serial};"
        "CREATE INDEX by_customer ON event (customer_id)"
    )
    (tmp_path / "shop.toml").write_text(TEXT)
    person = ["--system", f"{place.url}={tmp_path / 'shop.toml'}", "--email", HERS, "--out", str(tmp_path)]
    for words in (["answer", "access", *person], ["answer", "erasure", *person, "--yes"]):
        code, memory, seconds = run(*words)
        assert code == 0
        assert memory < MEMORY, words[1]
        assert seconds < SECONDS, words[1]
    [copy] = tmp_path.glob("access-*.zip")
    with zipfile.ZipFile(copy) as archive:
        assert json.loads(archive.read("manifest.json"))["records"] == 1 + ROWS * 9 // 10 + ROWS
    [report] = tmp_path.glob("erasure-*.zip")
    with zipfile.ZipFile(report) as archive:
        [told] = json.loads(archive.read("report.json"))["systems"]
    counted = {change["table"]: (change["rows"], change["deleted"]) for change in told["changes"]}
    assert counted == {"customer": (1, 0), "event": (ROWS * 9 // 10, 0), "visit": (0, ROWS)}
    left = "SELECT count(*) FROM event WHERE {}"
    assert place.one(left.format(f"body LIKE '%{HERS}%'")) == 0
    assert place.one(left.format("body LIKE '%[erased]%'")) == ROWS // 10
    assert place.one(left.format("customer_id = 2 AND ip = '192.0.2.7'")) == ROWS // 10
    assert place.one(left.format("customer_id = 1 AND ip IS NOT NULL")) == 0
    assert place.one("SELECT count(*) FROM visit") == 0
