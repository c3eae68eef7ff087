"""Texts that officers pick, in the person's language: `wording/<language>.toml`, table `reply`. They are changed freely
before they are sent."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils import formats, translation

from kept.post.languages import language_of
from kept.rights.models import Case
from kept.rights.wording import wording

# How officers call each of them.
TITLES: Mapping[str, str] = {
    "still_working": "We are still working on it",
    "which_data": "Which data do you mean?",
    "nothing_found": "We found nothing",
    "other_company": "Another company holds it",
    "kept_by_law": "A law keeps some of it",
    "how_to_fetch": "How to fetch the file",
    "for_somebody_else": "You ask for somebody else",
    "not_content": "You are not content with our answer",
    "thank_you": "Thank you for your message",
}


def text_for(name: str, case: Case, language: str) -> str:
    """The text, with the case's number and day filled in; "" for a name that is none of ours."""
    if name not in TITLES:
        return ""
    spoken = language_of(language)
    with translation.override(spoken.code):
        due = formats.date_format(case.due_on, spoken.long_date)
    text = str(wording(spoken.code)["reply"][name])
    return text.replace("{reference}", case.reference).replace("{due}", due).strip()
