"""Where the master key is, what it wraps, and how it is changed while Kept runs."""

from __future__ import annotations

import base64
import json
import os
import random
import secrets
import signal
import stat
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection, transaction
from django.utils import timezone
from house import KEPT, store
from test_rights_killed import Workshop

from kept.post.canaries import OF_NOBODY
from kept.post.models import Message
from kept.post.outbox import write
from kept.security.models import Entry
from kept.security.vault.actions import begin_rotation, wrap_with_new_master
from kept.site.checks import master_key_opens_the_store
from kept.vault import keys
from kept.vault.errors import MasterKeyProblem
from kept.vault.master import CommandMasterKey, master_key
from kept.vault.models import Generation, Key
from kept.work.models import Step
from kept.work.run import work_off

__all__ = ["store"]

pytestmark = pytest.mark.store

KILLS = int(os.environ.get("KEPT_TEST_KILLS", "6"))


def mails(count):
    for number in range(count):
        write(f"person{number}@example.com", "Hello", f"To {number}", about=None, at=timezone.now())


def all_open():
    return sorted(mail.text for mail in Message.objects.exclude(about=OF_NOBODY))


def rewrap():
    while work_off(timezone.now(), names=["vault.rewrap"]):
        pass


@pytest.fixture(autouse=True)
def _keys_of_this_test(store, settings):
    """A test before may have left keys of another master key."""
    usual = settings.MASTER_KEY_FILE
    Generation.objects.all().delete()
    keys.forget_unwrapped()
    keys.make_first_keys(at=timezone.now())
    yield
    settings.MASTER_KEY_FILE, settings.MASTER_KEY, settings.MASTER_KEY_COMMAND = usual, "", ""
    keys.forget_unwrapped()


# Where it is


def test_the_first_start_makes_a_key_that_only_its_owner_reads(settings, tmp_path):
    settings.MASTER_KEY_FILE = str(tmp_path / "master-key")
    master = master_key(make=True)
    assert stat.S_IMODE((tmp_path / "master-key").stat().st_mode) == 0o600
    assert master.unwrap(master.wrap(b"k" * 32)) == b"k" * 32
    assert master_key() == master
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "master-key"], "nothing half made stays"


def test_two_first_starts_at_once_have_one_key(settings, tmp_path):
    settings.MASTER_KEY_FILE = str(tmp_path / "master-key")
    barrier, made = threading.Barrier(8), []

    def start():
        barrier.wait(10)
        made.append(master_key(make=True))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(made) == 8
    assert len(set(made)) == 1


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "cannot be read as a master key"),
        ("not base64!", "cannot be read as a master key"),
        (base64.b64encode(b"short").decode(), "cannot be read as a master key"),
        ("ü", "cannot be read (UnicodeDecodeError)"),
    ],
)
def test_a_file_that_is_no_key_is_told_and_left_as_it_is(settings, tmp_path, content, told):
    path = tmp_path / "master-key"
    path.write_text(content, encoding="utf-8")
    path.chmod(0o600)
    settings.MASTER_KEY_FILE = str(path)
    with pytest.raises(MasterKeyProblem) as problem:
        master_key(make=True)
    assert told in str(problem.value)
    assert path.read_text(encoding="utf-8") == content


def test_a_key_that_others_can_read_is_refused(settings, tmp_path):
    path = tmp_path / "master-key"
    path.write_text(base64.b64encode(b"k" * 32).decode())
    path.chmod(0o640)
    settings.MASTER_KEY_FILE = str(path)
    with pytest.raises(MasterKeyProblem, match="chmod 600"):
        master_key()


def test_a_store_whose_master_key_is_lost_says_so_and_makes_no_other(store, settings, tmp_path):
    mails(1)
    keys.forget_unwrapped()
    settings.MASTER_KEY_FILE = str(tmp_path / "gone")
    with pytest.raises(MasterKeyProblem, match="gone is not there"):
        all_open()
    with pytest.raises(MasterKeyProblem):
        mails(1)
    keys.make_first_keys(at=timezone.now())  # what each start does
    assert not (tmp_path / "gone").exists()


def test_another_stores_master_key_is_told_from_the_right_one(store, settings):
    mails(1)
    keys.forget_unwrapped()
    settings.MASTER_KEY = base64.b64encode(secrets.token_bytes(32)).decode()
    with pytest.raises(MasterKeyProblem, match="KEPT_MASTER_KEY is not the master key of this store"):
        all_open()


SERVICE = """
import base64, sys
sys.path[:0] = {path!r}
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap_with_padding, aes_key_wrap_with_padding
open({log!r}, "a").write(sys.argv[1] + "\\n")
given = base64.b64decode(sys.stdin.read())
key = bytes(range(32))
if sys.argv[1] == "wrap":
    answer = b"service:" + aes_key_wrap_with_padding(key, given)
else:
    answer = aes_key_unwrap_with_padding(key, given.removeprefix(b"service:"))
print(base64.b64encode(answer).decode())
"""


