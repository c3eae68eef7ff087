"""In which language a person is written to: an officer sees from their letters which one it should be. Art. 12(1)."""

from __future__ import annotations

from datetime import datetime

from kept.post.languages import LANGUAGES
from kept.rights.actions.steps import locked, must_be_officer
from kept.rights.errors import NotNow, WrongChoice
from kept.rights.models import Case
from kept.security.ledger import action, record, unchanged
from kept.terms import Actor


@action
def change_language(case: Case, language: str, *, by: Actor, at: datetime) -> Case:
    """What is written from now on is in that language; what has left stays as it is.

    Raises NotNow once the case has ended, MayNot, WrongChoice.
    """
    case = locked(case)
    must_be_officer(by)
    if case.key is None:
        raise NotNow(case.state)
    if language not in LANGUAGES:
        raise WrongChoice
    if language == case.language:
        unchanged()
        return case
    before, case.language = case.language, language
    case.save(update_fields=["language"])
    record("rights.language_changed", case, by=by, at=at, before=before, language=language)
    return case
