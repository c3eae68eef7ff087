"""Every mail and every letter of a case goes through here: to its person, in their language, sealed with the case."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field
from datetime import datetime

from kept.post.models import Message
from kept.post.outbox import on_paper, send
from kept.rights.codes import status_link
from kept.rights.mandates.access import mandate_of
from kept.rights.mandates.models import Mandate
from kept.rights.models import Case, Package
from kept.rights.reach.models import PaperLetter, Reach
from kept.rights.wording import asked_for, wish
from kept.vault.keys import make_key


@dataclass(frozen=True)
class Addressee:
    """Whom we write to: by e-mail where there is an address, else on paper."""

    name: str = field(repr=False)
    email: str = field(repr=False)
    postal: str = field(default="", repr=False)
    phone: str = field(
        default="", repr=False
    )  # where there is no postal address either: somebody calls and reads it out

    def on_envelope(self) -> str:
        """Name and address, line by line."""
        return "\n".join(line for line in (self.name, self.postal or f"by telephone: {self.phone}") if line)


def addressee_of(case: Case) -> Addressee:
    """To whom we write about the case: to whoever asks for the person, where somebody does. Ask before it ends: then it
    has no address any more."""
    return _addressee(case, mandate_of(case))


def _addressee(case: Case, mandate: Mandate | None) -> Addressee:
    if mandate is not None:
        return Addressee(mandate.name, mandate.email, "" if mandate.email else mandate.postal)
    reach = None if case.email else Reach.objects.filter(case=case).first()
    if reach is None:
        return Addressee(case.name, case.email)
    return Addressee(case.name, "", reach.on_envelope(), reach.phone)


def tell(
    case: Case, mail: str, *, to: Addressee | None = None, key: int | None = None, at: datetime, **known: object
) -> Message | PaperLetter:
    """Write `mail/rights/<mail>` to the person of the case; who has no e-mail address gets the same, or
    `mail/rights/paper/<mail>`, by post. Inside an action.

    Each mail knows `case` (with the name of whoever reads it), `link` (of the person's page), `wish` (what they asked
    for, in words), `company`, and what `known` adds. `to`, `key`: where the case has just forgotten them. Raises
    BadAddress.
    """
    mandate = mandate_of(case)
    context = {
        "case": _greeting(case, mandate),
        "link": status_link(case.pk, case.token_hash),
        "wish": wish(case.right, case.language),
        "above": _above(case, mandate) if to is None else "",
        **known,
    }
    to = to or _addressee(case, mandate)
    if to.email or not (to.postal or to.phone):
        return send(
            to.email,
            f"rights/{mail}",
            context,
            about=case.pk,
            key=key or case.key_of_mails,
            language=case.language,
            at=at,
        )
    subject, text = on_paper(f"rights/{mail}", context, language=case.language)
    package = known.get("package")
    return PaperLetter.objects.create(
        case=case,
        key=make_key() if case.key is None else case.key,  # of an ended case: one of its own, until it is posted
        about=f"rights/{mail}",
        to=to.on_envelope(),
        subject=subject,
        text=text,
        package=package.pk if isinstance(package, Package) else None,
        written_at=at,
    )


def _greeting(case: Case, mandate: Mandate | None) -> Case:
    if mandate is None:
        return case
    read = copy(case)
    read.name = mandate.name
    return read


def _above(case: Case, mandate: Mandate | None) -> str:
    return asked_for(case.name, case.language) if case.name and mandate is not None else ""
