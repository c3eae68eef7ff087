"""Identifiers in text: found in every spelling, never in somebody else's."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kept.connectors.sql.second_look import patterns_of, stages_of
from kept.engine.codecs import rewritten
from kept.engine.identifiers import normal
from kept.engine.pack import ColumnRule
from kept.engine.searched import found_in, redact
from kept.engine.subject import Subject
from kept.engine.traces import Finder, traces_of

ALICE = Subject(
    "alice",
    frozenset(
        {
            normal("email", "alice@example.com"),
            normal("domain", "alice-arden.example"),
            normal("phone", "+493023125000"),
            normal("name", "Alice Arden"),
            normal("ip", "32.1.2.3"),
        }
    ),
)
TRACES = traces_of([ALICE])


@pytest.mark.parametrize(
    "text",
    [
        "alice@example.com",
        "From: Alice <ALICE@Example.COM>.",
        "?mail=alice%40example.com&x=1",
        "%3Calice@example.com%3E",
        "alice&#64;example.com",
        r'{"m":"hi\nalice@example.com"}',
        r'{"m":"alice\u0040example.com"}',
        "alice=40example.com",
        "see www.alice-arden.example/x",
        "call +49 (30) 23125-000 now",
        "call 030/23125000",
        "Arden, Alice",
        "alice   arden",
        "from 32.1.2.3:443",
    ],
)
def test_a_person_is_found_however_they_are_written(text):
    assert found_in(text, TRACES)
    assert not found_in(redact(text, TRACES), TRACES)
    assert list(Finder(TRACES).ends(text.encode()))


@pytest.mark.parametrize(
    "text",
    [
        "malice@example.com",
        "alice@example.com.au",
        "alice@example.community",
        "x.alice@example.com",
        "not-alice-arden.example",
        "alice-arden.example.org",
        "132.1.2.34",
        "32.1.2.30",
        "Alice Ardent",
        "1493023125000777",
    ],
)
def test_somebody_else_is_not_found(text):
    assert not found_in(text, TRACES)


words = st.sampled_from(
    [
        "alice@example.com",
        "xalice@example.com",
        "Alice Arden",
        "32.1.2.3",
        "132.1.2.3",
        "\n",
        " ",
        "%40",
        "alice",
        "@",
        "example.com",
        "ü",
    ]
)


@settings(max_examples=300)
@given(st.lists(words, max_size=40).map("".join))
def test_the_native_search_and_the_plain_one_let_through_the_same_records(text):
    block = text.encode()
    assert list(Finder(TRACES).records(block)) == list(Finder(TRACES, native=False).records(block))


@settings(max_examples=300)
@given(st.lists(words, max_size=40).map("".join))
def test_no_record_that_says_something_is_held_back(text):
    """A name alone says nothing; a strong identifier does, and so does the name with another sign."""
    let_through = {text.encode()[start:end] for start, end, _ in Finder(TRACES).records(text.encode())}
    for line in text.encode().split(b"\n"):
        found = found_in(line.decode(), TRACES)
        kinds = {trace.kind for trace in found}
        if any(trace.strong for trace in found) or ("name" in kinds and len(kinds) > 1):
            assert line in let_through


def fits(patterns, text):
    """As LIKE ANY does, in small letters."""
    ways = (re.compile(".*".join(map(re.escape, one.split("%"))), re.DOTALL) for one in patterns)
    return any(one.search(text.lower()) for one in ways)


DOMAINS = traces_of(
    [Subject("a", frozenset(normal("domain", f"alice-{word}.example") for word in ("shop", "blog", "arden")))]
)
ETTA = traces_of([Subject("b", frozenset({normal("national_id", "ID 81308973"), normal("name", "Etta Ata Toe")}))])


@settings(max_examples=300)
@given(
    st.lists(words | st.sampled_from(["alice-shop.example", "ETTA  ata toe", "id8-1308 973", "Toe, Etta Ata"])).map(
        "".join
    )
)
def test_what_the_database_is_asked_for_lets_through_every_text_that_says_something(text):
    """LIKE patterns, as few as can be: joined where they are alike, and begun at a rare letter."""
    for traces in (TRACES, DOMAINS, ETTA):
        patterns = patterns_of(traces)
        assert patterns is not None
        if any(trace.strong or trace.kind == "name" for trace in found_in(text, traces)):
            assert fits(patterns, text)


@settings(max_examples=300)
@given(st.lists(words | st.sampled_from(["ETTA  ata toe", "1980-02-03", "030/23125000", "Toe, Etta Ata"])).map("".join))
def test_each_stage_lets_through_what_says_something(text):
    """The name alone says nothing: PostgreSQL keeps such rows to itself."""
    for traces in (TRACES, DOMAINS, ETTA):
        found = found_in(text, traces)
        stages = stages_of(traces)
        kinds = {trace.kind for trace in found}
        if any(trace.strong for trace in found) or ("name" in kinds and len(kinds) > 1):
            assert fits(stages.first, text)
            named = fits(stages.name, text) and fits(stages.beside, text)
            numbered = fits(stages.numbers, text) and re.search(stages.written, text.lower())
            assert fits(stages.strong, text) or named or numbered


def test_of_a_name_the_longest_part_is_asked_for_first_and_its_ways_only_then():
    stages = stages_of(TRACES)
    assert len(stages.first) == len(stages.strong) + 1
    assert len(stages.name) == 2


def test_a_number_is_asked_for_as_it_is_written_and_not_by_digits_strewn_over_a_text():
    stages = stages_of(ETTA)
    by_chance = "ID of ticket 8, then 1, 3, 0, 8, 9, 7 and 3"
    assert fits(stages.numbers, by_chance)
    assert not re.search(stages.written, by_chance.lower())
    assert re.search(stages.written, "no. id8-1308 973.".lower())


def test_domains_that_are_alike_are_asked_for_together():
    assert patterns_of(DOMAINS) == ["%lice-%.example%"]


def test_serialised_php_keeps_its_lengths():
    rule = ColumnRule("data", "redact", codec="php")
    before = 'a:2:{s:5:"email";s:17:"alice@example.com";s:1:"n";s:13:"Jürgen Müll";}'
    assert rewritten(before, rule, TRACES, own=True) == 'a:2:{s:5:"email";s:8:"[erased]";s:1:"n";s:13:"Jürgen Müll";}'


def test_members_of_a_document_go_and_the_rest_stays():
    rule = ColumnRule("attribs", "erase", codec="json", path=("phone", "address.city"))
    before = (
        '{"phone": "+493023125000", "address": {"city": "Berlin", "zip": 1}, "likes": ["dns", "alice@example.com"]}'
    )
    assert rewritten(before, rule, TRACES, own=True) == '{"address": {"zip": 1}, "likes": ["dns", "[erased]"]}'


def test_what_claims_to_be_json_and_is_not_is_redacted_as_text():
    rule = ColumnRule("attribs", "redact", codec="json")
    assert rewritten("{broken alice@example.com", rule, TRACES, own=True) == "{broken [erased]"
