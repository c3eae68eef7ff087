"""Something is put right: said on one page, proven, seen by an officer as "was and becomes", and told."""

from __future__ import annotations

import json
import os
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from company import Company, at_work, read_mail, wait_for
from harness import Site, sign_in
from playwright.sync_api import Page
from test_journey import LOOKS, Seen

SHOTS = os.environ.get("KEPT_TEST_SHOTS")  # a folder: what was looked at is kept there as pictures


@pytest.fixture(scope="module")
def company() -> Iterator[Company]:
    with at_work() as here:
        yield here
        assert here.faults() == []


@pytest.fixture(scope="module")
def site(company: Company) -> Site:
    return company.site


class Pictured(Seen):
    def at(self, page: Page, name: str) -> None:
        super().at(page, name)
        for width, scheme in LOOKS if SHOTS else ():
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            page.screenshot(path=Path(SHOTS or "") / f"{name.replace(' ', '-')}-{width}-{scheme}.png", full_page=True)
        page.set_viewport_size({"width": 1280, "height": 900})
        page.emulate_media(color_scheme="light")


def code_at(page: Page, subject: str) -> str:
    page.goto("/outbox/")
    page.get_by_role("link", name=re.compile(subject)).first.click()
    found = re.search(r"\b(\d{3}) (\d{3})\b", page.locator("main").inner_text())
    assert found
    return "".join(found.groups())


def test_alice_has_her_name_and_her_address_put_right(new_page: Callable[..., Page], company: Company) -> None:
    company.change("billing", "UPDATE service_domain SET contact_last_name = 'Other' WHERE client_id = 1001")
    seen = Pictured()
    alice, olga, mails = (new_page(reduced_motion="reduce") for _ in range(3))
    alice.goto("/privacy/ask/?right=rectification")
    seen.at(alice, "what is wrong")
    alice.get_by_label("What is wrong?").first.select_option("Last name")
    alice.get_by_label("What is right?").first.fill("Ardent")
    alice.get_by_text("Something else is wrong as well").click()
    alice.get_by_label("What is wrong?").nth(1).select_option("E-mail address")
    alice.get_by_role("button", name="Go on").click()
    alice.get_by_text("There is a problem").wait_for()
    seen.at(alice, "what is wrong, with a mistake")
    alice.get_by_label("What is right?").nth(1).fill("alice.new@example.org")
    alice.get_by_role("button", name="Go on").click()
    alice.get_by_label("Your e-mail address").fill("alice@example.com")
    alice.get_by_role("button", name="Go on").click()
    seen.at(alice, "check a correction")
    alice.get_by_role("button", name="Send my request").click()
    code, link = read_mail(mails, "is your code")
    alice.get_by_label("Code from the mail").fill(code)
    alice.keyboard.press("Enter")
    alice.wait_for_url(f"**{link}")
    alice.get_by_role("link", name="Type the code").click()
    seen.at(alice, "new address")
    alice.get_by_label("Code from the mail").fill(code_at(mails, "shows that this address is yours"))
    alice.get_by_role("button", name="This address is mine").click()
    wait_for(alice, "Nothing is sent or changed before that")
    seen.at(alice, "status of a correction")
    reference = alice.locator(".reference").inner_text()

    sign_in(olga, "Olga Orlova")
    olga.goto("/desk/")
    olga.get_by_role("link", name=reference).click()
    seen.at(olga, "case, a correction")
    olga.get_by_role("link", name="See what would be put right").click()
    olga.get_by_role("heading", name="What would be put right").wait_for()
    seen.at(olga, "what would be put right")
    olga.get_by_role("button", name="Put this right").click()
    wait_for(olga, "Look at what is left in Billing")
    olga.get_by_role("link", name="Look at what is left in Billing").click()
    seen.at(olga, "what was left")
    olga.get_by_role("button", name="It is right as it is").click()
    wait_for(olga, "Nothing: answered on")
    seen.at(olga, "case, put right")

    wait_for(alice, "Get the report")
    seen.at(alice, "status, put right")
    alice.get_by_role("link", name="Get the report").click()
    alice.get_by_role("button", name="Mail me the code").click()
    alice.get_by_label("Code from the mail").fill(read_mail(mails, "opens your file")[0])
    with alice.expect_download() as download:
        alice.keyboard.press("Enter")
    with zipfile.ZipFile(download.value.path()) as archive:
        report = json.loads(archive.read("report.json"))
        page = archive.read("index.html").decode()
    assert {row["now"] for one in report["systems"] for row in one["changed"]} >= {"Ardent", "alice.new@example.org"}
    if SHOTS:
        (Path(SHOTS) / "report.html").write_text(page)
    assert "alice.new@example.org" in company.dump("newsletter")
    assert "\n".join(seen.wrong) == ""
