"""What is in force, on the person's page and on the desk: `{% load stopping %}`."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import Context
from django.utils import timezone

from kept.rights.clocks import office_day
from kept.rights.models import Case
from kept.rights.stopping.access import marks_in, nothing_said, pause_in, uses_in

register = template.Library()


@register.inclusion_tag("rights/in_force.html")
def in_force(case: Case, key: str) -> dict[str, Any]:
    """For the person: which use has ended, or rests, since when; and how it stands in each system."""
    return {"case": case, "key": key, "uses": uses_in(case), "pause": _pause(case), "marks": marks_in(case)}


@register.inclusion_tag("rights/stop_box.html", takes_context=True)
def stop_box(context: Context, case: Case) -> dict[str, Any]:
    """The same for the desk, with what an officer can do. Needs: decides."""
    decides = bool(context.get("decides")) or (bool(context.get("officer")) and not context.get("own"))
    return {
        "case": case,
        "uses": uses_in(case),
        "pause": _pause(case),
        "marks": marks_in(case),
        "decides": decides,
        "unsaid": nothing_said(case),
    }


def _pause(case: Case):  # type: ignore[no-untyped-def]  # access.Pause | None
    return pause_in(case, office_day(timezone.now()))
