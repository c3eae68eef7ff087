"""Doing again what a restore lost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from kept.people.actions import end_staff, forget_person
from kept.people.models import Account, Person
from kept.security.backup.replays import Note, replays
from kept.terms import Actor


@replays("person")
def forget_again(notes: Sequence[Note], by: Actor, at: datetime) -> int:
    there = list(Person.objects.filter(pk__in=[int(one.facts["number"]) for one in notes]))
    for person in there:
        forget_person(person, by=by, at=at)
    return len(there)


@replays("role")
def end_staff_again(notes: Sequence[Note], by: Actor, at: datetime) -> int:
    """Whoever had left the staff has left it. A role that was given since is given anew by a person."""
    last = {str(one.facts["account"]): str(one.facts["role"]) for one in notes}
    left = [account for account, role in last.items() if role == Account.Roles.CUSTOMER]
    there = [one for one in Account.objects.filter(pk__in=left) if one.is_staff_member]
    for account in there:
        end_staff(account, by=by, at=at)
    return len(there)
