"""A backup is whole or not there; and whoever was erased since stays erased when it is restored."""

from __future__ import annotations

import io
import itertools
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from databases import Database
from django.conf import settings as django_settings
from django.db import connection, connections
from django.utils import timezone
from house import KEPT, PERSON, house, own_dump, store

from kept.cli import main
from kept.engine.identifiers import normal
from kept.information.access import close_systems, url_of
from kept.information.actions import add_system
from kept.information.models import System
from kept.people.actions import end_staff, make_staff
from kept.people.models import Account, Person
from kept.policy.keepers import keepers_of
from kept.post.models import Message
from kept.post.outbox import write
from kept.rights import actions
from kept.rights.models import Case
from kept.rights.replaying import erase_again_in
from kept.rights.rules import DOWNLOAD_LIFE
from kept.security.backup import replays, tasks
from kept.security.backup.actions import restore_tested
from kept.security.backup.errors import ReplayDamaged
from kept.security.backup.folder import KEPT_FOR, PART, backups_in, folder
from kept.security.backup.making import make
from kept.security.backup.models import Backup, Replay, Restore, RestoreTest
from kept.security.backup.reading import read_data, read_keys
from kept.security.backup.restoring import mark
from kept.security.backup.testing import try_restore
from kept.security.ledger import action, record, sequence_entries
from kept.security.models import Entry
from kept.security.uploads import keep, open_kept
from kept.site.checks import no_restore_is_half_done
from kept.site.promises import backups_can_be_restored
from kept.terms import State
from kept.use.access import is_suppressed, would_decide
from kept.use.actions import suppress
from kept.vault import keys
from kept.vault.master import master_key
from kept.vault.models import Key
from kept.work.run import work_off

__all__ = ["house", "store"]

pytestmark = [pytest.mark.store, pytest.mark.xdist_group("backup")]

KILLS = int(os.environ.get("KEPT_TEST_KILLS", "6"))


@pytest.fixture(autouse=True)
def _a_folder_of_their_own(settings, tmp_path, store):
    settings.BACKUPS = str(tmp_path / "backups")


def kept(*words):
    """A command, in this process: everything else that uses the store lets go of it first."""
    close_systems()
    connections.close_all()
    code = main([str(word) for word in words])
    keys.forget_unwrapped()
    return code


def backed_up():
    assert kept("backup") == 0
    return next(one.path for one in backups_in(folder()) if one.what == "data")


def mail(to="alice@example.com", text="Dear Alice Arden"):
    return write(to, "Hello", text, about=None, at=timezone.now())


# Making


def test_a_backup_is_encrypted_and_has_the_keys_in_a_file_of_their_own(store):
    mail()
    path = backed_up()
    found = {one.what: one.path for one in backups_in(folder())}
    assert set(found) == {"data", "keys"}
    for one in found.values():
        assert one.stat().st_mode & 0o077 == 0
        assert b"Alice" not in one.read_bytes()
        assert b"vault_key" not in one.read_bytes()
    assert [one.what for one in Backup.objects.order_by("what")] == ["data", "keys"]
    assert Entry.objects.filter(kind="backup.made").count() == 1
    assert path.parent == folder()
    assert not list(folder().glob(f"*{PART}*")), "nothing that is not encrypted stays"


def test_the_data_lacks_the_keys_and_who_was_signed_in(store, tmp_path):
    mail()
    path = backed_up()
    (tmp_path / "out").mkdir()
    data = read_data(path, tmp_path / "out", master_key())
    assert data.rows["post_message"] == 1
    assert not {"vault_key", "django_session"} & set(data.rows)
    wrapped = bytes(Key.objects.get().wrapped)
    assert wrapped not in data.store.read_bytes()
    assert wrapped.hex().encode() not in data.store.read_bytes()
    known = read_keys(next(one.path for one in backups_in(folder()) if one.what == "keys"), master_key())
    assert [key[2] for key in known.keys] == [wrapped]
    assert {number for number, _, _ in known.generations} == {0, 1}
    assert set(known.files) >= {"secret-key"} or not Path(django_settings.SECRET_KEY_FILE).exists()


def test_two_backups_at_once_do_not_meet(store):
    mail()
    command = [sys.executable, "-c", CALL, "backup"]
    both = [subprocess.Popen(command, env=environment(), stdout=-1, stderr=-2, text=True) for _ in range(2)]
    said = [one.communicate(timeout=150)[0] for one in both]
    assert sorted(one.returncode for one in both) in ([0, 0], [0, 1]), said
    refused = [text for text, one in zip(said, both, strict=True) if one.returncode]
    assert all("Another backup or restore is at work" in text for text in refused)
    assert not list(folder().glob(f"*{PART}*"))


