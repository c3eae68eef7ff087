"""The main job, from the first question to the answer in the person's hands: a real browser, a real `kept run`."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from company import Company, at_work, read_mail, wait_for
from harness import Site, sign_in, spills, violations
from playwright.sync_api import Page, expect

LOOKS = ((1280, "light"), (1280, "dark"), (320, "light"), (320, "dark"))
SYSTEMS = ("billing", "helpdesk", "newsletter")
# What of a table can be seen only by moving it sideways; and what stands there without its column's name.
CUT_OFF = """() => [...document.querySelectorAll("table.dense :is(td, th)")].filter(e => {
  if (!e.checkVisibility() || e.closest("thead") || !e.innerText.trim()) return false;
  const box = e.getBoundingClientRect();
  const named = e.matches("th, [colspan]") || e.querySelector("a") || e.dataset.is;
  return box.right > innerWidth || box.left < 0 || e.scrollWidth > e.clientWidth || !named;
}).map(e => e.innerText.slice(0, 60))"""


@pytest.fixture(scope="module")
def company() -> Iterator[Company]:
    with at_work() as here:
        yield here
        assert here.faults() == []


@pytest.fixture(scope="module")
def site(company: Company) -> Site:
    return company.site


class Seen:
    """Looks at each page in every light and width, and remembers what is wrong with it.

    With its own scripts: a browser that runs none cannot run axe either. The pages are the same.
    """

    def __init__(self, scripts: bool = True) -> None:
        self.scripts = scripts
        self.wrong: list[str] = []

    def at(self, page: Page, name: str) -> None:
        for width, scheme in LOOKS if self.scripts else ():
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            self.wrong += [f"{name} {width} {scheme}: {line}" for line in violations(page)]
            if spills(page):
                self.wrong.append(f"{name} {width}: {spills(page)} pixels too wide")
            if width == 320 and (cut := page.evaluate(CUT_OFF)):
                self.wrong.append(f"{name} {width}: out of sight in a table: {cut}")
        page.set_viewport_size({"width": 1280, "height": 900})
        page.emulate_media(color_scheme="light")


def tab_to(page: Page, name: str, what: str = "closest('a, button')?.innerText") -> None:
    """Press Tab until what has the focus is called that: a link or a button, or a field by its label."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if name in (page.evaluate(f"document.activeElement.{what}") or ""):
            return
    raise AssertionError(f"No key leads to {name!r}.")


def type_into(page: Page, label: str, text: str) -> None:
    tab_to(page, label, "labels?.[0]?.innerText")
    page.keyboard.type(text)


def tick(page: Page, label: str) -> None:
    tab_to(page, label, "labels?.[0]?.innerText")
    page.keyboard.press("Space")


def press(page: Page, name: str) -> None:
    tab_to(page, name)
    with page.expect_event("domcontentloaded"):
        page.keyboard.press("Enter")


def ask(page: Page, right: str, email: str, look: Callable[[Page, str], None] = lambda page, name: None) -> None:
    """The person's part up to the code, by keyboard only."""
    page.goto("/privacy/")
    look(page, "privacy centre")
    press(page, right)
    look(page, "who")
    press(page, "Go on")
    expect(page).to_have_title(re.compile("^Error: "))
    assert page.evaluate("document.activeElement.className") in ("errors", "")  # autofocus needs no script
    look(page, "who, with a mistake")
    type_into(page, "Your e-mail address", email)
    press(page, "Go on")
    look(page, "check")
    press(page, "Send my request")
    page.wait_for_url("**/privacy/ask/code/")
    look(page, "code")


def prove(page: Page, mails: Page) -> str:
    """Type the code from the mail, by keyboard only. Returns the path of the request's page."""
    code, link = read_mail(mails, "is your code")
    type_into(page, "Code from the mail", code)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{link}")
    return link


