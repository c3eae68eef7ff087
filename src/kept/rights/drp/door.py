"""The middleware of /v1/: errors as the protocol has them (3.06)."""

from __future__ import annotations

import re

from django.http import HttpRequest, HttpResponse, JsonResponse

from kept.rights.for_programs import Door

WORDS = {
    400: "The request cannot be read.",
    403: "This is not allowed.",
    404: "There is no such address.",
    405: "This method is not for this address.",
    413: "The body is too large.",
    429: "Too many requests. Try again later.",
    500: "Something broke here. Trying again later is safe.",
}
SETUP = re.compile("/v1/agent/[^/]+/?")


def error(status: int, message: str = "", *, fatal: bool = False) -> HttpResponse:
    words = message or WORDS.get(status, WORDS[500] if status >= 500 else WORDS[400])
    return JsonResponse({"code": str(status), "message": words, "fatal": fatal}, status=status)


def bare() -> HttpResponse:
    """2.05.1: a key setup that fails says nothing at all."""
    return HttpResponse(status=403, content_type="application/json")


class DrpDoor(Door):
    prefix = "/v1/"
    kind = "application/json"

    def error(self, status: int, request: HttpRequest) -> HttpResponse:
        if status in (400, 413) and request.method == "POST" and SETUP.fullmatch(request.path_info):
            return bare()
        return error(status, fatal=status == 413)