def test_a_key_service_wraps_and_unwraps_and_is_asked_once(store, settings, tmp_path):
    service, log = tmp_path / "service.py", tmp_path / "log"
    service.write_text(SERVICE.format(path=sys.path, log=str(log)))
    Generation.objects.all().delete()
    settings.MASTER_KEY_COMMAND = f"{sys.executable} {service}"
    keys.make_first_keys(at=timezone.now())
    assert all(bytes(one.wrapped).startswith(b"service:") for one in Generation.objects.all())
    mails(20)
    keys.forget_unwrapped()
    assert len(all_open()) == 20
    mails(5)
    assert log.read_text().split().count("unwrap") <= 4, "the generation and the indexes, in each half of the test"


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("/nonexistent/service", "cannot be run (FileNotFoundError)"),
        (f"{sys.executable} -c 'import sys; sys.exit(7)'", "ended with 7 when asked to unwrap"),
        (f"{sys.executable} -c 'print(\"...\")'", "no base64"),
        (f"{sys.executable} -c 'print(\"aGVsbG8=\")'", "no key"),
        (f"{sys.executable} -c 'print(\"A\" * 4000)'", "answered with 3000 bytes"),
    ],
)
def test_a_key_service_that_fails_is_told_without_its_words(settings, command, told):
    settings.MASTER_KEY_COMMAND = command
    with pytest.raises(MasterKeyProblem) as problem:
        master_key().unwrap(b"x" * 40)
    assert told in str(problem.value)
    assert isinstance(master_key(), CommandMasterKey)


def test_kept_does_not_start_with_another_stores_key(store, settings):
    assert list(master_key_opens_the_store()) == []
    keys.forget_unwrapped()
    settings.MASTER_KEY = base64.b64encode(secrets.token_bytes(32)).decode()
    [fault] = master_key_opens_the_store()
    assert (fault.setting, fault.stops) == ("KEPT_MASTER_KEY", True)
    assert "is not the master key of this store" in fault.what


# Rotation


def test_a_rotation_wraps_every_key_anew_and_changes_no_word(store, monkeypatch):
    monkeypatch.setattr("kept.security.vault.actions.REWRAPPED_AT_ONCE", 7)
    mails(20)
    before, wrapped = all_open(), set(map(bytes, Key.objects.values_list("wrapped", flat=True)))
    assert begin_rotation(by=KEPT, at=timezone.now()) == 2
    assert begin_rotation(by=KEPT, at=timezone.now()) == 2, "one at a time"
    mails(3)  # while it runs
    rewrap()
    keys.forget_unwrapped()
    assert all_open() == sorted([*before, *(f"To {number}" for number in range(3))])
    assert set(Key.objects.values_list("generation_id", flat=True)) == {2}
    assert not wrapped & set(map(bytes, Key.objects.values_list("wrapped", flat=True)))
    assert set(Generation.objects.values_list("number", flat=True)) == {0, 2}, "nothing needs the old one"
    kinds = Entry.objects.filter(kind__startswith="vault.rot").order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["vault.rotation_begun", "vault.rotated"]
    assert Message.objects.filter(to="person3@example.com").count() == 1, "the indexes stay"


def test_both_generations_open_while_a_rotation_is_under_way(store, monkeypatch):
    monkeypatch.setattr("kept.security.vault.actions.REWRAPPED_AT_ONCE", 5)
    mails(12)
    begin_rotation(by=KEPT, at=timezone.now())
    [step] = Step.objects.filter(name="vault.rewrap")
    with transaction.atomic():
        keys.wrap_anew(0, 5)
    assert set(Key.objects.values_list("generation_id", flat=True)) == {1, 2}
    keys.forget_unwrapped()
    assert len(all_open()) == 12
    assert step.args["after"] == 0


def test_a_new_master_key_takes_over_from_the_old_one(store, settings):
    mails(2)
    old = Path(settings.MASTER_KEY_FILE).read_text().strip()
    new = base64.b64encode(secrets.token_bytes(32)).decode()
    settings.MASTER_KEY = f"{new},{old}"
    assert len(all_open()) == 2, "both open"
    assert wrap_with_new_master(by=KEPT, at=timezone.now()) == 2
    settings.MASTER_KEY = new
    keys.forget_unwrapped()
    assert len(all_open()) == 2
    mails(1)
    settings.MASTER_KEY = old
    keys.forget_unwrapped()
    with pytest.raises(MasterKeyProblem):
        all_open()


