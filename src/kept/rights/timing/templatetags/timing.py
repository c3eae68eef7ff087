"""The clock of a request on pages and in mails: `{% load timing %}`."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import template
from django.template.context import Context
from django.utils import timezone

from kept.rights.clocks import law_name, names_a_day, office_day, office_law
from kept.rights.homes import words_of
from kept.rights.models import Case
from kept.rights.rules import MAY, OPEN
from kept.rights.timing.access import home_of, law_changes_of, proposed_fee, waits_of
from kept.rights.timing.models import FEE, FeeProposal, Wait
from kept.rights.timing.rules import money
from kept.security.approvals.access import waiting_about

register = template.Library()


@register.filter
def amount(wait: Wait | FeeProposal) -> str:
    """12.50 SGD"""
    return money(wait.amount or 0, wait.currency)


@register.filter
def law(name: str) -> str:
    return law_name(name)


@register.simple_tag
def law_from(case: Case, officer: bool) -> str:
    """From what it follows whose clock runs, as the end of a sentence. The place itself only officers read."""
    changed, home = law_changes_of(case), home_of(case)
    if changed:
        return "because an officer found that it is theirs"
    if case.channel == Case.Channel.AGENT and home is None and case.law != office_law():
        return "because the agent asked under it"
    if home is None:
        return "our own: nobody said where the person lives"
    whose = home.get_said_by_display()
    if home.law == office_law():
        where = f" ({words_of(home.place)})" if officer and home.place else ""
        return f"our own: where the person lives, as {whose} says{where}, gives no other one for this"
    return f"because the person lives there, says {whose}"


@register.inclusion_tag("rights/waits.html", takes_context=True)
def waits(context: Context, case: Case) -> dict[str, Any]:
    """What was asked of the person and what came of it, for the desk. Needs: officer, decides."""
    officer = bool(context.get("officer"))
    asked, decides_ = waits_of(case), bool(context.get("decides"))
    return {
        "case": case,
        "waits": asked,
        "waiting": next((one for one in asked if one.ended_at is None), None),
        "changes": law_changes_of(case),
        "proposed": proposed_fee(case),
        "approval": waiting_about(FEE, Case._meta.label_lower, case.pk, timezone.now()),
        "tell_when": tell_when(case) if decides_ and case.state in MAY["extend"] else None,
        "officer": officer and case.key is not None,
        "decides": decides_,
        "may_ask": case.state in MAY["ask"],
        "open": case.state in OPEN,
    }


def tell_when(case: Case) -> date | None:
    """Until when the person has to be told when the answer comes, where the law wants that. None: it does not, it was
    told, or that day is over. Personal Data Protection Regulations 2021 reg. 5."""
    by, today = case.clock.get("extend_by"), office_day(timezone.now(), case.clock)
    if not by or case.paused_at is not None or not names_a_day(case.clock) or today > date.fromisoformat(by):
        return None
    return date.fromisoformat(by)


@register.inclusion_tag("rights/asked_of_you.html")
def asked_of_you(case: Case, key: str) -> dict[str, Any]:
    """What the person has been asked and not answered yet, for their own page."""
    open_ones = [one for one in waits_of(case) if one.ended_at is None] if case.state in OPEN else []
    return {"wait": open_ones[0] if open_ones else None, "key": key}