def fetch(page: Page, mails: Page, words: str, look: Callable[[Page, str], None] = lambda page, name: None) -> Path:
    """The file, with a code from a second mail, by keyboard only."""
    press(page, words)
    look(page, "fetch")
    press(page, "Mail me the code")
    look(page, "fetch, with its code")
    code, _ = read_mail(mails, "opens your file")
    type_into(page, "Code from the mail", code)
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    return Path(download.value.path())


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_alice_gets_a_copy_of_everything(scripts: bool, new_page: Callable[..., Page], company: Company) -> None:
    seen = Seen(scripts)
    email = "alice@example.com" if scripts else "hugo@example.com"
    alice, olga, mails = (new_page(java_script_enabled=scripts, reduced_motion="reduce") for _ in range(3))
    ask(alice, "Get a copy of my data", email, seen.at)
    link = prove(alice, mails)
    if not scripts:
        wait_for(alice, "Nothing is sent or changed before that")
    alice.get_by_text("Nothing is sent or changed before that").wait_for()  # with scripts it follows by itself
    seen.at(alice, "status, in review")
    reference = alice.locator(".reference").inner_text()

    sign_in(olga, "Olga Orlova")
    olga.goto("/desk/")
    seen.at(olga, "desk")
    olga.get_by_role("link", name=reference).click()
    olga.wait_for_url(re.compile(r"/desk/[0-9a-f-]{36}/"))
    seen.at(olga, "case")
    olga.get_by_role("link", name="Look at the rows of Invoices in Billing").click()
    seen.at(olga, "reason")
    olga.get_by_label("The person asked about them").check()
    olga.get_by_role("button", name="Show the rows").click()
    olga.get_by_text("Read from the system just now").wait_for()
    seen.at(olga, "rows")
    olga.get_by_role("link", name=f"Case {reference}").click()
    olga.get_by_role("button", name="Approve, and make the copy").click()
    wait_for(olga, "Nothing: answered on")
    seen.at(olga, "case, answered")

    if not scripts:
        wait_for(alice, "You have our answer")
    alice.get_by_role("link", name="Get my copy").wait_for(timeout=90_000)
    seen.at(alice, "status, answered")
    with zipfile.ZipFile(fetch(alice, mails, "Get my copy", seen.at)) as archive:
        names = archive.namelist()
        manifest = json.loads(archive.read("manifest.json"))
        page = archive.read("index.html").decode()
        for file in manifest["files"]:
            assert hashlib.sha256(archive.read(file["path"])).hexdigest() == file["sha256"]
    assert manifest["reference"] == reference
    assert {"index.html", "data.json", "manifest.json", "csv/billing/invoice.csv"} <= set(names)
    assert email in page
    assert {table["system"] for table in manifest["tables"]} >= {"billing", "helpdesk"}

    elsewhere = new_page(java_script_enabled=scripts)
    elsewhere.goto(link)
    assert "You have our answer" in elsewhere.inner_text("main"), "another browser, another day: the link still tells"
    assert "\n".join(seen.wrong) == ""


def test_zoe_is_erased_everywhere_and_told_what_stays(new_page: Callable[..., Page], company: Company) -> None:
    seen = Seen()
    zoe, olga, mails = (new_page(reduced_motion="reduce") for _ in range(3))
    before = "".join(company.dump(system) for system in SYSTEMS)
    assert "zoe@example.org" in before
    ask(zoe, "Have my data erased", "zoe@example.org")
    seen.at(zoe, "code, erasure")
    prove(zoe, mails)
    zoe.get_by_text("Nothing is sent or changed before that").wait_for()
    reference = zoe.locator(".reference").inner_text()

    sign_in(olga, "Olga Orlova")
    olga.goto("/desk/")
    olga.get_by_role("link", name=reference).click()
    olga.get_by_role("link", name="See what would be erased").click()
    olga.get_by_role("heading", name="What would be erased").wait_for()
    seen.at(olga, "dry run")
    olga.get_by_role("button", name="Approve this plan").click()
    olga.get_by_role("button", name="Erase for good").click()
    expect(olga).to_have_title(re.compile("^Error: "))
    seen.at(olga, "second confirmation, with a mistake")
    assert "".join(company.dump(system) for system in SYSTEMS) == before
    olga.get_by_label("I have read what goes and what stays").check()
    olga.get_by_role("button", name="Erase for good").click()
    wait_for(olga, "Nothing: answered on")

    zoe.get_by_role("link", name="Get the report").wait_for(timeout=90_000)
    seen.at(zoe, "status, erased")
    assert "What stays, and why" in zoe.inner_text("main")
    after = "".join(company.dump(system) for system in SYSTEMS)
    for system in ("helpdesk", "newsletter"):  # a law keeps her invoices with what stands on them
        assert "zoe@example.org" not in company.dump(system)
    assert after.count("zoe@example.org") < before.count("zoe@example.org")
    with zipfile.ZipFile(fetch(zoe, mails, "Get the report", seen.at)) as archive:
        report = json.loads(archive.read("report.json"))
    assert (report["reference"], report["verdict"]) == (reference, "done")
    assert "\n".join(seen.wrong) == ""


