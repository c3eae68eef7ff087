"""Decisions that a computer makes: each is registered, logged and explained, and a person looks again."""

from __future__ import annotations

import json
import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connections, transaction
from django.http import Http404
from django.utils import timezone
from house import KEPT, PERSON, house, own_dump, store, zip_of
from hypothesis import given
from hypothesis import strategies as st

from kept.engine.identifiers import normal
from kept.policy.keepers import keepers_of
from kept.post.models import Message
from kept.rights import actions as rights
from kept.rights.automated import actions
from kept.rights.automated.access import decisions_about, explained, found_in, in_force, reviews_since
from kept.rights.automated.errors import (
    AutomatedError,
    BadDecision,
    BadRule,
    MadeTheRule,
    MayNotKeep,
    NoSuchRule,
    OtherDecision,
    RuleEnded,
)
from kept.rights.automated.models import Decision, DecisionIdentifier, Review, Version
from kept.rights.automated.promises import decisions_are_explained_and_reviewed
from kept.rights.automated.rules import (
    Declared,
    Factor,
    Input,
    Outcome,
    explain,
    faults_of,
    faults_of_decision,
    outcome_of,
)
from kept.rights.errors import NotReady, OwnCase
from kept.rights.models import Case
from kept.site.demo.decisions import load_decisions
from kept.terms import Actor, State
from kept.vault.models import Key

__all__ = ["house", "store"]

ERIK, OLGA = Actor("engineer", "00000000-0000-4000-8000-0000000000e1"), Actor("privacy_officer", "0f")
SAID = Declared(
    (
        Input("amount", "Amount", "order data", "you"),
        Input("country", "Country of the card", "payment data", "the bank"),
    ),
    (
        Factor("far", "The card is from far away.", "With a card from here, no.", ("country",), 40),
        Factor("large", "The order is large.", "With a small order, no.", ("amount",), 40),
        Factor("known", "You are known.", "New customers do not get this.", (), -20),
    ),
    (Outcome("accepted", "Accepted.", -20), Outcome("held", "Held.", 40), Outcome("refused", "Refused.", 70)),
)


def said(**changes):
    words = {
        "title": "Check of orders", "purpose": "Against stolen cards.", "alone": True, "effect": True,
        "permitted_by": "contract", "permission": "Nobody could look at each order.", "logic": "It adds up points.",
        "significance": "No order, no service.", "consequences": "You can ask a person.", "days": 100,
        "declared": SAID,
    }  # fmt: skip
    return actions.Said(**{**words, **changes})


def rule(at=None, **changes):
    at = at or timezone.now() - timedelta(days=10)
    return actions.approve_version(actions.write_rule("order-check", said(**changes), by=ERIK, at=at), by=OLGA, at=at)


def log(number="1", email="alice@example.com", **changes):
    told = {
        "system": "billing", "number": number, "person": [normal("email", email)], "outcome": "refused",
        "inputs": {"amount": "900 EUR", "country": "XK"}, "factors": ["far", "large"],
        "decided_at": timezone.now() - timedelta(days=1), "by": KEPT, "at": timezone.now(),
    }  # fmt: skip
    return actions.log_decision("order-check", **{**told, **changes})


def asked(house, email="alice@example.com", **words):
    """A case about automated decisions, proven and searched."""
    told = {"which": "The order I made", "wants": "change", "view": "It was my own card.", **words}
    opened = rights.open_case("automated", email, asked=told, channel="web", by=PERSON, at=timezone.now())
    assert rights.prove(opened.case, house.code(opened.case), by=PERSON, at=timezone.now())
    house.work()
    return house.now(opened.case)


# Rules, on plain values


points = st.integers(-50, 100)


