"""What is done with the breach register. Staff may report; the privacy officer judges, tells and closes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from kept.post.outbox import send
from kept.security.approvals.actions import use_up
from kept.security.breaches.facts import facts_of, left_to_do
from kept.security.breaches.reminders import remind_of
from kept.security.breaches.rules import Stand, Whom, duties
from kept.security.ledger import action, record, unchanged
from kept.security.models.breaches import Breach, Notice
from kept.terms import Actor
from kept.vault.keys import make_key
from kept.work.steps import queue

MAY_REPORT = ("support", "engineer", "privacy_officer")
COUNT = "site.count_breach"
CLOSE = "security.close_breach"  # takes two officers, where KEPT_TWO_PERSONS holds “breach”
MAY_CHANGE = frozenset({
    "title", "happened", "confidentiality", "integrity", "availability", "began_at", "ended_at", "aware_at", "systems",
    "people", "records", "intelligible", "risk", "high_risk", "singapore", "harm", "internal", "assessed_at",
    "consequences", "measures", "late_because",
})  # fmt: skip


class BreachError(Exception):
    """Base of what the breach register refuses. Nothing was changed."""


class MayNotJudge(BreachError):
    """Staff report a breach; only the privacy officer judges it. Nothing was changed."""


class BreachClosed(BreachError):
    """The breach is closed. Nothing was changed."""


class DutiesOpen(BreachError):
    """Somebody has still to be told, or decided about. Nothing was changed; `whom` says who."""

    def __init__(self, whom: Sequence[str]) -> None:
        self.whom = list(whom)
        super().__init__(", ".join(whom))


class WrongTime(BreachError):
    """A time lies in the future, or before what it follows. Nothing was changed; the message says which."""


@action
def report_breach(title: str, happened: str, aware_at: datetime, *, by: Actor, at: datetime) -> Breach:
    """Register a breach. The 72 hours run from when it was known, not from now. Raises MayNotJudge, WrongTime."""
    if by.role not in MAY_REPORT:
        raise MayNotJudge(by.role)
    if aware_at > at:
        raise WrongTime("We cannot have known of it later than now.")
    made = {"title": title, "happened": happened, "aware_at": aware_at, "reported_by": str(by), "reported_at": at}
    made["key"] = make_key()
    breach = _numbered(aware_at.year, made)
    remind_of(breach, "authority", "runs", at=at)
    record("security.breach_reported", breach, by=by, at=at, reference=breach.reference)
    return breach


@action
def breach_reminded(breach: Breach, whom: Whom, stand: Stand, to: Sequence[str], *, by: Actor, at: datetime) -> bool:
    """Mail the officers where a duty stands, unless it stands otherwise by now. The mail names nobody.

    Returns whether anybody was mailed.
    """
    duty = next((one for one in duties(facts_of(breach), at) if one.whom == whom), None)
    if breach.closed_at is not None or duty is None or duty.stand not in (stand, "late") or not to:
        unchanged()
        return False
    link = f"{settings.SITE_URL}/security/breaches/{breach.pk}/"
    context = {"reference": breach.reference, "aware_at": breach.aware_at, "duty": duty, "link": link}
    for address in to:
        send(address, "security/breach", context, at=at)
    record("security.breach_reminded", breach, by=by, at=at, to=whom, stand=duty.stand, told=len(to))
    return True


@action
def change_breach(breach: Breach, changes: Mapping[str, Any], *, by: Actor, at: datetime) -> Breach:
    """Write down what is known now. Raises MayNotJudge, BreachClosed, WrongTime."""
    breach = _locked(breach, by)
    new = {name: value for name, value in changes.items() if name in MAY_CHANGE and getattr(breach, name) != value}
    for name in ("aware_at", "began_at", "ended_at", "assessed_at"):
        if new.get(name) and new[name] > at:
            raise WrongTime("No time of a breach can lie in the future.")
    if not new:
        unchanged()
        return breach
    for name, value in new.items():
        setattr(breach, name, value)
    if breach.assessed_at and breach.assessed_at < breach.aware_at:
        raise WrongTime("It cannot have been assessed before we knew of it.")
    breach.save(update_fields=list(new))
    record("security.breach_changed", breach, by=by, at=at, fields=sorted(new))
    return breach


@action
def ask_for_count(breach: Breach, *, by: Actor, at: datetime) -> Breach:
    """Have the records and people of the systems concerned counted now. Raises MayNotJudge, BreachClosed."""
    breach = _locked(breach, by)
    breach.counted = Breach.Counted.WAITING
    breach.save(update_fields=["counted"])
    queue(COUNT, at=at, about=breach.pk)
    record("security.breach_count_asked", breach, by=by, at=at, systems=len(breach.systems))
    return breach


@action
def breach_counted(breach: Breach, counts: Sequence[Mapping[str, Any]], *, by: Actor, at: datetime) -> Breach:
    """Keep what the systems hold: the most that can be concerned. The officer's own number is left as it is."""
    breach = Breach.objects.select_for_update().get(pk=breach.pk)
    failed = any(one["problem"] for one in counts)
    breach.counted = Breach.Counted.FAILED if failed else Breach.Counted.DONE
    breach.counts, breach.counted_at = list(counts), at
    breach.save(update_fields=["counted", "counts", "counted_at"])
    record("security.breach_counted", breach, by=by, at=at, systems=len(counts), answered=not failed)
    return breach


