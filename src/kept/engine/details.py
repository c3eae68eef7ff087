"""Details of a person that can be put right, and what a correction says. GDPR Art. 16."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, get_args

import phonenumbers

from kept.engine.errors import NotACorrection, NotAnIdentifier
from kept.engine.identifiers import normal

Detail = Literal[
    "first_name",
    "last_name",
    "full_name",
    "email",
    "phone",
    "birth_date",
    "street",
    "postcode",
    "city",
    "country",
    "company",
]
DETAILS: tuple[Detail, ...] = get_args(Detail)
PARTS: frozenset[Detail] = frozenset({"first_name", "last_name"})  # of a full name
LONGEST = 200  # characters of any detail
EARLIEST = date(1880, 1, 1)  # nobody alive was born before


@dataclass(frozen=True)
class Correction:
    """One detail, what a record says of it now, and what it is to say. Made by `corrected`."""

    detail: Detail
    was: str | None = field(repr=False)  # None: whatever the person's own record says
    now: str = field(repr=False)


def corrected(detail: Detail, was: str | None, now: str, *, today: date, region: str | None = None) -> Correction:
    """A correction in the form in which it is written. `region`: country of telephone numbers without `+`.

    Raises NotACorrection; the message never repeats a value.
    """
    before = clean(was or "")
    after = _written(detail, clean(now), today, region)
    if _has_controls(before) or len(before) > LONGEST:
        raise NotACorrection(detail, "what is wrong is too long, or holds control characters")
    if before == after:
        raise NotACorrection(detail, "what is wrong and what is right are the same")
    return Correction(detail, before or None, after)


def must_agree(corrections: Sequence[Correction]) -> None:
    """Corrections that are carried out together. Raises NotACorrection."""
    if not corrections:
        raise NotACorrection("nothing", "say at least one detail that is to be put right")
    for detail in DETAILS:
        ours = [one for one in corrections if one.detail == detail]
        if len({one.now for one in ours}) > 1:
            raise NotACorrection(detail, "it can only become one thing")
        wrong = [same_form(detail, one.was) for one in ours if one.was is not None]
        if len(set(wrong)) < len(wrong) or len(ours) - len(wrong) > 1:
            raise NotACorrection(detail, "it is named twice")


def clean(text: str) -> str:
    """Without blanks around it, and one blank where there were several."""
    return re.sub(r"[ \t\u00a0]+", " ", unicodedata.normalize("NFC", text)).strip()


def same_form(detail: Detail, text: str, region: str | None = None) -> str:
    """Equal for two spellings of one thing: the case and the blanks of a name, the separators of a number."""
    plain = clean(text)
    try:
        if detail in ("email", "phone"):
            return normal(detail, plain, region=region).value
    except NotAnIdentifier:
        pass
    if detail == "birth_date":
        day = day_of(plain)
        return day.isoformat() if day else plain.casefold()
    if detail == "postcode":
        return re.sub(r"[\s-]", "", plain).casefold()
    return re.sub(r"\s+", " ", plain).casefold()


def day_of(text: str) -> date | None:
    """The day of a stored date or instant in ISO 8601; None: it is no such text, or no day."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d(?:[ T][\d:.+Z-]*)?", text):
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _written(detail: Detail, now: str, today: date, region: str | None) -> str:
    if not now:
        raise NotACorrection(detail, "say what is right; to have it removed is an erasure")
    if len(now) > LONGEST or _has_controls(now):
        raise NotACorrection(detail, f"at most {LONGEST} characters, on one line")
    if detail in ("email", "phone"):
        try:
            value = normal(detail, now, region=region).value
        except NotAnIdentifier as wrong:
            raise NotACorrection(detail, wrong.why) from None
        return value if detail == "email" else international(value)
    if detail == "birth_date":
        day = day_of(now)
        if day is None or len(now) != 10:
            raise NotACorrection(detail, "write it as year-month-day")
        if not EARLIEST <= day <= today:
            raise NotACorrection(detail, "nobody alive was born on that day")
        return now
    if not any(unicodedata.category(sign)[0] in "LN" for sign in now):
        raise NotACorrection(detail, "it holds no letter and no digit")
    if detail in ("first_name", "last_name", "full_name", "city", "country") and "@" in now:
        raise NotACorrection(detail, "it looks like an address of mail")
    return now


def international(e164: str) -> str:
    """A telephone number as people read it: +49 30 23125000."""
    return phonenumbers.format_number(phonenumbers.parse(e164), phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _has_controls(text: str) -> bool:
    return any(unicodedata.category(sign) in ("Cc", "Cs", "Co", "Zl", "Zp") for sign in text)
