"""Each right by each door where people and staff use a browser: proven by the person, and on the officer's desk.

Programs and agents have no browser: see test_api and test_drp. What then happens to a copy, an erasure and a correction
is in test_journey and test_correction.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from company import Company, at_work, read_mail, wait_for
from harness import Site, sign_in
from paper import PDF
from playwright.sync_api import Page

RIGHTS = ("access", "erasure", "portability", "rectification", "restriction", "objection", "automated")
WORDS = {
    "web": "web form", "client_area": "client area", "email": "e-mail", "letter": "letter", "telephone": "telephone",
    "counter": "at the counter",
}  # fmt: skip
WAITS = "waiting for your code"


@pytest.fixture(scope="module")
def company() -> Iterator[Company]:
    with at_work() as here:
        yield here
        assert here.faults() == []


@pytest.fixture(scope="module")
def site(company: Company) -> Site:
    return company.site


class People:
    """Whoever asks, Sam in support, the officer, and the demo's outbox; none of them with scripts."""

    def __init__(self, new_page: Callable[..., Page], company: Company) -> None:
        self.company = company
        self.person, self.sam, self.olga, self.mails = (new_page(java_script_enabled=False) for _ in range(4))
        sign_in(self.sam, "Sam Sato")
        sign_in(self.olga, "Olga Orlova")


def fill(page: Page, right: str) -> None:
    """What is asked beside a right, on the person's page and on that of staff alike."""
    if right == "portability":
        page.get_by_label("Give it to me", exact=True).check()
    elif right == "rectification":
        page.get_by_label("What is wrong?").first.select_option("Last name")
        page.get_by_label("What is right?").first.fill("Ardent")
    elif right == "restriction":
        page.locator("input[value=claims]").check()
    elif right == "objection":
        page.locator("input[value='marketing.own']").check()
    elif right == "automated":
        page.get_by_label("Which decision is it?").fill("The order of 3 May that was refused.")
        page.locator("input[value=review]").check()
    else:
        return
    page.get_by_role("button", name="Go on").click()


def by_web(people: People, right: str, email: str) -> None:
    people.person.goto(f"/privacy/ask/?right={right}")
    fill(people.person, right)
    people.person.get_by_label("Your e-mail address").fill(email)
    people.person.get_by_role("button", name="Go on").click()
    people.person.get_by_role("button", name="Send my request").click()


def by_client_area(people: People, right: str, email: str) -> None:
    people.person.goto(f"/privacy/ask/?right={right}")
    fill(people.person, right)
    people.person.get_by_role("button", name="Send my request").click()


def by_email(people: People, right: str, email: str) -> None:
    raw = (
        f"From: {email}\r\nTo: privacy@hansoken.example\r\nSubject: A question\r\n"
        f"Message-ID: <{right}@mail.example>\r\n\r\nPlease see to what we spoke of.\r\n"
    )
    people.company.site.run(
        "from django.utils import timezone\nfrom kept.collection.mail.actions import take_in\n"
        f"from kept.terms import Actor\ntake_in({raw.encode()!r}, door='hand', by=Actor.kept(), at=timezone.now())"
    )
    sam, until = people.sam, time.monotonic() + 60
    while True:
        sam.goto("/desk/inbox/")
        found = sam.locator("tbody th a[href*='/desk/inbox/']")
        if found.count():
            break
        assert time.monotonic() < until, "the mail was not read"
        time.sleep(0.3)
    found.first.click()
    sam.locator("summary", has_text="It asks for something else").click()
    sam.locator("select[name=add-wish]").select_option(right)
    sam.locator("form[action$='/add/'] button").click()
    assert "It is being opened." in sam.inner_text("main")


def by_letter(people: People, right: str, email: str) -> None:
    sam = people.sam
    sam.goto("/desk/letters/add/")
    sam.get_by_label("Day it came").fill(datetime.now(UTC).date().isoformat())
    sam.get_by_label("The scan").set_input_files({"name": "a.pdf", "mimeType": "application/pdf", "buffer": PDF})
    sam.get_by_label("Who wrote it").fill("Carla Cole")
    sam.get_by_role("button", name="Register it").click()
    registered(sam, "letter", right, email)


