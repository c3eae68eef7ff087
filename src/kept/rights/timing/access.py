"""What is asked of a person, as pages read it, and where they live, as systems say it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from itertools import islice

from kept.engine.errors import EngineError
from kept.information.access import active_systems, is_own, open_system, pack_of
from kept.rights.models import Case
from kept.rights.subjects import identifiers_of, subject_for
from kept.rights.timing.models import FeeProposal, Home, LawChange, Wait

COUNTRY = ("country", "country_code")
ROWS = 20  # of a person's own records in one system


def waits_of(case: Case) -> list[Wait]:
    """All that was asked, in its order."""
    return list(Wait.objects.filter(case=case))


def open_wait(case: Case) -> Wait | None:
    return Wait.objects.filter(case=case, ended_at=None).first()


def proposed_fee(case: Case) -> FeeProposal | None:
    """What waits for a second officer."""
    return FeeProposal.objects.filter(case=case, state=FeeProposal.State.PROPOSED).first()


def home_of(case: Case) -> Home | None:
    """Where the person lives, as it was said when they asked. None: nobody said."""
    return Home.objects.filter(case=case).first()


def law_changes_of(case: Case) -> list[LawChange]:
    return list(LawChange.objects.filter(case=case))


def countries_said(case: Case) -> Mapping[str, list[str]]:
    """Country -> the systems whose own record of the person says so. Read there now, and stored nowhere."""
    known = identifiers_of([case.pk])[case.pk]
    said: dict[str, list[str]] = {}
    for system in active_systems():
        if is_own(system):
            continue
        try:
            rules = [one for one in pack_of(system).tables.values() if one.person and set(COUNTRY) & set(one.columns)]
            for rule in rules:
                subject = subject_for(case.pk, known, system.name)
                with closing(open_system(system).rows([subject], only=[rule.name])) as rows:
                    for country in _countries(dict(row.values) for row in islice(rows, ROWS) if row.own):
                        if system.title not in said.setdefault(country, []):
                            said[country].append(system.title)
        except EngineError:
            continue  # it says nothing now; the officer decides all the same
    return said


def _countries(rows: Iterator[dict[str, object]]) -> Iterator[str]:
    for values in rows:
        for name in COUNTRY:
            text = str(values.get(name) or "").strip().upper()
            if text.isalpha() and len(text) == 2:
                yield text
