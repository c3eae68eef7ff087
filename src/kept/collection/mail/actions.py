"""What changes mail that came in, each with its entry."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from kept.collection.mail.answering import may_answer
from kept.collection.mail.errors import NobodyNamed, NotNow, TooLarge
from kept.collection.mail.models import NO_RIGHTS, InboundMail, MailItem, MailPiece
from kept.collection.mail.reading import Read, ours
from kept.collection.mail.threads import find_thread, same_elsewhere
from kept.engine.errors import NotAnIdentifier
from kept.engine.identifiers import normal
from kept.post.models import FORGOTTEN, Message
from kept.post.outbox import send
from kept.security.ledger import action, record, unchanged
from kept.security.models import Entry
from kept.security.reading import log_read
from kept.security.vault.actions import destroy_key
from kept.terms import Actor, Identifier
from kept.use.access import must_have_ground
from kept.use.actions import suppress
from kept.vault.errors import VaultError
from kept.vault.keys import make_key
from kept.work.steps import key_of, queue

LARGEST = 25 * 1024 * 1024  # bytes
PIECE = 256 * 1024
MARKETING = ("marketing.own", "marketing.third_party")
LAW_OF_OPT_OUT = "GDPR Art. 21(3): the person asked for no advertising"
NO_END = date(9999, 12, 31)  # somebody who asked for no advertising gets none until they ask for it again
KEEP_WORDS = timedelta(days=90)
KEEP_ROWS = timedelta(days=3 * 365)
SAME_LOOK = timedelta(minutes=2)
LOOKED_AT = "collection.mail_looked_at"
OPENS: Mapping[str, str] = {
    MailItem.Wish.COMPLAINT: "complaints.open"
}  # a wish -> the task that opens it; the others are rights
LINKS = ("rights.link_mail", "complaints.link_mail")  # each looks for its own number

State = InboundMail.State
Item = MailItem.State


@dataclass(frozen=True)
class Taken:
    mail: InboundMail
    new: bool  # False: it was taken in before


@action
def take_in(
    raw: bytes,
    *,
    door: str,
    mailboxes: Sequence[str] = (),
    sender: str | None = None,
    peer: str = "",
    helo: str = "",
    by: Actor,
    at: datetime,
) -> Taken:
    """Keep a mail as it came, once however often it comes, and have it read. Raises TooLarge.

    `sender`: the envelope's; "" is that of bounces, None is not known. `at`: when it reached our border.
    """
    if len(raw) > LARGEST:
        raise TooLarge(f"A mail has at most {LARGEST // 1024 // 1024} MiB.")
    sha256 = hashlib.sha256(raw).hexdigest()
    known = InboundMail.objects.filter(sha256=sha256).first()
    if known is None:
        try:
            with transaction.atomic():
                mail = InboundMail(
                    key=make_key(),
                    sha256=sha256,
                    size=len(raw),
                    received_at=at,
                    door=door,
                    mailboxes=[one for one in map(str.lower, mailboxes) if one in ours()][:20],
                    envelope={"sender": sender, "peer": peer, "helo": helo[:255]},
                )
                mail.save(force_insert=True)
                for number, begin in enumerate(range(0, len(raw), PIECE)):
                    piece = raw[begin : begin + PIECE]
                    MailPiece.objects.create(mail=mail, number=number, key=mail.key, raw=piece)
        except IntegrityError:  # it came by two doors at once
            known = InboundMail.objects.get(sha256=sha256)
    if known is not None:
        unchanged()
        return Taken(known, new=False)
    record("collection.mail_taken_in", mail, by=by, at=at, door=door, size=len(raw), sha256=sha256)
    queue("collection.read_mail", key=key_of("collection.read_mail", mail.pk), at=at, about=mail.pk)
    return Taken(mail, new=True)


@action
def mail_read(mail: InboundMail, read: Read, *, by: Actor, at: datetime) -> InboundMail:
    """Keep what was read in it, act on an opt-out, open what is clear, leave the rest to a person. Once."""
    mail = InboundMail.objects.select_for_update().get(pk=mail.pk)
    if mail.state != State.WAITING:
        unchanged()
        return mail
    mail.read_at = at
    mail.message_id, mail.subject, mail.text, mail.quoted = read.message_id, read.subject, read.new, read.quoted
    mail.sender, mail.sender_name, mail.details = read.sender, read.sender_name, dict(read.details)
    mail.faults, mail.automatic, mail.verdicts = list(read.faults), read.automatic, dict(read.verdicts)
    mail.unclear = read.proposals.why
    find_thread(mail, read)
    mail.copy_of = same_elsewhere(mail)
    if mail.copy_of is not None:
        mail.state = State.COPY
    elif mail.automatic:
        mail.state = State.AUTOMATIC
    mail.save()
    returned = Message.objects.filter(pk__in=read.returned, state=Message.State.SENT)
    came_back = returned.update(state=Message.State.FAILED)
    if mail.state == State.WAITING:
        items = [
            MailItem.objects.create(
                mail=mail, key=mail.key, wish=one.wish, language=one.language, rule=one.rule, person=person
            )
            for person in (mail.sender, *read.proposals.people)
            if person
            for one in read.proposals.wishes
        ]
        _begin(mail, items, clear=read.proposals.clear, by=by, at=at)
        _settle(mail, at)
    record(
        "collection.mail_read", mail, by=by, at=at,
        state=str(mail.state), wishes=sorted({one.wish for one in read.proposals.wishes}), faults=len(read.faults),
        returned=came_back,
        dkim=str(read.verdicts.get("dkim", "")), spf=str(read.verdicts.get("spf", "")),
        dmarc=str(read.verdicts.get("dmarc", "")),
    )  # fmt: skip
    if read.references or mail.case:
        for task in LINKS:
            queue(task, key=key_of(task, mail.pk), at=at, about=mail.pk)
    return mail


@action
def mail_failed(mail: InboundMail, problem: str, text: str, *, by: Actor, at: datetime) -> None:
    """Reading it failed for a reason of ours: a person reads it as it came."""
    mail = InboundMail.objects.select_for_update().get(pk=mail.pk)
    if mail.state != State.WAITING:
        unchanged()
        return
    mail.state, mail.problem, mail.read_at, mail.text = State.FAILED, problem[:300], at, text
    mail.save(update_fields=["state", "problem", "read_at", "text"])
    record("collection.mail_failed", mail, by=by, at=at)


@action
def decide(
    item: MailItem, wish: str, person: str, acting: str = "", name: str = "", *, by: Actor, at: datetime
) -> MailItem:
    """A person says that the mail asks for this, about this address. `acting`: what lets its sender ask for somebody
    else, of that name; "": they do not. Raises NotNow, NobodyNamed.

    A request is opened, and proven like everybody's; an opt-out acts at once.
    """
    item = _locked(item)
    item.wish, item.person, item.acting, item.name = wish, _address(person), acting, name if acting else ""
    _must_name_another(item)
    _decided(item, by, at)
    item.save(update_fields=["wish", "person", "person_index", "acting", "name", "state", "decided_at", "decided_by"])
    _carry_out(item, by=by, at=at)
    _settle(item.mail, at)
    record("collection.item_decided", item, by=by, at=at, wish=wish, acting=acting)
    return item


@action
def add_item(
    mail: InboundMail, wish: str, person: str, acting: str = "", name: str = "", *, by: Actor, at: datetime
) -> MailItem:
    """A person read a wish that no rule found; as `decide`. Raises NotNow, NobodyNamed."""
    mail = InboundMail.objects.select_for_update().get(pk=mail.pk)
    if mail.key is None:
        raise NotNow(mail.state)
    named = name if acting else ""
    item = MailItem(mail=mail, key=mail.key, wish=wish, person=_address(person), acting=acting, name=named)
    _must_name_another(item)
    _decided(item, by, at)
    item.save(force_insert=True)
    _carry_out(item, by=by, at=at)
    _settle(mail, at)
    record("collection.item_added", item, by=by, at=at, wish=wish, acting=acting)
    return item


@action
def dismiss(item: MailItem, *, by: Actor, at: datetime) -> MailItem:
    """A person says that this is no request. Raises NotNow."""
    item = _locked(item)
    item.state, item.decided_at, item.decided_by = Item.DISMISSED, at, str(by)
    item.save(update_fields=["state", "decided_at", "decided_by"])
    _settle(item.mail, at)
    record("collection.item_dismissed", item, by=by, at=at, wish=item.wish)
    return item


@action
def settle_mail(mail: InboundMail, *, by: Actor, at: datetime) -> None:
    """A person has read it, and nothing has to be done. Raises NotNow while an item waits."""
    mail = InboundMail.objects.select_for_update().get(pk=mail.pk)
    if mail.state not in (State.TO_DECIDE, State.FAILED) or mail.items.filter(state=Item.PROPOSED).exists():
        raise NotNow(mail.state)
    mail.state, mail.settled_at = State.SETTLED, at
    mail.save(update_fields=["state", "settled_at"])
    record("collection.mail_settled", mail, by=by, at=at)


@action
def item_opened(item: MailItem, case: UUID, reference: str, *, by: Actor, at: datetime) -> None:
    """The request stands. In the transaction that opens it."""
    item.state, item.case, item.case_reference, item.problem = Item.OPENED, case, reference, ""
    item.save(update_fields=["state", "case", "case_reference", "problem"])
    _settle(item.mail, at)
    record("collection.item_opened", item, by=by, at=at, case=str(case))


@action
def item_not_opened(item: MailItem, why: str, *, by: Actor, at: datetime) -> None:
    """It cannot be opened by itself, so a person decides."""
    item.state, item.problem = Item.PROPOSED, why[:300]
    item.save(update_fields=["state", "problem"])
    _settle(item.mail, at)
    record("collection.item_not_opened", item, by=by, at=at)


@action
def mail_linked(mail: InboundMail, case: UUID, reference: str, *, by: Actor, at: datetime) -> None:
    """The mail belongs to a request: it names its number, or answers a mail about it."""
    mail.case, mail.case_reference = case, reference
    mail.save(update_fields=["case", "case_reference"])
    record("collection.mail_linked", mail, by=by, at=at, case=str(case))


@action
def mail_looked_at(mail: InboundMail, *, despite: str = "", by: Actor, at: datetime) -> None:
    """Somebody reads a mail; the same look is written once. Raises IsRestricted where its sender's data are restricted
    and `despite` is none of the grounds of GDPR Art. 18(2)."""
    restricted = mail.key is not None and must_have_ground(_sender_of(mail), despite, at.date())
    ground, about = despite if restricted else "", f"{mail._meta.label_lower}:{mail.pk}"
    lately = Entry.objects.filter(about=about, kind=LOOKED_AT, by=str(by), at__gt=at - SAME_LOOK)
    if any(one.facts.get("despite", "") == ground for one in lately):
        unchanged()
        return
    record(LOOKED_AT, mail, by=by, at=at, despite=ground)
    is_open = mail.state in (State.TO_DECIDE, State.WAITING, State.FAILED)
    log_read("mail", "question", case=mail.case, case_open=is_open, place="mail", by=by, at=at)


@action
def forget_mails(*, by: Actor, at: datetime) -> tuple[int, int]:
    """Forget the words of mails 90 days after they were settled, and that there was a mail after three years.

    Their keys are destroyed, so that backups forget them too. Returns how many of each.
    """
    ended = InboundMail.objects.exclude(state__in=(State.WAITING, State.TO_DECIDE, State.FAILED))
    wordy = list(ended.filter(key__isnull=False, received_at__lt=at - KEEP_WORDS).only("pk", "key")[:500])
    for mail in wordy:
        _forget(mail, by=by, at=at)
    gone, _ = ended.filter(received_at__lt=at - KEEP_ROWS).delete()
    if wordy or gone:
        record("collection.mails_forgotten", "collection.inboundmail", by=by, at=at, words=len(wordy), rows=gone)
    else:
        unchanged()
    return len(wordy), gone


def _sender_of(mail: InboundMail) -> list[Identifier]:
    try:
        return [normal("email", mail.sender)]
    except (NotAnIdentifier, VaultError):
        return []


def _begin(mail: InboundMail, items: Collection[MailItem], *, clear: bool, by: Actor, at: datetime) -> None:
    """Do by itself what may be done so: an opt-out of the sender's own address, and one clear wish of a right."""
    for item in items:
        own = item.person == mail.sender
        if own and (item.wish == MailItem.Wish.STOP_MARKETING or (clear and item.wish != MailItem.Wish.OPT_IN)):
            _decided(item, by, at)
            item.save(update_fields=["state", "decided_at", "decided_by"])
            _carry_out(item, by=by, at=at)


