"""The inbox: which mails came in, and what a person makes of those that rules could not decide."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_POST, require_safe

from kept.collection import restricted
from kept.collection.mail import access
from kept.collection.mail.actions import add_item, decide, dismiss, mail_looked_at, settle_mail
from kept.collection.mail.errors import MailError, NobodyNamed
from kept.collection.mail.forms import ItemForm
from kept.collection.mail.models import InboundMail, MailItem
from kept.people.access import SignedInRequest, actor_of, role_required
from kept.terms import Actor
from kept.vault.errors import VaultError

Act = Callable[[Actor, datetime], object]
PAGE = 50
LONGEST_SHOWN = 50_000  # signs of a text on one page
State = InboundMail.State
READERS = role_required("support", "privacy_officer")
MEANWHILE = "Somebody has settled it meanwhile. Nothing was changed."
NOBODY = "That is no address that a request could be about. Nothing was changed."


@dataclass(frozen=True)
class Filter:
    name: str
    words: str
    empty: str
    states: tuple[str, ...]


FILTERS = (
    Filter("todo", "To decide", "Nothing waits for you.", access.TO_DO),
    Filter("waiting", "Being read", "Every mail was read.", (State.WAITING,)),
    Filter("settled", "Settled", "No mail was settled yet.", (State.SETTLED, State.COPY)),
    Filter("automatic", "Automatic", "No automatic mail came in.", (State.AUTOMATIC,)),
)
MARKS = {
    State.WAITING: "running", State.TO_DECIDE: "waiting", State.SETTLED: "done", State.AUTOMATIC: "none",
    State.COPY: "none", State.FAILED: "failed",
}  # fmt: skip
VERDICTS = {
    "pass": "comes from where it says", "fail": "does not come from where it says", "none": "nothing to go by",
    "temperror": "could not be asked",
}  # fmt: skip


@require_safe
@READERS
def inbox(request: SignedInRequest) -> HttpResponse:
    asked = request.GET.get("show", "")
    shown = next((one for one in FILTERS if one.name == asked), FILTERS[0])
    page = Paginator(access.mails(request.user, shown.states), PAGE).get_page(request.GET.get("page"))
    context = {
        "show": shown.name,
        "empty": shown.empty,
        "page": page,
        "lines": [(one, MARKS[State(one.state)], _asks(one)) for one in page],
        "filters": [(one, access.mails(request.user, one.states).count()) for one in FILTERS],
        "mailboxes": settings.MAILBOXES,
    }
    return render(request, "collection/inbox.html", context)


@require_safe
@READERS
def mail(request: SignedInRequest, mail_id: UUID) -> HttpResponseBase:
    found = access.mail_on_desk(request.user, mail_id)
    return _looked_at(request, found, lambda: _page(request, found))


def _looked_at(request: SignedInRequest, found: InboundMail, page: Callable[[], HttpResponse]) -> HttpResponseBase:
    by, at = actor_of(request), timezone.now()
    return restricted.shown(
        request, _thing(found), lambda despite: mail_looked_at(found, despite=despite, by=by, at=at), page
    )


@require_POST
@READERS
def ground(request: SignedInRequest, mail_id: UUID) -> HttpResponseBase:
    """The sender's data are restricted: on which ground of the law somebody reads it all the same."""
    return restricted.answered(request, _thing(access.mail_on_desk(request.user, mail_id)))


def _thing(found: InboundMail) -> restricted.Thing:
    title = f"mail of {date_format(found.received_at, 'j F Y, H:i')}"
    return restricted.Thing(
        str(found.pk), title, "Read the mail", ("Inbox", reverse("inbox")), reverse("inbox_mail", args=[found.pk]),
        reverse("inbox_ground", args=[found.pk]),
    )  # fmt: skip


def _read_again(
    request: SignedInRequest,
    found: InboundMail,
    *,
    changed: dict[UUID, ItemForm] | None = None,
    adding: ItemForm | None = None,
) -> HttpResponseBase:
    """A form that was refused is shown with the mail: that is a look, too."""
    return _looked_at(request, found, lambda: _page(request, found, changed=changed, adding=adding, status=422))


