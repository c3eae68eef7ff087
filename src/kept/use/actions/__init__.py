"""What changes how data may be used: one function per step, one transaction each, with its entry."""

from kept.use.actions.asking import ask_whether
from kept.use.actions.following import follow_address
from kept.use.actions.objecting import (
    cover_objections,
    forget_objections,
    limit_objections,
    object_to,
    objection_ended,
    objection_replayed,
    objections_decided,
    take_back,
)
from kept.use.actions.restricting import (
    announce_lifting,
    call_off_lifting,
    cover_restriction,
    forget_restrictions,
    lift,
    limit_restrictions,
    restrict,
    restriction_begins,
    restriction_not_begun,
    restriction_replayed,
)
from kept.use.actions.suppressing import (
    forget_kept_accounts,
    forget_suppressions,
    keep_account_by_hash,
    remember_kept_account,
    suppress,
    suppress_by_hash,
    unsuppress,
    unsuppress_by_hash,
)

__all__ = [
    "announce_lifting",
    "ask_whether",
    "call_off_lifting",
    "cover_objections",
    "cover_restriction",
    "follow_address",
    "forget_kept_accounts",
    "forget_objections",
    "forget_restrictions",
    "forget_suppressions",
    "keep_account_by_hash",
    "lift",
    "limit_objections",
    "limit_restrictions",
    "object_to",
    "objection_ended",
    "objection_replayed",
    "objections_decided",
    "remember_kept_account",
    "restrict",
    "restriction_begins",
    "restriction_not_begun",
    "restriction_replayed",
    "suppress",
    "suppress_by_hash",
    "take_back",
    "unsuppress",
    "unsuppress_by_hash",
]
