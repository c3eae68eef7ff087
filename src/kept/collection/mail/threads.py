"""Which mails belong together: those that answer each other, and the same mail by two ways."""

from __future__ import annotations

from kept.collection.mail.models import InboundMail
from kept.collection.mail.reading import Read
from kept.post.models import Message


def find_thread(mail: InboundMail, read: Read) -> None:
    """The conversation: that of the mail it answers; and the request, if it answers a mail of ours about one."""
    answered = InboundMail.objects.filter(message_id__in=list(read.answers)).order_by("received_at").first()
    own = Message.objects.filter(pk__in=read.our_ids).exclude(about=None).order_by("-written_at").first()
    mail.thread = answered.thread or answered.pk if answered else mail.pk
    if own is not None:
        earlier = InboundMail.objects.filter(pk=own.about).first() if own.about else None
        mail.thread, mail.case = (earlier.thread, earlier.case) if earlier else (mail.thread, own.about)
    elif answered is not None:
        mail.case, mail.case_reference = answered.case, answered.case_reference


def same_elsewhere(mail: InboundMail) -> InboundMail | None:
    """The same mail as it came to another mailbox: same id, same sender, same words."""
    if not mail.message_id or not mail.sender:
        return None
    earlier = InboundMail.objects.filter(message_id=mail.message_id, sender=mail.sender).exclude(pk=mail.pk)
    alike = (one for one in earlier.filter(copy_of=None, read_at__isnull=False).order_by("received_at")[:10])
    return next((one for one in alike if (one.subject, one.text) == (mail.subject, mail.text)), None)