@given(st.lists(points, min_size=1, max_size=5), st.sets(st.integers(0, 4)))
def test_what_would_have_changed_a_decision_is_true(each, chosen):
    """Taking away what the explanation names leads to the outcome it names; and nothing smaller does."""
    factors = tuple(Factor(f"f{n}", f"F{n}.", "o", (), each[n]) for n in range(len(each)))
    floor = sum(one for one in each if one < 0)
    out = (Outcome("low", "Low.", min(floor, 0)), Outcome("mid", "Mid.", 30), Outcome("high", "High.", 60))
    declared = Declared((Input("a", "A", "b", "c"),), factors, out)
    decided = [f"f{n}" for n in sorted(chosen) if n < len(each)]
    outcome = outcome_of(declared, decided)
    assert outcome is not None
    words = {"title": "t", "number": 1, "alone": True, "logic": "l", "significance": "s", "consequences": "c"}
    how = explain(declared, **words, inputs={}, outcome=outcome, factors=decided)
    says = {one.says: one.name for one in factors}
    for other in how.others:
        left = set(decided) - {says[one] for one in other.without}
        assert declared.outcome(outcome_of(declared, left)).says == other.then != how.outcome
    sizes = {len(other.without) for other in how.others}
    assert len(sizes) <= 1
    if sizes and sizes != {1}:
        assert all(outcome_of(declared, set(decided) - {name}) == outcome for name in decided)


def test_an_explanation_holds_the_record_and_the_declared_words_and_nothing_else():
    inputs = {"amount": 1900, "country": None}
    words = {"title": "T", "number": 3, "alone": True, "logic": "L", "significance": "S", "consequences": "C"}
    how = explain(SAID, **words, inputs=inputs, outcome="refused", factors=["far", "large"])
    assert how.used == (
        ("Amount", "1,900", "order data", "you"),
        ("Country of the card", "not known", "payment data", "the bank"),
    )
    assert [one.says for one in how.weighed] == ["The card is from far away.", "The order is large."]
    assert (how.points, how.from_points) == (80, 70)
    assert [one.then for one in how.others] == ["Held.", "Held."]
    assert "Without “The order is large.”: Held." in how.text()
    silent = explain(SAID, **words, inputs={}, outcome="held", factors=["far", "large"])
    assert silent.others == (), "a record that contradicts its rule is no ground to say what would have changed it"


def test_what_no_law_permits_is_refused_before_it_decides():
    fine = {"art_22": True, "permitted_by": "contract", "permission": "p", "logic": "l"}
    assert faults_of(SAID, **fine) == []
    assert "must permit it" in faults_of(SAID, **{**fine, "permitted_by": ""})[0]
    assert faults_of(SAID, **{**fine, "logic": " "}) == ["It does not say how it decides."]
    health = Declared(
        (*SAID.inputs, Input("health", "Health", "health data", "you", True)), SAID.factors, SAID.outcomes
    )
    assert "special categories" in faults_of(health, **fine)[0]
    assert faults_of(health, **{**fine, "permitted_by": "consent"}) == []
    half = Declared(SAID.inputs, SAID.factors, (Outcome("a", "A.", 0), Outcome("b", "B.")))
    assert "each outcome says" in faults_of(half, **fine)[0]
    gap = Declared(SAID.inputs, SAID.factors, (Outcome("a", "A.", 0), Outcome("b", "B.", 9)))
    assert "fewest points" in faults_of(gap, **fine)[0], "minus 20 points would have no outcome"
    strange = Declared(SAID.inputs, (Factor("f", "s", "o", ("none",), 1),), SAID.outcomes)
    assert "no input" in " ".join(faults_of(strange, **fine))


@given(st.dictionaries(st.text(), st.text() | st.floats() | st.integers()), st.text(), st.lists(st.text()))
def test_a_strange_decision_is_refused_and_no_value_is_repeated(inputs, outcome, factors):
    found = faults_of_decision(SAID, {"secret-Arden": "Arden", **inputs}, outcome, factors)
    assert found
    assert "Arden" not in " ".join(found)


# The register


