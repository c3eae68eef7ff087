"""Values of any database as JSON and people can read them."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any


def plain_value(value: Any) -> Any:
    """Bytes as text where they are text, else in hexadecimal; dates in ISO 8601; broken encoding made visible."""
    if isinstance(value, bytes | bytearray | memoryview):
        raw = bytes(value)
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            return "\\x" + raw.hex()
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, list | tuple):
        return [plain_value(member) for member in value]
    if isinstance(value, dict):
        return {str(name): plain_value(member) for name, member in value.items()}
    return str(value)
