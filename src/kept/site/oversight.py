"""The staff's side of the policy: what is red, oldest first, and looking again at once.

It stands here because the policy's own room knows no accounts.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from kept.people.access import SignedInRequest, actor_of, role_required
from kept.policy.access import clause_of, policy
from kept.policy.evidence import Found, all_found
from kept.policy.keepers import keepers_of
from kept.policy.looking import look_at
from kept.policy.models import Notice
from kept.policy.shown import MARKS, Mark, why_not
from kept.terms import Evidence, Promise, State
from kept.work.steps import queue

ORDER = (State.BROKEN, State.CANNOT_TELL, State.KEPT)


@dataclass(frozen=True)
class Line:
    """What one keeper says of one clause."""

    promise: Promise
    evidence: Evidence
    mark: Mark


@require_safe
@role_required("privacy_officer", "engineer", "auditor")
def what_is_red(request: SignedInRequest) -> HttpResponse:
    """Broken first, then what nobody can tell, each the oldest first; then what is kept, and what does not run."""
    at = timezone.now()
    found, in_force = all_found(at), policy()
    states = [(state, MARKS[state], lines_of(state, found)) for state in ORDER]
    idle = [
        (promise, why_not(promise.id)) for promise in map(in_force.promise, in_force.made) if promise.id not in found
    ]
    context = {"states": states, "idle": idle, "at": at, "notices": Notice.objects.filter(sent_at=None).count()}
    return render(request, "oversight/promises.html", context)


def lines_of(state: State, found: Found) -> list[Line]:
    promises = policy().promises
    lines = [
        Line(promises[clause_id], one, MARKS[state])
        for clause_id, looks in found.items()
        for one in looks
        if one.state is state and clause_id in promises
    ]
    return sorted(lines, key=lambda line: line.evidence.since or line.evidence.at)


@require_POST
@role_required("privacy_officer", "engineer", "auditor")
def look_again(request: SignedInRequest, clause_id: str) -> HttpResponse:
    """Each keeper of one clause, now, while the reader waits."""
    clause_of(clause_id)
    if not keepers_of(clause_id):
        raise Http404
    for bound in keepers_of(clause_id):
        look_at(bound, by=actor_of(request), at=timezone.now())
    messages.success(request, f"Clause {clause_id} was looked at again, just now.")
    return redirect("policy:clause", clause_id)


@require_POST
@role_required("privacy_officer", "engineer", "auditor")
def look_at_everything(request: SignedInRequest) -> HttpResponse:
    queue("policy.look", at=timezone.now(), all=True)
    messages.success(request, "Every check looks again now. Load this page again in a minute.")
    return redirect("promises")
