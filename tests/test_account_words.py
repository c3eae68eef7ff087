"""Account pages and mails are in our own words."""

from __future__ import annotations

from pathlib import Path

import allauth
import pytest
from accounts import OTHER_PHRASE, PHRASE, carol, last_mail, real_outbox, sign_in
from django.template.loader import get_template
from django.urls import get_resolver

import kept

__all__ = ["carol", "real_outbox"]

pytestmark = [pytest.mark.django_db, pytest.mark.store]


def _allauth_templates() -> set[str]:
    """What the views behind our addresses render, by the class that renders it."""
    found = set()
    for pattern in get_resolver().url_patterns:
        for leaf in _leaves(pattern):
            view = getattr(leaf.callback, "view_class", None)
            if view is not None and getattr(view, "template_name", None):
                found.add(view.template_name)
    return found


def _leaves(pattern):
    if hasattr(pattern, "url_patterns"):
        for inner in pattern.url_patterns:
            yield from _leaves(inner)
    else:
        yield pattern


def test_every_account_page_is_written_by_us():
    # Confirming by a mailed link, sign-in by code and signing up by passkey are switched off.
    off = {"account/confirm_login_code.html"}
    names = _allauth_templates() - off | {"account/confirm_email_verification_code.html", "429.html"}
    ours = Path(kept.__file__).parent
    foreign = [name for name in sorted(names) if not Path(get_template(name).origin.name).is_relative_to(ours)]
    assert len(names) > 15
    assert foreign == []


def test_every_account_mail_is_written_by_us():
    theirs = Path(allauth.__file__).parent / "templates"
    ours = Path(kept.__file__).parent
    off = ("login_code", "password_reset_key", "email_confirm_")  # switched off
    names = [
        str(path.relative_to(theirs))
        for room in ("account", "mfa")
        for path in (theirs / room / "email").glob("*.txt")
        if not path.name.startswith(off)
    ]
    foreign = [name for name in names if not Path(get_template(name).origin.name).is_relative_to(ours)]
    assert len(names) > 20
    assert foreign == []


def test_a_mail_says_who_writes_what_happened_and_what_to_do(client, carol):
    sign_in(client, carol.email)
    client.post("/account/password/change/", {"oldpassword": PHRASE, "password1": OTHER_PHRASE})
    mail = last_mail(carol.email)
    assert mail.text.splitlines()[0] == "Hello,"
    assert "The password of your account was changed." in mail.text
    assert "/account/password/reset/" in mail.text
    assert "Hansoken Cloud" in mail.text
    assert "&" not in mail.text
    assert "127.0.0.1" not in mail.text  # no more about the person than the mail needs
