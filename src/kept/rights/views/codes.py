"""Typing a mailed code: for the proof of an address, and for fetching a file."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone

from kept.rights import actions
from kept.rights.actions.showing import has_waiting_code
from kept.rights.codes import token_of
from kept.rights.errors import SawTheCode
from kept.rights.forms import CodeForm
from kept.rights.models import Case
from kept.rights.rules import CODE_PAUSE, CODE_TRIES, MOST_CODES
from kept.terms import Actor

NOT_IT = "That is not the code. After five wrong ones it no longer works."
SAW_IT = "You had this code on your screen, so you cannot type it. A colleague does, or the person on their page."
NO_MORE = f"We mailed {MOST_CODES} codes already and send no more. Make a new request."


class Coded(Protocol):
    """A case, or a package: what a mailed code opens."""

    code_expires_at: datetime | None
    code_attempts: int
    codes_sent: int
    code_sent_at: datetime | None


def code_form(request: HttpRequest, case: Case, by: Actor) -> tuple[CodeForm, bool]:
    """The form, and whether the right code came with it. A mail's link may bring the code along for one press."""
    if request.method != "POST":
        return CodeForm(initial={"code": request.GET.get("code", "")[:12]}), False
    form = CodeForm(request.POST)
    if not form.is_valid():
        return form, False
    waits = has_waiting_code(case, timezone.now())
    try:
        proven = actions.prove(case, form.cleaned_data["code"], by=by, at=timezone.now())
    except SawTheCode:
        form.add_error("code", SAW_IT)
        return form, False
    case.refresh_from_db()
    if not proven:
        form.add_error("code", NOT_IT if waits else why_not(case, timezone.now()))
    return form, proven


def why_not(coded: Coded, at: datetime) -> str:
    """Why a code was not taken, and how many tries are left."""
    if coded.code_sent_at is None:
        return "We have mailed no code yet."
    if coded.code_expires_at is None or at >= coded.code_expires_at:
        return "The code we mailed no longer works."
    left = CODE_TRIES - coded.code_attempts
    if left <= 0:
        return "The code was typed wrong too often, so it no longer works."
    tries = "1 try" if left == 1 else f"{left} tries"
    return f"That is not the code in our newest mail. You have {tries} left."


def code_state(coded: Coded, at: datetime) -> dict[str, object]:
    """What the page with the code's field has to know: whether a code works now, why not, and whether more are sent."""
    works = usable(coded, at)
    return {"works": works, "why_not": "" if works else why_not(coded, at), "more": coded.codes_sent < MOST_CODES}


def usable(coded: Coded, at: datetime) -> bool:
    return coded.code_expires_at is not None and at < coded.code_expires_at and coded.code_attempts < CODE_TRIES


def tell_about(request: HttpRequest, coded: Coded, sent: bool) -> None:
    """Say that a new code is on its way, or when one can be had."""
    if sent:
        messages.success(request, "We mailed you a code. Only the newest one works.")
    elif coded.codes_sent >= MOST_CODES:
        messages.warning(request, NO_MORE)
    elif coded.code_sent_at is not None:
        again = timezone.localtime(coded.code_sent_at + CODE_PAUSE)
        messages.warning(request, f"We mailed a code a moment ago. You can ask for another one at {again:%H:%M:%S %Z}.")
    else:
        messages.warning(request, "We send no code now. Try again in an hour.")


def key_of(case: Case, *, owner: bool) -> str:
    """What stands in the address of a case's pages."""
    return str(case.pk) if owner else token_of(case.pk, case.token_hash)
