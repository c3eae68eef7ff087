"""Pages about this door: its reference and its errors for everybody, the apps themselves for staff."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kept.people.access import SignedInRequest, actor_of, role_required
from kept.people.called import called_of
from kept.people.models import Account
from kept.people.step_up import step_up
from kept.rights.api.access import client_with, clients
from kept.rights.api.actions import LONGEST_NAME, add_client, revoke_client
from kept.rights.api.errors import BadApp, NameTaken
from kept.rights.api.problems import BY_SLUG, Problem, answer
from kept.rights.api.reference import operations, shapes
from kept.rights.api.scopes import MEANS
from kept.rights.api.v1 import problem_kinds


class AppForm(forms.Form):
    name = forms.CharField(label="Name", max_length=LONGEST_NAME, help_text="As colleagues call it: “Customer app”.")
    scopes = forms.MultipleChoiceField(
        label="What may it do?",
        choices=[
            (scope, format_html('{} <span class="hint">{}</span>', scope, means)) for scope, means in MEANS.items()
        ],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one.", "invalid_choice": "Choose from these only."},
    )


@require_safe
def reference(request: HttpRequest) -> HttpResponse:
    context = {"operations": operations(), "shapes": shapes(), "scopes": MEANS}
    return render(request, "api/reference.html", context)


@require_safe
def problems(request: HttpRequest) -> HttpResponse:
    return render(request, "api/problems.html", {"kinds": problem_kinds()})


@require_safe
def problem(request: HttpRequest, slug: str) -> HttpResponse:
    """Where the `type` of an error leads."""
    if slug not in BY_SLUG:
        raise Http404
    return render(request, "api/problem.html", {"kind": BY_SLUG[slug]})


@csrf_exempt
def nothing_here(request: HttpRequest) -> HttpResponse:
    return answer(Problem("not-found"))


@require_safe
@role_required("engineer", "privacy_officer", "auditor")
def apps(request: SignedInRequest) -> HttpResponse:
    rows = [(client, called_of(client.made_by), client.openings.count()) for client in clients()]
    may = request.user.role == Account.Roles.ENGINEER
    return render(request, "api/apps.html", {"rows": rows, "may": may})


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("engineer")
@step_up
def add(request: SignedInRequest) -> HttpResponse:
    """The token is on this one answer, and nowhere afterwards."""
    form = AppForm(request.POST if request.method == "POST" else None, label_suffix="")
    if request.method == "POST" and form.is_valid():
        given: dict[str, Any] = form.cleaned_data
        try:
            added = add_client(given["name"], given["scopes"], by=actor_of(request), at=timezone.now())
        except NameTaken:
            form.add_error("name", "An app of this name is in use already.")
        except BadApp as bad:
            form.add_error("name", str(bad))
        else:
            answer = render(request, "api/added.html", {"client": added.client, "token": added.token})
            answer.headers["Cache-Control"] = "no-store"
            return answer
    return render(request, "api/add.html", {"form": form})


@require_POST
@role_required("engineer")
@step_up
def revoke(request: SignedInRequest, client_id: UUID) -> HttpResponse:
    client = revoke_client(client_with(client_id), by=actor_of(request), at=timezone.now())
    messages.success(request, f"“{client.name}” is shut out. Its token opens nothing any more.")
    return redirect("security_apps")
