"""The rules that hold the policy to what runs. The last tests show that each rule finds what it is meant to find."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from red import HERE, keepers_broken_by_tests, marked_in

from kept.policy.access import policy
from kept.policy.bindings import bindings_of, bindings_text, hash_of, read_bindings, unbound, write_bindings
from kept.policy.exemptions import LIST, ROOMS, exemptions, read_exemptions, unkept
from kept.policy.faults import faults
from kept.policy.keepers import all_keepers
from kept.policy.laws import LIST as LAWS
from kept.policy.laws import Duty, articles_kept, duties_of, laws, read_laws, unknown_clauses
from kept.policy.problems import BadPolicy
from kept.policy.source import POLICIES, load
from kept.site.checks import faults as faults_of_settings
from kept.terms import Evidence, State

SHIPPED = POLICIES / "hansoken-cloud"
PROJECT = HERE.parent / "pyproject.toml"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_the_shipped_policy_breaks_none_of_the_rules():
    """Every clause has a keeper or a line that says why not; every sentence is bound as it stands."""
    assert [str(problem) for problem in faults(policy())] == []


def test_every_keeper_has_a_test_that_breaks_its_control_and_sees_red():
    assert keepers_broken_by_tests() == {bound.name for bound in all_keepers()}


def test_what_an_exemption_waits_for_is_a_room_of_the_house():
    contract = tomllib.loads(PROJECT.read_text())["tool"]["importlinter"]["contracts"][0]["layers"]
    rooms = {room for layer in contract for room in layer.replace("|", " ").replace("(", " ").replace(")", " ").split()}
    assert {one.until.partition("/")[0] for one in exemptions().values()} <= rooms


def test_every_article_that_gives_people_a_right_is_in_the_index():
    (gdpr,) = (law for law in laws() if law.id == "gdpr")
    places = {duty.place for duty in gdpr.duties}
    every = (*range(6, 23), *range(24, 35), "35\u201336", "37\u201339", "44\u201349", 77)
    assert {f"Art. {number}" for number in every} <= places
    assert {law.name for law in laws()} == {"GDPR", "PDPA", "COPPA"}
    indexed = {clause_id for law in laws() for duty in law.duties for clause_id in duty.clauses}
    assert indexed <= set(policy().promises)


# Each rule, broken


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "own"))


def spoil(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def told(folder: Path) -> list[str]:
    return [str(problem) for problem in faults(load(folder))]


def test_one_word_changed_in_one_sentence_fails_until_it_is_bound_again(folder):
    spoil(folder / "policy.md", "on the *My Details* page", "on the *My Choices* page")
    assert (
        told(folder)
        == [
            "bindings.toml: clause 5.6: 1 bound sentence not in the text any more",
            "policy.md:95: clause 5.6: nobody has bound this sentence: “You can opt out whenever you like, on …”",
        ][::-1]
    )
    write_bindings(load(folder))
    assert told(folder) == []


def test_a_sentence_added_and_one_taken_away_fail(folder):
    spoil(folder / "policy.md", "We keep the proof. {#5.5}", "We keep the proof.\nWe keep it for ever. {#5.5}")
    spoil(folder / "policy.md", "Our contract with you needs that. {#5.2}", "{#5.2}")
    assert len(told(folder)) == 2


def test_the_same_words_on_other_lines_are_the_same_sentence(folder):
    spoil(folder / "policy.md", "It works at once, even for mail", "It works at once,\neven   for mail")
    assert told(folder) == []
    assert hash_of("One  two.\nThree.") == hash_of("One two. Three.")


def test_without_bindings_nothing_is_bound(folder):
    (folder / "bindings.toml").unlink()
    assert len(told(folder)) == sum(len(clause.sentences) for clause in load(folder).text.clauses)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "bindings.toml: format must be 1"),
        ("format = 1\n[", "bindings.toml: this is not TOML"),
        ('format = 1\n["1.1"]\nsentences = "all"', "bindings.toml: clause 1.1: sentences is a list of hashes"),
        ('format = 1\n["1.1"]\nsentences = [1]', "bindings.toml: clause 1.1: sentences is a list of hashes"),
        ('format = 1\n"1.1" = 7', "bindings.toml: clause 1.1: sentences is a list of hashes"),
    ],
)
def test_bindings_that_cannot_be_read_are_named(folder, text, problem):
    (folder / "bindings.toml").write_text(text)
    assert any(one.startswith(problem) for one in told(folder)), told(folder)
    (folder / "bindings.toml").write_bytes(b"\xff\xfe")
    assert told(folder) == ["bindings.toml: the file cannot be read as text"]


def test_what_is_written_as_bindings_is_read_again(folder):
    found = load(folder)
    assert list(unbound(found, read_bindings(bindings_text(found)))) == []
    assert bindings_of(folder) == read_bindings(bindings_text(found))


def test_kept_does_not_start_with_a_sentence_that_nobody_bound(folder, settings, db):
    spoil(folder / "policy.md", "We keep the proof.", "We keep no proof.")
    settings.POLICY = str(folder)
    stopping = [fault.what for fault in faults_of_settings() if fault.setting == "KEPT_POLICY" and fault.stops]
    assert any("nobody has bound this sentence" in what for what in stopping)


def test_a_clause_without_keeper_fails_unless_a_line_says_why():
    exempt = read_exemptions('format = 1\n["2.2"]\nuntil = "mailings"\nreason = "No mail is taken in."')
    assert list(unkept(["1.2", "2.2"], ["1.2"], exempt)) == []
    (problem,) = unkept(["1.2", "2.2", "2.3"], ["1.2"], exempt)
    assert "clause 2.3 has no keeper, and no line here says why" in str(problem)


@pytest.mark.parametrize(("until", "made"), [("collection", "collection/__init__.py"), ("rights/x", "rights/x.py")])
def test_an_exemption_fails_on_the_day_that_its_room_is_there(tmp_path, until, made):
    exempt = read_exemptions(f'format = 1\n["2.2"]\nuntil = "{until}"\nreason = "No mail is taken in."')
    assert list(unkept(["2.2"], [], exempt, tmp_path)) == []
    (tmp_path / made).parent.mkdir()
    (tmp_path / made).touch()
    (problem,) = unkept(["2.2"], [], exempt, tmp_path)
    assert f"clause 2.2 waited for {until}, which is there: give it a keeper" in str(problem)
    assert problem.line == 2


def test_an_exemption_of_a_clause_that_is_kept_or_that_nobody_knows_fails():
    exempt = read_exemptions('format = 1\n["2.2"]\nuntil = "collection"\nreason = "No mail is taken in."')
    assert ["clause 2.2 has a keeper now" in str(one) for one in unkept(["2.2"], ["2.2"], exempt)] == [True]
    assert ["clause 2.2 is in no catalogue" in str(one) for one in unkept([], [], exempt)] == [True]


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ('reason = "No."', "not_running.toml:2: clause 2.2: until is a room"),
        ('until = "../../etc"\nreason = "No."', "not_running.toml:2: clause 2.2: until is a room"),
        ('until = "collection"', "not_running.toml:2: clause 2.2: reason is one sentence"),
        ('until = "collection"\nreason = "Because"', "not_running.toml:2: clause 2.2: reason is one sentence"),
        (f'until = "collection"\nreason = "{"word " * 26}."', "not_running.toml:2: clause 2.2: reason is one sentence"),
        ('until = "collection"\nreason = "No."\nby = "me"', "not_running.toml:2: clause 2.2: only until and reason"),
    ],
)
def test_a_wrong_exemption_is_named_with_its_line(lines, problem):
    with pytest.raises(BadPolicy) as bad:
        read_exemptions(f'format = 1\n["2.2"]\n{lines}\n')
    assert str(bad.value).startswith(problem)


def test_the_list_of_exemptions_is_one_file_and_ends_with_rooms_that_are_not_there():
    assert LIST.parent == POLICIES
    assert not any(one.is_over(ROOMS) for one in exemptions().values())
    assert exemptions()["2.1"].is_over(ROOMS.parent) is False


# The second index


def test_a_duty_is_kept_as_far_as_the_worst_of_its_clauses():
    evidence = {
        clause_id: Evidence(state, "", "It is so.", NOON)
        for clause_id, state in (("1.1", State.KEPT), ("1.2", State.BROKEN), ("2.1", State.NOT_RUNNING))
    }
    assert Duty("Art. 1", "x", ("1.1", "1.2")).state(evidence) is State.BROKEN
    assert Duty("Art. 1", "x", ("1.1",)).state(evidence) is State.KEPT
    assert Duty("Art. 1", "x", ("1.1", "2.1")).state(evidence) is State.NOT_RUNNING
    assert Duty("Art. 1", "x", ("1.1", "9.9")).state(evidence) is State.CANNOT_TELL  # a promise this policy leaves out
    assert Duty("Art. 1", "x", ("9.9",)).state(evidence) is State.NOT_RUNNING


def test_a_law_is_kept_only_when_each_of_its_duties_is():
    every = {clause_id: Evidence(State.KEPT, "", "It is so.", NOON) for clause_id in policy().promises}
    (gdpr,) = (law for law in laws() if law.id == "gdpr")
    without = [duty.place for duty in gdpr.duties if not duty.clauses]
    assert without == ["Art. 9", "Art. 10", "Art. 26", "Art. 27", "Art. 35\u201336", "Art. 37\u201339"]
    most = articles_kept("gdpr", every, NOON)
    assert (most.state, most.number) == (State.CANNOT_TELL, len(gdpr.duties) - len(without)), "no clause, no claim"
    pdpa = articles_kept("pdpa", every, NOON)
    assert (pdpa.state, pdpa.meaning) == (State.KEPT, "Every clause that answers to them is kept.")
    assert articles_kept("gdpr", every | {"12.6": Evidence(State.CANNOT_TELL, "", "?", NOON)}, NOON).state is (
        State.CANNOT_TELL
    )
    broken = articles_kept("gdpr", every | {"12.6": Evidence(State.BROKEN, "", "No.", NOON)}, NOON)
    assert (broken.state, broken.figure) == (State.BROKEN, "32 of 39 duties of the GDPR kept, 1 broken")


def test_a_clause_knows_what_it_answers_to():
    assert [(law.name, duty.place) for law, duty in duties_of("12.6")] == [("GDPR", "Art. 20")]
    assert unknown_clauses(["1.1"])


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('law = "gdpr"', 'law = "hipaa"', "duty 1: law “hipaa” is not named in this file"),
        ("clauses = [", "clause = [", "duty 1: it has law, place, says and clauses, and nothing else"),
        ('says = "', 'says = "' + "word " * 25, "duty 1: this sentence has"),
        ('clauses = ["5.10", "5.12", "12.1"]', "clauses = [5.10]", "duty 1: clauses is a list of clause ids"),
        ('place = "Art. 5(1)(a)"', 'place = ""', "duty 1: place and says are short texts"),
        ("format = 1", "format = 2", "format must be 1"),
        ('name = "GDPR"', "name = 1", "law gdpr: name and title are short texts"),
    ],
)
def test_a_wrong_index_of_laws_is_named(old, new, problem):
    text = LAWS.read_text()
    assert old in text
    with pytest.raises(BadPolicy) as bad:
        read_laws(text.replace(old, new, 1))
    assert problem in str(bad.value)


# The marker


def test_the_marker_is_read_from_the_text_of_a_test():
    source = 'import pytest\n@pytest.mark.breaks("a.b", "c.d")\n@pytest.mark.store\ndef test_x(): pass\n'
    assert list(marked_in(source)) == ["a.b", "c.d"]


OPTIONS = ("-q", "-n", "0", "-p", "no:cacheprovider", "-p", "conftest", "-rA")
TESTS = """
import pytest
from datetime import UTC, datetime
from kept.site.promises import pages_contact_nobody_else

