"""One mail's verdicts, and who gave them."""

from __future__ import annotations

import ipaddress
import warnings
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Literal, TypedDict

import dkim

from kept.collection.mail.authentication.dmarc import verdict
from kept.collection.mail.authentication.resolver import DnsFailed, Resolver
from kept.collection.mail.authentication.results import results_of
from kept.collection.mail.parsing.headers import fields_of, split_head, text_of

with warnings.catch_warnings():  # its source is older than today's rules for escapes in texts
    warnings.simplefilter("ignore")
    import spf

Verdict = Literal["pass", "fail", "none", "temperror"]
OWN = "own check"
NOBODY = "nobody"
MOST_SIGNATURES = 5
SHORTEST_KEY = 1024  # bits; RFC 8301
# What a signature that nobody made with care may let the library run into.
BROKEN = (dkim.DKIMException, ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError)

_asked: ContextVar[Resolver] = ContextVar("resolver")


class Verdicts(TypedDict, total=False):
    dkim: str
    spf: str
    dmarc: str
    by: str  # "own check", "nobody", or the name of our border


def check(
    raw: bytes, sender: str, envelope: Mapping[str, object], resolver: Resolver | None, authserv: str = ""
) -> Verdicts:
    """`sender`: the address in From. `authserv`: whose Authentication-Results are believed; then nothing else is asked.

    All other such fields are passed over: anybody can write them.
    """
    if authserv:
        fields, _ = fields_of(split_head(raw)[0])
        told = results_of((text_of(value) for name, value in fields if name == "authentication-results"), authserv)
        by, told = (NOBODY, {}) if told is None else (authserv, told)
        return Verdicts(
            dkim=told.get("dkim", "none"), spf=told.get("spf", "none"), dmarc=told.get("dmarc", "none"), by=by
        )
    if resolver is None:
        return Verdicts(dkim="none", spf="none", dmarc="none", by=NOBODY)
    signed, signers = _dkim(raw, resolver)
    sent, by = _spf(envelope, resolver)
    try:
        author = sender.rpartition("@")[2]
        found = verdict(author, signers, by if sent == "pass" else "", resolver) if author else "none"
    except DnsFailed:
        found = "temperror"
    return Verdicts(dkim=signed, spf=sent, dmarc=found, by=OWN)


def _dkim(raw: bytes, resolver: Resolver) -> tuple[Verdict, list[str]]:
    """The best of the first five signatures, and the domains whose signature is good. RFC 6376, 8463."""
    try:
        mail = dkim.DKIM(raw, minkey=SHORTEST_KEY)
        count = sum(name.lower() == b"dkim-signature" for name, _ in mail.headers)
    except BROKEN:
        return "none", []
    good: list[str] = []
    unsure = False

    def txt(name: bytes, timeout: int = 5) -> bytes | None:
        found = [one for one in resolver.ask(name.decode("ascii", "replace"), "TXT") if isinstance(one, bytes)]
        return found[0] if found else None

    for index in range(min(count, MOST_SIGNATURES)):
        try:
            if mail.verify(idx=index, dnsfunc=txt):
                good.append(mail.domain.decode("ascii", "replace").lower())
        except DnsFailed:
            unsure = True
        except BROKEN:
            continue
    return "pass" if good else "temperror" if unsure else "fail" if count else "none", good


def _spf(envelope: Mapping[str, object], resolver: Resolver) -> tuple[Verdict, str]:
    """Of whoever handed the mail to us, where that is no machine of our own; and the domain it speaks for. RFC 7208."""
    peer, helo = str(envelope.get("peer") or ""), str(envelope.get("helo") or "")
    try:
        if not peer or not ipaddress.ip_address(peer).is_global:
            return "none", ""
    except ValueError:
        return "none", ""
    sender = str(envelope.get("sender") or "") or f"postmaster@{helo}"
    _asked.set(resolver)
    try:
        result, _ = spf.check2(i=peer, s=sender, h=helo, querytime=15)
    except DnsFailed:
        return "temperror", ""
    except (spf.TempError, spf.PermError, ValueError, IndexError, UnicodeError):
        return "fail", ""
    words: dict[str, Verdict] = {"pass": "pass", "fail": "fail", "softfail": "fail", "temperror": "temperror"}
    return words.get(result, "fail" if result == "permerror" else "none"), sender.rpartition("@")[2].lower()


def _lookup(name: str, kind: str, strict: bool = True, timeout: float = 20) -> list[tuple[tuple[str, str], object]]:
    """What the library asks its DNS with."""
    records = _asked.get().ask(name, kind) if kind in ("A", "AAAA", "MX", "TXT", "PTR") else []
    return [((name, kind), (one,) if kind == "TXT" else one) for one in records]


spf.DNSLookup = _lookup
