"""The middleware of /api/v1/."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from kept.rights.api.problems import MEDIA_TYPE, instead_of
from kept.rights.for_programs import Door


class ApiDoor(Door):
    prefix = "/api/v1/"
    kind = MEDIA_TYPE

    def error(self, status: int, request: HttpRequest) -> HttpResponse:
        return instead_of(status)
