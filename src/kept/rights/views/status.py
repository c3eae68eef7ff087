"""Following a request: by the link from the mail, or signed in. Both ways show the same pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kept.people.access import SignedInRequest, signed_in
from kept.people.matters import concerning
from kept.people.models import Account
from kept.rights import actions
from kept.rights.access import answers_in, case_by_token, case_of, cases_of, packages_of
from kept.rights.actions.showing import has_waiting_code
from kept.rights.alerts.access import held_until
from kept.rights.answers import answer_of
from kept.rights.clocks import office_day
from kept.rights.errors import NotNow
from kept.rights.messages.access import summary
from kept.rights.models import Case
from kept.rights.offered import offer_of
from kept.rights.particulars import said
from kept.rights.proof.authority import is_mailbox_shown
from kept.rights.receipts import told_of
from kept.rights.rules import MAY
from kept.rights.staff_access import document_wanted
from kept.rights.views.codes import code_form, code_state, key_of, tell_about
from kept.rights.views.private import NotSignedIn, private
from kept.rights.views.shown import Progress, progress
from kept.rights.views.spoken import spoken
from kept.rights.views.stays import what_stays
from kept.terms import Actor


@dataclass(frozen=True)
class Followed:
    """A case as the person reached it."""

    case: Case
    key: str  # what stands in the address: the link's token, or the case's id for who is signed in
    by: Actor
    owner: bool  # signed in as the account that asked

    def progress(self) -> Progress:
        return progress(self.case, answers_in(self.case), today(self.case))


def followed(request: HttpRequest, key: str) -> Followed:
    """The case behind an address, or Http404: guessed, gone and not yours are answered alike. Raises NotSignedIn."""
    try:
        case_id = UUID(key)
    except ValueError:
        case = case_by_token(key)
        return Followed(case, key, Actor("person", str(case.pk)), owner=False)
    if not isinstance(request.user, Account):
        raise NotSignedIn
    return Followed(case_of(request.user, case_id), key, request.user.actor, owner=True)


def today(case: Case) -> date:
    """In the calendar in which the office counts this case's days."""
    return office_day(timezone.now(), case.clock)


@require_safe
@signed_in
def my_requests(request: SignedInRequest) -> HttpResponse:
    mine = [Followed(case, str(case.pk), request.user.actor, owner=True) for case in cases_of(request.user)]
    rows = [(here, offer_of(here.case.right), here.progress()) for here in mine]
    return render(request, "rights/my_requests.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@private
def status(request: HttpRequest, key: str) -> HttpResponse:
    """Where the request stands. While it waits for its proof: the code from the mail."""
    here = followed(request, key)
    if here.case.state == Case.State.UNPROVEN:
        return _prove(request, here)
    if request.method == "POST":  # the code, typed before, here or elsewhere
        messages.warning(request, too_late(here.case, "The code is not needed any more."))
        return redirect("request", key)
    return render(request, "rights/status.html", _page(here))


def _prove(request: HttpRequest, here: Followed) -> HttpResponse:
    form, proven = code_form(request, here.case, here.by)
    if proven:
        left = here.case.state == Case.State.UNPROVEN
        messages.success(
            request, "The code is right. One step is left." if left else "Thank you. Now we search for you."
        )
        return redirect("request", key_of(here.case.joined or here.case, owner=here.owner))
    context = {"case": here.case, "key": here.key, "form": form, "offer": offer_of(here.case.right)}
    context["by_post"] = has_waiting_code(here.case, timezone.now())
    context["document"] = document_wanted(here.case)
    context["spoken"] = spoken(here.case, today(here.case))
    context["shown"] = is_mailbox_shown(here.case)
    return render(request, "rights/prove.html", context | code_state(here.case, timezone.now()))


def _page(here: Followed) -> dict[str, object]:
    packages = packages_of(here.case, timezone.now())
    return {
        "spoken": spoken(here.case, today(here.case), file=bool(packages)),
        "case": here.case,
        "key": here.key,
        "owner": here.owner,
        "offer": offer_of(here.case.right),
        "said": said(here.case.right, here.case.asked) if here.owner and here.case.key else (),
        "shown": here.progress(),
        "packages": packages,
        "stays": what_stays(here.case),
        "told": told_of(here.case),
        "concerning": [one for one in concerning(f"rights.case:{here.case.pk}") if one.what == "complaint"],
        "may_withdraw": here.case.state in MAY["withdraw"],
        "waits_until": held_until(here.case, timezone.now()) if here.case.state in MAY["withdraw"] else None,
        "talk": summary(here.case),
        "document": document_wanted(here.case),
    }


@require_safe
@private
def status_progress(request: HttpRequest, key: str) -> HttpResponse:
    """The part of the page that changes by itself. 204: nothing did. A new state draws the whole page anew."""
    here = followed(request, key)
    shown = here.progress()
    if shown.digest == request.GET.get("seen"):
        return HttpResponse(status=204)
    if here.case.state != request.GET.get("state"):
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "rights/progress.html", {"case": here.case, "key": key, "shown": shown})


@require_POST
@private
def new_code(request: HttpRequest, key: str) -> HttpResponse:
    here = followed(request, key)
    if here.case.state != Case.State.UNPROVEN:
        messages.warning(request, too_late(here.case, "No new code is needed."))
        return redirect("request", key)
    sent = actions.resend_code(here.case, by=here.by, at=timezone.now())
    here.case.refresh_from_db()
    tell_about(request, here.case, sent)
    return redirect("request", key)


@require_http_methods(["GET", "HEAD", "POST"])
@private
def withdraw(request: HttpRequest, key: str) -> HttpResponse:
    here = followed(request, key)
    if request.method != "POST":
        if here.case.state in MAY["withdraw"]:
            return render(request, "rights/withdraw.html", {"case": here.case, "key": key})
        messages.warning(request, too_late(here.case, NOT_WITHDRAWN))
        return redirect("request", key)
    try:
        actions.withdraw_case(here.case, by=here.by, at=timezone.now())
    except NotNow:
        here.case.refresh_from_db()
        messages.warning(request, too_late(here.case, NOT_WITHDRAWN))
    else:
        messages.success(request, "Your request is withdrawn. Nothing was sent or erased.")
    return redirect("request", key)


NOT_WITHDRAWN = "It is too late to withdraw."


def too_late(case: Case, first: str) -> str:
    """What is to be said of a button pressed too late, and then what happens now."""
    match case.state:
        case Case.State.WITHDRAWN:
            return "You have withdrawn this request already. Nothing was sent or erased."
        case Case.State.EXPIRED | Case.State.CLOSED:
            return "This request has ended. Nothing more happens to it."
        case Case.State.REFUSED:
            return f"{first} We have refused this request, and told you why."
        case Case.State.ANSWERED:
            return f"{first} {answer_of(case.right).done}, and you have our answer."
        case Case.State.ANSWERING:
            return f"{first} {answer_of(case.right).doing}, and mail you when it is done."
        case _:
            return f"{first} Your request is under way, and this page shows how far it is."
