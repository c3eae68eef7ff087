"""What templates of every room may use: `{% load kept %}`."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from django import template
from django.contrib.auth.models import AnonymousUser
from django.contrib.staticfiles import finders
from django.template.context import Context
from django.templatetags.static import static
from django.urls import NoReverseMatch, Resolver404, resolve, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from kept.people.access import may_open

register = template.Library()


@register.simple_tag
@lru_cache(maxsize=64)
def asset(path: str) -> str:
    """The address of a static file, with its content's digest: a changed file is never read from a browser's store."""
    found = finders.find(path)
    if found is None:
        raise FileNotFoundError(f"static file {path}")
    return f"{static(path)}?v={sha256(Path(found).read_bytes()).hexdigest()[:10]}"


@register.simple_tag(takes_context=True)
def address(context: Context, name: str, *of: object) -> str:
    """The page of this URL name; "" while no room offers it, and for people whose role does not open it."""
    try:
        found = reverse(name, args=of)
    except NoReverseMatch:
        return ""
    person = context.get("user") or AnonymousUser()
    return found if may_open(person, resolve(found).func) else ""


@register.simple_tag(takes_context=True)
def reachable(context: Context, path: str) -> str:
    """The address of a page of ours; "" for people whose role does not open it."""
    try:
        view = resolve(path).func
    except Resolver404:
        return ""
    return path if may_open(context.get("user") or AnonymousUser(), view) else ""


@register.simple_tag(takes_context=True)
def way(context: Context, name: str, words: str, tag: str = "") -> SafeString:
    """A link to what `address` gives, marked when it is the page shown; nothing where there is no address."""
    found = address(context, name)
    if not found:
        return SafeString("")
    request = context.get("request")
    here = SafeString(' aria-current="page"' if request is not None and request.path == found else "")
    link = format_html('<a href="{}"{}>{}</a>', found, here, words)
    return format_html("<{0}>{1}</{0}>", tag, link) if tag else link
