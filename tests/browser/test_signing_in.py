"""Accounts in a real browser: without scripts, and with a passkey that the browser itself makes."""

from __future__ import annotations

import re

import pytest
from harness import Site, sign_in, violations
from playwright.sync_api import CDPSession, Page, expect

PHRASE = "seven quiet herons wade"


@pytest.fixture
def key(page: Page) -> CDPSession:
    """A platform authenticator inside the browser, whose person is always there."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return session


def newest_mail(page: Page, subject: str) -> str:
    """The text of the newest mail with this subject, from the demo's outbox."""
    page.goto("/outbox/")
    page.get_by_role("link", name=subject).first.click()
    return page.locator("main").inner_text()


def make_account(page: Page, email: str) -> None:
    page.goto("/account/signup/")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Choose a password").fill(PHRASE)
    page.get_by_role("button", name="Make my account").click()
    expect(page.get_by_role("heading", name="Prove your e-mail address")).to_be_visible()
    found = re.search(r"\d{4}-\d{4}", newest_mail(page, "Your code to open the account"))
    assert found
    page.goto("/account/confirm-email/")
    page.get_by_label("Code from the mail").fill(found.group())
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url("**/client-area/")


def test_an_account_is_made_used_and_left_without_scripts(plain_page: Page) -> None:
    make_account(plain_page, "plain@example.com")
    assert "You are signed in as plain@example.com" in plain_page.locator("main").inner_text()
    plain_page.get_by_role("link", name="Change your name").click()
    plain_page.get_by_label("Your name").fill("Paula Plain")
    plain_page.get_by_role("button", name="Save my name").click()
    assert "You are signed in as Paula Plain" in plain_page.locator("main").inner_text()
    plain_page.get_by_role("button", name="Sign out").click()
    assert "You are signed out." in plain_page.locator("main").inner_text()


def test_a_mistyped_address_is_no_dead_end(plain_page: Page) -> None:
    plain_page.goto("/account/signup/")
    plain_page.get_by_label("E-mail address").fill("mistyped@example.com")
    plain_page.get_by_label("Choose a password").fill(PHRASE)
    plain_page.get_by_role("button", name="Make my account").click()
    plain_page.get_by_role("button", name="Use another address").click()
    expect(plain_page.get_by_role("heading", name="Make an account")).to_be_visible()


def test_without_scripts_the_passkey_page_says_so_and_leads_back(plain_page: Page) -> None:
    plain_page.goto("/account/passkey/")
    assert "No passkeys here" in plain_page.locator("main").inner_text()
    assert not plain_page.get_by_role("button", name="Use my passkey").is_visible()
    plain_page.get_by_role("link", name="Other ways to sign in").click()
    expect(plain_page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()


def test_a_passkey_alone_signs_in(page: Page, key: CDPSession, site: Site) -> None:
    make_account(page, "passkey@example.com")
    page.goto("/account/2fa/webauthn/add/")
    if "reauthenticate" in page.url:
        page.get_by_label("Password").fill(PHRASE)
        page.get_by_role("button", name="Go on").click()
    page.get_by_label("Name of this passkey").fill("My phone")
    page.get_by_label("Sign in with this passkey alone").check()
    page.get_by_role("button", name="Add this passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    assert violations(page) == []
    page.goto("/account/2fa/webauthn/")
    assert "Signs you in alone." in page.locator("main").inner_text()
    assert violations(page) == []
    page.get_by_role("button", name="Sign out").click()

    page.goto("/account/passkey/")
    page.get_by_role("button", name="Use my passkey").click()
    page.wait_for_url("**/client-area/")
    assert "passkey@example.com" in page.locator("main").inner_text()


def test_a_passkey_is_the_second_step_after_the_password(page: Page, key: CDPSession) -> None:
    make_account(page, "second@example.com")
    page.goto("/account/2fa/webauthn/add/")
    if "reauthenticate" in page.url:
        page.get_by_label("Password").fill(PHRASE)
        page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Add this passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()

    page.goto("/account/login/")
    page.get_by_label("E-mail address").fill("second@example.com")
    page.get_by_label("Password").fill(PHRASE)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Second step", exact=True)).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Use my passkey").click()
    page.wait_for_url("**/client-area/")


def test_a_passkey_that_is_not_there_gives_words_and_not_silence(page: Page, key: CDPSession) -> None:
    page.goto("/account/passkey/")
    page.get_by_role("button", name="Use my passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("The passkey was not used.")
    assert violations(page) == []


def test_one_press_signs_in_each_of_the_cast_without_scripts(plain_page: Page) -> None:
    for name in ("Alice Arden", "Olga Orlova", "Sam Sato", "Erik Ek", "Aino Aalto"):
        sign_in(plain_page, name)
        assert f"You are signed in as {name}" in plain_page.locator("main").inner_text()
        plain_page.get_by_role("button", name="Sign out").click()


def test_the_whole_way_in_can_be_gone_by_keyboard(page: Page) -> None:
    page.goto("/account/login/")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "Olga Orlova":
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/client-area/")
    assert "Olga Orlova, privacy officer" in page.locator("main").inner_text()
