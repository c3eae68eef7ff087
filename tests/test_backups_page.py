"""The evidence behind the sentences on sealing and backups, for the officer, engineers and auditors."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone
from house import KEPT, house, store

from kept.cli import main
from kept.information.access import close_systems
from kept.post.outbox import write
from kept.security.backup.actions import restore_tested
from kept.security.backup.testing import try_restore
from kept.security.vault.clear import look_for_clear_text

__all__ = ["house", "store"]

pytestmark = [pytest.mark.store, pytest.mark.xdist_group("backup")]


@pytest.fixture(autouse=True)
def _a_folder_of_their_own(settings, tmp_path, store):
    settings.BACKUPS = str(tmp_path / "backups")


def shown(client, account):
    client.force_login(account)
    answer = client.get(reverse("security_backups"))
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_before_anything_was_done_the_page_says_so(house, client):
    page = shown(client, house.people["aino"])
    for words in ("Nobody has looked yet", "No backup was tried yet", "There is no backup"):
        assert words in page


def test_looks_backups_and_restore_tests_stand_on_one_page(house, client):
    write("alice@example.com", "Hello", "Dear Alice", about=None, at=timezone.now())
    close_systems()
    assert main(["backup"]) == 0
    restore_tested(try_restore(timezone.now()), by=KEPT, at=timezone.now())
    look_for_clear_text(by=KEPT, at=timezone.now())
    page = shown(client, house.people["aino"])
    for words in (
        "nothing in clear",
        "everything is there, and opens",
        "Data stays 35 days, keys 7",
        "encrypted backup",
    ):
        assert words in page, words
    assert "alice" not in page.lower()


def test_what_lies_in_clear_is_named_by_its_place(house, client):
    from django.db import connection

    write("alice@example.com", "Hello", "Dear Alice", about=None, at=timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("UPDATE post_message SET subject = %s", [b"Hello Alice"])
    look_for_clear_text(by=KEPT, at=timezone.now())
    page = shown(client, house.people["olga"])
    assert "in clear</span> post_message.subject" in page
    assert "Hello Alice" not in page