@pytest.mark.breaks("site.pages_contact_nobody_else")
def test_sees_nothing(): pass

@pytest.mark.breaks("site.pages_contact_nobody_else")
def test_sees_green(): pages_contact_nobody_else(datetime.now(UTC))

@pytest.mark.breaks("site.pages_contact_nobody_else")
def test_sees_red(settings):
    settings.CONTENT_SECURITY_POLICY = {}
    pages_contact_nobody_else(datetime.now(UTC))

@pytest.mark.breaks("site.no_such_keeper")
def test_breaks_nothing(): pass
"""


def test_a_test_that_says_it_breaks_a_control_fails_unless_the_keeper_sees_red(tmp_path):
    """The marker is tried in a suite of its own, with our conftest and these four tests."""

    (tmp_path / "test_four.py").write_text(TESTS)
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", *OPTIONS, "-c", PROJECT, "--rootdir", tmp_path, tmp_path / "test_four.py"],
        env={name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
        | {"PYTHONPATH": os.pathsep.join([str(HERE), *sys.path])},
        capture_output=True,
        text=True,
        check=False,
    )
    results = {
        line.split("::")[1].split()[0]: line.split()[0]
        for line in ran.stdout.splitlines()
        if line.startswith(("PASSED", "FAILED", "ERROR")) and "::" in line
    }
    assert results["test_sees_red"] == "PASSED", ran.stdout
    assert "ERROR" in (results["test_sees_nothing"], results["test_sees_green"], results["test_breaks_nothing"])
    assert ran.stdout.count("no keeper saw red") >= 2
    assert "there is no keeper site.no_such_keeper" in ran.stdout
