"""Fetching what an address names, without being led into the company's own network (server-side request forgery).

The name is resolved once, every address it has must be a public one, and the connection goes to that very address:
a name that resolves differently a moment later changes nothing. Redirects are followed by hand, each checked like the
first. No proxy is used, no cookie sent, nothing packed accepted.

FetchError
├── NotAllowed    the address is not one we fetch from
├── Unreachable   no answer, or one that breaks off
├── TooSlow       the whole time was used up
├── TooBig        more bytes than allowed
└── BadAnswer     an answer that says no, or that cannot be followed
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final
from urllib.parse import SplitResult, urljoin, urlsplit

Address = IPv4Address | IPv6Address

PORTS: Final = {"https": 443, "http": 80}
REDIRECTS: Final = 3
LONGEST_URL: Final = 2_000
TRANSLATED: Final = IPv6Network("64:ff9b::/96")  # RFC 6052: an IPv4 address of the open internet
TRANSLATED_INSIDE: Final = IPv6Network("64:ff9b:1::/48")  # RFC 8215: within one network
SPECIAL: Final = tuple(  # for protocols, tests and translators; not every Python counts them as such
    ip_network(one)
    for one in ("192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "2001:2::/48", "3fff::/20", "5f00::/16")
)
PIECE: Final = 16_384


class FetchError(Exception):
    """Base of what a fetch refuses or meets. Nothing was changed here; messages hold no part of the answer."""


class NotAllowed(FetchError):
    """The address is not one we fetch from. Trying again helps only with another address."""


class Unreachable(FetchError):
    """No answer, or one that broke off. Trying again later is safe for what only reads."""


class TooSlow(Unreachable):
    """The answer was not there in the time allowed. Trying again later is safe for what only reads."""


class TooBig(FetchError):
    """The answer has more bytes than allowed. It was not read to its end."""


class BadAnswer(FetchError):
    """The server said no, or sent what cannot be followed. `status` is its number, `body` what it said with it."""

    def __init__(self, words: str, status: int = 0, body: bytes = b"") -> None:
        self.status, self.body = status, body
        super().__init__(words)


@dataclass(frozen=True)
class Answer:
    url: str  # where it came from in the end
    status: int
    kind: str  # the content type, without parameters
    body: bytes


def fetch(
    url: str,
    *,
    data: bytes | None = None,
    kind: str = "application/octet-stream",
    most: int = 1_000_000,
    seconds: float = 10.0,
    allowed: frozenset[str] = frozenset(),
    plain: bool = False,
) -> Answer:
    """Get what the address names, or with `data` send it there.

    `most`: bytes of the answer. `seconds`: for everything together, redirects included. `allowed`: "host:port" that may
    be inside the company's network (`settings.FETCH_ALLOWED`). `plain`: http is accepted beside https.
    Raises NotAllowed, Unreachable, TooSlow, TooBig, BadAnswer.
    """
    until = time.monotonic() + seconds
    for _ in range(REDIRECTS + 1):
        parts, port = checked(url, allowed, plain=plain)
        status, headers, body = _once(parts, port, data, kind, most, until, allowed)
        if status not in (301, 302, 303, 307, 308):
            if not 200 <= status < 300:
                raise BadAnswer(f"The server answered {status}.", status, body)
            return Answer(url, status, (headers.get("Content-Type") or "").partition(";")[0].strip().lower(), body)
        if data is not None:
            raise BadAnswer("The server sends us elsewhere, and what we send goes nowhere else.", status)
        target = headers.get("Location")
        if not target:
            raise BadAnswer("The server sends us elsewhere and does not say where.", status)
        url = urljoin(url, target)
    raise BadAnswer(f"The server sent us on more than {REDIRECTS} times.")


def checked(url: str, allowed: frozenset[str], *, plain: bool) -> tuple[SplitResult, int]:
    """The parts of an address we may fetch from, before its name is resolved. Raises NotAllowed."""
    if len(url) > LONGEST_URL or any(ord(letter) <= 32 or ord(letter) == 127 for letter in url):
        raise NotAllowed("This is no address: it is too long, or has spaces or control characters in it.")
    try:
        parts = urlsplit(url)
        port = parts.port
        host = (parts.hostname or "").encode("idna" if not (parts.hostname or "").isascii() else "ascii").decode()
    except (ValueError, UnicodeError):
        raise NotAllowed("This is no address.") from None
    if parts.scheme not in (("https", "http") if plain else ("https",)):
        raise NotAllowed("Only https addresses are fetched.")
    if parts.username is not None or parts.password is not None:
        raise NotAllowed("An address with a name and a password in it is not fetched.")
    if not host:
        raise NotAllowed("This address names no host.")
    port = port or PORTS[parts.scheme]
    if port != PORTS[parts.scheme] and f"{host}:{port}" not in allowed:
        raise NotAllowed("Only the usual ports are fetched from.")
    return parts._replace(netloc=host), port


def is_public(address: Address) -> bool:
    """Whether the address is one of the open internet; what is hidden in an IPv6 address counts as well."""
    if isinstance(address, IPv6Address):
        if address.scope_id:
            return False
        inside = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ()), _translated(address)]
        # ::a.b.c.d (IPv4-compatible, long given up) is not global either way
        if any(one is not None and not is_public(one) for one in inside):
            return False
        if address.ipv4_mapped is not None or address in TRANSLATED:
            return True
        if address.is_site_local:
            return False
    if any(address in network for network in SPECIAL if network.version == address.version):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def _translated(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address inside one of the translators' ranges (RFC 6052, RFC 8215)."""
    number = int(address)
    if address in TRANSLATED or address in TRANSLATED_INSIDE:
        return IPv4Address(number & 0xFFFF_FFFF)
    return None