def _carry_out(item: MailItem, *, by: Actor, at: datetime) -> None:
    if item.wish == MailItem.Wish.STOP_MARKETING:
        address = normal("email", item.person)
        for purpose in MARKETING:
            suppress(address, purpose, law=LAW_OF_OPT_OUT, until=NO_END, by=by, at=at)
        item.state = Item.DONE
        item.save(update_fields=["state"])
        if may_answer(item.mail, address.value, at):
            send(address.value, "collection/no_marketing", {"contact": settings.CONTACT}, about=item.mail_id, at=at)
        return
    queue(OPENS.get(item.wish, "rights.open_case"), at=at, about=item.pk, batch="mail")


def _decided(item: MailItem, by: Actor, at: datetime) -> None:
    item.state, item.decided_at, item.decided_by = Item.DECIDED, at, str(by)


def _locked(item: MailItem) -> MailItem:
    item = MailItem.objects.select_for_update().get(pk=item.pk)
    if item.state != Item.PROPOSED:
        raise NotNow(item.state)
    return item


def _must_name_another(item: MailItem) -> None:
    """Whoever asks for somebody else names them, has an address of their own, and asks for a right. Raises
    NobodyNamed."""
    if item.acting and (item.wish in NO_RIGHTS or not item.name or item.mail.sender in ("", item.person)):
        raise NobodyNamed