def by_telephone(people: People, right: str, email: str) -> None:
    noted(people.sam, "telephone", right, email)


def by_counter(people: People, right: str, email: str) -> None:
    noted(people.sam, "counter", right, email)


def noted(sam: Page, door: str, right: str, email: str) -> None:
    sam.goto(f"/desk/calls/add/?door={door}")
    sam.get_by_label("Their name").fill("Carla Cole")
    sam.get_by_label("What they want").fill("They will say.")
    sam.get_by_role("button", name="Keep the note").click()
    registered(sam, door, right, email)


def registered(sam: Page, door: str, right: str, email: str) -> None:
    """From the register of letters or calls to the request."""
    found = re.search(r"/([0-9a-f-]{36})/$", sam.url)
    assert found, sam.inner_text("main")
    sam.goto(f"/desk/register/{door}/{found[1]}/")
    sam.locator(f"input[value={right}]").check()
    sam.get_by_role("button", name="Go on").click()
    fill(sam, right)
    sam.locator("input[name=email]").fill(email)
    sam.get_by_role("button", name="Go on").click()
    sam.get_by_role("button", name="Register this request").click()
    assert "Nothing happens before its proof" in sam.inner_text("main")


DOORS = {
    "web": by_web, "client_area": by_client_area, "email": by_email, "letter": by_letter, "telephone": by_telephone,
    "counter": by_counter,
}  # fmt: skip


def proven(people: People, email: str) -> None:
    """The person follows the link in their mail and types the code, whoever wrote the request down."""
    people.mails.goto("/outbox/")
    until = time.monotonic() + 60
    while not people.mails.locator("li", has_text=f"To {email},").count():
        assert time.monotonic() < until, "no code was mailed"
        time.sleep(0.3)
        people.mails.reload()
    code, link = read_mail(people.mails, "is your code")
    people.person.goto(link)
    people.person.get_by_label("Code from the mail").fill(code)
    people.person.keyboard.press("Enter")
    people.person.wait_for_url(f"**{link}")


@pytest.mark.parametrize("door", DOORS)
def test_each_right_is_asked_for_by_this_door_and_is_on_the_desk(
    door: str, new_page: Callable[..., Page], company: Company
) -> None:
    people = People(new_page, company)
    if door == "client_area":
        sign_in(people.person, "Alice Arden")
    for right in RIGHTS:
        email = f"{right}.{door}@example.com"
        DOORS[door](people, right, email)
        if door != "client_area":
            proven(people, email)
        assert WAITS not in people.person.inner_text("main")
        reference = people.person.locator(".reference").inner_text()
        people.olga.goto("/desk/")
        people.olga.locator("#find").fill(reference)
        people.olga.keyboard.press("Enter")
        people.olga.wait_for_url(re.compile(r"/desk/[0-9a-f-]{36}/"))
        text = people.olga.inner_text("main")
        assert reference in text
        assert WORDS[door] in text, f"{right} by {door}"


# To the end: what no other test of the browser follows


@pytest.mark.parametrize(
    ("right", "approve"),
    [
        ("portability", "Approve, and make the copy"),
        ("restriction", "Approve, and pause"),
        ("automated", "Approve, and send the answer"),
    ],
)
def test_what_was_asked_for_is_answered(
    right: str, approve: str, new_page: Callable[..., Page], company: Company
) -> None:
    people, email = People(new_page, company), "grace@example.com"
    by_web(people, right, email)
    proven(people, email)
    wait_for(people.person, "Nothing is sent or changed before that")
    people.olga.goto("/desk/")
    people.olga.get_by_role("link", name=people.person.locator(".reference").inner_text()).click()
    people.olga.get_by_role("button", name=approve).click()
    wait_for(people.person, "You have our answer")