def test_a_damaged_key_stops_a_rotation_by_its_number(store):
    mails(3)
    damaged = Key.objects.order_by("number")[1]
    Key.objects.filter(pk=damaged.pk).update(wrapped=b"x" * 40)
    begin_rotation(by=KEPT, at=timezone.now())
    with pytest.raises(MasterKeyProblem, match=f"Key {damaged.number} was damaged"), transaction.atomic():
        keys.wrap_anew(0, 100)


def test_a_key_that_is_being_made_while_the_old_generation_is_retired_is_not_lost(store):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    made, go_on = threading.Event(), threading.Event()

    def slow_writer():
        try:
            with transaction.atomic():
                mails(1)
                made.set()
                go_on.wait(30)
        finally:
            connection.close()

    writer = threading.Thread(target=slow_writer)
    writer.start()
    assert made.wait(30)
    begin_rotation(by=KEPT, at=timezone.now())
    threading.Timer(0.5, go_on.set).start()
    rewrap()
    writer.join(30)
    rewrap()
    keys.forget_unwrapped()
    assert all_open() == ["To 0"]
    assert set(Key.objects.values_list("generation_id", flat=True)) == {2}


class Meanwhile:
    """Somebody who reads and somebody who writes, all the time, in this process."""

    def __init__(self):
        self.stop, self.written, self.read = threading.Event(), [], 0
        self.two = ThreadPoolExecutor(2)
        self.ends = [self.two.submit(self.going_on, one) for one in (self.write_one, self.read_one)]

    def going_on(self, one):
        try:
            while not self.stop.wait(0.02):
                keys.forget_unwrapped()
                one()
        finally:
            connection.close()

    def write_one(self):
        number = 10_000 + len(self.written)
        write(f"person{number}@example.com", "Hello", f"To {number}", about=None, at=timezone.now())
        self.written.append(f"To {number}")

    def read_one(self):
        assert "" not in [mail.text for mail in Message.objects.order_by("?")[:5]]
        self.read += 1

    def end(self):
        self.stop.set()
        for one in self.ends:
            one.result(60)
        self.two.shutdown()
        return self.written


@pytest.mark.xdist_group("killed")
def test_a_rotation_whose_worker_is_killed_again_and_again_loses_no_key(store):
    mails(400)
    before = all_open()
    workshop = Workshop()
    chance = random.Random()
    meanwhile = Meanwhile()
    try:
        begin_rotation(by=KEPT, at=timezone.now())
        for _ in range(KILLS):
            worker = workshop.start("few keys at once")
            time.sleep(chance.uniform(0.02, 0.4))
            os.kill(worker, signal.SIGKILL)
            keys.forget_unwrapped()
            assert len(all_open()) >= 400, "and everything opens all the time"
        workshop.start()
        end = time.monotonic() + 60
        while not Entry.objects.filter(kind="vault.rotated").exists():
            assert time.monotonic() < end, list(Step.objects.values_list("name", "state", "problem"))[:5]
            time.sleep(0.05)
    finally:
        workshop.close()
        written = meanwhile.end()
    assert len(written) > 10, "nobody waited for the rotation"
    assert meanwhile.read > 10
    keys.forget_unwrapped()
    assert all_open() == sorted(before + written)
    assert set(Key.objects.values_list("generation_id", flat=True)) == {2}
    assert Entry.objects.filter(kind="vault.rotated").count() == 1


def test_the_commands_tell_and_rotate(store, tmp_path):
    if connection.vendor != "sqlite":
        pytest.skip("the same code")
    mails(2)
    data = Path(django_settings.DATA)
    known = {name: value for name, value in os.environ.items() if not name.startswith("KEPT_")}
    known |= {"KEPT_DATA": str(data), "KEPT_TESTING": "1", "KEPT_MASTER_KEY_FILE": django_settings.MASTER_KEY_FILE}

    def kept(*words, **more):
        command = [sys.executable, "-c", CALL, *words]
        done = subprocess.run(command, env=known | more, capture_output=True, text=True, timeout=150, check=False)
        return done.returncode, done.stdout + done.stderr

    code, said = kept("vault", "show")
    assert (code, "generation 1" in said, "2 keys" in said) == (0, True, True), said
    code, said = kept("vault", "fields")
    assert (code, "post_message.text: sealed\n" in said) == (0, True), said
    assert "people_account.email: open. Signing in looks for the address" in said
    code, said = kept("vault", "fields", "--json")
    assert (code, json.loads(said)["undecided"]) == (0, [])
    code, said = kept("vault", "rotate")
    assert (code, "Generation 2" in said) == (0, True), said
    code, said = kept("vault", "rotate", "--master", KEPT_MASTER_KEY=base64.b64encode(b"n" * 32).decode())
    assert (code, "not the master key of this store" in said) == (1, True), said


CALL = "import sys; from kept.cli import main; sys.exit(main(sys.argv[1:]))"
