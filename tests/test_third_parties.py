"""What a text says about others is found, what is the person's own stays; how well is measured on texts of our own."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kept.engine.identifiers import normal
from kept.engine.third_parties import TAKEN_OUT, Redactor, Span, Whose, is_card, is_iban, taken_out

TEXTS = Path(__file__).with_name("redaction") / "texts.txt"
MARK = re.compile(r"⟦(\w+):([^⟧]+)⟧")
ALICE = frozenset(
    {
        normal("email", "alice@example.com"),
        normal("phone", "+49 30 23125101"),
        normal("name", "Alice Arden"),
        normal("street", "Gartenstrasse 14"),
        normal("street", "14 Garden Street"),
    }
)
# Who else the records beside these texts name: senders of mails in the same tickets.
AROUND = frozenset({"Bob Brook", "Sam Sato", "Olga Orlova"})


def told() -> list[tuple[str, list[Span]]]:
    """Each text without its marks, and what is marked in it."""
    source = "\n".join(line for line in TEXTS.read_text("utf-8").splitlines() if not line.startswith("#"))
    found = []
    for block in source.split("\n---\n"):
        text, spans, last = "", [], 0
        for match in MARK.finditer(block):
            text += block[last : match.start()]
            spans.append(Span(len(text), len(text) + len(match[2]), match[1]))
            text, last = text + match[2], match.end()
        found.append((text + block[last:], spans))
    return found


def covered(span: Span, by: list[Span]) -> bool:
    """Whether nothing of it stays readable: a title before a name may."""
    return any(one.start < span.end and span.end <= one.end for one in by)


def measure(redactor: Redactor) -> tuple[Counter[str], Counter[str], list[str], list[str]]:
    """By kind: how many there are, how many were found; then what was missed, and what was suggested for nothing."""
    there, found, missed, extra = Counter(), Counter(), [], []
    for text, spans in told():
        suggested = redactor.suggest(text)
        for span in spans:
            there[span.what] += 1
            found[span.what] += covered(span, suggested)
            if not covered(span, suggested):
                missed.append(text[span.start : span.end])
        extra += [
            text[one.start : one.end]
            for one in suggested
            if not any(one.start < s.end and s.start < one.end for s in spans)
        ]
    return there, found, missed, extra


def test_of_all_that_speaks_of_others_nearly_everything_is_suggested_and_little_else():
    there, found, missed, extra = measure(Redactor(Whose(ALICE, AROUND, "Hansoken Cloud")))
    recall = found.total() / there.total()
    precision = found.total() / (found.total() + len(extra))
    assert there.total() >= 70, "a measure needs enough texts"
    assert recall >= 0.93, (recall, missed)
    assert precision >= 0.90, (precision, extra)
    for kind in ("email", "phone", "iban", "card", "ip"):
        assert found[kind] == there[kind], (kind, missed)


def test_what_is_the_persons_own_is_left_to_them():
    own = Redactor(Whose(ALICE))
    text = "Alice Arden, Gartenstrasse 14, alice@example.com, +49 30 23125-101 or 030/23125101. Dear Alice,\nthank you"
    assert own.suggest(text) == []


def test_of_two_people_with_one_family_name_the_other_is_suggested():
    spans = Redactor(Whose(ALICE)).suggest("Please ask Mr Karl Arden, her husband.")
    assert [(one.start, one.end) for one in spans] == [(14, 24)]


@pytest.mark.parametrize(
    "number", ["4111 1111 1111 1111", "5555-5555-5555-4444", "2223003122003222", "378282246310005"]
)
def test_card_numbers_of_every_scheme_are_known_by_their_check_digit(number):
    assert is_card(number)
    last = "1" if number[-1] == "0" else "0"
    assert not is_card(number[:-1] + last)


def test_account_numbers_are_known_by_their_check_digits():
    assert is_iban("DE89 3704 0044 0532 0130 00")
    assert not is_iban("DE88 3704 0044 0532 0130 00")


def test_numbers_that_are_no_phone_numbers_stay():
    texts = (
        "order 20260302-17",
        "UUID 8f14e45f-ceea-467f",
        "2026-03-02",
        "12.03.2026",
        "1.234,50 EUR",
        "10.2.3 to 10.4.55",
    )
    assert all(Redactor(Whose(ALICE)).suggest(text) == [] for text in texts)


@given(
    st.datetimes(min_value=datetime(1000, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - Hypothesis adds the zone
    st.sampled_from(["", "Telephone ", "Received: ", "Tel. "]),
    st.sampled_from([" ", "T", "\t"]),
)
def test_a_day_and_a_time_are_nobodys_number(moment, before, between):
    """As databases, logs and mails write them."""
    written = moment.isoformat(between)
    for text in (written, written.removesuffix("+00:00"), f"{moment.date()} {moment:%H:%M}", f"{moment:%H:%M:%S.%f}"):
        assert [one for one in Redactor(Whose(ALICE)).suggest(before + text) if one.what == "phone"] == []


def test_a_number_that_begins_like_a_day_is_still_a_number():
    texts = ("Telephone 2026-12-01 234", "Phone: 0301-23-45 6789", "call me on 030:030 2345678")
    assert all([one.what for one in Redactor(Whose(ALICE)).suggest(text)] == ["phone"] for text in texts)


@given(st.text(alphabet="Ab c.@'\n,+01>:é王様", max_size=300))
def test_suggestions_come_in_order_apart_and_inside_the_text(text):
    spans = Redactor(Whose(ALICE, AROUND)).suggest(text)
    assert all(0 <= one.start < one.end <= len(text) for one in spans)
    assert all(one.end <= other.start for one, other in pairwise(spans))
    assert taken_out(text, spans).count(TAKEN_OUT) >= len(spans)


@pytest.mark.parametrize("piece", ["Aa ", "Dear ", "a@b.", "1 2", "On a ", "> From: ", "AB12 34", "Mc", "::", "J. "])
def test_a_text_made_to_be_slow_is_read_like_any_other(piece):
    """Quadratic patterns would take minutes for this; the suite's time-out would say so."""
    Redactor(Whose(ALICE, AROUND)).suggest(piece * (60_000 // len(piece)))


def test_an_address_of_the_companys_own_office_is_nobodys():
    redactor = Redactor(Whose(ALICE, company="Hansoken Cloud", hosts=frozenset({"hansoken.example"})))
    assert redactor.suggest("Write to billing@hansoken.example.") == []
    assert len(redactor.suggest("Write to bob@example.net.")) == 1
