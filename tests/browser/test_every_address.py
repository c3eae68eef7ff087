"""Every page of every room, as somebody who may see it: no barrier, nothing spills, everything can be pressed.

The pages are those of the access walk, with its examples. They are shown in the browser as they were answered.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse
from harness import CHROMIUM, spills, violations
from playwright.sync_api import Route, sync_playwright
from test_access_walk import DEMO_TABLE, EXAMPLES, METHODS, TABLE, addresses, ask, ready, session_of
from test_every_page import LOOKS, SMALL_TARGETS

__all__ = ["ready"]

SHOTS = os.environ.get("KEPT_TEST_SHOTS")  # a folder: each page is drawn into it
SITE = "http://kept.example"
WHO = ("olga", "alice", "nobody", "sam", "erik")  # the first of them who gets a page
# Links of a list, a heading or an explanation stand in a line of text as well.
SMALL = SMALL_TARGETS.replace("p, td,", "p, td, th, li, dt, dd, h2, h3,")
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".png": "image/png"}


@dataclass(frozen=True)
class Shown:
    """One answer of the site, to be shown again."""

    body: bytes
    headers: dict[str, str]


@pytest.fixture
def every_page(ready, demo) -> dict[str, Shown]:
    """Route -> its page: answered with a text, or with a form that says what is missing."""
    names, found = addresses(), {}
    sessions = {who: session_of(who, ready) for who in WHO}
    for route, row in {**TABLE, **DEMO_TABLE}.items():
        who = next((one for one in WHO if row[one] in (200, 422)), None)
        if who is None:
            continue
        address = reverse(names[route], kwargs=EXAMPLES.get(route, lambda _: {})(ready))
        answer = ask(METHODS.get(route, "get"), address, sessions[who])
        if not answer.streaming and answer.content.startswith(b"<!doctype html>"):  # a whole page, no part of one
            policy = answer.headers.get("Content-Security-Policy", "")
            kept = {} if policy.startswith("sandbox") or "; sandbox" in policy else {"Content-Security-Policy": policy}
            found[route] = Shown(
                answer.content, {"Content-Type": "text/html; charset=utf-8", **kept}
            )  # axe is a script
    return found


@pytest.mark.parametrize("look", ["light", "dark phone"])
def test_every_page_of_every_room_can_be_read_and_pressed_by_everybody(look, every_page):
    assert len(every_page) > 150
    wrong = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        width, scheme = LOOKS[look]["width"], LOOKS[look]["color_scheme"]
        page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page.route("**/*", lambda route: answer(route, every_page))
        for number, route in enumerate(every_page):
            page.goto(f"{SITE}/page/{number}")
            if SHOTS:
                name = re.sub(r"[^a-z0-9]+", "-", route.strip("/")) or "home"
                page.screenshot(path=Path(SHOTS) / f"{name}-{look.replace(' ', '-')}.png", full_page=True)
            found = violations(page)
            if look == "dark phone":
                found += [f"{spills(page)} pixels too wide"] if spills(page) else []
                found += page.evaluate(SMALL)
            if found:
                wrong[route] = found
        browser.close()
    assert not wrong, "\n".join(f"{route}: {one}" for route, found in wrong.items() for one in found)


def answer(route: Route, every_page: dict[str, Shown]) -> None:
    """A page by its number, or one of our files. Whatever else a script asks for is not there."""
    path = urlsplit(route.request.url).path
    if path.startswith("/page/"):
        shown = list(every_page.values())[int(path.removeprefix("/page/"))]
        route.fulfill(status=200, body=shown.body, headers=shown.headers)
    elif file := finders.find(path.removeprefix("/static/")):
        route.fulfill(status=200, body=Path(file).read_bytes(), content_type=KINDS[Path(file).suffix])
    else:
        route.fulfill(status=404, body="")
