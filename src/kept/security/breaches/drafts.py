"""Notices of a breach, drafted from its facts. A person reads, completes and sends them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from django.conf import settings
from django.template.loader import render_to_string

from kept.security.breaches.facts import facts_of, people_of, records_by_category
from kept.security.breaches.rules import due_at
from kept.security.models.breaches import Breach, Notice

# How a pack's categories are called in a notice.
CATEGORIES = {
    "account": "account data", "contact": "contact data", "billing": "billing data",
    "communication": "messages and letters", "service": "data about services", "usage": "data about use",
    "marketing": "newsletter and marketing data", "security": "sign-in and security data",
}  # fmt: skip
TEMPLATES = {
    Notice.To.AUTHORITY: "notices/authority.txt",
    Notice.To.PDPC: "notices/pdpc.txt",
    Notice.To.PEOPLE: "notices/people.txt",
    Notice.To.PDPC_PEOPLE: "notices/people.txt",
}


def draft(breach: Breach, to: str, at: datetime) -> str:
    """The text as the facts stand. What is not known yet is said to be so, never left out: Art. 33(3), (4)."""
    kinds = [
        words
        for there, words in (
            (breach.confidentiality, "read by somebody who should not"),
            (breach.integrity, "changed"),
            (breach.availability, "lost, or out of reach"),
        )
        if there
    ]
    late = to == Notice.To.AUTHORITY and at >= due_at("authority", breach.aware_at)[0]
    context = {
        "breach": breach,
        "company": settings.COMPANY,
        "contact": settings.CONTACT,
        "kinds": kinds,
        "people": people_of(breach),
        "categories": [(CATEGORIES.get(name, name), count) for name, count in records_by_category(breach).items()],
        "records": breach.records or sum(records_by_category(breach).values()) or None,
        "hours": (at - breach.aware_at) // timedelta(hours=1),
        "late": late,
        "at": at,
        "sent": facts_of(breach).sent,
    }
    text = render_to_string(TEMPLATES[Notice.To(to)], context)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"
