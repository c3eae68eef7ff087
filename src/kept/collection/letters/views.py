"""The register of letters: which came in, one of them with its scan, and what was done with it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kept.collection import restricted
from kept.collection.letters import access
from kept.collection.letters.actions import letter_looked_at, register_letter, settle_letter
from kept.collection.letters.errors import LetterError, Settled
from kept.collection.letters.forms import LetterForm, SettleForm
from kept.collection.letters.models import Letter
from kept.people.access import SignedInRequest, actor_of, role_required
from kept.security.uploads import UploadRefused
from kept.vault.errors import VaultError

PAGE = 50
State = Letter.State
STAFF = role_required("support", "privacy_officer")
MEANWHILE = "Somebody has settled it meanwhile. Nothing was changed."
FILTERS = (
    ("todo", "To decide", "Nothing waits for you.", (State.TO_DECIDE,)),
    ("settled", "Settled", "No letter was settled yet.", (State.SETTLED,)),
)
MARKS = {State.TO_DECIDE: "waiting", State.SETTLED: "done"}


@require_safe
@STAFF
def letters(request: SignedInRequest) -> HttpResponse:
    asked = request.GET.get("show", "")
    name, _, empty, states = next((one for one in FILTERS if one[0] == asked), FILTERS[0])
    page = Paginator(access.letters(request.user, states), PAGE).get_page(request.GET.get("page"))
    context = {
        "show": name,
        "empty": empty,
        "page": page,
        "lines": [(one, MARKS[State(one.state)]) for one in page],
        "filters": [(each[0], each[1], access.letters(request.user, each[3]).count()) for each in FILTERS],
    }
    return render(request, "collection/letters.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@STAFF
def add(request: SignedInRequest) -> HttpResponse:
    """Register a letter with its scan."""
    posted = request.method == "POST"
    form = LetterForm(request.POST if posted else None, request.FILES if posted else None)
    if posted and form.is_valid():
        said, at = form.cleaned_data, timezone.now()
        files = [(one.file, one.name or "") for one in said["scans"]]
        try:
            letter = register_letter(
                said["received_on"], said["sender"], said["says"], files, by=actor_of(request), at=at
            )
        except (UploadRefused, LetterError) as refused:
            form.add_error("scans", str(refused))
        else:
            messages.success(request, "The letter is in the register. Now say what it asks for.")
            return redirect("letter", letter.pk)
    return render(request, "collection/letter_add.html", {"form": form}, status=422 if posted else 200)


@require_safe
@STAFF
def letter(request: SignedInRequest, letter_id: UUID) -> HttpResponseBase:
    found = access.letter_on_desk(request.user, letter_id)
    return _looked_at(request, found, lambda: _page(request, found, SettleForm()))


@require_POST
@STAFF
def ground(request: SignedInRequest, letter_id: UUID) -> HttpResponseBase:
    """The sender's data are restricted: on which ground of the law somebody reads it all the same."""
    return restricted.answered(request, _thing(access.letter_on_desk(request.user, letter_id)))


@require_POST
@STAFF
def settle(request: SignedInRequest, letter_id: UUID) -> HttpResponseBase:
    """It is no request."""
    found = access.letter_on_desk(request.user, letter_id)
    form = SettleForm(request.POST)
    if not form.is_valid():
        return _looked_at(request, found, lambda: _page(request, found, form, status=422))
    try:
        settle_letter(found, form.cleaned_data["how"], by=actor_of(request), at=timezone.now())
    except Settled:
        messages.error(request, MEANWHILE)
    else:
        messages.success(request, "The letter is settled.")
    return redirect("letter", letter_id)


@require_safe
@STAFF
def scan(request: SignedInRequest, letter_id: UUID, number: int) -> HttpResponseBase:
    """One scan, to be saved and opened: never shown as a page of ours."""
    found = access.letter_on_desk(request.user, letter_id)
    one = access.scan_of(found, number)
    with ExitStack() as opened:
        file = opened.enter_context(access.file_of(one))

        def saved() -> FileResponse:
            answer = FileResponse(file, as_attachment=True, filename=one.name, content_type="application/octet-stream")
            answer.headers["Content-Length"] = str(one.size)
            opened.pop_all()  # the answer closes it
            return answer

        return _looked_at(request, found, saved, scan=number)


def _looked_at(
    request: SignedInRequest, found: Letter, page: Callable[[], HttpResponseBase], *, scan: int | None = None
) -> HttpResponseBase:
    by, at = actor_of(request), timezone.now()

    def look(despite: str) -> None:
        letter_looked_at(found, scan=scan, despite=despite, by=by, at=at)

    return restricted.shown(request, _thing(found), look, page)


def _thing(found: Letter) -> restricted.Thing:
    title = f"letter of {date_format(found.received_on, 'j F Y')}"
    return restricted.Thing(
        str(found.pk), title, "Read the letter", ("Letters", reverse("letters")), reverse("letter", args=[found.pk]),
        reverse("letter_ground", args=[found.pk]),
    )  # fmt: skip


def _page(request: SignedInRequest, found: Letter, form: SettleForm, status: int = 200) -> HttpResponse:
    try:
        words = {"sender": found.sender, "says": found.says, "how": found.settled_how}
    except VaultError:
        words = {}
    context = words | {
        "letter": found,
        "mark": MARKS[State(found.state)],
        "scans": [one for one in found.scans.all() if one.place],
        "closed": found.key is None,
        "may_settle": found.state == State.TO_DECIDE,
        "form": form,
    }
    return render(request, "collection/letter.html", context, status=status)
