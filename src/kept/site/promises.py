"""What the site as a whole keeps, and the security room below it: looks at data, controls, breaches."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django import forms
from django.conf import settings
from django.urls import get_resolver

from kept.people.forms import InOurWords
from kept.policy.keepers import keeper, keepers_of
from kept.security.backup.folder import KEPT_FOR, backups_in, folder
from kept.security.backup.models import Backup, RestoreTest
from kept.security.breaches.facts import facts_of
from kept.security.breaches.rules import duties
from kept.security.models import Breach, Control, Read
from kept.terms import Evidence, State

LOOKED = timedelta(days=30)
JUDGED_WITHIN = timedelta(days=14)  # an unusual look that nobody has judged by then
GRACE = timedelta(days=1)  # what is removed by the hour may wait for a machine that was off
TESTED_WITHIN = timedelta(days=15)
REMEMBERED = timedelta(days=365)  # a breach that was told too late stays in the figure so long
MIDDLEWARE = "csp.middleware.CSPMiddleware"


@keeper("13.1", counts="other origins")
def pages_contact_nobody_else(at: datetime) -> Evidence:
    """Reads the content security policy that goes out with every page, and counts the other origins it allows."""
    policy = settings.CONTENT_SECURITY_POLICY
    directives = policy.get("DIRECTIVES", {})
    if MIDDLEWARE not in settings.MIDDLEWARE or policy.get("EXCLUDE_URL_PREFIXES") or "default-src" not in directives:
        meaning = "Pages go out without a rule that keeps the browser from contacting others."
        return Evidence(State.BROKEN, "any origin", meaning, at)
    if others := other_origins(directives):
        count = "1 other origin" if len(others) == 1 else f"{len(others)} other origins"
        return Evidence(State.BROKEN, count, "Our pages may contact others before you agree.", at, number=len(others))
    meaning = "Your browser is told to contact this site alone, on every page."
    return Evidence(State.KEPT, "0 other origins", meaning, at, number=0)


def other_origins(directives: Mapping[str, object]) -> set[str]:
    """Sources that are neither a quoted keyword ('self', a hash), a nonce, nor data within the page."""
    found: set[str] = set()
    for sources in directives.values():
        listed = sources if isinstance(sources, (list, tuple, set, frozenset)) else [sources]
        found |= {source for source in listed if isinstance(source, str) and not source.startswith(("'", "data:"))}
    return found


@keeper("1.2", counts="texts in forms that have no limit")
def forms_bound_what_they_take(at: datetime) -> Evidence:
    """Goes through the fields that our forms declare, and counts those that take a text of any length. Whether other
    mistakes are caught is not looked at, nor are the forms for signing in, which a library brings."""
    list(get_resolver().url_patterns)  # with them every form of the site is loaded
    ours = [one for one in _forms(forms.BaseForm) if one.__module__.startswith("kept.")]
    fields = [field for one in ours if not issubclass(one, InOurWords) for field in _declared(one)]
    endless = sum(_is_endless(field) for field in fields)
    figure = f"{_count(len(fields), 'field')} in forms, {_count(endless, 'text')} without a limit"
    if endless:
        return Evidence(State.BROKEN, figure, "A form takes a text of any length.", at, number=endless)
    words = "Every text that a form takes has its limit. Whether forms catch each other mistake was not looked at."
    return Evidence(State.CANNOT_TELL, figure, words, at, number=0)


@keeper("1.1", rows="security_log")
@keeper("7.1", rows="security_log")
def looks_are_logged_and_judged(at: datetime) -> Evidence:
    """Counts who read whose data in 30 days, looks for a look without a reason, and for unusual ones that nobody has
    judged in 14 days."""
    lately = Read.objects.exclude(what=Read.What.LOG).filter(at__gt=at - LOOKED, at__lte=at)
    looks, readers = lately.count(), lately.values("reader").distinct().count()
    without = lately.filter(reason="").count()
    unjudged = Read.objects.filter(flagged=True, settled_at=None, at__lte=at - JUDGED_WITHIN).count()
    misused = lately.filter(settled_how="misuse").count()
    figure = (
        f"{_count(looks, 'look')} at people's data by {_count(readers, 'person', 'people')} of our staff in 30 days"
    )
    if without or unjudged or misused:
        figure += f"; {without} without a reason, {unjudged} unusual ones not judged, {misused} misused"
        return Evidence(State.BROKEN, figure, "Somebody looked without a reason that holds, or nobody checked.", at)
    if not any(bound.look is not looks_are_logged_and_judged for bound in keepers_of("1.1")):
        words = "Each has its reason. That what we store is sealed cannot be shown yet."
        return Evidence(State.CANNOT_TELL, figure, words, at)
    return Evidence(State.KEPT, figure, "Each has its reason, and unusual ones were judged by somebody else.", at)


@keeper("7.2", rows="security_controls")
def controls_are_reviewed_and_breaches_told(at: datetime) -> Evidence:
    """Counts the controls whose review is overdue, whose last review failed or which nobody has reviewed yet, and the
    breaches of which somebody was not told in time: open ones, and for a year those that are closed."""
    controls = list(Control.objects.filter(ended_at=None).prefetch_related("reviews"))
    overdue = sum(1 for control in controls if control.due_on < at.date())
    failing = sum(1 for control in controls if _last_outcome(control) == Control.Outcome.FAILS)
    unseen = sum(1 for control in controls if not _last_outcome(control))
    open_breaches = list(Breach.objects.filter(closed_at=None).prefetch_related("notices"))
    late = sum(1 for one in open_breaches if _told_late(one, at))
    closed = Breach.objects.filter(closed_at__gt=at - REMEMBERED).prefetch_related("notices")
    told_late = sum(1 for one in closed if _told_late(one, at))
    figure = (
        f"{_count(len(controls), 'control')}, {overdue} overdue; {_count(len(open_breaches), 'breach', 'breaches')}"
    )
    figure += f" open, {late} late" + (f"; {told_late} told too late within a year" if told_late else "")
    if overdue or failing or late:
        words = "A control was not looked at in time, does not work, or somebody was not told of a breach in time."
        return Evidence(State.BROKEN, f"{figure}; {failing} not working" if failing else figure, words, at)
    if not controls:
        return Evidence(State.CANNOT_TELL, figure, "No control is registered yet.", at)
    if unseen:
        figure += f"; {unseen} not reviewed yet"
        return Evidence(State.CANNOT_TELL, figure, "Nobody has looked yet whether each control works.", at)
    return Evidence(State.KEPT, figure, "Each control has its owner and was looked at in time.", at)


@keeper(
    "7.2", period=timedelta(hours=12), counts="rows that came back in the last restore test", rows="security_backups"
)
def backups_can_be_restored(at: datetime) -> Evidence:
    """Looks how old the newest backup is, whether any is kept past its days, and what the last restore test found."""
    there = Backup.objects.filter(removed_at=None, made_at__lte=at)
    newest = there.filter(what=Backup.What.DATA).order_by("-made_at").first()
    test = RestoreTest.objects.filter(at__lte=at).first()
    late = {one.path for one in there if at - one.made_at > KEPT_FOR["keys" if one.what == "keys" else "data"] + GRACE}
    # The folder itself knows of files that the store has forgotten: a restore takes it back to an earlier day.
    late |= {str(one.path) for one in backups_in(folder()) if at - one.made_at > KEPT_FOR[one.what] + GRACE}
    figure = f"backup of {newest.made_at:%-d %B}" if newest else "no backup"
    if test is not None:
        figure += f"; restore test of {test.at:%-d %B}: {test.get_outcome_display()}"
    days = f"data for {KEPT_FOR['data'].days} days and keys for {KEPT_FOR['keys'].days}"
    if late:
        figure += f"; {_count(len(late), 'file')} kept for too long"
        return Evidence(State.BROKEN, figure, f"Backups stay longer than we say: {days}.", at)
    if test is not None and test.outcome == RestoreTest.Outcome.FAILED:
        return Evidence(State.BROKEN, figure, "The newest backup could not be restored.", at, number=0)
    if not settings.BACKUP_HOURS and newest is None:
        return Evidence(State.CANNOT_TELL, figure, "Kept makes no backups here; nobody can tell about others.", at)
    if newest is not None and at - newest.made_at > 2 * timedelta(hours=settings.BACKUP_HOURS or 24) + GRACE:
        return Evidence(State.BROKEN, figure, "The newest backup is too old.", at)
    whole = test is not None and test.outcome == RestoreTest.Outcome.WHOLE and at - test.at <= TESTED_WITHIN
    if newest is None or test is None or not whole:
        return Evidence(State.CANNOT_TELL, figure, "That a backup can be restored was not shown lately.", at)
    words = f"It was restored beside the store, and everything was there. We keep {days}."
    return Evidence(State.KEPT, figure, words, at, number=test.rows)


def _forms(of: type[forms.BaseForm]) -> set[type[forms.BaseForm]]:
    return {one for direct in of.__subclasses__() for one in (direct, *_forms(direct))}


def _declared(form: type[forms.BaseForm]) -> list[forms.Field]:
    return list(getattr(form, "base_fields", {}).values())


def _is_endless(field: forms.Field) -> bool:
    """A text, neither bounded by Django nor by a field of ours. A UUID is one, and has but one length."""
    text = isinstance(field, forms.CharField) and not isinstance(field, forms.UUIDField)
    return text and getattr(field, "max_length", None) is None and not getattr(field, "longest", 0)


def _told_late(breach: Breach, at: datetime) -> bool:
    return any(duty.stand in ("late", "met late") for duty in duties(facts_of(breach), at))


def _last_outcome(control: Control) -> str:
    reviews = list(control.reviews.all())
    return reviews[0].outcome if reviews else ""


def _count(number: int, one: str, many: str = "") -> str:
    return f"1 {one}" if number == 1 else f"{number:,} {many or one + 's'}"
