"""The policy, with the evidence beside each clause. Everybody may read all of it, and nobody makes a check run."""

from __future__ import annotations

import csv

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from kept.policy.access import clause_of, coming, policy, version_before, version_of, versions
from kept.policy.evidence import all_found, found_for, of_clause, series
from kept.policy.keepers import keepers_of
from kept.policy.laws import duties_of, laws
from kept.policy.shown import (
    MARKS,
    SHOWN,
    Row,
    changes_of,
    course_of,
    parts_of,
    row_of,
    tally,
    why_not,
    wordings,
)
from kept.policy.versions import to_ask_again
from kept.terms import PromiseKind

__all__ = ["MARKS", "Row"]

KINDS = {
    PromiseKind.PROMISE: "A promise",
    PromiseKind.RIGHT: "A right",
    PromiseKind.CONDITION: "A condition",
    PromiseKind.FACT: "A fact",
    PromiseKind.WARNING: "A warning",
}


@require_safe
def whole_policy(request: HttpRequest) -> HttpResponse:
    return _layer(request, "policy/policy.html")


@require_safe
def one_screen(request: HttpRequest) -> HttpResponse:
    """One sentence for each section."""
    return _layer(request, "policy/one_screen.html")


@require_safe
def one_line_each(request: HttpRequest) -> HttpResponse:
    """One line for each clause."""
    return _layer(request, "policy/one_line_each.html")


def _layer(request: HttpRequest, template: str) -> HttpResponse:
    in_force, at = policy(), timezone.now()
    parts = parts_of(in_force, all_found(at), at)
    rows = [row for part in parts for row in part.rows]
    context = {
        "policy": in_force, "own": in_force.settings, "parts": parts, "tally": tally(rows), "at": at,
        "coming": coming(at.date()),
    }  # fmt: skip
    return render(request, template, context | {"clauses": len({row.clause.promise or row.clause.id for row in rows})})


@require_safe
def one_clause(request: HttpRequest, clause_id: str) -> HttpResponse:
    section, clause = clause_of(clause_id)
    in_force, at = policy(), timezone.now()
    found = found_for(clause.promise, at) if clause.promise else []
    ids = list(dict.fromkeys(one.promise or one.id for one in in_force.text.clauses))
    place = ids.index(clause.promise or clause.id)
    promise = in_force.promise(clause.promise) if clause.promise else None
    context = {
        "policy": in_force,
        "own": in_force.settings,
        "section": section,
        "kind": KINDS[promise.kind] if promise else "A sentence",
        "row": row_of(clause, in_force, {clause.promise: found}, at),
        "passages": in_force.passages(clause.promise) if clause.promise else [clause],
        "promise": promise,
        "looks": [
            (look, MARKS[look.state], bound, course_of(bound, number, at))
            for number, (look, bound) in enumerate(zip(found, keepers_of(clause.promise), strict=True))
        ],
        "why_not": why_not(clause.promise),
        "duties": duties_of(clause.promise),
        "wordings": wordings(clause.promise, versions()),
        "today": at.date(),
        "before": ids[place - 1] if place else None,
        "after": ids[place + 1] if place + 1 < len(ids) else None,
    }
    return render(request, "policy/clause.html", context)


@require_safe
def looks_as_csv(request: HttpRequest, clause_id: str) -> HttpResponse:
    """Every look that is kept, of every keeper of a clause: counts and states, nobody's data."""
    clause_of(clause_id)
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="clause-{clause_id}.csv"'
    sheet = csv.writer(answer)
    sheet.writerow(["at", "keeper", "state", "figure", "number"])
    for bound in keepers_of(clause_id):
        for look in series(bound, timezone.now() - 40 * SHOWN):
            figure = f"'{look.figure}" if look.figure.startswith(("=", "+", "-", "@")) else look.figure
            number = "" if look.number is None else look.number
            sheet.writerow([look.at.isoformat(), look.keeper, look.state, figure, number])
    return answer


@require_safe
def by_law(request: HttpRequest) -> HttpResponse:
    """The second index: what laws ask, and the clauses that answer."""
    in_force, at = policy(), timezone.now()
    found = all_found(at)
    evidence = {clause_id: of_clause(found.get(clause_id, ()), at) for clause_id in in_force.made}
    listed = [(law, [(duty, state := duty.state(evidence), MARKS[state]) for duty in law.duties]) for law in laws()]
    return render(request, "policy/laws.html", {"laws": listed, "own": in_force.settings, "at": at})


@require_safe
def history(request: HttpRequest) -> HttpResponse:
    """Every wording there was, the newest first."""
    known = versions()
    listed = [(one, changes_of(one, before)) for one, before in zip(known, [None, *known], strict=False)]
    context = {"listed": listed[::-1], "running": policy().digest, "own": policy().settings, "today": timezone.now()}
    return render(request, "policy/versions.html", context)


@require_safe
def one_version(request: HttpRequest, number: int) -> HttpResponse:
    """A wording, and what it changed, sentence by sentence."""
    version = version_of(number)
    before = version_before(version)
    changes = changes_of(version, before)
    context = {
        "version": version,
        "before": before,
        "changes": changes,
        "ask_again": to_ask_again(changes, version.consents),
        "known": {clause.promise for clause in policy().text.clauses},
        "running": policy().digest,
        "today": timezone.now(),
    }
    return render(request, "policy/version.html", context)
