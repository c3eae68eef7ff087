"""Addresses for programs: small bodies only, nothing cached, and every error in the form that programs read.

Each door is a middleware of the whole site, so that an answer which no view of its own gave is put into its form too:
an address that does not exist, a method, a flood, a fault.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

GetResponse = Callable[[HttpRequest], HttpResponse]
PASSED_ON = ("Allow", "Retry-After", "WWW-Authenticate")


class Door:
    """What one door says of itself, below."""

    prefix = ""  # of its addresses
    most = 64 * 1024  # bytes of a body
    kind = ""  # the content type of its errors

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def error(self, status: int, request: HttpRequest) -> HttpResponse:
        raise NotImplementedError

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(self.prefix):
            return self.get_response(request)
        answer = self.error(413, request) if self.too_large(request) else self.get_response(request)
        if answer.status_code >= 400 and not self.is_ours(answer):
            told = self.error(answer.status_code, request)
            for name in PASSED_ON:
                if name in answer.headers:
                    told.headers[name] = answer.headers[name]
            answer = told
        answer.headers["Cache-Control"] = "no-store"
        answer.headers["X-Robots-Tag"] = "noindex"
        return answer

    def too_large(self, request: HttpRequest) -> bool:
        """By its header: no more than that is ever read of the body."""
        try:
            return int(request.META.get("CONTENT_LENGTH") or 0) > self.most
        except ValueError:
            return False

    def is_ours(self, answer: HttpResponse) -> bool:
        return answer.headers.get("Content-Type", "").partition(";")[0] == self.kind
