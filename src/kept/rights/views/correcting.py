"""A correction on the desk and on the person's page: what becomes what, what was left, and a new address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from kept.engine.correction_report import NAMES
from kept.engine.details import DETAILS
from kept.engine.pack import TableRule
from kept.engine.rectifying import Line
from kept.people.access import SignedInRequest, actor_of, role_required
from kept.people.step_up import step_up
from kept.rights import actions
from kept.rights.access import answer_on_desk, case_on_desk, may_decide
from kept.rights.actions import correcting
from kept.rights.actions.new_address import prove_new_address, resend_proof
from kept.rights.actions.reading import corrections_looked_at
from kept.rights.clocks import office_day
from kept.rights.errors import NotNow, NotReady, StillWaits, WrongChoice
from kept.rights.forms import CodeForm
from kept.rights.models import Case, SystemAnswer
from kept.rights.offered import offer_of
from kept.rights.ready import what_is_lacking
from kept.rights.righting.access import Seen, new_address_of, seen_in, told_in
from kept.rights.righting.models import NewAddress
from kept.rights.righting.rules import corrections_in
from kept.rights.views.case import found_digest
from kept.rights.views.codes import code_state, tell_about, why_not
from kept.rights.views.decide import CHANGED, another_decides, told_too_late
from kept.rights.views.desk import digest_of, line
from kept.rights.views.held import rules_of
from kept.rights.views.private import private
from kept.rights.views.status import Followed, followed

State = SystemAnswer.State


@dataclass(frozen=True)
class Shown:
    """One line as the desk shows it."""

    title: str  # of its table
    detail: str
    rows: int
    outcome: str
    was: str = field(repr=False)
    becomes: str = field(repr=False)
    law: str


@dataclass(frozen=True)
class SystemShown:
    title: str
    name: str
    problem: str
    lines: Sequence[Shown]

    @property
    def unexpected(self) -> int:
        return sum(one.rows for one in self.lines if one.outcome == "unexpected")

    @property
    def changed(self) -> int:
        return sum(one.rows for one in self.lines if one.outcome == "changed")


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("privacy_officer")
@step_up
@another_decides
def corrections(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """What would become what, read from every system just now. The officer approves what they see, and nothing else."""
    case = _correction(request, case_id)
    if case.state != Case.State.REVIEW:
        told_too_late(request, case_id)
        return redirect("desk_case", case_id)
    by, at = actor_of(request), timezone.now()
    if request.method != "POST":
        corrections_looked_at(case, by=by, at=at)
    seen = seen_in(case, office_day(at))
    digest = digest_of((found_digest(case), [(one.system.name, one.problem, _plain(one.lines)) for one in seen]))
    if request.method == "POST":
        return _approved(request, case, right=request.POST.get("seen") == digest)
    systems = [_shown(one) for one in seen]
    context = {
        "case": case,
        "line": line(case),
        "offer": offer_of(case.right),
        "systems": systems,
        "changed": sum(one.changed for one in systems),
        "seen": digest,
        "lacking": what_is_lacking(case),
        "decides": may_decide(request.user, case),
    }
    return render(request, "righting/corrections.html", context)


def _approved(request: SignedInRequest, case: Case, *, right: bool) -> HttpResponse:
    if not right:
        messages.warning(request, CHANGED)
        return redirect("desk_corrections", case.pk)
    try:
        case = actions.approve(case, by=actor_of(request), at=timezone.now())
    except StillWaits:
        messages.warning(request, "We asked the person something, and wait for the answer. Nothing was done.")
    except NotReady as lacking:
        messages.warning(request, f"{lacking} Nothing was changed.")
        return redirect("desk_corrections", case.pk)
    except NotNow:
        told_too_late(request, case.pk)
    else:
        if case.approved_by == str(actor_of(request)):
            messages.success(request, "Approved. Each system is put right now, and read again.")
        else:
            told_too_late(request, case.pk)
    return redirect("desk_case", case.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("privacy_officer")
@step_up
@another_decides
def left_as_it_was(request: SignedInRequest, case_id: UUID, system: str) -> HttpResponse:
    """What did not say what was expected: it is right as it is, or wrong as well."""
    case, at, by = _correction(request, case_id), timezone.now(), actor_of(request)
    answer = answer_on_desk(case, system)
    asked = {one.detail for one in corrections_in(case.asked)}
    left = [one for one in told_in(case).get(system, ()) if one.outcome == "unexpected"]
    if request.method == "POST":
        try:
            if request.POST.get("do") == "settle":
                actions.settle_remains(case, answer.system, by=by, at=at)
                messages.success(request, "Noted: what stands there is right as it is.")
            elif request.POST.get("do") == "again":
                actions.erase_again(case, answer.system, by=by, at=at)
                messages.success(request, "We search, put it right and look again.")
            else:
                chosen = [
                    left[int(one)] for one in request.POST.getlist("wrong") if one.isdigit() and int(one) < len(left)
                ]
                texts: dict[str, list[str]] = {
                    detail: [one.was for one in chosen if one.detail == detail and one.was] for detail in DETAILS
                }
                correcting.wrong_as_well(case, answer.system, texts, by=by, at=at)
                messages.success(request, f"{answer.system.title} is put right there as well.")
        except NotNow:
            messages.warning(request, "Somebody else dealt with it a moment ago. Nothing was done twice.")
        except WrongChoice:
            messages.warning(request, "Choose at least one value that is wrong. Nothing was done.")
            return redirect("desk_left", case_id, system)
        return redirect("desk_case", case_id)
    corrections_looked_at(case, by=by, at=at)
    rules = rules_of(answer.system)
    rows = [(number, _line(one, rules), one.detail in asked and one.was is not None) for number, one in enumerate(left)]
    context = {
        "case": case,
        "line": line(case),
        "offer": offer_of(case.right),
        "answer": answer,
        "rows": rows,
        "choosable": any(choosable for _, _, choosable in rows),
        "cannot_tell": answer.state == State.CANNOT_TELL,
    }
    return render(request, "righting/left.html", context)


def _correction(request: SignedInRequest, case_id: UUID) -> Case:
    case = case_on_desk(request.user, case_id)
    if case.right != Case.Right.RECTIFICATION:
        raise Http404
    return case


def _shown(seen: Seen) -> SystemShown:
    rules = rules_of(seen.system)
    lines = [_line(one, rules) for one in sorted(seen.lines, key=lambda one: ORDER[one.outcome])]
    return SystemShown(seen.system.title, seen.system.name, seen.problem, lines)


ORDER = {"changed": 0, "unexpected": 1, "copy": 2, "right": 3}


def _line(one: Line, rules: Mapping[str, TableRule]) -> Shown:
    rule = rules.get(one.table)
    return Shown(
        rule.title if rule else one.table,
        NAMES[one.detail],
        one.rows,
        one.outcome,
        one.was or "",
        one.becomes or "",
        one.law or "",
    )


def _plain(lines: Sequence[Line]) -> list[tuple[object, ...]]:
    return [(one.place, one.outcome, one.rows, one.was, one.becomes) for one in lines]


# The person's own page


@require_http_methods(["GET", "HEAD", "POST"])
@private
def new_address(request: HttpRequest, key: str) -> HttpResponse:
    """The code from the new address is typed here."""
    here = followed(request, key)
    address = _to_prove(here)
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if prove_new_address(here.case, form.cleaned_data["code"], by=here.by, at=timezone.now()):
            messages.success(request, "Thank you. The new address is yours. A privacy officer looks at it now.")
            return redirect("request", key)
        address.refresh_from_db()
        form.add_error("code", why_not(address, timezone.now()))
    context = {"case": here.case, "key": key, "address": address, "form": form}
    return render(request, "righting/new_address.html", context | code_state(address, timezone.now()))


@require_POST
@private
def new_address_again(request: HttpRequest, key: str) -> HttpResponse:
    here = followed(request, key)
    address = _to_prove(here)
    sent = resend_proof(here.case, by=here.by, at=timezone.now())
    address.refresh_from_db()
    tell_about(request, address, sent)
    return redirect("request_new_address", key)


def _to_prove(here: Followed) -> NewAddress:
    address = new_address_of(here.case)
    if address is None or address.proven_at is not None or here.case.key is None:
        raise Http404
    return address
