"""Requests that seem to be the same one, on the pages of staff: `{% load alike %}`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import template
from django.template.context import Context
from django.utils import timezone

from kept.rights.access import may_decide
from kept.rights.alike.access import Twin, twins
from kept.rights.models import Case

register = template.Library()


@register.inclusion_tag("rights/twins.html", takes_context=True)
def twins_box(context: Context, case: Case) -> dict[str, Any]:
    """For a case: with a button where an officer may join the two."""
    user = context.get("user")
    decides = user is not None and user.is_authenticated and may_decide(user, case)
    return {
        "case": case,
        "twins": twins(case, timezone.now()) if decides or _serves(user) else [],
        "decides": decides,
        "user": user,
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("rights/twins.html", takes_context=True)
def twins_list(context: Context, found: Sequence[Twin]) -> dict[str, Any]:
    """For a request that is about to be written down."""
    return {"case": None, "twins": found, "decides": False, "user": context.get("user")}


def _serves(user: Any) -> bool:
    return getattr(user, "role", "") == "support"
