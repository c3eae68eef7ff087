"""The conversation on a request: its person's page, and the officer's."""

from __future__ import annotations

from contextlib import ExitStack
from urllib.parse import quote
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kept.people.access import SignedInRequest, actor_of, role_required
from kept.post.languages import LANGUAGES, language_of
from kept.rights.access import case_on_desk, may_decide
from kept.rights.errors import TooLong
from kept.rights.forms import CodeForm
from kept.rights.history import onlookers
from kept.rights.messages import actions
from kept.rights.messages.access import conversation, file_of, files_wanted, newest
from kept.rights.messages.errors import CannotWrite, NoFiles, Unread
from kept.rights.messages.forms import PickForm, WriteBackForm, WriteForm
from kept.rights.messages.rules import KINDS, LARGEST_FILE, MOST_A_DAY, WRITABLE
from kept.rights.messages.texts import text_for
from kept.rights.models import Case
from kept.rights.queue import Asked
from kept.rights.views.case import look
from kept.rights.views.codes import code_state, tell_about, why_not
from kept.rights.views.decide import another_decides
from kept.rights.views.desk import line
from kept.rights.views.private import private
from kept.rights.views.status import Followed, followed
from kept.security.sealed_files import FileUnreadable
from kept.security.uploads import Kept, UploadRefused, keep, open_kept, remove

OPENED = "messages"  # the session's word for the cases whose messages a code has opened here
ENDED = "This request has ended, so nobody reads messages here any more. Nothing was sent."
ENOUGH = f"You have sent {MOST_A_DAY} messages today. We read them all. Write again tomorrow; nothing of this was sent."


# The person's side


def may_read(request: HttpRequest, here: Followed) -> bool:
    """Whoever is signed in as the one who asked; anybody else with the link, after the mailed code."""
    return here.owner or str(here.case.pk) in request.session.get(OPENED, [])


def open_here(request: HttpRequest, case: Case) -> None:
    """This browser has shown the mailed code; until it is closed, the messages stay open in it."""
    request.session[OPENED] = [*request.session.get(OPENED, [])[-9:], str(case.pk)]


@require_http_methods(["GET", "HEAD", "POST"])
@private
def of_person(request: HttpRequest, key: str) -> HttpResponse:
    here = followed(request, key)
    if here.case.state == Case.State.UNPROVEN:
        return redirect("request", key)
    if not may_read(request, here):
        return _locked(request, here)
    wanted = files_wanted(here.case)
    sent = request.method == "POST"
    form = WriteBackForm(request.POST if sent else None, request.FILES if sent else None, files=wanted)
    if sent and form.is_valid() and (done := _write_back(request, here, form)):
        return done
    context = {
        "case": here.case,
        "key": key,
        "said": conversation(here.case, for_person=True),
        "form": form,
        "writable": here.case.state in WRITABLE and here.case.key is not None,
        "language": language_of(here.case.language),
    }
    return render(request, "case_messages/of_person.html", context)


def _write_back(request: HttpRequest, here: Followed, form: WriteBackForm) -> HttpResponse | None:
    """None: the form shows what is wrong. What was kept of files goes again unless the message stands."""
    kept: list[Kept] = []
    with ExitStack() as undone:
        try:
            for file in form.cleaned_data.get("files", ()):
                one = keep(file.file, file.name or "file", kinds=KINDS, most=LARGEST_FILE, key=here.case.key or 0)
                undone.callback(remove, one.place)
                kept.append(one)
            number, text = form.cleaned_data["number"], form.cleaned_data["text"]
            message = actions.write_back(here.case, text, kept, message_id=number, by=here.by, at=timezone.now())
        except UploadRefused as refused:
            form.add_error("files", f"{refused} No file was kept, and nothing was sent.")
            return None
        except CannotWrite as refused:
            messages.warning(request, ENOUGH if str(refused) == "today" else ENDED)
            return None if str(refused) == "today" else redirect("request", here.key)
        except (NoFiles, TooLong) as refused:
            form.add_error(None, str(refused) or "No file was asked for. Nothing was sent.")
            return None
        if {one.place for one in message.sent.all()} >= {one.place for one in kept}:
            undone.pop_all()
    messages.success(request, "We have your message. An officer reads it, and answers here and by mail.")
    return redirect("request_messages", here.key)


