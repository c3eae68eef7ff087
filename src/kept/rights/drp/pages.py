"""Pages of this door: where the person proves themselves, and, for staff, whom we trust."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kept.people.access import SignedInRequest, actor_of, role_required
from kept.people.called import called_of
from kept.people.models import Account
from kept.people.step_up import step_up
from kept.rights import actions
from kept.rights.access import packages_of
from kept.rights.drp.access import agent_with, agents, answering, directory_entry, request_by_link
from kept.rights.drp.actions import add_agent, end_agent
from kept.rights.drp.entries import TEXTS
from kept.rights.drp.errors import BadAgent
from kept.rights.drp.models import Agent, AgentRequest
from kept.rights.models import Case
from kept.rights.offered import offer_of
from kept.rights.rules import OPEN
from kept.rights.views.codes import code_form, code_state, tell_about
from kept.rights.views.private import private
from kept.terms import Actor

KEEP = (Account.Roles.ENGINEER, Account.Roles.PRIVACY_OFFICER)


class AgentForm(forms.Form):
    id = forms.CharField(label="Its id in the directory", max_length=80, help_text="Such as PRIVACY_HELPER.")
    name = forms.CharField(
        label="Name", max_length=TEXTS["name"], help_text="As people know it. It stands in our mails."
    )
    verify_key = forms.CharField(
        label="Its key (verify_key)", max_length=80, help_text="44 signs, as the directory has it."
    )
    web_url = forms.CharField(label="Its site", max_length=TEXTS["web_url"], required=False)
    identity_assurance_url = forms.CharField(
        label="How it checks who people are", max_length=TEXTS["identity_assurance_url"], required=False
    )
    technical_contact = forms.CharField(label="Technical contact", max_length=254, required=False)
    business_contact = forms.CharField(label="Business contact", max_length=254, required=False)


@require_http_methods(["GET", "HEAD", "POST"])
@private
def agent_request(request: HttpRequest, key: str) -> HttpResponse:
    """The person types the code that we mailed them; later, the way to their answer."""
    asked = request_by_link(key)
    named = request.GET.get("request_id")
    if named is not None and named != str(asked.pk):  # 3.02.1: both must mean the same request
        raise Http404
    case = asked.case
    assert case is not None  # noqa: S101 - `request_by_link` finds no others
    back = way_back(asked, request.GET.get("redirect_to", ""))
    context: dict[str, Any] = {"asked": asked, "key": key, "back": back, "offer": offer_of(case.right), "case": case}
    if case.state == Case.State.UNPROVEN:
        form, proven = code_form(request, case, Actor("person", str(case.pk)))
        if not proven:
            return render(request, "drp/prove.html", context | {"form": form} | code_state(case, timezone.now()))
        asked = request_by_link(key)
    answer = answering(asked)
    assert answer is not None  # noqa: S101 - its case, or the one that it joined
    context |= {
        "case": answer,
        "under_way": answer.state in OPEN,
        "fetchable": bool(answer.email and packages_of(answer, timezone.now())),
    }
    return render(request, "drp/proven.html", context)


@require_POST
@private
def agent_request_code(request: HttpRequest, key: str) -> HttpResponse:
    """A new code to the address of the request; once it is answered, one that opens the file."""
    asked, at = request_by_link(key), timezone.now()
    case = answering(asked)
    assert case is not None  # noqa: S101 - `request_by_link` finds no others
    if case.state == Case.State.UNPROVEN:
        sent = actions.resend_code(case, by=Actor("person", str(case.pk)), at=at)
        case.refresh_from_db()
        tell_about(request, case, sent)
        return redirect("agent_request", key)
    packages = packages_of(case, at) if case.email else []
    if not packages:
        messages.warning(request, "There is nothing to fetch here now.")
        return redirect("agent_request", key)
    sent = actions.send_package_code(packages[0], by=Actor("person", str(case.pk)), at=at)
    packages[0].refresh_from_db()
    tell_about(request, packages[0], sent)
    return redirect("agent_request", key)


def way_back(asked: AgentRequest, url: str) -> str:
    """Where the agent wants its person back, if that is the agent's own site; "": nowhere."""
    try:
        parts, own = urlsplit(url[:2_000]), urlsplit(asked.agent.web_url if asked.agent else "")
        fits = parts.scheme == "https" and own.hostname and parts.hostname == own.hostname and parts.port == own.port
    except ValueError:
        return ""
    return url if fits and not parts.username and url.isprintable() else ""


@require_safe
@role_required("engineer", "privacy_officer", "auditor")
def agents_page(request: SignedInRequest) -> HttpResponse:
    rows = [(agent, called_of(agent.added_by), agent.requests.count()) for agent in agents()]
    context = {"rows": rows, "may": request.user.role in KEEP, "entry": json.dumps(directory_entry(), indent=2)}
    return render(request, "drp/agents.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("engineer", "privacy_officer")
@step_up
def add(request: SignedInRequest) -> HttpResponse:
    form = AgentForm(request.POST if request.method == "POST" else None, label_suffix="")
    if request.method == "POST" and form.is_valid():
        try:
            agent: Agent = add_agent(form.cleaned_data, by=actor_of(request), at=timezone.now())
        except BadAgent as bad:
            named = str(bad).partition(" ")[0]
            form.add_error(named if named in form.fields else None, str(bad))
        else:
            messages.success(request, f"“{agent.name}” can ask for people now. They prove themselves all the same.")
            return redirect("security_agents")
    return render(request, "drp/add.html", {"form": form})


@require_POST
@role_required("engineer", "privacy_officer")
@step_up
def end(request: SignedInRequest, agent_pk: UUID) -> HttpResponse:
    agent = end_agent(agent_with(agent_pk), by=actor_of(request), at=timezone.now())
    messages.success(request, f"Nothing of “{agent.name}” is taken any more. What it has asked before goes on.")
    return redirect("security_agents")
