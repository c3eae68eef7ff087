"""The clock of a request on pages and in mails: `{% load timing %}`."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import Context

from kept.rights.clocks import law_name
from kept.rights.models import Case
from kept.rights.rules import MAY, OPEN
from kept.rights.timing.access import law_changes_of, waits_of
from kept.rights.timing.models import Wait
from kept.rights.timing.rules import money

register = template.Library()


@register.filter
def amount(wait: Wait) -> str:
    """12.50 SGD"""
    return money(wait.amount or 0, wait.currency)


@register.filter
def law(name: str) -> str:
    return law_name(name)


@register.inclusion_tag("rights/waits.html", takes_context=True)
def waits(context: Context, case: Case) -> dict[str, Any]:
    """What was asked of the person and what came of it, for the desk. Needs: officer, decides."""
    officer = bool(context.get("officer"))
    asked = waits_of(case)
    return {
        "case": case,
        "waits": asked,
        "waiting": next((one for one in asked if one.ended_at is None), None),
        "changes": law_changes_of(case),
        "officer": officer and case.key is not None,
        "decides": bool(context.get("decides")),
        "may_ask": case.state in MAY["ask"],
        "open": case.state in OPEN,
    }


@register.inclusion_tag("rights/asked_of_you.html")
def asked_of_you(case: Case, key: str) -> dict[str, Any]:
    """What the person has been asked and not answered yet, for their own page."""
    open_ones = [one for one in waits_of(case) if one.ended_at is None] if case.state in OPEN else []
    return {"wait": open_ones[0] if open_ones else None, "key": key}
