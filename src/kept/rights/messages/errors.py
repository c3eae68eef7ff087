"""What the conversation refuses.

MessageError
├── CannotWrite   nobody can be written to any more, or too much was written today
├── Unread        something came that the writer has not seen yet
└── NoFiles       no file was asked for
"""

from kept.rights.errors import CaseError


class MessageError(CaseError):
    """Base of what the conversation refuses. Nothing was written or sent."""


class CannotWrite(MessageError):
    """The request has ended, or so many messages came today that no more are taken. Nothing was written or sent."""


class Unread(MessageError):
    """Something came since the page was drawn. Nothing was sent; read it first, and send again."""


class NoFiles(MessageError):
    """Nobody asked for a file, so none is kept. Nothing was written; send it without."""
