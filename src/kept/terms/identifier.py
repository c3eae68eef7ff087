"""How a person is known: typed, normalised identifiers. GDPR Art. 4(1)."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "email",
    "account",
    "customer_number",
    "username",
    "domain",
    "national_id",
    "phone",
    "ip",
    "name",
    "birth_date",
    "street",
]

# Strong: names one person and may widen the search to other systems.
STRONG: frozenset[Kind] = frozenset({"email", "account", "customer_number", "username", "domain", "national_id"})
# Weak: shared by families, offices and chance; confirms, never decides.
WEAK: frozenset[Kind] = frozenset({"phone", "ip", "name", "birth_date", "street"})


@dataclass(frozen=True, order=True)
class Identifier:
    """One identifier in its normal form (`kept.engine.identifiers.normal`).

    `scope` is where the value is valid: an account number of one product says nothing in another.
    """

    kind: Kind
    value: str
    scope: str = ""  # "": valid everywhere

    @property
    def strong(self) -> bool:
        return self.kind in STRONG

    @property
    def written(self) -> str:
        """On one line, as a row stores it: an address alone; any other with its kind, and where it is valid."""
        if self.kind == "email":
            return self.value
        return f"{self.kind.replace('_', ' ')} {self.value}{f' in {self.scope}' if self.scope else ''}"

    def __repr__(self) -> str:  # values are personal data: they do not belong in logs and errors
        return f"Identifier({self.kind}{'@' + self.scope if self.scope else ''}, …)"
