"""The register of letters: which came in, one of them with its scan, and what was done with it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

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
def letter(request: SignedInRequest, letter_id: UUID) -> HttpResponse:
    found = access.letter_on_desk(request.user, letter_id)
    letter_looked_at(found, by=actor_of(request), at=timezone.now())
    return _page(request, found, SettleForm())


@require_POST
@STAFF
def settle(request: SignedInRequest, letter_id: UUID) -> HttpResponse:
    """It is no request."""
    found = access.letter_on_desk(request.user, letter_id)
    form = SettleForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form, status=422)
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
    file = access.file_of(one)
    try:
        letter_looked_at(found, scan=number, by=actor_of(request), at=timezone.now())
        answer = FileResponse(file, as_attachment=True, filename=one.name, content_type="application/octet-stream")
    except BaseException:
        file.close()
        raise
    answer.headers["Content-Length"] = str(one.size)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


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
    answer = render(request, "collection/letter.html", context, status=status)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