def test_what_was_killed_mid_way_is_finished_after_the_next_start(
    new_page: Callable[..., Page], company: Company
) -> None:
    """Both do all of it by keyboard, the officer's two decisions too."""
    uma, olga, mails = new_page(java_script_enabled=False), new_page(java_script_enabled=False), new_page()
    ask(uma, "Have my data erased", "uma.urban@example.com")
    link = prove(uma, mails)
    company.kill()  # while the systems are being searched
    company.start()
    uma.goto(link)
    wait_for(uma, "Nothing is sent or changed before that")
    reference = uma.locator(".reference").inner_text()

    sign_in(olga, "Olga Orlova")
    olga.goto("/desk/")
    press(olga, reference)
    press(olga, "See what would be erased")
    press(olga, "Approve this plan")
    tick(olga, "I have read what goes and what stays")
    away = company.system("newsletter").rename(company.site.data / "away")
    press(olga, "Erase for good")
    wait_for(uma, "Not done yet")
    assert "Get the report" not in uma.inner_text("main")
    company.kill()  # while one system is done, and another is not
    away.rename(company.system("newsletter"))
    company.start()
    uma.goto(link)
    wait_for(uma, "You have our answer", 120)
    for system in ("helpdesk", "newsletter"):  # a law keeps her invoices with what stands on them
        assert "uma.urban@example.com" not in company.dump(system).lower()
    with zipfile.ZipFile(fetch(uma, mails, "Get the report")) as archive:
        report = json.loads(archive.read("report.json"))
    assert (report["reference"], report["verdict"]) == (reference, "done")


def test_a_signed_in_customer_needs_four_pages_and_six_answers_at_most(new_page: Callable[..., Page]) -> None:
    seen, page = Seen(), new_page(reduced_motion="reduce")
    sign_in(page, "Bob Brook")
    page.goto("/requests/")
    seen.at(page, "no requests yet")
    visited, typed = [], 0
    page.goto("/privacy/")
    press(page, "Get a copy of my data")
    visited.append(page.url)
    typed += page.locator("main :is(input:not([type=hidden]), select, textarea)").count()
    seen.at(page, "check, signed in")
    press(page, "Send my request")
    page.wait_for_url(re.compile(r"/requests/[0-9a-f-]{36}/"))
    visited.append(page.url)
    assert len(visited) + 1 <= 4
    assert typed <= 6
    assert page.locator(".reference").is_visible()
    assert page.locator(".deadline strong time").is_visible()
    page.get_by_text("Nothing is sent or changed before that").wait_for()
    press(page, "Withdraw my request")
    seen.at(page, "withdraw")
    press(page, "Withdraw it")
    assert "Your request is withdrawn" in page.inner_text("main")
    seen.at(page, "withdrawn")
    page.goto("/requests/")
    seen.at(page, "requests")
    assert "\n".join(seen.wrong) == ""


def test_two_people_with_one_address_are_told_apart_by_an_officer(
    new_page: Callable[..., Page], company: Company
) -> None:
    company.change("billing", "UPDATE client SET email = 'desk@tally.example' WHERE id = 1003")
    company.change("billing", "UPDATE client SET email = 'Desk@Tally.example' WHERE id = 1004")
    seen = Seen()
    carol, olga, aino, mails = (new_page(reduced_motion="reduce") for _ in range(4))
    carol.goto("/privacy/ask/")
    seen.at(carol, "right")
    press(carol, "Go on")
    expect(carol).to_have_title(re.compile("^Error: "))
    seen.at(carol, "right, with a mistake")
    ask(carol, "Get a copy of my data", "desk@tally.example")
    _, link = read_mail(mails, "is your code")
    mails.goto(link)
    seen.at(mails, "the page behind the mail")
    prove(carol, mails)
    carol.get_by_text("An officer decides which are yours").first.wait_for(timeout=90_000)
    seen.at(carol, "status, two people")
    reference = carol.locator(".reference").inner_text()

    sign_in(olga, "Olga Orlova")
    sign_in(aino, "Aino Aalto")
    olga.goto("/desk/")
    olga.get_by_role("link", name=reference).click()
    olga.get_by_role("link", name="Choose accounts in Billing").wait_for()
    aino.goto(olga.url)
    seen.at(aino, "case, for an auditor")
    olga.reload()
    for page in (aino, olga):
        assert "is looking at this case" not in page.inner_text("main"), "an auditor decides nothing"
    seen.at(olga, "case, two people")
    olga.get_by_role("link", name="Choose accounts in Billing").click()
    seen.at(olga, "accounts")
    olga.get_by_role("button", name="These are the person").click()
    expect(olga).to_have_title(re.compile("^Error: "))
    seen.at(olga, "accounts, with a mistake")
    olga.get_by_label("Account 1003 Carol Chen").check()
    olga.get_by_role("button", name="These are the person").click()
    wait_for(olga, "Look at what was found")
    olga.get_by_role("button", name="Approve, and make the copy").click()
    wait_for(olga, "Nothing: answered on")
    olga.get_by_role("link", name="Take it away").click()
    seen.at(olga, "take the file away")
    olga.get_by_role("button", name="Take it away").click()
    assert "Nobody can fetch it any more" in olga.inner_text("main")
    wait_for(carol, "can no longer be fetched")
    seen.at(carol, "status, without a file")
    assert "\n".join(seen.wrong) == ""


