"""Letters of ours: printed by the browser, posted by staff, and marked with the day."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kept.people.access import SignedInRequest, actor_of, role_required
from kept.people.step_up import step_up
from kept.rights import actions
from kept.rights.actions.posting import file_taken
from kept.rights.clocks import office_day
from kept.rights.errors import BadPostDay, NotNow
from kept.rights.reach.models import PaperLetter
from kept.rights.staff_access import package_to_print, paper_on_desk, papers
from kept.rights.staff_forms import PostedForm
from kept.vault.errors import VaultError

STAFF = role_required("support", "privacy_officer")
State = PaperLetter.State
PAGE = 50
FILTERS = (
    ("todo", "To post", "No letter waits to be posted.", (State.WAITING,)),
    ("posted", "Posted", "No letter was posted yet.", (State.POSTED, State.VOID)),
)
WHAT = {  # by its template
    "rights/code": "a code",
    "rights/proof_code": "a code",
    "rights/document": "that a document is needed",
    "rights/received": "that it is under way",
    "rights/extended": "that it takes longer",
    "rights/withdrawn": "that it was withdrawn",
    "rights/joined": "that two are one",
}
MARKS = {State.WAITING: "waiting", State.POSTED: "done", State.VOID: "none"}


@require_safe
@STAFF
def paper_letters(request: SignedInRequest) -> HttpResponse:
    asked = request.GET.get("show", "")
    name, _, empty, states = next((one for one in FILTERS if one[0] == asked), FILTERS[0])
    page = Paginator(papers(request.user, states), PAGE).get_page(request.GET.get("page"))
    context = {
        "show": name,
        "empty": empty,
        "page": page,
        "lines": [(one, MARKS[State(one.state)], what_of(one)) for one in page],
        "filters": [(each[0], each[1], papers(request.user, each[3]).count()) for each in FILTERS],
    }
    return render(request, "rights/papers.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@STAFF
def paper_letter(request: SignedInRequest, letter_id: UUID) -> HttpResponse:
    """The letter as it is printed, and below it the day on which it was posted."""
    found = paper_on_desk(request.user, letter_id)
    at, by = timezone.now(), actor_of(request)
    form = PostedForm(request.POST if request.method == "POST" else None, initial={"on": office_day(at)})
    if request.method == "POST" and form.is_valid():
        try:
            actions.paper_posted(found, form.cleaned_data["on"], by=by, at=at)
        except BadPostDay as problem:
            form.add_error("on", str(problem))
        except NotNow:
            messages.warning(request, "This letter is no longer needed. Nothing was changed.")
            return redirect("paper_letter", letter_id)
        else:
            messages.success(request, "Noted as posted.")
            return redirect("paper")
    found = actions.paper_seen(found, by=by, at=at)
    try:
        words = {"to": found.to, "subject": found.subject, "text": found.text}
    except VaultError:
        words = {}
    context = words | {
        "letter": found,
        "form": form,
        "what": what_of(found),
        "mark": MARKS[State(found.state)],
        "day": office_day(found.written_at),
        "gone": found.key is None,
        "to_print": found.package is not None and found.state == State.WAITING,
    }
    answer = render(request, "rights/paper.html", context, status=422 if form.errors else 200)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@require_POST
@STAFF
def not_posted(request: SignedInRequest, letter_id: UUID) -> HttpResponse:
    """It is not needed: the person came by, say."""
    found = paper_on_desk(request.user, letter_id)
    try:
        actions.paper_void(found, by=actor_of(request), at=timezone.now())
    except NotNow:
        messages.warning(request, "It was posted already. Nothing was changed.")
    else:
        messages.success(request, "It is not posted.")
    return redirect("paper")


@require_POST
@role_required("privacy_officer")
@step_up
def file_to_print(request: SignedInRequest, letter_id: UUID) -> HttpResponseBase:
    """The file that goes with the letter, to be printed or put on a medium: the person has no way to fetch it."""
    found = paper_on_desk(request.user, letter_id)
    package, file = package_to_print(request.user, found)
    try:
        file_taken(found, package, by=actor_of(request), at=timezone.now())
    except BaseException:
        file.close()
        raise
    answer = FileResponse(
        file, as_attachment=True, filename=f"{found.case.reference}.zip", content_type="application/zip"
    )
    answer.headers["Content-Length"] = str(package.size)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def what_of(letter: PaperLetter) -> str:
    """What it says, in a few words and without naming anybody."""
    return WHAT.get(letter.about, "our answer" if letter.about.startswith("rights/answered") else "news of the request")
