"""Where to reach somebody who came by another door than web and e-mail, and the letters we write to them."""

from __future__ import annotations

import uuid

from django.db import models

from kept.vault.fields import SealedTextField


class Reach(models.Model):
    """What somebody said about themselves at such a door. Nothing of it is searched for before it was shown to be
    theirs. Deleted when the case ends."""

    case = models.OneToOneField("rights.Case", models.CASCADE, primary_key=True, related_name="reach")
    key = models.BigIntegerField(null=True)  # the case's
    postal = SealedTextField()  # the address on an envelope, below the name; some lines
    country = SealedTextField()  # the last line on the envelope; "": ours
    phone = SealedTextField()  # to call back; E.164
    account = SealedTextField()  # their number as a customer, as they say it
    system = models.CharField(max_length=64, blank=True)  # in which system that is a number: its name
    note = SealedTextField()  # what staff noted about it
    letter = models.UUIDField(null=True)  # the letter that it came by: collection.letters
    call = models.UUIDField(null=True)  # or the call, or the visit: collection.calls
    registered_at = models.DateTimeField()
    registered_by = models.CharField(max_length=64)  # str(Actor)
    prove_until = models.DateTimeField()  # then the request is forgotten
    answered_at = models.DateTimeField(null=True)  # from then on kept only to send the answer

    def __str__(self) -> str:
        return f"reach of {self.case_id}"

    def on_envelope(self) -> str:
        """The postal address, line by line; "": none."""
        return "\n".join(line for line in (self.postal, self.country) if line) if self.postal else ""


class PaperLetter(models.Model):
    """One letter of ours: staff print it, post it, and say on which day they did."""

    class State(models.TextChoices):
        WAITING = "waiting", "to be posted"
        POSTED = "posted", "posted"
        VOID = "void", "not posted: no longer needed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("rights.Case", models.CASCADE, related_name="paper_letters")
    key = models.BigIntegerField(null=True)  # the case's; None: its words were forgotten
    about = models.CharField(max_length=60)  # the name of its template: "rights/code"
    to = SealedTextField()  # name and postal address, line by line
    subject = SealedTextField()
    text = SealedTextField()
    package = models.UUIDField(null=True)  # the file that goes with it, printed or on a medium
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    written_at = models.DateTimeField()
    seen_by = models.JSONField(default=list)  # the ids of the accounts that had it on their screen
    reminded_on = models.DateField(null=True)  # the last day on which staff were told that it waits
    posted_on = models.DateField(null=True)
    posted_at = models.DateTimeField(null=True)  # when that was said
    posted_by = models.CharField(max_length=64, blank=True)  # str(Actor)

    class Meta:
        ordering = ["written_at", "id"]
        indexes = [models.Index(fields=["state", "written_at"])]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state="posted") | models.Q(posted_on__isnull=False),
                name="posted_letter_has_its_day",
            )
        ]

    def __str__(self) -> str:
        return f"letter {self.pk} {self.state}"
