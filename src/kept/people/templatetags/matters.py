"""Ways to what other rooms keep: `{% load matters %}`."""

from __future__ import annotations

from uuid import UUID

from django import template

from kept.people.matters import Matter, kind_of, matter_with

register = template.Library()


@register.simple_tag
def page_of(key: UUID | Matter | None) -> str:
    """The name of its page for staff, for `{% address %}`; "nowhere", which no page is called: it is gone."""
    found = key if isinstance(key, Matter) else matter_with(key) if key else None
    kind = kind_of(found.label) if found else None
    return kind.page if kind else "nowhere"
