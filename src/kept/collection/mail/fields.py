"""Bytes that are sealed in the database and open in Python."""

from __future__ import annotations

from typing import Any

from kept.vault.fields import Sealed, SealedTextField


class SealedBytesField(SealedTextField):
    """Bytes as they came."""

    empty: Any = b""

    def as_bytes(self, value: Any) -> bytes:
        return bytes(value)

    def as_value(self, plain: bytes) -> Any:
        return plain

    def from_db_value(self, value: Any, *_: object) -> Any:
        return Sealed(value) if value else b""
