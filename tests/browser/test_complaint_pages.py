"""Complaining, looking into it and answering: with and without scripts, by keyboard, at every size, in every light."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from harness import CAST, Site, serve, sign_in, spills, violations
from playwright.sync_api import Page
from test_every_page import LOOKS, SMALL_TARGETS
from test_journey import CUT_OFF, press, tab_to, type_into

FILL = (
    CAST
    + r"""
import io
from datetime import timedelta
from kept.complaints import actions
from kept.people.matters import matter_of
from kept.people.models import Account
alice, olga = Account.objects.get(email="alice@example.com"), Account.objects.get(role="privacy_officer")
nora = Account.objects.create_user("nora.nyman@example.org", name="Nora Nyman", role="privacy_officer")
at = timezone.now()
LONG = "Nobody answers. " + "x" * 300
def complain(days, words, email="alice@example.com", **more):
    given = {"channel": "web", "law": "uk-gdpr", "by": Actor("person"), "at": at - timedelta(days=days)} | more
    return actions.open_complaint(words, email, **given).complaint
hers = complain(3, LONG, account=alice, channel="client_area", by=alice.actor, name="Alice Arden", wants="An answer.",
                files=[actions.Upload(io.BytesIO(b"a list"), "a list with a long name that says what is in it.txt")])
actions.take(hers, nora, by=nora.actor, at=at)
actions.tell(hers, "We asked the billing team. " + "x" * 200, "email", by=nora.actor, at=at)
actions.note(hers, "It was a fault of ours.", by=nora.actor, at=at)
actions.say(hers, "One thing more.", by=alice.actor, at=at)
late = complain(40, "A letter of mine.", "", channel="letter", postal="Garden Street 12\nSingapore", by=olga.actor)
done = complain(20, "Done.", account=alice, channel="client_area", by=alice.actor)
actions.take(done, olga, by=olga.actor, at=at)
actions.decide(done, "partly", "Two were wrong.", "They are back.", "email", by=olga.actor, at=at)
gone = complain(9, "Gone.", account=alice, channel="client_area", by=alice.actor)
actions.withdraw(gone, by=alice.actor, at=at)
for days in (3, 20):
    enquiry = actions.record_enquiry(
        "The Information Commissioner’s Office", "What happened? " + "x" * 200, basis="UK GDPR Art. 58(1)(a)",
        contact="Anna Example", channel="letter", received_at=at - timedelta(days=30),
        due_on=at.date() + timedelta(days=3 - days), their_reference="IC-1234", by=olga.actor, at=at)
actions.verify_contact(enquiry, "By its public number.", by=olga.actor, at=at)
actions.link_enquiry(enquiry, hers.reference, by=olga.actor, at=at)
actions.write_answer(enquiry, "This is what happened.", "letter", whole=True, by=olga.actor, at=at)
matter = matter_of(f"complaints.complaint:{hers.pk}")
actions.ask_for_bundle(matter, by=olga.actor, at=at)
actions.ask_for_bundle(matter, "A court asks.", personal=True, by=olga.actor, at=at)
"""
)
TO_DESK = "a[href*='/desk/complaints/'], a[href*='/desk/enquiries/'], a[href*='/desk/evidence/']"
WORDS = "You erased the wrong invoices of mine."


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with serve(FILL) as running:
        yield running


def ways(page: Page, start: str, within: str, selector: str) -> list[str]:
    """Every page below an address that links lead to, files left out."""
    found, todo = [], [start]
    while todo:
        path = todo.pop(0)
        if path in found:
            continue
        found.append(path)
        page.goto(path)
        links = page.eval_on_selector_all(
            f"{selector}",
            "all => all.filter(one => !one.hasAttribute('download')).map(one => one.pathname + one.search)",
        )
        todo += [link for link in links if re.match(within, link) and link not in found + todo]
    return found


def wrong_with(page: Page, paths: list[str], look: str) -> dict[str, object]:
    found = {}
    for path in paths:
        page.goto(path)
        for more in page.query_selector_all("details"):
            more.evaluate("one => one.open = true")
        phone = "phone" in look
        found[path] = (
            violations(page), spills(page), page.evaluate(SMALL_TARGETS) if phone else [],
            page.evaluate(CUT_OFF) if phone else [],
        )  # fmt: skip
    return {path: told for path, told in found.items() if told != ([], 0, [], [])}


@pytest.mark.parametrize("look", LOOKS)
def test_everybody_can_read_every_page_of_complaints(look: str, new_page: Callable[..., Page]) -> None:
    page = new_page(**LOOKS[look])
    assert wrong_with(page, ["/privacy/", "/privacy/complain/", "/complaints/none/"], look) == {}
    sign_in(page, "Alice Arden")
    hers = ways(page, "/complaints/", "/complaints/", "a[href*='/complaints/']")
    assert len(hers) == 7
    assert wrong_with(page, hers, look) == {}
    page.context.clear_cookies()
    sign_in(page, "Olga Orlova")
    desk = ways(page, "/desk/complaints/", "/desk/(complaints|enquiries|evidence)/", TO_DESK)
    assert len(desk) >= 25
    assert wrong_with(page, desk, look) == {}


def code_of(page: Page) -> str:
    """The six digits of the newest mail in the demo's outbox."""
    page.goto("/outbox/")
    page.locator("main a[href*='/outbox/']").first.click()
    found = re.search(r"^\s*(\d{3} \d{3})\s*$", page.inner_text("main"), re.MULTILINE)
    assert found, page.inner_text("main")
    return found[1]


