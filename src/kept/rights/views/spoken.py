"""The lines of a person's page that count most, in their language: how it stands, until when, and what to do next.

The rest of the page is in English so far. GDPR Art. 12(1): in a form that the person can understand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils import formats, translation

from kept.post.languages import ENGLISH, Language, language_of
from kept.rights.models import Case
from kept.rights.proof.authority import is_being_read, is_mailbox_shown
from kept.rights.rules import OPEN
from kept.rights.standing import due_of
from kept.rights.timing.access import open_wait
from kept.rights.views.shown import was_refused
from kept.rights.wording import wording

State = Case.State


@dataclass(frozen=True)
class Spoken:
    language: Language
    lines: Sequence[str]


def spoken(case: Case, today: date, *, file: bool = False) -> Spoken | None:
    """`file`: one can be fetched now. None: the page is in their language as it is."""
    language = language_of(case.language)
    if language.code == ENGLISH:
        return None
    words = wording(language.code)["page"]
    with translation.override(language.code):
        day = formats.date_format(case.due_on, language.long_date)
    return Spoken(language, [str(words[one]).format(day=day) for one in _which(case, today, file)])


def _which(case: Case, today: date, file: bool) -> Sequence[str]:
    if case.state == State.UNPROVEN:
        return [_to_show(case), "due"]
    if case.state not in OPEN:
        over = "refused" if was_refused(case) else str(case.state)
        return ["answered" if over == State.CLOSED else over, *(["fetch"] if file else [])]
    standing = {State.SEARCHING: "searching", State.CONFIRMED: "carrying", State.ANSWERING: "carrying"}
    until = {"late": "late", "still": "still"}.get(due_of(case, today).mark, "due")
    return [
        standing.get(State(case.state), "deciding"),
        until,
        "answer_us" if open_wait(case) is not None else "nothing",
    ]


def _to_show(case: Case) -> str:
    """Of somebody who asks for another, with the code typed: what lets them is wanted, or read."""
    if not is_mailbox_shown(case):
        return "code"
    return "deciding" if is_being_read(case) else "show"
