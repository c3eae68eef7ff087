"""Writing a mail: a row of the outbox in the caller's transaction, and a step that delivers it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.template import Context, Engine, Template, TemplateDoesNotExist
from django.utils import translation

from kept.post.html import page_of
from kept.post.languages import ENGLISH, Language, language_of
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
    language: str = ENGLISH,
    at: datetime,
) -> Message:
    """Write the mail `mail/<template>.txt`, with `mail/<template>.html` beside it where there is one.

    In another language it is `mail/<template>.<language>.txt`; where nobody has translated it, the English one goes
    out, and says so in that language. The first line of the text is `Subject: …`. `above` in the context stands before
    the text: what the reader has to know to read it right. The mail leaves when the caller's transaction commits.
    """
    known = {"company": settings.COMPANY, "site_url": settings.SITE_URL, **context}
    wanted = language_of(language)
    name, spoken = _in_language(template, wanted)
    with translation.override(spoken.code):
        subject, text = _text(f"{name}.txt", known)
        html = _html(f"{name}.html", known)
    text = _headed(text, context)
    html = html or page_of(one_line(subject), text, spoken, wanted)
    if wanted != spoken:
        text = f"{wanted.only_english}\n\n{text}"
    hashed = "code" not in context
    return write(to, subject, text, html, about=about, key=key, language=spoken.code, at=at, hashed=hashed)


def on_paper(template: str, context: Mapping[str, object], *, language: str = ENGLISH) -> tuple[str, str]:
    """Subject and text of the same for somebody who has no e-mail address: of `mail/<folder>/paper/<name>.txt`, where
    there is one. Their language goes before what is written for paper. Raises BadTemplate."""
    known = {"company": settings.COMPANY, "site_url": settings.SITE_URL, **context}
    wanted, paper = language_of(language), "/paper/".join(template.rsplit("/", 1))
    choices = [_in_language(one, wanted) for one in (paper, template) if _is_there(f"mail/{one}.txt")]
    name, spoken = min(choices, key=lambda choice: choice[1] != wanted)
    with translation.override(spoken.code):
        subject, text = _text(f"{name}.txt", known)
    text = _headed(text, context)
    return one_line(subject), text if wanted == spoken else f"{wanted.only_english}\n\n{text}"


def write(
    to: str,
    subject: str,
    text: str,
    html: str = "",
    *,
    about: UUID | None,
    key: int | None = None,
    language: str = ENGLISH,
    at: datetime,
    hashed: bool = False,
) -> Message:
    """Put a finished mail into the outbox. In the demo it stays there. Raises BadAddress.

    `html`: "": made from the text. `key`: the number of the key that seals it; None: that of the person whom the
    address leads to. `hashed`: keep a hash of the words, so that a letter can be shown to be the same later. Never of
    one with a code in it: six digits are guessed from their hash.
    """
    try:
        validate_email(to)
    except ValidationError:
        raise BadAddress from None
    subject = one_line(subject)
    raw = letter_bytes(subject, text)
    with transaction.atomic():
        message = Message.objects.create(
            key=key,
            sha256=hashlib.sha256(raw).hexdigest() if hashed and about else "",
            size=len(raw),
            to=to,
            subject=subject,
            text=text,
            html=html or page_of(subject, text, language_of(language)),
            language=language,
            about=about,
            state=Message.State.KEPT if settings.DEMO else Message.State.WAITING,
            written_at=at,
        )
        if message.state == Message.State.WAITING:
            queue("post.deliver", key=key_of("post.deliver", message.pk), at=at, about=about, message=message.pk)
    return message


def letter_bytes(subject: str, text: str) -> bytes:
    """A mail's words as they are hashed: subject, an empty line, the text. UTF-8."""
    return f"{subject}\n\n{text}".encode("utf-8", "surrogatepass")


def one_line(words: str) -> str:
    """As one line of a mail's head: whatever was put into it cannot begin another line."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in words).split())
    return line if len(line) <= 200 else line[:199] + "…"


def _in_language(template: str, language: Language) -> tuple[str, Language]:
    """The template's name without its ending, and the language it is in."""
    if language.code != ENGLISH and _is_there(f"mail/{template}.{language.code}.txt"):
        return f"mail/{template}.{language.code}", language
    return f"mail/{template}", language_of(ENGLISH)


def _is_there(name: str) -> bool:
    try:
        Engine.get_default().get_template(name)
    except TemplateDoesNotExist as missing:
        if str(missing) != name:  # one that it includes: that is a fault, not an absence
            raise
        return False
    return True


def _text(name: str, context: Mapping[str, object]) -> tuple[str, str]:
    """Subject and text. They are rendered apart, so that no value can end the subject and go on in the text."""
    engine = Engine.get_default()
    source = _source(engine, name)
    first, _, rest = source.partition("\n")
    head, _, subject = first.partition(":")
    if head.strip() != "Subject" or not subject.strip():
        raise BadTemplate(name)
    plain = Context(dict(context), autoescape=False)
    return _parsed(subject, engine).render(plain), _parsed(rest, engine).render(plain).strip() + "\n"


@lru_cache(maxsize=1000)
def _parsed(source: str, engine: Engine) -> Template:
    """Half a template: our own words, with none of the values that go into them."""
    return Template(source, engine=engine)


def _headed(text: str, context: Mapping[str, object]) -> str:
    return f"{context['above']}\n\n{text}" if context.get("above") else text


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
