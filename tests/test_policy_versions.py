"""Wordings of the policy: what changed, who is told of it, what is asked again, and who had which before them."""

from __future__ import annotations

import re
import shutil
import threading
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone
from house import store
from hypothesis import given
from hypothesis import strategies as st

from kept.people.actions import make_demo_cast, record_sign_up
from kept.people.models import Account
from kept.policy import actions
from kept.policy.access import policy, queue_of_notices, version_before, versions
from kept.policy.actions import queue_notices, running_version, saw, store_version
from kept.policy.bindings import write_bindings
from kept.policy.models import Notice, Seen, Version
from kept.policy.problems import VersionTaken
from kept.policy.source import POLICIES, Policy, load
from kept.policy.versions import compare, diff, to_ask_again
from kept.rights.actions import open_case
from kept.security.models import Entry
from kept.terms import Actor
from kept.work.models import Step
from kept.work.run import work_off

__all__ = ["store"]

SHIPPED = POLICIES / "hansoken-cloud"
KEPT = Actor.kept()

WORDS = st.sampled_from(["We keep it.", "You can go.", "It is sealed.", "Nobody reads it.", "We ask first."])
TEXTS = st.dictionaries(st.sampled_from(["1.1", "5.6", "6.1", "9.3"]), st.lists(WORDS, min_size=1, max_size=4))


@pytest.fixture
def wording(tmp_path: Path):
    """Make the next wording: `wording("2.0", "old words", "new words", …)`."""

    def make(version: str, *changes: str, effective: str = "2026-12-01") -> Policy:
        folder = Path(shutil.copytree(SHIPPED, tmp_path / version))
        text, settings = (folder / "policy.md").read_text(), (folder / "policy.toml").read_text()
        for old, new in zip(changes[::2], changes[1::2], strict=True):
            assert old in text
            text = text.replace(old, new)
        (folder / "policy.md").write_text(text)
        settings = settings.replace('version = "1.0"', f'version = "{version}"')
        (folder / "policy.toml").write_text(re.sub(r"effective = .*", f"effective = {effective}", settings))
        made = load(folder)
        write_bindings(made)
        return made

    return make


CONSENT = ("Accepting our terms is never taken as that consent.", "Accepting our terms is never that consent.")
OTHER = ("We make backups, and we test that they can be restored.", "We make backups and test them.")


# The diff


@given(TEXTS, TEXTS)
def test_the_lines_of_a_change_rebuild_both_wordings(before, after):
    found = {change.clause_id: change for change in diff(list(before.items()), list(after.items()))}
    for clause_id in {*before, *after}:
        old, new = before.get(clause_id, []), after.get(clause_id, [])
        if old == new:
            assert clause_id not in found
            continue
        lines = found[clause_id].lines
        assert [line.sentence for line in lines if line.mark != "new"] == old
        assert [line.sentence for line in lines if line.mark != "gone"] == new
        assert found[clause_id].kind == ("new" if not old else "gone" if not new else "changed")


def test_a_changed_sentence_stands_where_the_old_one_stood():
    lines = compare(["One.", "Two.", "Three."], ["One.", "Second.", "Three."])
    assert [(line.mark, line.sentence) for line in lines] == [
        ("same", "One."), ("gone", "Two."), ("new", "Second."), ("same", "Three."),
    ]  # fmt: skip


def test_only_clauses_that_rest_on_consent_are_asked_again_and_none_that_is_gone():
    changes = diff([("6.1", ["a"]), ("7.2", ["a"]), ("9.4", ["a"])], [("6.1", ["b"]), ("7.2", ["b"])])
    assert to_ask_again(changes, ["6.1", "9.4", "14.4"]) == ["6.1"]


# The record


