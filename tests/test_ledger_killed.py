"""SIGKILL at random points among several writers and sequencers: no acknowledged entry is lost, no checkpoint clashes.

KEPT_TEST_KILLS sets how many kills each store gets; a few by default, so that the suite stays quick.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time

import pytest
from test_killed import nursery

__all__ = ["nursery"]

KILLS = int(os.environ.get("KEPT_TEST_KILLS", "20"))
PROCESSES = ["recorder", "recorder", "recorder", "sequencer", "sequencer"]

pytestmark = pytest.mark.xdist_group("killed")


def test_writers_and_sequencers_are_killed_again_and_again(nursery, tmp_path):
    chance = random.Random()
    alive = [(kind, nursery.start(kind)) for kind in PROCESSES]
    time.sleep(0.3)
    for _ in range(KILLS):
        time.sleep(chance.expovariate(10))
        place = chance.randrange(len(alive))
        kind, pid = alive[place]
        nursery.kill(pid)
        alive[place] = (kind, nursery.start(kind))
    for kind, pid in alive:
        if kind == "recorder":
            nursery.kill(pid)
    end = time.monotonic() + 150
    while nursery.rows('SELECT count(*) FROM security_entry WHERE "index" IS NULL') != [(0,)]:
        assert time.monotonic() < end
        time.sleep(0.05)
    there = dict(nursery.rows('SELECT id, "index" FROM security_entry'))
    nursery.close()
    told = (nursery.file.parent / "promised").read_text().split("\n")[:-1]
    promised = [line.split(" ", 1) for line in told]
    entries = {int(word) for kind, word in promised if kind == "entry"}
    checkpoints = [json.loads(word) for kind, word in promised if kind == "checkpoint"]

    assert len(entries) > KILLS
    assert len(checkpoints) > KILLS / 10
    assert entries <= set(there), "an acknowledged entry was lost"
    assert sorted(there.values()) == list(range(len(there))), "the numbering has a gap"
    words = []
    for number, text in enumerate(random.sample(checkpoints, min(20, len(checkpoints))) + checkpoints[-3:]):
        file = tmp_path / f"checkpoint-{number}"
        file.write_text(text)
        words += ["--checkpoint", file]
    report = verified(nursery, words)
    assert report["findings"] == []
    assert (report["verdict"], report["entries"]) == ("done", len(there))


def verified(nursery, words):
    known = {name: value for name, value in os.environ.items() if not name.startswith("KEPT_")}
    known |= {
        "KEPT_DATA": str(nursery.file.parent),
        "KEPT_DATABASE_URL": nursery.url,
        "KEPT_TESTING": "1",
        "KEPT_DEMO": "1",
    }
    command = [
        sys.executable,
        "-c",
        "from kept.cli import main; import sys; sys.exit(main())",
        "ledger",
        "verify",
        "--json",
    ]
    ran = subprocess.run([*command, *words], env=known, capture_output=True, text=True, check=False, timeout=120)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return json.loads(ran.stdout)
