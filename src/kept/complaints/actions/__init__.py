"""What changes a complaint: one function per step, one transaction per function, one entry at least in each."""

from kept.complaints.actions.deciding import decide, reopen
from kept.complaints.actions.ending import close_due, forget_old, withdraw
from kept.complaints.actions.proving import prove, send_code
from kept.complaints.actions.receiving import Opened, Upload, add_files, file_given, open_complaint, say
from kept.complaints.actions.working import acknowledge, link, looked_at, note, read_it, set_law, take, tell, unlink

__all__ = [
    "Opened",
    "Upload",
    "acknowledge",
    "add_files",
    "close_due",
    "decide",
    "file_given",
    "forget_old",
    "link",
    "looked_at",
    "note",
    "open_complaint",
    "prove",
    "read_it",
    "reopen",
    "say",
    "send_code",
    "set_law",
    "take",
    "tell",
    "unlink",
    "withdraw",
]
