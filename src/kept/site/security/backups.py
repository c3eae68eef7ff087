"""Whether what is sealed lies anywhere in clear, which backups there are, and whether they come back: the evidence."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from kept.people.access import SignedInRequest, role_required
from kept.security.backup.folder import KEPT_FOR
from kept.security.backup.models import Backup, Restore, RestoreTest
from kept.security.models import Entry
from kept.security.vault.actions import ABOUT, LOOKED

SHOWN = 20


@require_safe
@role_required("privacy_officer", "engineer", "auditor")
def backups(request: SignedInRequest) -> HttpResponse:
    """The newest of each. Everything else stands in the ledger."""
    at = timezone.now()
    looks = Entry.objects.filter(about=ABOUT, kind=LOOKED).order_by("-id")[:SHOWN]
    context = {
        "looks": [(one.at, one.facts) for one in looks if one.facts],
        "backups": [
            (one, one.made_at + KEPT_FOR["keys" if one.what == Backup.What.KEYS else "data"])
            for one in Backup.objects.filter(removed_at=None).order_by("-made_at", "what")[: 2 * SHOWN]
        ],
        "tests": RestoreTest.objects.all()[:SHOWN],
        "restores": Restore.objects.order_by("-id")[:SHOWN],
        "days": {what: span.days for what, span in KEPT_FOR.items()},
        "at": at,
    }
    return render(request, "security/backups.html", context)
