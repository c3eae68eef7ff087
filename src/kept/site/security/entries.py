"""The ledger, entry by entry, for the officer and auditors: each with its receipt."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from kept.people.access import SignedInRequest, role_required
from kept.people.called import called_of
from kept.security.ledger_errors import LedgerStopped, NoSuchEntry, PayloadErased
from kept.security.models import Entry
from kept.security.receipts import proof_of, receipt_for
from kept.security.sequencer import present_log

PAGE = 50
HIGHEST = 10**18


@require_safe
@role_required("privacy_officer", "auditor")
def entries(request: SignedInRequest) -> HttpResponse:
    """From the number that is asked for downwards; without one, the newest first."""
    log = present_log()
    size = log.size if log else 0
    asked = request.GET.get("from", "").strip()
    known = asked.isascii() and asked.isdigit() and len(asked) < 19 and int(asked) < size
    first = int(asked) if known else size - 1
    rows = Entry.objects.filter(index__lte=first, index__gt=first - PAGE).order_by("-index")
    context = {
        "rows": [(one, _words(one.kind), called_of(one.by) if one.by else "") for one in rows],
        "size": size,
        "asked": asked,
        "unknown": bool(asked) and not known,
        "older": first - PAGE if first >= PAGE else None,
        "newer": min(first + PAGE, size - 1) if first < size - 1 else None,
    }
    return render(request, "security/entries.html", context)


@require_safe
@never_cache
@role_required("privacy_officer", "auditor")
def entry_receipt(request: SignedInRequest, number: int) -> HttpResponse:
    """A receipt; a proof file where what the entry said was erased."""
    entry = Entry.objects.filter(index=number).first() if number < HIGHEST else None
    if entry is None:
        raise Http404
    try:
        kind, text = "receipt", receipt_for(entry)
    except PayloadErased:
        kind, text = "proof", str(proof_of(number))
    except NoSuchEntry as problem:
        raise Http404 from problem
    except LedgerStopped as stopped:
        messages.error(request, f"{stopped} “kept ledger verify” says more.")
        return redirect("security_entries")
    answer = HttpResponse(text, content_type="text/plain; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{kind}-{number}.txt"'
    return answer


def _words(kind: str) -> str:
    """ "policy.state_changed": "Policy: state changed"."""
    room, _, words = kind.partition(".")
    return f"{room.capitalize()}: {words.replace('_', ' ')}"
