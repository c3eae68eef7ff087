"""Where an account is signed in: which browser, from which range of addresses, and when it was seen last."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from allauth.account.adapter import get_adapter
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.http import HttpRequest

from kept.people.models import Account, Browser

SEEN_EVERY = timedelta(minutes=5)
UNKNOWN = "An unknown browser"

# What the browser says of itself, most special first: many say they are Chrome and Safari as well.
BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"), ("curl/", "curl"),
)  # fmt: skip
MACHINES = (
    ("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Macintosh", "Mac"),
    ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip


def note(request: HttpRequest, account: Account, at: datetime) -> None:
    """This browser is signed in and was seen just now."""
    hashed = hash_of(str(request.session.session_key))
    known = Browser.objects.filter(key_hash=hashed, account=account).first()
    if known is not None and at - known.last_seen_at < SEEN_EVERY:
        return
    seen = {"last_seen_at": at, "place": place_words(get_adapter().get_client_ip(request)),
            "ends_at": request.session.get_expiry_date()}  # fmt: skip
    if known is not None:
        Browser.objects.filter(pk=known.pk).update(**seen)
        return
    new = {**seen, "account": account, "signed_in_at": at, "device": device_words(request.headers.get("User-Agent"))}
    Browser.objects.get_or_create(key_hash=hashed, defaults=new)


def browsers_of(account: Account, at: datetime) -> QuerySet[Browser]:
    """Those still signed in, seen last on top."""
    return account.browsers.filter(ends_at__gt=at)


def is_this_one(browser: Browser, request: HttpRequest) -> bool:
    return browser.key_hash == hash_of(str(request.session.session_key))


def forget(account: Account, session_key: str = "") -> None:
    """What was signed out is on no list any more: one browser, or all of the account."""
    gone = Browser.objects.filter(account=account)
    (gone.filter(key_hash=hash_of(session_key)) if session_key else gone).delete()


def forget_ended(at: datetime) -> int:
    """Browsers that were signed out by time. Returns how many."""
    gone, _ = Browser.objects.filter(ends_at__lt=at).delete()
    return gone


def end_sessions(key_hashes: Collection[str]) -> int:
    """Sign these browsers out, at once. Returns how many. A session names nobody: its key is looked for among all."""
    wanted = set(key_hashes)
    keys = Session.objects.values_list("session_key", flat=True).iterator(chunk_size=5000)
    ended, _ = Session.objects.filter(session_key__in=[key for key in keys if hash_of(key) in wanted]).delete()
    return ended


def hash_of(session_key: str) -> str:
    return hashlib.sha256(session_key.encode()).hexdigest()


def device_words(agent: str | None) -> str:
    """“Firefox on Linux”. Not more: exact versions would help nobody to know their own browser."""
    agent = (agent or "")[:500]
    browser = next((name for mark, name in BROWSERS if mark in agent), "")
    machine = next((name for mark, name in MACHINES if mark in agent), "")
    if not browser:
        return f"An unknown browser on {machine}" if machine else UNKNOWN
    return f"{browser} on {machine}" if machine else browser


def place_words(address: str) -> str:
    """The range that an address is in, never the address: 256 of the old kind, one site of the new kind."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    ip = getattr(ip, "ipv4_mapped", None) or ip
    if ip.is_loopback:
        return "this machine"
    return str(ip_network((ip, 24 if ip.version == 4 else 48), strict=False))
