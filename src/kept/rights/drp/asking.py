"""What a request of an agent asks for: its claims, read into what a case needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kept.engine.errors import NotAnIdentifier
from kept.engine.identifiers import normal
from kept.rights.actions.asking import LONGEST_EMAIL, LONGEST_NAME
from kept.rights.drp.errors import Refused
from kept.rights.drp.messages import text
from kept.rights.homes import code_of
from kept.rights.offered import RUNNING

LONGEST_ID = 200
LONGEST_URL = 2_000
MOST_HINTS = 20
LONGEST_HINT = 60

# The protocol's actions, and the right that each is here. It writes some with an underscore in its tables.
EXERCISES: Mapping[str, str] = {
    "access": "access",
    "access:categories": "access",
    "access:specific": "access",
    "deletion": "erasure",
    "sale:opt-out": "objection",
    "sale:opt-in": "",  # agreeing to a sale is a consent, and a consent is given by the person alone
}
ASKED: Mapping[str, Mapping[str, Any]] = {"sale:opt-out": {"uses": ["marketing.third_party"]}}
USA = ("usa", "united states", "united states of america")
LAWS: Mapping[str, str] = {"ccpa": "us-ccpa", "": ""}  # "": the law of the office


@dataclass(frozen=True)
class Asked:
    """One request, read and checked. `right`: "" for what does not run here."""

    exercise: str
    regime: str
    right: str
    agent_request_id: str = field(repr=False)
    status_callback: str = field(repr=False)
    email: str = field(repr=False)
    name: str = field(repr=False)
    said: Mapping[str, Any] = field(repr=False)  # hints for the officer
    home: str = field(default="", repr=False)  # the country of their address; "": not said

    @property
    def law(self) -> str:
        return LAWS[self.regime]

    @property
    def asked(self) -> Mapping[str, Any]:
        return ASKED.get(self.exercise, {})


def supported() -> list[str]:
    """The actions that run here, for our entry in the directory."""
    running = {offer.name for offer in RUNNING}
    return [exercise for exercise, right in EXERCISES.items() if right in running]


def read(claims: Mapping[str, Any]) -> Asked:
    """Claims that are not known are tolerated; those that are, have their form. Raises Refused."""
    exercise = text(claims, "exercise", 40, required=True).replace("_", "-")
    if exercise not in EXERCISES:
        raise Refused(400, f"exercise is none of {', '.join(EXERCISES)}.", fatal=True)
    regime = text(claims, "regime", 40)
    if regime not in LAWS:
        raise Refused(400, "regime is ccpa, or left out.", fatal=True)
    return Asked(
        exercise=exercise,
        regime=regime,
        right=EXERCISES[exercise] if exercise in supported() else "",
        agent_request_id=text(claims, "agent-request-id", LONGEST_ID),
        status_callback=text(claims, "status_callback", LONGEST_URL),
        email=_email(claims),
        name=text(claims, "name", LONGEST_NAME),
        said=_said(claims),
        home=_home(claims.get("address")),
    )


def _email(claims: Mapping[str, Any]) -> str:
    """Without one nobody can be asked whether they want this: our directory entry says that it is needed."""
    email = text(claims, "email", LONGEST_EMAIL, required=True)
    try:
        normal("email", email)
    except NotAnIdentifier:
        raise Refused(400, "email is no e-mail address.", fatal=True) from None
    for claim in ("email_verified", "phone_number_verified", "address_verified"):
        if not isinstance(claims.get(claim, False), bool):
            raise Refused(400, f"{claim} is true or false.", fatal=True)
    return email


def _home(address: object) -> str:
    """Of an address only what decides whose clock runs. OIDC 5.1.1: an object with a country and a region."""
    if not isinstance(address, Mapping):
        return ""
    country, region = (str(address.get(part) or "")[:60] for part in ("country", "region"))
    code = code_of(country) or ("US" if country.strip().casefold() in USA else "")
    return "US-CA" if code == "US" and region.strip().casefold() in ("ca", "california") else code


def _said(claims: Mapping[str, Any]) -> dict[str, Any]:
    """What helps an officer. Telephone and postal address are not kept: nothing is searched or proven by them."""
    hints = claims.get("relationships", [])
    fits = isinstance(hints, list) and len(hints) <= MOST_HINTS
    if not fits or not all(isinstance(one, str) and len(one) <= LONGEST_HINT for one in hints):
        raise Refused(400, f"relationships is a list of at most {MOST_HINTS} short texts.", fatal=True)
    mandate = text(claims, "power_of_attorney", LONGEST_URL)
    said: dict[str, Any] = {"relationships": hints} if hints else {}
    return said | ({"power_of_attorney": mandate} if mandate else {})
