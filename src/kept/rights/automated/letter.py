"""The answer to whoever asked about a computer's decision: how it came about, and what a person made of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.conf import settings

from kept.engine.package import PackageFile, write_answer
from kept.engine.pages import Part, letter
from kept.rights.automated.access import Found, declared_in, found_in, in_force
from kept.rights.automated.models import Review, Version
from kept.rights.automated.rules import Explanation
from kept.rights.models import Case
from kept.rights.packages import sealed, workshop

FORMAT = "kept-automated/1"
TITLE = "How a computer decided, and what a person found"
RESULTS = {
    Review.Result.UPHELD: "A person looked at it again. It stands.",
    Review.Result.CHANGED: "A person looked at it again and changed it.",
    Review.Result.WITHDRAWN: "A person looked at it again and withdrew it.",
}


def write_letter(case: Case, at: datetime) -> PackageFile | None:
    """The file, sealed with the case's key; None: the case is no longer to be answered. Raises OSError."""
    if case.state != Case.State.APPROVED:
        return None
    found = found_in(case)
    if any(one.review is None for one in found):  # one that was logged since the approval waits for a person too
        return None
    general = list(in_force())
    made_at = at.isoformat(timespec="seconds")
    parts = [*_parts(found), *_of_rules(general)]
    page = letter(TITLE, settings.COMPANY, settings.CONTACT, case.reference, made_at, _lead(found), parts)
    facts = {
        "format": FORMAT,
        "company": settings.COMPANY,
        "contact": settings.CONTACT,
        "reference": case.reference,
        "made_at": made_at,
        "decisions": [_told(one) for one in found],
        "rules": [_rule(one) for one in general],
    }
    files = {"index.html": page, "decisions.json": json.dumps(facts, ensure_ascii=False, indent=1)}
    with workshop() as work:
        return sealed(case, write_answer(work, str(case.pk), case.reference, files, len(found)))


def _lead(found: Sequence[Found]) -> str:
    if not found:
        return "We searched by everything that names you and found no decision that a computer made about you."
    count = "1 decision" if len(found) == 1 else f"{len(found)} decisions"
    return f"We found {count} that a computer made about you, and a person looked at each of them."


def _parts(found: Sequence[Found]) -> Iterator[Part]:
    for one in found:
        decision, how, review = one.decision, one.explanation, one.review
        title = f"{decision.version.title}, {decision.decided_at:%-d %B %Y}"
        pairs = list(pairs_of(how)) if how else [("What we hold", "The record of it was erased.")]
        sentences = []
        if review is not None:
            sentences = [RESULTS[Review.Result(review.result)], *_new_outcome(one), review.reasons]
        yield Part(title, sentences, pairs)


def _of_rules(general: Sequence[Version]) -> Iterator[Part]:
    for one in general:
        pairs = [
            ("How it decides", one.logic),
            ("Why it matters", one.significance),
            ("What can follow", one.consequences),
        ]
        yield Part(f"The rule “{one.title}”, version {one.number}", [one.purpose], pairs)


def pairs_of(how: Explanation) -> Iterator[tuple[str, str]]:
    """What an explanation says, in pairs."""
    yield "What it decided", how.outcome
    yield "Who decided", "A computer alone." if how.alone else "A computer proposed it, and a person decided."
    yield "How it decides", how.logic
    for label, value, category, source in how.used:
        yield f"It used: {label}", f"{value}. This is {category}, from {source}."
    for one in how.weighed:
        looked = "; ".join(f"{label}: {value}" for label, value in one.looked_at)
        points = f" It counted {one.points} point{'' if one.points == 1 else 's'}." if one.points is not None else ""
        yield "It counted", f"{one.says}{points}{f' ({looked})' if looked else ''}"
        yield "What would have changed that", one.otherwise
    if not how.weighed:
        yield "It counted", "None of the reasons that it looks for was found."
    if how.points is not None and how.from_points is not None:
        yield "Together", f"{how.points} points; this outcome begins at {how.from_points}."
    for other in how.others:
        yield f"Without “{'” and “'.join(other.without)}”", other.then
    yield "Why it matters", how.significance
    yield "What follows", how.consequences


def _new_outcome(one: Found) -> Iterator[str]:
    review = one.review
    if review is not None and review.outcome:
        yield f"From now on: {declared_in(one.decision.version).outcome(review.outcome).says}"


def _told(one: Found) -> dict[str, Any]:
    decision, review = one.decision, one.review
    return {
        "rule": decision.version.rule.name,
        "version": decision.version.number,
        "system": decision.system,
        "number": decision.number,
        "decided_at": decision.decided_at.isoformat(timespec="seconds"),
        "explanation": asdict(one.explanation) if one.explanation else None,
        "review": review
        and {
            "result": review.result,
            "outcome": review.outcome,
            "reasons": review.reasons,
            "decided_at": review.decided_at.isoformat(timespec="seconds"),
        },
    }


def _rule(version: Version) -> dict[str, Any]:
    words = ("title", "purpose", "alone", "effect", "permitted_by", "permission", "logic", "significance")
    told = {word: getattr(version, word) for word in (*words, "consequences", "inputs")}
    return {"rule": version.rule.name, "version": version.number, **told}
