"""Refusing: the ground first, then what shows it and the reasons; and what the second officer looks at."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from kept.people.access import SignedInRequest, actor_of, role_required
from kept.people.called import called_of
from kept.people.models import Account
from kept.people.step_up import step_up
from kept.rights.access import case_on_desk
from kept.rights.clocks import first_day, law_name, office_day
from kept.rights.errors import NotNow
from kept.rights.grounds import Ground, authority_of, ground_of, grounds_for
from kept.rights.models import Case
from kept.rights.offered import offer_of
from kept.rights.refusals import actions
from kept.rights.refusals.access import approval_of, proposed, told
from kept.rights.refusals.errors import RefusalError
from kept.rights.refusals.forms import GroundForm, RefuseForm
from kept.rights.rules import MAY
from kept.rights.views.decide import another_decides, told_too_late
from kept.rights.views.desk import line


@require_safe
@role_required("privacy_officer")
@another_decides
def choose(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """On which ground. Choosing changes nothing, so it stands in the address."""
    case = case_on_desk(request.user, case_id)
    if case.state not in MAY["refuse"]:
        told_too_late(request, case_id)
        return redirect("desk_case", case_id)
    grounds = _grounds(case)
    form = GroundForm(request.GET if "ground" in request.GET else None, grounds=grounds)
    if form.is_bound and form.is_valid():
        return redirect("desk_refuse_because", case_id, form.cleaned_data["ground"])
    context = _head(case) | {"form": form, "law": law_name(case.law), "by": first_day(case.clock)}
    return render(request, "refusals/choose.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("privacy_officer")
@step_up
@another_decides
def because(request: SignedInRequest, case_id: UUID, ground: str) -> HttpResponse:
    """What shows it, and the reasons; then a second officer is asked."""
    case, now = case_on_desk(request.user, case_id), timezone.now()
    known = next((one for one in _grounds(case) if one.name == ground), None)
    if known is None:
        raise Http404
    if case.state not in MAY["refuse"]:
        told_too_late(request, case_id)
        return redirect("desk_case", case_id)
    form = RefuseForm(request.POST if request.method == "POST" else None, ground=known)
    if request.method == "POST" and form.is_valid():
        try:
            actions.propose(case, known.name, form.shown(), form.cleaned_data["because"], by=actor_of(request), at=now)
        except RefusalError as problem:
            messages.warning(request, f"Nothing was proposed. {problem}")
            return redirect("desk_refuse", case_id)
        except NotNow as gone_on:
            if known.keep and gone_on.state in MAY["refuse"]:
                messages.warning(
                    request, "What is refused has to be preserved whole: wait until all systems are searched."
                )
            else:
                told_too_late(request, case_id)
            return redirect("desk_case", case_id)
        messages.success(request, "Proposed. A second officer has to approve it within 7 days. Nobody is told before.")
        return redirect("desk_refusal", case_id)
    late = office_day(now, case.clock) > first_day(case.clock)
    context = _head(case) | {"form": form, "ground": known, "by": first_day(case.clock), "late": late}
    return render(request, "refusals/because.html", context)


@require_safe
@role_required("privacy_officer", "auditor")
def refusal(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """The proposal, for the second officer; or what was told."""
    case, now = case_on_desk(request.user, case_id), timezone.now()
    found = told(case) or proposed(case)
    if found is None:
        raise Http404
    ground = ground_of(found.law, found.right, found.ground)
    waits = approval_of(case, now) if found.state == found.State.PROPOSED else None
    officer = request.user.role == Account.Roles.PRIVACY_OFFICER
    readable = officer and found.key is not None
    asks = {one.name: one.asks for one in ground.prove} if ground else {}
    context = _head(case) | {
        "refusal": found,
        "ground": ground,
        "shown": [(asks.get(name, name), words) for name, words in found.shown.items()] if readable else [],
        "because": found.because if readable else "",
        "proposed_by": called_of(found.proposed_by),
        "told_by": called_of(found.told_by) if found.told_by else "",
        "waits": waits,
        "mine": waits is not None and waits.asker == request.user.pk,
        "authority": authority_of(found.law),
        "late": office_day(now, case.clock) > found.tell_by,
    }
    return render(request, "refusals/refusal.html", context)


def _grounds(case: Case) -> tuple[Ground, ...]:
    return grounds_for(case.law, case.right, office_day(timezone.now(), case.clock))


def _head(case: Case) -> dict[str, object]:
    return {"case": case, "line": line(case), "offer": offer_of(case.right)}
