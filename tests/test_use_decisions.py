"""What may be done with somebody's data is decided by one rule: deny by default, and some denials nothing outweighs."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kept.engine.errors import NotAnIdentifier
from kept.engine.identifiers import normal
from kept.policy.access import policy
from kept.use.decisions import (
    DESPITE,
    OVERRIDES,
    WORDS,
    Agreed,
    Facts,
    Objected,
    Restricted,
    Suppressed,
    decide,
)
from kept.use.purposes import (
    CATEGORIES,
    RECIPIENTS,
    BadPurposes,
    all_purposes,
    objectable,
    purposes_on,
    read_purposes,
)
from kept.use.rules import digest, folded

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
PURPOSES = purposes_on(NOON.date())
NAMES = sorted(PURPOSES)
MARKETING = ("marketing.own", "marketing.profiling", "marketing.third_party")

ids = st.integers(0, 3).map(str)
names = st.sampled_from([*NAMES, "nothing of ours"])
objections = st.frozensets(st.builds(Objected, names, st.booleans(), ids), max_size=3)
restrictions = st.frozensets(st.builds(Restricted, st.booleans(), ids), max_size=2)
suppressions = st.frozensets(st.builds(Suppressed, names, ids), max_size=3)
consents = st.frozensets(st.builds(Agreed, names, ids), max_size=4)
days = st.none() | st.dates(NOON.date() - timedelta(days=3), NOON.date() + timedelta(days=3))
people = st.builds(
    Facts, st.booleans(), objections, restrictions, suppressions, consents, days, st.frozensets(st.just("suppressions"))
)
grounds = st.none() | st.sampled_from(DESPITE)


def asked(facts=None, purpose="support", category="contact", recipient="us", *, despite=None):
    return decide(facts or Facts(), purpose, category, recipient, NOON, purposes=PURPOSES, despite=despite)


def both(one: Facts, other: Facts) -> Facts:
    """All that is known from two sides. Of two ends of a period, the earlier one counts."""
    ends = [day for day in (one.use_until, other.use_until) if day is not None]
    return Facts(
        one.known or other.known,
        one.objections | other.objections,
        one.restrictions | other.restrictions,
        one.suppressions | other.suppressions,
        one.consents | other.consents,
        min(ends, default=None),
        one.unread | other.unread,
    )


# What no further fact outweighs


@given(people, people, names, st.sampled_from(CATEGORIES), st.sampled_from(RECIPIENTS), grounds)
def test_a_denial_that_outweighs_never_turns_into_leave_by_knowing_more(one, more, purpose, category, to, despite):
    before = asked(one, purpose, category, to, despite=despite)
    after = asked(both(one, more), purpose, category, to, despite=despite)
    if before.overridden:
        assert after.outcome == "deny"
        assert set(before.because) & {reason for reason in after.because if reason.why in OVERRIDES}
    if after.outcome == "allow":
        assert not after.overridden


@given(people, st.text(max_size=30), st.sampled_from(CATEGORIES), st.sampled_from(RECIPIENTS), grounds)
def test_a_purpose_that_the_policy_does_not_name_is_never_allowed(facts, purpose, category, to, despite):
    if purpose not in PURPOSES:
        found = asked(facts, purpose, category, to, despite=despite)
        assert (found.outcome, found.basis) == ("deny", "")
        assert [one.why for one in found.because] == ["unknown_purpose"]


@given(people, st.sampled_from(MARKETING), st.sampled_from(CATEGORIES), st.sampled_from(RECIPIENTS), grounds)
def test_who_has_objected_to_advertising_gets_none_whatever_they_agreed_to(facts, purpose, category, to, despite):
    objected = facts.with_(
        objections=facts.objections | {Objected(purpose, False, "a")},
        consents=facts.consents | {Agreed(name, "b") for name in NAMES},
    )
    found = asked(objected, purpose, category, to, despite=despite)
    assert found.outcome == "deny"
    assert "a" in found.evidence


@given(people, st.sampled_from(NAMES), st.sampled_from(CATEGORIES), st.sampled_from(RECIPIENTS))
def test_restricted_data_are_stored_and_used_only_where_the_law_says_so(facts, purpose, category, to):
    restricted = facts.with_(restrictions=frozenset({Restricted(True, "r")}))
    found = asked(restricted, purpose, category, to)
    if found.outcome == "allow":
        assert PURPOSES[purpose].restricted, "storage, what the person asks for, and legal claims go on"
        assert "r" in found.evidence
    assert asked(restricted, purpose, category, to).outcome != "allow" or purpose in ("storage", "rights", "claims")


@given(people, st.sampled_from(NAMES), st.sampled_from(CATEGORIES), st.sampled_from(RECIPIENTS), grounds)
def test_every_answer_has_reasons_and_the_same_ones_again(facts, purpose, category, to, despite):
    found = asked(facts, purpose, category, to, despite=despite)
    assert found.because
    assert found == asked(facts, purpose, category, to, despite=despite)
    assert all(one.words == WORDS[one.why] for one in found.because)
    assert found.basis.startswith("GDPR Art. 6(1)(")


# What follows from what


def test_a_use_that_the_policy_names_is_allowed_with_its_basis():
    found = asked()
    assert (found.outcome, found.basis, found.evidence) == ("allow", "GDPR Art. 6(1)(b)", ())


@pytest.mark.parametrize(
    ("purpose", "category", "to", "why"),
    [
        ("support", "marketing", "us", "category"),
        ("support", "contact", "partner", "recipient"),
        ("support", "contact", "somebody", "recipient"),
        ("marketing.third_party", "contact", "us", "no_consent"),
        ("analytics", "usage", "us", "no_consent"),
        ("sell it", "contact", "us", "unknown_purpose"),
    ],
)
def test_what_nobody_named_is_denied(purpose, category, to, why):
    found = asked(None, purpose, category, to)
    assert found.outcome == "deny"
    assert why in [one.why for one in found.because]


def test_consent_allows_what_needs_it_and_is_the_evidence():
    agreed = Facts(consents=frozenset({Agreed("marketing.third_party", "c")}))
    found = asked(agreed, "marketing.third_party")
    assert (found.outcome, found.evidence) == ("allow", ("c",))
    assert asked(agreed, "analytics", "usage").outcome == "deny", "for that purpose only"


def test_while_an_objection_is_weighed_the_use_rests():
    pending = Facts(objections=frozenset({Objected("improvement", True, "o")}))
    found = asked(pending, "improvement", "usage")
    assert [(one.why, one.evidence) for one in found.because] == [("objection_pending", "o")]
    assert asked(pending, "security", "usage").outcome == "allow", "another use goes on"


def test_no_to_our_advertising_is_no_to_choosing_it_as_well():
    no = Facts(
        suppressions=frozenset({Suppressed("marketing.own", "s")}), consents=frozenset({Agreed(MARKETING[1], "c")})
    )
    assert asked(no, "marketing.profiling").outcome == "deny"
    assert asked(no, "support").outcome == "allow"


def test_a_ground_of_the_law_opens_restricted_data_and_is_said():
    stopped = Facts(restrictions=frozenset({Restricted(True, "r")}))
    assert asked(stopped).outcome == "deny"
    for ground in DESPITE:
        found = asked(stopped, despite=ground)
        assert (found.outcome, found.evidence) == ("allow", ("r",))
    objected = stopped.with_(objections=frozenset({Objected("marketing.own", False, "o")}))
    assert asked(objected, "marketing.own", despite="consent").outcome == "deny", "but never an objection"


@pytest.mark.parametrize(
    "facts",
    [
        Facts(known=False),
        Facts(unread=frozenset({"suppressions"})),
        Facts(restrictions=frozenset({Restricted(False, "r")})),
    ],
)
def test_where_nobody_can_know_nobody_says_yes(facts):
    assert asked(facts).outcome == "cannot tell"


def test_a_period_that_is_over_ends_every_use():
    last = NOON.date()
    assert asked(Facts(use_until=last)).outcome == "allow"
    assert asked(Facts(use_until=last - timedelta(days=1))).outcome == "deny"


# The purposes


def test_every_purpose_stands_on_clauses_of_the_policy_and_has_its_name_in_the_vocabulary():
    for one in all_purposes():
        assert one.clauses, one.name
        assert set(one.clauses) <= set(policy().promises), one.name
        assert one.dpv.startswith("https://w3id.org/dpv#"), one.name
        assert one.basis_iri.endswith(f"A6-1-{one.letter}")
        assert all(len(sentence.split()) <= 25 for sentence in one.means.split(". ")), one.name


def test_nobody_can_object_to_what_a_contract_or_a_law_carries():
    for one in all_purposes():
        if one.letter in ("b", "c"):
            assert one.objection == "none", f"{one.name}: GDPR Art. 21(1) is about letters e and f"
        if one.letter == "f":
            assert one.objection != "none", one.name
    offered = [one.objection for one in objectable(NOON.date())]
    assert offered == sorted(offered), "what is absolute stands first"


def test_a_purpose_counts_on_its_own_days_only():
    text = """format = 1
