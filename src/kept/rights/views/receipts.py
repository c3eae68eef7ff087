"""The receipts of what was done to a request: a person's of their own, staff's of the case on the desk."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from kept.people.access import SignedInRequest, role_required
from kept.rights.access import case_on_desk
from kept.rights.models import Case
from kept.rights.receipts import entry_for_person, entry_for_staff
from kept.rights.views.private import private
from kept.rights.views.status import followed
from kept.security.ledger_errors import LedgerStopped, NoSuchEntry, PayloadErased
from kept.security.models import Entry
from kept.security.receipts import receipt_for

NOT_NOW = "This receipt cannot be made just now: our ledger is being looked at. Please try again later."


@require_safe
@private
def receipt(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """To be saved by who follows the request. Anybody can check it, without us."""
    here = followed(request, key)
    return _file(here.case, entry_for_person(here.case, number)) or _not_now(request, "request", key)


@require_safe
@private
@role_required("privacy_officer", "auditor")
def desk_receipt(request: SignedInRequest, case_id: UUID, number: int) -> HttpResponse:
    case = case_on_desk(request.user, case_id)
    return _file(case, entry_for_staff(case, number)) or _not_now(request, "desk_case", case_id)


def _file(case: Case, entry: Entry) -> HttpResponse | None:
    """None: it cannot be made while the ledger is damaged."""
    try:
        text = receipt_for(entry)
    except (NoSuchEntry, PayloadErased) as problem:
        raise Http404 from problem
    except LedgerStopped:
        return None
    answer = HttpResponse(text, content_type="text/plain; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="receipt-{case.reference}-{entry.index}.txt"'
    return answer


def _not_now(request: HttpRequest, page: str, key: str | UUID) -> HttpResponse:
    messages.warning(request, NOT_NOW)
    return redirect(page, key)
