"""What an officer sees of recipients, and the person of whom they are told about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import Http404

from kept.engine.errors import PackError
from kept.engine.report import ToldRecipient
from kept.information.access import active_systems, pack_of
from kept.information.models import System
from kept.rights.models import Case
from kept.rights.recipients.models import Recipient, Telling
from kept.rights.recipients.rules import TOLD_WITHIN, Place, called_in, key_of, put_right, recipients_of
from kept.rights.righting.access import told_in
from kept.rights.rules import changes_from
from kept.rights.subjects import as_identifier, identifiers_of, is_used

UNSETTLED = (Telling.State.WAITING, Telling.State.MAILED)
BY_MAIL = "we write to them today"
BY_HAND = "a person tells them: your page says when it was done"


@dataclass(frozen=True)
class Known:
    """A recipient whom some pack names: what they get, and how they are told."""

    name: str
    key: str
    gets: Sequence[str]  # "Invoices, in Billing"
    how: Recipient | None  # None: nobody has said, so by hand


@dataclass(frozen=True)
class Words:
    """What a recipient is told, read from the case just now. Holds personal data."""

    right: str
    law: str
    called: Sequence[str]  # numbers or addresses of the person; none: the case has forgotten them
    titles: Sequence[str]
    details: Sequence[tuple[str, str]]


def known_recipients() -> list[Known]:
    """Everybody whom the packs of the company's systems name. A pack that cannot be read names nobody."""
    gets: dict[str, set[str]] = {}
    for system in active_systems():
        for rule in _tables(system):
            for name in rule.recipients:
                gets.setdefault(name, set()).add(f"{rule.title}, in {system.title}")
    rows = {one.name: one for one in Recipient.objects.filter(name__in=gets)}
    return [Known(name, key_of(name), sorted(gets[name]), rows.get(name)) for name in sorted(gets)]


def known_recipient(key: str) -> Known:
    found = next((one for one in known_recipients() if one.key == key), None)
    if found is None:
        raise Http404
    return found


def whom_to_tell(case: Case) -> dict[str, list[Place]]:
    """Recipient -> of what they were given something that has changed. For a case that was carried out everywhere."""
    answers = list(case.answers.select_related("system"))
    return recipients_of((one.system.name, pack_of(one.system), changes_from(one.changes)) for one in answers)


def for_report(case: Case) -> list[ToldRecipient]:
    """Whom the report names, before anybody was told. Art. 19, last sentence."""
    names = list(whom_to_tell(case))
    rows = {one.name: one for one in Recipient.objects.filter(name__in=names)}
    told = []
    for name in names:
        row = rows.get(name)
        if row is None or row.how == Recipient.How.HAND:
            told.append(ToldRecipient(name, BY_HAND))
        elif row.how == Recipient.How.MAIL:
            told.append(ToldRecipient(name, BY_MAIL))
        else:
            told.append(ToldRecipient(name, f"not told: {row.because}"))
    return told


def tellings_of(case: Case) -> list[Telling]:
    return list(Telling.objects.filter(case=case))


def telling_on_desk(case: Case, telling_id: UUID) -> Telling:
    found = Telling.objects.filter(case=case, pk=telling_id).first()
    if found is None:
        raise Http404
    return found


def to_be_told() -> QuerySet[Telling]:
    """By a person, the longest waiting on top."""
    return Telling.objects.filter(state=Telling.State.WAITING).select_related("case").order_by("owed_at", "pk")


def untold(cases: QuerySet[Case], at: datetime) -> int:
    """Who should know by now and does not."""
    late = Telling.objects.filter(case__in=cases, state__in=UNSETTLED, owed_at__lt=at - TOLD_WITHIN)
    return late.count()


def told_count(cases: QuerySet[Case]) -> int:
    return Telling.objects.filter(Q(state=Telling.State.TOLD), case__in=cases).count()


def words_for(telling: Telling) -> Words:
    """What is said to that recipient about the person of the case."""
    case = telling.case
    rows = [row for row in identifiers_of([case.pk])[case.pk] if any(is_used(row, name) for name, _ in telling.places)]
    systems = {name for name, _ in telling.places}
    places = [(name, table) for name, table in telling.places]
    details = put_right(places, told_in(case)) if case.right == Case.Right.RECTIFICATION else []
    titles = _titles(places)
    return Words(case.right, case.law, called_in([as_identifier(row) for row in rows], systems), titles, details)


def _titles(places: Iterable[tuple[str, str]]) -> list[str]:
    systems = {one.name: one for one in System.objects.filter(name__in={name for name, _ in places})}
    titles = {name: {rule.name: rule.title for rule in _tables(system)} for name, system in systems.items()}
    return sorted({titles.get(name, {}).get(table, table) for name, table in places})


def _tables(system: System):  # type: ignore[no-untyped-def]  # the rules of its tables
    try:
        return list(pack_of(system).tables.values())
    except PackError:
        return []
