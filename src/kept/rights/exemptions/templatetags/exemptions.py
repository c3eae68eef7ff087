"""What is left out of an answer, on pages: `{% load exemptions %}`."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import Context

from kept.people.called import called_of
from kept.rights.exemptions.access import key_of, of_case
from kept.rights.grounds import ground_of
from kept.rights.models import Case
from kept.rights.rules import MAY

register = template.Library()


@register.inclusion_tag("rights/exemptions.html", takes_context=True)
def exemptions(context: Context, case: Case) -> dict[str, Any]:
    """For the desk. Needs: officer, decides."""
    found = of_case(case)
    grounds = [ground_of(one.law, case.right, one.ground) for one in found]
    return {
        "case": case,
        "erasure": case.right == Case.Right.ERASURE,
        "rows": [
            (one, ground.title if ground else one.ground, key_of(one), called_of(one.made_by))
            for one, ground in zip(found, grounds, strict=True)
        ],
        "officer": bool(context.get("officer")),
        "may": bool(context.get("decides")) and case.state in MAY["exempt"],
    }
