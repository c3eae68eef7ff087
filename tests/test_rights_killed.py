"""SIGKILL anywhere in a case: it ends all the same, everything is done once, and nothing is half done.

KEPT_TEST_KILLS sets how many kills at random points there are; a few by default, so that the suite stays quick.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.utils import timezone
from house import SYSTEMS, bytes_of, house, store

from kept.information.access import url_of
from kept.information.models import System
from kept.post.models import Message
from kept.rights import actions
from kept.rights.canaries import OF_NOBODY
from kept.rights.models import Case
from kept.security.models import Entry
from kept.work.models import Step

__all__ = ["house", "store"]

KILLS = int(os.environ.get("KEPT_TEST_KILLS", "6"))
ERASE = ("alice@example.com", "bob@example.com", "carol@example.com")
COPY = ("zoe@example.com", "uma.urban@example.com")
ALSO = {"carol@example.com": ["carol.chen@example.org"]}
BY_LAW = ('INSERT INTO "invoice"', 'INSERT INTO "payment"')
END_SECONDS = 200

pytestmark = [pytest.mark.store, pytest.mark.xdist_group("killed")]


class Workshop:
    """Starts workers on the test's own store, and kills them."""

    def __init__(self) -> None:
        data = Path(django_settings.DATA)
        key = data / "secret-key"
        key.touch(mode=0o600)
        key.write_text(django_settings.SECRET_KEY)
        known = {name: value for name, value in os.environ.items() if not name.startswith("KEPT_")}
        known |= {"KEPT_DATA": str(data), "KEPT_TESTING": "1", "KEPT_DEMO": "1", "KEPT_LOG_LEVEL": "ERROR"}
        known["KEPT_MASTER_KEY_FILE"] = django_settings.MASTER_KEY_FILE
        if connection.vendor == "postgresql":
            known["KEPT_DATABASE_URL"] = url_of(System(address="kept:"))
        self.log = (data / "workers.log").open("w+")
        self.process = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("workshop.py")],
            env=known, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True,
        )  # fmt: skip

    def start(self, point: str = "") -> int:
        self.process.stdin.write(f"worker {point}\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def close(self) -> None:
        self.process.kill()
        self.process.wait(10)
        self.process.stdin.close()
        self.process.stdout.close()
        self.log.close()


@pytest.fixture
def workshop(house):
    workshop = Workshop()
    yield workshop
    workshop.close()


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def until(true, what: str, workshop: Workshop) -> None:
    end = time.monotonic() + END_SECONDS
    while not true():
        if time.monotonic() > end:
            workshop.log.seek(0)
            steps = list(Step.objects.exclude(state="done").values_list("name", "state", "attempt", "problem"))
            cases = list(Case.objects.values_list("reference", "right", "state", "problem"))
            pytest.fail(f"{what}\n{steps}\n{cases}\n{workshop.log.read()[-5000:]}")
        time.sleep(0.05)


def all_answered() -> bool:
    waiting = Case.objects.exclude(state=Case.State.ANSWERED).exclude(reference__startswith=OF_NOBODY)
    return not waiting.exists()


def counted(kind: str) -> Counter:
    facts = Entry.objects.filter(kind=kind).values_list("about", "facts")
    return Counter((about, known.get("system", "")) for about, known in facts)


def judge(house, *, erased: bool = True) -> None:
    """Everything was done, and once, as seen from the systems and from the entries."""
    for case in Case.objects.exclude(reference__startswith=OF_NOBODY):
        assert Entry.objects.filter(kind="rights.case_answered", about=f"rights.case:{case.pk}").count() == 1
        [package] = case.packages.all()
        assert len(bytes_of(package)) == package.size
        mails = [mail.subject for mail in Message.objects.filter(about=case.pk)]
        assert sum(subject.startswith("Your data is") for subject in mails) == 1
    if erased:
        judge_erasures(house)


def judge_erasures(house) -> None:
    erased = list(Case.objects.filter(right="erasure"))
    begun, ended = counted("rights.erasure_begun"), counted("rights.system_erased")
    assert set(begun) == set(ended)
    assert len(begun) == (len(SYSTEMS) + 1) * len(erased)
    assert set(begun.values()) == {1}, "one intent for one change, however often the run was cut off"
    assert set(ended.values()) == {1}
    for case in erased:
        gone = {case.email, *ALSO.get(case.email, ())}
        for name in SYSTEMS:
            left = [line for line in house.dump(name).splitlines() if any(email in line.lower() for email in gone)]
            assert all(line.startswith(BY_LAW) for line in left), left
    alice = next(case for case in erased if case.account == house.people["alice"])
    tables = {one["table"]: one["rows"] + one["deleted"] for one in house.answers(alice)["billing"].changes}
    assert tables["client_order"] == 4
    assert tables["client_password_reset"] == 1, "what a cut-off run deleted is told as well"
    assert tables["session"] == 1


def prepare(house, *, erase, copy) -> None:
    """Cases that a worker finds confirmed and approved; nothing of them is carried out yet."""
    copies = [house.reviewed("access", email) for email in copy]
    house.confirmed(*erase)
    for case in copies:
        actions.approve(case, by=house.officer, at=timezone.now())


def die_at(workshop, point: str) -> None:
    """A worker goes on with what there is and kills itself the first time it gets to that point."""
    victim = workshop.start(point)
    until(lambda: not lives(victim), f"No worker got to where {point}.", workshop)


def test_an_erasure_whose_worker_dies_at_every_point_is_done_once(house, workshop):
    prepare(house, erase=ERASE[:1], copy=[])
    for point in (
        "nothing is begun",
        "the intent is written",
        "a system was changed",
        "the second look is over",
        "the outcome is written",
        "a system was changed",  # the next one
        "the outcome is written",
        "the report lies there",
        "the person is told",
    ):
        die_at(workshop, point)
    workshop.start()
    until(all_answered, "The case was never answered.", workshop)
    judge(house)


def test_a_copy_whose_worker_dies_at_every_point_is_made_once(house, workshop):
    case = house.proven("access", "alice@example.com")
    die_at(workshop, "the search is done and not kept")
    die_at(workshop, "the search is kept")
    worker = workshop.start()
    until(lambda: house.now(case).state == Case.State.REVIEW, "The search was never finished.", workshop)
    os.kill(worker, signal.SIGKILL)
    actions.approve(case, by=house.officer, at=timezone.now())
    die_at(workshop, "the copies lie there")
    workshop.start()
    until(all_answered, "The case was never answered.", workshop)
    judge(house, erased=False)


def test_workers_are_killed_again_and_again_and_everything_is_done_once(house, workshop):
    prepare(house, erase=ERASE, copy=COPY)
    chance = random.Random()
    workers = [workshop.start(), workshop.start()]
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.05, 0.6))
        victim = chance.randrange(2)
        os.kill(workers[victim], signal.SIGKILL)
        until(lambda dying=workers[victim]: not lives(dying), "A killed worker lives.", workshop)
        workers[victim] = workshop.start()
    until(all_answered, "Not every case was answered.", workshop)
    judge(house)
