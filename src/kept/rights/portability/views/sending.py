"""The second confirmation: the person sees where everything goes, and says so once more, signed in or with a code."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from kept.rights import actions as rights
from kept.rights.forms import CodeForm
from kept.rights.models import Package
from kept.rights.origins import host_of
from kept.rights.portability import actions
from kept.rights.portability.access import to_send, transfer_of
from kept.rights.portability.errors import NotToSend
from kept.rights.portability.models import Transfer
from kept.rights.views.codes import code_state, tell_about, usable, why_not
from kept.rights.views.private import private
from kept.rights.views.status import Followed, followed

NOTHING = "There is nothing to send here now. Nothing was sent."


@require_http_methods(["GET", "HEAD", "POST"])
@private
def confirm(request: HttpRequest, key: str) -> HttpResponse:
    here = followed(request, key)
    package = _sendable(here)
    if package is None:
        messages.warning(request, NOTHING)
        return redirect("request", key)
    form = CodeForm(request.POST if request.method == "POST" and not here.owner else None)
    if request.method == "POST" and _is_theirs(here, package, form):
        try:
            actions.confirm_sending(here.case, package, by=here.by, at=timezone.now())
        except NotToSend:
            messages.warning(request, NOTHING)
        else:
            messages.success(request, "We send it now. This page shows how far it is. We mail you when it is there.")
        return redirect("request", key)
    at = timezone.now()
    context = {
        "case": here.case,
        "key": key,
        "owner": here.owner,
        "host": host_of(here.case.asked["to"]),
        "package": package,
        "form": form,
        "code_is_out": package.code_sent_at is not None and (usable(package, at) or form.is_bound),
        **code_state(package, at),
    }
    return render(request, "portability/confirm.html", context)


@require_POST
@private
def code(request: HttpRequest, key: str) -> HttpResponse:
    here = followed(request, key)
    package = _sendable(here)
    if package is None:
        messages.warning(request, NOTHING)
        return redirect("request", key)
    sent = rights.send_package_code(package, by=here.by, at=timezone.now())
    package.refresh_from_db()
    tell_about(request, package, sent)
    return redirect("request_send", key)


def _sendable(here: Followed) -> Package | None:
    """None: nobody asked to have it sent, it is not there, or it is on its way already."""
    transfer = transfer_of(here.case)
    if transfer is not None and transfer.state != Transfer.State.FAILED:
        return None
    return to_send(here.case, timezone.now())


def _is_theirs(here: Followed, package: Package, form: CodeForm) -> bool:
    """Signed in as who asked, or with the code that was mailed to them."""
    if here.owner:
        return True
    if not form.is_valid():
        return False
    if rights.check_package_code(package, form.cleaned_data["code"], by=here.by, at=timezone.now()):
        return True
    package.refresh_from_db()
    form.add_error("code", why_not(package, timezone.now()))
    return False
