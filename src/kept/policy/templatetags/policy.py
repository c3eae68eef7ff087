"""The policy's text as HTML."""

from __future__ import annotations

from datetime import datetime, timedelta

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from kept.policy.inline import Span, Spans

register = template.Library()


@register.filter
def words(spans: Spans) -> SafeString:
    """One paragraph or list item, escaped."""
    return format_html_join("", "{}", ((_word(span),) for span in spans))


@register.filter
def keeper_words(keeper: str) -> str:
    """ "people.accounts_sign_in_safely" is read as "people: accounts sign in safely"."""
    room, _, look = keeper.rpartition(".")
    return f"{room}: {look.replace('_', ' ')}" if room else look


@register.filter
def moment(at: datetime) -> SafeString:
    """A time as people read it, in UTC."""
    return format_html('<time datetime="{}">{}</time>', at.isoformat(timespec="seconds"), f"{at:%-d %b %Y, %H:%M} UTC")


@register.filter
def span(time: timedelta) -> str:
    """ "15 minutes", "6 hours"."""
    for unit, seconds in (("day", 86400), ("hour", 3600), ("minute", 60)):
        count, rest = divmod(int(time.total_seconds()), seconds)
        if count and not rest:
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return f"{int(time.total_seconds())} seconds"


def _word(span: Span) -> SafeString:
    if span.href:
        return format_html('<a href="{}">{}</a>', span.href, span.text)
    if span.strong:
        return format_html("<strong>{}</strong>", span.text)
    return format_html("<em>{}</em>" if span.emphasis else "{}", span.text)
