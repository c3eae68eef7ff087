"""The pages of the security room and the list of signed-in browsers: readable by everybody, at every size."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from harness import CAST, Site, serve, sign_in, spills, violations
from playwright.sync_api import Page
from test_every_page import LOOKS, SMALL_TARGETS

FILL = (
    CAST
    + """
from datetime import timedelta
from uuid import UUID
from django.db import transaction
from kept.people.models import Account
from kept.rights.actions import open_case
from kept.rights.models import Case
from kept.security.approvals.actions import ask
from kept.security.breaches.actions import breach_counted, change_breach, notice_sent, report_breach
from kept.security.controls.actions import add_usual_controls, review_control
from kept.security.models import Control
from kept.security.reading import log_read
now = timezone.now()
by = {one.name.split()[0].lower(): one for one in Account.objects.all()}
olga, erik, sam, alice = (by[name].actor for name in ("olga", "erik", "sam", "alice"))
case = open_case("erasure", "alice@example.com", account=by["alice"], channel="client_area", by=alice, at=now).case
Case.objects.filter(pk=case.pk).update(state="approved", approved_at=now, approved_by=str(olga))
ask("rights.confirm_erasure", case, f"Erasure {case.reference}", by=olga, at=now)
ask("people.make_staff", by["bob"], "The role support for an account", facts={"role": "support"}, by=erik, at=now)
add_usual_controls(by=olga, at=now - timedelta(days=40))
review_control(Control.objects.last(), "partly", "Two of eleven have no date.", by=erik, at=now)
with transaction.atomic():
    for reason, place in (("case", ""), ("law", "billing/invoice"), ("third_parties", "helpdesk/thread_entry")):
        log_read("rows" if place else "case", reason, person=by["alice"].pk, case=case.pk, case_open=True, place=place,
                 by=olga, at=now)
    log_read("account", "question", person=by["sam"].pk, by=sam, at=now)
known = now - timedelta(hours=60)
breach = report_breach("A list of addresses was lost", "A print stayed in a train.", known, by=sam, at=now)
change_breach(breach, {"confidentiality": True, "systems": ["billing"], "high_risk": "no", "measures": "Called back.",
                       "consequences": "Unwanted mail."}, by=olga, at=now)
records = {"account": 1240, "billing": 8811, "contact": 310}
held = {"system": "billing", "people": 1240, "records": records, "problem": ""}
breach_counted(breach, [held], by=olga, at=now)
notice_sent(breach, "pdpc", "We write to you because ...", now, "SG-77", by=olga, at=now)
"""
)
PAGES = (
    "/security/", "/security/approvals/", "/security/access-log/", "/security/access-log/?show=unusual",
    "/security/backups/", "/security/controls/", "/security/controls/add/", "/security/breaches/",
    "/security/breaches/report/", "/security/staff/", "/security/entries/", "/security/entries/?from=x",
)  # fmt: skip
LEADS = (
    ("/security/approvals/", "/security/approvals/"),
    ("/security/access-log/?show=unusual", "/security/access-log/"),
    ("/security/controls/", "/security/controls/"),
    ("/security/breaches/", "/security/breaches/"),
)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with serve(FILL) as here:
        yield here


def addresses(page: Page) -> list[str]:
    """Every page of the room that an officer opens, with one of each thing in it."""
    found = list(PAGES)
    for start, below in LEADS:
        page.goto(start)
        links = page.eval_on_selector_all("main a", "all => all.map(e => e.getAttribute('href'))")
        found += [link for link in links if re.fullmatch(rf"{below}[0-9a-f-]{{36}}/", link)][:1]
    breach = next(one for one in found if re.fullmatch(r"/security/breaches/[0-9a-f-]{36}/", one))
    return [*found, f"{breach}facts/", f"{breach}notice/authority/"]


@pytest.mark.parametrize("look", LOOKS)
def test_every_page_of_the_room_can_be_read_by_everybody(look: str, new_page: Callable[..., Page]) -> None:
    page = new_page(**LOOKS[look])
    sign_in(page, "Olga Orlova")
    found = {}
    for path in [*addresses(page), "/account/browsers/", "/client-area/", "/client-area/who-looked/"]:
        page.goto(path)
        found[path] = violations(page)
    sign_in_again(page, "Alice Arden")
    page.goto("/client-area/who-looked/")
    found["who looked"] = violations(page)
    assert page.get_by_text("Billing").count() or page.get_by_text("billing").count()
    assert {path: lines for path, lines in found.items() if lines} == {}


def test_nothing_spills_over_on_the_smallest_phone(new_page: Callable[..., Page]) -> None:
    page = new_page(width=320)
    sign_in(page, "Olga Orlova")
    wrong = {}
    for path in [*addresses(page), "/account/browsers/", "/client-area/who-looked/"]:
        page.goto(path)
        wrong[path] = (spills(page), page.evaluate(SMALL_TARGETS))
    assert {path: what for path, what in wrong.items() if what != (0, [])} == {}


def test_without_scripts_a_browser_is_signed_out_from_another(new_page: Callable[..., Page]) -> None:
    laptop, phone = new_page(java_script_enabled=False), new_page(java_script_enabled=False)
    sign_in(laptop, "Bob Brook")
    sign_in(phone, "Bob Brook")
    phone.goto("/account/browsers/")
    laptop.goto("/account/browsers/")
    laptop.get_by_role("button", name="Sign out everywhere else").click()
    laptop.get_by_text("Signed out everywhere else.").wait_for()
    phone.goto("/client-area/")
    assert phone.url.endswith("/account/login/?next=/client-area/")


def sign_in_again(page: Page, name: str) -> None:
    page.context.clear_cookies()
    sign_in(page, name)
