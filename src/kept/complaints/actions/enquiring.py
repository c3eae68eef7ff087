"""Enquiries of authorities: written down, shown to be genuine, answered by two officers, closed, forgotten."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, timedelta

from django.conf import settings

from kept.complaints.actions.steps import must_be, must_fit
from kept.complaints.enquiries import matters_of
from kept.complaints.errors import NoSuchMatter, NotNow, NotVerified, TooLong
from kept.complaints.models import Enquiry, EnquiryAnswer, EnquiryMatter
from kept.complaints.rules import LONGEST_NOTE, LONGEST_WORDS, last_proof
from kept.people.codes import new_reference
from kept.people.matters import held_by, numbered, person_of
from kept.security.approvals.access import waiting_about
from kept.security.approvals.actions import ask, use_up, void
from kept.security.ledger import action, record, unchanged
from kept.security.models import Entry
from kept.security.reading import log_read
from kept.security.vault.actions import destroy_key
from kept.terms import Actor
from kept.vault.keys import make_key

RELEASE = "complaints.release_answer"  # always takes two officers
LOOKED_AT = "complaints.enquiry_looked_at"
SAME_LOOK = timedelta(minutes=2)
State = Enquiry.State
LONGEST_LINE = 200


@action
def record_enquiry(
    authority: str,
    asked: str,
    *,
    their_reference: str = "",
    basis: str,
    contact: str,
    channel: str,
    received_at: datetime,
    due_on: date,
    due_said: str = "",
    by: Actor,
    at: datetime,
) -> Enquiry:
    """Write down what an authority asks. It is told nothing before its contact was verified.

    Raises MayNot, NotNow, TooLong.
    """
    must_be(by, "privacy_officer")
    lines = {"authority": authority, "basis": basis}
    for text in lines.values():
        must_fit(text, LONGEST_LINE)
    for text, longest in ((their_reference, LONGEST_LINE), (due_said, LONGEST_LINE), (contact, 1_000)):
        if len(text) > longest:
            raise TooLong(f"It has at most {longest:,} characters.")
    if received_at > at or channel not in Enquiry.Channel.values:
        raise NotNow("not received yet")
    enquiry = Enquiry.objects.create(
        reference=_free_reference(at),
        key=make_key(),
        authority=authority.strip(),
        asked=must_fit(asked, LONGEST_WORDS),
        their_reference=their_reference.strip(),
        basis=basis.strip(),
        contact=contact.strip(),
        channel=channel,
        received_at=received_at,
        due_on=due_on,
        due_said=due_said.strip(),
        recorded_by=str(by),
    )
    record("complaints.enquiry_recorded", enquiry, by=by, at=at, channel=channel, due=due_on.isoformat())
    return enquiry


@action
def verify_contact(enquiry: Enquiry, how: str, *, by: Actor, at: datetime) -> Enquiry:
    """Somebody called the authority back, on a number that it did not give itself. A second call changes nothing.

    Raises MayNot, NotNow, TooLong.
    """
    enquiry = _locked(enquiry)
    must_be(by, "privacy_officer")
    _must_be_open(enquiry)
    if enquiry.verified_at is not None:
        unchanged()
        return enquiry
    enquiry.verified_at, enquiry.verified_by, enquiry.verified_how = at, str(by), must_fit(how, LONGEST_NOTE)
    enquiry.state = State.VERIFIED if enquiry.state == State.RECEIVED else enquiry.state
    enquiry.save(update_fields=["verified_at", "verified_by", "verified_how", "state"])
    record("complaints.enquiry_verified", enquiry, by=by, at=at)
    return enquiry


@action
def link_enquiry(enquiry: Enquiry, reference: str, *, by: Actor, at: datetime) -> EnquiryMatter:
    """Say which request or complaint it is about; nothing of that goes while the enquiry is open.

    Raises MayNot, NotNow, NoSuchMatter.
    """
    enquiry = _locked(enquiry)
    must_be(by, "privacy_officer")
    _must_be_open(enquiry)
    found = numbered(reference)
    if found is None or found.id == enquiry.pk:
        raise NoSuchMatter
    link, new = EnquiryMatter.objects.get_or_create(
        enquiry=enquiry, about=found.name, defaults={"by": str(by), "at": at}
    )
    if not new:
        unchanged()
        return link
    record("complaints.enquiry_linked", enquiry, by=by, at=at, to=found.name)
    return link


@action
def enquiry_looked_at(enquiry: Enquiry, *, by: Actor, at: datetime) -> None:
    """An officer reads what is asked and what is told: a look at each one it is about; the same look is written once.

    Where nothing is linked, nobody knows whose data the words hold: the look stands under the enquiry itself.
    """
    must_be(by, "privacy_officer")
    name = f"{enquiry._meta.label_lower}:{enquiry.pk}"
    about = {one.name: one for _, one in matters_of(enquiry) if one is not None}
    lately = Entry.objects.filter(about=name, kind=LOOKED_AT, by=str(by), at__gt=at - SAME_LOOK)
    seen = [one.facts.get("matters", []) for one in lately]
    new = [one for one in about if not any(one in names for names in seen)]
    if seen and not new:
        unchanged()
        return
    record(LOOKED_AT, enquiry, by=by, at=at, matters=sorted(about))
    for one in new:
        case, is_open = about[one].id, about[one].is_open
        log_read(
            "case", "authority", person=person_of(one), case=case, case_open=is_open, place="enquiry", by=by, at=at
        )
    if not about:
        is_open = enquiry.state in (State.RECEIVED, State.VERIFIED)
        log_read("case", "authority", case=enquiry.pk, case_open=is_open, place="enquiry", by=by, at=at)


@action
def write_answer(enquiry: Enquiry, text: str, how: str, *, whole: bool, by: Actor, at: datetime) -> EnquiryAnswer:
    """Write what is to be told, and ask a second officer to release it. One waits at a time; a new one takes its place.

    Raises MayNot, NotVerified, NotNow, TooLong.
    """
    enquiry = _locked(enquiry)
    must_be(by, "privacy_officer")
    _must_be_open(enquiry)
    if enquiry.verified_at is None:
        raise NotVerified
    if how not in Enquiry.Channel.values:
        raise NotNow(how[:12])
    text = must_fit(text, LONGEST_WORDS)
    for earlier in enquiry.answers.filter(state=EnquiryAnswer.State.WAITING):
        _take_back(earlier, by, at)
    answer = EnquiryAnswer.objects.create(
        enquiry=enquiry,
        key=enquiry.key,
        text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        how=how,
        whole=whole,
        written_at=at,
        written_by=str(by),
    )
    ask(RELEASE, answer, f"Answer to {enquiry.reference}", seen=answer.sha256, by=by, at=at)
    record("complaints.answer_written", enquiry, by=by, at=at, answer=str(answer.pk), sha256=answer.sha256)
    return answer


@action
def release_answer(answer: EnquiryAnswer, *, by: Actor, at: datetime) -> EnquiryAnswer:
    """A second officer releases it: from here on it counts as told. Raises NotApproved, NotNow, NotVerified."""
    answer = EnquiryAnswer.objects.select_for_update().get(pk=answer.pk)
    enquiry = _locked(answer.enquiry)
    if answer.state != EnquiryAnswer.State.WAITING:
        raise NotNow(answer.get_state_display())
    _must_be_open(enquiry)
    if enquiry.verified_at is None:
        raise NotVerified
    use_up(RELEASE, answer, by=by, at=at)
    answer.state, answer.released_at, answer.released_by = EnquiryAnswer.State.SENT, at, str(by)
    answer.save(update_fields=["state", "released_at", "released_by"])
    if answer.whole:
        enquiry.state, enquiry.answered_at = State.ANSWERED, at
        enquiry.save(update_fields=["state", "answered_at"])
    which, whole = str(answer.pk), answer.whole
    record(
        "complaints.answer_released", enquiry, by=by, at=at,
        answer=which, sha256=answer.sha256, how=answer.how, whole=whole,
    )  # fmt: skip
    return answer


@action
def close_enquiry(enquiry: Enquiry, why: str = "", *, by: Actor, at: datetime) -> Enquiry:
    """Nothing more is owed. Without an answer it takes a reason: not genuine, taken back. Raises MayNot, TooLong."""
    enquiry = _locked(enquiry)
    must_be(by, "privacy_officer")
    if enquiry.state == State.CLOSED:
        unchanged()
        return enquiry
    if enquiry.answered_at is None:
        enquiry.closed_why = must_fit(why, LONGEST_NOTE)
    for waiting in enquiry.answers.filter(state=EnquiryAnswer.State.WAITING):
        _take_back(waiting, by, at)
    enquiry.state, enquiry.closed_at = State.CLOSED, at
    enquiry.save(update_fields=["state", "closed_at", "closed_why"])
    record("complaints.enquiry_closed", enquiry, by=by, at=at, answered=enquiry.answered_at is not None)
    return enquiry


@action
def forget_enquiries(*, by: Actor, at: datetime) -> int:
    """Remove those that were closed three years ago, with their keys. Returns how many."""
    old = Enquiry.objects.filter(closed_at__lt=last_proof(at))[:500]
    free = [one for one in old if not held_by(f"complaints.enquiry:{one.pk}")]
    for one in free:
        key = one.key
        one.delete()
        if key is not None:
            destroy_key(key, by=by, at=at)
    if free:
        record("complaints.enquiries_forgotten", "complaints.enquiry", by=by, at=at, count=len(free))
    else:
        unchanged()
    return len(free)


def _take_back(answer: EnquiryAnswer, by: Actor, at: datetime) -> None:
    answer.state = EnquiryAnswer.State.TAKEN_BACK
    answer.save(update_fields=["state"])
    approval = waiting_about(RELEASE, "complaints.enquiryanswer", answer.pk, at)
    if approval is not None:
        void(approval, by=by, at=at)


def _locked(enquiry: Enquiry) -> Enquiry:
    return Enquiry.objects.select_for_update().get(pk=enquiry.pk)


def _must_be_open(enquiry: Enquiry) -> None:
    """Raises NotNow."""
    if enquiry.state == State.CLOSED:
        raise NotNow(enquiry.get_state_display())


def _free_reference(at: datetime) -> str:
    while True:
        reference = new_reference(settings.COMPANY, at.year)
        if numbered(reference) is None:
            return reference