@action
def two_mails(which, *, by, at):
    """Two rows and an entry, of one transaction."""
    for name in ("alice", "bob"):
        write(f"{name}.{which}@example.com", "Hello", f"To {name}", about=which, at=at)
    record("test.two_mails", f"test.pair:{which}", by=by, at=at)


def test_a_backup_that_is_made_while_others_write_is_of_one_moment(store):
    begun, over = threading.Barrier(3), threading.Event()

    def writes():
        """Until the backup is made, and once more after it. How many pairs."""
        try:
            for number in itertools.count(1):
                last = over.is_set()
                two_mails(uuid4(), by=KEPT, at=timezone.now())
                sequence_entries()
                if number == 1:
                    begun.wait(60)
                if last:
                    return number
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        writers = [pool.submit(writes) for _ in range(2)]
        try:
            begun.wait(60)
            path = backed_up()
        finally:
            over.set()
    written = sum(one.result() for one in writers)
    assert kept("restore", path, "--replace") == 0
    pairs = Counter(Message.objects.values_list("about", flat=True))
    assert 2 <= len(pairs) < written
    assert set(pairs.values()) == {2}, "both rows, or neither"
    told = Entry.objects.filter(kind="test.two_mails").values_list("about", flat=True)
    assert sorted(told) == sorted(f"test.pair:{which}" for which in pairs), "and their entry with them"
    assert {one.text for one in Message.objects.all()} == {"To alice", "To bob"}, "every key came along"
    while sequence_entries():
        pass
    assert kept("ledger", "verify") == 0


def test_files_go_when_their_days_are_over_wherever_they_are(store, tmp_path):
    mail()
    elsewhere = tmp_path / "elsewhere"
    assert kept("backup", "--to", elsewhere) == 0
    backed_up()
    now = timezone.now()
    assert tasks.remove(now + timedelta(days=6)) == 0
    assert tasks.remove(now + timedelta(days=8)) == 2, "the keys, after a week"
    assert {one.what for place in (folder(), elsewhere) for one in backups_in(place)} == {"data"}
    assert tasks.remove(now + timedelta(days=34)) == 0
    assert tasks.remove(now + timedelta(days=36)) == 2
    assert not [*backups_in(folder()), *backups_in(elsewhere)]
    assert Backup.objects.filter(removed_at=None).count() == 0


def test_the_schedule_makes_one_a_day(store, settings, time_machine):
    settings.BACKUP_HOURS = 24
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    from kept.work.steps import queue

    for hour in range(0, 50):
        time_machine.move_to(now + timedelta(hours=hour), tick=False)
        queue("backup.make", at=timezone.now())
        work_off(timezone.now(), names=["backup.make"])
    assert Backup.objects.filter(what="data").count() == 3
    settings.BACKUP_HOURS = 0
    time_machine.move_to(now + timedelta(days=9), tick=False)
    queue("backup.make", at=timezone.now())
    work_off(timezone.now(), names=["backup.make"])
    assert Backup.objects.filter(what="data").count() == 3, "0: whoever runs Kept makes their own"


# Restoring


def test_what_was_there_is_there_again(house, tmp_path):
    case = house.reviewed("access", "alice@example.com")
    actions.approve(case, by=house.officer, at=timezone.now())
    house.work()
    package = house.now(case).packages.get()
    sequence_entries()
    path = backed_up()
    file = Path(django_settings.DATA) / "packages" / package.file
    whole = file.read_bytes()
    file.unlink()
    Account.objects.filter(email="bob@example.com").update(name="Somebody else")
    mail("late@example.com")
    assert kept("restore", path) == 1, "not without being told that the store there may go"
    assert Message.objects.filter(to="late@example.com").exists()
    assert kept("restore", path, "--replace") == 0
    assert Account.objects.get(email="bob@example.com").name == "Bob Brook"
    assert not Message.objects.filter(to="late@example.com").exists()
    assert house.now(case).email == "alice@example.com"
    assert file.read_bytes() == whole
    assert all(one.text is not None for one in Message.objects.all()), "and opens"
    [restore] = Restore.objects.all()
    assert restore.over_at is not None
    assert Entry.objects.filter(kind="backup.restored").count() == 1
    assert Entry.objects.filter(kind="security.ledger_began_again").count() == 1
    assert not mark().exists()
    assert list(no_restore_is_half_done()) == []