def test_what_the_second_look_cannot_settle_waits_on_the_desk(new_page: Callable[..., Page], company: Company) -> None:
    seen = Seen()
    milo, olga, mails = (new_page(reduced_motion="reduce") for _ in range(3))
    ask(milo, "Have my data erased", "milo@example.org")
    prove(milo, mails)
    milo.get_by_text("Nothing is sent or changed before that").wait_for()
    reference = milo.locator(".reference").inner_text()
    sign_in(olga, "Olga Orlova")
    olga.goto("/desk/")
    olga.get_by_role("link", name=reference).click()
    olga.get_by_role("link", name="See what would be erased").click()
    olga.get_by_role("button", name="Approve this plan").click()
    company.change("helpdesk", "CREATE TABLE scratch (id INTEGER PRIMARY KEY, said TEXT)")
    olga.get_by_label("I have read what goes and what stays").check()
    olga.get_by_role("button", name="Erase for good").click()
    wait_for(olga, "the second look leaves a question")
    seen.at(olga, "case, with a question left")
    olga.get_by_role("link", name="Look at what is left in Help desk").click()
    seen.at(olga, "remains")
    olga.get_by_role("button", name="I looked").click()
    wait_for(olga, "Nothing: answered on")
    company.change("helpdesk", "DROP TABLE scratch")
    assert "\n".join(seen.wrong) == ""


def test_what_stays_on_screen_never_hides_what_has_the_focus(new_page: Callable[..., Page]) -> None:
    """WCAG 2.2, 2.4.11: the clock sticks to the top, and nothing that has the focus lies under it."""
    page = new_page(width=320)
    sign_in(page, "Olga Orlova")
    page.goto("/desk/?show=answered")
    page.locator("tbody a").first.click()
    hidden = []
    for _ in range(60):
        page.keyboard.press("Tab")
        hidden += page.evaluate(
            """() => { const e = document.activeElement, bar = document.querySelector(".casebar");
                 if (!bar || bar.contains(e) || e === document.body) return [];
                 const b = bar.getBoundingClientRect(), f = e.getBoundingClientRect();
                 return f.bottom <= b.bottom && f.bottom > b.top ? [e.outerHTML.slice(0, 90)] : []; }"""
        )
    assert hidden == []


def open_while_others_go_on(page: Page, path: str) -> Page:
    """Another window of the same browser."""
    other = page.context.new_page()
    other.goto(path)
    return other


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_two_windows_send_what_each_of_them_shows(scripts: bool, new_page: Callable[..., Page]) -> None:
    seen, first = Seen(scripts), new_page(java_script_enabled=scripts, reduced_motion="reduce")
    sign_in(first, "Sam Sato")
    first.goto("/privacy/ask/?right=access")
    second = open_while_others_go_on(first, "/privacy/ask/?right=erasure")
    assert "Have my data erased" in second.inner_text("main")
    assert "Get a copy of my data" in first.inner_text("main")
    first.get_by_role("button", name="Send my request").click()
    first.get_by_text("Nothing was sent. In another window you changed what you ask for.").wait_for()
    assert "Have my data erased" in first.inner_text("main")
    seen.at(first, "check, changed elsewhere")
    second.goto("/privacy/ask/?right=access")
    second.get_by_role("button", name="Send my request").click()
    second.wait_for_url(re.compile(r"/requests/[0-9a-f-]{36}/"))
    assert "Request for a copy of your data" in second.inner_text("main")
    first.get_by_role("button", name="Send my request").click()
    first.get_by_text("Nothing was sent from that window").wait_for()
    assert "Request for a copy of your data" in first.inner_text("main")
    second.goto(f"{second.url}withdraw/")
    second.get_by_role("button", name="Withdraw it").click()
    assert "\n".join(seen.wrong) == ""


