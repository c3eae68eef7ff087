"""What backups and restores refuse. No message repeats what a backup holds.

BackupError
├── NotABackup
│   └── BackupDamaged
├── ToolMissing
├── DumpFailed
├── RestoreRefused
├── ReplayDamaged
└── ReplayNotDone
"""

from __future__ import annotations


class BackupError(Exception):
    """Base of what backups and restores refuse."""


class NotABackup(BackupError):
    """The file is no backup of Kept, of another kind, or of another master key. Nothing was changed."""


class BackupDamaged(NotABackup):
    """The file was changed, cut off, or put together from several. Nothing was changed; take another one."""


class ToolMissing(BackupError):
    """PostgreSQL's own programs are not on this machine. Nothing was changed; install them and try again."""


class DumpFailed(BackupError):
    """The database, or PostgreSQL's program, said no. Nothing was changed; the message says what, and it is safe to
    try again."""


class RestoreRefused(BackupError):
    """The restore would take something away that nobody said may go. Nothing was changed."""


class ReplayNotDone(BackupError):
    """Somebody who was erased came back, and the second look still finds them. The store does not serve; mend what is
    in the way, and give the same command again."""


class ReplayDamaged(BackupError):
    """The replay list was changed by somebody, or is of another store. Nothing of it was applied."""
