"""What a person may see of a row that was found about them: the one rule for the copy and for the officer's view of it.

GDPR Art. 15(4): the copy must not adversely affect the rights and freedoms of others.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from kept.engine.subject import HeldRow
from kept.engine.values import plain_value

WITHHELD = "[withheld: about somebody else]"
SECRET = "[not shown: a password or key]"  # noqa: S105
SEALED = "[not shown: sealed with a key that Kept does not have]"
ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+")
# In somebody else's words: the writer's own.
WRITERS = frozenset({"ip", "phone", "birth_date", "national_id", "street"})


class Shown(NamedTuple):
    """One value as the person may see it."""

    value: Any  # as JSON keeps it; WITHHELD, SECRET or SEALED in place of the whole
    withheld: int = 0  # how many values, or addresses inside a text, are not shown because they are about others


def shown_to_person(row: HeldRow, name: str, value: Any, addresses: frozenset[str]) -> Shown:
    """`addresses`: the person's own, in lower case. Raises KeyError for a column that the pack does not name."""
    rule = row.rule.columns[name]
    if value is None or value == "":
        return Shown(value)
    if rule.secret:
        return Shown(SECRET)
    if rule.sealed and not isinstance(value, str):  # what Kept's own keys open comes here as text
        return Shown(SEALED)
    if rule.third_party or (not row.own and rule.kind in WRITERS):
        return Shown(WITHHELD, 1)
    plain = plain_value(value)
    return Shown(plain) if row.own else Shown(*_without_other_addresses(plain, addresses))


def _without_other_addresses(value: Any, own: frozenset[str]) -> tuple[Any, int]:
    """Somebody else's words name other people: their addresses are not the person's to have. Art. 15(4)."""
    masked = 0

    def replace(match: re.Match[str]) -> str:
        nonlocal masked
        if match.group().lower().rstrip(".") in own:
            return match.group()
        masked += 1
        return "[somebody else's address]"

    def inside(part: Any) -> Any:
        if isinstance(part, str):
            return ADDRESS.sub(replace, part)
        if isinstance(part, list):
            return [inside(member) for member in part]
        return {inside(name): inside(member) for name, member in part.items()} if isinstance(part, dict) else part

    return inside(value), masked
