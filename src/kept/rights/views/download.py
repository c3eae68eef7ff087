"""Fetching the answer, signed in or with a code from a mail.

Who may see a request is told that a file cannot be fetched (any more): gone, taken away, guessed and somebody else's
are answered alike.
"""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from kept.rights import actions
from kept.rights.access import file_of, package_of
from kept.rights.forms import CodeForm
from kept.rights.models import Package
from kept.rights.offered import offer_of
from kept.rights.views.codes import code_state, tell_about, usable, why_not
from kept.rights.views.private import private
from kept.rights.views.status import Followed, followed


@require_http_methods(["GET", "HEAD", "POST"])
@private
def fetch(request: HttpRequest, key: str, package_id: UUID) -> HttpResponseBase:
    """The page that hands out the file. Without a sign-in it takes the code from the mail."""
    here = followed(request, key)
    at = timezone.now()
    package = _fetchable(here, package_id)
    if package is None:
        return _gone(request, key)
    form = CodeForm(request.POST if request.method == "POST" and not here.owner else None)
    if request.method == "POST" and here.owner:
        return _file(here, package)
    if request.method == "POST" and form.is_valid():
        if actions.check_package_code(package, form.cleaned_data["code"], by=here.by, at=at):
            return _file(here, package)
        package.refresh_from_db()
        form.add_error("code", why_not(package, at))
    context = {
        "case": here.case,
        "key": key,
        "owner": here.owner,
        "offer": offer_of(here.case.right),
        "package": package,
        "form": form,
        "code_is_out": package.code_sent_at is not None and (usable(package, at) or form.is_bound),
        **code_state(package, at),
    }
    return render(request, "rights/fetch.html", context)


@require_POST
@private
def new_package_code(request: HttpRequest, key: str, package_id: UUID) -> HttpResponse:
    here = followed(request, key)
    package = _fetchable(here, package_id)
    if package is None:
        return _gone(request, key)
    sent = actions.send_package_code(package, by=here.by, at=timezone.now())
    package.refresh_from_db()
    tell_about(request, package, sent)
    return redirect("request_fetch", key, package_id)


@require_http_methods(["GET", "HEAD", "POST"])
@private
def revoke(request: HttpRequest, key: str, package_id: UUID) -> HttpResponse:
    """The person takes the file back: it is nobody's to fetch any more."""
    here = followed(request, key)
    package = _fetchable(here, package_id)
    if package is None:
        return _gone(request, key)
    if request.method == "POST":
        actions.revoke_package(package, by=here.by, at=timezone.now())
        messages.success(request, "The file is gone from here. Nobody can fetch it any more.")
        return redirect("request", key)
    context = {"package": package, "case": here.case, "back": reverse("request", args=[key])}
    return render(request, "rights/revoke.html", context)


def _fetchable(here: Followed, package_id: UUID) -> Package | None:
    try:
        return package_of(here.case, package_id, timezone.now())
    except Http404:
        return None


def _gone(request: HttpRequest, key: str) -> HttpResponse:
    """Back to the request, which says what there is instead."""
    messages.warning(request, "That file cannot be fetched here any more. Nothing was sent.")
    return redirect("request", key)


def _file(here: Followed, package: Package) -> FileResponse:
    file = file_of(package)
    try:
        actions.downloaded(package, by=here.by, at=timezone.now())
    except BaseException:
        file.close()
        raise
    answer = FileResponse(
        file, as_attachment=True, filename=f"{here.case.reference}.zip", content_type="application/zip"
    )
    answer.headers["Content-Length"] = str(package.size)
    answer.headers["ETag"] = f'"{package.sha256}"'
    return answer
