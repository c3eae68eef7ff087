"""Leaving a record, or a table of one system, out of the answer; and taking that back."""

from __future__ import annotations

import json
from contextlib import closing
from itertools import islice
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from kept.engine.errors import EngineError
from kept.information.access import open_system
from kept.information.models import System
from kept.people.access import SignedInRequest, actor_of, role_required
from kept.rights import actions
from kept.rights.access import answer_on_desk, case_on_desk, exemption_on_desk
from kept.rights.clocks import office_day
from kept.rights.errors import CannotExempt, NotNow
from kept.rights.exempt_forms import ExemptForm
from kept.rights.exemptions.access import Key
from kept.rights.grounds import grounds_in_part
from kept.rights.models import Case
from kept.rights.offered import offer_of
from kept.rights.rules import MAY
from kept.rights.subjects import identifiers_of, subject_for
from kept.rights.views.decide import another_decides, told_too_late
from kept.rights.views.desk import line
from kept.rights.views.held import rules_of

MOST = 100_000  # rows of one person in one table that are counted


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("privacy_officer")
@another_decides
def exempt(request: SignedInRequest, case_id: UUID, system: str, table: str) -> HttpResponse:
    """Which law, why, and until when. `key`: one record; without it, all of the person's in the table."""
    case, now = case_on_desk(request.user, case_id), timezone.now()
    answer = answer_on_desk(case, system)
    rule = rules_of(answer.system).get(table)
    if rule is None:
        raise Http404
    key = _key(request.GET.get("key"))
    grounds = grounds_in_part(case.law, case.right, office_day(now, case.clock))
    if case.state not in MAY["exempt"] or not grounds:
        if grounds:
            told_too_late(request, case_id)
        else:
            messages.warning(request, "The law of this request gives no reason to leave single records out.")
        return redirect("desk_case", case_id)
    try:
        count = _count(case, answer.system, table, key)
    except EngineError as problem:
        messages.warning(request, f"These rows cannot be read now. {problem}")
        return redirect("desk_case", case_id)
    if not count:
        raise Http404
    erasure = case.right == Case.Right.ERASURE
    form = ExemptForm(request.POST if request.method == "POST" else None, grounds=grounds, erasure=erasure)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        ground = form.grounds[said["ground"]]
        try:
            actions.exempt(
                case,
                answer.system,
                table,
                key,
                ground.name,
                form.shown(ground),
                said["because"],
                until=said.get("until"),
                records=count,
                by=actor_of(request),
                at=now,
            )
        except CannotExempt as refused:
            form.add_error("until" if "last day" in str(refused) and erasure else "ground", f"{refused}.".capitalize())
        except NotNow:
            told_too_late(request, case_id)
            return redirect("desk_case", case_id)
        else:
            messages.success(
                request, "Left out. Another officer has to approve this answer, and the person is told why."
            )
            return redirect("desk_case", case_id)
    context = {"case": case, "line": line(case), "offer": offer_of(case.right), "system": answer.system, "rule": rule}
    return render(
        request, "rights/exempt.html", context | {"form": form, "count": count, "one": key, "erasure": erasure}
    )


@require_POST
@role_required("privacy_officer")
@another_decides
def include(request: SignedInRequest, case_id: UUID, exemption_id: UUID) -> HttpResponse:
    """It is part of the answer after all."""
    case = case_on_desk(request.user, case_id)
    exemption = exemption_on_desk(case, exemption_id)
    try:
        actions.include(exemption, by=actor_of(request), at=timezone.now())
    except NotNow:
        told_too_late(request, case_id)
    else:
        messages.success(request, "It is part of the answer again.")
    return redirect("desk_case", case_id)


def _key(asked: str | None) -> Key | None:
    """Raises Http404 for what no page of ours has written."""
    if asked is None:
        return None
    try:
        found = json.loads(asked)
    except ValueError:
        raise Http404 from None
    if not isinstance(found, list) or not found or not all(isinstance(part, str | None) for part in found):
        raise Http404
    return tuple(found)


def _count(case: Case, system: System, table: str, key: Key | None) -> int:
    """How many rows of the person are meant, read now. Somebody else's are none. Raises what a connector raises."""
    known = identifiers_of([case.pk])[case.pk]
    subject = subject_for(case.pk, known, system.name)
    with closing(open_system(system).rows([subject], only=[table])) as rows:
        return sum(1 for row in islice(rows, MOST) if key is None or row.key == key)
