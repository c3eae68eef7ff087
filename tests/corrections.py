"""Corrections that people ask for, up to the desk."""

from __future__ import annotations

from django.utils import timezone

from kept.post.models import Message
from kept.rights import actions
from kept.rights.models import Case
from kept.rights.particulars.rectification import Form
from kept.terms import Actor

PERSON = Actor("person")


def asked(*corrections):
    form = Form({"corrections": [{"detail": detail, "was": was, "now": now} for detail, was, now in corrections]})
    assert form.is_valid(), form.errors
    return form.asked()


def reviewed(house, email, *corrections):
    opened = actions.open_case(
        "rectification", email, asked=asked(*corrections), channel="web", by=PERSON, at=timezone.now()
    )
    assert actions.prove(opened.case, house.code(opened.case), by=PERSON, at=timezone.now())
    house.work()
    case = house.now(opened.case)
    assert case.state == Case.State.REVIEW, house.told(case)
    return case


def mailed_code(address):
    [mail] = [one for one in Message.objects.order_by("-written_at") if one.to == address][:1]
    return mail, mail.subject.partition(" shows")[0]
