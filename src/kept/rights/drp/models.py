"""Agents that people let ask for them over the Data Rights Protocol, and what each of them has asked."""

from __future__ import annotations

import uuid

from django.db import models

from kept.rights.models import Case
from kept.vault.fields import KeyedIndexField, SealedJSONField, SealedTextField


class Agent(models.Model):
    """An entry of the agent directory: whose signature we take."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agent_id = models.CharField(max_length=80, unique=True)  # as the directory and its messages name it
    name = models.CharField(max_length=120)  # as people know it
    verify_key = models.CharField(max_length=44)  # Ed25519, 32 bytes in base64
    web_url = models.CharField(max_length=300, blank=True)
    identity_assurance_url = models.CharField(max_length=300, blank=True)
    technical_contact = models.CharField(max_length=254, blank=True)
    business_contact = models.CharField(max_length=254, blank=True)
    token_hash = models.CharField(max_length=64, null=True, unique=True)  # noqa: DJ001  (None: none was set up)
    set_up_at = models.DateTimeField(null=True)
    added_at = models.DateTimeField()
    added_by = models.CharField(max_length=64)  # str(Actor)
    ended_at = models.DateTimeField(null=True)  # from then on nothing of it is taken

    class Meta:
        ordering = ["added_at", "id"]

    def __str__(self) -> str:
        return self.agent_id


class AgentRequest(models.Model):
    """What an agent has asked for somebody. How it stands is read from its case each time, and stored nowhere."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)  # the protocol's request_id
    key = models.BigIntegerField(null=True)  # its own: the agent is told of the end of a case whose key is gone
    agent = models.ForeignKey(Agent, models.PROTECT, null=True, related_name="requests")  # None: a row of nobody
    case = models.OneToOneField(Case, models.CASCADE, null=True, related_name="agent_request")  # None: denied at once
    exercise = models.CharField(max_length=20)  # "deletion"
    regime = models.CharField(max_length=10, blank=True)  # "ccpa"; "": voluntary
    denied = models.CharField(max_length=20, blank=True)  # the protocol's reason; "": there is a case
    agent_request_id = SealedTextField(index="agent_request_id_index")  # what the agent calls it
    agent_request_id_index = KeyedIndexField(of="agent_request_id")
    status_callback = SealedTextField()  # where changes are told; "": nowhere
    said = SealedJSONField()  # {"relationships": [...], "power_of_attorney": "…"}: hints for the officer
    token_hash = models.CharField(max_length=64)  # of the address at which the person proves themselves
    received_at = models.DateTimeField()
    told = models.CharField(max_length=64, blank=True)  # the digest of the status that the agent took last
    told_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["received_at", "id"]
        indexes = [models.Index(fields=["token_hash"]), models.Index(fields=["received_at"])]

    def __str__(self) -> str:
        return f"{self.exercise} {self.pk}"
