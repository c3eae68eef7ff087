"""What an officer decides. When somebody else was quicker, a clear word says so, and nothing is done twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec, cast
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods, require_POST

from kept.engine.errors import EngineError
from kept.people.access import SignedInRequest, actor_of, role_required
from kept.people.called import called_of
from kept.people.step_up import step_up
from kept.rights import actions
from kept.rights.access import (
    Candidate,
    answer_on_desk,
    answers_in,
    candidates,
    case_on_desk,
    is_own_request,
    may_decide,
    package_on_desk,
)
from kept.rights.actions.reading import accounts_looked_at
from kept.rights.actions.reviewing import CONFIRM
from kept.rights.alerts.access import held_until
from kept.rights.errors import NotNow, NotReady, OwnCase, StillWaits, TakesAnother, WrongChoice
from kept.rights.flows import flow_of
from kept.rights.forms import AccountsForm, ConfirmForm
from kept.rights.models import Case, SystemAnswer
from kept.rights.offered import offer_of
from kept.rights.rules import residue_from
from kept.rights.templatetags.rights import kind as in_words
from kept.rights.views.case import counts, found_digest
from kept.rights.views.desk import line
from kept.rights.views.dry_run import dry_run
from kept.rights.views.held import held, rules_of
from kept.security.approvals.access import waiting_about
from kept.security.approvals.actions import ask

State = Case.State
OWN = "This request is your own, so somebody else has to decide it: another privacy officer. Nothing was done."
CHANGED = "What was found has changed since you opened that page. Nothing was done. Look again."

P = ParamSpec("P")


def another_decides(
    view: Callable[Concatenate[SignedInRequest, P], HttpResponse],
) -> Callable[Concatenate[SignedInRequest, P], HttpResponse]:
    """For pages on which a case is decided: whom it is about is told that they cannot. The actions refuse it too."""

    @wraps(view)
    def told(request: SignedInRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        case_id = cast(UUID, kwargs["case_id"])
        try:
            if not is_own_request(case_on_desk(request.user, case_id), str(request.user.pk)):
                return view(request, *args, **kwargs)
        except OwnCase:  # the search has shown it a moment ago
            pass
        messages.warning(request, OWN)
        return redirect("desk_case", case_id)

    return told


@require_POST
@role_required("privacy_officer")
@step_up
@another_decides
def approve(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """For a copy: it is made. For an erasure: on to the second confirmation."""
    case = case_on_desk(request.user, case_id)
    if request.POST.get("seen") != found_digest(case):
        messages.warning(request, CHANGED)
        return redirect("desk_dry_run" if case.right == Case.Right.ERASURE else "desk_case", case_id)
    try:
        case = actions.approve(case, by=actor_of(request), at=timezone.now())
    except TakesAnother:
        messages.warning(request, "You left records out of this answer, so another officer has to approve it.")
        return redirect("desk_case", case_id)
    except StillWaits:
        messages.warning(request, "We asked the person something, and wait for the answer. Nothing was done.")
        return redirect("desk_case", case_id)
    except NotNow:
        told_too_late(request, case_id)
        return redirect("desk_case", case_id)
    except NotReady as lacking:
        messages.warning(request, f"{lacking} Nothing was sent.")
        return redirect("desk_case", case_id)
    if case.approved_by != str(actor_of(request)):
        told_too_late(request, case_id)
    elif flow_of(case.right).ends == "copy":
        messages.success(request, "Approved. The copy is made now, and the person is told.")
    elif flow_of(case.right).ends == "letter":
        messages.success(request, "Approved. The answer is written now, and the person is told.")
    elif flow_of(case.right).at_once:
        messages.success(request, "Approved. It holds from now on. Each system is marked, and the person is told.")
    return redirect("desk_confirm" if case.right == Case.Right.ERASURE else "desk_case", case_id)


@require_http_methods(["GET", "HEAD"])
@role_required("privacy_officer", "auditor")
def show_dry_run(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """What an erasure would do, before anything is done."""
    case = _erasure(request, case_id)
    more = {"seen": found_digest(case), "decides": may_decide(request.user, case)}
    return render(request, "rights/dry_run.html", _plan_context(case) | more)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("privacy_officer")
@step_up
@another_decides
def confirm(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """The second confirmation: from here on, systems are changed."""
    case = _erasure(request, case_id)
    form = ConfirmForm(request.POST if request.method == "POST" else None)
    if case.state != State.APPROVED:
        told_too_late(request, case_id)
        return redirect("desk_case", case_id)
    if request.method == "POST" and request.POST.get("seen") != found_digest(case):
        messages.warning(request, CHANGED)
        return redirect("desk_dry_run", case_id)
    until = held_until(case, timezone.now())
    if request.method == "POST" and until:
        messages.warning(request, f"Nothing is erased before {until:%-d %B %Y}: the other addresses were told so.")
        return redirect("desk_case", case_id)
    if request.method == "POST" and form.is_valid() and "erasure" in settings.TWO_PERSONS:
        return _ask_a_second_officer(request, case)
    if request.method == "POST" and form.is_valid():
        try:
            case = actions.confirm_erasure(case, by=actor_of(request), at=timezone.now())
        except NotReady as lacking:
            messages.warning(request, f"{lacking} Nothing was done.")
            return redirect("desk_case", case_id)
        except NotNow:
            told_too_late(request, case_id)
            return redirect("desk_case", case_id)
        if case.confirmed_by == str(actor_of(request)):
            messages.success(request, "Confirmed. Each system is changed now, and looked at again.")
        else:
            told_too_late(request, case_id)
        return redirect("desk_case", case_id)
    waits = waiting_about(CONFIRM, Case._meta.label_lower, case.pk, timezone.now())
    more = {
        "form": form,
        "until": until,
        "seen": found_digest(case),
        "approved_by": called_of(case.approved_by),
        "two": "erasure" in settings.TWO_PERSONS,
        "waits": waits,
        "asked_by": called_of(waits.asked_by) if waits else "",
        "mine": waits is not None and waits.asker == request.user.pk,
    }
    return render(request, "rights/confirm.html", _plan_context(case) | more)


@require_POST
@role_required("privacy_officer")
@another_decides
def take_back(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """Back to the review, as long as nothing was begun."""
    case = case_on_desk(request.user, case_id)
    try:
        actions.return_to_review(case, by=actor_of(request), at=timezone.now())
    except NotNow:
        told_too_late(request, case_id)
    else:
        messages.success(request, "Back in review. Nothing was changed in any system.")
    return redirect("desk_case", case_id)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("privacy_officer")
@another_decides
def accounts(request: SignedInRequest, case_id: UUID, system: str) -> HttpResponse:
    """Whose accounts are these? The records are read now, and stored nowhere."""
    case = case_on_desk(request.user, case_id)
    answer = answer_on_desk(case, system)
    if answer.state != SystemAnswer.State.NEEDS_PERSON:
        messages.warning(request, f"Nothing is left to choose in {answer.system.title}.")
        return redirect("desk_case", case_id)
    if request.method != "POST":
        accounts_looked_at(case, answer.system, by=actor_of(request), at=timezone.now())
    try:
        found = candidates(case, answer.system)
    except EngineError as problem:
        messages.warning(request, f"The accounts cannot be read now. {problem}")
        return redirect("desk_case", case_id)
    form = AccountsForm(request.POST if request.method == "POST" else None, found=[_choice(one) for one in found])
    none = request.POST.get("do") == "none"
    if request.method == "POST" and (none or form.is_valid()):
        chosen = [] if none else form.cleaned_data["accounts"]
        try:
            actions.choose_accounts(case, answer.system, chosen, by=actor_of(request), at=timezone.now())
        except NotNow:
            messages.warning(request, "Somebody else chose a moment ago. Nothing was done twice.")
        except WrongChoice:
            messages.warning(request, "These accounts are no longer those to choose from. Look again.")
        else:
            messages.success(request, f"Chosen. {answer.system.title} is searched again with what you chose.")
        return redirect("desk_case", case_id)
    context = _head(case) | {"system": answer.system, "form": form, "why": answer.problem}
    return render(request, "rights/accounts.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("privacy_officer")
@step_up
@another_decides
def remains(request: SignedInRequest, case_id: UUID, system: str) -> HttpResponse:
    """What the second look found and could not explain: not this person's, or erase again."""
    case = case_on_desk(request.user, case_id)
    answer = answer_on_desk(case, system)
    if request.method == "POST":
        again = request.POST.get("do") == "again"
        step = actions.erase_again if again else actions.settle_remains
        try:
            step(case, answer.system, by=actor_of(request), at=timezone.now())
        except NotNow:
            messages.warning(request, "Somebody else dealt with it a moment ago. Nothing was done twice.")
        else:
            done = "We search, erase and look again." if again else "Noted: what is left there is not this person's."
            messages.success(request, done)
        return redirect("desk_case", case_id)
    residue = residue_from(answer.residue)
    rules = rules_of(answer.system)
    places = [
        (rules[one.table].title if one.table in rules else one.table, one)
        for one in (residue.remains if residue else ())
        if one.why in ("unclear", "missed")
    ]
    context = _head(case) | {
        "answer": answer,
        "places": places,
        "unknown": residue.unknown_tables if residue else (),
        "must_go": any(one.why == "missed" for _, one in places),
    }
    return render(request, "rights/remains.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("privacy_officer")
@step_up
def revoke(request: SignedInRequest, package_id: UUID) -> HttpResponse:
    """Take a file back."""
    package = package_on_desk(request.user, package_id)
    if request.method == "POST":
        actions.revoke_package(package, by=actor_of(request), at=timezone.now())
        messages.success(request, "The file is gone. Nobody can fetch it any more.")
        return redirect("desk_case", package.case_id)
    back = reverse("desk_case", args=[package.case_id])
    return render(request, "rights/revoke.html", {"package": package, "case": package.case, "back": back})


def _ask_a_second_officer(request: SignedInRequest, case: Case) -> HttpResponse:
    """The first officer asks. The second one approves it on the page of approvals, and it is done at once."""
    title = f"Erasure {case.reference}"
    ask(CONFIRM, case, title, seen=found_digest(case), by=actor_of(request), at=timezone.now())
    messages.success(request, "Asked. A second officer has to approve it within 7 days. Nothing is changed before.")
    return redirect("desk_confirm", case.pk)


def told_too_late(request: SignedInRequest, case_id: UUID) -> None:
    """Somebody else, or Kept itself, has moved the case on: say who and when."""
    case = case_on_desk(request.user, case_id)
    by, at, what = _last_decision(case)
    if by and by != str(actor_of(request)):
        when = f"{timezone.localtime(at):%H:%M %Z}" if at else ""
        messages.warning(request, f"{called_of(by)} {what} it at {when}, before you. Nothing was done twice.")
    else:
        words = line(case).state
        messages.warning(request, f"This case has gone on: {words}. Nothing was done twice.")


def _last_decision(case: Case) -> tuple[str, datetime | None, str]:
    if case.confirmed_by:
        return case.confirmed_by, case.confirmed_at, "confirmed"
    return case.approved_by, case.approved_at, "approved"


def _erasure(request: SignedInRequest, case_id: UUID) -> Case:
    case = case_on_desk(request.user, case_id)
    if case.right != Case.Right.ERASURE:
        raise Http404
    return case


def _plan_context(case: Case) -> dict[str, object]:
    answers = answers_in(case)
    return {**_head(case), "plans": dry_run(answers), **counts(held(answers))}


def _head(case: Case) -> dict[str, object]:
    return {"case": case, "line": line(case), "offer": offer_of(case.right)}


def _choice(candidate: Candidate) -> tuple[str, SafeString]:
    name = " ".join(text for kind, text in candidate.says if kind == "name")
    others = [(in_words(kind), text) for kind, text in candidate.says if kind != "name"]
    says = format_html_join(", ", "{} {}", [("", name or "no name"), *others])
    return candidate.account, format_html('Account {} <span class="hint">{}</span>', candidate.account, says)
