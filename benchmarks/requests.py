"""Requests of people who exist in the source database, brought to the officer's desk and approved."""

from __future__ import annotations

import re
import time
from datetime import datetime
from pathlib import Path
from uuid import UUID

import psycopg
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from kept.engine.identifiers import normal
from kept.information.actions import add_system
from kept.post.models import Message
from kept.rights import actions
from kept.rights.models import Case, SystemAnswer
from kept.rights.proof.claims import Fits
from kept.rights.proof.facts import facts
from kept.rights.proof.on_file import records_of
from kept.rights.proof.standing import lacks_proof
from kept.rights.ready import must_be_ready
from kept.terms import Actor
from kept.work.models import Step

OFFICER = Actor("privacy_officer", "00000000-0000-4000-8000-000000000001")
PERSON = Actor("person")
PATIENCE = 120.0


class Requests:
    """Opens cases for customers number 1000, 1001, … one after the other, each only once."""

    def __init__(self, pack: Path, url: str, customers: int) -> None:
        self.next, self.customers = min(1000, customers // 4), customers
        self.ready: list[Case] = []
        self.erased: list[str] = []
        words = {"title": "Hosting", "region": "here", "owner": "benchmark"}
        add_system("hosting-source", url=url, pack=str(pack), by=Actor.kept(), at=timezone.now(), **words)

    def prepare(self, right: str, count: int) -> None:
        """Open, prove and have searched: what is left is the officer's word."""
        self.ready = []
        for _ in range(count):
            self.next += 1
            email = f"person{self.next}@example.com"
            case = actions.open_case(right, email, channel="web", by=PERSON, at=timezone.now()).case
            body = Message.objects.filter(about=case.pk).latest("written_at").text
            code = re.search(r"\b\d{3} \d{3}\b", body)
            assert code
            assert actions.prove(case, code.group(), by=PERSON, at=timezone.now())
            self.ready.append(case)
            if right == "erasure":
                self.erased.append(email)
        self._until_ready()
        if right == "erasure":
            for case in self.ready:
                actions.approve(case, by=OFFICER, at=timezone.now())

    def _until_ready(self) -> None:
        """Until an officer can approve them. Numbers of identity documents stand in the source: what was found is
        sensitive, so whoever asks to be erased answers four questions on the telephone as well."""
        self._until("review", [case.pk for case in self.ready])
        asked = [one.name for one in facts()][:4]
        for case in self.ready:
            if lacks_proof(case):
                fits = Fits(records_of([normal("email", case.email)])[0], frozenset({"email"}), True)
                assert actions.facts_compared(case, "telephone", asked, 4, fits, by=OFFICER, at=timezone.now())
        self._until("review", [case.pk for case in self.ready])
        for case in self.ready:
            must_be_ready(case)
        looks = Step.objects.filter(name="rights.search_texts", about__in=[case.pk for case in self.ready])
        end = time.monotonic() + PATIENCE
        while looks.exclude(state=Step.State.DONE).exists():  # what an officer sees before they decide
            if time.monotonic() > end:
                raise SystemExit(f"The texts are not looked through after {PATIENCE:.0f} s.")
            time.sleep(0.02)

    def queue(self) -> dict[UUID, datetime]:
        """The officer's last word on all of them, which reaches the worker at once; for each case when that began."""
        at = timezone.now()
        with transaction.atomic():
            # All lock in one order, so that no two wait for each other: no officer decides on a hundred at once.
            list(Case.objects.select_for_update().filter(pk__in=[case.pk for case in self.ready]).order_by("pk"))
            for case in self.ready:
                word = actions.approve if case.right == "access" else actions.confirm_erasure
                word(case, by=OFFICER, at=timezone.now())
        return {case.pk: at for case in self.ready}

    def run_until_answered(self, queued: dict[UUID, datetime]) -> list[float]:
        """Seconds from queued to answered, in the order in which they were queued."""
        self._until("answered", list(queued))
        answered = dict(Case.objects.filter(pk__in=list(queued)).values_list("pk", "answered_at"))
        return [(answered[case] - at).total_seconds() for case, at in queued.items()]

    def looked_at(self, queued: dict[UUID, datetime]) -> datetime:
        """When the second look at the source was done for all of them."""
        looked = SystemAnswer.objects.filter(case__in=list(queued), system__name="hosting-source")
        return max(at for at in looked.values_list("finished_at", flat=True) if at is not None)

    def left_in_clear(self, dsn: str) -> int:
        with psycopg.connect(dsn) as connection:
            counts = connection.execute(
                "SELECT (SELECT count(*) FROM customers WHERE lower(email) = ANY(%(all)s))"
                " + (SELECT count(*) FROM domains WHERE lower(registrant_email) = ANY(%(all)s))"
                " + (SELECT count(*) FROM ticket_replies WHERE lower(author_email) = ANY(%(all)s))",
                {"all": self.erased},
            ).fetchone()
        assert counts
        return int(counts[0])

    def until_idle(self) -> None:
        """Wait for the turns of recurring work that a worker takes when it starts: a backup, a look for clear text."""
        end = time.monotonic() + PATIENCE
        while not Step.objects.filter(state=Step.State.DONE).exists() or self._busy():
            if time.monotonic() > end:
                raise SystemExit(f"The worker is not idle after {PATIENCE:.0f} s.")
            time.sleep(0.2)

    def _busy(self) -> bool:
        due = Q(state=Step.State.RUNNING) | Q(state=Step.State.WAITING, due_at__lte=timezone.now())
        return Step.objects.filter(due).exists()

    def _until(self, state: str, cases: list[UUID]) -> None:
        end = time.monotonic() + PATIENCE
        while Case.objects.filter(pk__in=cases).exclude(state=state).exists():
            if time.monotonic() > end:
                states = set(Case.objects.filter(pk__in=cases).values_list("state", "problem"))
                raise SystemExit(f"Not {state} after {PATIENCE:.0f} s: {states}")
            time.sleep(0.02)
