"""The register of recipients, and telling one of them by hand."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from kept.people.access import SignedInRequest, actor_of, role_required
from kept.rights.access import case_on_desk
from kept.rights.clocks import office_day
from kept.rights.errors import CannotTellThem
from kept.rights.offered import offer_of
from kept.rights.recipients import actions
from kept.rights.recipients.access import known_recipient, known_recipients, telling_on_desk, to_be_told, words_for
from kept.rights.recipients.forms import TOLD, HowForm, TellingForm
from kept.rights.views.decide import another_decides
from kept.rights.views.desk import line

MOST = 100


@require_safe
@role_required("privacy_officer")
def recipients(request: SignedInRequest) -> HttpResponse:
    context = {"known": known_recipients(), "waiting": to_be_told()[:MOST]}
    return render(request, "recipients/recipients.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("privacy_officer")
def recipient(request: SignedInRequest, key: str) -> HttpResponse:
    """How one of them is told from now on."""
    known = known_recipient(key)
    said = {"how": known.how.how, "email": known.how.email, "because": known.how.because} if known.how else {}
    form = HowForm(request.POST if request.method == "POST" else None, initial=said or {"how": "hand"})
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        actions.set_recipient(
            known.name,
            told["how"],
            email=told["email"],
            because=told["because"],
            by=actor_of(request),
            at=timezone.now(),
        )
        messages.success(request, f"Kept: how {known.name} is told.")
        return redirect("recipients")
    return render(request, "recipients/how.html", {"known": known, "form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("privacy_officer")
@another_decides
def telling(request: SignedInRequest, case_id: UUID, telling_id: UUID) -> HttpResponse:
    """What to say to one recipient about one request, and what came of it."""
    case, now = case_on_desk(request.user, case_id), timezone.now()
    one = telling_on_desk(case, telling_id)
    first, last = office_day(one.owed_at), office_day(now)
    form = TellingForm(request.POST if request.method == "POST" else None, first=first, last=last)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            if said["came"] == TOLD:
                actions.told_by_hand(one, said["on"], by=actor_of(request), at=now)
            else:
                actions.cannot_be_told(one, said["because"], by=actor_of(request), at=now)
        except CannotTellThem as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "Written down.")
            return redirect("desk_case", case_id)
    context = {
        "case": case,
        "line": line(case),
        "offer": offer_of(case.right),
        "telling": one,
        "words": words_for(one),
        "form": form,
    }
    return render(request, "recipients/telling.html", context)
