"""Handing a mail to the company's mail server."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

import idna

from kept.post.languages import language_of
from kept.post.models import Message
from kept.terms.host import is_here

TIMEOUT = 30


class BadMailServer(Exception):
    """KEPT_SMTP_URL cannot be used. Nothing was sent; the message says what is wrong and repeats no secret."""


@dataclass(frozen=True)
class MailServer:
    host: str
    port: int
    name: str
    password: str = field(repr=False)
    tls_from_the_start: bool

    @property
    def must_encrypt(self) -> bool:
        """Only a server on this machine may be spoken to in the clear."""
        return not is_here(self.host)


def mail_server(url: str) -> MailServer:
    """smtp://name:password@host:587 turns to TLS before anything is said; smtps://… speaks TLS from the start."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadMailServer("KEPT_SMTP_URL cannot be read as a URL.") from None
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise BadMailServer("KEPT_SMTP_URL must look like smtp://name:password@host:587 or smtps://….")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise BadMailServer("KEPT_SMTP_URL ends after the port: write / ? # in a password as %2F %3F %23.")
    tls = parts.scheme == "smtps"
    name, password = unquote(parts.username or ""), unquote(parts.password or "")
    return MailServer(parts.hostname, port or (465 if tls else 587), name, password, tls)


def connect(server: MailServer) -> smtplib.SMTP:
    """A session, encrypted and signed in. Raises OSError (smtplib's errors are among them) and BadMailServer."""
    context = ssl.create_default_context()
    if server.tls_from_the_start:
        session: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT, context=context)
    else:
        session = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT)
    try:
        session.ehlo()
        if not server.tls_from_the_start:
            if session.has_extn("starttls"):
                session.starttls(context=context)
                session.ehlo()
            elif server.must_encrypt:
                raise BadMailServer("The mail server of KEPT_SMTP_URL offers no encryption (STARTTLS).")
        if server.name:
            session.login(server.name, server.password)
    except (OSError, BadMailServer):
        session.close()
        raise
    return session


def as_mail(message: Message, sender: str) -> EmailMessage:
    """The mail as it travels. Sent twice after a broken connection, it carries the same Message-ID."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mail["To"] = _ascii(message.to)
    mail["Subject"] = message.subject
    mail["Date"] = format_datetime(message.written_at)
    mail["Message-ID"] = f"<{message.pk}@{sender.rpartition('@')[2].rstrip('>')}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday note is wanted back
    mail.set_content(message.text)
    if message.html:
        mail.add_alternative(message.html, subtype="html")
    mail["Content-Language"] = language_of(message.language).tag
    return mail


def _ascii(address: str) -> str:
    """The address with its domain as the mail system knows it (punycode)."""
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{idna.encode(domain, uts46=True).decode()}"
    except idna.IDNAError:
        return address
