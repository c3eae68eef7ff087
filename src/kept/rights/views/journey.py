"""Asking: one question per page. What was answered so far is kept in the session only, until the request is sent."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any, TypedDict, cast

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from kept.people.access import display_name
from kept.people.models import Account
from kept.post.languages import language_of_browser
from kept.rights import actions
from kept.rights.access import case_by_token
from kept.rights.clocks import first_clock
from kept.rights.forms import RightForm, WhoForm
from kept.rights.homes import words_of
from kept.rights.mandate_forms import KINDS, ForAnotherForm, acting_of
from kept.rights.mandates.models import Mandate
from kept.rights.models import Case
from kept.rights.offered import RUNNING, offer_of
from kept.rights.particulars import particulars_of, said
from kept.rights.views.codes import code_form, code_state, key_of, tell_about
from kept.rights.views.once import locked_session, replace_in_session
from kept.rights.views.private import private
from kept.terms import Actor

ANSWERS = "asking"  # the session's word for what was answered so far
SENT = "asked"  # and for what was sent from this browser


class Answers(TypedDict, total=False):
    right: str
    asked: dict[str, Any]  # what was said beside the right: rights.particulars
    email: str
    name: str
    home: str  # where they say they live: rights.homes; "": not said
    acting: dict[str, str]  # who asks, where it is for somebody else: mandates.forms


class Sent(TypedDict):
    """The request sent from this browser. The link opens only once its code was typed here."""

    case: str
    token: str
    shown: str  # what the page showed from which it was sent: `mark_of`
    acting: bool  # for somebody else: whoever sent it follows it by its link only


ONE_LEFT = "The code is right. Now send us what shows that you may ask for them."
OTHER = "Nothing was sent. In another window you changed what you ask for. This is what you ask for now."
SENT_ALREADY = "Nothing was sent from that window: it showed something else. This is the request you sent last."
GONE = "Nothing was sent: we no longer have what you chose. Choose again, please."


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """What would you like us to do? A link may bring the answer along."""
    answers = answers_of(request)
    chosen = request.GET.get("right")
    form = RightForm(request.POST if request.method == "POST" else None, initial={"right": answers.get("right")})
    if chosen in [offer.name for offer in RUNNING]:
        return keep(request, of_right(answers, chosen))
    if request.method == "POST" and form.is_valid():
        return keep(request, of_right(answers, form.cleaned_data["right"]))
    return render(request, "rights/ask_right.html", {"form": form})


def of_right(answers: Answers, right: str) -> Answers:
    """What was said beside another right is not said beside this one."""
    kept = dict(answers)
    if answers.get("right") != right:
        kept.pop("asked", None)
    return cast(Answers, {**kept, "right": right})


@require_http_methods(["GET", "HEAD", "POST"])
@private
def more(request: HttpRequest) -> HttpResponse:
    """What exactly? Only where the right needs it said."""
    answers = answers_of(request)
    particulars = particulars_of(answers.get("right", ""))
    if particulars is None:
        return redirect(first_open(request, answers))
    form = particulars.Form(request.POST if request.method == "POST" else None, initial=answers.get("asked"))
    if request.method == "POST" and form.is_valid():
        return keep(request, {**answers, "asked": form.asked()})
    return render(request, "rights/ask_more.html", {"form": form, "title": particulars.TITLE})


@require_http_methods(["GET", "HEAD", "POST"])
@private
def who(request: HttpRequest) -> HttpResponse:
    """Who are you? Nobody who is signed in is asked."""
    answers = answers_of(request)
    if "right" not in answers or request.user.is_authenticated:
        return redirect(first_open(request, answers))
    first = {} if answers.get("acting") else dict(answers)
    form = WhoForm(request.POST if request.method == "POST" else None, initial=first)
    if request.method == "POST" and form.is_valid():
        said_so = {one: form.cleaned_data[one] for one in ("email", "name", "home")}
        return keep(request, cast(Answers, {**answers, **said_so, "acting": {}}))
    return render(request, "rights/ask_who.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@private
def for_another(request: HttpRequest) -> HttpResponse:
    """Whom do you ask for, and why may you? Who is signed in may, too."""
    answers = answers_of(request)
    if "right" not in answers:
        return redirect(first_open(request, answers))
    if request.method == "POST" and request.POST.get("do") == "for_me":
        return keep(request, of_self(answers))
    form = ForAnotherForm(request.POST if request.method == "POST" else None, initial=_first(request, answers))
    if request.method == "POST" and form.is_valid():
        said_so = {one: form.cleaned_data[one] for one in ("email", "name", "home")}
        return keep(request, cast(Answers, {**answers, **said_so, "acting": form.acting()}))
    context = {"form": form, "acting": answers.get("acting")}
    return render(request, "mandates/ask_for_another.html", context)


def of_self(answers: Answers) -> Answers:
    """What was said of the other person goes."""
    return cast(Answers, {one: kept for one, kept in answers.items() if one in ("right", "asked")})


def _first(request: HttpRequest, answers: Answers) -> dict[str, str]:
    """What the form shows at first: what was said, and whoever is signed in as the one who asks."""
    acting, account = answers.get("acting") or {}, account_of(request)
    own = {"own_name": account.name, "own_email": account.email} if account else {}
    if not acting:
        return own
    theirs = {one: str(answers.get(one, "")) for one in ("email", "name", "home")}
    return theirs | {"kind": acting["kind"], "own_name": acting["name"], "own_email": acting["email"]}


@require_http_methods(["GET", "HEAD", "POST"])
@private
def check(request: HttpRequest) -> HttpResponse:
    """Check what you answered, and send it. Sent twice, it is one request."""
    answers = answers_of(request)
    if request.method == "POST":
        return send(request)
    way = first_open(request, answers)
    if way != "ask_check":
        return redirect(way)
    account, acting = asking(request, answers), answers.get("acting")
    context = {
        "acting": acting,
        "why": dict(KINDS)[Mandate.Kind(acting["kind"])] if acting else "",
        "offer": offer_of(answers["right"]),
        "email": account.email if account else answers["email"],
        "name": answers.get("name"),
        "called": display_name(account) if account else "",
        "home": words_of(answers.get("home", "")) if not account else "",
        "due": first_clock(timezone.now(), answers["right"], home=home_of(answers, account))[1].due_on,
        "said": said(answers["right"], answers.get("asked", {})),
        "shown": mark_of(answers, account),
    }
    return render(request, "rights/ask_check.html", context)


def mark_of(answers: Answers, account: Account | None) -> str:
    """A mark of what the check page shows. It comes back with the form, so that nothing else is sent than was seen."""
    who = [str(account.pk), account.email, account.name] if account else [answers["email"], answers.get("name", "")]
    what = [answers["right"], answers.get("asked", {}), home_of(answers, account), answers.get("acting") or {}]
    return sha256(json.dumps([*what, *who], sort_keys=True).encode()).hexdigest()[:32]


def send(request: HttpRequest) -> HttpResponse:
    """Open the case, once: what was answered leaves the session in the transaction that opens it."""
    with transaction.atomic():
        stored = locked_session(request)
        answers = cast(Answers, stored.get(ANSWERS, {}))
        way = first_open(request, answers)
        account, came = asking(request, answers), request.POST.get("shown", "")
        if not answers and SENT in stored:
            if came != stored[SENT].get("shown"):
                messages.warning(request, SENT_ALREADY)
            return redirect(after_sending(request, stored[SENT]))
        if way != "ask_check":
            messages.warning(request, GONE)
            return redirect(way)
        shown = mark_of(answers, account)
        if came != shown:
            messages.warning(request, OTHER)
            return redirect("ask_check")
        signed_in = account_of(request)
        opened = actions.open_case(
            answers["right"],
            account.email if account else answers["email"],
            name=account.name if account else answers.get("name", ""),
            account=account,
            acting=acting_of(answers.get("acting")),
            asked=answers.get("asked"),
            home=home_of(answers, account),
            language=language_of_browser(request.headers.get("Accept-Language", "")),
            channel="client_area" if signed_in else "web",
            by=signed_in.actor if signed_in else Actor("person"),
            at=timezone.now(),
        )
        sent = Sent(case=str(opened.case.pk), token=opened.token, shown=shown, acting=bool(answers.get("acting")))
        replace_in_session(request, ANSWERS, SENT, sent)
    if account:
        messages.success(request, "Your request is sent. We mailed you the link to this page.")
    return redirect(after_sending(request, request.session[SENT]))


def after_sending(request: HttpRequest, sent: Sent) -> str:
    theirs = account_of(request) is not None and not sent.get("acting")
    return reverse("request", args=[sent["case"]]) if theirs else reverse("ask_sent")


def home_of(answers: Answers, account: Account | None) -> str:
    """Nobody who is signed in is asked: what systems know of it stands before the officer."""
    return "" if account else answers.get("home", "")


def asking(request: HttpRequest, answers: Answers) -> Account | None:
    """Whoever is signed in and asks for themselves."""
    return None if answers.get("acting") else account_of(request)


def account_of(request: HttpRequest) -> Account | None:
    return request.user if isinstance(request.user, Account) else None


def answers_of(request: HttpRequest) -> Answers:
    return cast(Answers, dict(request.session.get(ANSWERS, {})))


def keep(request: HttpRequest, answers: Answers) -> HttpResponse:
    """Remember the answers and go to the first question that is still open."""
    request.session[ANSWERS] = dict(answers)
    return redirect(first_open(request, answers))


def first_open(request: HttpRequest, answers: Answers) -> str:
    if "right" not in answers:
        return "ask"
    if particulars_of(answers["right"]) is not None and not answers.get("asked"):
        return "ask_more"
    return "ask_check" if request.user.is_authenticated or answers.get("email") else "ask_who"


@require_http_methods(["GET", "HEAD", "POST"])
@private
def sent(request: HttpRequest) -> HttpResponse:
    """The request is in; the code from the mail is typed here, and opens its page."""
    case = sent_case(request)
    if case is None:
        return redirect("ask")
    by = Actor("person", str(case.pk))
    if case.state != Case.State.UNPROVEN:
        return render(request, "rights/ask_went_on.html")
    form, proven = code_form(request, case, by)
    if proven:
        request.session.pop(SENT, None)
        left = case.state == Case.State.UNPROVEN
        messages.success(request, ONE_LEFT if left else "Thank you. Now we search for you.")
        return redirect("request", key_of(case.joined or case, owner=False))
    context = {"case": case, "form": form, "offer": offer_of(case.right), **code_state(case, timezone.now())}
    return render(request, "rights/ask_sent.html", context)


@require_POST
@private
def sent_again(request: HttpRequest) -> HttpResponse:
    case = sent_case(request)
    if case is None:
        messages.warning(request, GONE)
        return redirect("ask")
    if case.state != Case.State.UNPROVEN:
        return redirect("ask_sent")
    mailed = actions.resend_code(case, by=Actor("person", str(case.pk)), at=timezone.now())
    case.refresh_from_db()
    tell_about(request, case, mailed)
    return redirect("ask_sent")


def sent_case(request: HttpRequest) -> Case | None:
    """The case sent from this browser. It is shown only as far as the one who sent it knows it anyway."""
    known = request.session.get(SENT)
    if known is None:
        return None
    try:
        return case_by_token(known["token"])
    except Http404:
        return None
