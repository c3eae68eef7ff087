"""The words that every room speaks. Plain values: no clock, no database, no web."""

from kept.terms.actor import Actor, Role
from kept.terms.identifier import STRONG, WEAK, Identifier, Kind
from kept.terms.promise import Evidence, Keeper, Narrowing, Promise, PromiseKind, State
from kept.terms.verdict import Verdict, worst

__all__ = [
    "STRONG",
    "WEAK",
    "Actor",
    "Evidence",
    "Identifier",
    "Keeper",
    "Kind",
    "Narrowing",
    "Promise",
    "PromiseKind",
    "Role",
    "State",
    "Verdict",
    "worst",
]
