"""The language of a case: an officer chooses it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from kept.people.access import SignedInRequest, actor_of, role_required
from kept.post.languages import LANGUAGES, language_of
from kept.rights import actions
from kept.rights.access import case_on_desk
from kept.rights.errors import NotNow, WrongChoice
from kept.rights.offered import offer_of
from kept.rights.views.desk import line


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("privacy_officer")
def change_language(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    case = case_on_desk(request.user, case_id)
    if request.method != "POST":
        known = {"case": case, "line": line(case), "offer": offer_of(case.right), "languages": LANGUAGES.values()}
        return render(request, "rights/language.html", known)
    try:
        case = actions.change_language(
            case, request.POST.get("language", ""), by=actor_of(request), at=timezone.now()
        )  # fmt: skip
    except WrongChoice:
        messages.warning(request, "We write in no such language. Nothing was changed: choose one of the list.")
    except NotNow:
        messages.warning(request, "This request has ended: nothing is written any more. Nothing was changed.")
    else:
        messages.success(request, f"From now on we write to this person in {language_of(case.language).english}.")
    return redirect("desk_case", case_id)
