"""The clock of a case: asking the person, writing down the answer, and another law."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods, require_POST

from kept.clocks.rules import Rule
from kept.people.access import SignedInRequest, actor_of, role_required
from kept.rights import actions
from kept.rights.access import case_on_desk
from kept.rights.actions.pausing import Answered
from kept.rights.clock_forms import AnswerForm, AskForm, CameForm, FeeForm, LawForm
from kept.rights.clocks import law_name, law_of, laws_for, office_day, rule_of
from kept.rights.errors import CannotAsk, CannotEnd, CannotMove, NotNow
from kept.rights.models import Case
from kept.rights.offered import offer_of
from kept.rights.rules import MAY
from kept.rights.timing.access import countries_said, open_wait
from kept.rights.timing.models import Wait
from kept.rights.timing.rules import Fee, Ground, effect_of, fees_for
from kept.rights.views.decide import another_decides, told_too_late
from kept.rights.views.desk import line
from kept.rights.views.private import private
from kept.rights.views.status import followed

NEEDS: tuple[tuple[Ground, str], ...] = (
    ("identity", "To know who they are: we have reasonable doubts"),
    ("particulars", "To know which information or processing they mean"),
)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("privacy_officer")
@another_decides
def ask_person(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """Ask, and see before that what it does to the clock."""
    case, now = case_on_desk(request.user, case_id), timezone.now()
    if case.state not in MAY["ask"]:
        told_too_late(request, case_id)
        return redirect("desk_case", case_id)
    fees = _fees(case)
    fee = bool(fees) and request.GET.get("what") == "fee"
    data = request.POST if request.method == "POST" else None
    form: AskForm | FeeForm = FeeForm(data, fees=fees) if fee else AskForm(data, choices=_choices(case))
    if request.method == "POST" and form.is_valid():
        try:
            _ask_or_propose(request, case, fee, form.cleaned_data, now)
        except CannotAsk as refused:
            messages.warning(request, f"Nothing was asked: {refused}.")
        except NotNow:
            told_too_late(request, case_id)
        return redirect("desk_case", case_id)
    free = "" if fees else f"A fee cannot be asked here: under {law_name(case.law)} such a request is free."
    fee_effect = effect_of("fee", rule_of(case.clock))
    context = _head(case) | {"form": form, "fee": fee, "fees": fees, "free": free, "fee_effect": fee_effect}
    context["two"] = any(one.two for one in fees)
    return render(request, "rights/ask_person.html", context)


def _ask_or_propose(request: SignedInRequest, case: Case, fee: bool, said: dict[str, Any], at: datetime) -> None:
    """A fee that is for us to justify goes to a second officer first. Raises what the actions raise."""
    by, money = actor_of(request), (said.get("basis", ""), said.get("minor"), said.get("currency", ""))
    if fee and any(one.two for one in _fees(case) if one.basis == money[0]):
        actions.propose_fee(case, *money, said["asked"], said["why"], by=by, at=at)
        messages.success(request, "Proposed. A second officer has to approve it within 7 days. Nobody is told before.")
        return
    basis, amount, currency = money
    wait = actions.pause(
        case,
        "fee" if fee else said["ground"],
        said["asked"],
        said["why"],
        basis=basis,
        amount=amount,
        currency=currency,
        by=by,
        at=at,
    )
    still = wait.effect != Wait.Effect.NONE
    messages.success(request, f"Asked. The clock {'stands still until the answer' if still else 'runs on'}.")


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("privacy_officer")
@another_decides
def answer_came(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """Write down an answer that came by mail, telephone or letter."""
    case, now = case_on_desk(request.user, case_id), timezone.now()
    wait = open_wait(case)
    if wait is None:
        messages.warning(request, "Nothing is waited for any more. Nothing was changed.")
        return redirect("desk_case", case_id)
    today = office_day(now, case.clock)
    data = request.POST if request.method == "POST" else None
    form = CameForm(data, fee=wait.ground == Wait.Ground.FEE, initial={"came_on": today})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            actions.resume(
                case,
                said["answer"],
                came_on=said["came_on"],
                came_by=said["came_by"],
                outcome=said.get("outcome", "answered"),
                by=actor_of(request),
                at=now,
            )
        except CannotEnd as wrong:
            form.add_error("came_on", f"{str(wrong).capitalize()}.")
        except NotNow:
            told_too_late(request, case_id)
            return redirect("desk_case", case_id)
        else:
            messages.success(request, "Written down. The clock runs, and its last day is worked out anew.")
            return redirect("desk_case", case_id)
    return render(request, "rights/answer_came.html", _head(case) | {"form": form, "wait": wait})


@require_POST
@role_required("privacy_officer")
@another_decides
def give_up(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """Go on without the answer: the days count."""
    case = case_on_desk(request.user, case_id)
    try:
        actions.give_up(case, by=actor_of(request), at=timezone.now())
    except NotNow:
        messages.warning(request, "Nothing is waited for any more. Nothing was changed.")
    else:
        messages.success(request, "We no longer wait. Each day counts, also those since we asked.")
    return redirect("desk_case", case_id)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("privacy_officer")
@another_decides
def change_law(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """Whose clock runs, with what the systems say about where the person lives."""
    case, now = case_on_desk(request.user, case_id), timezone.now()
    if case.state not in MAY["extend"]:
        told_too_late(request, case_id)
        return redirect("desk_case", case_id)
    laws = [(law, law_name(law)) for law in laws_for(case.right)]
    data = request.POST if request.method == "POST" else None
    form = LawForm(data, laws=laws, initial={"law": case.law})
    if request.method == "POST" and form.is_valid():
        try:
            law, because = form.cleaned_data["law"], form.cleaned_data["because"]
            case = actions.change_law(case, law, because, by=actor_of(request), at=now)
        except CannotMove as refused:
            messages.warning(request, f"Nothing was changed: {refused}.")
        except NotNow:
            told_too_late(request, case_id)
        else:
            messages.success(
                request, f"The clock of {law_name(case.law)} runs. The earlier day stays where it was told."
            )
        return redirect("desk_case", case_id)
    said = [
        (country, systems, law_name(law_of(country, case.right))) for country, systems in countries_said(case).items()
    ]
    context = _head(case) | {"form": form, "said": said, "now": law_name(case.law)}
    return render(request, "rights/change_law.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@private
def answer(request: HttpRequest, key: str) -> HttpResponse:
    """The person answers what we asked."""
    here = followed(request, key)
    wait = open_wait(here.case)
    if wait is None:
        messages.warning(request, "We wait for no answer from you now.")
        return redirect("request", key)
    fee = wait.ground == Wait.Ground.FEE
    form = AnswerForm(request.POST if request.method == "POST" and not fee else None)
    do = request.POST.get("do")
    if request.method == "POST" and ((fee and do in ("accept", "decline")) or form.is_valid()):
        outcome: Answered = ("accepted" if do == "accept" else "declined") if fee else "answered"
        text = "" if fee else form.cleaned_data["answer"]
        try:
            actions.resume(here.case, text, came_by="page", outcome=outcome, by=here.by, at=timezone.now())
        except CannotEnd as wrong:
            messages.warning(request, f"Nothing was changed: {wrong}.")
        except NotNow:
            messages.warning(request, "We wait for no answer from you now.")
        else:
            messages.success(request, "Thank you. We have your answer, and go on.")
        return redirect("request", key)
    pays_first = fee and wait.effect == Wait.Effect.START
    context = {"case": here.case, "key": key, "wait": wait, "form": form, "fee": fee, "pays_first": pays_first}
    return render(request, "rights/answer.html", context)


def _head(case: Case) -> dict[str, object]:
    return {"case": case, "line": line(case), "offer": offer_of(case.right)}


def _choices(case: Case) -> list[tuple[str, SafeString]]:
    rule = rule_of(case.clock)
    return [
        (ground, format_html('{} <span class="hint">{} {}</span>', words, *_effect_words(ground, rule)))
        for ground, words in NEEDS
    ]


def _effect_words(ground: Ground, rule: Rule) -> tuple[str, str]:
    effect = effect_of(ground, rule)
    return effect.says, effect.source


def _fees(case: Case) -> tuple[Fee, ...]:
    return fees_for(case.law, case.right, office_day(timezone.now(), case.clock))
