"""Proof of identity, as staff see it: which requests wait for it, and by which steps one can be proven.

The same rule for every door. Nothing on these pages proves a request but a step of the person's own; whether what they
said is on file is told to staff as yes or no, and no record is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kept.engine.errors import EngineError
from kept.people.access import SignedInRequest, actor_of, role_required
from kept.rights import actions
from kept.rights.actions import Said
from kept.rights.actions.showing import has_waiting_code
from kept.rights.alerts.access import is_doubted
from kept.rights.clocks import office_day
from kept.rights.errors import MayNot, NotNow, OwnCase, TooOften
from kept.rights.mandates.access import mandate_of
from kept.rights.models import Case
from kept.rights.offered import offer_of
from kept.rights.particulars import said
from kept.rights.proof.authority import is_mailbox_shown, is_missing
from kept.rights.proof.claims import Fits, claim_of, fits_of, named
from kept.rights.proof.facts import right_answers
from kept.rights.proof.limits import may_look
from kept.rights.proof.models import ProofStep
from kept.rights.proof.standing import ways_to_go
from kept.rights.staff_access import case_to_prove, papers_of, reach_of, steps_of, unproven
from kept.rights.staff_forms import FactsForm, SaidAgainForm
from kept.rights.views.codes import code_form, code_state, tell_about
from kept.rights.views.due import due
from kept.rights.views.paper import MARKS, what_of
from kept.rights.views.status import today

STAFF = role_required("support", "privacy_officer")
PAGE = 50
OPEN_STILL = (Case.State.SEARCHING, Case.State.NEEDS_PERSON, Case.State.REVIEW, Case.State.APPROVED)
OWN = "This request is your own, so a colleague proves it. Nothing was done."
TOO_OFTEN = "This was tried too often for this request. Use another step, or the person asks anew."
TOO_MANY = "What is on file about this person was asked for too often today. Try again tomorrow."
AWAY = "A system cannot be read now, so nobody can tell. Nothing was begun. Try again later."
NO_FIT = (
    "What they said does not fit what is on file, or nothing is on file. It was written down as a try. "
    "Tell the person only that it could not be confirmed this way."
)
MARKS_OF_STEPS = {"open": "running", "passed": "done", "failed": "failed", "over": "none"}


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
    ways = ways_to_go(case) if case.state == Case.State.UNPROVEN or case.state in OPEN_STILL else []
    if case.state != Case.State.UNPROVEN and not ways:
        return render(request, "rights/proof_over.html", {"case": case, "offer": offer_of(case.right)})
    form, right = code_form(request, case, by)
    if right:
        words = "The code is right. A further step is needed." if ways_to_go(case) else "The code is right: it goes on."
        messages.success(request, words)
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


@require_http_methods(["GET", "HEAD", "POST"])
@STAFF
def say_more(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """What the person said about themselves, put right or added to."""
    case, reach = case_to_prove(request.user, case_id), None
    reach = reach_of(case)
    names = ("postal", "country", "phone", "account", "system", "note")
    first = {"name": case.name} | ({name: getattr(reach, name) for name in names} if reach else {})
    form = SaidAgainForm(request.POST if request.method == "POST" else None, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            actions.say_more(case, Said(**form.cleaned_data), by=actor_of(request), at=timezone.now())
        except OwnCase:
            messages.warning(request, OWN)
        except (NotNow, MayNot):
            messages.warning(request, "This request has gone on. Nothing was changed.")
        else:
            messages.success(request, "Changed. Steps that were under way begin anew.")
        return redirect("proof", case_id)
    return render(request, "rights/proof_said.html", {"case": case, "form": form, "offer": offer_of(case.right)})


@require_POST
@STAFF
def letter_code(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """Write a code to the postal address, where it is on file."""
    case = case_to_prove(request.user, case_id)

    def begin(found: Sequence[Fits], at: datetime) -> ProofStep:
        return actions.send_code_by_letter(case, found, by=actor_of(request), at=at)

    step = _begin(request, case, "postal", begin)
    if step is not None and step.state == ProofStep.State.OPEN:
        messages.success(request, "The letter with the code is written. Print and post it.")
    return redirect("proof", case_id)


@require_POST
@STAFF
def call_back(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """They are on the line, at the number that is on file: the code to read out, shown this once."""
    case = case_to_prove(request.user, case_id)
    code: list[str] = []

    def begin(found: Sequence[Fits], at: datetime) -> ProofStep:
        step, said = actions.begin_call_back(case, found, by=actor_of(request), at=at)
        code.append(said)
        return step

    step = _begin(request, case, "phone", begin)
    if step is None or step.state != ProofStep.State.OPEN:
        return redirect("proof", case_id)
    context = {"case": case, "offer": offer_of(case.right), "reach": reach_of(case), "code": code[0], "step": step}
    answer = render(request, "rights/proof_call.html", context)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@STAFF
def facts(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """Facts that the person knows and that are on file: Kept compares, and says whether enough were right."""
    case, at = case_to_prove(request.user, case_id), timezone.now()
    form = FactsForm(request.POST if request.method == "POST" else None, case=case)
    if request.method == "POST" and form.is_valid():
        answers = form.answers()
        try:
            if not may_look(claim_of(case), at):
                messages.warning(request, TOO_MANY)
                return redirect("proof", case_id)
            judged = [(right_answers(one.record, answers), one) for one in named(fits_of(claim_of(case)))]
            right, found = max(judged, key=lambda pair: pair[0], default=(0, None))
            channel = form.cleaned_data["channel"]
            passed = actions.facts_compared(
                case, channel, sorted(answers), right, found, by=actor_of(request), at=timezone.now()
            )
        except EngineError:
            messages.warning(request, AWAY)
        except TooOften:
            messages.warning(request, TOO_OFTEN)
        except OwnCase:
            messages.warning(request, OWN)
        except (NotNow, MayNot):
            messages.warning(request, "This request has gone on. Nothing was compared.")
        else:
            words = "Enough of it is right." if passed else NO_FIT
            (messages.success if passed else messages.warning)(request, words)
        return redirect("proof", case_id)
    context = {"case": case, "form": form, "offer": offer_of(case.right)}
    return render(request, "rights/proof_facts.html", context, status=422 if form.errors else 200)


def page_of(case: Case) -> dict[str, object]:
    reach, now = reach_of(case), timezone.now()
    named_here = bool(case.name and (case.email or (reach and reach.account)))
    return {
        "case": case,
        "offer": offer_of(case.right),
        "reach": reach,
        "said": said(case.right, case.asked),
        "due": due(case, office_day(now, case.clock)),
        "papers": [(one, MARKS[one.State(one.state)], what_of(one)) for one in papers_of(case)],
        "steps": [(one, MARKS_OF_STEPS[one.state]) for one in steps_of(case)],
        "ways": [" and ".join(ProofStep.Method(one).label for one in sorted(way)) for way in ways_to_go(case)],
        "waits": has_waiting_code(case, now),
        "named": named_here,
        "by_letter": named_here and bool(reach and reach.postal),
        "by_phone": named_here and bool(reach and reach.phone),
        "doubted": is_doubted(case.pk),
        "mandate": mandate_of(case),
        "mailbox_shown": is_mailbox_shown(case),
        "missing": reverse("proof_missing", args=[case.pk]) if is_missing(case) else "",
        "unproven": case.state == Case.State.UNPROVEN,
        **code_state(case, now),
    }


def _begin(
    request: SignedInRequest, case: Case, contact: str, begin: Callable[[Sequence[Fits], datetime], ProofStep]
) -> ProofStep | None:
    """Look whether it is on file, and begin; what does not fit is a try like every other. None: it was not begun."""
    at, claim = timezone.now(), claim_of(case)
    try:
        if not may_look(claim, at):
            messages.warning(request, TOO_MANY)
            return None
        step = begin(named(fits_of(claim), contact), at)
    except EngineError:
        messages.warning(request, AWAY)
    except TooOften:
        messages.warning(request, TOO_OFTEN)
    except OwnCase:
        messages.warning(request, OWN)
    except (NotNow, MayNot):
        messages.warning(request, "This request has gone on. Nothing was begun.")
    else:
        if step.state == ProofStep.State.FAILED:
            messages.warning(request, NO_FIT)
        return step
    return None