def test_files_that_came_in_are_in_the_backup_too(store):
    number = keys.make_key()
    came = keep(io.BytesIO(b"Dear all,\nhello.\n"), "letter.txt", kinds=["text"], most=1000, key=number)
    path = backed_up()
    (Path(django_settings.DATA) / "uploads" / came.place).unlink()
    assert kept("restore", path, "--replace") == 0
    with open_kept(came.place, number) as file:
        assert file.read() == b"Dear all,\nhello.\n"


def test_who_was_erased_since_the_backup_is_erased_again_before_anybody_is_served(house):
    mail()
    case = house.reviewed("erasure", "alice@example.com")
    number = case.person_id
    path = backed_up()
    house.confirm(case)
    house.work()
    assert house.now(case).state == Case.State.ANSWERED
    hers = normal("email", "alice@example.com")
    assert is_suppressed(hers, "marketing.own", timezone.now().date())
    tasks.write_replays_out()
    assert kept("restore", path, "--replace") == 0
    account = Account.objects.get(pk=house.people["alice"].pk)
    assert account.email.endswith("@erased.invalid")
    assert not account.is_active
    assert not Key.objects.filter(number=number).exists()
    assert not Person.objects.filter(pk=number).exists()
    assert not Message.objects.filter(to="alice@example.com").exists()
    assert is_suppressed(hers, "marketing.own", timezone.now().date()), "and is left alone"
    assert "alice" not in own_dump().lower()
    assert Entry.objects.filter(kind="rights.erasure_replayed").count() == 1
    [restore] = Restore.objects.all()
    assert restore.replayed >= 4


def test_a_request_that_had_ended_since_is_ended_again(house):
    [case] = house.confirmed("alice@example.com")
    house.work()
    path = backed_up()
    assert house.now(case).email == "alice@example.com"
    actions.close_due_cases(by=KEPT, at=timezone.now() + DOWNLOAD_LIFE + timedelta(minutes=1))
    tasks.write_replays_out()
    assert kept("restore", path, "--replace") == 0
    ended = house.now(case)
    assert (ended.state, ended.email, ended.key) == (Case.State.CLOSED, "", None)


def test_an_objection_made_since_holds_after_the_restore(store):
    hers = normal("email", "alice@example.com")
    path = backed_up()
    until = timezone.now().date() + timedelta(days=100)
    suppress(hers, "marketing.own", law="GDPR Art. 21(3)", until=until, by=KEPT, at=timezone.now())
    tasks.write_replays_out()
    assert kept("restore", path, "--replace") == 0
    assert is_suppressed(hers, "marketing.own", timezone.now().date())


def test_a_restriction_and_an_objection_made_since_are_in_force_before_anybody_is_served(house):
    hers, his = normal("email", "alice@example.com"), normal("email", "bob@example.com")
    path = backed_up()
    case = house.reviewed("restriction", "alice@example.com", grounds=["accuracy"], about="My street is wrong.")
    actions.approve(case, by=house.officer, at=timezone.now())
    house.proven("objection", "bob@example.com", uses=["improvement"])
    tasks.write_replays_out()
    assert kept("restore", path, "--replace") == 0
    assert not Case.objects.exists(), "the requests themselves came after the backup"
    assert would_decide([hers], "support", "contact", "us", timezone.now()).outcome == "deny"
    assert would_decide([his], "improvement", "usage", "us", timezone.now()).outcome == "deny"
    kinds = ("use.restriction_replayed", "use.objection_replayed", "backup.restored")
    done = list(Entry.objects.filter(kind__in=kinds).order_by("pk").values_list("kind", flat=True))
    assert (sorted(done[:-1]), done[-1]) == (sorted(kinds[:2]), "backup.restored"), "and only then it may serve"


def test_who_has_left_the_staff_since_has_left_it(house):
    sam = house.people["sam"]
    path = backed_up()
    end_staff(sam, by=KEPT, at=timezone.now())
    make_staff(house.people["erik"], "auditor", by=KEPT, at=timezone.now())
    tasks.write_replays_out()
    assert kept("restore", path, "--replace") == 0
    assert Account.objects.get(pk=sam.pk).role == "customer"
    assert Account.objects.get(pk=house.people["erik"].pk).role == "engineer", "nobody is promoted by a list"


