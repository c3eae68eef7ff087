"""What changes a mark or the end of a restriction: one function per step, one transaction each, with its entry."""

from kept.rights.stopping.actions.deciding import (
    announce_end,
    call_off_end,
    seen_to_by_hand,
    take_objection_back,
    write_down,
)
from kept.rights.stopping.actions.marking import (
    Done,
    ToMark,
    begin_marking,
    keep_before,
    mark_handed_over,
    system_unmarked,
    systems_marked,
)

__all__ = [
    "Done",
    "ToMark",
    "announce_end",
    "begin_marking",
    "call_off_end",
    "keep_before",
    "mark_handed_over",
    "seen_to_by_hand",
    "system_unmarked",
    "systems_marked",
    "take_objection_back",
    "write_down",
]
