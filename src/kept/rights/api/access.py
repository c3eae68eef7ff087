"""Which app it is, and which requests are its own. Absent and another app's are answered alike."""

from __future__ import annotations

from uuid import UUID

from django.db.models import F, QuerySet
from django.http import Http404

from kept.rights.api.models import Client, Opening
from kept.rights.api.tokens import token_hash
from kept.rights.models import Case


def client_by_token(token: str) -> Client | None:
    """None: no such token, or it was revoked."""
    return Client.objects.filter(token_hash=token_hash(token), revoked_at=None).first()


def opening_of(client: Client, opening_id: UUID) -> Opening:
    """A request that this app has opened."""
    opening = Opening.objects.select_related("case__joined").filter(pk=opening_id, client=client).first()
    if opening is None:
        raise Http404
    return opening


def answering(opening: Opening) -> Case:
    """The case that answers it: its own, or the one that it joined."""
    return opening.case.joined or opening.case


def clients() -> QuerySet[Client]:
    """All that there ever were, those in use first."""
    return Client.objects.order_by(F("revoked_at").asc(nulls_first=True), "made_at")


def client_with(client_id: UUID) -> Client:
    found = Client.objects.filter(pk=client_id).first()
    if found is None:
        raise Http404
    return found
