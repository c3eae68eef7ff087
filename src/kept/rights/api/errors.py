"""What the door for the company's apps refuses.

ApiError
├── MayNotAddApps   only engineers let apps in
├── NameTaken       another app of that name is in use
├── BadApp          a name or a scope cannot be used
└── KeyUsed         the same idempotency key came with another request
"""

from kept.rights.errors import CaseError


class ApiError(CaseError):
    """Base of what this door refuses. Nothing was changed."""


class MayNotAddApps(ApiError):
    """Letting apps in and shutting them out is an engineer's. Nothing was changed."""


class NameTaken(ApiError):
    """An app of this name is in use: choose another name, or revoke that one. Nothing was changed."""


class BadApp(ApiError):
    """The message says what is wrong with the name or the scopes. Nothing was changed."""


class KeyUsed(ApiError):
    """This idempotency key was sent before, with something else. Nothing was opened; use a new key."""
