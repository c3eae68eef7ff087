"""What a copy still lacks: its texts have to be looked through for what they say about others. GDPR Art. 15(4)."""

from __future__ import annotations

from kept.rights.flows import COPIES
from kept.rights.models import Case
from kept.rights.ready import before_approval
from kept.work.models import Step

NOT_YET = "The texts are still being looked through for what they say about others. This takes a moment."


def register() -> None:
    for right in COPIES:
        before_approval(right, lacking)


def lacking(case: Case) -> str:
    under_way = Step.objects.filter(name="rights.search_texts", about=case.pk)
    return NOT_YET if under_way.filter(state__in=[Step.State.WAITING, Step.State.RUNNING]).exists() else ""
