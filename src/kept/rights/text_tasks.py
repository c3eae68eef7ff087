"""Looking through the texts of a case for what they say about others, once its systems were searched."""

from __future__ import annotations

from contextlib import closing
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kept.engine.errors import EngineError
from kept.information.access import active_systems, open_system
from kept.rights.actions.texts import Seen, keep_suggestions
from kept.rights.models import Case
from kept.rights.redaction.copying import redactor_for
from kept.rights.redaction.deciding import suggested
from kept.rights.redaction.texts import names_in, texts_of
from kept.rights.subjects import identifiers_of, subject_for
from kept.terms import Actor
from kept.work.models import Step
from kept.work.registry import task
from kept.work.steps import drop, retry_later

MOST_TEXTS = 2_000  # listed for the review; what comes after is taken out as suggested
MOST_NAMES = 500


@task("rights.search_texts")
def search_texts(steps: list[Step]) -> None:
    """Twice through the rows: who is named around them, and then what each text says."""
    for step in steps:
        case = Case.objects.filter(pk=UUID(step.args["case"])).first()
        if case is None or case.key is None:
            with transaction.atomic():
                drop(step, "The case has ended.", at=timezone.now())
            continue
        try:
            found, names, texts, more = _look(case)
        except EngineError as problem:
            with transaction.atomic():
                retry_later(step, str(problem).replace("@", " at ")[:300], at=timezone.now())
            continue
        keep_suggestions(step, case.pk, found, names, texts, more, by=Actor.kept(), at=timezone.now())


def _look(case: Case) -> tuple[list[Seen], set[str], int, int]:
    known = identifiers_of([case.pk])[case.pk]
    systems = [(open_system(one), subject_for(case.pk, known, one.name)) for one in active_systems()]
    names: set[str] = set()
    for connector, subject in systems:
        with closing(connector.rows([subject])) as rows:
            for row in rows:
                if len(names) < MOST_NAMES:
                    names |= set(names_in(row))
    found: dict[tuple[str, str, str, str], Seen] = {}
    texts = more = 0
    for connector, subject in systems:
        redactor = redactor_for(subject, frozenset(names))
        with closing(connector.rows([subject])) as rows:
            for row in rows:
                for column, text in texts_of(row):
                    texts += 1
                    place = (connector.name, row.rule.name, column, text)
                    if place in found or not (spans := redactor.suggest(text)):
                        continue
                    if len(found) >= MOST_TEXTS:
                        more += 1
                        continue
                    marks = suggested(spans, own=row.own)
                    found[place] = Seen(connector.name, row.rule.name, column, row.own, text, marks)
    return list(found.values()), names, texts, more
