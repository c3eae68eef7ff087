"""The end of a restriction, what a person sees to by hand, and taking an objection back."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from kept.people.access import SignedInRequest, actor_of, role_required
from kept.rights.access import case_on_desk
from kept.rights.clocks import office_day
from kept.rights.errors import NotNow
from kept.rights.offered import offer_of
from kept.rights.particulars import particulars_of
from kept.rights.stopping import actions
from kept.rights.stopping.access import by_hand_in, first_day, nothing_said, objection_in, uses_in
from kept.rights.stopping.forms import EndForm, SeenForm
from kept.rights.views.decide import another_decides, told_too_late
from kept.rights.views.desk import line
from kept.rights.views.private import private
from kept.rights.views.status import followed
from kept.use.errors import TooSoon

GONE_ON = "The restriction has gone on meanwhile. Nothing was done twice."


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("privacy_officer")
@another_decides
def announce(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """Tell the person on which day the restriction ends, and why."""
    case, now = case_on_desk(request.user, case_id), timezone.now()
    if case.right != case.Right.RESTRICTION:
        raise Http404
    form = EndForm(request.POST if request.method == "POST" else None, first=first_day(office_day(now)))
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            actions.announce_end(case, said["day"], said["because"], by=actor_of(request), at=now)
        except NotNow:
            messages.warning(request, GONE_ON)
        except TooSoon as problem:
            messages.warning(request, str(problem))
        else:
            messages.success(request, "Told. It ends on that day by itself, and not before.")
        return redirect("desk_case", case_id)
    return render(request, "rights/announce.html", {"case": case, "line": line(case), "form": form})


@require_POST
@role_required("privacy_officer")
@another_decides
def call_off(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """The restriction stays after all."""
    case = case_on_desk(request.user, case_id)
    try:
        actions.call_off_end(case, by=actor_of(request), at=timezone.now())
    except NotNow:
        messages.warning(request, GONE_ON)
    else:
        messages.success(request, "It stays in force, and the person is told so.")
    return redirect("desk_case", case_id)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("privacy_officer")
@another_decides
def by_hand(request: SignedInRequest, case_id: UUID, system: str) -> HttpResponse:
    """A system that has no mark of its own: somebody ends the use there, and says so."""
    case = case_on_desk(request.user, case_id)
    found, tables = by_hand_in(case, system)
    form = SeenForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.seen_to_by_hand(case, found, by=actor_of(request), at=timezone.now())
        except NotNow:
            told_too_late(request, case_id)
        else:
            messages.success(request, f"Noted: {found.title} was seen to by hand.")
        return redirect("desk_case", case_id)
    context = {"case": case, "line": line(case), "form": form, "system": found, "tables": tables}
    return render(request, "rights/by_hand.html", context | {"uses": uses_in(case), "offer": offer_of(case.right)})


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("privacy_officer")
@another_decides
def write_down(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """What the person said beside the right, as they would have typed it themselves."""
    case = case_on_desk(request.user, case_id)
    particulars = particulars_of(case.right)
    if particulars is None or not nothing_said(case):
        told_too_late(request, case_id)
        return redirect("desk_case", case_id)
    form = particulars.Form(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.write_down(case, form.asked(), by=actor_of(request), at=timezone.now())
        except NotNow:
            told_too_late(request, case_id)
        else:
            messages.success(request, "Written down. It holds from now on, as if they had typed it.")
        return redirect("desk_case", case_id)
    context = {"case": case, "line": line(case), "form": form, "title": particulars.TITLE}
    return render(request, "rights/write_down.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@private
def take_back(request: HttpRequest, key: str, objection_id: UUID) -> HttpResponse:
    """The person no longer objects."""
    here = followed(request, key)
    objection = objection_in(here.case, objection_id)
    if request.method == "POST":
        try:
            actions.take_objection_back(here.case, objection, by=here.by, at=timezone.now())
        except NotNow:
            messages.warning(request, "This request has ended, so write to us instead. Nothing was changed.")
        else:
            messages.success(request, "Your objection is taken back.")
        return redirect("request", key)
    [use] = [one for one in uses_in(here.case) if one.id == objection_id]
    return render(request, "rights/take_back.html", {"case": here.case, "key": key, "use": use})
