"""What changes a transfer or an import: one transaction each, one entry at least."""

from kept.rights.portability.actions.receiving import (
    Checked,
    announced,
    check_import_code,
    decline,
    end_import,
    end_old_imports,
    import_checked,
    import_looked_at,
    import_refused,
    import_waits,
    piece_came,
    send_import_code,
)
from kept.rights.portability.actions.sending import (
    confirm_sending,
    transfer_accepted,
    transfer_failed,
    transfer_moved,
    transfer_waits,
)

__all__ = [
    "Checked",
    "announced",
    "check_import_code",
    "confirm_sending",
    "decline",
    "end_import",
    "end_old_imports",
    "import_checked",
    "import_looked_at",
    "import_refused",
    "import_waits",
    "piece_came",
    "send_import_code",
    "transfer_accepted",
    "transfer_failed",
    "transfer_moved",
    "transfer_waits",
]
