"""Reviewing what the texts of a copy say about others: one text after the other, before and after side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from kept.engine.third_parties import TAKEN_OUT
from kept.information.access import systems_by_name
from kept.people.access import SignedInRequest, actor_of, role_required
from kept.rights.access import case_on_desk
from kept.rights.actions.reading import rows_looked_at
from kept.rights.actions.texts import decide_text
from kept.rights.errors import NotNow
from kept.rights.models import Case
from kept.rights.offered import offer_of
from kept.rights.redaction.access import review_of, reviews_of, search_of
from kept.rights.redaction.deciding import told
from kept.rights.redaction.models import TextReview
from kept.rights.text_forms import TextReviewForm
from kept.rights.views.decide import another_decides
from kept.rights.views.desk import line
from kept.rights.views.held import rules_of
from kept.rights.views.rows import DESPITE
from kept.use.errors import IsRestricted


@require_safe
@role_required("privacy_officer")
def texts(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """Every text with suggestions, and which were looked at."""
    case = case_on_desk(request.user, case_id)
    reviews = reviews_of(case)
    rules = {system.name: (system.title, rules_of(system)) for system in systems_by_name().values()}
    rows = [(one, *_place(one, rules)) for one in reviews]
    waiting = [one for one in reviews if one.decided_at is None]
    shown = {"rows": rows, "search": search_of(case), "waiting": len(waiting), "first": waiting[0] if waiting else None}
    return render(request, "redaction/texts.html", _head(case) | shown)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("privacy_officer")
@another_decides
def text(request: SignedInRequest, case_id: UUID, review_id: UUID) -> HttpResponse:
    """One text. Saved, the next one that nobody has looked at comes up."""
    case = case_on_desk(request.user, case_id)
    review, at = review_of(case, review_id), timezone.now()
    marks: list[dict[str, Any]] = review.spans["spans"]
    out_now, added = told(review.text, review.spans)
    initial = {"out": out_now, "also": "\n".join(added)}
    form = TextReviewForm(request.POST or None, text=review.text, marks=review.spans["suggested"], initial=initial)
    if request.method == "POST" and (form.is_valid() or "whole" in request.POST):
        out = [int(number) for number in form.cleaned_data.get("out", ())] if form.is_valid() else []
        also = form.cleaned_data.get("also", []) if form.is_valid() else []
        try:
            decide_text(review, out, also, whole="whole" in request.POST, by=actor_of(request), at=at)
        except NotNow:
            messages.warning(request, "The copy is being made already, so nothing was changed.")
            return redirect("desk_texts", case_id)
        return _next(request, case, review)
    if request.method != "POST" and not _look(request, case, review):
        messages.warning(
            request, "Their data are restricted. Choose on which ground you look, then go back to the texts."
        )
        return redirect(f"{reverse('desk_rows', args=[case.pk, review.system, review.table])}?reason")
    reviews = reviews_of(case)
    number = [one.pk for one in reviews].index(review.pk) + 1
    shown = {
        "review": review,
        "form": form,
        "before": list(_pieces(review.text, marks, show=True)),
        "after": list(_pieces(review.text, marks, show=False)),
        "number": number,
        "of": len(reviews),
        "earlier": reviews[number - 2] if number > 1 else None,
        "later": reviews[number] if number < len(reviews) else None,
    }
    return render(request, "redaction/text.html", _head(case) | shown)


def _look(request: SignedInRequest, case: Case, review: TextReview) -> bool:
    """Write the look down; False: the person's data are restricted, and no ground of GDPR Art. 18(2) was given yet."""
    table = f"{review.table}.{review.column}"[:100]
    despite = request.session.get(DESPITE, {}).get(str(case.pk), "")
    system, by, at = systems_by_name()[review.system], actor_of(request), timezone.now()
    try:
        rows_looked_at(case, system, table, "third_parties", review.number, despite=despite, by=by, at=at)
    except IsRestricted:
        return False
    return True


def _next(request: SignedInRequest, case: Case, review: TextReview) -> HttpResponse:
    waiting = [one for one in reviews_of(case) if one.decided_at is None]
    later = [one for one in waiting if one.number > review.number] or waiting
    if not later:
        messages.success(request, "Every text was looked at.")
        return redirect("desk_texts", case.pk)
    return redirect("desk_text", case.pk, later[0].pk)


def _pieces(words: str, marks: Sequence[dict[str, Any]], *, show: bool) -> Iterator[tuple[str, bool]]:
    """(text, whether it is marked). `show`: what is marked is shown; else what stands in the copy in its place."""
    last = 0
    for mark in marks:
        yield words[last : mark["start"]], False
        piece = words[mark["start"] : mark["end"]]
        if show:
            yield piece, True
        elif mark["out"]:
            yield TAKEN_OUT, True
        else:
            yield piece, False
        last = mark["end"]
    yield words[last:], False


def _place(one: TextReview, rules: dict[str, tuple[str, Any]]) -> tuple[str, str]:
    title, tables = rules.get(one.system, (one.system, {}))
    rule = tables.get(one.table)
    column = rule.columns.get(one.column) if rule else None
    return f"{title}, {rule.title if rule else one.table}", (column.label if column else "") or one.column


def _head(case: Case) -> dict[str, object]:
    return {"case": case, "line": line(case), "offer": offer_of(case.right)}
