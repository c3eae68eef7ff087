"""Every page of the site and people rooms: readable by everybody, at every size, in every light, without scripts."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from harness import Site, sign_in, spills, violations
from playwright.sync_api import Page, expect

OPEN = (
    "/",
    "/account/login/",
    "/account/signup/",
    "/account/passkey/",
    "/account/password/reset/",
    "/nothing-here/",
)
SIGNED_IN = (
    "/client-area/",
    "/account/name/",
    "/account/email/",
    "/account/password/set/",
    "/account/logout/",
    "/account/2fa/",
    "/account/2fa/totp/activate/",
    "/account/2fa/webauthn/",
    "/account/2fa/webauthn/add/",
)
LOOKS = {
    "light": {"width": 1280, "color_scheme": "light"},
    "dark": {"width": 1280, "color_scheme": "dark"},
    "phone": {"width": 320, "color_scheme": "light"},
    "dark phone": {"width": 320, "color_scheme": "dark"},
    "high contrast": {"width": 1280, "forced_colors": "active", "contrast": "more"},
}
# Too small for a finger: links inside a sentence are excepted (WCAG 2.2, 2.5.8).
SMALL_TARGETS = """() => [...document.querySelectorAll("a, button, input, select, textarea, summary, label.choice")]
  .filter(e => e.checkVisibility() && !e.closest("p, td, .ribbon") && !e.matches(".choice input, .skip, .hidden"))
  .filter(e => { const box = e.getBoundingClientRect(); return box.height < 43.9 || box.width < 24; })
  .map(e => e.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize("look", LOOKS)
def test_every_page_can_be_read_by_everybody(look: str, new_page: Callable[..., Page]) -> None:
    page = new_page(**LOOKS[look])
    found = {}
    for path in OPEN:
        page.goto(path)
        found[path] = violations(page)
    sign_in(page, "Alice Arden")
    for path in SIGNED_IN:
        page.goto(path)
        found[path] = violations(page)
    assert {path: lines for path, lines in found.items() if lines} == {}


def test_nothing_spills_over_and_everything_can_be_pressed_on_the_smallest_phone(
    new_page: Callable[..., Page],
) -> None:
    page = new_page(width=320)
    wrong = {}
    for path in OPEN:
        page.goto(path)
        wrong[path] = (spills(page), page.evaluate(SMALL_TARGETS))
    sign_in(page, "Alice Arden")
    for path in SIGNED_IN:
        page.goto(path)
        wrong[path] = (spills(page), page.evaluate(SMALL_TARGETS))
    assert {path: what for path, what in wrong.items() if what != (0, [])} == {}


def test_a_page_written_from_right_to_left_is_its_own_mirror(page: Page) -> None:
    page.goto("/account/login/")
    at_left = page.locator("h1").bounding_box()
    page.evaluate("document.documentElement.dir = 'rtl'")
    at_right = page.locator("h1").bounding_box()
    assert at_left
    assert at_right
    assert spills(page) == 0
    assert at_left["x"] == pytest.approx(1280 - at_right["x"] - at_right["width"], abs=1)
    assert violations(page) == []


def test_the_first_key_press_leads_to_the_text_and_every_focus_can_be_seen(page: Page) -> None:
    page.goto("/account/login/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the text"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    inside = page.evaluate("document.activeElement.closest('main') !== null")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert inside
    assert outline == "solid"


@pytest.mark.parametrize("scripts", [True, False])
def test_one_mistake_is_said_above_and_beside_its_field_and_takes_the_focus(
    scripts: bool, new_page: Callable[..., Page]
) -> None:
    page = new_page(java_script_enabled=scripts)
    page.goto("/account/signup/")
    page.get_by_label("E-mail address").fill("carol@example.com")
    page.get_by_label("Choose a password").fill("too short")
    page.get_by_role("button", name="Make my account").click()
    summary = page.get_by_role("alert")
    assert "There is a problem" in summary.inner_text()
    expect(page).to_have_title(re.compile("^Error: "))
    assert summary.evaluate("e => e === document.activeElement")
    assert page.get_by_label("E-mail address").input_value() == "carol@example.com"
    summary.get_by_role("link").click()
    assert page.get_by_label("Choose a password").evaluate("e => e === document.activeElement")
    assert not scripts or violations(page) == []


def test_a_public_page_weighs_little_and_asks_twice_at_most(new_page: Callable[..., Page], site: Site) -> None:
    for path in OPEN:
        page = new_page()
        asked: list[str] = []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.goto(path)
        page.wait_for_load_state("networkidle")
        mine = [url for url in asked if not url.startswith("data:")]
        assert all(url.startswith(site.url) for url in mine)
        assert len(mine) <= (3 if path == "/account/passkey/" else 2), mine


def test_print_leaves_the_text_and_drops_what_can_only_be_pressed(page: Page) -> None:
    page.goto("/")
    page.emulate_media(media="print")
    assert page.locator("h1").is_visible()
    assert not page.get_by_role("navigation").first.is_visible()
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"


def test_the_small_print_moves_nothing_for_people_who_want_no_motion(new_page: Callable[..., Page]) -> None:
    page = new_page(reduced_motion="reduce")
    page.goto("/account/login/")
    moving = page.evaluate(
        "[...document.querySelectorAll('*')].filter(e => getComputedStyle(e).transitionDuration !== '0s').length"
    )
    assert moving == 0
