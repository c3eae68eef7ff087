"""Which cases a desk shows: what an officer asked for, as it stands in the address bar, and the cases it gives.

A page is found by the last case of the page before, not by its number: the store goes there by an index, and a case
that was answered meanwhile moves nobody else's.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from kept.clocks.office import office
from kept.engine.identifiers import normal
from kept.people.models import Account
from kept.rights.access import CHOICE, TO_DO, desk
from kept.rights.clocks import laws
from kept.rights.messages.access import has_unread
from kept.rights.models import Case, CaseIdentifier, SystemAnswer
from kept.rights.refusals.models import Refusal
from kept.rights.rules import OPEN, SOON
from kept.rights.timing.models import Wait

PAGE = 50
WORD = re.compile("[a-z0-9_-]{1,64}")
WAITS_FOR_PERSON = Q(Exists(Wait.objects.filter(case=OuterRef("pk"), ended_at=None)))

SHOWN: Mapping[str, frozenset[str]] = {
    "todo": OPEN,
    "open": OPEN,
    "answered": frozenset({Case.State.ANSWERED}),
    "refused": frozenset({Case.State.REFUSED}),
    "closed": frozenset({Case.State.CLOSED}),
    "withdrawn": frozenset({Case.State.WITHDRAWN}),
    "over": frozenset({Case.State.ANSWERED, Case.State.REFUSED, Case.State.CLOSED}),
    "any": frozenset(set(Case.State) - {Case.State.UNPROVEN, Case.State.EXPIRED}),
}
WHO = {"me": "me", "nobody": "nobody", "somebody": "somebody"}
DUE = {"late": "late", "soon": "due soon", "later": "on time", "still": "clock stands still"}
HELD = {"yes": "on hold", "no": "not on hold"}
NEWS = {"yes": "new message"}


@dataclass(frozen=True)
class Asked:
    """What an officer wants to see. A word that is none of ours counts as not said."""

    show: str = "todo"
    right: str = ""
    state: str = ""
    door: str = ""
    law: str = ""
    due: str = ""
    who: str = ""
    held: str = ""
    news: str = ""
    system: str = ""  # that was asked about it
    ground: str = ""  # on which it was refused
    since: str = ""  # the first day on which it came, where the office counts its days: "2026-11-30"
    reference: str = ""
    address: str = ""  # the keyed hashes of an e-mail address, in hex: the address itself stands in no address bar

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Asked:
        known: dict[str, Collection[str]] = {
            "show": SHOWN,
            "right": Case.Right.values,
            "state": Case.State.values,
            "door": Case.Channel.values,
            "law": laws(),
            "due": DUE,
            "who": WHO,
            "held": HELD,
            "news": NEWS,
        }
        said = {name: query[name] for name, words in known.items() if query.get(name) in words}
        with suppress(ValueError):
            said["since"] = date.fromisoformat(query.get("since", "")).isoformat()
        reference = "".join(sign for sign in query.get("reference", "")[:20] if sign.isprintable()).strip()
        free = {name: query.get(name, "") for name in ("system", "ground")}
        said |= {name: word for name, word in free.items() if WORD.fullmatch(word)}
        return cls(**said, reference=reference, address=_digests(query.get("address", "")))

    @property
    def query(self) -> str:
        """As it stands behind the "?" of an address; what is not said does not stand there."""
        said = {one.name: getattr(self, one.name) for one in fields(self)}
        return urlencode({name: value for name, value in said.items() if value})

    @property
    def narrowed(self) -> bool:
        """Whether anything but the tab was chosen."""
        return replace(self, show="todo") != Asked()

    def shown_as(self, show: str) -> Asked:
        return replace(self, show=show)


def cases_for(account: Account, asked: Asked, today: date) -> QuerySet[Case]:
    """In the order of the desk: what is due first on top."""
    return _narrowed(account, asked, today).filter(_shown(asked.show, today)).order_by("due_on", "received_at", "pk")


def counted(account: Account, asked: Asked, today: date) -> Mapping[str, int]:
    """How many stand behind each tab, with all else that was asked for."""
    narrowed = _narrowed(account, asked, today)
    how_many = {show: Count("pk", filter=_shown(show, today)) for show in SHOWN}
    return dict(narrowed.aggregate(**how_many))


@dataclass(frozen=True)
class Page:
    cases: Sequence[Case]
    before: UUID | None  # the case before which the page above ends; None: this is the first
    after: UUID | None  # the case after which the next page begins; None: this is the last


def page_of(cases: QuerySet[Case], *, after: UUID | None = None, before: UUID | None = None) -> Page:
    """Fifty of them, next to a case. A case that is not there gives the first page."""
    shown = cases.defer("name", "email", "asked", "extended_because", "outcome").select_related("assignee")
    next_to = before or after
    here = Case.objects.filter(pk=next_to).only("due_on", "received_at").first() if next_to else None
    if here is not None and before:
        found = list(shown.filter(_ahead_of(here)).reverse()[: PAGE + 1])[::-1]
        more, found = len(found) > PAGE, found[-PAGE:]
        return Page(found, found[0].pk if more else None, found[-1].pk if found else None)
    found = list((shown.filter(_behind(here)) if here else shown)[: PAGE + 1])
    more, found = len(found) > PAGE, found[:PAGE]
    return Page(found, found[0].pk if here and found else None, found[-1].pk if more else None)


def beside(account: Account, asked: Asked, case: Case, today: date) -> tuple[Case | None, Case | None]:
    """The case above this one and the one below it in the queue; this one need not stand in it any more."""
    cases = cases_for(account, asked, today).only("pk", "reference", "due_on", "received_at")
    return cases.filter(_ahead_of(case)).last(), cases.filter(_behind(case)).first()


def at_top(account: Account, asked: Asked, but: Case, today: date) -> Case | None:
    """The first of the queue that is another one than this."""
    return cases_for(account, asked, today).exclude(pk=but.pk).only("pk", "reference").first()


def answers_of(cases: Sequence[Case]) -> Mapping[UUID, list[SystemAnswer]]:
    """What their systems said, as far as a queue shows it: one statement."""
    found: dict[UUID, list[SystemAnswer]] = {case.pk: [] for case in cases}
    for answer in SystemAnswer.objects.filter(case__in=found).only("case", "state", "decided", "next_try_at"):
        found[answer.case_id].append(answer)
    return found


def by_reference(account: Account, reference: str) -> Case | None:
    """The one case of that number, written in large or small letters."""
    return desk(account).filter(reference__iexact=reference).first()


def digests_of(address: str) -> str:
    """What `Asked.address` holds of an e-mail address: as the sender's, and as one that a system knows.

    Raises NotAnIdentifier.
    """
    address = normal("email", address).value
    sender, known = Case._meta.get_field("email_index"), CaseIdentifier._meta.get_field("value_index")
    return f"{sender.digest(address).hex()}{known.digest(address).hex()}"


def _digests(text: str) -> str:
    return text if len(text) == 64 and all(sign in "0123456789abcdef" for sign in text) else ""


def _shown(show: str, today: date) -> Q:
    states = Q(state__in=SHOWN[show])
    if show != "todo":
        return states
    here = Q(held_until=None) | Q(held_until__lte=today)
    return states & ((TO_DO & here & ~WAITS_FOR_PERSON) | has_unread())


def _narrowed(account: Account, asked: Asked, today: date) -> QuerySet[Case]:
    exact = {"right": asked.right, "channel": asked.door, "law": asked.law}
    cases = desk(account).filter(**{name: value for name, value in exact.items() if value})
    if asked.state:
        chooses = CHOICE & Q(state__in=OPEN) if asked.state == Case.State.NEEDS_PERSON else Q()
        cases = cases.filter(Q(state=asked.state) | chooses if chooses else Q(state=asked.state))
    if asked.due:
        cases = cases.filter(due_q(asked.due, today), state__in=OPEN)
    if asked.who:
        cases = cases.filter({"me": Q(assignee=account), "nobody": Q(assignee=None)}.get(asked.who, ~Q(assignee=None)))
    if asked.held:
        held = Q(held_until__gt=today)
        cases = cases.filter(held if asked.held == "yes" else ~held | Q(held_until=None))
    if asked.since:
        cases = cases.filter(received_at__gte=begin_of(date.fromisoformat(asked.since)))
    if asked.system:
        cases = cases.filter(Exists(SystemAnswer.objects.filter(case=OuterRef("pk"), system__name=asked.system)))
    if asked.ground:
        told = Refusal.objects.filter(case=OuterRef("pk"), state=Refusal.State.TOLD, ground=asked.ground)
        cases = cases.filter(Exists(told))
    if asked.news:
        cases = cases.filter(has_unread())
    if asked.reference:
        cases = cases.filter(reference__icontains=asked.reference)
    if asked.address:
        sender, known = bytes.fromhex(asked.address[:32]), bytes.fromhex(asked.address[32:])
        theirs = CaseIdentifier.objects.filter(case=OuterRef("pk"), kind="email", value_index=known)
        cases = cases.filter(Q(email_index=sender) | Exists(theirs.exclude(standing="not_theirs")))
    return cases


def begin_of(day: date) -> datetime:
    """When that day began, where the office counts its days."""
    return datetime.combine(day, time.min, ZoneInfo(office().zone))


def due_q(due: str, today: date) -> Q:
    """Of open cases: the same days as the words beside them, `rules.due_state`."""
    soon, runs = today + SOON, Q(paused_at=None)
    over = Q(due_on__lt=today)
    # A Sunday or a holiday, by Singapore's clock. The first part keeps NOT from dropping a clock without such a day.
    not_yet = Q(clock__has_key="late_from") & Q(clock__late_from__gt=today.isoformat())
    return {
        "late": runs & over & ~not_yet,
        "soon": runs & (Q(due_on__range=(today, soon)) | over & not_yet),
        "later": runs & Q(due_on__gt=soon),
        "still": ~runs,
    }[due]


def _ahead_of(case: Case) -> Q:
    earlier = Q(received_at__lt=case.received_at) | Q(received_at=case.received_at, pk__lt=case.pk)
    return Q(due_on__lt=case.due_on) | (Q(due_on=case.due_on) & earlier)


def _behind(case: Case) -> Q:
    later = Q(received_at__gt=case.received_at) | Q(received_at=case.received_at, pk__gt=case.pk)
    return Q(due_on__gt=case.due_on) | (Q(due_on=case.due_on) & later)
