"""Wordings of the policy and the people they concern: what is new, what each had before them, who waits to be told.

It stands here because the policy's own room knows no accounts.
"""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from kept.people.access import SignedInRequest, actor_of, role_required, signed_in
from kept.policy.access import queue_of_notices, seen_by, told_of
from kept.policy.actions import saw


@require_safe
@signed_in
def mine(request: SignedInRequest) -> HttpResponse:
    """Which wordings somebody had before them and when, and which new ones concern them. GDPR Art. 5(2), 7(1)."""
    seen = seen_by(request.user.pk)
    read = {one.version_id for one in seen}
    told = [(notice, notice.version_id in read) for notice in told_of(request.user.pk)]
    return render(request, "oversight/my_versions.html", {"seen": seen, "told": told, "today": timezone.now().date()})


@require_POST
@signed_in
def have_read(request: SignedInRequest, number: int) -> HttpResponse:
    """Somebody says that they have read a new wording. It agrees to nothing: consents are asked for apart."""
    notice = next((one for one in told_of(request.user.pk) if one.version_id == number), None)
    if notice is None:
        raise Http404
    saw(account=request.user.pk, version=notice.version, by=actor_of(request), at=timezone.now())
    messages.success(request, f"Noted: you have read version {notice.version.name}.")
    return redirect("my_versions")


@require_safe
@role_required("privacy_officer", "engineer", "auditor")
def notices(request: SignedInRequest) -> HttpResponse:
    """How many people wait to be told of which wording, and which consents have to be asked for again."""
    return render(request, "oversight/notices.html", {"told": queue_of_notices(), "today": timezone.now().date()})
