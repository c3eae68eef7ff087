"""The policy file: what its notation means, and what is said about a file that is wrong."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kept.policy.inline import Span, sentences
from kept.policy.problems import BadPolicy
from kept.policy.text import Clause, Note, read_text

WORDS = {"company": "Hansoken Cloud", "privacy": "privacy@hansoken.example"}


def problems(text: str) -> list[str]:
    with pytest.raises(BadPolicy) as bad:
        read_text(text, words=WORDS)
    return [str(problem) for problem in bad.value.problems]


def page(body: str) -> str:
    return f"# Policy\n\n## 1 Aim\n\n{body}\n"


def test_a_policy_is_read_into_sections_notes_and_clauses():
    text = read_text(
        "# Policy of {company}\n\n> Welcome.\n\n## 1 Aim\n\nFirst.\nSecond. {#1.1}\n\n> Explained.\n\n"
        "## 11-12, 15 Rights\n\nThese:\n\n- one\n- two\n  goes on {#11.2}\n\nLast. {#15.1}\n",
        words=WORDS,
    )
    assert text.title == "Policy of Hansoken Cloud"
    assert [note.spans[0].text for note in text.opening] == ["Welcome."]
    assert [(section.label, section.numbers) for section in text.sections] == [
        ("1", (1,)),
        ("11-12, 15", (11, 12, 15)),
    ]
    assert [type(part) for part in text.sections[0].parts] == [Clause, Note]
    first, second, last = text.clauses
    assert first.sentences == ("First.", "Second.")
    assert [block.listed for block in second.blocks] == [False, True]
    assert second.sentences == ("These:", "one", "two goes on")
    assert (last.id, last.line) == ("15.1", 20)


def test_a_mark_on_a_line_of_its_own_closes_the_clause_before_it():
    (clause,) = read_text(page("One.\n\n- item\n\n{#1.1}"), words=WORDS).clauses
    assert clause.sentences == ("One.", "item")


def test_bold_italic_links_and_words_in_braces_become_spans():
    (clause,) = read_text(
        page("**Bold** and *thin* and [a link](https://a.example/x) by {company}, {privacy}. {#1.1}"), words=WORDS
    ).clauses
    assert clause.blocks[0].items[0] == (
        Span("Bold", strong=True),
        Span(" and "),
        Span("thin", emphasis=True),
        Span(" and "),
        Span("a link", href="https://a.example/x"),
        Span(" by "),
        Span("Hansoken Cloud"),
        Span(", "),
        Span("privacy@hansoken.example", href="mailto:privacy@hansoken.example"),
        Span("."),
    )


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("Once. {#1.1}\n\nTwice. {#1.1}", "policy.md:7: clause 1.1 stands here again; it was in line 5 before"),
        ("No mark.", "policy.md:5: this text belongs to no clause: a mark such as {#1.1} is missing at its end"),
        ("Not here. {#2.1}", "policy.md:5: clause 2.1 stands in section 1"),
        ("What. {#one}", "policy.md:5: “one” is no clause id: it is two numbers with a dot, {#5.6}"),
        ("What. {#1.01}", "policy.md:5: “1.01” is no clause id: it is two numbers with a dot, {#5.6}"),
        ("{#1.1}", "policy.md:5: clause 1.1 has no text"),
        ("A {#1.1} b. {#1.2}", "policy.md:5: the clause mark {#1.1} stands inside the text; it belongs at the end"),
        (
            "Open.\n\n> A note.\n\n{#1.1}",
            "policy.md:7: a note stands inside a clause: the clause before it has no mark yet",
        ),
        ("> A note. {#1.1}", "policy.md:5: a note promises nothing and carries no clause mark: {#1.1}"),
        ("By {nobody}. {#1.1}", "policy.md:5: the word {nobody} is not known; policy.toml gives: {company}, {privacy}"),
        ("Say <b>no</b>. {#1.1}", "policy.md:5: HTML is not used here; write plain words"),
        ("A * star. {#1.1}", "policy.md:5: a lone * stands here; use **bold** or *italic*"),
        (
            "[go](javascript:alert) {#1.1}",
            "policy.md:5: the link to javascript:alert must begin with https://, mailto:, / or #",
        ),
        (
            "[go](//elsewhere.example) {#1.1}",
            "policy.md:5: the link to //elsewhere.example must begin with https://, mailto:, / or #",
        ),
        (
            "### Deep\n\nText. {#1.1}",
            "policy.md:5: “### Deep” is not used here: headings are # and ##, lists “- ”, notes “> ”",
        ),
        (
            "1. first {#1.1}",
            "policy.md:5: “1. first {#1” is not used here: headings are # and ##, lists “- ”, notes “> ”",
        ),
        ("Nul \x00 here. {#1.1}", "policy.md:5: the line has a control character, number 0"),
        ("Text. {#1.1}\n\n# Again", "policy.md:7: a second title: a policy has one line that begins with “# ”"),
        ("Text. {#1.1}\n\n## 1 Again", "policy.md:7: section 1 stands here a second time"),
        (
            "Text. {#1.1}\n\n## 7",
            "policy.md:7: a section begins with “## ”, its number and its title: “## 5 What we use it for”",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_line(body, problem):
    assert problem in problems(page(body))


def test_a_section_without_a_number_takes_any_clause():
    text = read_text(page("Here. {#1.1}\n\n## Anything\n\nThere. {#7.2}"), words=WORDS)
    assert [(section.label, section.anchor) for section in text.sections] == [("1", "section-1"), ("", "part-2")]
    assert text.clauses[1].promise == "7.2"


def test_a_second_passage_about_a_promise_carries_a_letter():
    first, second = read_text(page("One. {#1.1}\n\nTwo. {#1.1b}"), words=WORDS).clauses
    assert (first.id, first.promise, second.id, second.promise) == ("1.1", "1.1", "1.1b", "1.1")


def test_what_answers_to_no_promise_is_marked_so():
    first, second = read_text(page("One. {#-}\n\nTwo. {#-}"), words=WORDS).clauses
    assert (first.id, first.promise, second.id) == ("unkept-1", "", "unkept-2")


def test_a_proposal_that_nobody_confirmed_is_refused():
    assert problems(page("One. {#1.1?}")) == [
        "policy.md:5: {#1.1?} is a proposal: take the “?” away to confirm it, or write {#-}"
    ]


def test_a_company_may_allow_itself_longer_sentences():
    read_text(page("word " * 39 + "word. {#1.1}"), words=WORDS, most_words=40)
    with pytest.raises(BadPolicy, match="41 words, 40 are the most"):
        read_text(page("word " * 40 + "word. {#1.1}"), words=WORDS, most_words=40)


def test_text_before_the_title_or_the_first_section_is_refused():
    assert problems("Hello.\n\n# Policy\n\nMore. {#1.1}\n\n## 1 Aim\n") == [
        "policy.md:1: text before the first section: make it a note that begins with “> ”",
        "policy.md:5: text before the first section: make it a note that begins with “> ”",
    ]


def test_an_empty_file_has_neither_title_nor_sections():
    assert problems("") == [
        "policy.md:1: the title is missing: the first line is “# ” and the title",
        "policy.md:1: there is no section: a section begins with “## 1 ” and its title",
    ]


def test_a_sentence_of_twenty_five_words_passes_and_of_twenty_six_does_not():
    read_text(page("word " * 24 + "word. {#1.1}"), words=WORDS)
    assert problems(page("word " * 25 + "word. {#1.1}")) == [
        "policy.md:5: this sentence has 26 words, 25 are the most: “word word word word word …”"
    ]


def test_a_link_counts_by_the_words_that_people_read():
    read_text(page("word " * 23 + "[two words](https://a.example/a/very/long/address). {#1.1}"), words=WORDS)


def test_all_problems_are_told_at_once_in_the_order_of_their_lines():
    found = problems(page("A * star. {#1.1}\n\nBy {nobody}. {#1.1}\n\nNo mark."))
    assert [problem.split(":")[1] for problem in found] == ["5", "7", "7", "9"]


def test_a_file_of_millions_of_signs_is_refused_unread():
    assert problems("x" * 1_000_001) == ["policy.md: the file has 1000001 signs, 1000000 are the most"]


def test_a_long_paragraph_is_read_in_a_moment():
    with pytest.raises(BadPolicy):
        read_text(page("[" * 200_000 + "\n" + "*\n" * 100_000), words=WORDS)


WORD = st.sampled_from(["You", "we", "keep", "data", "e-mail", "IP", "7.2", "24/7", "Zoë's", "it", "資料"])
SENTENCE = st.lists(WORD, min_size=1, max_size=25).map(lambda words: " ".join(words) + ".")
TEXTS = st.lists(SENTENCE, min_size=1, max_size=3)


@st.composite
def policies(draw: st.DrawFn) -> tuple[str, dict[str, tuple[str, ...]]]:
    """A policy as text, and what its clauses say by id."""
    lines, said = ["# Policy"], {}
    for number in sorted(draw(st.sets(st.integers(1, 40), min_size=1, max_size=5))):
        lines += ["", f"## {number} Section", *draw(st.sampled_from([[], ["", "> A note.", "> It goes on."]]))]
        for place in draw(st.lists(st.integers(1, 30), unique=True, max_size=4)):
            clause_id, paragraphs = f"{number}.{place}", draw(st.lists(TEXTS, min_size=1, max_size=3))
            begin = draw(st.sampled_from(["", "- "]))
            for paragraph in paragraphs:
                lines += ["", begin + draw(st.sampled_from([" ", "\n"])).join(paragraph)]
            lines[-1] += draw(st.sampled_from([" ", "", "\n", "\n\n"])) + f"{{#{clause_id}}}"
            said[clause_id] = tuple(sentence for paragraph in paragraphs for sentence in paragraph)
    return draw(st.sampled_from(["\n", "\r\n"])).join("\n".join(lines).split("\n")), said


@given(policies())
def test_what_is_written_is_read_again_clause_by_clause(policy):
    text, said = policy
    assert {clause.id: clause.sentences for clause in read_text(text, words=WORDS).clauses} == said


@given(policies(), st.data())
def test_a_mark_that_is_lost_or_doubled_never_goes_unnoticed(policy, data):
    text, said = policy
    assume(said)
    clause_id = data.draw(st.sampled_from(sorted(said)))
    mark = f"{{#{clause_id}}}"
    with pytest.raises(BadPolicy):
        read_text(text.replace(mark, f"{mark}\n\nOnce more. {mark}"), words=WORDS)
    try:
        without = read_text(text.replace(mark, ""), words=WORDS)
    except BadPolicy:
        return
    assert clause_id not in {clause.id for clause in without.clauses}


NOISE = st.lists(
    st.one_of(
        st.text(max_size=12),
        st.sampled_from(
            ["# ", "## 1 ", "> ", "- ", "{#1.1}", "{#", "}", "**", "*", "[", "](", ")", "\n", "\n\n", "{x}", "\x00"]
        ),
    ),
    max_size=40,
).map("".join)


@given(NOISE)
def test_any_text_is_read_or_refused_at_a_line_that_it_has(text):
    found = None
    try:
        read_text(text, words=WORDS)
    except BadPolicy as bad:
        found = bad.problems
    assert found is None or found
    assert all(1 <= problem.line <= text.count("\n") + 1 for problem in found or ())


def test_a_sentence_ends_with_its_stop_not_with_a_dot_inside_a_word():
    assert sentences("Version 7.2 is here. Is it? Yes!") == ("Version 7.2 is here.", "Is it?", "Yes!")