@pytest.mark.store
def test_a_rule_holds_once_the_officer_approved_it_and_a_change_is_a_new_version(store):
    at = timezone.now()
    first = actions.write_rule("order-check", said(), by=ERIK, at=at)
    assert actions.write_rule("order-check", said(), by=ERIK, at=at).pk == first.pk, "said twice it is one"
    assert not in_force().exists()
    with pytest.raises(NoSuchRule):
        log(decided_at=at)
    for by, error in ((ERIK, MayNotKeep), (Actor("auditor", "a"), MayNotKeep), (Actor("customer", "c"), MayNotKeep)):
        with pytest.raises(error):
            actions.approve_version(first, by=by, at=at)
    with pytest.raises(MayNotKeep):
        actions.write_rule("order-check", said(logic="Other."), by=OLGA, at=at)
    with pytest.raises(BadRule, match="yourself"):
        actions.approve_version(first, by=Actor("privacy_officer", ERIK.id), at=at)
    actions.approve_version(first, by=OLGA, at=at)
    assert [one.pk for one in in_force()] == [first.pk]
    second = actions.write_rule("order-check", said(logic="It adds up more points."), by=ERIK, at=at)
    third = actions.write_rule("order-check", said(logic="Differently."), by=ERIK, at=at)
    with pytest.raises(BadRule, match="newer version"):
        actions.approve_version(second, by=OLGA, at=at)
    later = at + timedelta(minutes=1)
    actions.approve_version(third, by=OLGA, at=later)
    assert [(one.number, bool(one.valid_from), one.valid_to) for one in Version.objects.order_by("number")] == [
        (1, True, later), (2, False, None), (3, True, None),
    ]  # fmt: skip
    assert log(decided_at=at + timedelta(seconds=1), at=later).version_id == first.pk, "by what it said then"
    actions.end_rule(first.rule, by=OLGA, at=later)
    assert not in_force().exists()
    with pytest.raises(RuleEnded):
        actions.write_rule("order-check", said(), by=ERIK, at=later)


# The log


@pytest.mark.store
def test_a_decision_is_logged_once_sealed_and_found_by_every_strong_identifier(store):
    rule()
    number = normal("account", "17", scope="billing")
    decision = log(person=[normal("email", "Alice@Example.COM"), number])
    same = log(person=[number, normal("email", "alice@example.com")], decided_at=decision.decided_at)
    assert (same.pk, Decision.objects.count(), DecisionIdentifier.objects.count()) == (decision.pk, 1, 2)
    with pytest.raises(OtherDecision):
        log(decided_at=decision.decided_at, inputs={"amount": "1 EUR"})
    assert "900 EUR" not in own_dump()
    assert "alice@example.com" not in own_dump()
    assert [one.pk for one in decisions_about([number])] == [decision.pk]
    assert [one.pk for one in decisions_about([normal("email", "alice@example.com")])] == [decision.pk]
    for other in (
        normal("account", "17", scope="helpdesk"),
        normal("email", "bob@example.com"),
        normal("ip", "192.0.2.1"),
    ):
        assert not decisions_about([other]).exists(), other
    told = explained(Decision.objects.get())
    assert told.outcome == "Refused."
    assert told.text() == Decision.objects.get().explanation


@pytest.mark.store
@pytest.mark.parametrize(
    "changes",
    [
        {"person": []},
        {"person": [normal("ip", "192.0.2.1")]},
        {"number": "alice@example.com"},
        {"number": ""},
        {"number": "x" * 101},
        {"outcome": "none"},
        {"factors": ["none"]},
        {"factors": ["far", "far"]},
        {"inputs": {"none": 1}},
        {"inputs": {"amount": ["a", "list"]}},
        {"inputs": {"amount": "x" * 301}},
        {"inputs": {"amount": float("nan")}},
        {"decided_at": timezone.now() + timedelta(days=2)},
    ],
)
def test_what_does_not_fit_its_rule_is_not_logged(store, changes):
    rule()
    keys = Key.objects.count()
    with pytest.raises((BadDecision, NoSuchRule)):
        log(**changes)
    assert (Decision.objects.count(), Key.objects.count()) == (0, keys)


