"""Every mail of a case goes through here: to its person, in their language, sealed with the case."""

from __future__ import annotations

from datetime import datetime

from kept.post.models import Message
from kept.post.outbox import send
from kept.rights.codes import status_link
from kept.rights.models import Case
from kept.rights.wording import wish


def tell(case: Case, mail: str, *, to: str = "", key: int | None = None, at: datetime, **known: object) -> Message:
    """Write `mail/rights/<mail>` to the person of the case. Inside an action.

    Each mail knows `case`, `link` (of the person's page), `wish` (what they asked for, in words), `company`, and what
    `known` adds. `to`, `key`: where the case has just forgotten them. Raises BadAddress.
    """
    context = {
        "case": case,
        "link": status_link(case.pk, case.token_hash),
        "wish": wish(case.right, case.language),
        **known,
    }
    return send(
        to or case.email,
        f"rights/{mail}",
        context,
        about=case.pk,
        key=key or case.key_of_mails,
        language=case.language,
        at=at,
    )
