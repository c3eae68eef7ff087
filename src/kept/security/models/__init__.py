"""The rows of this room, one module for each thing it does."""

from kept.security.models.approvals import Approval
from kept.security.models.breaches import Breach, Notice
from kept.security.models.controls import Control, Review
from kept.security.models.ledger import Checkpoint, Entry, Log, Tile, new_salt
from kept.security.models.reads import Read
from kept.security.models.tries import Try

__all__ = [
    "Approval",
    "Breach",
    "Checkpoint",
    "Control",
    "Entry",
    "Log",
    "Notice",
    "Read",
    "Review",
    "Tile",
    "Try",
    "new_salt",
]
