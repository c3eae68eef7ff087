"""/api/v1/: what the company's own apps may ask. Each operation stands in a module of its own."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema

from kept.rights.api import automated, decisions, rights, standing
from kept.rights.api.auth import AppToken
from kept.rights.api.problems import KINDS, MEDIA_TYPE, Problem, address_of, answer, instead_of
from kept.rights.api.reading import StrictParser, places_in

PREFIX = "api/v1/"
ALWAYS = ("no-token", "scope-missing", "not-found", "too-large", "too-many", "internal")


class Api(NinjaAPI):
    """Its document names the errors too, in the form in which they are sent."""

    def get_openapi_schema(self, *, path_prefix: str | None = None, path_params: Any = None) -> OpenAPISchema:
        schema = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        schema["components"]["schemas"]["Problem"] = PROBLEM
        for methods in schema["paths"].values():
            for operation in methods.values():
                slugs = {*ALWAYS, *operation.pop("x-problems", ())}
                if "requestBody" in operation:
                    slugs |= {"unreadable", "media-type", "invalid"}
                if operation["parameters"]:
                    slugs.add("invalid")
                for kind in KINDS:
                    if kind.slug in slugs:
                        _add(operation["responses"], kind.status, kind.title)
        return schema


def _add(responses: dict[Any, Any], status: int, title: str) -> None:
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    known = responses.setdefault(status, {"description": "", "content": content})
    known["description"] = "; or: ".join(part for part in (known["description"], title) if part)


PROBLEM: dict[str, Any] = {
    "title": "Problem",
    "description": "RFC 9457. `type` leads to the page that explains it.",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "For the person who builds the app. It repeats nothing you sent."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["where", "what"],
                "properties": {
                    "where": {"type": "string", "description": "A JSON pointer into the body, or a header's name."},
                    "what": {"type": "string"},
                },
            },
        },
    },
}

api = Api(
    title="Privacy requests",
    version="1",
    description="Open privacy requests for the people who use your app, and see how they stand. The people prove "
    "themselves, as at every other door.",
    urls_namespace="api",
    docs_url=None,
    auth=AppToken(),
    parser=StrictParser(),
)
api.add_router("", rights.router)
api.add_router("", standing.router)
api.add_router("", decisions.router)
api.add_router("", automated.router)


@api.exception_handler(Problem)
def problem(request: HttpRequest, problem: Problem) -> HttpResponse:
    return answer(problem)


@api.exception_handler(AuthenticationError)
def no_token(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return answer(Problem("no-token"))


@api.exception_handler(Http404)
def absent(request: HttpRequest, error: Http404) -> HttpResponse:
    return answer(Problem("not-found"))


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return answer(Problem("invalid", places=places_in(error.errors)))


@api.exception_handler(HttpError)
def unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
    """The library wraps whatever a parser raises."""
    if isinstance(error.__cause__, Problem):
        return answer(error.__cause__)
    return answer(Problem("unreadable")) if error.status_code == 400 else instead_of(error.status_code)


urls = api.urls  # once: the library lets nothing be added after this


def problem_kinds() -> list[tuple[Any, str]]:
    return [(kind, address_of(kind)) for kind in KINDS]
