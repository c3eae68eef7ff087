"""Whose key it is: the room that knows people says so at its start, since this one cannot ask upwards."""

from __future__ import annotations

from collections.abc import Callable

from kept.vault.errors import CannotSeal

KeyOf = Callable[[str], int]
_told: list[KeyOf] = []


def keys_are_known_by(find: KeyOf) -> None:
    """Register what gives the number of a person's key for their address, and makes person and key where needed."""
    _told[:] = [find]


def key_of_address(address: str) -> int:
    if not _told:
        raise CannotSeal("nobody has said whose key it is")
    return _told[0](address)
