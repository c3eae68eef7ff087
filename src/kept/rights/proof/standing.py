"""How far the proof of a case has come, read from its steps for the rules to decide on."""

from __future__ import annotations

from kept.rights.alerts.access import is_doubted
from kept.rights.clocks import office_day
from kept.rights.mandates.access import mandate_of
from kept.rights.models import Case
from kept.rights.proof.models import ProofStep
from kept.rights.proof.rules import Level, Table, level_of, suffices, table_on, ways_left
from kept.rights.proof.sensitive import holds_sensitive

State = ProofStep.State


def table_of(case: Case) -> Table:
    """The table of the day on which the request came."""
    return table_on(office_day(case.received_at, case.clock))


def level_needed(case: Case, *, sensitive: bool) -> Level:
    """By the act, and by the data as far as it is known."""
    return level_of(case.right, sensitive=sensitive, table=table_of(case))


def methods_passed(case: Case) -> frozenset[str]:
    """A case that was proven before steps were written down was proven with a mailed code."""
    found = frozenset(case.proof_steps.filter(state=State.PASSED).values_list("method", flat=True))
    return found or (frozenset({"mail_code"}) if case.proven_at else found)


def is_enough(case: Case, *, sensitive: bool = False) -> bool:
    level = level_needed(case, sensitive=sensitive)
    return suffices(level, methods_passed(case), table_of(case), **_whose(case))


def ways_to_go(case: Case) -> list[frozenset[str]]:
    """What is still needed, each way by itself. Before the search nobody knows whether the data is sensitive. While
    somebody says that the request is not theirs, the highest level helps an officer to judge that."""
    sensitive = case.proven_at is not None and holds_sensitive(case)
    level = "highest" if is_doubted(case.pk) else level_needed(case, sensitive=sensitive)
    found = ways_left(level, methods_passed(case), table_of(case), **_whose(case))
    return [frozenset(way) for way in found]


def _whose(case: Case) -> dict[str, bool]:
    mandate = mandate_of(case)
    return {} if mandate is None else {"for_another": True, "mailed": bool(mandate.email)}


def lacks_proof(case: Case) -> str:
    """For `kept.rights.ready`. GDPR Art. 12(6)."""
    if is_enough(case, sensitive=holds_sensitive(case)):
        return ""
    return "What was found is sensitive, so it needs one more step of proof: see “Proof of identity”."
