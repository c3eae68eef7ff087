"""The OpenAPI document, taken apart for a page that needs no script."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from kept.rights.api.v1 import api


@dataclass(frozen=True)
class Member:
    name: str
    kind: str  # "text", "list of Right", …
    required: bool
    says: str


@dataclass(frozen=True)
class Shape:
    """One object that is sent or answered."""

    name: str
    says: str
    members: tuple[Member, ...]


@dataclass(frozen=True)
class Operation:
    id: str
    method: str
    path: str
    title: str
    says: tuple[str, ...]  # paragraphs
    parameters: tuple[Member, ...]
    body: str  # the shape's name; "": none
    answers: tuple[tuple[str, str, str], ...]  # status, in words, the shape's name


def operations() -> list[Operation]:
    return [
        _operation(path, method, one)
        for path, methods in _document()["paths"].items()
        for method, one in methods.items()
    ]


def shapes() -> list[Shape]:
    return [_shape(name, one) for name, one in sorted(_document()["components"]["schemas"].items())]


def _document() -> dict[str, Any]:
    """As it is sent: statuses are texts there."""
    document: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema()))
    return document


def _operation(path: str, method: str, one: dict[str, Any]) -> Operation:
    paragraphs = one.get("description", "").split("\n\n")
    return Operation(
        id=one["operationId"],
        method=method.upper(),
        path=path,
        title=one["summary"],
        says=tuple(" ".join(part.split()) for part in paragraphs if part.strip()),
        parameters=tuple(
            Member(
                f"{each['name']} ({each['in']})", _kind(each["schema"]), each["required"], each.get("description", "")
            )
            for each in one["parameters"]
        ),
        body=_name_in(one.get("requestBody", {})),
        answers=tuple(
            (status, answer["description"], _name_in(answer)) for status, answer in sorted(one["responses"].items())
        ),
    )


def _name_in(holder: dict[str, Any]) -> str:
    for content in holder.get("content", {}).values():
        return _kind(content["schema"])
    return ""


def _shape(name: str, one: dict[str, Any]) -> Shape:
    required = set(one.get("required", ()))
    members = [
        Member(member, _kind(each), member in required, each.get("description", ""))
        for member, each in one.get("properties", {}).items()
    ]
    return Shape(name, " ".join(one.get("description", "").split()), tuple(members))


def _kind(schema: dict[str, Any]) -> str:
    """In words: what a member holds."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "enum" in schema:
        return "one of " + ", ".join(f"“{word}”" for word in schema["enum"])
    if either := schema.get("anyOf"):
        return " or ".join(dict.fromkeys(_kind(one) for one in either))
    match schema.get("type"):
        case "array":
            return f"list of {_kind(schema.get('items', {}))}"
        case "object":
            return "object"
        case "string":
            return {"uuid": "UUID", "date-time": "instant", "date": "day"}.get(schema.get("format", ""), "text")
        case "null":
            return "null"
        case other:
            return {"boolean": "true or false", "integer": "whole number", "number": "number"}.get(
                str(other), "anything"
            )