def _address(text: str) -> str:
    try:
        return normal("email", text).value
    except NotAnIdentifier:
        raise NobodyNamed from None


def _settle(mail: InboundMail, at: datetime) -> None:
    """Where a mail stands follows from its items; one without any waits for a person."""
    InboundMail.objects.select_for_update().only("pk").get(pk=mail.pk)  # two items may be decided at once
    states = set(mail.items.values_list("state", flat=True))
    waits = not states or bool(states & {Item.PROPOSED, Item.DECIDED})
    mail.state, mail.settled_at = (State.TO_DECIDE, None) if waits else (State.SETTLED, at)
    mail.save(update_fields=["state", "settled_at"])


def _forget(mail: InboundMail, *, by: Actor, at: datetime) -> None:
    key, words = mail.key, ("envelope", "message_id", "sender", "sender_name", "subject", "text", "quoted", "details")
    mail.pieces.all().delete()
    mail.items.update(key=None, person=b"", person_index=b"", name=b"")
    empty: Mapping[str, object] = dict.fromkeys(words, b"")
    InboundMail.objects.filter(pk=mail.pk).update(key=None, message_id_index=b"", sender_index=b"", **empty)
    Message.objects.filter(about=mail.pk).exclude(state=Message.State.WAITING).update(**FORGOTTEN)
    if key is not None:
        destroy_key(key, by=by, at=at)