def test_five_wrong_codes_leave_one_thing_to_press(new_page: Callable[..., Page]) -> None:
    seen, page = Seen(), new_page(reduced_motion="reduce")
    ask(page, "Get a copy of my data", "nobody.known@example.com")
    for _ in range(5):
        page.get_by_label("Code from the mail").fill("000000")
        press(page, "Start my request")
    assert "The code was typed wrong too often, so it no longer works." in page.inner_text("main")
    assert "works until" not in page.inner_text("main")
    assert page.get_by_role("button", name="Mail me a new code").is_visible()
    seen.at(page, "code, wrong too often")
    assert "\n".join(seen.wrong) == ""


def test_an_officer_cannot_decide_her_own_request(new_page: Callable[..., Page]) -> None:
    seen, olga = Seen(), new_page(reduced_motion="reduce")
    sign_in(olga, "Olga Orlova")
    olga.goto("/privacy/ask/?right=erasure")
    olga.get_by_role("button", name="Send my request").click()
    olga.get_by_text("Nothing is sent or changed before that").wait_for(timeout=90_000)
    mine, reference = olga.url, olga.locator(".reference").inner_text()
    olga.goto("/desk/")
    olga.get_by_role("link", name=reference).click()
    olga.get_by_text("This request is your own.").wait_for()
    assert not olga.get_by_role("link", name="See what would be erased").is_visible()
    seen.at(olga, "case, her own")
    olga.goto(f"{mine}withdraw/")
    olga.get_by_role("button", name="Withdraw it").click()
    assert "\n".join(seen.wrong) == ""


def test_bobs_open_pages_tell_him_how_it_went_on_when_his_account_is_gone(
    new_page: Callable[..., Page], company: Company
) -> None:
    """Last, as it erases one of the cast."""
    seen, bob, olga = Seen(), new_page(reduced_motion="reduce"), new_page(reduced_motion="reduce")
    sign_in(bob, "Bob Brook")
    bob.goto("/privacy/ask/?right=erasure")
    bob.get_by_role("button", name="Send my request").click()
    bob.get_by_text("Nothing is sent or changed before that").wait_for(timeout=90_000)
    reference = bob.locator(".reference").inner_text()
    late = open_while_others_go_on(bob, f"{bob.url}withdraw/")

    sign_in(olga, "Olga Orlova")
    olga.goto("/desk/")
    olga.get_by_role("link", name=reference).click()
    olga.get_by_role("link", name="See what would be erased").click()
    olga.get_by_role("button", name="Approve this plan").click()
    olga.get_by_label("I have read what goes and what stays").check()
    seen.at(olga, "second confirmation")
    away = company.system("newsletter").rename(company.site.data / "away")
    olga.get_by_role("button", name="Erase for good").click()
    wait_for(olga, "Next try")
    seen.at(olga, "case, not done yet")
    late.get_by_role("button", name="Withdraw it").click()
    late.get_by_text(
        "It is too late to withdraw. We are erasing your data now, and mail you when it is done."
    ).wait_for()
    seen.at(late, "withdrawn too late")

    away.rename(company.system("newsletter"))
    company.site.run(
        "from kept.work.models import Step\nfrom django.utils import timezone\n"
        "Step.objects.filter(state='waiting', name='rights.erase').update(due_at=timezone.now())"
    )
    bob.get_by_role("heading", name="Sign in to see this page").wait_for(timeout=60_000)  # by itself
    assert "The link in our last mail shows the report." in bob.inner_text("main")
    seen.at(bob, "request, signed out")
    _, link = read_mail(new_page(), "Your data is erased")
    bob.goto(link)
    assert bob.get_by_role("link", name="Get the report").is_visible()
    assert "\n".join(seen.wrong) == ""
