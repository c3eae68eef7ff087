"""How far a sending is, on the page of a request: `{% load portability %}{% sending case key %}`."""

from __future__ import annotations

from django import template
from django.utils import timezone

from kept.rights.models import Case
from kept.rights.origins import host_of
from kept.rights.portability.access import to_send, transfer_of
from kept.rights.portability.models import Transfer

register = template.Library()


@register.inclusion_tag("portability/sending.html")
def sending(case: Case, key: str = "") -> dict[str, object]:
    """Nothing for a request that is not one to send. Without a key, for the desk: nothing to press."""
    if case.right != Case.Right.PORTABILITY:
        return {"shown": False}
    transfer = transfer_of(case)
    sendable = transfer is None or transfer.state == Transfer.State.FAILED
    waits = sendable and to_send(case, timezone.now()) is not None
    there = transfer.to if transfer is not None and transfer.key is not None else case.asked.get("to", "")
    return {
        "shown": transfer is not None or waits,
        "transfer": transfer,
        "waits": waits,
        "host": host_of(there) if there else "another provider",
        "case": case,
        "key": key,
        "percent": 100 * transfer.sent // max(1, transfer.package.size) if transfer else 0,
    }
