"""Automated decisions: programs log what they decided about people, and fetch what a person found later."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal, cast, get_args
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status
from ninja.params.functions import Query
from pydantic import AwareDatetime, ConfigDict, Field, StringConstraints

from kept.engine.errors import NotAnIdentifier
from kept.engine.identifiers import LONGEST, normal
from kept.rights.api.auth import caller_of
from kept.rights.api.problems import Place, Problem
from kept.rights.automated.access import reviews_since
from kept.rights.automated.actions import log_decision
from kept.rights.automated.errors import BadDecision, NoSuchRule, OtherDecision
from kept.terms import Identifier

router = Router(tags=["automated decisions"])

Strong = Literal["email", "account", "customer_number", "username", "domain", "national_id"]
Name = Annotated[str, StringConstraints(max_length=100)]
Value = bool | int | float | Annotated[str, StringConstraints(max_length=2_000)] | None
OLDEST = datetime(2000, 1, 1, tzinfo=UTC)
FARTHEST = 2**62


class Known(Schema):
    """One identifier that names the person alone."""

    model_config = ConfigDict(extra="forbid")

    kind: str = Field(max_length=20, json_schema_extra={"enum": list(get_args(Strong))})
    value: str = Field(min_length=1, max_length=LONGEST)
    scope: str = Field("", max_length=64, description="For an account number: the system in which it is one.")


class Decision(Schema):
    model_config = ConfigDict(extra="forbid")

    rule: Name = Field(description="The rule's name in the register of automated decisions.")
    system: str = Field(max_length=40, description="Which system decided.")
    number: Name = Field(description="What that system calls this decision. Told twice, it is one decision.")
    person: list[Known] = Field(min_length=1, max_length=20)
    inputs: dict[str, Value] = Field(default_factory=dict, max_length=200, description="What was used, by name.")
    outcome: Name
    factors: list[Name] = Field(
        default_factory=list, max_length=200, description="Which of the rule's factors decided."
    )
    decided_at: AwareDatetime


class Logged(Schema):
    id: UUID
    rule: str
    version: int = Field(description="The version of the rule that was in force then.")
    number: str
    fits: bool = Field(
        description="false: the points of the factors lead to another outcome. It is logged all the same."
    )


class Reviewed(Schema):
    """What a person found when they looked again; nobody's data."""

    cursor: int
    rule: str
    system: str
    number: str
    result: str
    outcome: str
    decided_at: datetime | None
    told_at: datetime | None


class Reviews(Schema):
    reviews: list[Reviewed]
    next: int = Field(description="Send it as `after` the next time.")


@router.post(
    "/automated-decisions",
    response={201: Logged},
    url_name="api_automated",
    operation_id="log_automated_decision",
    summary="Log a computer's decision",
    openapi_extra={"x-problems": ["no-rule", "number-used"]},
)
def log_automated_decision(request: HttpRequest, body: Decision) -> Status[dict[str, Any]]:
    """Under the version of the rule that was in force then. The same number with the same decision is one decision.

    Needs `automated:log`.
    """
    caller = caller_of(request)
    caller.must("automated:log")
    try:
        logged = log_decision(
            body.rule,
            system=body.system,
            number=body.number,
            person=[_identifier(one, place) for place, one in enumerate(body.person)],
            inputs=body.inputs,
            outcome=body.outcome,
            factors=body.factors,
            decided_at=_moment(body.decided_at),
            by=caller.actor,
            at=timezone.now(),
        )
    except NoSuchRule:
        raise Problem("no-rule") from None
    except OtherDecision:
        raise Problem("number-used") from None
    except BadDecision as bad:
        raise Problem("invalid", places=[Place("", str(bad))]) from None
    said = {"id": logged.pk, "rule": body.rule, "version": logged.version.number}
    return Status(201, said | {"number": logged.number, "fits": logged.fits})


@router.get(
    "/automated-decisions/reviews",
    response=Reviews,
    url_name="api_automated_reviews",
    operation_id="read_reviews",
    summary="What a person found when they looked again",
)
def read_reviews(
    request: HttpRequest,
    after: Annotated[int, Query(0, ge=0, le=FARTHEST, description="The last `next` that you know.")],
    system: Annotated[str, Query("", max_length=40, description="Only of this system.")],
) -> dict[str, Any]:
    """In the order in which people were told, from after that number on: carry each out, then ask for the next.

    Needs `automated:log`.
    """
    caller_of(request).must("automated:log")
    if unknown := set(request.GET) - {"after", "system"}:
        raise Problem("invalid", places=[Place("query", f"{len(unknown)} names in it are not known here.")])
    if "\0" in system:
        raise Problem("invalid", places=[Place("system", "It holds a sign that no text holds (NUL).")])
    found = reviews_since(after, system=system)
    return {"reviews": found, "next": max((one.cursor for one in found), default=after)}


def _identifier(one: Known, place: int) -> Identifier:
    """Raises Problem."""
    where = f"/person/{place}"
    if one.kind not in get_args(Strong):
        raise Problem("invalid", places=[Place(f"{where}/kind", "It is none of the words that the reference lists.")])
    try:
        return normal(cast(Strong, one.kind), one.value, scope=one.scope)
    except NotAnIdentifier:
        raise Problem("invalid", places=[Place(f"{where}/value", "It is no identifier of that kind.")]) from None


def _moment(given: datetime) -> datetime:
    """Raises Problem."""
    try:
        found = given.astimezone(UTC)
    except OverflowError:
        found = datetime.min.replace(tzinfo=UTC)
    if found < OLDEST:
        raise Problem("invalid", places=[Place("/decided_at", "No decision that is logged here is so old.")])
    return found
