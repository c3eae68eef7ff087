"""The register: for everybody what is in force, for staff all of it; and the decisions of one case."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kept.people.access import SignedInRequest, actor_of, role_required
from kept.people.called import called_of
from kept.people.step_up import step_up
from kept.rights.access import case_on_desk, may_decide
from kept.rights.actions.reading import decisions_looked_at
from kept.rights.automated import actions
from kept.rights.automated.access import (
    decided_by,
    decision_in_case,
    declared_in,
    explained,
    found_in,
    in_force,
    review_of,
    rule_of,
    rules,
    version_of,
)
from kept.rights.automated.actions.registering import MAY_APPROVE, MAY_END, MAY_WRITE, said_of
from kept.rights.automated.errors import AutomatedError, BadDecision, BadRule, MadeTheRule, RuleEnded
from kept.rights.automated.forms import ReviewForm, RuleForm, VersionForm, lines_of
from kept.rights.automated.letter import pairs_of
from kept.rights.errors import NotNow
from kept.rights.models import Case
from kept.rights.offered import offer_of
from kept.rights.particulars import said
from kept.rights.views.decide import another_decides, told_too_late
from kept.rights.views.desk import line


@require_safe
def made_here(request: HttpRequest) -> HttpResponse:
    """Which decisions a computer makes here: Art. 13(2)(f), for everybody to read."""
    shown = [(version, declared_in(version)) for version in in_force()]
    return render(request, "automated/made_here.html", {"shown": shown})


@require_safe
@role_required("privacy_officer", "engineer", "auditor")
def register(request: SignedInRequest) -> HttpResponse:
    rows = [
        (rule, next((one for one in rule.versions.all() if one.valid_from and not one.valid_to), None),
         next((one for one in rule.versions.all() if not one.valid_from), None))
        for rule in rules()
    ]  # fmt: skip
    return render(request, "automated/register.html", {"rows": rows, "writes": request.user.role in MAY_WRITE})


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("engineer")
def add(request: SignedInRequest) -> HttpResponse:
    form = RuleForm(request.POST if request.method == "POST" else None, initial={"days": 365})
    written = _write(request, "", form) if request.method == "POST" else None
    if written is not None:
        return written
    return render(request, "automated/write.html", {"form": form, "rule": None})


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("engineer")
def change(request: SignedInRequest, rule_id: UUID) -> HttpResponse:
    """What the rule says from its next approval on."""
    rule = rule_of(rule_id)
    newest = rule.versions.first()
    known = said_of(newest) if newest else None
    initial = {**vars(known), **lines_of(known.declared)} if known else {}
    form = VersionForm(request.POST if request.method == "POST" else None, initial=initial)
    written = _write(request, rule.name, form) if request.method == "POST" else None
    if written is not None:
        return written
    return render(request, "automated/write.html", {"form": form, "rule": rule})


def _write(request: SignedInRequest, name: str, form: VersionForm) -> HttpResponse | None:
    """`name`: of a known rule; "": it stands in the form. None: it was refused, and the form says why."""
    if not form.is_valid():
        return None
    try:
        version = actions.write_rule(
            name or form.cleaned_data["name"], form.said(), by=actor_of(request), at=timezone.now()
        )
    except BadRule as bad:
        for fault in bad.faults:
            form.add_error(None, fault)
    except RuleEnded:
        form.add_error(None, "A rule of this name is no longer in use. Give the new one another name.")
    else:
        messages.success(request, "Written down. It holds once the privacy officer has approved it.")
        return redirect("automated_rule", version.rule_id)
    return None


@require_safe
@role_required("privacy_officer", "engineer", "auditor")
def rule(request: SignedInRequest, rule_id: UUID) -> HttpResponse:
    found = rule_of(rule_id)
    counted = decided_by(found)
    versions = [
        {
            "version": one,
            "said": declared_in(one),
            "made_by": called_of(one.made_by),
            "approved_by": called_of(one.approved_by) if one.approved_by else "",
            "decisions": counted.get(one.pk, 0),
        }
        for one in found.versions.all()
    ]
    context = {
        "rule": found,
        "versions": versions,
        "writes": request.user.role in MAY_WRITE and found.ended_at is None,
        "approves": request.user.role in MAY_APPROVE and found.ended_at is None,
        "ends": request.user.role in MAY_END and found.ended_at is None,
    }
    return render(request, "automated/rule.html", context)


@require_POST
@role_required("privacy_officer")
@step_up
def approve(request: SignedInRequest, rule_id: UUID, number: int) -> HttpResponse:
    version = version_of(rule_of(rule_id), number)
    try:
        actions.approve_version(version, by=actor_of(request), at=timezone.now())
    except AutomatedError as refused:
        messages.warning(request, _why(refused))
    else:
        messages.success(request, f"Approved. Version {number} holds from now on, and everybody can read it.")
    return redirect("automated_rule", rule_id)


@require_POST
@role_required("privacy_officer", "engineer")
@step_up
def end(request: SignedInRequest, rule_id: UUID) -> HttpResponse:
    actions.end_rule(rule_of(rule_id), by=actor_of(request), at=timezone.now())
    messages.success(request, "Ended. What it decided is kept for its period.")
    return redirect("automated_rule", rule_id)


@require_safe
@role_required("privacy_officer", "auditor")
def decisions(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """The decisions about the person of a case, each with how it came about and what was said of it."""
    case = case_on_desk(request.user, case_id)
    if case.right != Case.Right.AUTOMATED:
        return redirect("desk_case", case_id)
    officer = request.user.role == "privacy_officer"
    found = found_in(case) if officer else []
    if officer:
        decisions_looked_at(case, by=actor_of(request), at=timezone.now())
    rows = [(one, list(pairs_of(one.explanation)) if one.explanation else []) for one in found]
    context = _head(case) | {
        "rows": rows,
        "officer": officer,
        "said": said(case.right, case.asked) if officer and case.key else (),
        "decides": may_decide(request.user, case) and case.state == Case.State.REVIEW,
    }
    return render(request, "automated/decisions.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("privacy_officer")
@step_up
@another_decides
def decide(request: SignedInRequest, case_id: UUID, decision_id: UUID) -> HttpResponse:
    """Look at one decision again: the record, how it came about, the person's words; then say what holds."""
    case = case_on_desk(request.user, case_id)
    decision = decision_in_case(case, decision_id)
    if case.state != Case.State.REVIEW:
        told_too_late(request, case_id)
        return redirect("desk_case", case_id)
    declared, known = declared_in(decision.version), review_of(case, decision)
    others = [one for one in declared.outcomes if one.name != decision.outcome]
    initial = {"result": known.result, "outcome": known.outcome, "reasons": known.reasons} if known else {}
    form = ReviewForm(request.POST if request.method == "POST" else None, initial=initial, outcomes=others)
    if request.method == "POST" and form.is_valid():
        try:
            actions.review_decision(case, decision, **form.cleaned_data, by=actor_of(request), at=timezone.now())
        except NotNow:
            told_too_late(request, case_id)
            return redirect("desk_case", case_id)
        except AutomatedError as refused:
            form.add_error(None, _why(refused))
        else:
            messages.success(request, "Noted. The person is told when you send the answer.")
            return redirect("automated_decisions", case_id)
    if request.method != "POST":
        decisions_looked_at(case, by=actor_of(request), at=timezone.now())
    how = explained(decision)
    context = _head(case) | {
        "decision": decision,
        "pairs": list(pairs_of(how)) if how else [],
        "said": said(case.right, case.asked) if case.key else (),
        "form": form,
    }
    return render(request, "automated/decide.html", context)


def _why(refused: AutomatedError) -> str:
    if isinstance(refused, MadeTheRule):
        return "You wrote this rule, so somebody else has to judge what it decided. Nothing was changed."
    if isinstance(refused, RuleEnded):
        return "This rule is no longer in use. Nothing was changed."
    if isinstance(refused, BadRule | BadDecision):
        return f"{refused} Nothing was changed."
    return "It cannot be done now. Nothing was changed."


def _head(case: Case) -> dict[str, object]:
    return {"case": case, "line": line(case), "offer": offer_of(case.right)}
