"""Who is staff, and in which role. Giving and ending a role is an engineer's; it may take a second person."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from kept.people.access import SignedInRequest, actor_of, role_required, takes_two_now
from kept.people.actions import MayNotMakeStaff, add_staff, end_staff
from kept.people.adapter import has_second_factor
from kept.people.models import Account
from kept.people.step_up import step_up


class StaffForm(forms.Form):
    email = forms.EmailField(label="E-mail address", help_text="What they sign in with.", max_length=254)
    name = forms.CharField(label="Name", max_length=200, required=False, help_text="As colleagues see it.")
    role = forms.ChoiceField(label="Role", choices=Account.Roles.choices[1:], widget=forms.RadioSelect)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("engineer", "privacy_officer", "auditor")
@step_up
def staff(request: SignedInRequest) -> HttpResponse:
    may = request.user.role == Account.Roles.ENGINEER
    if request.method == "POST" and not may:
        raise Http404
    form = StaffForm(request.POST if request.method == "POST" else None, label_suffix="")
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        account = add_staff(given["email"], given["name"], given["role"], by=actor_of(request), at=timezone.now())
        if account.role == given["role"]:
            messages.success(request, f"The account is {account.get_role_display()} now.")
        else:
            messages.success(request, "Asked. The role is given once a second person has approved it.")
        return redirect("security_staff")
    found = Account.objects.exclude(role=Account.Roles.CUSTOMER).filter(is_active=True).order_by("role", "email")
    rows = [(account, has_second_factor(account)) for account in found]
    two = takes_two_now(actor_of(request))
    return render(request, "security/staff.html", {"rows": rows, "form": form, "may": may, "two": two})


@require_POST
@role_required("engineer")
@step_up
def end(request: SignedInRequest, account_id: UUID) -> HttpResponse:
    """Somebody leaves."""
    account = Account.objects.exclude(role=Account.Roles.CUSTOMER).filter(pk=account_id).first()
    if account is None:
        raise Http404
    try:
        end_staff(account, by=actor_of(request), at=timezone.now())
    except MayNotMakeStaff:
        messages.error(request, "Nobody ends their own role. Ask another engineer.")
    else:
        messages.success(request, "The role has ended. The account is signed out everywhere.")
    return redirect("security_staff")
