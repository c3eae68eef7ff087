"""How a text's language is named on a page: `{% load mails %}`."""

from django import template

from kept.post.languages import language_of

register = template.Library()


@register.filter
def tag(code: str) -> str:
    """zh-Hans"""
    return language_of(code).tag


@register.filter
def direction(code: str) -> str:
    """ltr, rtl"""
    return language_of(code).direction
