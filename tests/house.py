"""A company of three small systems, and Kept's own store as a system among them: real files, real transactions.

The store is a SQLite file, or the PostgreSQL that KEPT_TEST_STORE names; each test gets its own copy of everything.
"""

from __future__ import annotations

import io
import re
import shutil
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.utils import timezone

from kept.information.access import close_systems
from kept.information.actions import add_system
from kept.people.actions import make_demo_cast
from kept.people.models import Account
from kept.post.models import Message
from kept.rights import actions
from kept.rights.actions.disowning import say_yes
from kept.rights.alerts.models import Alert
from kept.rights.models import Case, Package, SystemAnswer
from kept.rights.packages import open_package
from kept.site.demo import generate
from kept.terms import Actor
from kept.work.models import Step
from kept.work.run import work_off
from kept.work.steps import queue

KEPT = Actor.kept()
PERSON = Actor("person")
PEOPLE = 14  # the known ten and a few others
SYSTEMS = {"billing": "Billing", "helpdesk": "Help desk", "newsletter": "Newsletter"}
WORK = [
    "rights.search", "rights.search_texts", "rights.erase", "rights.rectify", "rights.package", "rights.answer",
    "rights.remove_packages",
]  # fmt: skip
WORK += ["rights.automated_letter", "rights.forget_decisions", "rights.send_package", "rights.check_import"]
WORK += ["rights.join_same"]
WORK += ["rights.object", "rights.restrict", "rights.lift", "rights.unmark"]


@contextmanager
def sqlite_file(path: Path) -> Iterator[None]:
    """Django's connections go to this file, in every thread."""
    before, settings = connections["default"], connections.settings["default"]
    connections.settings["default"] = {**settings, "NAME": str(path)}
    connections["default"] = connections.create_connection("default")
    try:
        yield
    finally:
        connections["default"].close()
        connections.settings["default"] = settings
        connections["default"] = before


@pytest.fixture(scope="session")
def _migrated(tmp_path_factory, django_db_setup, django_db_blocker) -> Path:
    path = tmp_path_factory.mktemp("store") / "kept.sqlite3"
    with django_db_blocker.unblock(), sqlite_file(path):
        call_command("migrate", verbosity=0)
    return path


@pytest.fixture(scope="session")
def _generated(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("company")
    generate(folder, people=PEOPLE)
    return folder


@pytest.fixture
def store(request, tmp_path, settings, transactional_db) -> Iterator[None]:
    """Kept's own store with nothing in it. What is committed in it is really there, for other threads as well."""
    settings.DATA = tmp_path / "data"
    settings.DATA.mkdir(mode=0o700)
    if connection.vendor == "postgresql":
        yield
    else:
        path = settings.DATA / "kept.sqlite3"
        shutil.copy(request.getfixturevalue("_migrated"), path)
        with sqlite_file(path):
            yield
    close_systems()


@pytest.fixture
def house(store, _generated, tmp_path, settings) -> House:
    """The company at work: three systems, the known people's accounts, and an officer."""
    settings.DEMO = True  # mails stay in the outbox
    folder = tmp_path / "company"
    shutil.copytree(_generated, folder)
    at = timezone.now()
    people = make_demo_cast(by=KEPT, at=at)
    for name, title in SYSTEMS.items():
        url = f"sqlite:///{folder / name}.sqlite3"
        add_system(name, title, url, f"demo-{name}", "Singapore", "Somebody", by=KEPT, at=at)
    return House(folder, people)


@dataclass
class House:
    folder: Path
    people: dict[str, Account]

    @property
    def officer(self) -> Actor:
        return self.people["olga"].actor

    def open(self, right: str, email: str, **asked: object) -> actions.Opened:
        return actions.open_case(right, email, asked=asked, channel="web", by=PERSON, at=timezone.now())

    def proven(self, right: str, email: str, **asked: object) -> Case:
        """A case whose code was typed in."""
        opened = self.open(right, email, **asked)
        assert actions.prove(opened.case, self.code(opened.case), by=PERSON, at=timezone.now())
        return self.now(opened.case)

    def reviewed(self, right: str, email: str, **asked: object) -> Case:
        """A case on the desk, everything searched."""
        case = self.proven(right, email, **asked)
        self.work()
        assert self.now(case).state == Case.State.REVIEW, self.told(case)
        return self.now(case)

    def due(self, case: Case, day: date) -> None:
        """As if the law had given until that day: the day itself, and the one after it on which it is late."""
        clock = {**self.now(case).clock, "late_from": (day + timedelta(days=1)).isoformat()}
        Case.objects.filter(pk=case.pk).update(due_on=day, clock=clock)

    def confirmed(self, *emails: str) -> list[Case]:
        """Erasures that the officer has approved and confirmed."""
        cases = [self.reviewed("erasure", email) for email in emails]
        for case in cases:
            self.confirm(case)
        return [self.now(case) for case in cases]

    def confirm(self, case: Case) -> None:
        """As if everybody at the person's other addresses had agreed."""
        actions.approve(case, by=self.officer, at=timezone.now())
        for alert in Alert.objects.filter(case=case, state="told"):
            say_yes(alert, by=PERSON, at=timezone.now())
        actions.confirm_erasure(self.now(case), by=self.officer, at=timezone.now())

    def code(self, case: Case) -> str:
        """The six digits of the last mail about the case."""
        mail = Message.objects.filter(about=case.pk).order_by("written_at", "id").last()
        assert mail is not None
        found = re.search(r"^ +(\d{3} \d{3})$", mail.text, re.MULTILINE)
        assert found, mail.text
        return found.group(1)

    def work(self) -> int:
        """Do what is due now, and what follows from it."""
        ran = 0
        while done := work_off(timezone.now(), names=WORK):
            ran += done
        return ran

    def work_later(self) -> int:
        """Do what waits for its next try as well."""
        Step.objects.filter(state="waiting", name__in=WORK).update(due_at=timezone.now())
        return self.work()

    def queue(self, name: str) -> None:
        """A turn of recurring work."""
        queue(name, at=timezone.now())

    def now(self, case: Case) -> Case:
        return Case.objects.get(pk=case.pk)

    def answers(self, case: Case) -> dict[str, SystemAnswer]:
        return {one.system.name: one for one in SystemAnswer.objects.filter(case=case).select_related("system")}

    def told(self, case: Case) -> str:
        """What went wrong, for a failing test."""
        steps = list(Step.objects.filter(about=case.pk).values_list("name", "state", "problem"))
        return f"{[(one.system.name, one.state, one.problem) for one in self.answers(case).values()]} {steps}"

    def file(self, system: str) -> Path:
        return self.folder / f"{system}.sqlite3"

    def ask(self, system: str, statement: str, *values: object) -> list[tuple]:
        """Look into a company system, or change it, past all of Kept."""
        with closing(sqlite3.connect(self.file(system), isolation_level=None)) as there:
            return there.execute(statement, values).fetchall()

    def dump(self, system: str) -> str:
        with closing(sqlite3.connect(self.file(system))) as there:
            there.text_factory = lambda raw: raw.decode("utf-8", "replace")
            return "\n".join(there.iterdump())


def bytes_of(package: Package) -> bytes:
    """The file as the person gets it."""
    with open_package(package) as file:
        return file.read()


def zip_of(package: Package) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(bytes_of(package)))


def own_dump() -> str:
    """Every value of Kept's own store, as text."""
    with connection.cursor() as cursor:
        texts = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            texts += [f"{table}: {value}" for row in cursor.fetchall() for value in row if value is not None]
    return "\n".join(texts)
