"""What came from another site: for its person, once they have shown by a code that it is theirs; and for staff."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kept.engine.portable import BadPackage, Portable, Table
from kept.people.access import SignedInRequest, actor_of, role_required
from kept.rights.forms import CodeForm
from kept.rights.origins import host_of
from kept.rights.portability import actions
from kept.rights.portability.access import (
    MOST_CODES,
    import_by_token,
    import_for_staff,
    imports_for_staff,
    read_import,
)
from kept.rights.portability.models import Import
from kept.rights.portability.rules import CONFIRM_WITHIN, KEPT_FOR
from kept.rights.views.codes import usable, why_not
from kept.rights.views.private import private
from kept.terms import Actor
from kept.vault.errors import VaultError

PAGE, LONGEST_CELL = 20, 2_000
OPENED = "imports"  # the session's word for those that were opened here with a code
UNREADABLE = "What came cannot be read any more. Ask the other provider to send it again."


@dataclass(frozen=True)
class Shown:
    """One table of what came, a page of it."""

    number: int
    table: Table
    page: Page[Any]
    rows: Sequence[Sequence[tuple[str, str]]]  # what the column is called, and the value


@require_http_methods(["GET", "HEAD", "POST"])
@private
def taken(request: HttpRequest, key: str) -> HttpResponse:
    """The page behind the mail's link: first the code, then what came."""
    found = import_by_token(key)
    if found.state == Import.State.ENDED:
        return render(request, "portability/ended.html", {"taken": found})
    by, at = Actor("person", str(found.pk)), timezone.now()
    if request.method != "POST" and _is_open(request, found):
        return _record(request, found, key)
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        first = found.state == Import.State.WAITING
        if actions.check_import_code(found, form.cleaned_data["code"], by=by, at=at):
            request.session[OPENED] = [*request.session.get(OPENED, []), str(found.pk)][-20:]
            messages.success(request, "Thank you. It is taken in." if first else "Here it is.")
            return redirect("import", key)
        found.refresh_from_db()
        form.add_error("code", why_not(found, at))
    context = {
        "taken": found,
        "key": key,
        "form": form,
        "host": host_of(found.sender),
        "until": found.begun_at + CONFIRM_WITHIN,
        "code_is_out": found.code_sent_at is not None and (usable(found, at) or form.is_bound),
        "works": usable(found, at),
        "why_not": "" if usable(found, at) else why_not(found, at),
        "more": found.codes_sent < MOST_CODES,
    }
    return render(request, "portability/taken.html", context)


@require_POST
@private
def taken_code(request: HttpRequest, key: str) -> HttpResponse:
    found = import_by_token(key)
    if actions.send_import_code(found, by=Actor("person", str(found.pk)), at=timezone.now()):
        messages.success(request, "We mailed you a code. Only the newest one works.")
    else:
        messages.warning(request, "We send no code now. Try again in a minute, or ask the other provider anew.")
    return redirect("import", key)


@require_POST
@private
def taken_decline(request: HttpRequest, key: str) -> HttpResponse:
    """Not wanted here. What nobody has confirmed may be declined by whoever has the link: it can only go."""
    found = import_by_token(key)
    if found.state == Import.State.CONFIRMED and not _is_open(request, found):
        messages.warning(request, "Type the code first: what was taken in is deleted by its person alone.")
    else:
        actions.decline(found, by=Actor("person", str(found.pk)), at=timezone.now())
        messages.success(request, "It is deleted here.")
    return redirect("import", key)


def _is_open(request: HttpRequest, found: Import) -> bool:
    return found.state == Import.State.CONFIRMED and str(found.pk) in request.session.get(OPENED, [])


def _record(request: HttpRequest, found: Import, key: str) -> HttpResponse:
    read = _read(found)
    context = {"taken": found, "key": key, "host": host_of(found.sender), "read": read}
    if read is not None:
        context |= _chosen(request, found, read)
    return render(request, "portability/record.html", context)


def _read(found: Import) -> Portable | None:
    try:
        return read_import(found)
    except (BadPackage, VaultError):
        return None


def _chosen(request: HttpRequest, found: Import, read: Portable) -> dict[str, object]:
    """The table that is looked at, the first one without a word."""
    asked = request.GET.get("table", "1")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 5 else 1
    shown = _shown(read.tables, number, request.GET.get("page")) if read.tables else None
    return {"shown": shown, "until": (found.confirmed_at or found.begun_at) + KEPT_FOR}


def _shown(tables: Sequence[Table], number: int, page: str | None) -> Shown:
    if not 1 <= number <= len(tables):
        raise Http404
    table = tables[number - 1]
    this = Paginator(table.records, PAGE).get_page(page)
    rows = [[(one.label, cell(record.get(one.name))) for one in table.columns] for record in this]
    return Shown(number, table, this, rows)


def cell(value: object) -> str:
    """A value as a page shows it. It came from somewhere else, so that it is text and nothing but text."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_CELL else f"{text[:LONGEST_CELL]}…"


# Staff


@require_safe
@role_required("privacy_officer", "support", "auditor")
def imports(request: SignedInRequest) -> HttpResponse:
    """What people brought along. Of what they have not confirmed, only that something came."""
    page = Paginator(imports_for_staff(), PAGE).get_page(request.GET.get("page"))
    reads = request.user.role != "auditor"
    rows = [(one, host_of(one.sender) if reads and one.state == Import.State.CONFIRMED else "") for one in page]
    return render(request, "portability/imports.html", {"page": page, "rows": rows, "reads": reads})


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("privacy_officer", "support")
def imported(request: SignedInRequest, import_id: UUID) -> HttpResponse:
    """One that its person has confirmed: to enter what is needed of it, and then to delete it."""
    found = import_for_staff(import_id)
    if request.method == "POST":
        actions.end_import(found, by=actor_of(request), at=timezone.now())
        messages.success(request, "Deleted here. The person’s own systems keep what you have entered.")
        return redirect("imports")
    actions.import_looked_at(found, by=actor_of(request), at=timezone.now())
    read = _read(found)
    context = {"taken": found, "host": host_of(found.sender), "email": found.email, "read": read, "staff": True}
    if read is not None:
        context |= _chosen(request, found, read)
    return render(request, "portability/record.html", context)
