"""Two requests that seem to be one person's: an officer says whether they are."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from kept.people.access import SignedInRequest, actor_of, role_required
from kept.people.step_up import step_up
from kept.rights import actions
from kept.rights.access import case_on_desk, proven_case
from kept.rights.actions.joining import joined_with
from kept.rights.alike.access import twins
from kept.rights.errors import CannotJoin, NotNow, OwnCase
from kept.rights.views.decide import OWN


@require_POST
@role_required("privacy_officer")
@step_up
def join(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """With the request that the button names. Who was quicker has done it: both are led to the one that is left."""
    case, other = proven_case(request.user, case_id), proven_case(request.user, request.POST.get("other", ""))
    if case is None:
        raise Http404
    left = case.joined or case
    if other is None:
        messages.warning(request, "There is no such request. Nothing was changed.")
        return redirect("desk_case", left.pk)
    if joined_with(case, other) or (case.joined_id and case.joined_id == other.joined_id):
        messages.success(request, f"The two are one already: {left.reference}.")
        return redirect("desk_case", left.pk)
    try:
        left = actions.join(case, other, by=actor_of(request), at=timezone.now())
    except CannotJoin as refused:
        messages.warning(request, f"{refused} Nothing was changed.")
    except OwnCase:
        messages.warning(request, OWN)
    else:
        messages.success(request, f"Joined: {left.reference} answers both. The person is told.")
    return redirect("desk_case", left.pk)


@require_POST
@role_required("privacy_officer")
def tell_apart(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """The request that the button names is somebody else's."""
    case, at = case_on_desk(request.user, case_id), timezone.now()
    alike = {str(one.case.pk): one.case for one in twins(case, at)}
    other = alike.get(request.POST.get("other", ""))
    if other is None:
        messages.warning(request, "That request is no longer like this one. Nothing was changed.")
        return redirect("desk_case", case.pk)
    try:
        actions.tell_apart(case, other, by=actor_of(request), at=at)
    except NotNow:
        messages.warning(request, "The two are one by now. Nothing was changed.")
    except OwnCase:
        messages.warning(request, OWN)
    else:
        messages.success(request, f"Noted: {other.reference} is somebody else’s. Nothing joins the two by itself.")
    return redirect("desk_case", case.pk)
