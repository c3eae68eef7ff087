"""POST /decisions/check: whether data about somebody may be used. The house has one rule for it: `use.decisions`."""

from __future__ import annotations

from typing import Any, Literal

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema
from pydantic import ConfigDict, Field

from kept.engine.errors import NotAnIdentifier
from kept.engine.identifiers import normal
from kept.rights.actions.asking import LONGEST_EMAIL
from kept.rights.api.auth import caller_of
from kept.rights.api.problems import Place, Problem
from kept.use.access import decide_for
from kept.use.decisions import OUTCOMES, WORDS
from kept.use.purposes import CATEGORIES, RECIPIENTS

router = Router(tags=["decisions"])


class Question(Schema):
    model_config = ConfigDict(extra="forbid")

    email: str = Field(
        description="The person's address.", max_length=LONGEST_EMAIL, json_schema_extra={"format": "email"}
    )
    purpose: str = Field(
        description="A purpose of the policy, such as `newsletter`. One that it does not name is denied.", max_length=64
    )
    category: str = Field(
        description="What sort of data is used.", max_length=40, json_schema_extra={"enum": list(CATEGORIES)}
    )
    recipient: str = Field(
        "us", description="Who gets it.", max_length=40, json_schema_extra={"enum": list(RECIPIENTS)}
    )  # fmt: skip


class Because(Schema):
    why: str = Field(json_schema_extra={"enum": list(WORDS)})
    words: str


class Decided(Schema):
    outcome: Literal["allow", "deny", "cannot tell"] = Field(description="Only `allow` allows.")
    basis: str = Field(description="The legal basis of the purpose; empty: the policy names no such purpose.")
    because: list[Because] = Field(description="What weighs most, first.")


assert set(OUTCOMES) == {"allow", "deny", "cannot tell"}  # noqa: S101 - what the document promises


@router.post(
    "/decisions/check",
    response=Decided,
    url_name="api_decisions_check",
    operation_id="check_decision",
    summary="May this be done with somebody's data?",
)
def check_decision(request: HttpRequest, body: Question) -> dict[str, Any]:
    """Ask right before you do it, each time: an objection holds from the moment in which it is made.

    Needs `decisions:check`.
    """
    caller_of(request).must("decisions:check")
    wrong = [
        Place(f"/{name}", "It is none of the words that the reference lists.")
        for name, given, known in (
            ("category", body.category, CATEGORIES),
            ("recipient", body.recipient, RECIPIENTS),
        )
        if given not in known
    ]
    if wrong:
        raise Problem("invalid", places=wrong)
    try:
        person = normal("email", body.email)
    except NotAnIdentifier:
        raise Problem("invalid", places=[Place("/email", "This is no e-mail address.")]) from None
    with transaction.atomic():
        decision = decide_for([person], body.purpose, body.category, body.recipient, timezone.now())
    because = [{"why": one.why, "words": one.words} for one in decision.because]
    return {"outcome": decision.outcome, "basis": decision.basis, "because": because}
