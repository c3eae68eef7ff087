"""What must be right before Kept starts: the policy can be read, and every keeper has a clause to keep."""

from __future__ import annotations

from collections.abc import Sequence

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error
from django.urls import NoReverseMatch, reverse

from kept.policy.access import policy
from kept.policy.faults import faults
from kept.policy.keepers import all_keepers
from kept.policy.problems import BadPolicy


def check_policy(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    try:
        in_force = policy()
    except BadPolicy as bad:
        return [Error(str(problem), id="policy.E001") for problem in bad.problems]
    found: list[CheckMessage] = [Error(str(problem), id="policy.E004") for problem in faults(in_force)]
    for bound in all_keepers():
        if bound.clause_id not in in_force.promises:
            hint = "The ids stand in policies/promises.toml."
            found.append(
                Error(f"{bound.name} keeps clause {bound.clause_id}, which no policy has", hint=hint, id="policy.E002")
            )
        if bound.rows and not _is_a_page(bound.rows):
            hint = "rows is the name of an address, such as “desk”."
            found.append(Error(f"{bound.name} names {bound.rows}, which is no page", hint=hint, id="policy.E005"))
        if not bound.how:
            hint = "Readers of the policy see its first paragraph as “how we look”."
            found.append(Error(f"{bound.name} does not say in a docstring how it looks", hint=hint, id="policy.E003"))
    return found


def _is_a_page(name: str) -> bool:
    try:
        return bool(reverse(name))
    except NoReverseMatch:
        return False
