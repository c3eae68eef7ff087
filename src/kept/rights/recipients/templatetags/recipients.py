"""Who else is told, on the desk and on the person's page: `{% load recipients %}`."""

from __future__ import annotations

from typing import Any

from django import template

from kept.rights.models import Case
from kept.rights.recipients.access import tellings_of, to_be_told

register = template.Library()


@register.inclusion_tag("recipients/on_case.html")
def recipients_on_desk(case: Case, decides: bool) -> dict[str, Any]:
    return {"case": case, "tellings": tellings_of(case), "decides": decides}


@register.inclusion_tag("recipients/to_person.html")
def recipients_told(case: Case) -> dict[str, Any]:
    """GDPR Art. 19, last sentence: the person learns who these are."""
    return {"case": case, "tellings": tellings_of(case)}


@register.simple_tag
def waiting_recipients() -> int:
    """How many wait to be told by a person."""
    return to_be_told().count()
