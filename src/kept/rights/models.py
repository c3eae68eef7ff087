"""A request under the law, what each system said to it, and the answer."""

from __future__ import annotations

import uuid

from django.db import models

from kept.information.models import System
from kept.people.models import Account, Person
from kept.vault.fields import KeyedIndexField, SealedJSONField, SealedTextField

ONE_OPEN = "one_open_case_per_right_address_and_person"


class Case(models.Model):
    """One request of one person. Who it is about stands in its identifiers."""

    class Right(models.TextChoices):
        ACCESS = "access", "a copy of your data"
        ERASURE = "erasure", "erasure of your data"
        PORTABILITY = "portability", "a copy to take elsewhere"
        RECTIFICATION = "rectification", "a correction"
        RESTRICTION = "restriction", "a pause in the use of your data"
        OBJECTION = "objection", "an end to a use of your data"
        AUTOMATED = "automated", "a person’s look at a computer’s decision"

    class State(models.TextChoices):
        UNPROVEN = "unproven", "waiting for your code"
        SEARCHING = "searching", "being searched"
        NEEDS_PERSON = "needs_person", "an officer decides who is meant"
        REVIEW = "review", "being reviewed"
        APPROVED = "approved", "approved"  # access: waits for its turn; erasure: waits for the second confirmation
        CONFIRMED = "confirmed", "confirmed"  # erasure only: waits for its turn
        ANSWERING = "answering", "being carried out"  # an erasure stays here while any system is not done
        ANSWERED = "answered", "answered"
        REFUSED = "refused", "refused"  # with its ground and reasons; told, and so an answer too
        CLOSED = "closed", "closed"  # name and address are erased
        EXPIRED = "expired", "expired"  # never proven
        WITHDRAWN = "withdrawn", "withdrawn"

    class Channel(models.TextChoices):
        WEB = "web", "web form"
        CLIENT_AREA = "client_area", "client area"
        EMAIL = "email", "e-mail"
        LETTER = "letter", "letter"
        TELEPHONE = "telephone", "telephone"
        COUNTER = "counter", "at the counter"
        AGENT = "agent", "authorised agent"
        PROGRAM = "program", "a program of ours"

    class Hold(models.TextChoices):
        PERSON = "person", "waits for the person"
        COLLEAGUE = "colleague", "waits for a colleague"
        OUTSIDE = "outside", "waits for another company"
        SYSTEM = "system", "waits for a system"
        PLANNED = "planned", "planned for that day"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=20, unique=True)  # "HC-2026-4F7K2": to speak of it, opens nothing
    right = models.CharField(max_length=16, choices=Right.choices)
    law = models.CharField(max_length=12, default="eu-gdpr")  # whose clock runs: rights/clocks.toml
    language = models.CharField(max_length=8, default="en")  # of what we write to the person
    state = models.CharField(max_length=20, choices=State.choices, default=State.UNPROVEN)
    channel = models.CharField(max_length=20, choices=Channel.choices)
    account = models.ForeignKey(Account, models.SET_NULL, null=True, related_name="cases")
    key = models.BigIntegerField(null=True)  # seals what a law keeps for the answer; None: destroyed when it ended
    person = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="cases")  # None: erased, or forgotten
    name = SealedTextField()  # as typed: for the salutation, never for the search
    email = SealedTextField(index="email_index")  # "": erased when the case was closed
    email_index = KeyedIndexField(of="email", kind="email", null=True)
    apart = models.PositiveSmallIntegerField(default=0)  # which of several people with that address, among open cases
    received_at = models.DateTimeField()
    asked = SealedJSONField()  # what the person said beside the right: rights.particulars
    due_on = models.DateField()
    clock = models.JSONField(default=dict)  # the rule and its inputs: clocks.due_date
    paused_at = models.DateTimeField(null=True)  # the clock stands still since then: timing.Wait says for what
    extended_because = SealedTextField()  # as the person was told
    token_hash = models.CharField(max_length=64, unique=True)  # of the status link's token
    code_hash = models.CharField(max_length=64, blank=True)  # of the code mailed last; "": none can be used
    code_expires_at = models.DateTimeField(null=True)
    code_attempts = models.PositiveSmallIntegerField(default=0)
    codes_sent = models.PositiveSmallIntegerField(default=0)
    code_sent_at = models.DateTimeField(null=True)
    proven_at = models.DateTimeField(null=True)
    joined = models.ForeignKey("self", models.SET_NULL, null=True)  # the earlier case that answers this one too
    told_apart = models.ManyToManyField("self")  # requests that an officer has said are somebody else's
    approved_at = models.DateTimeField(null=True)
    approved_by = models.CharField(max_length=64, blank=True)  # str(Actor)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.CharField(max_length=64, blank=True)
    answered_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)  # also of a case that expired, was withdrawn or joined another
    outcome = models.JSONField(default=dict)  # counts of the answer: {"rows", "erased", "kept", …}
    problem = models.CharField(max_length=300, blank=True)  # what the officer should know; no values
    assignee = models.ForeignKey(Account, models.SET_NULL, null=True, related_name="assigned_cases")
    held_until = models.DateField(null=True)  # an officer has put it aside until then; the clock runs on
    held_for = models.CharField(max_length=12, choices=Hold.choices, blank=True)  # what it waits for until then

    class Meta:
        ordering = ["received_at", "id"]
        indexes = [
            models.Index(fields=["state", "due_on"]),
            models.Index(fields=["due_on", "received_at", "id"], name="case_in_queue"),
            models.Index(fields=["closed_at"]),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["email_index", "right", "apart"],
                condition=models.Q(
                    state__in=["searching", "needs_person", "review", "approved", "confirmed", "answering"]
                ),
                name=ONE_OPEN,
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["closed", "expired", "withdrawn"]) | models.Q(email="", name=""),
                name="case_that_ended_has_no_contact",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def key_of_mails(self) -> int | None:
        """A mail is sealed for its person; once the person is erased, with what is kept to answer them."""
        return self.person_id or self.key