@pytest.mark.store
@pytest.mark.django_db
class TestRecord:
    def test_a_wording_is_stored_once_and_whole(self):
        first = running_version(by=KEPT, at=timezone.now())
        again = running_version(by=KEPT, at=timezone.now())
        assert first == again
        assert [clause_id for clause_id, _ in first.clauses] == list(dict(policy().sentences))
        assert Entry.objects.filter(kind="policy.version_stored").count() == 1
        assert not Step.objects.filter(name="policy.announce").exists(), "the first wording changes nothing"

    def test_other_words_under_an_old_name_are_refused(self, wording):
        running_version(by=KEPT, at=timezone.now())
        with pytest.raises(VersionTaken, match=r"version 1\.0 is stored with other words"):
            store_version(wording("1.0", *OTHER), by=KEPT, at=timezone.now())
        assert Version.objects.count() == 1

    def test_words_changed_under_an_old_name_do_not_stop_anybody_from_signing_up(self, wording, settings, alice):
        first = running_version(by=KEPT, at=timezone.now())
        settings.POLICY = str(wording("1.0", *OTHER).folder)
        assert saw(account=alice.pk, by=alice.actor, at=timezone.now()).version == first

    def test_wordings_stand_in_the_order_of_their_days(self, wording):
        first = running_version(by=KEPT, at=timezone.now())
        later = store_version(wording("3.0", *OTHER, effective="2027-03-01"), by=KEPT, at=timezone.now())
        between = store_version(wording("2.0", *CONSENT, effective="2027-01-01"), by=KEPT, at=timezone.now())
        assert versions() == [first, between, later]
        assert (version_before(first), version_before(later)) == (None, between)

    def test_whoever_signs_up_or_asks_has_the_running_version_before_them(self, alice):
        record_sign_up(alice, by=alice.actor, at=timezone.now())
        opened = open_case("access", "carol@example.com", channel="web", by=Actor("person"), at=timezone.now())
        assert {(row.account_id, row.case, row.version.name) for row in Seen.objects.all()} == {
            (alice.pk, None, "1.0"),
            (None, opened.case.pk, "1.0"),
        }

    def test_a_version_is_seen_once(self, alice):
        first = saw(account=alice.pk, by=alice.actor, at=timezone.now())
        assert saw(account=alice.pk, by=alice.actor, at=timezone.now()) == first
        assert Entry.objects.filter(kind="policy.version_seen").count() == 1

    def test_it_is_an_account_or_a_case_that_saw_it(self, alice):
        with pytest.raises(ValueError, match="either an account or a case"):
            saw(by=alice.actor, at=timezone.now())

    def test_a_new_wording_is_told_to_each_with_what_changed_for_them(self, wording, alice, bob, sam):
        at = timezone.now()
        first = running_version(by=KEPT, at=at)
        second = store_version(wording("2.0", *CONSENT), by=KEPT, at=at)
        third_wording = wording("3.0", *CONSENT, *OTHER, effective="2027-01-01")
        saw(account=alice.pk, by=alice.actor, at=at, version=first)
        saw(account=bob.pk, by=bob.actor, at=at, version=second)
        Account.objects.filter(pk=sam.pk).update(is_active=False)
        third = store_version(third_wording, by=KEPT, at=at)
        Step.objects.filter(args__version=second.pk).delete()
        work_off(timezone.now(), names=["policy.announce"])
        told = {row.account_id: (row.before.name, row.ask_again) for row in Notice.objects.filter(version=third)}
        assert told[alice.pk] == ("1.0", ["6.1"]), "she agreed to the words of 1.0"
        assert told[bob.pk] == ("2.0", []), "he had the new words of 6.1 before him"
        assert sam.pk not in told
        third.refresh_from_db()
        assert third.announced_at
        assert Notice.objects.filter(version=third, sent_at=None).count() == len(told)

    def test_who_had_the_new_version_is_not_told_of_it(self, wording, alice):
        running_version(by=KEPT, at=timezone.now())
        second = store_version(wording("2.0", *OTHER), by=KEPT, at=timezone.now())
        saw(account=alice.pk, by=alice.actor, at=timezone.now(), version=second)
        work_off(timezone.now(), names=["policy.announce"])
        assert not Notice.objects.filter(account=alice).exists()

    def test_who_signs_up_between_the_announcement_and_the_day_is_told_as_well(self, wording, alice):
        """They are not among those who had the old version when the new one was announced."""
        running_version(by=KEPT, at=timezone.now())
        work_off(timezone.now(), names=["policy.announce"])
        second = store_version(wording("2.0", *CONSENT), by=KEPT, at=timezone.now())
        work_off(timezone.now(), names=["policy.announce"])
        late = Account.objects.create_user("late@example.com", None)
        record_sign_up(late, by=late.actor, at=timezone.now())
        notice = Notice.objects.get(account=late)
        assert (notice.version, notice.before.name, notice.ask_again) == (second, "1.0", ["6.1"])
        saw(account=late.pk, by=late.actor, at=timezone.now())
        queue_notices(second, None, by=KEPT, at=timezone.now())
        assert Notice.objects.filter(account=late).count() == 1

    def test_a_request_sent_between_them_tells_nobody(self, wording):
        running_version(by=KEPT, at=timezone.now())
        store_version(wording("2.0", *CONSENT), by=KEPT, at=timezone.now())
        open_case("access", "carol@example.com", channel="web", by=Actor("person"), at=timezone.now())
        assert not Notice.objects.exists()

    def test_queueing_again_after_a_crash_adds_none(self, wording, alice, monkeypatch):
        monkeypatch.setattr(actions, "NOTICES_AT_ONCE", 2)
        running_version(by=KEPT, at=timezone.now())
        second = store_version(wording("2.0", *OTHER), by=KEPT, at=timezone.now())
        after = queue_notices(second, None, by=KEPT, at=timezone.now())  # then the worker is killed
        assert Notice.objects.count() == 2
        work_off(timezone.now(), names=["policy.announce"])
        assert Notice.objects.count() == Account.objects.count() == 6
        assert after is not None
        assert queue_notices(second, None, by=KEPT, at=timezone.now()) == after
        assert Notice.objects.count() == 6


@pytest.mark.store
def test_ten_at_once_store_one_wording(store):
    barrier, wrong = threading.Barrier(10), []

    def one():
        try:
            barrier.wait()
            running_version(by=KEPT, at=timezone.now())
        except Exception as problem:  # noqa: BLE001
            wrong.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert Version.objects.count() == 1
    assert Entry.objects.filter(kind="policy.version_stored").count() == 1


