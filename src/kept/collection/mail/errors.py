"""
MailError
├── TooLarge       the mail is larger than is taken in
├── NotForUs       no address in it is one of our mailboxes
├── NotNow         the item or mail was settled by somebody else
└── NobodyNamed    the item names no address to write to
"""

from __future__ import annotations


class MailError(Exception):
    """Base of what this door refuses. Nothing was changed."""


class TooLarge(MailError):
    """The mail is larger than 25 MiB. Nothing was kept; the sender may send it in parts."""


class NotNow(MailError):
    """Somebody has settled it meanwhile. Nothing was changed; read it again."""


class NobodyNamed(MailError):
    """No address is known that a request could be about. Nothing was changed; give one."""
