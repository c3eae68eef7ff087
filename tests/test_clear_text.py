"""Nothing that should be sealed lies in clear, and whoever puts something there is found out."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.db import connection, connections, models
from django.utils import timezone
from house import KEPT, house, store
from hypothesis import given
from hypothesis import strategies as st

from kept.cli import main
from kept.information.access import close_systems
from kept.information.promises import what_is_sealed_lies_nowhere_in_clear
from kept.policy.keepers import keepers_of
from kept.post.models import Message
from kept.post.outbox import write
from kept.rights.automated.models import Version
from kept.rights.models import Case
from kept.security.backup.folder import PART, alone, folder
from kept.security.models import Entry
from kept.security.vault import clear
from kept.security.vault.actions import LOOKED, plant_canaries, pull_canaries
from kept.security.vault.clear import look_for_clear_text
from kept.security.vault.samples import samples, whereabouts
from kept.security.vault.words import Seen, SeenOf, Word
from kept.site.demo.decisions import load_decisions
from kept.terms import State
from kept.vault import keys
from kept.vault.canaries import canaries, without_canary
from kept.vault.models import Key
from kept.vault.open import decided_in_vain, open_fields, undecided
from kept.work.run import work_off
from kept.work.steps import queue

__all__ = ["house", "store"]

pytestmark = [pytest.mark.store, pytest.mark.xdist_group("backup")]

WORDS = "Dear Alice Arden of Garden Street, your code is one two three. Nobody else reads this."


@pytest.fixture(autouse=True)
def _a_folder_of_their_own(settings, tmp_path, store):
    settings.BACKUPS = str(tmp_path / "backups")


def mail(to="alice@example.com", text=WORDS):
    return write(to, "A subject of hers", text, about=None, at=timezone.now())


def look():
    return look_for_clear_text(by=KEPT, at=timezone.now())


def run(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


# What is sealed and what is not


def test_every_field_that_can_hold_text_is_sealed_or_open_for_a_reason():
    assert undecided() == []
    assert decided_in_vain() == []
    assert all(len(one.why) > 30 and one.why.endswith(".") for one in open_fields().values())


def test_a_new_text_field_that_nobody_decided_about_is_found(monkeypatch):
    from kept.work.models import Step

    for new in (models.TextField(), models.JSONField(), models.FileField(), models.CharField(), models.BinaryField()):
        new.set_attributes_from_name("remark")
        with monkeypatch.context() as patch:
            patch.setattr(Step._meta, "local_concrete_fields", [*Step._meta.local_concrete_fields, new])
            assert undecided() == ["work_step.remark"], type(new)
    assert undecided() == []


def test_every_sealed_field_has_a_canary():
    assert without_canary() == []


# A look that finds nothing


def test_a_store_at_work_holds_nothing_in_clear(house):
    mail()
    house.confirmed("bob@example.com")
    house.reviewed("access", "alice@example.com")
    before = Message.objects.count(), Case.objects.count(), Key.objects.count()
    found = look()
    assert found.in_clear == []
    assert found.unsure == []
    assert found.sampled >= 5
    assert found.values > 20
    names = [place.name for place in found.places]
    if connection.vendor == "sqlite":
        assert names == ["log", "pages", "backup", "encrypted backup"]
    else:
        assert names == ["dump", "encrypted backup"]
    assert (Message.objects.count(), Case.objects.count(), Key.objects.count()) == before, "it leaves nothing"
    assert not list(folder().glob(f"*{PART}*"))
    [entry] = Entry.objects.filter(kind=LOOKED)
    assert (entry.facts["in_clear"], entry.facts["unsure"], entry.facts["values"]) == ([], [], found.values)


def test_what_a_rule_says_to_everybody_may_stand_in_what_one_person_was_told(house):
    load_decisions(house.people, by=KEPT, at=timezone.now())
    for rule in Version.objects.all():
        for factor in rule.factors:
            assert whereabouts(factor["says"].encode()) == [], factor["says"]


def test_what_people_wrote_is_looked_for_and_what_is_said_to_several_is_not(store):
    mail()
    for number in range(3):
        mail(f"person{number}@example.com", f"The same for all of you. And letter number {number} for one.")
    pieces = b" | ".join(samples())
    assert b"Garden Street" in pieces or b"your code is" in pieces or b"Nobody else" in pieces or b"Alice" in pieces
    assert b"The same for all" not in pieces
    assert b"@" not in pieces


# A look that finds something


def test_a_sealed_column_written_in_clear_is_found(store):
    written = mail()
    run('UPDATE post_message SET "text" = %s WHERE key = %s', WORDS.encode(), written.key)
    found = look()
    assert found.unsealed == ["post_message.text"]
    assert "post_message.text" in found.in_clear


def test_a_clear_copy_in_another_table_is_found_with_its_place(store):
    mail()
    run("CREATE TABLE notes (id integer, words text)")
    try:
        run("INSERT INTO notes VALUES (1, %s)", f"kept for later: {WORDS}")
        found = look()
    finally:
        run("DROP TABLE notes")
    places = {f"notes.words holds post_message.{one}" for one in ("text", "html")}  # a mail's page has its words too
    assert found.in_clear
    assert set(found.in_clear) <= places
    assert set(clear.said(found)) == {f"{place} in clear." for place in found.in_clear}
    assert "Garden" not in json.dumps(Entry.objects.get(kind=LOOKED).facts), "and no word of it is repeated"
    assert look().in_clear == []


def test_a_field_that_stops_sealing_is_found_in_every_place(store, monkeypatch):
    """As if somebody took the sealing out of the code."""
    from kept.vault.fields import SealedTextField

    monkeypatch.setattr(
        SealedTextField, "pre_save", lambda field, row, add: field.as_bytes(row.__dict__[field.attname])
    )
    found = look()
    assert {"post_message.text", "rights_case.name", "rights_caseidentifier.value"} <= set(found.unsealed)
    raw = {"pages", "backup"} if connection.vendor == "sqlite" else {"dump"}
    assert raw <= {place.name for place in found.places if place.clear}
    assert "encrypted backup" not in found.in_clear
    monkeypatch.undo()
    assert not {"backup", "dump"} & {place.name for place in look().places if place.clear}


def test_a_backup_that_is_not_encrypted_is_found(store, monkeypatch):
    class InClear:
        def __init__(self, file, facts, master):
            self.write, self.finish = file.write, file.flush

    if connection.vendor == "postgresql":
        pytest.skip("its own form is compressed before it is encrypted")
    monkeypatch.setattr(clear, "Writer", InClear)
    assert look().in_clear == ["encrypted backup"]


def test_what_only_the_log_holds_is_found_in_the_log(store, monkeypatch):
    if connection.vendor == "postgresql":
        pytest.skip("PostgreSQL's log belongs to its server")
    real = clear.plant_canaries

    def plant(secret, open_word, **who):
        number = real(secret, open_word, **who)
        run("CREATE TABLE gone (words text)")
        run("INSERT INTO gone VALUES (%s)", secret)
        run("DROP TABLE gone")
        return number

    monkeypatch.setattr(clear, "plant_canaries", plant)
    found = look()
    assert "log" in found.in_clear
    assert "backup" not in found.in_clear


# A look that cannot see


def test_a_search_that_does_not_see_what_is_there_says_so(store, monkeypatch):
    real = clear.plant_canaries
    monkeypatch.setattr(clear, "plant_canaries", lambda secret, word, **who: real("s" * 20, "o" * 20, **who))
    found = look()
    assert found.in_clear == []
    assert found.unsure == (["pages", "backup"] if connection.vendor == "sqlite" else ["dump"])


def test_without_pg_dump_nobody_can_tell(store, monkeypatch):
    if connection.vendor != "postgresql":
        pytest.skip("PostgreSQL only")
    from kept.security.backup import postgresql
    from kept.security.backup.errors import ToolMissing

    def missing(name):
        raise ToolMissing(f"{name} is not there.")

    monkeypatch.setattr(postgresql, "program", missing)
    found = look()
    assert set(found.unsure) == {"dump", "backup"}
    assert what_is_sealed_lies_nowhere_in_clear(timezone.now()).state is State.CANNOT_TELL


def test_a_look_waits_for_a_backup_that_is_being_made(store, monkeypatch):
    monkeypatch.setattr(clear, "WAIT", 20)
    let_go = threading.Event()

    def hold():
        with alone(folder()):
            let_go.wait(1.5)

    holder = threading.Thread(target=hold)
    holder.start()
    time.sleep(0.3)
    assert look().unsure == []
    holder.join()
    monkeypatch.setattr(clear, "WAIT", 0.3)
    with alone(folder()):
        assert look().unsure == ["backup"]


# The command, the task, the keeper


def kept(*words):
    close_systems()
    connections.close_all()
    code = main([str(word) for word in words])
    keys.forget_unwrapped()
    return code


def test_kept_check_looks_and_says_where_it_looked(store, capsys, settings):
    mail()
    settings.DEMO = True
    assert kept("check") == 0
    assert "looked in: " in capsys.readouterr().out
    run('UPDATE post_message SET "subject" = %s', b"In clear")
    assert kept("check") == 1
    assert "vault: post_message.subject: a value in it is not sealed." in capsys.readouterr().err
    assert kept("check", "--json") == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["verdict"], told["faults"][-1]["setting"]) == ("not done", "vault")


def test_kept_check_says_when_nobody_can_tell(store, capsys, monkeypatch, settings):
    settings.DEMO = True
    real = clear.plant_canaries
    monkeypatch.setattr(clear, "plant_canaries", lambda secret, word, **who: real("s" * 20, "o" * 20, **who))
    assert kept("check") == 3
    assert "cannot tell" in capsys.readouterr().err


def test_the_task_looks_four_times_a_day(store):
    from kept.work.registry import task_named

    assert task_named("vault.look").every == timedelta(hours=6)
    queue("vault.look", at=timezone.now())
    work_off(timezone.now(), names=["vault.look"])
    assert Entry.objects.filter(kind=LOOKED).count() == 1


@pytest.mark.breaks("information.what_is_sealed_lies_nowhere_in_clear")
def test_the_keeper_turns_red_when_something_sealed_lies_in_clear(store):
    for clause in ("1.1", "7.1"):
        assert what_is_sealed_lies_nowhere_in_clear in {bound.look for bound in keepers_of(clause)}
    assert what_is_sealed_lies_nowhere_in_clear(timezone.now()).state is State.CANNOT_TELL, "nobody has looked yet"
    written = mail()
    look()
    kept_now = what_is_sealed_lies_nowhere_in_clear(timezone.now())
    assert (kept_now.state, kept_now.number) == (State.KEPT, 0)
    assert what_is_sealed_lies_nowhere_in_clear(timezone.now() + timedelta(days=1)).state is State.CANNOT_TELL
    run('UPDATE post_message SET "text" = %s WHERE key = %s', WORDS.encode(), written.key)
    look()
    broken = what_is_sealed_lies_nowhere_in_clear(timezone.now())
    assert broken.state is State.BROKEN
    assert "post_message.text" in broken.figure
    assert "Garden" not in broken.figure


def test_the_keeper_turns_red_for_a_field_that_nobody_decided_about(store, monkeypatch):
    look()
    monkeypatch.setattr("kept.information.promises.undecided", lambda: ["work_step.remark"])
    assert what_is_sealed_lies_nowhere_in_clear(timezone.now()).state is State.BROKEN


# Two at once, and killed


def test_two_looks_at_once_do_not_meet(store):
    mail()
    found, barrier = [], threading.Barrier(2)

    def one():
        try:
            barrier.wait(10)
            found.append(look())
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [(one.in_clear, one.unsure) for one in found] == [([], []), ([], [])]
    assert Message.objects.count() == 1


def test_what_a_killed_look_left_is_pulled_by_the_next(store):
    at = timezone.now()
    number = plant_canaries("s" * 20, "o" * 20, by=KEPT, at=at)
    assert Message.objects.filter(key=number).exists()
    assert pull_canaries(by=KEPT, at=at + timedelta(minutes=5)) == 0, "it may still be at work"
    assert pull_canaries(by=KEPT, at=at + timedelta(hours=3)) >= len(canaries()), "a row of each room at least"
    assert not Message.objects.filter(key=number).exists()
    assert not Key.objects.filter(number=number).exists()
    assert not Message.objects.exists()
    assert not Case.objects.exists()


CALL = "import sys; from kept.cli import main; sys.exit(main(sys.argv[1:]))"


def test_a_look_that_is_killed_leaves_no_open_copy_behind(store, time_machine):
    """What it had unpacked lies in the folder of the backups, and goes with the next round of theirs."""
    from test_backup import environment

    from kept.security.backup.tasks import remove

    for number in range(200):
        mail(f"person{number}@example.com", f"To person {number} " * 400)
    close_systems()
    connections.close_all()
    command = [sys.executable, "-c", CALL, "check"]
    for wait in (0.9, 1.2, 1.5, 1.8):
        running = subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        time.sleep(wait)
        os.kill(running.pid, signal.SIGKILL)
        running.communicate()
    remove(timezone.now())
    assert not list(folder().glob(f"*{PART}*"))
    assert not list(django_settings.DATA.glob(f".*{PART}"))
    pull_canaries(by=KEPT, at=timezone.now() + timedelta(hours=3))
    assert Message.objects.count() == 200
    assert not Case.objects.exists()
    assert look().in_clear == []


# Words


@given(
    st.binary(max_size=40), st.integers(min_value=1, max_value=50), st.sampled_from(["raw", "hex", "base64", "utf-16"])
)
def test_a_word_is_seen_wherever_it_stands_and_however_the_bytes_come(before, size, form):
    import base64

    word = "0123456789abcdef01234567"
    raw = {
        "raw": word.encode(), "hex": word.encode().hex().encode(), "utf-16": word.encode("utf-16-le"), "base64": b"",
    }[form]  # fmt: skip
    data = base64.b64encode(before + word.encode() + b"more") if form == "base64" else before + raw + b"more"
    seen, many = Seen(Word(word)), SeenOf([word.encode()])
    for start in range(0, len(data), size):
        seen.read(data[start : start + size])
        many.read(data[start : start + size])
    assert seen.found
    assert bool(many.found) == (form in ("raw", "hex"))


@given(st.binary(max_size=200))
def test_a_word_that_is_not_there_is_not_seen(data):
    seen = Seen(Word("0123456789abcdef01234567"))
    seen.read(data)
    assert not seen.found
