"""Refusals on the pages of a case: `{% load refusals %}`."""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings
from django.template.context import Context
from django.utils import timezone

from kept.rights.grounds import authority_of, ground_of
from kept.rights.models import Case
from kept.rights.preserved.access import copy_of, open_disputes
from kept.rights.refusals.access import approval_of, proposed, told
from kept.rights.rules import MAY

register = template.Library()


@register.inclusion_tag("refusals/desk_box.html", takes_context=True)
def refusal_box(context: Context, case: Case) -> dict[str, Any]:
    """For the desk. Needs: decides."""
    copy = copy_of(case)
    return {
        "case": case,
        "user": context.get("user"),
        "told": told(case),
        "proposed": proposed(case),
        "waits": approval_of(case, timezone.now()),
        "may": bool(context.get("decides")) and case.state in MAY["refuse"],
        "copy": copy,
        "disputes": len(open_disputes(copy)) if copy else 0,
    }


@register.inclusion_tag("refusals/told_you.html", takes_context=True)
def refused(context: Context, case: Case) -> dict[str, Any]:
    """For the person's own page."""
    found = told(case)
    ground = ground_of(found.law, found.right, found.ground) if found else None
    return {
        "refusal": found,
        "user": context.get("user"),
        "says": ground.says if ground else "",
        "annotated": bool(ground and ground.annotate and case.asked),
        "authority": authority_of(found.law) if found else None,
        "contact": settings.CONTACT,
        "copy": copy_of(case),
    }
