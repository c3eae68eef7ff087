"""`kept policy`: what it prints, and how it ends."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from house import store

from kept.cli import main
from kept.people.models import Account
from kept.policy import access
from kept.policy.source import POLICIES

__all__ = ["store"]

pytestmark = [pytest.mark.store, pytest.mark.pages]

SHIPPED = POLICIES / "hansoken-cloud"


@pytest.fixture
def kept(store, settings, capsys, monkeypatch):
    """Run the command in this process, on a store of its own. Gives its exit code, what it prints, and what it says
    beside it."""
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)

    def run(*words: object, policy: Path | None = None) -> tuple[int, str, str]:
        settings.POLICY = str(policy) if policy else "hansoken-cloud"
        access._policy.cache_clear()  # a changed file counts from the next start, and each command is one
        capsys.readouterr()
        code = main(["policy", *map(str, words)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "own"))


def spoil(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def test_check_gives_one_object_for_each_of_the_74_clauses(kept):
    code, said, _ = kept("check", "--json")
    clauses = json.loads(said)
    assert code == 3, "on an empty store nobody can tell"
    assert len({clause["id"] for clause in clauses}) == len(clauses) == 74
    for clause in clauses:
        assert {"id", "state", "figure", "since", "keeper", "narrowed"} <= set(clause)
        assert clause["state"] in ("kept", "broken", "cannot tell", "not running yet")
        assert (clause["keeper"] is None) == (clause["state"] == "not running yet")
        assert (clause["since"] is None) == (clause["keeper"] is None)
    assert sum(clause["narrowed"] for clause in clauses) == 8
    assert all(clause["why"] for clause in clauses)


def test_check_says_the_same_in_lines_and_looks_each_time(kept):
    _, said, _ = kept("check")
    lines = said.splitlines()
    assert len(lines) == 74
    assert any(line.startswith("13.1  kept ") for line in lines)
    assert any(line.endswith("(narrowed by law)") for line in lines)
    first, second = (
        next(one for one in json.loads(kept("check", "--json")[1]) if one["id"] == "13.1") for _ in range(2)
    )
    assert first["since"] == second["since"]
    assert first["at"] < second["at"]


def test_check_ends_with_1_where_a_control_is_broken(kept):
    assert kept("check")[0] == 3
    account = Account.objects.create_user("a@example.com")
    Account.objects.filter(pk=account.pk).update(password="md5$salt$hash")
    code, said, _ = kept("check", "--json")
    broken = [clause["id"] for clause in json.loads(said) if clause["state"] == "broken"]
    assert (code, "5.1" in broken) == (1, True)


def test_check_ends_with_0_where_every_clause_of_a_policy_is_kept(kept, tmp_path):
    said = ("Your password is stored so that nobody can read it back.", "Our own pages contact nobody else.")
    (tmp_path / "policy.txt").write_text("PRIVACY\n\n" + "\n\n".join(said) + "\n")
    out = tmp_path / "small"
    assert kept("import", tmp_path / "policy.txt", "--out", out)[0] == 0
    for clause_id in ("5.1", "13.1"):
        spoil(out / "policy.md", f"{{#{clause_id}?}}", f"{{#{clause_id}}}")
    assert kept("bind", out)[0] == 0
    assert kept("check", policy=out)[0] == 3, "nobody has an account, so nobody can tell how passwords are stored"
    Account.objects.create_user("a@example.com")
    code, lines, wrong = kept("check", policy=out)
    assert (code, wrong) == (0, "")
    assert [line.split()[:2] for line in lines.splitlines()[:2]] == [["5.1", "kept"], ["13.1", "kept"]]


def test_check_ends_with_1_where_a_sentence_is_not_bound(kept, folder):
    spoil(folder / "policy.md", "We keep the proof.", "We keep no proof.")
    code, _, wrong = kept("check", policy=folder)
    assert code == 1
    assert "clause 5.5: nobody has bound this sentence: “We keep no proof.”" in wrong


def test_check_ends_with_1_where_words_changed_under_an_old_name(kept, folder):
    assert kept("check", policy=folder)[0] == 3
    spoil(folder / "policy.md", "We keep the proof.", "We keep no proof.")
    assert kept("bind", folder)[0] == 0
    code, _, wrong = kept("check", policy=folder)
    assert code == 1
    assert "version 1.0 is stored with other words: name a new version and its day" in wrong


def test_check_tells_every_problem_of_a_policy_that_cannot_be_read(kept, folder):
    (folder / "policy.md").write_text("# Policy\n\nNothing. {#1.1}\n")
    code, said, wrong = kept("check", policy=folder)
    assert (code, said) == (1, "")
    assert wrong.count("kept: policy.md:") == 2


def test_show_prints_one_clause_with_all_that_stands_behind_it(kept):
    kept("check")
    code, said, _ = kept("show", "13.1")
    assert code == 0
    for part in ("Our own pages contact nobody else until you agree.", "0 other origins", "so since", "GDPR Art. 25"):
        assert part in said
    code, said, _ = kept("show", "6.1")
    for part in ("Policies used to say: Accepting the terms", "What holds: ", "Not running yet. There is no register"):
        assert part in said
    shown = json.loads(kept("show", "13.1", "--json")[1])
    assert shown["looks"][0]["state"] == "kept"
    assert shown["sentences"]


def test_show_of_an_unknown_clause_is_wrong_usage(kept):
    code, said, wrong = kept("show", "99.9")
    assert (code, said) == (2, "")
    assert "no promise has the id 99.9" in wrong


def test_bind_writes_what_somebody_read_and_says_what_was_new(kept, folder):
    spoil(folder / "policy.md", "We keep the proof.", "We keep no proof.")
    code, said, _ = kept("bind", folder, "--dry-run")
    assert (code, "We keep no proof." in said) == (1, True)
    before = (folder / "bindings.toml").read_text()
    assert kept("bind", folder)[0] == 0
    assert (folder / "bindings.toml").read_text() != before
    assert kept("bind", folder, "--dry-run") == (0, "Every sentence is bound.\n", "")


def test_bind_refuses_what_is_no_policy(kept, tmp_path):
    code, _, wrong = kept("bind", tmp_path)
    assert (code, wrong) == (1, "kept: policy.toml: the file cannot be read: No such file or directory\n")


def test_a_policy_is_imported_confirmed_bound_announced_and_run(kept, tmp_path):
    """The whole way of the how-to guide."""
    kept("check")
    text = "PRIVACY\n\nYou can opt out on the My Details page.\n\nPizza is hot.\n"
    (tmp_path / "policy.txt").write_text(text)
    out = tmp_path / "draft"
    code, said, _ = kept(
        "import", tmp_path / "policy.txt", "--out", out, "--company", "Ex Ltd", "--policy-version", "2"
    )
    assert code == 0
    assert "1 sentence with a proposal, 1 that nothing keeps:\n  Pizza is hot.\n" in said
    assert kept("bind", out)[0] == 1, "nobody has confirmed it"
    spoil(out / "policy.md", "{#5.6?}", "{#5.6}")
    spoil(out / "policy.md", "{#-?}", "{#-}")
    assert kept("bind", out)[0] == 0
    code, said, wrong = kept("announce", out)
    assert code == 0, wrong
    assert "+ You can opt out on the My Details page." in said
    assert "- We keep the proof." in said
    code, said, _ = kept("check", "--json", policy=out)
    assert code == 3
    clauses = json.loads(said)
    assert len(clauses) == 74, "an auditor compares installations clause by clause"
    assert [clause["id"] for clause in clauses if not clause["left_out"]] == ["5.6"]
    code, said, _ = kept("check", policy=out)
    assert (code, len(said.splitlines())) == (3, 2)
    assert "This policy leaves out: 1.1, 1.2, " in said


def test_without_a_folder_the_draft_is_named_like_the_file(kept, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("ours.md").write_text("# Ours\n\nYou can opt out at any time.\n")
    assert kept("import", "ours.md")[0] == 0
    assert sorted(path.name for path in Path("ours").iterdir()) == ["policy.md", "policy.toml", "proposals.txt"]
    code, _, wrong = kept("import", "ours.md")
    assert (code, "ours is there already" in wrong) == (2, True)


def test_what_cannot_be_imported_is_wrong_usage_and_leaves_nothing(kept, tmp_path):
    (tmp_path / "policy.docx").write_bytes(b"Hello")
    code, said, wrong = kept("import", tmp_path / "policy.docx", "--out", tmp_path / "draft")
    assert (code, said) == (2, "")
    assert wrong.startswith("kept: policy.docx: it is no ZIP file, or a damaged one")
    assert not (tmp_path / "draft").exists()


def test_announce_refuses_a_wording_that_nobody_bound_and_one_with_an_old_name(kept, folder):
    spoil(folder / "policy.md", "We keep the proof.", "We keep no proof.")
    code, _, wrong = kept("announce", folder)
    assert (code, "nobody has bound" in wrong) == (1, True)
    kept("bind", folder)
    code, _, wrong = kept("announce", folder)
    assert (code, "version 1.0 is stored with other words" in wrong) == (1, True)


def test_the_command_itself_ends_with_the_code_it_promises(tmp_path):
    """In a process of its own, on a data folder that is not there yet."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith("KEPT_")}
    command = [sys.executable, "-m", "kept", "policy", "check", "--json"]
    environment = bare | {"KEPT_DATA": str(tmp_path / "data")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, len(json.loads(done.stdout)), done.stderr) == (3, 74, "")