def test_a_file_that_was_taken_back_since_is_nobodys_to_fetch(house):
    case = house.reviewed("access", "alice@example.com")
    actions.approve(case, by=house.officer, at=timezone.now())
    house.work()
    package = house.now(case).packages.get()
    path = backed_up()
    actions.revoke_package(package, by=house.officer, at=timezone.now())
    house.work()
    tasks.write_replays_out()
    assert kept("restore", path, "--replace") == 0
    package.refresh_from_db()
    assert package.revoked_at is not None
    house.queue("rights.remove_packages")
    house.work()
    assert not list((Path(django_settings.DATA) / "packages").iterdir())


def serves():
    """Whether Kept serves this store, and what it says where it does not."""
    close_systems()
    connections.close_all()
    port = random.randint(20000, 40000)
    command = [sys.executable, "-c", CALL, "web" if connection.vendor == "postgresql" else "run"]
    with tempfile.TemporaryFile() as said:
        known = environment() | {"KEPT_PORT": str(port)}
        web = subprocess.Popen(command, env=known, stdout=said, stderr=subprocess.STDOUT)
        end = time.monotonic() + 150
        while web.poll() is None and not answers(port):
            assert time.monotonic() < end, "it neither serves nor says why not"
            time.sleep(0.1)
        served = web.poll() is None
        web.terminate()
        web.wait(timeout=150)
        said.seek(0)
        return served, said.read().decode()


def answers(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_a_store_in_which_somebody_is_not_gone_again_does_not_serve(house, capsys):
    """The backup has a trigger that puts back what is erased: the second look sees it, and nobody is served."""
    if connection.vendor != "sqlite":
        pytest.skip("the same code")
    case = house.reviewed("erasure", "alice@example.com")
    statement = (
        "CREATE TRIGGER undo AFTER UPDATE OF email ON people_account BEGIN"
        " UPDATE people_account SET email = OLD.email, name = OLD.name WHERE id = OLD.id; END"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement)
    path = backed_up()
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER undo")
    house.confirm(case)
    house.work()
    assert house.now(case).state == Case.State.ANSWERED
    tasks.write_replays_out()
    assert kept("restore", path, "--replace") == 1
    assert capsys.readouterr().err.startswith("kept: ")
    assert [one.stops for one in no_restore_is_half_done()][:1] == [True]
    served, said = serves()
    assert (served, "a restore was begun and is not over" in said) == (False, True), said


AT_EACH_STEP = """
import os, signal, sys
import django
setup, left = django.setup, [int(sys.argv.pop(1))]
def and_count():
    setup()
    from kept.security.backup import replays
    for kind, again in list(replays._again.items()):
        def counted(*words, again=again):
            left[0] -= 1
            if left[0] < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return again(*words)
        replays._again[kind] = counted
django.setup = and_count
from kept.cli import main
sys.exit(main(sys.argv[1:]))
"""


def test_killed_between_any_two_steps_of_the_replay_nobody_is_served_before_all_is_done_again(house):
    mail()
    case = house.reviewed("erasure", "alice@example.com")
    number = case.person_id
    path = backed_up()
    house.confirm(case)
    house.work()
    tasks.write_replays_out()
    kinds = {one.kind for one in replays.notes_since(timezone.now() - timedelta(hours=1))}
    assert len(kinds) >= 5
    for done in (0, 2, len(kinds) - 1):
        close_systems()
        connections.close_all()
        command = [sys.executable, "-c", AT_EACH_STEP, str(done), "restore", str(path), "--replace"]
        killed = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=150, check=False)
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        assert list(no_restore_is_half_done()), f"after {done} kinds"
        assert Restore.objects.filter(over_at=None).exists(), "the store itself knows, on another machine as well"
    served, said = serves()
    assert (served, "a restore was begun and is not over" in said) == (False, True), said
    assert kept("restore", path, "--replace") == 0
    assert not Account.objects.filter(email="alice@example.com").exists()
    assert not Key.objects.filter(number=number).exists()
    assert "alice" not in own_dump().lower()
    [looked] = Entry.objects.filter(kind="rights.erasure_replayed")
    assert looked.facts["verdict"] == "done", "and it was looked at again"
    assert serves()[0]


def test_old_data_with_new_keys_says_nothing_of_who_was_erased(house):
    """The data is kept for 35 days; the keys that open it are gone after 7."""
    mail()
    [case] = house.confirmed("alice@example.com")
    old = backed_up()
    number = house.now(case).person_id
    house.work()
    late = kept("backup")
    assert late == 0
    newest = next(one.path for one in backups_in(folder()) if one.what == "keys")
    found = read_keys(newest, master_key())
    assert number not in [key[0] for key in found.keys]
    assert old.exists()


