"""The address of another site, as people type it and as it is stored: "https://other.example"."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings

from kept.security.fetch import PORTS, NotAllowed, checked


def allowed() -> frozenset[str]:
    """ "host:port" that may be inside the company's network."""
    return frozenset(settings.FETCH_ALLOWED)


def plain_to(origin: str) -> bool:
    """Whether a site may be reached without encryption: only this machine itself, where the settings allow it."""
    try:
        parts = urlsplit(origin)
        host, port = parts.hostname or "", parts.port or PORTS.get(parts.scheme, 0)
    except ValueError:
        return False
    return f"{host}:{port}" in allowed() and (host == "localhost" or _is_loopback(host))


def origin_of(typed: str) -> str:
    """What was typed, as "scheme://host", with its port where it is none of the usual.

    Raises NotAllowed for what is no site that we would talk to; the message says why and repeats nothing.
    """
    text = typed.strip()
    if "://" not in text:
        text = f"https://{text}"
    parts, port = checked(text, allowed(), plain=plain_to(text))
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise NotAllowed("Give the address of the site alone, such as https://other.example.")
    host = f"[{parts.netloc}]" if ":" in parts.netloc else parts.netloc.lower()
    origin = f"{parts.scheme}://{host}" + ("" if port == PORTS[parts.scheme] else f":{port}")
    if origin == settings.SITE_URL:
        raise NotAllowed("This is our own site. Give the address of the other provider.")
    return origin


def host_of(origin: str) -> str:
    """What a page calls the site: its host, and its port where it has one."""
    return origin.partition("://")[2]


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
