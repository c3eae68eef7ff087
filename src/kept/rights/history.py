"""What was done to a case, read from its entries, in words; and who is looking at it now."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from kept.information.models import System
from kept.people.called import called_by
from kept.people.models import Account
from kept.rights.actions.reading import CASE_LOOKED_AT
from kept.rights.models import Case, CaseIdentifier
from kept.rights.subjects import as_identifier, identifiers_of
from kept.rights.templatetags.rights import kind
from kept.security.models import Entry

STILL_THERE = timedelta(minutes=5)  # since the last sign of somebody's open page

SEARCHED = "rights.system_searched"
ASSIGNED = "rights.case_assigned"
ASKED_AGAIN: Mapping[str, str] = {
    "rights.accounts_chosen": "an officer chose the accounts",
    "rights.erasure_asked_again": "an officer asked for it",
    "rights.rectification_asked_again": "an officer asked for it",
    "rights.wrong_as_well": "an officer found more that is wrong",
    "rights.plan_changed": "its plan had changed",
}

WORDS: Mapping[str, str] = {
    "rights.case_opened": "Request received",
    ASSIGNED: "Given to an officer, or back",
    "rights.case_held": "Put aside; the clock runs on",
    "rights.case_released": "Taken up again",
    "rights.message_sent": "Message to the person",
    "rights.message_received": "Message from the person",
    "rights.messages_read": "Messages read",
    "rights.case_file_opened": "A file of the person opened",
    "rights.messages_code_sent": "Code for the messages mailed",
    "rights.messages_opened": "Messages opened with a code",
    "rights.wrong_messages_code": "Wrong code typed for the messages",
    "rights.request_registered": "Registered by staff",
    "rights.asked_for_another": "Asked by somebody for another person",
    "rights.proof_looked_at": "Page of its proof opened",
    "rights.case_extended": "More time taken, and the person told why",
    "rights.person_asked": "Asked the person",
    "rights.fee_asked": "Told the person a fee",
    "rights.fee_proposed": "Fee proposed to a second officer",
    "rights.person_answered": "The person answered",
    "rights.waiting_given_up": "Waited no longer for an answer: each day counts",
    "rights.refusal_proposed": "Refusal proposed to a second officer",
    "rights.case_refused": "Refused, and the person told why",
    "rights.record_annotated": "The person’s statement stands beside the record",
    "rights.copy_to_be_preserved": "A copy is to be preserved",
    "rights.copy_preserved": "Copy sealed and preserved",
    "rights.preserving_waits": "Preserving the copy waits",
    "rights.dispute_begun": "A review or complaint runs",
    "rights.dispute_ended": "The review or complaint is over",
    "rights.preserved_copy_destroyed": "Preserved copy destroyed",
    "rights.record_exempted": "Left out of the answer",
    "rights.record_included": "No longer left out",
    "rights.law_changed": "Counted by another law",
    "rights.language_changed": "Written to in another language",
    "rights.officers_reminded": "Reminder sent",
    "rights.code_sent": "New code mailed",
    "rights.wrong_code": "Wrong code typed",
    "rights.said_more": "What they said of themselves changed",
    "rights.proof_begun": "Step of the proof begun",
    "rights.proof_passed": "Step of the proof passed",
    "rights.proof_failed": "Step of the proof not passed",
    "rights.document_kept": "Copy of a document taken in",
    "rights.document_looked_at": "Copy of a document looked at",
    "rights.document_forgotten": "Copy of a document forgotten with its key",
    "rights.document_removed": "Copy of a document removed",
    "rights.case_proven": "Shown to be theirs",
    "rights.case_joined": "Joined to another request of the same person",
    "rights.case_told_apart": "An officer found another request to be somebody else’s",
    "rights.case_took_in": "Another request of the same person joined this one",
    "rights.other_addresses_told": "The person’s other addresses were told of it",
    "rights.request_disowned": "Stopped: somebody at another address says it was not them",
    "rights.request_owned": "Somebody at another address says it was them",
    "rights.disowning_settled": "An officer looked into it: it is theirs",
    "rights.case_withdrawn": "Withdrawn",
    "rights.case_expired": "Ended: nobody typed the code",
    SEARCHED: "Searched",
    "rights.system_failed": "Did not answer",
    "rights.accounts_chosen": "Accounts chosen",
    "rights.person_needed": "A person has to decide who is meant",
    "rights.texts_searched": "Texts looked through for what they say about others",
    "rights.text_decided": "Decided what a text shows",
    "rights.case_approved": "Approved",
    "rights.erasure_confirmed": "Erasure confirmed",
    "rights.case_returned": "Returned to review",
    "rights.plan_changed": "The plan changed: approval taken back",
    "rights.erasure_begun": "Erasure begun",
    "rights.system_erased": "Erased and looked at again",
    "rights.erasure_asked_again": "Asked to erase again",
    "rights.remains_settled": "Remains judged: not this person's",
    "rights.rectification_begun": "Correction begun",
    "rights.system_rectified": "Put right and read again",
    "rights.rectification_asked_again": "Asked to put it right again",
    "rights.wrong_as_well": "Found to be wrong as well",
    "rights.new_address_code_sent": "New code mailed to the new address",
    "rights.new_address_proven": "New address shown to be theirs",
    "rights.answer_begun": "Copy begun",
    "rights.answer_waits": "Copy waits",
    "rights.case_answered": "Answered",
    "rights.case_asks_more": "Asked for more: approval taken back",
    "rights.marking_begun": "Marking begun",
    "rights.mark_intended": "About to be marked",
    "rights.system_marked": "Marked",
    "rights.seen_to_by_hand": "Seen to by hand",
    "rights.mark_handed_over": "Mark kept for another request of theirs",
    "rights.system_unmarked": "Put back as it was",
    "rights.lifting_told": "Told when the pause ends",
    "rights.lifting_stays_told": "Told that the pause goes on",
    "rights.words_written_down": "What they said written down",
    "rights.recipient_to_be_told": "Somebody who was given the data is to be told",
    "rights.recipient_told": "Somebody who was given the data was told, or cannot be",
    "rights.recipient_not_reached": "The mail to a recipient came back",
    "rights.case_closed": "Closed: name and address erased",
    CASE_LOOKED_AT: "Case opened",
    "complaints.bundle_asked": "Evidence with what names the person asked for",
    "complaints.bundle_made": "Bundle of evidence made",
    "complaints.bundle_given": "Bundle of evidence fetched",
    "complaints.bundles_removed": "Bundle of evidence removed",
    "rights.rows_looked_at": "Rows looked at",
    "rights.accounts_looked_at": "Accounts looked at",
    "rights.sending_confirmed": "Sending to another provider confirmed a second time",
    "rights.sending_moved": "A part was sent to the other provider",
    "rights.sending_waits": "Sending waits, and goes on by itself",
    "rights.sending_accepted": "Taken in by the other provider’s site",
    "rights.sending_failed": "Not sent, and the person told why",
    "rights.corrections_looked_at": "What is to be put right was looked at",
    "rights.decisions_looked_at": "Decisions of a computer looked at",
    "rights.decision_reviewed": "A computer’s decision judged by a person",
}


@dataclass(frozen=True)
class Done:
    at: datetime
    words: str
    where: str  # the system and table concerned; "": the whole case
    by: str
    number: int | None  # of its entry in the ledger; None: it waits for one, a second at most


@dataclass(frozen=True)
class Onlooker:
    called: str
    at: datetime  # the last sign of them


def history_of(case: Case) -> Sequence[Done]:
    """The newest first."""
    entries = list(Entry.objects.filter(about=_about(case)).order_by("-id")[:200])
    called = called_by({entry.by for entry in entries} | {_given_to(entry) for entry in entries} - {""})
    titles = dict(System.objects.values_list("name", "title"))
    again = searched_again(case, titles)
    return [
        Done(
            entry.at,
            again.get(entry.pk) or _words(entry),
            called.get(_given_to(entry)) or _where(entry, titles),
            called[entry.by],
            entry.index,
        )
        for entry in entries
    ]


def searched_again(case: Case, titles: Mapping[str, str]) -> Mapping[int, str]:
    """Entry -> why a system was searched once more: what it was asked for, or what another system has added.

    Kinds and systems only: whose identifiers they are stands in the entries of nobody.
    """
    added = [row for row in identifiers_of([case.pk])[case.pk] if row.origin != "given" and as_identifier(row).strong]
    told: dict[int, str] = {}
    asked: dict[str, str] = {}  # system -> why it was to be searched again
    before: dict[str, datetime] = {}  # system -> its last search
    for entry in Entry.objects.filter(about=_about(case), kind__in=[SEARCHED, *ASKED_AGAIN]).order_by("id"):
        system = str(entry.facts.get("system", ""))
        if entry.kind != SEARCHED:
            asked[system] = ASKED_AGAIN[entry.kind]
            continue
        if system in before:
            new = _added(added, system, before[system], entry.at)
            told[entry.pk] = f"Searched again: {asked.pop(system, '') or _what_was_new(new, titles)}"
        before[system] = entry.at
    return told


def _added(rows: Sequence[CaseIdentifier], system: str, since: datetime, until: datetime) -> list[CaseIdentifier]:
    """What other systems added between two searches of this one. Nothing: what they added last before."""
    others = [row for row in rows if row.origin != system and row.found_at <= until]
    between = [row for row in others if row.found_at >= since]
    return between or [row for row in others if row.found_at == max(other.found_at for other in others)]


def _what_was_new(rows: Sequence[CaseIdentifier], titles: Mapping[str, str]) -> str:
    """a new e-mail address was found in Help desk"""
    new = {f"a new {kind(row.kind)} in {titles.get(row.origin, row.origin)}": None for row in rows}
    return f"there was {' and '.join(new)}" if new else "more was known of who is meant"


def onlookers(case: Case, me: Account, at: datetime) -> Sequence[Onlooker]:
    """Other officers who have this case on their screen. Nobody else decides, so nobody else is named."""
    return onlookers_of([case.pk], me, at).get(case.pk, [])


def onlookers_of(cases: Collection[UUID], me: Account, at: datetime) -> Mapping[UUID, Sequence[Onlooker]]:
    """The same for many cases, with one statement, and one more for the names."""
    about = {f"{Case._meta.label_lower}:{pk}": pk for pk in cases}
    looks = Entry.objects.filter(about__in=list(about), kind=CASE_LOOKED_AT, at__gt=at - STILL_THERE)
    looks = looks.filter(by__startswith=f"{Account.Roles.PRIVACY_OFFICER}:").exclude(by=str(me.actor))
    last = {(one.about, one.by): one.at for one in looks.order_by("id").only("about", "by", "at")}
    names = called_by({by for _, by in last}) if last else {}
    found: dict[UUID, list[Onlooker]] = {}
    for (of, by), seen in last.items():
        found.setdefault(about[of], []).append(Onlooker(names[by], seen))
    return found


def _words(entry: Entry) -> str:
    return WORDS.get(entry.kind, entry.kind.partition(".")[2].replace("_", " ").capitalize())


def _given_to(entry: Entry) -> str:
    """Whom a case was given to, as an actor; "": the entry is about something else, or it was given to nobody."""
    to = entry.facts.get("to") if entry.kind == ASSIGNED else None
    return f"{Account.Roles.PRIVACY_OFFICER}:{to}" if to else ""


def _where(entry: Entry, titles: Mapping[str, str]) -> str:
    """Billing, invoice"""
    name, table = entry.facts.get("system", ""), entry.facts.get("table", "")
    return ", ".join(part for part in (titles.get(name, name), table) if part)


def _about(case: Case) -> str:
    return f"{case._meta.label_lower}:{case.pk}"
