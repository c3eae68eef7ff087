"""Proof of identity, as staff see it: which requests wait for it, and by which steps one can be proven.

The same rule for every door. Nothing on these pages proves a request but a step of the person's own.
"""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kept.people.access import SignedInRequest, actor_of, role_required
from kept.rights import actions
from kept.rights.clocks import office_day
from kept.rights.models import Case
from kept.rights.offered import offer_of
from kept.rights.particulars import said
from kept.rights.staff_access import case_to_prove, papers_of, reach_of, unproven
from kept.rights.views.codes import code_form, code_state, tell_about
from kept.rights.views.due import due
from kept.rights.views.paper import MARKS, what_of
from kept.rights.views.status import today

STAFF = role_required("support", "privacy_officer")
PAGE = 50


@require_safe
@STAFF
def proofs(request: SignedInRequest) -> HttpResponse:
    number = request.GET.get("number", "").strip()[:40]
    page = Paginator(unproven(request.user, number), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "number": number,
        "lines": [(case, offer_of(case.right), due(case, today(case))) for case in page],
    }
    return render(request, "rights/proofs.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@STAFF
def proof(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """One request that waits for its proof. A code that the person says is typed here."""
    case, by = case_to_prove(request.user, case_id), actor_of(request)
    actions.proof_looked_at(case, by=by, at=timezone.now())
    if case.state != Case.State.UNPROVEN:
        return render(request, "rights/proof_over.html", {"case": case, "offer": offer_of(case.right)})
    form, proven = code_form(request, case, by)
    if proven:
        messages.success(request, "The code is right, so the request goes on.")
        return redirect("proof", case_id)
    return render(request, "rights/proof.html", page_of(case) | {"form": form})


@require_POST
@STAFF
def mail_code(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """Mail the code once more, to the address that the request was made with."""
    case = case_to_prove(request.user, case_id)
    sent = actions.resend_code(case, by=actor_of(request), at=timezone.now())
    case.refresh_from_db()
    tell_about(request, case, sent)
    return redirect("proof", case_id)


def page_of(case: Case) -> dict[str, object]:
    return {
        "case": case,
        "offer": offer_of(case.right),
        "reach": reach_of(case),
        "said": said(case.right, case.asked),
        "due": due(case, office_day(timezone.now(), case.clock)),
        "papers": [(one, MARKS[one.State(one.state)], what_of(one)) for one in papers_of(case)],
        **code_state(case, timezone.now()),
    }
