"""Asking the DNS: one small interface, so that tests answer from a server of their own."""

from __future__ import annotations

import time
from typing import Protocol

import dns.exception
import dns.name
import dns.resolver

SECONDS = 4.0  # for one question
ALL_SECONDS = 20.0  # for all questions of one mail


class DnsFailed(Exception):
    """The DNS gave no answer, so nobody knows whether there is one. Nothing was changed; asking again is safe."""


class Resolver(Protocol):
    def ask(self, name: str, kind: str) -> list[object]:
        """The records: TXT as bytes joined, MX as (preference, host), others as text. Raises DnsFailed."""


class ServerResolver:
    """Asks the machine's name server, or the one that is given."""

    def __init__(self, host: str = "", port: int = 53) -> None:
        self._resolver = dns.resolver.Resolver(configure=not host)
        if host:
            self._resolver.nameservers, self._resolver.port = [host], port
        self._resolver.lifetime = SECONDS
        self._until = time.monotonic() + ALL_SECONDS

    def ask(self, name: str, kind: str) -> list[object]:
        if time.monotonic() > self._until:
            raise DnsFailed("too many questions")
        try:
            answer = self._resolver.resolve(name.rstrip(".") + ".", kind)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except (
            dns.name.LabelTooLong,
            dns.name.EmptyLabel,
            dns.name.NameTooLong,
            dns.exception.SyntaxError,
            UnicodeError,
        ):
            return []  # there can be no such name
        except (dns.exception.DNSException, OSError) as problem:
            raise DnsFailed(type(problem).__name__) from None
        return [_record(one, kind) for one in answer]


def _record(data: object, kind: str) -> object:
    if kind == "TXT":
        return b"".join(data.strings)  # type: ignore[attr-defined]
    if kind == "MX":
        return data.preference, data.exchange.to_text(omit_final_dot=True)  # type: ignore[attr-defined]
    if kind in ("A", "AAAA"):
        return str(data.address)  # type: ignore[attr-defined]
    return str(data).rstrip(".")


def resolver_at(place: str) -> Resolver | None:
    """ "": the machine's own; "127.0.0.1:5353": that one; "off": nobody is asked."""
    if place == "off":
        return None
    host, _, port = place.rpartition(":") if ":" in place else (place, "", "53")
    try:
        return ServerResolver(host, int(port)) if place else ServerResolver()
    except (ValueError, dns.exception.DNSException, OSError):
        return None
