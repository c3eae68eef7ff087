"""Mails as people and programs write them, for tests."""

from __future__ import annotations

from email.message import EmailMessage
from zlib import crc32


def letter(
    words: str = "Please send me a copy of all my personal data.",
    *,
    sender: str = "Alice Tan <alice@customers.example>",
    subject: str = "My data",
    to: str = "privacy@hansoken.example",
    html: str = "",
    **heads: str,
) -> bytes:
    """A plain mail; `In_Reply_To="<…>"` and the like become fields of its head."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    mail["Date"] = "Sun, 22 Nov 2026 12:00:00 +0000"
    mail["Message-ID"] = heads.pop(
        "Message_ID", f"<{crc32(repr((words, sender, subject)).encode())}@customers.example>"
    )
    for name, value in heads.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(words)
    if html:
        mail.add_alternative(html, subtype="html")
    return mail.as_bytes()
