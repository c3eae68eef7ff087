"""Whether what a search found is sensitive: by the tables that hold something of the person, and never by a value."""

from __future__ import annotations

from kept.engine.errors import PackError
from kept.information.access import pack_of
from kept.rights.clocks import office_day
from kept.rights.models import Case
from kept.rights.proof.rules import table_on


def holds_sensitive(case: Case) -> bool:
    """A system whose pack cannot be read any more counts as sensitive: nobody can say that it is not."""
    kinds = table_on(office_day(case.received_at, case.clock)).sensitive
    for answer in case.answers.select_related("system").exclude(holdings=[]):
        try:
            tables = pack_of(answer.system).tables
        except PackError:
            return True
        for held in answer.holdings:
            rule = tables.get(held["table"])
            if rule is not None and held["own"] and any(column.kind in kinds for column in rule.columns.values()):
                return True
    return False
