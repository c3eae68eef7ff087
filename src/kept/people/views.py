"""The account pages that are not allauth's."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from kept.people import actions
from kept.people.access import SignedInRequest, actor_of, signed_in
from kept.people.browsers import browsers_of, is_this_one
from kept.people.details import came_back
from kept.people.forms import NameForm


@signed_in
def name(request: SignedInRequest) -> HttpResponse:
    form = NameForm(request.POST or None, initial={"name": request.user.name}, label_suffix="")
    if request.method == "POST" and form.is_valid():
        actions.change_name(request.user, form.cleaned_data["name"], by=actor_of(request), at=timezone.now())
        messages.success(request, "Your name is changed.")
        return redirect("client_area")
    return render(request, "account/name.html", {"form": form})


@signed_in
def details(request: SignedInRequest) -> HttpResponse:
    """What the account says of its owner: they say that it holds, or change it."""
    if request.method == "POST":
        actions.confirm_details(request.user, by=actor_of(request), at=timezone.now())
        messages.success(request, "Thank you. We ask again in a year.")
        return redirect("client_area")
    return render(request, "account/details.html", {"came_back": came_back(request.user)})


@require_safe
def passkey(request: HttpRequest) -> HttpResponse:
    """Sign in with a passkey: a page of its own, so that the sign-in page needs no script."""
    if request.user.is_authenticated:
        return redirect("client_area")
    return render(request, "account/passkey.html")


@require_safe
@signed_in
def browsers(request: SignedInRequest) -> HttpResponse:
    """Where the account is signed in."""
    found = [(browser, is_this_one(browser, request)) for browser in browsers_of(request.user, timezone.now())]
    others = sum(1 for _, mine in found if not mine)
    return render(request, "account/browsers.html", {"browsers": found, "others": others})


@require_POST
@signed_in
def sign_out_browser(request: SignedInRequest, browser_id: UUID) -> HttpResponse:
    """One of them. Somebody else's is answered like one that never was."""
    found = browsers_of(request.user, timezone.now()).filter(pk=browser_id).first()
    if found is None:
        raise Http404
    mine = is_this_one(found, request)
    actions.sign_out_browsers([found], request.user, by=actor_of(request), at=timezone.now())
    if mine:
        logout(request)
        return redirect("account_login")
    messages.success(request, f"Signed out: {found.device}.")
    return redirect("account_browsers")


@require_POST
@signed_in
def sign_out_browsers(request: SignedInRequest) -> HttpResponse:
    """All but this one, or with `do=everywhere` this one as well."""
    found = list(browsers_of(request.user, timezone.now()))
    everywhere = request.POST.get("do") == "everywhere"
    gone = [one for one in found if everywhere or not is_this_one(one, request)]
    count = actions.sign_out_browsers(gone, request.user, by=actor_of(request), at=timezone.now())
    if everywhere:
        logout(request)
        return redirect("account_login")
    messages.success(request, "Signed out everywhere else." if count else "You were signed in nowhere else.")
    return redirect("account_browsers")