def _locked(request: HttpRequest, here: Followed) -> HttpResponse:
    """The words are shown to nobody who has only the link: it may have been passed on."""
    lock = getattr(here.case, "messages_code", None)
    now = timezone.now()
    sent = request.method == "POST"
    form = CodeForm(request.POST if sent else None, initial={"code": request.GET.get("code", "")[:12]})
    if request.method == "POST" and form.is_valid():
        if actions.check_code(here.case, form.cleaned_data["code"], by=here.by, at=now):
            open_here(request, here.case)
            return redirect("request_messages", here.key)
        if lock is not None:
            lock.refresh_from_db()
        form.add_error("code", why_not(lock, now) if lock is not None else "We have mailed no code yet.")
    state = code_state(lock, now) if lock is not None else {"works": False, "why_not": "", "more": True}
    context = {
        "case": here.case,
        "key": here.key,
        "form": form,
        "lock": lock,
        "can": here.case.key is not None,
        **state,
    }
    return render(request, "case_messages/locked.html", context)


@require_POST
@private
def code(request: HttpRequest, key: str) -> HttpResponse:
    here = followed(request, key)
    sent = actions.send_code(here.case, by=here.by, at=timezone.now())
    lock = getattr(here.case, "messages_code", None)
    if lock is not None:
        lock.refresh_from_db()
        tell_about(request, lock, sent)
    else:
        messages.warning(request, ENDED)
    return redirect("request_messages", key)


# The officer's side


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("privacy_officer")
@another_decides
def on_desk(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """Read what was said, and write. A text that is picked is a beginning: nothing is sent before it is sent."""
    case, now, by = case_on_desk(request.user, case_id), timezone.now(), actor_of(request)
    look(request, case)
    said = conversation(case)
    asked = Asked.of(request.GET.dict())
    form = _form(request, case)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            actions.write(
                case, typed["text"], message_id=typed["number"], language=typed["language"],
                files=typed["may_send_files"], seen=typed["seen"], by=by, at=now,
            )  # fmt: skip
        except Unread:
            form.add_error(None, "Something came since you opened this page. Read it below, and send again.")
            form.data = {**form.data.dict(), "seen": newest(case)}  # type: ignore[attr-defined]  # what was posted
        except CannotWrite:
            messages.warning(request, ENDED)
            return redirect("desk_case", case_id)
        except TooLong as refused:
            form.add_error("text", str(refused))
        else:
            messages.success(request, "Sent. The person has it by mail, and on their page.")
            return redirect(f"{reverse('desk_messages', args=[case_id])}?{asked.query}")
    actions.messages_read(case, by=by, at=now)
    pick = PickForm(initial={"pick": request.GET.get("pick"), "in_language": _language(request, case)})
    context = {
        "case": case, "line": line(case), "said": said, "form": form, "pick": pick, "asked": asked,
        "others": onlookers(case, request.user, now), "writable": case.state in WRITABLE and case.key is not None,
        "spoken": language_of(case.language), "hidden": [one for one in request.GET.items() if one[0] in vars(asked)],
    }  # fmt: skip
    return render(request, "case_messages/on_desk.html", context)


@require_safe
@role_required("privacy_officer")
def file_on_desk(request: SignedInRequest, case_id: UUID, file_id: UUID) -> HttpResponseBase:
    """A file that the person sent, as a download and never as a page."""
    case = case_on_desk(request.user, case_id)
    if not may_decide(request.user, case):
        raise Http404
    file = file_of(case, file_id)
    try:
        opened = open_kept(file.place, file.key or 0)
    except (FileUnreadable, UploadRefused, OSError):
        raise Http404 from None
    actions.file_handed_out(file, by=actor_of(request), at=timezone.now())
    answer = FileResponse(opened, content_type="application/octet-stream")
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file.name)}"
    answer.headers["Content-Length"] = str(file.size)
    return answer


def _form(request: SignedInRequest, case: Case) -> WriteForm:
    if request.method == "POST":
        return WriteForm(request.POST)
    language = _language(request, case)
    picked = request.GET.get("pick", "")
    initial = {
        "seen": newest(case),
        "language": language,
        "text": text_for(picked, case, language),
        "may_send_files": picked == "for_somebody_else",
    }
    return WriteForm(initial=initial)


def _language(request: SignedInRequest, case: Case) -> str:
    wanted = request.GET.get("in_language", "")
    return wanted if wanted in LANGUAGES else language_of(case.language).code
