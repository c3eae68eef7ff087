"""“May we use …?”: what staff ask before they do something with somebody's data."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from kept.people.access import SignedInRequest, actor_of, role_required
from kept.terms import Identifier
from kept.use.actions import ask_whether
from kept.use.forms import MayWeForm
from kept.use.purposes import purposes_on


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("support", "privacy_officer")
def may_we_use(request: SignedInRequest) -> HttpResponse:
    """The address is sent and never stands in an address: browsers and proxies keep those."""
    form, now = MayWeForm(request.POST if request.method == "POST" else None), timezone.now()
    context: dict[str, object] = {"form": form}
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        decision = ask_whether(
            Identifier("email", said["email"]),
            said["purpose"],
            said["category"],
            said["recipient"],
            said["reason"],
            by=actor_of(request),
            at=now,
        )
        context |= {"decision": decision, "purpose": purposes_on(now.date())[said["purpose"]], "email": said["email"]}
    answer = render(request, "use/may_we_use.html", context)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
