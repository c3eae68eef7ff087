"""What the person's page says of a new address that is to be shown to be theirs."""

from __future__ import annotations

from django import template

from kept.rights.models import Case
from kept.rights.righting.access import new_address_of
from kept.rights.righting.models import NewAddress
from kept.rights.rules import OPEN

register = template.Library()


@register.inclusion_tag("righting/new_address_part.html")
def new_address(case: Case, key: str) -> dict[str, object]:
    address: NewAddress | None = None
    if case.right == Case.Right.RECTIFICATION and case.key is not None and case.state in OPEN:
        address = new_address_of(case)
    return {"address": address, "key": key}
