"""What the queue refuses.

WorkError
├── UnknownTask
├── NotPlainFact
├── OutsideTransaction
└── LeaseLost
"""


class WorkError(Exception):
    """Base of what the queue refuses. Nothing was written."""


class UnknownTask(WorkError):
    """No room registers a task of this name. Nothing was queued; the code is wrong."""


class NotPlainFact(WorkError):
    """An argument, outcome or problem could carry somebody's data. Nothing was written; the code is wrong."""


class OutsideTransaction(WorkError):
    """A step was ended outside a transaction, so its effects could stay without it. The code is wrong."""


class LeaseLost(WorkError):
    """Another worker holds the step now. The transaction rolls back: what it did is the other worker's to do."""
