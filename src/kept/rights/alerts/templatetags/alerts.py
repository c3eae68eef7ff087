"""What the other addresses of a person said, on the desk: `{% load alerts %}`."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import Context

from kept.rights.alerts.access import told_in
from kept.rights.models import Case

register = template.Library()


@register.inclusion_tag("alerts/box.html", takes_context=True)
def alerts_box(context: Context, case: Case) -> dict[str, Any]:
    """Needs: decides."""
    return {"case": case, "told": told_in(case), "decides": bool(context.get("decides"))}
