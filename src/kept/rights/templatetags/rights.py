"""Dates and counts as our pages write them: `{% load rights %}`."""

from __future__ import annotations

from django import template

from kept.people.templatetags.times import clock, day, iso_day, moment, short_day, size
from kept.rights.answers import Answer, answer_of
from kept.rights.mandates.access import has_mandate
from kept.rights.models import Case
from kept.rights.offered import offer_of
from kept.rights.proof.authority import is_being_read, is_missing
from kept.rights.telling import addressee_of

register = template.Library()


for shared in (day, short_day, iso_day, moment, clock, size):
    register.filter(shared)


@register.filter
def records(count: int) -> str:
    return "1 record" if count == 1 else f"{count:,} records"


KINDS = {
    "email": "e-mail address",
    "account": "account",
    "customer_number": "customer number",
    "username": "user name",
    "domain": "domain name",
    "national_id": "national id",
    "phone": "phone number",
    "ip": "IP address",
    "name": "name",
    "birth_date": "date of birth",
    "street": "street and number",
}


@register.filter
def kind(identifier: str) -> str:
    """What people call a sort of identifier."""
    return KINDS.get(identifier, identifier)


@register.simple_tag
def answer(right: str) -> Answer:
    """What the answer to that right is called: {% answer case.right as words %}"""
    return answer_of(right)


@register.filter
def right(name: str) -> str:
    """One word for a right, for lists of many."""
    return offer_of(name).short


@register.filter
def mailbox(case: Case) -> str:
    """The address that we write to about it; "": by post."""
    return addressee_of(case).email


@register.filter
def acting(case: Case) -> bool:
    """Whether somebody asks for another person."""
    return has_mandate(case)


@register.filter
def reads_authority(case: Case) -> bool:
    """Whether an officer reads what shows that they may."""
    return is_being_read(case)


@register.filter
def lacks_authority(case: Case) -> bool:
    """Whether what was sent did not show that they may, and nothing better was asked for yet."""
    return is_missing(case)
