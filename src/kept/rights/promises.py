"""What this room keeps: requests answered in time, copies that are really there, erasures that were looked at again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from statistics import median

from django.db.models import Q, QuerySet

from kept.engine.errors import PackError
from kept.engine.pack import TableRule
from kept.information.access import pack_of
from kept.information.models import System
from kept.policy.keepers import keeper
from kept.rights.actions.asking import STAFF_DOORS
from kept.rights.clocks import office_day
from kept.rights.exemptions.models import Exemption
from kept.rights.models import Case, Package, SystemAnswer
from kept.rights.offered import NOT_YET, rights_in_words
from kept.rights.packages import is_whole
from kept.rights.proof.models import ProofStep
from kept.rights.queue import due_q
from kept.rights.reach.models import PaperLetter
from kept.rights.recipients.access import told_count, untold
from kept.rights.rules import OPEN, changes_from, erased_count, kept_count, residue_from
from kept.rights.standing import due_of
from kept.terms import Evidence, State

SOON = timedelta(days=7)
POSTED_WITHIN = timedelta(days=3)
OF_NOBODY = "CANARY-"  # kept.rights.canaries
GIVEN = (Case.State.ANSWERED, Case.State.REFUSED, Case.State.CLOSED)


@keeper("11.2", counts="open requests", rows="desk")
def requests_are_answered_in_time(at: datetime) -> Evidence:
    """Counts the open requests, those due within a week and those past their day, and takes the median of days to the
    answer."""
    today = office_day(at)
    open_cases = Case.objects.filter(state__in=OPEN, joined=None)
    running = open_cases.filter(paused_at=None)  # where the law lets the clock stand still, no day is over
    late = running.filter(due_q("late", today)).count()
    soon = running.filter(due_on__lte=today + SOON).count() - late
    answered_late = [case for case in _given() if case.answered_at and due_of(case, today).mark == "late"]
    number = open_cases.count()
    figure = f"{_requests(number)} open, {soon} due within a week, {late} overdue"
    days = [(case.answered_at - case.received_at).days for case in _given() if case.answered_at]
    if days:
        figure += f"; answered after {median(days):.0f} days (median)"
    if late or answered_late:
        words = "Some requests are past the day by which the law wants an answer."
        return Evidence(
            State.BROKEN, figure, words if late else "Some answers came after their day.", at, number=number
        )
    state = State.CANNOT_TELL if NOT_YET else State.KEPT
    return Evidence(state, figure, f"Nothing is overdue. {rights_in_words()}", at, number=number)


@keeper("2.3", counts="letters of ours to post", rows="paper")
def letters_are_posted(at: datetime) -> Evidence:
    """Counts the letters that wait to be posted, and those that wait longer than three days or past the day of their
    answer."""
    waiting = PaperLetter.objects.filter(state=PaperLetter.State.WAITING)
    number = waiting.count()
    late = waiting.filter(Q(written_at__lt=at - POSTED_WITHIN) | Q(case__due_on__lt=office_day(at))).count()
    figure = "1 letter to post" if number == 1 else f"{number:,} letters to post"
    if late:
        words = "Somebody without an e-mail address waits for a letter of ours."
        return Evidence(State.BROKEN, f"{figure}, {late} of them late", words, at, number=number)
    if not number and not PaperLetter.objects.exclude(case__reference__startswith=OF_NOBODY).exists():
        return Evidence(State.CANNOT_TELL, figure, "Nobody had to be written to by post yet.", at, number=0)
    return Evidence(State.KEPT, figure, "Who has no e-mail address is answered by post.", at, number=number)


@keeper("2.4", counts="requests by letter, telephone or in person", rows="proofs")
def nobody_is_served_unproven(at: datetime) -> Evidence:
    """Counts the requests that came by letter, by telephone or in person, and looks for one that was searched, or goes
    on, without a step by which the person showed who they are."""
    cases = Case.objects.filter(channel__in=STAFF_DOORS)
    went_on = cases.exclude(state__in=[Case.State.UNPROVEN, Case.State.EXPIRED]).filter(proven_at__isnull=False)
    number = cases.count()
    passed = ProofStep.objects.filter(state=ProofStep.State.PASSED).values("case")
    bare = went_on.exclude(pk__in=passed).count()
    early = cases.filter(state=Case.State.UNPROVEN).exclude(answers=None).distinct().count()
    figure = f"{_requests(number)} by these doors, {went_on.count()} proven"
    if bare or early:
        words = "A request went on before anybody showed that it is theirs."
        return Evidence(State.BROKEN, f"{figure}, {bare + early} without a proof", words, at, number=number)
    if not number:
        return Evidence(State.CANNOT_TELL, figure, "Nobody has asked by one of these doors yet.", at, number=0)
    return Evidence(State.KEPT, figure, "Each that goes on was shown to be the person’s own.", at, number=number)


@keeper("12.1", counts="copies delivered", rows="desk")
def copies_are_delivered(at: datetime) -> Evidence:
    """Counts the answered access requests, and looks for the file of each that can still be fetched."""
    cases = _given().filter(right=Case.Right.ACCESS).exclude(refusals__state="told")
    without = cases.filter(packages=None).count()
    live = Package.objects.filter(case__in=cases, revoked_at=None, expires_at__gt=at)
    lost = sum(1 for package in live if not package.file or not is_whole(package))
    count = cases.count()
    figure = "1 copy delivered" if count == 1 else f"{count:,} copies delivered"
    if without or lost:
        words = "Some answers have no file that could be fetched."
        return Evidence(State.BROKEN, f"{figure}, {without + lost} without its file", words, at, number=count)
    if not count:
        return Evidence(State.CANNOT_TELL, figure, "Nobody has asked for a copy yet.", at, number=0)
    words = "Each holds the data with its purposes, sources, recipients, periods and places."
    return Evidence(State.KEPT, figure, words, at, number=count)


@keeper("12.3", counts="erasures answered", rows="desk")
def erasures_are_verified(at: datetime) -> Evidence:
    """Counts the erasures that were answered, and reads for each system of each what the second look found."""
    cases = _given().filter(right=Case.Right.ERASURE).exclude(refusals__state="told")
    done = SystemAnswer.State.DONE
    decided = Q(state=SystemAnswer.State.CANNOT_TELL) & ~Q(decided="")
    answers = SystemAnswer.objects.filter(case__in=cases)
    unsettled = set(answers.exclude(Q(state=done) | decided).values_list("case", flat=True))
    unlooked = set(cases.filter(answers=None).values_list("pk", flat=True))
    remains = 0
    for answer in answers.filter(state=done).iterator(chunk_size=500):
        residue = residue_from(answer.residue)
        if residue is None:
            unlooked.add(answer.case_id)
        else:
            remains += sum(one.count for one in residue.remains if one.why in ("missed", "unclear"))
    count = cases.count()
    figure = "1 verified erasure" if count == 1 else f"{count:,} verified erasures"
    late = untold(cases, at)
    if late:
        words = "Whoever was given the data should know by now that they were erased."
        return Evidence(State.BROKEN, f"{figure}, {late} recipients not told", words, at, number=count)
    if unsettled or unlooked or remains:
        wrong = len(unsettled | unlooked)
        figure = f"{wrong} of {count:,} erasures not verified, {remains} remains found"
        return Evidence(
            State.BROKEN, figure, "Something was called erased that nobody can vouch for.", at, number=count
        )
    if not count:
        return Evidence(State.CANNOT_TELL, figure, "Nobody has asked for an erasure yet.", at, number=0)
    words = "Each system was looked at again, and whoever was given the data is told."
    return Evidence(
        State.KEPT, f"{figure}, 0 remains found, {told_count(cases):,} others told", words, at, number=count
    )


@keeper("11.3", counts="records kept with their reason", rows="desk")
def what_stays_has_its_reason(at: datetime) -> Evidence:
    """Counts over all answered erasures what was erased and what stays, and looks for the law of everything that does.

    Reads the report of each that can still be fetched: it tells the person what stays, item by item.
    """
    cases = _given().filter(right=Case.Right.ERASURE).exclude(refusals__state="told")
    erased = kept = without = 0
    packs: dict[int, Mapping[str, TableRule]] = {}
    for answer in SystemAnswer.objects.filter(case__in=cases).select_related("system").iterator(chunk_size=500):
        changes, residue = changes_from(answer.changes), residue_from(answer.residue)
        erased, kept = erased + erased_count(changes), kept + kept_count(changes)
        if answer.system_id not in packs:
            packs[answer.system_id] = tables_of(answer.system)
        laws = {one.table for one in residue.remains if one.law} if residue else set()
        rules = packs[answer.system_id]
        without += sum(
            one.kept for one in changes if one.kept and one.table not in laws and not _has_law(rules.get(one.table))
        )
    excused = Exemption.objects.filter(case__in=cases, of=Exemption.Of.ERASURE)
    without += sum(one.records for one in excused if not one.source or not one.until)
    untold = Package.objects.filter(case__in=cases, revoked_at=None, expires_at__gt=at)
    lost = sum(1 for package in untold if not package.file or not is_whole(package))
    lost += cases.filter(packages=None).count()
    count = cases.count()
    figure = f"{erased:,} records erased, {kept:,} kept with their reason"
    if without or lost:
        figure = f"records kept without a reason: {without:,}, reports missing: {lost:,}"
        return Evidence(State.BROKEN, figure, "Something stays, and nobody was told why.", at, number=kept)
    if not count:
        return Evidence(State.CANNOT_TELL, figure, "Nobody has asked for an erasure yet.", at, number=0)
    words = "Each person was told, item by item, what stays, under which law, and until when."
    return Evidence(State.KEPT, figure, words, at, number=kept)


def tables_of(system: System) -> Mapping[str, TableRule]:
    """The pack's tables by name; none where it cannot be read any more."""
    try:
        return pack_of(system).tables
    except PackError:
        return {}


def _has_law(rule: TableRule | None) -> bool:
    return rule is not None and rule.law is not None


def _given() -> QuerySet[Case]:
    return Case.objects.filter(state__in=GIVEN, joined=None)


def _requests(count: int) -> str:
    return "1 request" if count == 1 else f"{count:,} requests"
