"""The policy that Kept ships, and the catalogue of promises it answers to."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from pathlib import Path

import pytest

from kept.policy.inline import count_words, plain, sentences
from kept.policy.problems import BadPolicy, UnknownClause
from kept.policy.source import CATALOGUE, POLICIES, Policy, load, read_promises
from kept.policy.text import Note

SHIPPED = POLICIES / "hansoken-cloud"
# How many clauses each section of the catalogue has.
COUNTS = {1: 2, 2: 5, 3: 5, 4: 3, 5: 17, 6: 2, 7: 2, 8: 6, 9: 4, 10: 2, 11: 5, 12: 6, 13: 1, 14: 5, 16: 6, 17: 2, 18: 1}


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load(SHIPPED)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped policy, to spoil."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "own"))


def problems(folder: Path) -> list[str]:
    with pytest.raises(BadPolicy) as bad:
        load(folder)
    return [str(problem) for problem in bad.value.problems]


def spoil(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def test_all_74_promises_are_in_the_policy_exactly_once(policy):
    every = [f"{section}.{number}" for section, count in COUNTS.items() for number in range(1, count + 1)]
    assert len(every) == 74
    assert sorted(policy.promises) == sorted(every)
    assert Counter(clause.id for clause in policy.text.clauses) == Counter(every)


def test_clauses_stand_in_the_order_of_their_numbers(policy):
    ids = [tuple(map(int, clause.id.split("."))) for clause in policy.text.clauses]
    assert ids == sorted(ids)


def test_no_sentence_of_the_policy_has_more_than_25_words(policy):
    notes = [note for section in policy.text.sections for note in section.parts if isinstance(note, Note)]
    said = [sentence for clause in policy.text.clauses for sentence in clause.sentences]
    said += [sentence for note in [*notes, *policy.text.opening] for sentence in sentences(plain(note.spans))]
    for promise in policy.promises.values():
        narrowings = [text for one in promise.narrowed_by for text in (one.was, one.now)]
        for text in (promise.states, promise.needs, promise.shows, *narrowings):
            said += sentences(text)
    said += policy.settings.short.values()
    assert len(said) > 300
    assert [sentence for sentence in said if count_words(sentence) > 25] == []


def test_the_eight_narrowed_promises_name_their_law_and_what_holds_instead(policy):
    narrowed = {clause_id: promise.narrowed_by for clause_id, promise in policy.promises.items() if promise.narrowed_by}
    assert sorted(narrowed) == ["11.3", "11.4", "14.1", "14.5", "3.4", "6.1", "8.5", "9.3"]
    assert all(
        "Art." in one.law and one.now.endswith(".") and one.was.endswith(".")
        for each in narrowed.values()
        for one in each
    )


def test_the_better_form_is_what_the_policy_says(policy):
    said = {clause.id: clause.text for clause in policy.text.clauses}
    assert "never the whole number" in said["3.2"]
    assert "Accepting our terms is never taken as that consent." in said["6.1"]
    assert "what is public and what is hidden" in said["8.4"]
    assert "a link that works once" in said["8.5"]
    assert "the site still works for you" in said["14.5"]


def test_the_contacts_of_the_policy_are_links(policy):
    links = {
        span.href for clause in policy.text.clauses for block in clause.blocks for item in block.items for span in item
    }
    assert {f"mailto:{address}" for address in policy.settings.contact.values()} < links


def test_an_unknown_clause_is_refused_by_its_id(policy):
    with pytest.raises(UnknownClause, match=r"^15\.1$"):
        policy.promise("15.1")
    with pytest.raises(UnknownClause, match=r"^15\.1$"):
        policy.clause("15.1")


def test_a_clause_without_promise_and_a_promise_without_clause_are_both_named(folder):
    spoil(folder / "policy.md", "{#5.6}", "{#5.99}")
    found = problems(folder)
    assert len(found) == 2
    assert found[0].endswith("clause 5.6 is missing: no text carries {#5.6}")
    assert found[1].endswith("clause 5.99 is not in promises.toml: no promise has that id")
    lines = (folder / "policy.md").read_text().split("\n")
    assert [lines[int(problem.split(":")[1]) - 1][:12] for problem in found] == ["## 5 What we", "You can opt "]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("format = 1", "format = 2", "policy.toml:2: format must be 1"),
        ('version = "1.0"', "version = 1", "policy.toml:5: version is missing: it is a short text"),
        ('title = "Privacy policy"', "", "policy.toml: title is missing: it is a short text"),
        ("2026-11-01", '"soon"', "policy.toml:6: effective is a day without quotes: 2026-11-01"),
        ("2026-11-01", "2026-11-01T08:00:00Z", "policy.toml:6: effective is a day without quotes: 2026-11-01"),
        ("legal@hansoken.example", "legal", "policy.toml:15: the contact legal must be an e-mail address"),
        ("[contact]", 'colour = "red"\n[contact]', "policy.toml:12: the word “colour” is not known"),
        ('legal = "', 'legal" = "', "policy.toml:15: this is not TOML: Expected '=' after a key in a key/value pair"),
    ],
)
def test_wrong_settings_are_named_with_their_line(folder, old, new, problem):
    spoil(folder / "policy.toml", old, new)
    assert problem in problems(folder)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('consent = "5.6"', 'policy.toml:7: consent is a list of clause ids: ["5.6", "6.1"]'),
        ('consent = ["99.9"]', "policy.toml: consent names 99.9, which no promise has"),
        ('left_out = ["5.6"]', "policy.md:95: clause 5.6 stands here, and policy.toml leaves it out"),
        ('left_out = ["99.9"]', "policy.toml: left_out names 99.9, which no promise has"),
        ("longest_sentence = 5", "policy.toml:7: longest_sentence is a number from 10 to 500"),
        ('longest_sentence = "x"', "policy.toml:7: longest_sentence is a number from 10 to 500"),
        ('short = "x"', "policy.toml:7: short is a table: the number of a section, and one sentence"),
        ("longest_sentence = 10", "policy.md:"),
    ],
)
def test_what_the_settings_say_of_clauses_must_be_so(folder, line, problem):
    text = (folder / "policy.toml").read_text()
    text = re.sub(r"\nconsent = .*|\n\[short\][^\[]*", "\n", text)
    (folder / "policy.toml").write_text(text.replace("\n\n", f"\n{line}\n\n", 1))
    assert any(one.startswith(problem) for one in problems(folder)), problems(folder)


def test_a_policy_may_leave_a_promise_out(folder):
    text = (folder / "policy.md").read_text()
    begin = text.index("If you resell our services")
    (folder / "policy.md").write_text(text[:begin] + text[text.index("{#9.4}") + 6 :])
    assert any("clause 9.4 is missing" in one for one in problems(folder))
    spoil(folder / "policy.toml", "format = 1\n", 'format = 1\nleft_out = ["9.4"]\n')
    spoil(folder / "policy.toml", '"9.4"', '"9.4"')
    settings = (folder / "policy.toml").read_text().replace(', "9.4"]', "]")
    (folder / "policy.toml").write_text(settings)
    found = load(folder)
    assert "9.4" not in found.made
    assert len(found.made) == 73


def test_a_missing_contact_is_named_and_its_word_is_unknown_in_the_text(folder):
    spoil(folder / "policy.toml", 'support = "support@hansoken.example"\n', "")
    assert problems(folder) == ["policy.toml:12: the contact support is missing"]


def test_a_missing_file_and_a_file_in_another_encoding_are_named(folder):
    (folder / "policy.md").write_bytes(b"# Policy\n\n> Gr\xfc\xdfe\n")
    assert problems(folder) == ["policy.md:3: this is not UTF-8 text"]
    (folder / "policy.md").unlink()
    assert problems(folder) == ["policy.md: the file cannot be read: No such file or directory"]


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ('["1"]\nkind = "P"', 'promises.toml:2: “1” is no clause id: a table is named ["5.6"]'),
        (
            '["1.1"]\nkind = "X"\nstates="a"\nneeds="b"\nshows="c"',
            "promises.toml:2: clause 1.1: kind must be one of P, R, C, F, D",
        ),
        (
            '["1.1"]\nkind = "P"\nneeds="b"\nshows="c"',
            "promises.toml:2: clause 1.1: states is missing: it is one sentence",
        ),
        (
            '["1.1"]\nkind = "P"\nstates="a"\nneeds="b"\nshows="c"\nshow="d"',
            "promises.toml:2: clause 1.1: the word “show” is not known",
        ),
        (
            '["1.1"]\nkind = "P"\nstates="a"\nneeds="b"\nshows="c"\nnarrowed_by="law"',
            "promises.toml:2: clause 1.1: narrowed_by is a list of tables with law, was and now",
        ),
        (
            '["1.1"]\nkind = "P"\nstates="a"\nneeds="b"\nshows="c"\nnarrowed_by=[{law="GDPR", was="x"}]',
            "promises.toml:2: clause 1.1: now is missing: it is one sentence",
        ),
    ],
)
def test_a_wrong_catalogue_is_named_with_its_line(table, problem):
    with pytest.raises(BadPolicy) as bad:
        read_promises(f"format = 1\n{table}\n")
    assert problem in [str(one) for one in bad.value.problems]


def test_every_word_of_the_files_is_documented():
    page = (Path(__file__).parents[1] / "docs/reference/policy-file.md").read_text()
    settings = (SHIPPED / "policy.toml").read_text() + CATALOGUE.read_text()
    words = {line.split(" = ")[0] for line in settings.split("\n") if " = " in line and line[0] not in '#"'}
    assert {"kind", "states", "needs", "shows", "law", "now", "format", "effective", "privacy"} <= words
    assert [word for word in sorted(words) if f"`{word}`" not in page] == []
