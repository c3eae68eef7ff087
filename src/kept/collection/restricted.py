"""Mails, letters and notes of somebody whose data are restricted: first the ground of the law, then the words.

GDPR Art. 18(2) knows four grounds. Which one somebody has is asked once for each thing and session, and kept with
each look.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render

from kept.use.errors import IsRestricted
from kept.use.forms import GroundForm

GROUNDS = "looking despite"  # in the session: what is looked at -> the ground


@dataclass(frozen=True)
class Thing:
    """What is looked at: its id, what a page calls it, and the addresses of the register, of it, and of the answer."""

    id: str
    title: str  # "mail of 3 May 2026"
    verb: str  # "Read the mail"
    register: tuple[str, str]  # its title and its address
    here: str
    answer: str  # where the ground is sent to


def shown(
    request: HttpRequest, thing: Thing, look: Callable[[str], object], page: Callable[[], HttpResponseBase]
) -> HttpResponseBase:
    """The page, once `look` has written the look down; where it raises IsRestricted, the question for the ground."""
    try:
        look(request.session.get(GROUNDS, {}).get(thing.id, ""))
    except IsRestricted:
        return _question(request, thing, GroundForm(), 200)
    return _kept_private(page())


def answered(request: HttpRequest, thing: Thing) -> HttpResponseBase:
    """Somebody has said on which ground they look."""
    form = GroundForm(request.POST)
    if not form.is_valid():
        return _question(request, thing, form, 422)
    given: dict[str, str] = request.session.get(GROUNDS, {})
    request.session[GROUNDS] = {**given, thing.id: form.cleaned_data["despite"]}
    return redirect(thing.here)


def _question(request: HttpRequest, thing: Thing, form: GroundForm, status: int) -> HttpResponseBase:
    context = {"thing": thing, "form": form}
    return _kept_private(render(request, "collection/restricted.html", context, status=status))


def _kept_private(answer: HttpResponseBase) -> HttpResponseBase:
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
