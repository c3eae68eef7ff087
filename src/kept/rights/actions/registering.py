"""A request that came by letter, by telephone or in person: staff register it, and it is proven like everybody's.

Nothing here proves anything: the case is opened unproven, and no word of staff changes that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from kept.collection.calls.actions import call_became
from kept.collection.calls.models import Call
from kept.collection.letters.actions import letter_became
from kept.collection.letters.models import Letter
from kept.rights.actions.acting import Acting
from kept.rights.actions.asking import Opened, open_case
from kept.rights.clocks import noon_of
from kept.rights.errors import MayNot, NoWayBack
from kept.rights.homes import code_of
from kept.rights.models import Case
from kept.rights.reach.models import Reach
from kept.security.ledger import action, record
from kept.terms import Actor

PROVE_BY_POST = timedelta(days=30)  # a code goes by letter, and comes back by letter
REGISTER = ("support", "privacy_officer")


@dataclass(frozen=True)
class Said:
    """What somebody said about themselves. All of it may be wrong, or somebody else's."""

    name: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    postal: str = field(default="", repr=False)
    country: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)  # E.164
    account: str = field(default="", repr=False)  # their number as a customer
    system: str = ""  # in this system
    note: str = field(default="", repr=False)


@action
def register(
    source: Letter | Call,
    right: str,
    said: Said,
    *,
    acting: Acting | None = None,
    asked: Mapping[str, Any] | None = None,
    by: Actor,
    at: datetime,
) -> Opened:
    """Open the request that a letter, a call or a visit asks for. Its clock began when that came.

    With an e-mail address a code is mailed at once, as for the web form. `acting`: who asks, where it is for somebody
    else. Raises MayNot, NoWayBack, and what `open_case`
    raises.
    """
    if by.role not in REGISTER:
        raise MayNot(by.role)
    if not (said.email or said.postal or said.phone) and not (acting and (acting.email or acting.postal)):
        raise NoWayBack
    opened = open_case(
        right,
        said.email,
        name=said.name,
        acting=acting,
        asked=asked,
        home=code_of(said.country),
        home_by="staff",
        channel=door_of(source),
        received_at=min(came_at(source), at),
        by=by,
        at=at,
    )
    case = opened.case
    Reach.objects.create(
        case=case,
        key=case.key,
        postal=said.postal,
        country=said.country,
        phone=said.phone,
        account=said.account,
        system=said.system if said.account else "",
        note=said.note,
        letter=source.pk if isinstance(source, Letter) else None,
        call=source.pk if isinstance(source, Call) else None,
        registered_at=at,
        registered_by=str(by),
        prove_until=at + PROVE_BY_POST,
    )
    record("rights.request_registered", case, by=by, at=at, door=door_of(source))
    if isinstance(source, Letter):
        letter_became(source, case.pk, case.reference, by=by, at=at)
    else:
        call_became(source, case.pk, case.reference, by=by, at=at)
    return opened


def door_of(source: Letter | Call) -> str:
    """The channel of the case: letter, telephone or counter."""
    return str(Case.Channel.LETTER if isinstance(source, Letter) else source.door)


def came_at(source: Letter | Call) -> datetime:
    return noon_of(source.received_on) if isinstance(source, Letter) else source.came_at
