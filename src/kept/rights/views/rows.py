"""A person's rows, live from the system: for an officer with a reason, page by page, each page with its entry."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from kept.engine.errors import EngineError
from kept.engine.shown import SECRET, WITHHELD, Shown, shown_to_person
from kept.engine.subject import HeldRow, Subject
from kept.engine.third_parties import TAKEN_OUT
from kept.engine.values import plain_value
from kept.information.access import open_system
from kept.information.models import System
from kept.people.access import SignedInRequest, actor_of, role_required
from kept.rights.access import answer_on_desk, case_on_desk, is_restricted, may_decide
from kept.rights.actions.reading import REASONS, rows_looked_at
from kept.rights.exemptions.access import left_out_in, of_case
from kept.rights.forms import REASON_WORDS, ReasonForm, RestrictedReasonForm
from kept.rights.models import Case
from kept.rights.offered import offer_of
from kept.rights.redaction.access import decisions_of
from kept.rights.redaction.copying import Redacting
from kept.rights.rules import MAY
from kept.rights.subjects import identifiers_of, subject_for
from kept.rights.views.desk import line
from kept.rights.views.held import rules_of
from kept.use.errors import IsRestricted
from kept.use.forms import DESPITE_WORDS
from kept.vault.keys import secret_of_indexes

PAGE = 25
LONGEST = 1_000  # characters of one value on the page
REASON = "reading"  # in the officer's session: case -> the reason given for it
DESPITE = "reading despite"  # case -> the ground of GDPR Art. 18(2), where its person's data are restricted


@dataclass(frozen=True)
class Cell:
    label: str
    text: str
    mark: str  # what of it the copy does not show, in words


@dataclass(frozen=True)
class Record:
    own: bool
    key: str  # as the page that leaves it out wants it; "": it has none
    out: bool  # it is left out already
    cells: Sequence[Cell]


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("privacy_officer")
def rows(request: SignedInRequest, case_id: UUID, system: str, table: str) -> HttpResponse:
    """One reason holds for a case until its officer signs out, or gives another one; every look is recorded with it."""
    case = case_on_desk(request.user, case_id)
    answer = answer_on_desk(case, system)
    rule = rules_of(answer.system).get(table)
    if rule is None:
        raise Http404
    reasons: dict[str, str] = request.session.get(REASON, {})
    reason = reasons.get(str(case_id), "")
    grounds: dict[str, str] = request.session.get(DESPITE, {})
    despite = grounds.get(str(case_id), "")
    restricted = is_restricted(case, timezone.now().date())
    form_class = RestrictedReasonForm if restricted else ReasonForm
    said = {"reason": reason, "despite": despite}
    form = form_class(request.POST if request.method == "POST" else None, initial=said)
    context = {"case": case, "line": line(case), "offer": offer_of(case.right), "system": answer.system, "rule": rule}
    context["may_exempt"] = case.state in MAY["exempt"] and may_decide(request.user, case)
    if request.method == "POST" and form.is_valid():
        request.session[REASON] = {**reasons, str(case_id): form.cleaned_data["reason"]}
        if restricted:
            request.session[DESPITE] = {**grounds, str(case_id): form.cleaned_data["despite"]}
        return redirect("desk_rows", case_id, system, table)
    ask = request.method == "POST" or reason not in REASONS or "reason" in request.GET
    if ask or (restricted and despite not in DESPITE_WORDS):
        return render(request, "rights/rows_reason.html", context | {"form": form, "restricted": restricted})
    number, by, now = _page(request.GET.get("page")), actor_of(request), timezone.now()
    try:
        rows_looked_at(case, answer.system, table, reason, number, despite=despite, by=by, at=now)
    except IsRestricted:  # since a moment ago
        return redirect("desk_rows", case_id, system, table)
    known = identifiers_of([case.pk])[case.pk]
    subject = subject_for(case.pk, known, answer.system.name)
    out = replace(subject, left_out=left_out_in(answer.system, of_case(case)))
    try:
        found = _read(case, answer.system, subject, table, number)
    except EngineError as problem:
        messages.warning(request, f"These rows cannot be read now. {problem}")
        return redirect("desk_case", case_id)
    shown = {
        "records": [_record(row, copied, subject.emails(), out) for row, copied in found[:PAGE]],
        "number": number,
        "first": (number - 1) * PAGE + 1,
        "more": len(found) > PAGE,
        "reason": REASON_WORDS[reason],
        "despite": DESPITE_WORDS[despite] if restricted and despite in DESPITE_WORDS else "",
    }
    return render(request, "rights/rows.html", context | shown)


def _read(case: Case, system: System, subject: Subject, table: str, number: int) -> list[tuple[HeldRow, HeldRow]]:
    """One page, and one row more to see whether there is another page: each as it stands there, and as it goes into a
    copy. Raises what a connector raises."""
    first, source = (number - 1) * PAGE, open_system(system)
    redacting = Redacting(source, [subject], [decisions_of([case])[case.pk]], secret_of_indexes())
    with closing(source.rows([subject], only=[table])) as stream:  # it holds a transaction open over there
        return [(row, redacting.without_others(row)) for row in islice(stream, first, first + PAGE + 1)]


def _record(row: HeldRow, copied: HeldRow, addresses: frozenset[str], answered: Subject) -> Record:
    """`answered`: the subject with what the answer leaves out."""
    values = [(name, value) for name, value in row.values.items() if value not in (None, "")]
    out = answered.leaves_out(row.rule.name, row.key) is not None
    return Record(
        row.own,
        json.dumps(list(row.key)) if row.key else "",
        out,
        [_cell(row, copied, name, value, addresses) for name, value in values],
    )


def _cell(row: HeldRow, copied: HeldRow, name: str, value: Any, addresses: frozenset[str]) -> Cell:
    """The value itself, marked where the person's copy shows something else."""
    label = row.rule.columns[name].label or name
    shown = shown_to_person(copied, name, copied.values[name], addresses)
    if shown.value == SECRET:
        return Cell(label, "Not shown: a password or key.", "")
    text = str(plain_value(value))
    if len(text) > LONGEST:
        text = f"{text[:LONGEST]} … ({len(text):,} characters in all)"
    return Cell(label, text, _mark(shown))


def _mark(shown: Shown) -> str:
    if shown.value == WITHHELD:
        return "about somebody else: withheld in the copy"
    if places := shown.withheld + str(shown.value).count(TAKEN_OUT):
        return f"{'1 place' if places == 1 else f'{places:,} places'} about other people in it: withheld in the copy"
    return ""


def _page(asked: str | None) -> int:
    return min(int(asked), 100_000) if asked and asked.isascii() and asked.isdigit() and int(asked) > 0 else 1
