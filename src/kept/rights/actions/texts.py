"""What changes the review of texts, each with its entry."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from kept.rights.actions.searching import queue_copy
from kept.rights.actions.steps import locked, must_decide
from kept.rights.errors import NotNow
from kept.rights.models import Case
from kept.rights.redaction.deciding import decided
from kept.rights.redaction.models import TextReview, TextSearch
from kept.rights.rules import OPEN
from kept.security.ledger import action, record, unchanged
from kept.terms import Actor
from kept.work.models import Step
from kept.work.steps import drop, finish


@dataclass(frozen=True)
class Seen:
    """One text with suggestions."""

    system: str
    table: str
    column: str
    own: bool
    text: str = field(repr=False)
    marks: Sequence[dict[str, Any]] = field(repr=False)


@action
def keep_suggestions(
    step: Step,
    case_id: UUID,
    found: Sequence[Seen],
    names: Collection[str],
    texts: int,
    more: int,
    *,
    by: Actor,
    at: datetime,
) -> None:
    """What a look through the texts of a case found. What an officer has decided already stays."""
    case = Case.objects.select_for_update().filter(pk=case_id, state__in=OPEN).exclude(key=None).first()
    if case is None:
        drop(step, "The case has ended.", at=at)
        unchanged()
        return
    TextSearch.objects.filter(case=case).delete()
    TextSearch.objects.create(case=case, key=case.key, names={"names": sorted(names)}, texts=texts, more=more, at=at)
    rows = [
        TextReview(
            case=case, key=case.key, number=number, system=one.system, table=one.table, column=one.column, own=one.own,
            text=one.text, spans={"suggested": list(one.marks), "spans": list(one.marks)},
        )
        for number, one in enumerate(found, 1)
    ]  # fmt: skip
    TextReview.objects.filter(case=case, decided_at=None).delete()
    TextReview.objects.bulk_create(rows, ignore_conflicts=True, batch_size=200)
    finish(step, {"texts": texts, "suggested": len(found)}, at=at)
    if case.state == Case.State.APPROVED:
        queue_copy(case.pk, at)  # it waited for this
    record("rights.texts_searched", case, by=by, at=at, texts=texts, suggested=len(found) + more)


@action
def decide_text(
    review: TextReview, out: Collection[int], also: Collection[str], *, whole: bool = False, by: Actor, at: datetime
) -> TextReview:
    """Say what of a text the copy does not show. `out`: numbers of its marks; `also`: further words, as they stand.

    Raises NotNow once the copy is being made, MayNot, OwnCase.
    """
    case = locked(review.case)
    must_decide(case, by)
    if case.state not in OPEN or case.state in (Case.State.ANSWERING, Case.State.APPROVED):
        raise NotNow(case.state)
    review = TextReview.objects.select_for_update(of=("self",)).select_related("case").get(pk=review.pk)
    suggested = review.spans["suggested"]
    if whole:
        marks = [{"start": 0, "end": len(review.text), "what": "words", "why": "withheld whole", "out": True}]
    else:
        marks = decided(review.text, suggested, out, also)
    review.spans = {"suggested": suggested, "spans": marks}
    review.decided_at, review.decided_by = at, str(by)
    review.save(update_fields=["spans", "decided_at", "decided_by"])
    taken = sum(1 for one in marks if one["out"])
    record(
        "rights.text_decided",
        case,
        by=by,
        at=at,
        system=review.system,
        table=review.table,
        out=taken,
        left=len(marks) - taken,
    )
    return review
