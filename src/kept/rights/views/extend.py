"""More time for an answer: what the officer sees before the person is told."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from kept.people.access import SignedInRequest, actor_of, role_required
from kept.rights import actions
from kept.rights.access import case_on_desk
from kept.rights.actions.extending import extended
from kept.rights.clocks import names_a_day
from kept.rights.errors import CannotExtend, NotNow
from kept.rights.forms import ExtendForm
from kept.rights.rules import MAY
from kept.rights.views.decide import another_decides, told_too_late
from kept.rights.views.desk import line


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("privacy_officer")
@another_decides
def extend(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """Until when, and why: the person reads it."""
    case, now = case_on_desk(request.user, case_id), timezone.now()
    named = names_a_day(case.clock)
    form = ExtendForm(request.POST if request.method == "POST" else None, after=case.due_on if named else None)
    try:
        if case.state not in MAY["extend"]:
            raise NotNow(case.state)
        until = extended(case, now, case.due_on + timedelta(days=1) if named else None).due_on
        if request.method == "POST" and form.is_valid():
            said = form.cleaned_data
            actions.extend(
                case,
                said.get("ground", "time"),
                said["reasons"],
                until=said.get("until"),
                by=actor_of(request),
                at=now,
            )
            messages.success(request, "The person is told. The clock runs to the new day.")
            return redirect("desk_case", case_id)
    except CannotExtend as refused:
        messages.warning(request, f"This clock cannot be extended now: {refused}. Nothing was changed.")
        return redirect("desk_case", case_id)
    except NotNow:
        told_too_late(request, case_id)
        return redirect("desk_case", case_id)
    shown = {"case": case, "line": line(case), "form": form, "until": None if named else until}
    return render(
        request, "rights/extend.html", shown | {"by": case.clock["extend_by"], "source": case.clock["source"]}
    )
