"""`kept system add|list`: an engineer connects the company's systems from the machine that Kept runs on."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kept.site.demo import generate

WORDS = ("--title", "Billing", "--region", "Germany", "--owner", "Finance")


@pytest.fixture
def kept(tmp_path: Path):
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("KEPT_")}
        environment |= {"KEPT_DATA": str(tmp_path / "data"), "SECRET_URL": "mysql://kept:pass-word-9@127.0.0.1:1/shop"}
        (tmp_path / "data").mkdir(mode=0o700, exist_ok=True)
        command = [sys.executable, "-m", "kept", "system", *words]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)

    return run


def test_an_engineer_connects_a_system_and_sees_how_it_stands(kept, tmp_path):
    made = generate(tmp_path / "demo", people=10)
    added = kept("add", f"sqlite:///{made['billing']}=demo-billing", "--name", "billing", *WORDS)
    assert added.returncode == 0, added.stderr
    assert "The pack fits" in added.stdout
    listed = json.loads(kept("list", "--json").stdout)
    assert {one["name"]: one["pack"] for one in listed} == {"billing": "demo-billing", "kept": "kept"}


def test_a_system_with_the_wrong_pack_is_told_at_once(kept, tmp_path):
    made = generate(tmp_path / "demo", people=10)
    added = kept("add", f"sqlite:///{made['billing']}=osticket", "--name", "desk", *WORDS)
    assert added.returncode == 1
    assert "the pack does not fit" in added.stderr


@pytest.mark.parametrize(
    ("system", "name", "says"),
    [
        ("mysql://kept:pass-word-9@127.0.0.1/shop=fossbilling", "shop", "holds a password"),
        ("env:SECRET_URL=no-such-pack", "shop", "no pack of that name"),
        ("env:SECRET_URL=fossbilling", "My Shop", "lower-case letters"),
        ("env:SECRET_URL=fossbilling", "kept", "Kept's own database"),
        ("fossbilling", "shop", "URL=PACK"),
    ],
)
def test_what_cannot_be_connected_is_refused_without_its_password(kept, system, name, says):
    added = kept("add", system, "--name", name, *WORDS)
    assert added.returncode == 2
    assert says in " ".join(added.stderr.replace("│", " ").split())
    assert "pass-word-9" not in added.stdout + added.stderr


def test_a_system_that_does_not_answer_is_connected_and_told(kept):
    added = kept("add", "env:SECRET_URL=fossbilling", "--name", "shop", *WORDS)
    assert added.returncode == 1
    assert "does not answer" in added.stderr
    assert "pass-word-9" not in added.stdout + added.stderr
