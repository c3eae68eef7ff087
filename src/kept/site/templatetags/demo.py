"""What only the demo's pages need: `{% load demo %}`."""

from django import template
from django.conf import settings
from django.db.models import Case, Value, When

from kept.people.actions import CAST
from kept.people.models import Account

register = template.Library()


@register.simple_tag
def demo_cast() -> list[Account]:
    """The demo's people who are there, in the order of the cast; nobody outside the demo."""
    if not settings.DEMO:
        return []
    order = Case(*(When(email=email, then=Value(place)) for place, (email, _, _) in enumerate(CAST)))
    return list(Account.objects.filter(email__in=[email for email, _, _ in CAST], is_active=True).order_by(order))