def test_keys_from_before_the_data_are_refused(store):
    mail()
    early = folder()
    assert kept("backup") == 0
    first = next(one.path for one in backups_in(early) if one.what == "keys")
    time.sleep(1.1)
    mail("bob@example.com")
    path = backed_up()
    assert kept("restore", path, "--replace", "--keys", first) == 1
    assert Message.objects.count() == 2


def test_without_the_replay_list_nothing_is_restored_unasked(store, capsys):
    path = backed_up()
    replays.list_file().unlink()
    assert kept("restore", path, "--replace") == 1
    assert "replay list" in capsys.readouterr().err
    assert kept("restore", path, "--replace", "--without-replays") == 0


@pytest.mark.parametrize("how", ["cut off", "changed", "the keys", "no backup", "not there"])
def test_a_file_that_is_no_whole_backup_changes_nothing(store, tmp_path, how, capsys):
    mail()
    path = backed_up()
    raw = path.read_bytes()
    bad = tmp_path / "bad.kept"
    if how == "cut off":
        bad.write_bytes(raw[:-20])
    elif how == "changed":
        middle = len(raw) // 2
        bad.write_bytes(raw[:middle] + bytes([raw[middle] ^ 1]) + raw[middle + 1 :])
    elif how == "the keys":
        bad = next(one.path for one in backups_in(folder()) if one.what == "keys")
    elif how == "no backup":
        bad.write_text("a shopping list")
    assert kept("restore", bad, "--replace", "--keys", next(folder().glob("kept-keys-*"))) == 1
    assert "kept: " in capsys.readouterr().err
    assert Message.objects.get().text == "Dear Alice Arden"
    assert list(no_restore_is_half_done()) == []


def test_kept_does_not_serve_a_store_that_is_half_restored(store):
    Restore.objects.create(begun_at=timezone.now(), backup_made_at=timezone.now())
    [fault] = no_restore_is_half_done()
    assert fault.stops
    Restore.objects.update(over_at=timezone.now())
    mark().touch()
    assert [one.setting for one in no_restore_is_half_done()] == ["restore"]
    mark().unlink()
    assert list(no_restore_is_half_done()) == []


# The replay list


def test_the_replay_list_names_nobody(house):
    [case] = house.confirmed("alice@example.com")
    house.work()
    tasks.write_replays_out()
    text = replays.list_file().read_text()
    kinds = {json.loads(line)["kind"] for line in text.splitlines()}
    assert kinds >= {"erasure", "key", "person", "suppression", "kept_account"}
    known = {row.value for row in case.identifiers.all()} | {"alice", "arden"}
    assert not [word for word in known if (f'"{word}"' if word.isdigit() else word.lower()) in text.lower()]
    assert replays.list_file().stat().st_mode & 0o077 == 0
    assert not Replay.objects.exists(), "what stands outside waits no more"


@pytest.mark.parametrize("how", ["changed", "cut in the middle"])
def test_a_list_that_somebody_changed_is_refused(house, how):
    opened = house.open("access", "alice@example.com")
    actions.withdraw_case(opened.case, by=PERSON, at=timezone.now())
    house.open("access", "bob@example.com")
    actions.expire_unproven(by=KEPT, at=timezone.now() + timedelta(days=60))
    tasks.write_replays_out()
    path = replays.list_file()
    lines = path.read_text().splitlines(keepends=True)
    assert len(lines) > 2
    lines[0] = lines[0].replace('"kind":"', '"kind":"x') if how == "changed" else lines[0][:20] + "\n"
    path.write_text("".join(lines))
    with pytest.raises(ReplayDamaged, match="Line 1"):
        replays.notes_since(timezone.now() - timedelta(days=1))


def test_a_line_that_was_cut_off_by_a_kill_is_written_anew(store):
    until = timezone.now().date() + timedelta(days=100)
    for name in ("alice", "bob"):
        one = normal("email", f"{name}@example.com")
        suppress(one, "marketing.own", law="GDPR Art. 21(3)", until=until, by=KEPT, at=timezone.now())
        with replays.list_file().open("a") as file:
            file.write('{"at":"2026-')
        tasks.write_replays_out()
    assert len(replays.notes_since(timezone.now() - timedelta(days=1))) == 4, (
        "each address as it is, and in the form of all its spellings"
    )


