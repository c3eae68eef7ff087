"""The page behind the link in the mail to another address, and where an officer settles what was said there."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from kept.people.access import SignedInRequest, actor_of, role_required
from kept.people.fields import TextField
from kept.people.step_up import step_up
from kept.rights.access import case_on_desk, files_to_take_away
from kept.rights.actions import disowning
from kept.rights.alerts.access import alert_by_token, told_in
from kept.rights.alerts.models import Alert
from kept.rights.alerts.rules import LONGEST_REASON
from kept.rights.clocks import office_day
from kept.rights.errors import NotNow
from kept.rights.models import Case
from kept.rights.offered import offer_of
from kept.rights.rules import OPEN
from kept.rights.views.decide import another_decides
from kept.rights.views.desk import line
from kept.rights.views.private import private
from kept.terms import Actor


class SettleForm(forms.Form):
    because = TextField(
        label="Why is the request this person’s all the same?",
        label_suffix="",
        longest=LONGEST_REASON,
        help_text="What you looked at, and whom you asked. It stays with the case.",
        error_messages={"required": "Write down what you found."},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@private
def not_me(request: HttpRequest, token: str) -> HttpResponse:
    """Reading it changes nothing: programs that look at mails open every link in them."""
    alert = alert_by_token(token)
    if request.method == "POST":
        by, at = Actor("person", str(alert.pk)), timezone.now()
        if request.POST.get("was") == "me":
            disowning.say_yes(alert, by=by, at=at)
        elif request.POST.get("was") == "not me":
            disowning.say_no(alert, by=by, at=at)
        else:
            messages.warning(request, "Choose one of the two. Nothing was changed.")
        return redirect("not_me", token)
    case = alert.case
    context = {
        "alert": alert,
        "token": token,
        "offer": offer_of(case.right),
        "case": case,
        "asked_on": office_day(case.received_at, case.clock),
        "open": case.state in OPEN,
        "over": case.state == Case.State.ANSWERED,
        "waits": alert.waits_until if alert.waits_until and alert.waits_until > _today(case) else None,
        "said": alert.state != Alert.State.TOLD,
    }
    return render(request, "alerts/not_me.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("privacy_officer")
@step_up
@another_decides
def settle(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """It is the person's request all the same: the officer has looked into it."""
    case = case_on_desk(request.user, case_id)
    if not told_in(case).no:
        messages.warning(request, "Nobody says that this request is not theirs, or a colleague has looked into it.")
        return redirect("desk_case", case_id)
    form = SettleForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            disowning.settle(case, form.cleaned_data["because"], by=actor_of(request), at=timezone.now())
        except NotNow:
            messages.warning(request, "A colleague was quicker. Nothing was done twice.")
        else:
            messages.success(request, "Written down. The request goes on from here.")
        return redirect("desk_case", case_id)
    context = {
        "case": case,
        "line": line(case),
        "form": form,
        "open": case.state in OPEN,
        "packages": files_to_take_away(case),
    }
    return render(request, "alerts/settle.html", context)


def _today(case: Case) -> date:
    return office_day(timezone.now(), case.clock)
