"""One case on the desk: its clock, what was found, what is wrong, what was done, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from kept.people.access import SignedInRequest, actor_of, role_required
from kept.people.matters import concerning
from kept.people.models import Account
from kept.post.languages import language_of
from kept.rights.access import (
    answers_in,
    case_on_desk,
    faults_of,
    found_in,
    identifiers_on_desk,
    may_decide,
    packages_of,
)
from kept.rights.actions.reading import case_looked_at, is_same_look
from kept.rights.clocks import office_day
from kept.rights.flows import flow_of
from kept.rights.history import history_of, onlookers
from kept.rights.mailed import came_back, mails_of
from kept.rights.mandates.access import mandate_of
from kept.rights.models import Case
from kept.rights.offered import offer_of
from kept.rights.particulars import said
from kept.rights.queue import Asked
from kept.rights.ready import what_is_lacking
from kept.rights.redaction.access import how_far
from kept.rights.rules import MAY, OPEN
from kept.rights.staff_access import papers_of, reach_of, steps_passed
from kept.rights.views.desk import digest_of, line
from kept.rights.views.held import SystemHeld, held
from kept.rights.views.paper import MARKS, what_of
from kept.rights.views.triage import working

State = Case.State
QUICK, SLOW = 3, 30  # seconds between looks of an open page


@require_safe
@role_required("privacy_officer", "auditor")
def case(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    found = case_on_desk(request.user, case_id)
    look(request, found)
    asked = Asked.of(request.GET.dict())
    context = page_of(found, request.user) | part_of(found, request.user)
    return render(request, "rights/case.html", context | {"working": working(found, request.user, asked)})


@require_safe
@role_required("privacy_officer", "auditor")
def case_part(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """What changes on an open case page. 204: nothing did. A case that went on draws its whole page anew."""
    found = case_on_desk(request.user, case_id)
    look(request, found)
    part = part_of(found, request.user)
    if part["seen"] == request.GET.get("seen"):
        return HttpResponse(status=204)
    if found.state != request.GET.get("state"):
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "rights/case_part.html", part)


def look(request: SignedInRequest, case: Case) -> None:
    by, at = actor_of(request), timezone.now()
    if not is_same_look(case, by, at):
        case_looked_at(case, by=by, at=at)


def part_of(case: Case, me: Account) -> dict[str, object]:
    """The part of the page that is drawn again while somebody looks at it."""
    answers = answers_in(case)
    shown = line(case, answers)
    systems = held(answers)
    faults = faults_of(case)
    officer, decides = me.role == Account.Roles.PRIVACY_OFFICER, may_decide(me, case)
    # Only officers decide, and only while there is something to decide.
    others = onlookers(case, me, timezone.now()) if officer and case.state in OPEN else []
    return {
        "case": case,
        "line": shown,
        "offer": offer_of(case.right),
        "systems": systems,
        "others": others,
        "officer": officer,
        "decides": decides,
        "own": officer and not decides and case.state in OPEN,
        "every": QUICK if shown.mark == "running" else SLOW,
        "packages": packages_of(case, timezone.now()),
        "seen": digest_of((shown, systems, [other.called for other in others], [step.attempt for step in faults])),
        "unsearched": [system.title for system in systems if not system.searched],
        "faults": faults,
        "found": found_digest(case),
        "lacking": what_is_lacking(case) if case.state == State.REVIEW else "",
        "may_return": case.state in MAY["return"] and not flow_of(case.right).at_once,
        "texts": how_far(case) if officer and case.state == Case.State.REVIEW else None,
        **counts(systems),
    }


def page_of(case: Case, me: Account) -> dict[str, object]:
    return {
        "identifiers": identifiers_on_desk(me, case),
        "said": said(case.right, case.asked) if me.role == Account.Roles.PRIVACY_OFFICER and case.key else (),
        "history": history_of(case),
        "language": language_of(case.language),
        "mails": mails_of(case.pk),
        "came_back": came_back(case),
        "concerning": list(concerning(f"{case._meta.label_lower}:{case.pk}")),
        "mandate": mandate_of(case) if me.role == Account.Roles.PRIVACY_OFFICER else None,
        "reach": reach_of(case) if me.role == Account.Roles.PRIVACY_OFFICER else None,
        "proof": steps_passed(case),
        "papers": [(one, MARKS[one.State(one.state)], what_of(one)) for one in papers_of(case)],
        "extendable": case.state in MAY["extend"] and may_decide(me, case) and may_extend(case),
    }


def may_extend(case: Case) -> bool:
    """Whether a notice of extension would still be in time."""
    by = case.clock.get("extend_by")
    return by is not None and office_day(timezone.now(), case.clock).isoformat() <= by


def counts(systems: Sequence[SystemHeld]) -> dict[str, int]:
    return {
        "records": sum(system.records for system in systems),
        "others_words": sum(table.others for system in systems for table in system.tables),
        "kept_by_law": sum(system.kept for system in systems),
    }


def found_digest(case: Case) -> str:
    """What an officer decides upon; a decision about anything else is not carried out."""
    return digest_of(found_in(case))
