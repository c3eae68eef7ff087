"""The policy in force. Everybody may read all of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q
from django.http import Http404
from django.shortcuts import get_object_or_404

from kept.policy.models import Notice, Seen, Version
from kept.policy.problems import UnknownClause
from kept.policy.source import POLICIES, Policy, load
from kept.policy.text import Clause, Section


def policy() -> Policy:
    """Read once; a changed file counts from the next start. Raises BadPolicy."""
    return _policy(POLICIES / settings.POLICY)


@lru_cache(maxsize=4)
def _policy(folder: Path) -> Policy:
    return load(folder)


def clause_of(clause_id: str) -> tuple[Section, Clause]:
    """One clause and its section, or Http404."""
    try:
        return policy().clause(clause_id)
    except UnknownClause as unknown:
        raise Http404 from unknown


def versions() -> list[Version]:
    """Every wording there was, the first one first."""
    return list(Version.objects.order_by("effective", "stored_at", "pk"))


def version_of(number: int) -> Version:
    """One wording, or Http404."""
    return get_object_or_404(Version, pk=number)


def version_before(version: Version) -> Version | None:
    """The wording that one follows; None: it is the first."""
    earlier = Q(effective__lt=version.effective) | Q(effective=version.effective, stored_at__lt=version.stored_at)
    return Version.objects.filter(earlier).order_by("effective", "stored_at", "pk").last()


def versions_after(version: Version) -> list[Version]:
    """The wordings on record that follow one, the next one first."""
    later = Q(effective__gt=version.effective) | Q(effective=version.effective, stored_at__gt=version.stored_at)
    return list(Version.objects.filter(later).order_by("effective", "stored_at", "pk"))


def coming(today: date) -> Version | None:
    """The next wording that is announced and does not hold yet; None: there is none."""
    later = Version.objects.filter(effective__gt=today).exclude(digest=policy().digest)
    return later.order_by("effective", "stored_at", "pk").first()


def seen_by(account: UUID) -> list[Seen]:
    """The versions that somebody had before them, the last one first."""
    return list(Seen.objects.filter(account=account).select_related("version").order_by("-at"))


def told_of(account: UUID) -> list[Notice]:
    """The new wordings that somebody is told of, the newest first."""
    told = Notice.objects.filter(account=account).select_related("version", "before")
    return list(told.order_by("-version__effective", "-version__stored_at"))


def unread_by(account: UUID) -> Notice | None:
    """The newest wording that somebody is told of and has not said to have read; None: there is none."""
    read = Seen.objects.filter(account=account, version=OuterRef("version"))
    told = Notice.objects.filter(~Exists(read), account=account).select_related("version")
    return told.order_by("-version__effective", "-version__stored_at").first()


@dataclass(frozen=True)
class Told:
    """How far people are told of one wording."""

    version: Version
    waiting: int
    sent: int
    read: int  # said on the site that they have read it
    ask_again: tuple[tuple[str, int], ...]  # clause id, how many people are asked for that consent again


def queue_of_notices() -> list[Told]:
    """Every wording that people are told of, the newest first. Three queries, however many people there are."""
    sent = dict(Notice.objects.exclude(sent_at=None).values_list("version").annotate(Count("pk")))
    read = Exists(Seen.objects.filter(account=OuterRef("account"), version=OuterRef("version")))
    have_read = dict(Notice.objects.filter(read).values_list("version").annotate(Count("pk")))
    every: Counter[int] = Counter()
    asked: dict[int, Counter[str]] = {}
    for version, clauses, count in Notice.objects.values_list("version", "ask_again").annotate(Count("pk")):
        every[version] += count
        asked.setdefault(version, Counter())
        for clause_id in clauses:
            asked[version][clause_id] += count
    return [
        Told(one, every[one.pk] - (gone := sent.get(one.pk, 0)), gone, have_read.get(one.pk, 0),
             tuple(sorted(asked[one.pk].items(), key=lambda item: [int(part) for part in item[0].split(".")])))
        for one in reversed(versions()) if one.pk in every
    ]  # fmt: skip
