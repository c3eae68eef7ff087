"""Identifiers and their normal forms. Equal people have equal values, however they were typed or stored."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Callable
from datetime import date

import idna
import phonenumbers

from kept.engine.errors import NotAnIdentifier
from kept.terms import Identifier, Kind

LONGEST = 320  # an e-mail address: 64 + @ + 255


def normal(kind: Kind, text: str, *, scope: str = "", region: str | None = None) -> Identifier:
    """The identifier in its normal form. `region`: ISO country for phone numbers without `+`.

    Raises NotAnIdentifier; the message never repeats the text.
    """
    clean = unicodedata.normalize("NFC", text).strip()
    if not clean or len(clean) > LONGEST or any(unicodedata.category(sign) in ("Cc", "Cs") for sign in clean):
        raise NotAnIdentifier(kind, "empty, too long, or with control characters")
    if kind == "phone":
        return Identifier(kind, _phone(clean, region), scope)
    return Identifier(kind, _FORMS[kind](clean), scope)


def stored_forms(identifier: Identifier) -> list[str]:
    """The lower-case spellings under which a system may hold it: the normal one first."""
    value = identifier.value
    if identifier.kind == "email":
        local, _, host = value.rpartition("@")
        return _unique([value, f"{local}@{_shown(host)}"])
    if identifier.kind == "domain":
        return _unique([value, _shown(value)])
    if identifier.kind == "ip" and ":" in value:
        return _unique([value, ipaddress.ip_address(value).exploded])
    if identifier.kind == "phone":
        return phone_spellings(value)
    return [value.lower()]


def upper(text: str) -> str:
    """In capitals, as far as each letter has one of its own: ß is not SS, which is somebody else's name."""
    return "".join(_capital(sign) for sign in text)


def capital(text: str) -> str:
    """The first letter of each word in capitals."""
    return re.sub(r"(?<![^\W\d_])[^\W\d_]", lambda match: _capital(match.group()), text)


def _capital(sign: str) -> str:
    large = sign.upper()
    return large if len(large) == 1 and large.lower() == sign else sign


def phone_spellings(e164: str) -> list[str]:
    """How people write one number: international, national, with and without separators."""
    number = phonenumbers.parse(e164)
    forms = phonenumbers.PhoneNumberFormat
    spellings = [e164]
    for style in (forms.INTERNATIONAL, forms.NATIONAL):
        written = phonenumbers.format_number(number, style)
        spellings += [written, re.sub(r"[^\d+]", "", written), re.sub(r"[\s()./-]+", "-", written).strip("-")]
    spellings.append("00" + e164[1:])
    return _unique(spellings)


def _email(text: str) -> str:
    local, at, host = text.rpartition("@")
    if not at or not local or len(local) > 64 or re.search(r"[\s<>(),;:\\\"\[\]@]", local):
        raise NotAnIdentifier("email", "it needs one @ with a name before it")
    return f"{local.lower()}@{_domain(host, 'email')}"


def _domain(text: str, kind: Kind = "domain") -> str:
    name = text.rstrip(".").lower()
    try:
        ascii_name = idna.encode(name, uts46=True).decode()
    except (idna.IDNAError, UnicodeError) as problem:
        raise NotAnIdentifier(kind, "the domain cannot be read") from problem
    if "." not in ascii_name or len(ascii_name) > 253:
        raise NotAnIdentifier(kind, "the domain needs a dot and at most 253 characters")
    return ascii_name


def _phone(text: str, region: str | None) -> str:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as problem:
        raise NotAnIdentifier("phone", "start with + and the country code") from problem
    if not phonenumbers.is_possible_number(number):
        raise NotAnIdentifier("phone", "too short or too long for its country")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _ip(text: str) -> str:
    try:
        address = ipaddress.ip_address(text.strip("[]").partition("%")[0])
    except ValueError as problem:
        raise NotAnIdentifier("ip", "neither IPv4 nor IPv6") from problem
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return address.compressed


def name_form(text: str) -> str:
    """A name, or any line, without differences of case, width and gaps."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip().casefold()


def _birth_date(text: str) -> str:
    try:
        return date.fromisoformat(text[:10]).isoformat()
    except ValueError as problem:
        raise NotAnIdentifier("birth_date", "write it as year-month-day") from problem


def _street(text: str) -> str:
    """A street with its number, as one line: without a number it is a whole street's."""
    line = name_form(text)
    if not re.search(r"\d", line) or len(re.findall(r"[^\W\d_]", line)) < 4:
        raise NotAnIdentifier("street", "it needs a name and a number")
    return line


def _national_id(text: str) -> str:
    short = re.sub(r"[\s./-]+", "", text).upper()
    if not short:
        raise NotAnIdentifier("national_id", "nothing but separators")
    return short


def _shown(host: str) -> str:
    try:
        return str(idna.decode(host))
    except (idna.IDNAError, UnicodeError):
        return host


def _unique(values: list[str]) -> list[str]:
    return list(dict.fromkeys(value.lower() for value in values))


_FORMS: dict[Kind, Callable[[str], str]] = {
    "email": _email,
    "domain": _domain,
    "ip": _ip,
    "name": name_form,
    "birth_date": _birth_date,
    "national_id": _national_id,
    "street": _street,
    "username": str.lower,
    "customer_number": str.upper,
    "account": str,
}