def test_a_companys_system_that_was_restored_is_erased_again(house, tmp_path):
    before = house.file("billing").read_bytes()
    cases = house.confirmed("alice@example.com", "bob@example.com")
    begun = timezone.now() - timedelta(hours=1)
    house.work()
    assert all(house.now(case).state == Case.State.ANSWERED for case in cases)
    house.file("billing").write_bytes(before)
    assert "alice@example.com" in house.dump("billing").lower()
    out = tmp_path / "list.json"
    assert kept("replay", "--system", "billing", "--since", f"{begun:%Y-%m-%dT%H:%M:%S}", "--out", out) == 0
    listed = json.loads(out.read_text())
    assert len(listed["erasures"]) == 2
    assert not [word for word in ("alice", "bob", '"1001"') if word in out.read_text().lower()]
    assert kept("replay", "--system", "billing", "--since", f"{begun:%Y-%m-%dT%H:%M:%S}", "--run") == 0
    left = [line for line in house.dump("billing").splitlines() if "alice@example.com" in line.lower()]
    assert all(line.startswith(('INSERT INTO "invoice"', 'INSERT INTO "payment"')) for line in left), left
    assert "carol@example.com" in house.dump("billing").lower(), "and nobody else"
    replayed = Entry.objects.filter(kind="rights.erasure_replayed")
    assert sorted(one.facts["verdict"] for one in replayed) == ["done", "done"]
    again = erase_again_in(System.objects.get(name="billing"), replays.notes_since(begun), by=KEPT, at=timezone.now())
    assert [one.verdict for one in again] == ["done", "done"], "twice is harmless"


def test_whoever_has_the_list_alone_can_match_it_with_their_own_program(house, tmp_path):
    """As docs/how-to/back-up-and-restore.md says: nothing of Kept is needed for it."""
    import base64
    import hashlib
    import hmac

    house.confirmed("alice@example.com")
    house.work()
    out = tmp_path / "list.json"
    assert kept("replay", "--system", "newsletter", "--since", "2020-01-01", "--out", out) == 0
    listed = json.loads(out.read_text())
    key = base64.b64decode(listed["key"])
    said = [one for erasure in listed["erasures"] for one in erasure["identifiers"]]
    wanted = {one["digest"] for one in said if one["kind"] == "email"}
    hashed = {
        email: hmac.new(key, f"email\x1f\x1f{email}".encode(), hashlib.sha256).digest()[:16].hex()
        for email in ("alice@example.com", "bob@example.com")
    }
    assert [email for email, digest in hashed.items() if digest in wanted] == ["alice@example.com"]


SHOP = """
format = 1
name = "shop"
title = "Shop"
[table.client]
title = "Account"
category = "account"
purpose = "p"
source = "s"
period = "q"
person = true
links = [{ column = "id", is = "account" }, { column = "email", is = "email" }]
[table.client.columns]
id = "key"
email = { do = "erase", is = "email" }
full_name = { do = "erase", is = "name" }
[table.note]
title = "Notes"
category = "communication"
purpose = "p"
source = "s"
period = "q"
links = [{ column = "client_id", to = "client.id" }]
[table.note.columns]
id = "key"
client_id = "key"
body = "erase"
"""

SHOP_TABLES = [
    "CREATE TABLE client (id integer PRIMARY KEY, email varchar(120) NOT NULL UNIQUE, full_name varchar(80) NOT NULL)",
    "CREATE TABLE note (id integer PRIMARY KEY, client_id integer NOT NULL, body varchar(400))",
]
SHOP_ROWS = [
    "INSERT INTO client VALUES (1, 'alice@example.com', 'Alice Arden'), (2, 'bob@example.com', 'Bob Brook')",
    "INSERT INTO note VALUES (1, 1, 'Alice likes tea'), (2, 2, 'Bob likes coffee')",
]


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param("postgresql", marks=pytest.mark.postgresql),
        pytest.param("mariadb", marks=pytest.mark.mariadb),
    ],
)
def test_an_operator_erases_again_in_a_restored_database_of_any_kind(house, request, tmp_path, kind):
    """Its operators put an old dump back, and run one command."""
    there = Database(kind, request.getfixturevalue(f"{kind}_url"))
    there.run(";\n".join([*SHOP_TABLES, *SHOP_ROWS]))
    pack, secret = tmp_path / "shop.toml", tmp_path / "shop.url"
    pack.write_text(SHOP)
    secret.write_text(there.url)
    secret.chmod(0o600)
    add_system("shop", "Shop", f"file:{secret}", str(pack), "Singapore", "Sales", by=KEPT, at=timezone.now())
    since = timezone.now() - timedelta(minutes=1)
    house.confirmed("alice@example.com")
    house.work()
    assert "alice" not in there.dump().lower()
    there.run(";\n".join(["DELETE FROM note", "DELETE FROM client", *SHOP_ROWS]))
    assert "Alice Arden" in there.dump()
    words = ["replay", "--system", "shop", "--since", f"{since:%Y-%m-%dT%H:%M:%S}"]
    out = tmp_path / "again.json"
    assert kept(*words, "--out", out) == 0
    assert not [word for word in ("alice", "arden", "bob") if word in out.read_text().lower()]
    assert kept(*words, "--run") == 0
    left = there.dump()
    assert "alice" not in left.lower()
    assert "Bob likes coffee" in left
    assert "bob@example.com" in left
    assert kept(*words, "--run") == 0, "twice is harmless"
    assert there.dump() == left