@require_POST
@READERS
def item(request: SignedInRequest, item_id: UUID) -> HttpResponseBase:
    found = access.item_on_desk(request.user, item_id)
    form = ItemForm(request.POST, prefix=str(found.pk), sender=_sender_of(found.mail))
    if request.POST.get("do") == "dismiss":
        return _done(request, found.mail, lambda by, at: dismiss(found, by=by, at=at), "It is no request.")
    if not form.is_valid():
        return _read_again(request, found.mail, changed={found.pk: form})
    said = form.cleaned_data
    return _done(request, found.mail, lambda by, at: decide(found, **said, by=by, at=at), "It is being opened.")


@require_POST
@READERS
def add(request: SignedInRequest, mail_id: UUID) -> HttpResponseBase:
    found = access.mail_on_desk(request.user, mail_id)
    form = ItemForm(request.POST, prefix="add", sender=_sender_of(found))
    if not form.is_valid():
        return _read_again(request, found, adding=form)
    said = form.cleaned_data
    return _done(request, found, lambda by, at: add_item(found, **said, by=by, at=at), "It is being opened.")


@require_POST
@READERS
def settle(request: SignedInRequest, mail_id: UUID) -> HttpResponse:
    found = access.mail_on_desk(request.user, mail_id)
    return _done(request, found, lambda by, at: settle_mail(found, by=by, at=at), "The mail is settled.")


def _sender_of(found: InboundMail) -> str:
    """ "": it does not say, or its words are gone."""
    try:
        return str(found.sender)
    except VaultError:
        return ""


def _done(request: SignedInRequest, found: InboundMail, act: Act, words: str) -> HttpResponse:
    try:
        act(actor_of(request), timezone.now())
    except NobodyNamed:
        messages.error(request, NOBODY)
    except MailError:
        messages.error(request, MEANWHILE)
    else:
        messages.success(request, words)
    return redirect("inbox_mail", found.pk)


def _page(
    request: SignedInRequest,
    found: InboundMail,
    *,
    changed: dict[UUID, ItemForm] | None = None,
    adding: ItemForm | None = None,
    status: int = 200,
) -> HttpResponse:
    try:
        words = {
            "subject": found.subject, "text": found.text[:LONGEST_SHOWN], "quoted": found.quoted[:LONGEST_SHOWN],
            "sender": found.sender, "name": found.sender_name, "details": found.details,
        }  # fmt: skip
    except VaultError:
        words = {"closed": True}
    items = [(one, _item_form(one, changed or {})) for one in found.items.all()]
    context = words | {
        "mail": found,
        "mark": MARKS[State(found.state)],
        "items": items,
        "adding": adding or ItemForm(prefix="add", initial={"person": words.get("sender", "")}),
        "verdicts": [
            (name.upper(), VERDICTS.get(found.verdicts.get(name, ""), "")) for name in ("dkim", "spf", "dmarc")
        ],
        "may_settle": found.state in access.TO_DO and not any(form for _, form in items),
        "may_add": found.key is not None and found.state not in (State.WAITING, State.COPY),
        "others": _others(found),
        "form": adding or next(iter((changed or {}).values()), None),
    }
    return render(request, "collection/mail.html", context, status=status)


def _item_form(one: MailItem, changed: dict[UUID, ItemForm]) -> ItemForm | None:
    if one.state != MailItem.State.PROPOSED:
        return None
    return changed.get(one.pk) or ItemForm(prefix=str(one.pk), initial={"wish": one.wish, "person": one.person})


def _others(found: InboundMail) -> list[InboundMail]:
    """The other mails of the conversation, without their words."""
    if found.thread is None:
        return []
    same = InboundMail.objects.filter(thread=found.thread).exclude(pk=found.pk)
    return list(same.only("pk", "received_at", "state").order_by("received_at")[:50])


def _asks(one: InboundMail) -> str:
    wishes = dict.fromkeys(item.get_wish_display() for item in one.items.all())
    return ", ".join(wishes) or one.automatic or ("" if one.state == State.WAITING else "nothing that a rule knows")