class CaseIdentifier(models.Model):
    """One identifier of the person: what was proven at the start, and what the systems' records added."""

    class Standing(models.TextChoices):
        USED = "used", "searched for"
        CANDIDATE = "candidate", "to be chosen from"  # an officer decides; not searched for
        CHOSEN = "chosen", "chosen by an officer"
        NOT_THEIRS = "not_theirs", "somebody else's"  # an officer decided so

    case = models.ForeignKey(Case, models.CASCADE, related_name="identifiers")
    key = models.BigIntegerField(null=True)  # the case's
    kind = models.CharField(max_length=20)
    value = SealedTextField(bound_to=("case_id", "kind", "scope"), index="value_index")  # normal form
    value_index = KeyedIndexField(of="value")
    scope = models.CharField(max_length=64, blank=True)  # for an account number: the system
    origin = models.CharField(max_length=40)  # "given", or the system that added it
    standing = models.CharField(max_length=12, choices=Standing.choices, default=Standing.USED)
    not_in = models.JSONField(default=list)  # systems in which it names somebody else as well: not used there
    found_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)  # from then on kept only for questions about the answer

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "kind", "value_index", "scope"], name="identifier_once_per_case")
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.case_id}"


class SystemAnswer(models.Model):
    """What one system said to one case. Its JSON holds tables, columns, counts and reasons, never values."""

    class State(models.TextChoices):
        WAITING = "waiting", "waits for its turn"
        SEARCHING = "searching", "being searched"
        FOUND = "found", "searched"
        NEEDS_PERSON = "needs_person", "an officer decides who is meant"
        CHANGING = "changing", "being changed"
        NOT_DONE = "not_done", "not done yet"
        DONE = "done", "done"
        CANNOT_TELL = "cannot_tell", "cannot tell"

    case = models.ForeignKey(Case, models.CASCADE, related_name="answers")
    system = models.ForeignKey(System, models.PROTECT, related_name="answers")
    state = models.CharField(max_length=20, choices=State.choices, default=State.WAITING)
    asked_with = models.PositiveIntegerField(default=0)  # strong identifiers known when it was searched last
    searched_at = models.DateTimeField(null=True)
    holdings = models.JSONField(default=list)  # [{"table", "own", "others", "kept"}]
    drift = models.JSONField(default=list)  # [{"table", "column", "why"}]: what nobody has decided
    plan = models.JSONField(default=list)  # erasure: rules.plan_lines of the tables with holdings
    plan_id = models.CharField(max_length=64, blank=True)  # rules.plan_id: equal as long as it does the same
    begun_plan = models.CharField(max_length=64, blank=True)  # of a change whose outcome is not known yet
    changes = models.JSONField(default=list)  # [{"table", "rows", "deleted", "kept"}], all runs together
    earlier = models.JSONField(default=list)  # the changes of runs that were over before this one began
    residue = models.JSONField(default=dict)  # {"remains": […], "looked_at": n, "unknown_tables": […]}
    decided = models.CharField(max_length=20, blank=True)  # what an officer found where the second look cannot tell
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=64, blank=True)
    problem = models.CharField(max_length=300, blank=True)  # why it is not done; no values
    attempts = models.PositiveIntegerField(default=0)  # tries that failed, one after the other
    next_try_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["system_id"]
        constraints = [models.UniqueConstraint(fields=["case", "system"], name="one_answer_per_system")]

    def __str__(self) -> str:
        return f"{self.system_id} {self.state}"


class Package(models.Model):
    """A file made for the person: the copy of their data, or the report of an erasure."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="packages")
    file = models.CharField(max_length=200, blank=True)  # below the packages folder; "": removed
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()  # bytes
    rows = models.PositiveBigIntegerField(default=0)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    code_hash = models.CharField(max_length=64, blank=True)
    code_expires_at = models.DateTimeField(null=True)
    code_attempts = models.PositiveSmallIntegerField(default=0)
    codes_sent = models.PositiveSmallIntegerField(default=0)
    code_sent_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    downloads = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-made_at"]
        indexes = [models.Index(fields=["expires_at"])]

    def __str__(self) -> str:
        return f"package {self.pk}"