@pytest.mark.store
def test_the_same_decision_told_by_two_workers_at_once_is_one(store):
    rule()
    at, failed = timezone.now() - timedelta(hours=1), []
    barrier = threading.Barrier(2)

    def tell():
        try:
            barrier.wait()
            log(decided_at=at)
        except AutomatedError as problem:
            failed.append(problem)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=tell) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (failed, Decision.objects.count(), DecisionIdentifier.objects.count()) == ([], 1, 1)


@pytest.mark.store
def test_a_decision_ends_with_its_period_and_its_key_with_it(store):
    rule(days=5)
    decision = log()
    assert actions.forget_decisions(by=KEPT, at=timezone.now()) == 0
    assert actions.forget_decisions(by=KEPT, at=timezone.now() + timedelta(days=5)) == 1
    assert not Decision.objects.exists()
    assert not Key.objects.filter(number=decision.key).exists()


# Looking again


@pytest.mark.store
def test_a_person_looks_again_tells_why_and_the_system_learns_what_holds(house):
    load_decisions(house.people, by=KEPT, at=timezone.now())
    load_decisions(house.people, by=KEPT, at=timezone.now())
    assert Decision.objects.count() == 4, "loaded twice, it is there once"
    case = asked(house)
    assert case.state == Case.State.REVIEW
    found = {one.decision.number: one for one in found_in(case)}
    assert set(found) == {"order-5012", "terms-77"}, "hers, and nobody else's"
    with pytest.raises(NotReady, match="2 decisions"):
        rights.approve(case, by=house.officer, at=timezone.now())
    order, terms = found["order-5012"].decision, found["terms-77"].decision
    bobs = Decision.objects.get(number="order-5033")
    with pytest.raises(Http404):
        judge(case, bobs, house.officer)
    with pytest.raises(MadeTheRule):
        judge(case, order, Actor("privacy_officer", house.people["erik"].actor.id))
    with pytest.raises(BadDecision):
        judge(case, order, house.officer, "changed", "held")
    with pytest.raises(BadDecision):
        judge(case, order, house.officer, "changed", "no_such")
    with pytest.raises(BadDecision):
        judge(case, order, house.officer, reasons="  ")
    judge(case, order, house.officer)
    judge(case, order, house.officer, "changed", "accepted", "Her own card: the bank moved.")
    assert Review.objects.count() == 1, "said anew as long as the answer is not out"
    judge(case, terms, house.officer)
    assert reviews_since(0) == [], "nobody learns of it before the person does"
    rights.approve(house.now(case), by=house.officer, at=timezone.now())
    house.work()
    case = house.now(case)
    assert (case.state, case.outcome) == ("answered", {"decisions": 2, "upheld": 1, "changed": 1, "withdrawn": 0})
    with zip_of(case.packages.get()) as file:
        told = json.loads(file.read("decisions.json"))
        page = file.read("index.html").decode()
        assert set(file.namelist()) == {"index.html", "decisions.json", "manifest.json"}
    assert "Her own card: the bank moved." in page
    assert "The order was accepted." in page
    assert "The card is from another country than the address." in page
    assert "order-5033" not in page + json.dumps(told)
    first, second = reviews_since(0)
    assert (first.cursor, second.cursor) == (1, 2)
    changed = next(one for one in (first, second) if one.result == "changed")
    assert (changed.number, changed.outcome, changed.system) == ("order-5012", "accepted", "billing")
    assert reviews_since(2) == []
    assert reviews_since(0, system="helpdesk") == []
    assert reviews_since(1, most=1) == [second]
    mail = Message.objects.filter(about=case.pk).order_by("written_at", "id").last()
    assert "decision is ready" in mail.subject


def judge(case, decision, by, result="upheld", outcome="", reasons="The computer was right."):
    at = timezone.now()
    return actions.review_decision(case, decision, result, outcome=outcome, reasons=reasons, by=by, at=at)


