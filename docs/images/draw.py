"""Draw the pictures of the policy page from the real site: `.venv/bin/python docs/images/draw.py`.

It starts `kept run` on the demo company in a folder of its own, has one person ask for a copy and one for an erasure,
and takes the policy page with what its checks then found: site.png for the README, and the page in the dark, on a
phone and in print. Needs Chromium.
"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent.parent / "tests/browser"))

from company import at_work, read_mail, wait_for  # noqa: E402
from harness import CHROMIUM, sign_in  # noqa: E402
from playwright.sync_api import Page, sync_playwright  # noqa: E402

LOOK = """
from kept.policy.keepers import all_keepers
from kept.policy.looking import look_at_all
from kept.terms import Actor
look_at_all(all_keepers(), by=Actor.kept())
"""
WIDTH, HEIGHT, PHONE = 1280, 960, 320
SHOWN = "Your rights"  # the section at the top of the picture


def ask(page: Page, mails: Page, right: str, email: str) -> str:
    """One request, proven. Returns its reference."""
    page.goto(f"/privacy/ask/?right={right}")
    page.get_by_label("Your e-mail address").fill(email)
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Send my request").click()
    code, _ = read_mail(mails, "is your code")
    page.get_by_label("Code from the mail").fill(code)
    page.get_by_role("button", name="Start my request").click()
    wait_for(page, "Nothing is sent or changed before that")
    return page.locator(".reference").inner_text()


def answer(page: Page, reference: str, right: str) -> None:
    """What the officer does with it."""
    page.goto("/desk/")
    page.get_by_role("link", name=reference).click()
    if right == "access":
        page.get_by_role("button", name="Approve, and make the copy").click()
    else:
        page.get_by_role("link", name="See what would be erased").click()
        page.get_by_role("button", name="Approve this plan").click()
        page.get_by_label("I have read what goes and what stays").check()
        page.get_by_role("button", name="Erase for good").click()
    wait_for(page, "Nothing: answered on")


def main() -> None:
    with at_work() as company, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        size = {"width": WIDTH, "height": HEIGHT}
        person, officer, mails = (
            browser.new_context(base_url=company.site.url, viewport=size, reduced_motion="reduce").new_page()
            for _ in range(3)
        )
        sign_in(officer, "Olga Orlova")
        for right, email in (("access", "alice@example.com"), ("erasure", "zoe@example.org")):
            answer(officer, ask(person, mails, right, email), right)
        company.site.run(LOOK)  # every check, now; by itself each looks every 5 minutes
        person.goto("/policy/")
        take(person, "site")
        for name, media in (("dark", {"color_scheme": "dark"}), ("print", {"media": "print"})):
            person.emulate_media(**media)
            take(person, f"policy-{name}")
            person.emulate_media(color_scheme="light", media="screen")
        person.set_viewport_size({"width": PHONE, "height": HEIGHT})
        take(person, "policy-phone")
        browser.close()


def take(page: Page, name: str) -> None:
    page.evaluate("scrollTo(0, 0)")
    page.get_by_role("heading", name=SHOWN).evaluate("e => scrollBy(0, e.getBoundingClientRect().top - 40)")
    page.screenshot(path=HERE / f"{name}.png")


if __name__ == "__main__":
    main()
