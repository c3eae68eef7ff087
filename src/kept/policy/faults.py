"""The rules that hold a policy to what runs: read from the files and the registry, never from the store."""

from __future__ import annotations

from collections.abc import Iterator

from kept.policy.bindings import bindings_of, unbound
from kept.policy.exemptions import exemptions, unkept
from kept.policy.keepers import all_keepers
from kept.policy.laws import unknown_clauses
from kept.policy.problems import BadPolicy, Problem
from kept.policy.source import Policy


def faults(policy: Policy) -> list[Problem]:
    """Every clause has a keeper or a reason why not, and every sentence is bound as it stands."""
    found: list[Problem] = []
    for rule in (_unkept, _unbound, _unknown):
        try:
            found += rule(policy)
        except BadPolicy as bad:
            found += bad.problems
    return found


def _unkept(policy: Policy) -> Iterator[Problem]:
    kept_ids = {bound.clause_id for bound in all_keepers()}
    return unkept(policy.promises, kept_ids, exemptions())


def _unbound(policy: Policy) -> Iterator[Problem]:
    return unbound(policy, bindings_of(policy.folder))


def _unknown(policy: Policy) -> list[Problem]:
    return unknown_clauses(policy.promises)
