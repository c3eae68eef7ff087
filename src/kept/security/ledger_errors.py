"""What the ledger refuses.

LedgerError
├── NothingRecorded
├── OutsideAction
├── PersonalDataInEntry
├── NoSuchEntry
├── PayloadErased
└── LedgerStopped
    ├── NoKey
    ├── OtherKey
    ├── TreeDamaged
    └── RolledBack
"""


class LedgerError(Exception):
    """Base of what the ledger refuses."""


class NothingRecorded(LedgerError):
    """The action returned without an entry. Everything it did was rolled back; the code is wrong."""


class OutsideAction(LedgerError):
    """`record()` was called outside an action. Nothing was written; the code is wrong."""


class PersonalDataInEntry(LedgerError):
    """A fact is neither a number, a flag, nor a short word without `@`, or its name is none. Nothing was written."""


class NoSuchEntry(LedgerError):
    """No entry has this number, or it still waits for its place in the tree. Nothing was changed."""


class PayloadErased(LedgerError):
    """What the entry said was erased, and its salt with it. Its place in the tree can still be proven."""


class LedgerStopped(LedgerError):
    """No entry gets its number until somebody has looked. Entries are still written, and wait."""


class NoKey(LedgerStopped):
    """The key that signs checkpoints cannot be read. Put it back, or say that it is lost: `kept ledger begin-again`."""


class OtherKey(LedgerStopped):
    """The key of this machine is not the one that signed before. Copy the ledger's key to every machine."""


class TreeDamaged(LedgerStopped):
    """The stored tree is not the one that was signed. `kept ledger verify` says where."""


class RolledBack(LedgerStopped):
    """This machine has seen more entries than the store now has. After a restore: `kept ledger begin-again`."""
