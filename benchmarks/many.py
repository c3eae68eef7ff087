"""`make bench-many`: a thousand requests at once, four workers, PostgreSQL: none lost, none doubled, in their order.

  python -m benchmarks.many [--cases 1000] [--workers 4] [--kills 5]

The demo company with as many people as there are requests; copies and erasures in turn. All are approved at one moment.
While they run, workers are killed and started again. Ends with 1 when anything was lost or done twice.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import psycopg

from benchmarks.postgres import NoPostgres, server

ROOT = Path(__file__).parent.parent
PATIENCE = 1800.0  # seconds


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--cases", type=int, default=1000)
    words.add_argument("--workers", type=int, default=4)
    words.add_argument("--kills", type=int, default=5)
    given = words.parse_args()
    try:
        with server() as postgres, tempfile.TemporaryDirectory(prefix="kept-bench-data-") as folder:
            with psycopg.connect(postgres.dsn(), autocommit=True) as connection:
                connection.execute("CREATE DATABASE kept")
            os.environ |= {
                "KEPT_DATA": folder,
                "KEPT_DATABASE_URL": postgres.url("kept"),
                "KEPT_DEMO": "1",
                "KEPT_LOG_LEVEL": "ERROR",
                "DJANGO_SETTINGS_MODULE": "kept.site.settings",
            }
            return run(Path(folder), given.cases, given.workers, given.kills)
    except NoPostgres as missing:
        sys.stderr.write(f"{missing}\n")
        return 1


def run(folder: Path, cases: int, workers: int, kills: int) -> int:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    company(folder / "company", cases)
    team = [start() for _ in range(workers)]
    try:
        began = time.monotonic()
        opened = open_all(folder / "company", cases)
        wait_for(opened, "review", team, 0)
        say(f"{cases} requests opened, proven and searched by {workers} workers in {time.monotonic() - began:.0f} s")
        began = time.monotonic()
        approve_all(opened)
        killed = wait_for(opened, "answered", team, kills)
        took = time.monotonic() - began
        say(f"approved and answered in {took:.0f} s, {60 * cases / took:.0f} a minute; {killed} workers killed")
        return judge(opened)
    finally:
        for one in team:
            one.terminate()
        for one in team:
            one.wait(60)


def company(folder: Path, people: int) -> None:
    from django.utils import timezone

    from kept.information.actions import add_system
    from kept.site.demo import generate
    from kept.terms import Actor

    folder.mkdir()
    generate(folder, people=people + 40)
    for name, title in (("billing", "Billing"), ("helpdesk", "Help desk"), ("newsletter", "Newsletter")):
        where = f"sqlite:///{folder / name}.sqlite3"
        add_system(name, title, where, f"demo-{name}", "here", "benchmark", by=Actor.kept(), at=timezone.now())


def start() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "kept", "worker"], cwd=ROOT)


def open_all(folder: Path, cases: int) -> list[UUID]:
    """In the order of their arrival: a copy and an erasure in turn, each of another person."""
    import sqlite3
    from contextlib import closing

    from django.utils import timezone

    from kept.post.models import Message
    from kept.rights import actions
    from kept.terms import Actor

    with closing(sqlite3.connect(folder / "billing.sqlite3")) as billing:
        emails = billing.execute("SELECT email FROM client WHERE email IS NOT NULL ORDER BY id DESC LIMIT ?", (cases,))
        addresses = [email for (email,) in emails]
    opened = []
    for number, email in enumerate(addresses):
        right = "erasure" if number % 2 else "access"
        case = actions.open_case(right, email, channel="web", by=Actor("person"), at=timezone.now()).case
        text = Message.objects.filter(about=case.pk).latest("written_at").text
        code = next(line.strip() for line in text.splitlines() if line.strip().replace(" ", "").isdecimal())
        assert actions.prove(case, code, by=Actor("person"), at=timezone.now())
        opened.append(case.pk)
    return opened


def approve_all(opened: Sequence[UUID]) -> None:
    from django.utils import timezone

    from kept.rights import actions
    from kept.rights.models import Case
    from kept.terms import Actor

    officer = Actor("privacy_officer", "00000000-0000-4000-8000-000000000001")
    for pk in opened:
        case = actions.approve(Case.objects.get(pk=pk), by=officer, at=timezone.now())
        if case.right == "erasure":
            actions.confirm_erasure(case, by=officer, at=timezone.now())


def wait_for(opened: Sequence[UUID], state: str, team: list[subprocess.Popen[bytes]], kills: int) -> int:
    """Until all are there; `kills` times a worker is killed on the way, and another one takes its place."""
    from kept.rights.models import Case

    chance, killed, end = random.Random(7), 0, time.monotonic() + PATIENCE
    at_left = [len(opened) * (kills - turn) // kills for turn in range(kills)]
    while left := Case.objects.filter(pk__in=opened).exclude(state=state).count():
        if time.monotonic() > end:
            states = Counter(Case.objects.filter(pk__in=opened).values_list("state", flat=True))
            raise SystemExit(f"Not {state} after {PATIENCE:.0f} s: {dict(states)}")
        if killed < kills and left <= at_left[killed]:
            place = chance.randrange(len(team))
            team[place].send_signal(signal.SIGKILL)
            team[place].wait()
            team[place], killed = start(), killed + 1
        time.sleep(0.1)
    return killed


def judge(opened: Sequence[UUID]) -> int:
    """Each has one answer, one file, one mail about it; and how far the order of answers is from that of arrival."""
    from kept.post.models import Message
    from kept.rights.models import Case, Package
    from kept.security.models import Entry

    about = {f"rights.case:{pk}" for pk in opened}
    answers = Counter(
        Entry.objects.filter(kind="rights.case_answered", about__in=about).values_list("about", flat=True)
    )
    files = Counter(Package.objects.filter(case__in=opened).values_list("case", flat=True))
    written = Message.objects.filter(about__in=opened)
    told = Counter(one.about for one in written.iterator(chunk_size=500) if is_answer(one.subject))
    wrong = {
        "lost": sum(answers[name] == 0 for name in about),
        "answered twice": sum(count > 1 for count in answers.values()),
        "without one file": sum(files[pk] != 1 for pk in opened),
        "told not exactly once": sum(told[pk] != 1 for pk in opened),
    }
    for what, count in wrong.items():
        say(f"{what}: {count}")
    for right in ("access", "erasure"):
        order = list(
            Case.objects.filter(pk__in=opened, right=right).order_by("answered_at").values_list("pk", flat=True)
        )
        place = {pk: number for number, pk in enumerate(pk for pk in opened if pk in set(order))}
        off = [abs(place[pk] - number) for number, pk in enumerate(order)]
        say(f"{right}: places from the order of arrival: {sum(off) / len(off):.1f} on average, {max(off)} at most")
    return 1 if any(wrong.values()) else 0


def is_answer(subject: str) -> bool:
    return subject.startswith(("Your data is ready", "We erased your data", "Your data is erased"))


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
