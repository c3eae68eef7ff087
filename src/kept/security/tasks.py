"""What the ledger does by itself: numbers its entries, and reads itself once a day."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from kept.security.actions import keep_cosignature, keep_stamp, tell_audit
from kept.security.ledger import sequence_entries
from kept.security.ledger_errors import LedgerStopped
from kept.security.models import Checkpoint, Entry
from kept.security.notes import MARK
from kept.security.outside import NotVouched, ask_for_stamp, ask_witness, witness_key
from kept.security.sequencer import present_log
from kept.security.verify import verify
from kept.terms import Actor
from kept.work.models import Step
from kept.work.registry import pulse, task
from kept.work.steps import finish, retry_later

log = logging.getLogger(__name__)

_told: list[str] = []  # why the ledger stands still; told once, not at every turn


@pulse(every=0.25)
def number_entries() -> None:
    """Every entry has its index and its proof within a second. Looking first costs no write where nothing waits.

    The sequencer looks, and is not told at each commit: PostgreSQL takes a lock on the whole server to commit a
    NOTIFY, so that writers would wait for each other.
    """
    try:
        while Entry.objects.filter(index=None).exists() and sequence_entries():
            pass
    except LedgerStopped as stopped:
        if _told != [str(stopped)]:
            log.error("The ledger stands still: %s", stopped, extra={"event": "security.ledger_stopped"})
            _told[:] = [str(stopped)]
    else:
        _told.clear()


@task("security.vouch_for_checkpoint", every=timedelta(days=1))
def vouch_for_checkpoint(steps: list[Step]) -> None:
    """Have the present checkpoint stamped and cosigned by those that the settings name, if they name any."""
    present = present_log()
    note = present.checkpoint if present else ""
    problems = []
    if note and settings.TIMESTAMP_URL:
        try:
            token, _ = ask_for_stamp(note)
            keep_stamp(note, token, by=Actor.kept(), at=timezone.now())
        except (NotVouched, LedgerStopped) as problem:
            problems.append(str(problem))
    if note and settings.WITNESS_URL:
        try:
            keep_cosignature(note, ask_witness(note, _witnessed()), by=Actor.kept(), at=timezone.now())
        except (NotVouched, LedgerStopped) as problem:
            problems.append(str(problem))
    now = timezone.now()
    for why in problems:
        log.error("The checkpoint is not vouched for: %s", why, extra={"event": "security.not_vouched"})
    for step in steps:
        if problems:
            retry_later(step, problems[0].replace("@", "(at)"), at=now)
        else:
            with transaction.atomic():
                finish(step, at=now)


def _witnessed() -> int:
    """The size of the last checkpoint that the named witness has cosigned; 0: none."""
    mark = f"\n{MARK}{witness_key().name} "
    return Checkpoint.objects.filter(note__contains=mark).aggregate(size=Max("size"))["size"] or 0


@task("security.verify_ledger", every=timedelta(days=1))
def verify_ledger(steps: list[Step]) -> None:
    """Read every entry and hash it anew, and leave an entry that says what came of it. Promise 1.2."""
    report = verify()
    for finding in report.findings[:20]:
        log.error("The ledger is not as it was signed: %s", finding, extra={"event": "security.ledger_broken"})
    now = timezone.now()
    with transaction.atomic():
        if report.size:
            tell_audit(report, by=Actor.kept(), at=now)
        for step in steps:
            finish(step, {"entries": report.entries, "findings": len(report.findings)}, at=now)
