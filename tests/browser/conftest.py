"""`site` is up for the run; a page is a fresh browser profile.

All browser tests share one worker, so that two cores carry one browser at a time.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from harness import CHROMIUM, Site, serve
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, sync_playwright

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = not Path(CHROMIUM).exists()
    for item in items:
        if HERE not in item.path.parents:
            continue
        item.add_marker(pytest.mark.browser)
        item.add_marker(pytest.mark.xdist_group("browser"))
        if missing and os.environ.get("KEPT_TEST_ALL") != "1":
            item.add_marker(pytest.mark.skip(reason="Chromium is not installed: apt-get install chromium"))


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """The demo with its cast."""
    with serve() as here:
        yield here


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """For one module: while Playwright runs, Django thinks itself inside an event loop and refuses its store."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield running
        running.close()


@pytest.fixture
def new_page(browser: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """`new_page(width=320, color_scheme="dark", java_script_enabled=False, …)`: a page of a profile of its own.

    A refused script, an error in one, or a file that is missing fails the test.
    """
    opened: list[BrowserContext] = []
    said: list[str] = []

    def hear(line: ConsoleMessage) -> None:
        if line.type in ("error", "warning") and not line.text.startswith("Failed to load resource"):
            said.append(line.text)

    def look(response: Response) -> None:
        if response.status >= 400 and response.request.resource_type != "document":
            said.append(f"{response.status} {response.url}")

    def make(width: int = 1280, height: int = 900, **options: object) -> Page:
        context = browser.new_context(base_url=site.url, viewport={"width": width, "height": height}, **options)
        context.set_default_timeout(45_000)
        opened.append(context)
        page = context.new_page()
        page.on("console", hear)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("response", look)
        return page

    yield make
    for context in opened:
        context.close()
    assert said == []


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    return new_page()


@pytest.fixture
def plain_page(new_page: Callable[..., Page]) -> Page:
    """Without scripts."""
    return new_page(java_script_enabled=False)