@action
def notice_sent(
    breach: Breach, to: str, text: str, sent_at: datetime, receipt: str = "", *, by: Actor, at: datetime
) -> Notice:
    """Write down that somebody was told, with which text. A further notice in phases is a further row. Art. 33(4).

    Raises MayNotJudge, BreachClosed, WrongTime.
    """
    breach = _locked(breach, by)
    if sent_at > at or sent_at < breach.aware_at:
        raise WrongTime("A notice is sent after we knew of the breach, and not later than now.")
    said = {"key": breach.key, "text": text, "receipt": receipt}
    notice = Notice.objects.create(breach=breach, to=to, sent_at=sent_at, by=str(by), **said)
    record("security.breach_told", breach, by=by, at=at, to=to)
    return notice


@action
def close_breach(breach: Breach, *, by: Actor, at: datetime) -> Breach:
    """Everything is decided and everybody told. A second call changes nothing.

    Raises DutiesOpen, MayNotJudge; NotApproved where it takes two officers and nobody else has approved it.
    """
    if by.role != "privacy_officer":
        raise MayNotJudge(by.role)
    breach = Breach.objects.select_for_update().get(pk=breach.pk)
    if breach.closed_at is not None:
        unchanged()
        return breach
    if left := left_to_do(breach, at):
        raise DutiesOpen(left)
    if "breach" in settings.TWO_PERSONS:
        use_up(CLOSE, breach, by=by, at=at)
    breach.closed_at = at
    breach.save(update_fields=["closed_at"])
    record("security.breach_closed", breach, by=by, at=at)
    return breach


def _locked(breach: Breach, by: Actor) -> Breach:
    if by.role != "privacy_officer":
        raise MayNotJudge(by.role)
    breach = Breach.objects.select_for_update().get(pk=breach.pk)
    if breach.closed_at is not None:
        raise BreachClosed(breach.reference)
    return breach


def _numbered(year: int, made: Mapping[str, Any]) -> Breach:
    """The next number of the year. Two at once: both get one, and not the same."""
    while True:
        last = Breach.objects.filter(reference__startswith=f"BR-{year}-").order_by("-reference").first()
        number = int(last.reference.rpartition("-")[2]) + 1 if last else 1
        try:
            with transaction.atomic():
                return Breach.objects.create(reference=f"BR-{year}-{number:04}", **made)
        except IntegrityError:  # somebody else took it a moment ago
            continue
