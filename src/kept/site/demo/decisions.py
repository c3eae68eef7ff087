"""What the demo company's computers decide, and about whom: decisions.toml, put into the register and the log."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime, timedelta
from importlib import resources
from typing import Any

from kept.engine.identifiers import normal
from kept.people.models import Account
from kept.rights.automated.actions import Said, approve_version, log_decision, write_rule
from kept.rights.automated.models import Version
from kept.rights.automated.rules import declared
from kept.terms import Actor

APPROVED = timedelta(days=60)  # before the demo was loaded
SYSTEM = "billing"


def load_decisions(cast: Mapping[str, Account], *, by: Actor, at: datetime) -> int:
    """Register the rules and log the decisions. A second call changes nothing. Returns how many decisions there are."""
    told = tomllib.loads((resources.files("kept.site.demo") / "decisions.toml").read_text(encoding="utf-8"))
    begun: dict[str, datetime] = {}
    for rule in told["rule"]:
        held = Version.objects.filter(rule__name=rule["name"], valid_from__isnull=False).order_by("number").first()
        if held is None:
            written = at - APPROVED
            version = write_rule(rule["name"], _said(rule), by=cast["erik"].actor, at=written)
            held = approve_version(version, by=cast["olga"].actor, at=written)
        begun[rule["name"]] = held.valid_from or at
    for one in told["decision"]:
        person = [normal("email", one["email"])]
        if "client" in one:
            person.append(normal("account", str(one["client"]), scope=SYSTEM))
        decided_at = begun[one["rule"]] + APPROVED - timedelta(days=one["days"])
        log_decision(
            one["rule"],
            system=SYSTEM,
            number=one["number"],
            person=person,
            inputs=one["inputs"],
            outcome=one["outcome"],
            factors=one["factors"],
            decided_at=decided_at,
            by=by,
            at=at,
        )
    return len(told["decision"])


def _said(rule: Mapping[str, Any]) -> Said:
    words = {word: rule[word] for word in Said.__annotations__ if word != "declared"}
    return Said(**words, declared=declared(rule["inputs"], rule["factors"], rule["outcomes"]))