def link_of(page: Page) -> str:
    page.goto("/outbox/")
    page.locator("main a[href*='/outbox/']").first.click()
    found = re.search(r"http://localhost:\d+(/complaints/[\w-]+=*/)", page.inner_text("main"))
    assert found, page.inner_text("main")
    return found[1]


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_complaint_goes_from_the_first_word_to_the_answer(
    scripts: bool, new_page: Callable[..., Page], tmp_path: Path
) -> None:
    page = new_page(java_script_enabled=scripts)
    page.goto("/privacy/")
    page.get_by_role("link", name="Complain", exact=True).click()
    page.get_by_role("button", name="Send my complaint").click()
    assert "There is a problem" in page.inner_text("main")
    page.get_by_label("What are you not content with?").fill(WORDS)
    page.get_by_label("In the United Kingdom").check()
    page.get_by_label("Your e-mail address").fill("carla@example.net")
    scan = tmp_path / "letter.txt"
    scan.write_text("A letter of mine.")
    page.get_by_label("Files").set_input_files(str(scan))
    page.get_by_role("button", name="Send my complaint").click()
    assert "Your complaint is here" in page.inner_text("h1")
    number = page.inner_text(".reference")
    page.get_by_text("is the last day").click()
    assert "s.164A" in page.inner_text("main")
    theirs = link_of(page)
    page.goto(theirs)
    assert WORDS not in page.inner_text("main")
    page.get_by_role("button", name="Mail me a code").click()
    code = code_of(page)
    page.goto(theirs)
    page.get_by_label("Code from the mail").fill(code)
    page.get_by_role("button", name="Show my complaint").click()
    assert WORDS in page.inner_text("main")
    with page.expect_download() as got:
        page.get_by_role("link", name="letter.txt").click()
    assert Path(got.value.path()).read_text() == "A letter of mine."

    desk = new_page(java_script_enabled=scripts)
    sign_in(desk, "Olga Orlova")
    desk.goto("/desk/complaints/")
    desk.get_by_role("link", name=number).click()
    desk.get_by_role("link", name="Decide who looks into it").click()
    desk.get_by_label("(you)").check()
    desk.get_by_role("button", name="Give it to them").click()
    desk.get_by_role("link", name="Tell them how far it is").click()
    desk.get_by_label("What you tell the person").fill("We asked the billing team.")
    desk.get_by_role("button", name="Tell them").click()
    desk.get_by_role("link", name="Answer it").click()
    desk.get_by_label("Upheld: they are right", exact=True).check()
    desk.get_by_label("What we found").fill("They were yours.")
    desk.get_by_label("What is done about it").fill("They are back.")
    desk.get_by_role("button", name="Answer it").click()
    assert "upheld" in desk.inner_text(".casebar")

    page.goto(theirs)
    told = page.inner_text("main")
    assert "Our answer: upheld" in told
    assert "We asked the billing team." in told
    assert "They were yours." in told
    assert "Information Commissioner" in told


def test_an_officer_answers_by_keyboard_alone(new_page: Callable[..., Page], site: Site) -> None:
    site.run(
        "from kept.complaints import actions\nfrom kept.terms import Actor\nfrom django.utils import timezone\n"
        "actions.open_complaint('By keyboard.', 'dora@example.net', channel='web', law='other', by=Actor('person'),"
        " at=timezone.now())"
    )
    page = new_page()
    sign_in(page, "Olga Orlova")
    page.goto("/desk/complaints/")
    way = page.locator("tbody tr", has_text="Decide who looks into it").first.locator("th a").get_attribute("href")
    tab_to(page, way or "", "href")
    with page.expect_event("domcontentloaded"):
        page.keyboard.press("Enter")
    press(page, "Decide who looks into it")
    tab_to(page, "(you)", "labels?.[0]?.innerText")
    press(page, "Give it to them")
    press(page, "Answer it")
    tab_to(page, "Upheld", "labels?.[0]?.innerText")
    page.keyboard.press("Space")
    type_into(page, "What we found", "They are right.")
    type_into(page, "What is done about it", "It is mended.")
    press(page, "Answer it")
    assert "upheld" in page.inner_text(".casebar")