def _resolve(host: str, port: int, allowed: frozenset[str]) -> Address:
    """One address of the name, asked for once; all of them must be public. Raises NotAllowed, Unreachable."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unreachable("This name has no address.") from None
    addresses = [ip_address(str(entry[4][0])) for entry in found]
    if f"{host}:{port}" not in allowed and not all(map(is_public, addresses)):
        raise NotAllowed("This address is inside a network of ours or of somebody's machine.")
    return addresses[0]


def _once(
    parts: SplitResult, port: int, data: bytes | None, kind: str, most: int, until: float, allowed: frozenset[str]
) -> tuple[int, http.client.HTTPMessage, bytes]:
    host = parts.netloc
    address = _resolve(host, port, allowed)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {"Host": host if port == PORTS[parts.scheme] else f"{host}:{port}", "Accept-Encoding": "identity",
               "User-Agent": "Kept", "Connection": "close"}  # fmt: skip
    if data is not None:
        headers["Content-Type"] = kind
    try:
        with _connected(str(address), port, host if parts.scheme == "https" else "", until) as raw:
            end = threading.Timer(_left(until), _hang_up, [raw])  # a server that drips never reaches a read's own limit
            end.daemon = True
            end.start()
            try:
                connection = http.client.HTTPConnection(host, port)
                connection.sock = raw
                connection.request("GET" if data is None else "POST", path, body=data, headers=headers)
                answer = connection.getresponse()
                return answer.status, answer.headers, _read(answer, most, until)
            finally:
                end.cancel()
    except TimeoutError:
        raise TooSlow("The answer did not come in time.") from None
    except (OSError, http.client.HTTPException, ValueError):
        if time.monotonic() >= until:
            raise TooSlow("The answer did not come in time.") from None
        raise Unreachable("There was no answer, or it broke off.") from None


def _connected(address: str, port: int, name: str, until: float) -> socket.socket:
    """A connection to that very address; with a name, encrypted and proven to be that name's."""
    raw = socket.create_connection((address, port), timeout=_left(until))
    if not name:
        return raw
    try:
        return ssl.create_default_context().wrap_socket(raw, server_hostname=name)
    except BaseException:
        raw.close()
        raise


def _hang_up(raw: socket.socket) -> None:
    with suppress(OSError):
        raw.shutdown(socket.SHUT_RDWR)


def _read(answer: http.client.HTTPResponse, most: int, until: float) -> bytes:
    """The body, piece by piece: neither its length nor the server's patience is believed."""
    declared = answer.getheader("Content-Length")
    if declared and declared.isdigit() and int(declared) > most:
        raise TooBig(f"The answer is larger than {most:,} bytes.")
    pieces: list[bytes] = []
    size = 0
    while True:
        piece = answer.read1(PIECE)
        _left(until)
        if not piece:
            if answer.length:
                raise Unreachable("The answer broke off.")
            return b"".join(pieces)
        size += len(piece)
        if size > most:
            raise TooBig(f"The answer is larger than {most:,} bytes.")
        pieces.append(piece)


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TooSlow("The answer did not come in time.")
    return left
