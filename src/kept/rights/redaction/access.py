"""Who may see the texts under review: the officer who decides the case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Count, Q
from django.http import Http404

from kept.rights.models import Case
from kept.rights.redaction.models import TextReview, TextSearch
from kept.vault.fields import open_all


@dataclass(frozen=True)
class Decisions:
    """What a copy has to know of one case: who is named around its texts, and what was decided on each text."""

    names: frozenset[str] = field(default=frozenset(), repr=False)
    marks: Mapping[tuple[str, str, str, bytes], list[dict[str, object]]] = field(default_factory=dict, repr=False)


def reviews_of(case: Case) -> list[TextReview]:
    """In their order, closed: what is not shown is not opened."""
    return list(TextReview.objects.filter(case=case).defer("text", "spans"))


def review_of(case: Case, review_id: UUID) -> TextReview:
    review = TextReview.objects.select_related("case").filter(case=case, pk=review_id).first()
    if review is None:
        raise Http404
    return review


def search_of(case: Case) -> TextSearch | None:
    """None: nobody has looked yet."""
    return TextSearch.objects.filter(case=case).first()


@dataclass(frozen=True)
class Texts:
    """How far the review of a case's texts is."""

    suggested: int
    waiting: int


def how_far(case: Case) -> Texts | None:
    """None: no text of the case seems to speak of others."""
    counted = TextReview.objects.filter(case=case).aggregate(
        suggested=Count("pk"), waiting=Count("pk", filter=Q(decided_at=None))
    )
    return Texts(**counted) if counted["suggested"] else None


def decisions_of(cases: Iterable[Case]) -> dict[UUID, Decisions]:
    """For a batch, with two statements."""
    ids = [case.pk for case in cases]
    searches = list(TextSearch.objects.filter(case__in=ids))
    reviews = list(TextReview.objects.filter(case__in=ids).defer("text"))
    open_all([*searches, *reviews])
    names = {one.case_id: frozenset(one.names.get("names", ())) for one in searches}
    marks: dict[UUID, dict[tuple[str, str, str, bytes], list[dict[str, object]]]] = {}
    for one in reviews:
        place = (one.system, one.table, one.column, bytes(one.text_index))
        marks.setdefault(one.case_id, {})[place] = one.spans["spans"]
    return {pk: Decisions(names.get(pk, frozenset()), marks.get(pk, {})) for pk in ids}