@pytest.mark.store
def test_nobody_judges_a_decision_about_themselves_and_who_has_none_is_told_so(house):
    rule()
    log(email=house.people["olga"].email)
    own = asked(house, house.people["olga"].email)
    with pytest.raises(OwnCase):
        judge(own, Decision.objects.get(), house.officer)
    none = asked(house, "bob@example.com")
    rights.approve(none, by=house.officer, at=timezone.now())
    log(number="2", email="bob@example.com")  # a moment before the answer is written
    house.work()
    none = house.now(none)
    assert (none.state, none.approved_at) == ("review", None), "what came meanwhile is judged too"
    judge(none, Decision.objects.get(number="2"), house.officer, "withdrawn")
    rights.approve(house.now(none), by=house.officer, at=timezone.now())
    house.work()
    assert house.now(none).state == "answered"
    assert [one.result for one in reviews_since()] == ["withdrawn"]


@pytest.mark.store
def test_a_copy_holds_each_decision_and_an_erasure_takes_what_it_used(house):
    load_decisions(house.people, by=KEPT, at=timezone.now())
    case = house.reviewed("access", "alice@example.com")
    rights.approve(case, by=house.officer, at=timezone.now())
    house.work()
    with zip_of(house.now(case).packages.get()) as file:
        tables = {one["table"]: one["records"] for one in json.loads(file.read("data.json"))["tables"]}
    decisions = {one["number"]: one for one in tables["automated_decision"]}
    assert set(decisions) == {"order-5012", "terms-77"}
    assert decisions["order-5012"]["version_id"] == "Check of new orders"
    assert "How it decides: The computer looks for four signs" in decisions["order-5012"]["explanation"]
    assert "89.00 EUR" in decisions["order-5012"]["inputs"]
    house.confirmed("alice@example.com")
    house.work()
    actions.forget_decisions(by=KEPT, at=timezone.now())
    assert {one.number: bool(one.key) for one in Decision.objects.all()} == {
        "order-5012": False, "terms-77": False, "order-5033": True, "terms-81": True,
    }  # fmt: skip
    assert DecisionIdentifier.objects.filter(decision__key=None).count() == 0


# The promise


@pytest.mark.store
@pytest.mark.breaks("rights.automated.decisions_are_explained_and_reviewed")
def test_the_keeper_sees_a_late_review_and_a_rule_that_nobody_approved(house):
    look = decisions_are_explained_and_reviewed
    assert look in [bound.look for bound in keepers_of("12.5")]
    seen = look(timezone.now())
    assert (seen.state, seen.figure) == (State.KEPT, "0 rules, 0 decisions in 90 days, 0 reviews open, 0 answered")
    version = rule()
    log()
    case = asked(house)
    seen = look(timezone.now())
    assert (seen.state, seen.number) == (State.KEPT, 1)
    assert seen.figure == "1 rule, 1 decision in 90 days, 1 review open, 0 answered"
    house.due(case, timezone.now().date() - timedelta(days=1))
    assert look(timezone.now()).state is State.BROKEN
    house.due(case, timezone.now().date() + timedelta(days=9))
    assert look(timezone.now()).state is State.KEPT
    Version.objects.filter(pk=version.pk).update(logic="")
    assert look(timezone.now()).state is State.BROKEN
    Version.objects.filter(pk=version.pk).update(logic="It adds up.")
    Decision.objects.update(fits=False)
    assert "contradicts" in look(timezone.now()).meaning


@pytest.mark.store
def test_the_store_itself_keeps_a_rule_from_deciding_without_approval(store):
    version = actions.write_rule("order-check", said(), by=ERIK, at=timezone.now())
    with pytest.raises(IntegrityError, match="version_in_force_was_approved"), transaction.atomic():
        Version.objects.filter(pk=version.pk).update(valid_from=timezone.now())
