"""The privacy centre: what a person can ask. Everybody may read it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from kept.rights.offered import NOT_YET, RUNNING


@require_safe
def privacy_centre(request: HttpRequest) -> HttpResponse:
    return render(request, "rights/privacy_centre.html", {"running": RUNNING, "not_yet": NOT_YET})
