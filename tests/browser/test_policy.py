"""The policy page as people see it: the sentences in the middle, the evidence beside them, on a phone below them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from harness import Site, sign_in, spills, violations
from playwright.sync_api import Page, expect

PAGES = (
    "/policy/",
    "/policy/one-screen/",
    "/policy/one-line-each/",
    "/policy/5.1/",
    "/policy/6.1/",
    "/policy/laws/",
    "/policy/versions/",
    "/policy/versions/1/",
)
LOOKS = {
    "light": {"width": 1280, "color_scheme": "light"},
    "dark": {"width": 1280, "color_scheme": "dark"},
    "phone": {"width": 320, "color_scheme": "light"},
    "dark phone": {"width": 320, "color_scheme": "dark"},
    "high contrast": {"width": 1280, "forced_colors": "active", "contrast": "more"},
}


def places(page: Page, clause_id: str) -> tuple[dict[str, float], dict[str, float]]:
    """Where the words of a clause stand, and where its note does."""
    clause = page.locator(f"[id='{clause_id}']")
    words, note = clause.locator("> div").first.bounding_box(), clause.locator("> .note").bounding_box()
    assert words
    assert note
    return dict(words), dict(note)


@pytest.mark.parametrize("look", LOOKS)
def test_everybody_can_read_the_policy(look: str, new_page: Callable[..., Page]) -> None:
    page = new_page(**LOOKS[look])
    found = {}
    for path in PAGES:
        page.goto(path)
        found[path] = (violations(page), spills(page))
    assert found == {path: ([], 0) for path in PAGES}


@pytest.mark.parametrize("look", LOOKS)
def test_everybody_on_the_staff_can_read_what_is_red(look: str, new_page: Callable[..., Page]) -> None:
    page = new_page(**LOOKS[look])
    sign_in(page, "Olga Orlova")
    page.goto("/desk/promises/")
    assert (violations(page), spills(page)) == ([], 0)


def test_an_officer_looks_again_and_sees_the_chart_with_its_table(new_page: Callable[..., Page]) -> None:
    page = new_page(java_script_enabled=False)
    sign_in(page, "Olga Orlova")
    page.get_by_role("link", name="See what the checks say").click()
    page.get_by_role("link", name="Clause 5.1", exact=True).click()
    page.get_by_role("button", name="Look again now").click()
    assert "looked at again, just now" in page.get_by_role("status").inner_text()
    page.get_by_text("The same as a table").click()
    rows = page.get_by_role("region", name="Looks at clause 5.1").get_by_role("row")
    assert rows.count() >= 3
    assert page.locator("svg.chart title").first.text_content() == "How clause 5.1 stood"
    assert page.locator("svg.chart").bounding_box()["height"] > 15  # type: ignore[index]


def test_the_policy_on_one_screen_fits_on_one(new_page: Callable[..., Page]) -> None:
    page = new_page(width=1280, height=1024)
    page.goto("/policy/one-screen/")
    bottom = page.locator("table.brief").bounding_box()
    assert bottom
    assert bottom["y"] + bottom["height"] <= 1024


def test_the_note_stands_beside_its_clause_and_on_a_phone_below_it(new_page: Callable[..., Page]) -> None:
    wide, phone = new_page(width=1280), new_page(width=320)
    wide.goto("/policy/")
    words, note = places(wide, "5.1")
    assert note["x"] > words["x"] + words["width"]
    assert note["y"] == pytest.approx(words["y"], abs=12)
    phone.goto("/policy/")
    words, note = places(phone, "5.1")
    assert note["y"] >= words["y"] + words["height"]
    assert note["x"] + note["width"] <= 320


def test_paper_keeps_the_notes_beside_the_clauses(new_page: Callable[..., Page]) -> None:
    page = new_page(width=680)  # an A4 sheet within its margins
    page.emulate_media(media="print")
    page.goto("/policy/")
    words, note = places(page, "5.1")
    assert note["x"] > words["x"] + words["width"]
    assert not page.get_by_role("navigation", name="Site").is_visible()


def test_a_clause_leads_to_its_page_and_back_to_its_place(plain_page: Page) -> None:
    plain_page.goto("/policy/")
    plain_page.get_by_role("navigation", name="Contents").get_by_role("link", name="What we use it for").click()
    plain_page.get_by_role("link", name="Clause 5.6", exact=True).click()
    assert plain_page.locator("h1").inner_text() == "Clause 5.6"
    plain_page.get_by_role("link", name="The whole policy").click()
    assert plain_page.url.endswith("/policy/#5.6")
    expect(plain_page.locator("[id='5.6']")).to_be_visible()


def test_the_page_asks_nobody_but_this_site(new_page: Callable[..., Page], site: Site) -> None:
    page = new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/policy/")
    page.wait_for_load_state("networkidle")
    mine = [url for url in asked if not url.startswith("data:")]
    assert all(url.startswith(site.url) for url in mine)
    assert len(mine) == 2, mine


def test_the_demo_shows_its_accounts_beside_their_clause(page: Page) -> None:
    page.goto("/policy/")
    note = page.locator("[id='5.1'] .note").inner_text()
    assert "kept" in note
    assert "6 accounts" in note
