"""Dates and sizes as our pages write them: `{% load times %}`."""

from __future__ import annotations

from datetime import date, datetime

from django import template
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def day(when: date | datetime | None) -> SafeString:
    """Friday 22 December 2026"""
    return _time(when, "l j F Y") if when else SafeString("")


@register.filter
def short_day(when: date | datetime | None) -> SafeString:
    """22 Dec 2026, for tables"""
    return _time(when, "j M Y") if when else SafeString("")


@register.filter
def iso_day(when: str) -> SafeString:
    """2026-12-22, as a stored deadline writes it: 22 Dec 2026"""
    return short_day(date.fromisoformat(when))


@register.filter
def moment(when: datetime | None) -> SafeString:
    """22 December 2026, 14:05 UTC"""
    return _time(when, "j F Y, H:i e") if when else SafeString("")


@register.filter
def clock(when: datetime | None) -> SafeString:
    """14:05, for what happened today; with its day for anything else"""
    if not when:
        return SafeString("")
    today = timezone.localdate(when) == timezone.localdate()
    return _time(when, "H:i e" if today else "j M Y, H:i e")


@register.filter
def size(octets: int) -> str:
    """In the units people know: 14 kB, 1.2 MB. SI, as files are shown elsewhere."""
    if octets < 1000:
        return f"{octets} bytes"
    for unit, width in (("kB", 10**3), ("MB", 10**6), ("GB", 10**9)):
        if octets < 1000 * width or unit == "GB":
            figure = octets / width
            return f"{figure:.1f} {unit}" if figure < 10 else f"{figure:,.0f} {unit}"
    raise AssertionError


def _time(when: date | datetime, style: str) -> SafeString:
    local = timezone.localtime(when) if isinstance(when, datetime) else when
    stamp = local.isoformat(timespec="seconds") if isinstance(local, datetime) else local.isoformat()
    return format_html('<time datetime="{}">{}</time>', stamp, formats.date_format(local, style))
