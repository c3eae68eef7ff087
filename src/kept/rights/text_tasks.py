"""Looking through the texts of a case for what they say about others, once its systems were searched."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kept.connectors.sql.connector import SqlConnector
from kept.engine.errors import EngineError
from kept.engine.subject import Subject
from kept.information.access import active_systems, open_system
from kept.rights.actions.texts import Seen, keep_suggestions
from kept.rights.batches import KEPT, case_of
from kept.rights.looking import in_parts
from kept.rights.models import Case
from kept.rights.redaction.copying import redactor_for
from kept.rights.redaction.deciding import suggested
from kept.rights.redaction.texts import names_in, tables_that_name, tables_with_texts, texts_of
from kept.rights.subjects import identifiers_of, subject_for
from kept.work.models import Step
from kept.work.registry import task
from kept.work.steps import drop, retry_later

MOST_TEXTS = 2_000  # listed for the review; what comes after is taken out as suggested
MOST_NAMES = 500


@dataclass
class Texts:
    """What the texts of one case say of others."""

    names: set[str] = field(default_factory=set, repr=False)
    found: dict[tuple[str, str, str, str], Seen] = field(default_factory=dict, repr=False)
    texts: int = 0
    more: int = 0  # with suggestions, beyond the most that are listed


@task("rights.search_texts", batch=100)
def search_texts(steps: list[Step]) -> None:
    """Look through the texts of a batch of cases: each system is read once for all of them."""
    going = set(Case.objects.filter(pk__in=map(case_of, steps)).exclude(key=None).values_list("pk", flat=True))
    with transaction.atomic():
        for step in steps:
            if case_of(step) not in going:
                drop(step, "The case has ended.", at=timezone.now())
    if open_steps := [step for step in steps if case_of(step) in going]:
        in_parts(open_steps, _search_texts, _failed)


def _search_texts(steps: Sequence[Step]) -> None:
    found = _look([case_of(step) for step in steps])
    for step, texts in zip(steps, found, strict=True):
        seen = list(texts.found.values())
        keep_suggestions(
            step, case_of(step), seen, texts.names, texts.texts, texts.more, by=KEPT, at=timezone.now()
        )  # fmt: skip


def _failed(steps: Sequence[Step], problem: EngineError) -> None:
    with transaction.atomic():
        for step in steps:
            retry_later(step, str(problem).replace("@", " at ")[:300], at=timezone.now(), alone=len(steps) == 1)


def _look(cases: Sequence[UUID]) -> list[Texts]:
    """Twice through the rows that can tell: who is named around the texts, and then what each text says."""
    known = identifiers_of(cases)
    systems = [
        (open_system(one), [subject_for(case, known[case], one.name) for case in cases]) for one in active_systems()
    ]
    of_case = [Texts() for _ in cases]
    for connector, subjects in systems:
        _read_names(connector, subjects, of_case)
    for connector, subjects in systems:
        _read_texts(connector, subjects, of_case)
    return of_case


def _read_names(connector: SqlConnector, subjects: Sequence[Subject], of_case: Sequence[Texts]) -> None:
    if tables := tables_that_name(connector.shipped):
        with closing(connector.rows(subjects, tables)) as rows:
            for row in rows:
                names = of_case[row.subject].names
                if len(names) < MOST_NAMES:
                    names.update(names_in(row))


def _read_texts(connector: SqlConnector, subjects: Sequence[Subject], of_case: Sequence[Texts]) -> None:
    if not (tables := tables_with_texts(connector.shipped)):
        return
    redactors = [redactor_for(one, frozenset(texts.names)) for one, texts in zip(subjects, of_case, strict=True)]
    with closing(connector.rows(subjects, tables)) as rows:
        for row in rows:
            case, redactor = of_case[row.subject], redactors[row.subject]
            for column, text in texts_of(row):
                case.texts += 1
                place = (connector.name, row.rule.name, column, text)
                if place in case.found or not (spans := redactor.suggest(text)):
                    continue
                if len(case.found) >= MOST_TEXTS:
                    case.more += 1
                    continue
                marks = suggested(spans, own=row.own)
                case.found[place] = Seen(connector.name, row.rule.name, column, row.own, text, marks)