[[purpose]]
name = "a"
title = "A"
means = "We do it."
dpv = "CustomerCare"
basis = "b"
class = "contract"
objection = "none"
categories = ["contact"]
recipients = ["us"]
from = 2026-01-01
to = 2026-06-30
"""
    (one,) = read_purposes(text)
    assert (one.since, one.until) == (date(2026, 1, 1), date(2026, 6, 30))
    later = text.replace("format = 1\n", "").replace("2026-01-01", "2026-06-30").replace("to = 2026-06-30\n", "")
    with pytest.raises(BadPurposes, match="two entries are in force on the same day"):
        read_purposes(text + later)
    assert len(read_purposes(text + later.replace("from = 2026-06-30", "from = 2026-07-01"))) == 2


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("format = 1", "format = 2", "format must be 1"),
        ("[[purpose]]", "[[purpose]", "not TOML"),
        ('dpv = "AccountManagement"', "", "needs dpv"),
        ('basis = "b"', 'basis = "z"', "basis must be one of a, b, c, d, e, f"),
        ('class = "contract"', 'class = "marketing.own"', "against marketing an objection is absolute"),
        ('recipients = ["us", "processor", "the person"]', 'recipients = ["everybody"]', "recipients must be some of"),
        ('title = "Running an account"', 'title = "x"\nwhy = "y"', "unknown words why"),
        ("from = 2026-01-01", "from = 2026-01-01\nto = 2025-01-01", "from is a day"),
        ("from = 2026-01-01", "from = 2026-01-01T10:00:00", "from is a day"),
    ],
)
def test_a_table_with_a_fault_is_refused_with_what_is_wrong(old, new, what):
    from importlib import resources

    text = (resources.files("kept.use") / "purposes.toml").read_text()
    assert old in text
    with pytest.raises(BadPurposes, match=what):
        read_purposes(text.replace(old, new, 1))


# Spellings of an address


@pytest.mark.parametrize(
    ("typed", "as_well"),
    [
        ("alice+shop@example.com", "Alice@Example.com"),
        ("al.ice@gmail.com", "alice+x@googlemail.com"),
        ("ﬁona@example.com", "fiona@example.com"),
        ("alice@BÜCHER.example", "alice@xn--bcher-kva.example"),
    ],
)
def test_an_address_is_the_same_however_it_is_spelled(typed, as_well):
    assert folded(normal("email", typed)) == folded(normal("email", as_well))


def test_another_persons_address_stays_another_one():
    kinds = [folded(normal("email", one)) for one in ("al.ice@example.com", "alice@example.com", "alice@example.org")]
    assert len(set(kinds)) == 3
    assert folded(normal("email", "+x@example.com")).value == "+x@example.com", "a name of nothing is no name"


@given(st.emails())
def test_folding_twice_is_folding_once(text):
    try:
        one = normal("email", text)
    except NotAnIdentifier:  # there are addresses that we do not take
        return
    assert folded(folded(one)) == folded(one)
    assert digest(one, "a", b"k" * 32) != digest(one, "b", b"k" * 32)
