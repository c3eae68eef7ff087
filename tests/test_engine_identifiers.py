"""Identifiers: equal people have equal values, however they were typed or stored."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kept.engine.errors import NotAnIdentifier
from kept.engine.identifiers import normal, phone_spellings, stored_forms

locals_ = st.from_regex(r"\A[a-z0-9]([a-z0-9._+-]{0,20}[a-z0-9])?\Z")
hosts = st.from_regex(r"\A[a-z0-9]{1,12}\.(com|example|org)\Z")


@given(locals_, hosts)
def test_an_address_means_the_same_in_any_case_and_with_space_around_it(local, host):
    once = normal("email", f"{local}@{host}")
    assert normal("email", f"  {local.upper()}@{host.title()} ") == once
    assert normal("email", once.value) == once


@given(st.sampled_from(["email", "domain", "phone", "ip", "name", "national_id", "birth_date"]), st.text(max_size=60))
def test_any_text_is_an_identifier_or_a_clear_no(kind, text):
    try:
        once = normal(kind, text)
    except NotAnIdentifier:
        return
    assert normal(kind, once.value) == once


@pytest.mark.parametrize(
    ("kind", "typed", "value"),
    [
        ("email", "Jörg@BÜCHER.example", "jörg@xn--bcher-kva.example"),
        ("domain", "Bücher.example.", "xn--bcher-kva.example"),
        ("ip", "::ffff:192.0.2.1", "192.0.2.1"),
        ("ip", "2001:0DB8::0001", "2001:db8::1"),
        ("phone", "+49 (30) 23125-000", "+493023125000"),
        ("name", "  ALICE \u00a0 Arden ", "alice arden"),
        ("national_id", "n 123-456.78", "N12345678"),
        ("birth_date", "1980-02-03T00:00:00", "1980-02-03"),
    ],
)
def test_each_kind_has_one_normal_form(kind, typed, value):
    assert normal(kind, typed).value == value


@pytest.mark.parametrize(
    "typed", ["alice", "@example.com", "a b@example.com", "alice@localhost", "a\x00@example.com", "", "x" * 400]
)
def test_what_is_no_address_is_refused_without_repeating_it(typed):
    with pytest.raises(NotAnIdentifier) as no:
        normal("email", typed)
    assert not typed or typed not in str(no.value)


def test_a_domain_is_looked_for_in_both_its_spellings():
    assert stored_forms(normal("email", "info@bücher.example")) == ["info@xn--bcher-kva.example", "info@bücher.example"]


def test_a_number_is_looked_for_as_people_write_it():
    spellings = phone_spellings("+493023125000")
    assert {"+493023125000", "03023125000", "00493023125000"} <= set(spellings)
    assert normal("phone", "030 23125000", region="DE") == normal("phone", "+49 30 23125000")


def test_what_an_identifier_shows_of_itself_is_not_its_value():
    assert "alice" not in repr(normal("email", "alice@example.com"))
