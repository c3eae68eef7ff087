"""What apps change, and what changes apps."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import IntegrityError, transaction

from kept.rights.actions import open_case
from kept.rights.api.errors import BadApp, KeyUsed, MayNotAddApps, NameTaken
from kept.rights.api.models import Client, Opening
from kept.rights.api.scopes import known
from kept.rights.api.tokens import hint_of, new_token, token_hash
from kept.rights.models import Case
from kept.security.backup.replays import note
from kept.security.ledger import action, record, unchanged
from kept.terms import Actor

LONGEST_NAME = 80
KEYS_KEPT = timedelta(days=30)  # so long a retry is known again
MAY: tuple[str, ...] = ("engineer", "kept")


@dataclass(frozen=True)
class Added:
    client: Client
    token: str = field(repr=False)  # shown now and never again


@action
def add_client(name: str, scopes: list[str], *, by: Actor, at: datetime) -> Added:
    """Let an app of the company's in. Raises MayNotAddApps, BadApp, NameTaken."""
    _must_be_engineer(by)
    name = unicodedata.normalize("NFC", name).strip()
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise BadApp(f"A name has one to {LONGEST_NAME} letters, on one line.")
    allowed = known(scopes)
    if not allowed or len(allowed) != len(set(scopes)):
        raise BadApp("Name at least one scope, and only scopes that there are.")
    token = new_token()
    client = Client(
        name=name, scopes=allowed, token_hash=token_hash(token), token_hint=hint_of(token), made_at=at, made_by=str(by)
    )
    try:
        with transaction.atomic():
            client.save(force_insert=True)
    except IntegrityError:
        raise NameTaken from None
    record("api.client_added", client, by=by, at=at, scopes=list(allowed))
    return Added(client, token)


@action
def revoke_client(client: Client, *, by: Actor, at: datetime) -> Client:
    """Its token opens nothing from now on. A second call changes nothing. Raises MayNotAddApps."""
    _must_be_engineer(by)
    client = Client.objects.select_for_update().get(pk=client.pk)
    if client.revoked_at is not None:
        unchanged()
        return client
    client.revoked_at, client.revoked_by = at, str(by)
    client.save(update_fields=["revoked_at", "revoked_by"])
    note("api_client", at=at, client=str(client.pk))
    record("api.client_revoked", client, by=by, at=at)
    return client


@action
def open_for(
    client: Client,
    right: str,
    email: str,
    *,
    name: str,
    language: str,
    asked: Mapping[str, Any],
    home: str = "",
    key_hash: str,
    body_hash: str,
    by: Actor,
    at: datetime,
) -> Opening:
    """Open a request for a person, once for each key; it is proven like everybody's.

    `key_hash`, `body_hash`: keyed with the app's token. Raises KeyUsed, and what `open_case` raises.
    """
    case_id = uuid4()
    opening = Opening(client=client, case_id=case_id, key_hash=key_hash, body_hash=body_hash, opened_at=at)
    try:
        with transaction.atomic():
            opening.save(force_insert=True)
    except IntegrityError:  # this key was sent before, perhaps a moment ago by the same app
        earlier = Opening.objects.select_related("case").get(client=client, key_hash=key_hash)
        if earlier.body_hash != body_hash:
            raise KeyUsed from None
        unchanged()
        return earlier
    channel = Case.Channel.PROGRAM
    open_case(
        right,
        email,
        name=name,
        language=language,
        asked=asked,
        home=home,
        channel=channel,
        case_id=case_id,
        by=by,
        at=at,
    )
    return Opening.objects.select_related("case").get(pk=opening.pk)


@action
def forget_keys(*, by: Actor, at: datetime) -> int:
    """After a month nobody retries any more: what the keys and bodies hashed to is forgotten. Returns how many."""
    old = Opening.objects.filter(opened_at__lt=at - KEYS_KEPT).exclude(key_hash=None)
    count = old.update(key_hash=None, body_hash="")
    if count:
        record("api.keys_forgotten", "api.opening", by=by, at=at, count=count)
    else:
        unchanged()
    return count


def _must_be_engineer(by: Actor) -> None:
    if by.role not in MAY:
        raise MayNotAddApps
