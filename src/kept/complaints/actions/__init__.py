"""What changes a complaint: one function per step, one transaction per function, one entry at least in each."""

from kept.complaints.actions.bundling import (
    ask_for_bundle,
    bundle_given,
    bundle_made_elsewhere,
    make_with_personal_data,
    remove_bundle,
    remove_bundles,
)
from kept.complaints.actions.deciding import decide, reopen
from kept.complaints.actions.ending import close_due, forget_old, withdraw
from kept.complaints.actions.enquiring import (
    close_enquiry,
    enquiry_looked_at,
    forget_enquiries,
    link_enquiry,
    record_enquiry,
    release_answer,
    verify_contact,
    write_answer,
)
from kept.complaints.actions.proving import prove, send_code
from kept.complaints.actions.receiving import Opened, Upload, add_files, file_given, open_complaint, say
from kept.complaints.actions.working import acknowledge, link, looked_at, note, read_it, set_law, take, tell, unlink

__all__ = [
    "Opened",
    "Upload",
    "acknowledge",
    "add_files",
    "ask_for_bundle",
    "bundle_given",
    "bundle_made_elsewhere",
    "close_due",
    "close_enquiry",
    "decide",
    "enquiry_looked_at",
    "file_given",
    "forget_enquiries",
    "forget_old",
    "link",
    "link_enquiry",
    "looked_at",
    "make_with_personal_data",
    "note",
    "open_complaint",
    "prove",
    "read_it",
    "record_enquiry",
    "release_answer",
    "remove_bundle",
    "remove_bundles",
    "reopen",
    "say",
    "send_code",
    "set_law",
    "take",
    "tell",
    "unlink",
    "verify_contact",
    "withdraw",
    "write_answer",
]