# The test of the test


def test_a_restore_is_tried_and_written_down(house):
    mail()
    house.reviewed("access", "alice@example.com")
    backed_up()
    test = restore_tested(try_restore(timezone.now()), by=KEPT, at=timezone.now())
    assert (test.outcome, test.problem) == (RestoreTest.Outcome.WHOLE, "")
    assert test.rows > 50
    assert test.opened >= 5, "sealed values of each column open with the keys of the backup"
    assert Entry.objects.get(kind="backup.tested").facts["outcome"] == "whole"
    assert not list(folder().glob(f"*{PART}*"))


@pytest.mark.parametrize("how", ["damaged", "no keys", "keys of another time"])
def test_a_backup_that_cannot_be_restored_is_found(store, how):
    for number in range(3):
        mail(f"person{number}@example.com")
    path = backed_up()
    keys_file = next(one.path for one in backups_in(folder()) if one.what == "keys")
    if how == "damaged":
        path.write_bytes(path.read_bytes()[:-1])
    elif how == "no keys":
        keys_file.unlink()
    else:  # the keys are there, but they are other ones
        for key in Key.objects.all():
            other = keys.make_key()
            Key.objects.filter(pk=key.pk).update(wrapped=Key.objects.get(pk=other).wrapped)
        make(folder(), timezone.now() + timedelta(seconds=2))
        next(one.path for one in backups_in(folder()) if one.what == "data").unlink()
    test = try_restore(timezone.now())
    assert test.outcome == RestoreTest.Outcome.FAILED
    assert test.problem


# What the policy says of it


def test_the_policy_page_states_the_days_that_the_files_really_stay(store, client):
    said = " ".join(re.sub(r"<[^>]+>", " ", client.get("/policy/").content.decode()).split())
    assert f"Backups of data go after {KEPT_FOR['data'].days} days." in said
    assert f"Backups of the keys that open encrypted details go after {KEPT_FOR['keys'].days} days." in said


def test_old_files_go_also_while_new_ones_cannot_be_made(store, settings, monkeypatch):
    from kept.work.steps import queue

    def full(*_):
        raise OSError(28, "No space left on device")

    settings.BACKUP_HOURS = 24
    make(folder(), timezone.now() - timedelta(days=36))
    monkeypatch.setattr(tasks, "make", full)
    queue("backup.make", at=timezone.now())
    work_off(timezone.now(), names=["backup.make"])
    assert not backups_in(folder())


@pytest.mark.breaks("site.backups_can_be_restored")
def test_the_policy_says_whether_backups_can_be_restored(store, settings):
    settings.BACKUP_HOURS = 24
    now = timezone.now()
    assert backups_can_be_restored in {bound.look for bound in keepers_of("7.2")}
    assert backups_can_be_restored(now).state is State.CANNOT_TELL, "there is none yet"
    mail()
    path = backed_up()
    now = timezone.now()
    assert backups_can_be_restored(now).state is State.CANNOT_TELL, "and nobody has tried one"
    restore_tested(try_restore(now), by=KEPT, at=now)
    shown = backups_can_be_restored(now)
    assert (shown.state, shown.number > 0) == (State.KEPT, True)
    assert "35 days and keys for 7" in shown.meaning
    assert backups_can_be_restored(now + timedelta(days=4)).state is State.BROKEN, "no backup since"
    path.write_bytes(path.read_bytes()[:-1])
    restore_tested(try_restore(now), by=KEPT, at=now + timedelta(minutes=1))
    broken = backups_can_be_restored(now + timedelta(minutes=1))
    assert (broken.state, "cannot be restored" in broken.figure) == (State.BROKEN, True)


