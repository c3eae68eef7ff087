"""A new wording of the policy: what the person it concerns sees of it, and what the officer does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from harness import CAST, Site, serve, sign_in, spills, violations
from playwright.sync_api import Page
from test_every_page import LOOKS, SMALL_TARGETS

ANNOUNCED = (
    CAST
    + """
from datetime import timedelta
from kept.people.models import Account
from kept.policy.actions import queue_notices, saw
from kept.policy.models import Version
first, now = Version.objects.get(), timezone.now()
alice = Account.objects.get(email="alice@example.com")
saw(account=alice.pk, version=first, by=alice.actor, at=now)
words = [[clause, [*said[:-1], "We ask for it apart."] if clause == "6.1" else said] for clause, said in first.clauses]
second = Version.objects.create(
    name="2.0", title=first.title, effective=(now + timedelta(days=30)).date(), stored_at=now, digest="2" * 64,
    clauses=words, consents=first.consents,
)
queue_notices(second, None, by=Actor.kept(), at=now)
"""
)
CUSTOMER = ("/client-area/", "/client-area/policy/", "/policy/", "/policy/6.1/", "/policy/versions/2/")
OFFICER = ("/desk/promises/", "/desk/promises/notices/")


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with serve(ANNOUNCED) as here:
        yield here


@pytest.mark.parametrize("look", LOOKS)
def test_everybody_can_read_what_is_new(look: str, new_page: Callable[..., Page]) -> None:
    found = {}
    for who, paths in (("Alice Arden", CUSTOMER), ("Olga Orlova", OFFICER)):
        page = new_page(**LOOKS[look])
        sign_in(page, who)
        for path in paths:
            page.goto(path)
            found[path] = (violations(page), spills(page))
    assert found == {path: ([], 0) for path in (*CUSTOMER, *OFFICER)}


def test_everything_new_can_be_pressed_on_the_smallest_phone(new_page: Callable[..., Page]) -> None:
    for who, path in (("Alice Arden", "/client-area/policy/"), ("Olga Orlova", "/desk/promises/notices/")):
        page = new_page(width=320)
        sign_in(page, who)
        page.goto(path)
        assert page.evaluate(SMALL_TARGETS) == [], path


def test_without_scripts_and_by_keys_alone_somebody_says_that_they_have_read_it(new_page: Callable[..., Page]) -> None:
    page = new_page(java_script_enabled=False)
    sign_in(page, "Bob Brook")
    page.get_by_role("link", name="See what is new for you").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="The policy and you").wait_for()
    assert "We ask for it apart." not in page.locator("main").inner_text()
    page.get_by_role("link", name=re.compile("See each changed sentence")).focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="What it changed").wait_for()
    assert page.locator("ins").inner_text().endswith("We ask for it apart.")
    page.go_back()
    page.get_by_role("button", name=re.compile("I have read it")).focus()
    page.keyboard.press("Enter")
    page.get_by_text("Noted: you have read version 2.0.").wait_for()
    page.goto("/client-area/")
    assert not page.get_by_text("Our privacy policy changes").is_visible()


def test_a_stranger_reads_on_paper_and_on_the_page_that_new_words_are_announced(plain_page: Page) -> None:
    plain_page.goto("/policy/")
    assert plain_page.get_by_text("New words are announced.").is_visible()
    plain_page.emulate_media(media="print")
    assert plain_page.get_by_text("New words are announced.").is_visible()
    assert not plain_page.get_by_role("navigation", name="How much of it").is_visible()
