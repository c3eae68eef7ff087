"""Mails of ours that came back. RFC 3464; a report in another form counts where it says nothing else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from uuid import UUID

from kept.collection.mail.references import our_ids

LONGEST = 256 * 1024  # bytes of a report that are looked at
IDS = re.compile(rb"<([0-9a-fA-F-]{36}@[^<>\s@]{1,255})>")
ACTION = re.compile(rb"^action:[ \t]*([a-z]+)", re.IGNORECASE | re.MULTILINE)


def returned_in(raw: bytes, host: str) -> Sequence[UUID]:
    """The mails of ours that a report says did not arrive, by the ids that we gave them. Nobody can guess one, so
    nobody can make us believe it of a mail that they did not get. Only late, or delivered: none."""
    head = raw[:LONGEST]
    actions = {one.lower() for one in ACTION.findall(head)}
    if actions and b"failed" not in actions:
        return ()
    return tuple(dict.fromkeys(our_ids((one.decode("ascii", "replace") for one in IDS.findall(head)), host)))
