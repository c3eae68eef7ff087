"""Who calls: an app by its token. Each call counts for its app; what fits no app counts for the place it came from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from kept.people.limits import place_of
from kept.rights.api.access import client_by_token
from kept.rights.api.models import Client
from kept.rights.api.problems import Problem
from kept.rights.api.scopes import Scope
from kept.rights.api.tokens import keyed
from kept.rights.api.used import note_use
from kept.security.rates import Rate
from kept.security.tries import try_once
from kept.terms import Actor

CALLS = Rate(600, timedelta(minutes=1))  # of one app
OPENED = Rate(600, timedelta(hours=1))  # requests opened by one app
GUESSES = Rate(30, timedelta(minutes=5))  # tokens that fit no app, from one place
LONGEST_TOKEN = 200


@dataclass(frozen=True)
class Caller:
    """The app that calls, as an operation sees it."""

    client: Client
    _token: str

    def __repr__(self) -> str:
        return f"Caller({self.client.pk})"

    @property
    def actor(self) -> Actor:
        return Actor("program", str(self.client.pk))

    def must(self, scope: Scope) -> None:
        """Raises Problem."""
        if scope not in self.client.scopes:
            raise Problem("scope-missing", f"The token has not the scope {scope}.")

    def keyed(self, use: str, what: bytes) -> str:
        """A hash that only this app can work out again."""
        return keyed(self._token, use, what)

    def count(self, what: str, rate: Rate) -> None:
        """Raises Problem once it is too often."""
        wait = try_once(what, str(self.client.pk), rate, at=timezone.now())
        if wait is not None:
            raise Problem("too-many", wait=wait.total_seconds())


class AppToken(HttpBearer):
    def authenticate(self, request: HttpRequest, token: str) -> Caller | None:
        at = timezone.now()
        client = client_by_token(token) if len(token) <= LONGEST_TOKEN else None
        if client is None:
            wait = try_once("api token", place_of(request), GUESSES, at=at)
            if wait is not None:
                raise Problem("too-many", wait=wait.total_seconds())
            return None
        caller = Caller(client, token)
        caller.count("api", CALLS)
        note_use(client, at)
        return caller


def caller_of(request: HttpRequest) -> Caller:
    return cast(Caller, request.auth)  # type: ignore[attr-defined]  # what `AppToken` found
