"""Requests: open one for a person, see how it stands, have the code mailed again, withdraw it."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from ninja import Router, Schema, Status
from ninja.params.functions import Header
from pydantic import ConfigDict, Field, StringConstraints

from kept.engine.errors import NotAnIdentifier
from kept.post.languages import LANGUAGES, nearest
from kept.post.outbox import BadAddress
from kept.rights import actions
from kept.rights.actions.asking import LONGEST_EMAIL, LONGEST_NAME
from kept.rights.api.access import answering, opening_of
from kept.rights.api.actions import open_for
from kept.rights.api.auth import OPENED, Caller, caller_of
from kept.rights.api.errors import KeyUsed
from kept.rights.api.models import Opening
from kept.rights.api.problems import Place, Problem
from kept.rights.errors import NotNow
from kept.rights.models import Case
from kept.rights.offered import RUNNING
from kept.rights.particulars import particulars_of
from kept.rights.rules import CODE_PAUSE, MOST_CODES, OPEN

router = Router(tags=["requests"])

Stands = Literal["waiting_for_proof", "in_progress", "answered", "refused", "withdrawn", "expired"]
Text = Annotated[str, StringConstraints(max_length=2_000)]
KEY: Any = Header(
    alias="Idempotency-Key",
    description="Yours, new for each wish of a person, the same while you retry: 8 to 200 visible signs of ASCII.",
)
Key = Annotated[str, StringConstraints(pattern=r"^[!-~]{8,200}$")]


class Ask(Schema):
    """What a person asks for, as they told your app."""

    model_config = ConfigDict(extra="forbid")

    right: str = Field(
        description="One of the names that GET /rights lists.",
        json_schema_extra={"enum": [offer.name for offer in RUNNING]},
    )
    email: str = Field(
        description="The person's address. The code is mailed there.",
        max_length=LONGEST_EMAIL,
        json_schema_extra={"format": "email"},
    )
    name: str = Field("", description="How to call them. It is not searched for.", max_length=LONGEST_NAME)
    language: str = Field(
        "en",
        description="In which we write to them, as BCP 47 names it: `de`, `zh-Hans`.",
        pattern="^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$",
    )
    country: str = Field(
        "",
        description="Where they live, if they say so, by ISO 3166: `SG`, `US-CA`. Its law may give less time.",
        pattern="^([A-Z]{2}(-[A-Z0-9]{1,3})?)?$",
    )
    asked: dict[str, bool | Text | list[Text]] = Field(
        default_factory=dict, description="What is said beside the right: see `asks` of GET /rights.", max_length=40
    )


class Standing(Schema):
    """How a request stands. It says nothing of what was found about the person."""

    id: UUID
    reference: str = Field(description="To speak of it with the privacy office. It opens nothing.")
    right: str
    state: Stands
    received_at: datetime
    due_on: date = Field(description="The last day to answer, by the law that applies.")
    answered_at: datetime | None
    ended_at: datetime | None


class CodeSent(Schema):
    sent: bool
    left: int = Field(description="How many more can be mailed for this request.")


@router.post(
    "/requests",
    response={201: Standing},
    url_name="api_requests",
    operation_id="open_request",
    summary="Open a request for a person",
    openapi_extra={"x-problems": ["key-used"]},
)
def open_request(
    request: HttpRequest, response: HttpResponse, body: Ask, idempotency_key: Annotated[Key, KEY]
) -> Status[dict[str, Any]]:
    """It waits for its proof: we mail the person a code, and search nothing before they have typed it on our page.

    The same `Idempotency-Key` with the same body, sent again within 30 days, opens nothing new.
    Needs `requests:open`. The answer is the same whether we know the address or not.
    """
    caller = caller_of(request)
    caller.must("requests:open")
    caller.count("api open", OPENED)
    asked, language = particulars_in(body.right, body.asked), nearest(body.language)
    if language is None:
        raise Problem("invalid", places=[Place("/language", f"We write in these: {', '.join(LANGUAGES)}.")])
    try:
        opening = open_for(
            caller.client,
            body.right,
            body.email,
            name=body.name,
            language=language,
            asked=asked,
            home=body.country,
            key_hash=caller.keyed("key", idempotency_key.encode()),
            body_hash=caller.keyed("body", _as_asked(body)),
            by=caller.actor,
            at=timezone.now(),
        )
    except KeyUsed:
        raise Problem("key-used") from None
    except (NotAnIdentifier, BadAddress):
        raise Problem("invalid", places=[Place("/email", "This is no e-mail address that we can write to.")]) from None
    response.headers["Location"] = reverse("api:api_request", args=[opening.pk])
    return Status(201, standing(opening))


def _as_asked(body: Ask) -> bytes:
    """What makes it the same request. A word that was added later and is not said does not count."""
    left_out = set() if body.country else {"country"}
    return json.dumps(body.model_dump(exclude=left_out), sort_keys=True).encode()


@router.get(
    "/requests/{uuid:request_id}",
    response=Standing,
    url_name="api_request",
    operation_id="read_request",
    summary="How a request stands",
)
def read_request(request: HttpRequest, request_id: UUID) -> dict[str, Any]:
    """A request that your app has opened. Needs `requests:read`."""
    return standing(_own(request, request_id, "requests:read"))


@router.post(
    "/requests/{uuid:request_id}/code",
    response=CodeSent,
    url_name="api_request_code",
    operation_id="mail_code_again",
    summary="Mail a new code",
    openapi_extra={"x-problems": ["not-now", "no-code"]},
)
def mail_code_again(request: HttpRequest, request_id: UUID) -> dict[str, Any]:
    """In place of the last one, which no longer works. At most five for one request, and one a minute.

    Needs `requests:open`.
    """
    caller, opening = caller_of(request), _own(request, request_id, "requests:open")
    case, at = opening.case, timezone.now()
    if case.state != Case.State.UNPROVEN:
        raise Problem("not-now", "The request does not wait for a code.")
    if not actions.resend_code(case, by=caller.actor, at=at):
        case.refresh_from_db()
        wait = (case.code_sent_at + CODE_PAUSE - at).total_seconds() if case.code_sent_at else 3600.0
        raise Problem("no-code", wait=None if case.codes_sent >= MOST_CODES else wait)
    case.refresh_from_db()
    return {"sent": True, "left": max(0, MOST_CODES - case.codes_sent)}


@router.post(
    "/requests/{uuid:request_id}/withdrawal",
    response=Standing,
    url_name="api_request_withdrawal",
    operation_id="withdraw_request",
    summary="Withdraw a request",
    openapi_extra={"x-problems": ["not-now"]},
)
def withdraw_request(request: HttpRequest, request_id: UUID) -> dict[str, Any]:
    """For a person who no longer wants it. They are told by mail, if they had proven it. A second call changes nothing.

    Too late once it is being carried out. Needs `requests:open`.
    """
    caller, opening = caller_of(request), _own(request, request_id, "requests:open")
    try:
        opening.case = actions.withdraw_case(opening.case, by=caller.actor, at=timezone.now())
    except NotNow:
        raise Problem("not-now", "It is too late to withdraw this request.") from None
    return standing(opening)


def _own(request: HttpRequest, request_id: UUID, scope: Literal["requests:open", "requests:read"]) -> Opening:
    caller: Caller = caller_of(request)
    caller.must(scope)
    return opening_of(caller.client, request_id)


def standing(opening: Opening) -> dict[str, Any]:
    case = answering(opening)
    return {
        "id": opening.pk,
        "reference": opening.case.reference,
        "right": case.right,
        "state": stands(case),
        "received_at": opening.case.received_at,
        "due_on": case.due_on,
        "answered_at": case.answered_at,
        "ended_at": case.closed_at,
    }


def stands(case: Case) -> Stands:
    """Fewer words than the desk has: what an app can tell its person."""
    if case.state in OPEN:
        return "in_progress"
    match case.state:
        case Case.State.UNPROVEN:
            return "waiting_for_proof"
        case Case.State.WITHDRAWN:
            return "withdrawn"
        case Case.State.EXPIRED:
            return "expired"
        case Case.State.REFUSED:
            return "refused"
        case _:
            return "answered"  # also after name and address were erased


def particulars_in(right: str, asked: dict[str, bool | str | list[str]]) -> dict[str, Any]:
    """What is said beside the right, through the form that every door has. Raises Problem."""
    if right not in {offer.name for offer in RUNNING}:
        raise Problem("invalid", places=[Place("/right", "It is none of the rights that GET /rights lists.")])
    particulars = particulars_of(right)
    known = set(particulars.Form().fields) if particulars else set()
    if set(asked) - known:
        raise Problem("invalid", places=[Place("/asked", "It has a name that this right does not ask for.")])
    if particulars is None:
        return {}
    given = QueryDict(mutable=True)
    for name, value in asked.items():
        given.setlist(name, value if isinstance(value, list) else ["on" if value is True else str(value or "")])
    form = particulars.Form(given)
    if not form.is_valid():
        places = [
            Place(f"/asked/{name}" if name in known else "/asked", _said(errors))
            for name, errors in form.errors.items()
        ]  # fmt: skip
        raise Problem("invalid", places=places)
    return form.asked()


def _said(errors: Any) -> str:
    """The form's own words where they repeat nothing; a choice that is none is told in ours."""
    codes = {error.code for error in errors.as_data()}
    return "It cannot be used." if "invalid_choice" in codes else " ".join(str(error) for error in errors)
