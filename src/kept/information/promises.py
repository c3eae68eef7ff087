"""What this room keeps: everything that is stored is written down, with what it is for and how long it stays."""

from __future__ import annotations

from datetime import datetime, timedelta

from kept.engine.errors import PackError
from kept.information.access import pack_of
from kept.information.models import System
from kept.policy.keepers import keeper
from kept.security.models import Entry
from kept.security.vault.actions import ABOUT, LOOKED
from kept.terms import Evidence, State
from kept.vault.open import undecided

LOOK_EVERY = timedelta(hours=1)
TOO_OLD = 3 * LOOK_EVERY
CLEAR_TOO_OLD = timedelta(hours=18)


@keeper("3.2", counts="fields without an entry")
def inventory_is_complete(at: datetime) -> Evidence:
    """Reads the last comparison of each system's live tables with its inventory, made every hour, and counts fields
    that have no entry."""
    systems = list(System.objects.filter(active=True))
    missing = sum(len(system.faults) for system in systems)
    if missing:
        fields = "1 field or table" if missing == 1 else f"{missing:,} fields or tables"
        return Evidence(
            State.BROKEN, f"{fields} without an entry", "Nobody has said what these are for.", at, number=missing
        )
    unseen = [one for one in systems if one.checked_at is None or one.problem or at - one.checked_at > TOO_OLD]
    if unseen or not systems:
        figure = f"{len(systems) - len(unseen)} of {len(systems)} systems looked at"
        return Evidence(State.CANNOT_TELL, figure, "Some systems could not be compared with their inventory.", at)
    figure = f"0 fields without an entry in {len(systems)} system{'s' if len(systems) > 1 else ''}"
    words = "Every stored field has its purpose and its period. Its legal basis, and encryption, cannot be shown yet."
    return Evidence(State.CANNOT_TELL, figure, words, at, number=0)


@keeper("1.1", period=LOOK_EVERY * 18, counts="places where something sealed lies in clear", rows="security_backups")
@keeper("7.1", period=LOOK_EVERY * 18, counts="places where something sealed lies in clear", rows="security_backups")
def what_is_sealed_lies_nowhere_in_clear(at: datetime) -> Evidence:
    """Reads the last look, made every six hours. A secret word is planted in every sealed field. It is looked for in
    the raw pages of the database, its log, a backup and a dump, and so is some of what people wrote. Each field that
    can hold text is sealed, or has a reason why it is not."""
    if fields := undecided():
        figure = f"{len(fields)} not sealed and not decided: {', '.join(fields)}"[:200]
        return Evidence(State.BROKEN, figure, "Nobody has said why this may stand in clear.", at, number=len(fields))
    last = Entry.objects.filter(about=ABOUT, kind=LOOKED, at__lte=at).order_by("-id").first()
    if last is None or at - last.at > CLEAR_TOO_OLD:
        return Evidence(State.CANNOT_TELL, "", "Nobody looked lately whether something sealed lies in clear.", at)
    clear, unsure, places = (list(last.facts.get(name, ())) for name in ("in_clear", "unsure", "places"))
    figure = f"{last.facts.get('values', 0):,} sealed values in {last.facts.get('fields', 0)} fields"
    if clear:
        where = f"{figure}; in clear: {', '.join(clear)}"[:200]
        return Evidence(State.BROKEN, where, "Something that should be sealed can be read.", at, number=len(clear))
    if unsure or not places:
        figure = f"{figure}; not looked at: {', '.join(unsure)}"[:200]
        return Evidence(State.CANNOT_TELL, figure, "Not everywhere could be looked.", at, number=0)
    figure = f"{figure}, 0 in clear in {', '.join(dict.fromkeys(places))}"[:200]
    words = "What you write to us, and whom a request is about, is stored sealed."
    return Evidence(State.KEPT, figure, words, at, number=0)


@keeper("5.12", counts="kinds of records with their purpose")
def every_kind_of_record_has_a_purpose(at: datetime) -> Evidence:
    """Goes through the inventory of every system, and counts the kinds of records whose purpose is written down, and
    the tables that stand in none."""
    systems = list(System.objects.filter(active=True))
    strays = {(system.name, fault["table"]) for system in systems for fault in system.faults}
    if strays:
        tables = "1 table" if len(strays) == 1 else f"{len(strays):,} tables"
        return Evidence(State.BROKEN, f"{tables} with data of no purpose", "What is there serves no named purpose.", at)
    try:
        kinds = sum(len(pack_of(system).tables) for system in systems)
    except PackError:
        return Evidence(State.CANNOT_TELL, "", "The inventory of a system cannot be read.", at)
    figure = f"{kinds:,} kinds of records, each with its purpose"
    words = "Where data is held, its purpose is known. That each use keeps to it cannot be shown yet."
    return Evidence(State.CANNOT_TELL, figure, words, at, number=kinds)
