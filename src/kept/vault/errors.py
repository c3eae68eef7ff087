"""What the vault refuses. No message repeats a key or what was sealed.

VaultError
├── MasterKeyProblem
├── Unreadable
│   └── KeyDestroyed
└── CannotSeal
"""

from __future__ import annotations


class VaultError(Exception):
    """Base of what the vault refuses."""


class MasterKeyProblem(VaultError):
    """The master key cannot be had, or is not the one of this store. Nothing was changed; the message says what to
    mend, and trying again is safe."""


class Unreadable(VaultError):
    """A sealed value was changed, moved to another row, or is of another key. Nothing was changed; it stays so."""

    silent_variable_failure = True  # a page shows nothing in its place


class KeyDestroyed(Unreadable):
    """The key is gone, and with it what it sealed. Nothing was changed; that is final."""


class CannotSeal(VaultError):
    """The value cannot be sealed like this: no row, or a row without a key. Nothing was written; the code is wrong."""
