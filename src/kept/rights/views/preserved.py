"""The preserved copy of a refused request: that it is there, until when, and what keeps it longer."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from kept.people.access import SignedInRequest, actor_of, role_required
from kept.rights.access import case_on_desk
from kept.rights.offered import offer_of
from kept.rights.preserved import actions
from kept.rights.preserved.access import copy_on_desk, dispute_on_desk, disputes_of
from kept.rights.preserved.models import Dispute, PreservedCopy
from kept.rights.views.decide import another_decides
from kept.rights.views.desk import line


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("privacy_officer")
@another_decides
def preserved(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """Nobody opens it here. An officer writes down that a review runs, or that it is over."""
    case, now = case_on_desk(request.user, case_id), timezone.now()
    copy = copy_on_desk(case)
    if request.method == "POST":
        kind, ended = request.POST.get("begin", ""), request.POST.get("end", "")
        if ended:
            actions.end_dispute(dispute_on_desk(copy, ended), by=actor_of(request), at=now)
            messages.success(request, "Written down: it is over. The copy goes when its own time is over too.")
        elif kind in Dispute.Kind.values and copy.state != PreservedCopy.State.DESTROYED:
            actions.begin_dispute(copy, kind, by=actor_of(request), at=now)
            messages.success(request, "Written down. The copy stays as long as it runs.")
        else:
            messages.warning(request, "Choose what runs. Nothing was changed.")
        return redirect("desk_preserved", case_id)
    context = {
        "case": case,
        "line": line(case),
        "offer": offer_of(case.right),
        "copy": copy,
        "disputes": disputes_of(copy),
        "kinds": Dispute.Kind.choices,
    }
    return render(request, "preserved/preserved.html", context)
