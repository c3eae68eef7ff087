"""Pages whose address opens something: no browser, proxy or search engine keeps them.

Who comes to a request by its id and is not signed in reads how to get there: the same for every id there could be.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

P = ParamSpec("P")


class NotSignedIn(Exception):
    """The address is one for people who are signed in, and nobody is. Nothing was looked up, and nothing is told."""


def private(
    view: Callable[Concatenate[HttpRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    @wraps(view)
    def kept_by_nobody(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            answer = view(request, *args, **kwargs)
        except NotSignedIn:
            answer = sign_in_first(request)
        answer.headers["Cache-Control"] = "private, no-store"
        answer.headers["X-Robots-Tag"] = "noindex"
        return answer

    return kept_by_nobody


def sign_in_first(request: HttpRequest) -> HttpResponse:
    """An open page that asks whether something changed is drawn anew: its person was signed out meanwhile."""
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "rights/sign_in_first.html", status=404)