# The pages


@pytest.mark.django_db
def test_the_history_shows_each_wording_and_what_it_changed(client, wording):
    running_version(by=KEPT, at=timezone.now())
    second = store_version(wording("2.0", *CONSENT, *OTHER), by=KEPT, at=timezone.now())
    listed = client.get("/policy/versions/").content.decode()
    assert listed.index("Version 2.0") < listed.index("Version 1.0")
    assert "It changed 2 clauses." in listed
    assert "It runs now." in listed
    page = client.get(f"/policy/versions/{second.pk}/").content.decode()
    assert "<del>" in page
    assert "Accepting our terms is never that consent." in page
    assert re.search(r"We ask you again\..*?clause 6\.1</a>", page, re.DOTALL)
    assert "clause 7.2</a>" not in page[page.index("We ask you again") :].partition("</div>")[0]
    assert client.get("/policy/versions/999999/").status_code == 404


@pytest.mark.django_db
def test_the_page_of_a_clause_shows_its_words_over_time(client, wording):
    running_version(by=KEPT, at=timezone.now())
    store_version(wording("2.0", *CONSENT), by=KEPT, at=timezone.now())
    changed, same = (client.get(f"/policy/{clause_id}/").content.decode() for clause_id in ("6.1", "7.2"))
    assert "Version 2.0" in changed
    assert "the first wording that is on record" in changed
    assert "Version 2.0" not in same


@pytest.mark.store
@pytest.mark.django_db
class TestPeople:
    def test_somebody_is_told_on_the_site_what_is_new_for_them_and_which_consent_is_asked_again(
        self, client, wording, alice
    ):
        first = running_version(by=KEPT, at=timezone.now())
        saw(account=alice.pk, by=alice.actor, at=timezone.now(), version=first)
        client.force_login(alice)
        assert "Our privacy policy" not in client.get("/client-area/").content.decode()
        second = store_version(wording("2.0", *CONSENT, effective="2030-01-01"), by=KEPT, at=timezone.now())
        work_off(timezone.now(), names=["policy.announce"])
        assert "Our privacy policy changes on 1 January 2030." in client.get("/client-area/").content.decode()
        page = client.get("/client-area/policy/").content.decode()
        assert "It comes after version 1.0." in page
        assert re.search(r"their words changed: <a[^>]*>clause 6\.1</a>", page)
        client.post(f"/client-area/policy/{second.pk}/read/")
        assert "Our privacy policy" not in client.get("/client-area/").content.decode()
        page = client.get("/client-area/policy/").content.decode()
        assert "You told us that you have read it." in page
        assert "we ask you again" in page, "having read it is no consent"
        assert [row.version.name for row in Seen.objects.filter(account=alice).order_by("at")] == ["1.0", "2.0"]
        assert Notice.objects.get(account=alice).sent_at is None, "the notice itself is still to be sent"

    def test_nobody_says_to_have_read_what_they_were_not_told_of(self, client, wording, alice):
        first = running_version(by=KEPT, at=timezone.now())
        client.force_login(alice)
        for number in (first.pk, 999_999):
            assert client.post(f"/client-area/policy/{number}/read/").status_code == 404
        assert not Seen.objects.exists()

    def test_the_officer_sees_how_many_wait_and_which_consents_are_asked_again(
        self, client, demo, wording, alice, olga
    ):
        first = running_version(by=KEPT, at=timezone.now())
        saw(account=alice.pk, by=alice.actor, at=timezone.now(), version=first)
        second = store_version(wording("2.0", *CONSENT, *OTHER), by=KEPT, at=timezone.now())
        work_off(timezone.now(), names=["policy.announce"])
        saw(account=alice.pk, by=alice.actor, at=timezone.now(), version=second)
        Notice.objects.filter(account=olga).update(sent_at=timezone.now())
        (told,) = queue_of_notices()
        assert (told.version, told.waiting, told.sent, told.read) == (second, 5, 1, 1)
        assert told.ask_again == (("6.1", 6),)
        client.force_login(olga)
        page = client.get("/desk/promises/notices/").content.decode()
        assert re.search(r"clause 6\.1</a>: 6 people", page)
        assert "5 notices of a new wording</a> wait to be sent" in client.get("/desk/promises/").content.decode()

    def test_without_a_second_wording_nobody_waits(self, client, demo, olga):
        running_version(by=KEPT, at=timezone.now())
        client.force_login(olga)
        assert "Nobody waits" in client.get("/desk/promises/notices/").content.decode()


@pytest.mark.django_db
def test_before_the_first_look_the_history_says_that_nothing_is_on_record(client):
    assert "No wording is on record yet" in client.get("/policy/versions/").content.decode()


@pytest.mark.django_db
def test_the_cast_of_the_demo_is_told_of_nothing_before_there_is_a_second_wording():
    make_demo_cast(by=KEPT, at=timezone.now())
    running_version(by=KEPT, at=timezone.now())
    work_off(timezone.now(), names=["policy.announce"])
    assert Notice.objects.count() == 0
