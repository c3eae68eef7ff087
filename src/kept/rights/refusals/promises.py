"""What this part keeps: nothing is refused alone, without reasons, in silence or late. Promise 11.4."""

from __future__ import annotations

from datetime import datetime

from kept.policy.keepers import keeper
from kept.rights.refusals.access import all_told, left_out_alone, left_out_by_ground, silent_refusals
from kept.rights.refusals.rules import by_ground
from kept.terms import Evidence, State

WORDS = {
    "unfounded": "unfounded",
    "excessive": "excessive",
    "unidentified": "person not found",
    "not_granted": "not granted by local law",
}


@keeper("11.4", counts="requests refused", rows="desk")
def refusals_are_lawful(at: datetime) -> Evidence:
    """Reads every refusal: ground, reasons, who proposed and who checked it, the mail that told it, and its day.

    Reads what was left out of answers as well, and whether another officer approved these.
    """
    told, silent = all_told(), silent_refusals()
    count = len(told) + silent
    parts = [f"{number} {WORDS.get(name, name.replace('_', ' '))}" for name, number in by_ground(told).items()]
    figure = "0 requests refused" if not count else f"{count:,} refused: {', '.join(parts) or 'no ground'}"
    if left_out := sum(left_out_by_ground().values()):
        figure += f"; {left_out:,} {'record' if left_out == 1 else 'records'} left out of answers"
    faults = [fault for one in told for fault in one.faults]
    alone = left_out_alone()
    if silent:
        faults.append("refused in silence")
    if alone:
        faults.append("left out by one officer alone")
    if faults:
        wrong = len([one for one in told if one.faults]) + silent + alone
        words = f"{wrong} not as promised: {', '.join(sorted(set(faults)))}."
        return Evidence(State.BROKEN, figure, words, at, number=count)
    if not count:
        words = "No request was refused. A refusal takes a ground of the law, reasons and two officers."
        return Evidence(State.KEPT, figure, words, at, number=0)
    words = "Each has a ground of the law and reasons, was checked by a second officer, and told in time."
    return Evidence(State.KEPT, figure, words, at, number=count)
