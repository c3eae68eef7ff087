"""The inbox: readable by everybody, at every size, without scripts."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from harness import CAST, Site, serve, sign_in, spills, violations
from playwright.sync_api import Page
from test_every_page import LOOKS, SMALL_TARGETS

FILL = (
    CAST
    + r"""
from kept.collection.mail.actions import take_in
from kept.work.run import work_off
HEAD = "From: Alice Tan <alice@customers.example>\r\nTo: privacy@hansoken.example\r\nMessage-ID: <%s@c.example>\r\n"
def mail(number, subject, words, more=""):
    raw = f"{HEAD % number}Subject: {subject}\r\n{more}\r\n{words}".encode()
    return take_in(raw, door="hand", by=Actor.kept(), at=timezone.now())
LONG = "x" * 400
mail(1, "My data, and my brother's",
     f"Hello,\r\n\r\nplease delete all my data and all about bob@customers.example. {LONG}\r\n\r\n"
     f"On Monday Kept wrote:\r\n> {LONG}\r\n> an older mail")
mail(2, "A copy", "Please send me a copy of my personal data.")
mail(3, "Away", "I am away.", "Auto-Submitted: auto-replied\r\n")
mail(4, "Hello", "What a lovely day.", "Content-Type: text/plain; charset=none\r\n")
mail(5, "Move", "Please correct my address.", "In-Reply-To: <1@c.example>\r\n")
while work_off(timezone.now(), names=["collection.read_mail", "rights.open_case", "rights.link_mail"]):
    continue
"""
)
FILTERS = ("", "?show=waiting", "?show=settled", "?show=automatic")


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with serve(FILL) as running:
        yield running


def mails(page: Page) -> list[str]:
    """Every mail there is, by its address."""
    found = []
    for filter in FILTERS:
        page.goto(f"/desk/inbox/{filter}")
        found += page.eval_on_selector_all("th a[href*='/desk/inbox/']", "all => all.map(one => one.pathname)")
    return found


@pytest.mark.parametrize("look", LOOKS)
def test_everybody_can_read_the_inbox(look: str, new_page: Callable[..., Page]) -> None:
    page = new_page(**LOOKS[look])
    sign_in(page, "Olga Orlova")
    paths = [f"/desk/inbox/{filter}" for filter in FILTERS] + mails(page)
    assert len(paths) == len(FILTERS) + 5
    found = {}
    for path in paths:
        page.goto(path)
        for more in page.query_selector_all("details"):
            more.evaluate("one => one.open = true")
        found[path] = (violations(page), spills(page), page.evaluate(SMALL_TARGETS) if "phone" in look else [])
    assert {path: told for path, told in found.items() if told != ([], 0, [])} == {}


def test_without_scripts_a_person_opens_what_a_rule_proposed(plain_page: Page) -> None:
    page = plain_page
    sign_in(page, "Sam Sato")
    page.goto("/desk/inbox/")
    page.click("tbody tr:first-child a")
    page.wait_for_selector("h1")
    page.get_by_role("button", name="It is no request").first.click()
    assert "It is no request." in page.inner_text("main")
    page.get_by_role("button", name="Open this request").first.click()
    assert "It is being opened." in page.inner_text("main")