def test_the_policy_says_when_backups_stay_longer_than_their_days(store, settings):
    mail()
    backed_up()
    now = timezone.now()
    make(folder(), now + timedelta(days=7))
    Backup.objects.update(made_at=now + timedelta(days=6))  # what the store says is not all that there is
    restore_tested(try_restore(now), by=KEPT, at=now + timedelta(days=7))
    assert backups_can_be_restored(now + timedelta(days=7)).state is State.KEPT
    late = backups_can_be_restored(now + timedelta(days=8, minutes=1))
    assert (late.state, "1 file kept for too long" in late.figure) == (State.BROKEN, True), "the keys of the first one"
    tasks.remove(now + timedelta(days=8, minutes=1))
    assert "too long" not in backups_can_be_restored(now + timedelta(days=8, minutes=1)).figure


def test_where_kept_makes_no_backups_nobody_can_tell(store, settings):
    settings.BACKUP_HOURS = 0
    shown = backups_can_be_restored(timezone.now())
    assert (shown.state, "nobody can tell about others" in shown.meaning) == (State.CANNOT_TELL, True)


# Killed

CALL = "import sys; from kept.cli import main; sys.exit(main(sys.argv[1:]))"


def environment():
    known = {name: value for name, value in os.environ.items() if not name.startswith("KEPT_")}
    data = Path(django_settings.DATA)
    key = data / "secret-key"
    key.touch(mode=0o600)
    key.write_text(django_settings.SECRET_KEY)
    known |= {"KEPT_DATA": str(data), "KEPT_TESTING": "1", "KEPT_DEMO": "1", "KEPT_LOG_LEVEL": "ERROR"}
    known |= {"KEPT_MASTER_KEY_FILE": django_settings.MASTER_KEY_FILE, "KEPT_BACKUPS": str(django_settings.BACKUPS)}
    if connection.vendor == "postgresql":
        known["KEPT_DATABASE_URL"] = url_of(System(address="kept:"))
    return known


def killed_after(seconds, *words):
    """Whether it was killed before it was over."""
    close_systems()
    connections.close_all()
    command = [sys.executable, "-c", CALL, *map(str, words)]
    running = subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    time.sleep(seconds)
    running.send_signal(signal.SIGKILL)
    running.communicate()
    return running.returncode == -signal.SIGKILL


def fill(count=300):
    for number in range(count):
        mail(f"person{number}@example.com", f"To person {number} " * 40)


def test_a_backup_that_is_killed_leaves_whole_files_or_none(store, tmp_path):
    fill()
    chance = random.Random()
    killed = sum(killed_after(chance.uniform(0.5, 2.2), "backup") for _ in range(KILLS))
    for number, one in enumerate(backups_in(folder())):
        if one.what == "data":
            (tmp_path / str(number)).mkdir()
            assert read_data(one.path, tmp_path / str(number), master_key()).rows["post_message"] == 300
        else:
            assert len(read_keys(one.path, master_key()).keys) == 300
    backed_up()
    tasks.remove(timezone.now())
    assert not list(folder().glob(f"*{PART}*")), "what a killed one left is cleared away"
    assert killed >= 0


def test_a_restore_that_is_killed_leaves_the_old_store_or_goes_on_to_the_new_one(house):
    fill(100)
    case = house.reviewed("erasure", "alice@example.com")
    path = backed_up()
    house.confirm(case)
    house.work()
    tasks.write_replays_out()
    mail("late@example.com")
    chance = random.Random()
    for _ in range(KILLS):
        if killed_after(chance.uniform(0.6, 3.0), "restore", path, "--replace") and list(no_restore_is_half_done()):
            run = subprocess.run(
                [sys.executable, "-c", CALL, "check"], env=environment(), capture_output=True, text=True, check=False
            )
            assert (run.returncode, "a restore was begun and is not over" in run.stderr) == (1, True), run.stderr
        else:
            assert Account.objects.filter(email="alice@example.com").count() == 0, "old or new: she is erased"
    assert kept("restore", path, "--replace") == 0
    assert not Account.objects.filter(email="alice@example.com").exists()
    assert not Message.objects.filter(to="late@example.com").exists()
    assert Message.objects.filter(to="person7@example.com").get().text.startswith("To person 7 ")
    assert list(no_restore_is_half_done()) == []
