"""Structured logs: one JSON object a line, never with personal data.

Only the fields named here are written. Our messages are constant text; what varies goes into `extra`
as counts, states and opaque ids. Exceptions are written as class, file and line, without their text.
Of a request the route is written, never its path: a path may hold the token of somebody's request.
Of what other libraries say, numbers are kept, and every other word put into their sentences is left out.
"""

from __future__ import annotations

import json
import logging
import logging.config
import re
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus

FIELDS = (
    "event",
    "case",
    "step",
    "system",
    "task",
    "table",
    "column",
    "count",
    "seconds",
    "attempt",
    "status",
    "method",
)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
LEFT_OUT = "…"
PERSONAL = re.compile(r"\S*[@/]\S*")  # an address, a path


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
        }
        line["message"] = record.getMessage() if record.name.startswith("kept") else _impersonal(record)
        line |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        if (request := getattr(record, "request", None)) is not None:
            line |= _asked(request) | {"status": getattr(record, "status_code", None)}
        if record.exc_info and record.exc_info[0]:
            frames = traceback.extract_tb(record.exc_info[2])
            line["error"] = record.exc_info[0].__name__
            line["where"] = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in frames[-8:]]
        return json.dumps(line, default=str)


def _impersonal(record: logging.LogRecord) -> str:
    """What another library says, without the words it put in: they may be paths, addresses or names."""
    status = getattr(record, "status_code", None)
    if hasattr(record, "request") and isinstance(status, int):
        return HTTPStatus(status).phrase if status in set(HTTPStatus) else "Answered"
    try:
        said = str(record.msg) % _numbers(record.args) if record.args else str(record.msg)
    except (TypeError, ValueError, KeyError):  # their mistake; the constant part is better than nothing
        said = str(record.msg)
    return PERSONAL.sub(LEFT_OUT, said)


def _numbers(args: object) -> object:
    if isinstance(args, Mapping):
        return {name: _number(value) for name, value in args.items()}
    return tuple(map(_number, args)) if isinstance(args, tuple) else _number(args)


def _number(value: object) -> object:
    return value if isinstance(value, int | float) else LEFT_OUT


def _asked(request: object) -> dict[str, object]:
    """The method and the route's name, or its pattern; "": no route fits what was asked for."""
    match = getattr(request, "resolver_match", None)
    route = (match.view_name or match.route) if match else ""
    method = getattr(request, "method", "")
    return {"method": method if method in METHODS else "another one", "route": route}


def configure(settings: dict[str, str]) -> None:
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"lines": {"()": JsonLines}},
            "handlers": {"err": {"class": "logging.StreamHandler", "formatter": "lines"}},
            "root": {"handlers": ["err"], "level": "WARNING"},
            "loggers": {"kept": {"level": settings.get("level", "INFO")}, "django.server": {"level": "ERROR"}},
        }
    )
