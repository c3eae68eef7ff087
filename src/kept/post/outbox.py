"""Writing a mail: a row of the outbox in the caller's transaction, and a step that delivers it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.template import Context, Engine, Template, TemplateDoesNotExist

from kept.post.models import Message
from kept.work.steps import key_of, queue


class PostError(Exception):
    """Base of what the outbox refuses. Nothing was written."""


class BadAddress(PostError):
    """The text is no e-mail address, so nothing was written. The message does not repeat it."""


class BadTemplate(PostError):
    """The mail's template does not begin with a line `Subject: …`. Nothing was written; the template is wrong."""


def send(
    to: str,
    template: str,
    context: Mapping[str, object],
    *,
    about: UUID | None = None,
    key: int | None = None,
    at: datetime,
) -> Message:
    """Write the mail `mail/<template>.txt`, with `mail/<template>.html` beside it where there is one.

    The first line of the text is `Subject: …`. The mail leaves when the caller's transaction commits.
    """
    known = {"company": settings.COMPANY, "site_url": settings.SITE_URL, **context}
    subject, text = _text(f"mail/{template}.txt", known)
    return write(to, subject, text, _html(f"mail/{template}.html", known), about=about, key=key, at=at)


def write(
    to: str, subject: str, text: str, html: str = "", *, about: UUID | None, key: int | None = None, at: datetime
) -> Message:
    """Put a finished mail into the outbox. In the demo it stays there. Raises BadAddress.

    `key`: the number of the key that seals it; None: that of the person whom the address leads to.
    """
    try:
        validate_email(to)
    except ValidationError:
        raise BadAddress from None
    with transaction.atomic():
        message = Message.objects.create(
            key=key,
            to=to,
            subject=one_line(subject),
            text=text,
            html=html,
            about=about,
            state=Message.State.KEPT if settings.DEMO else Message.State.WAITING,
            written_at=at,
        )
        if message.state == Message.State.WAITING:
            queue("post.deliver", key=key_of("post.deliver", message.pk), at=at, about=about, message=message.pk)
    return message


def one_line(words: str) -> str:
    """As one line of a mail's head: whatever was put into it cannot begin another line."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in words).split())
    return line if len(line) <= 200 else line[:199] + "…"


def _text(name: str, context: Mapping[str, object]) -> tuple[str, str]:
    """Subject and text. They are rendered apart, so that no value can end the subject and go on in the text."""
    engine = Engine.get_default()
    source = _source(engine, name)
    first, _, rest = source.partition("\n")
    head, _, subject = first.partition(":")
    if head.strip() != "Subject" or not subject.strip():
        raise BadTemplate(name)
    plain = Context(dict(context), autoescape=False)
    return Template(subject, engine=engine).render(plain), Template(rest, engine=engine).render(plain).strip() + "\n"


def _html(name: str, context: Mapping[str, object]) -> str:
    try:
        return Engine.get_default().get_template(name).render(Context(dict(context)))
    except TemplateDoesNotExist as missing:
        if str(missing) != name:  # one that it includes: that is a fault, not an absence
            raise
        return ""


def _source(engine: Engine, name: str) -> str:
    source = engine.get_template(name).source
    return str(source)
