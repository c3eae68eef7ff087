"""What the rights room refuses.

CaseError
├── UnknownRight   no such right is offered
├── NotNow         the case has gone on, or has not come so far
├── MayNot         another role's to do
│   └── OwnCase    the officer is the person whom the case is about
├── TooLong        a name is longer than we keep one
├── WrongChoice    the accounts chosen are not those to choose from
└── CannotExtend   the law gives no more time, or not any more
"""


class CaseError(Exception):
    """Base of what the rights room refuses. Nothing was changed."""


class UnknownRight(CaseError):
    """No right of that name is offered. Nothing was changed."""


class NotNow(CaseError):
    """The case is in another state than this step needs: somebody was quicker, or too quick. Nothing was changed."""

    def __init__(self, state: str) -> None:
        self.state = state
        super().__init__(state)


class MayNot(CaseError):
    """This step is another role's. Nothing was changed."""


class OwnCase(MayNot):
    """The officer is the person whom the case is about: another one has to decide it. Nothing was changed."""


class TooLong(CaseError):
    """What was given is longer than we keep it; the message says how long it may be. Nothing was changed."""


class WrongChoice(CaseError):
    """The accounts chosen are not among those to choose from. Nothing was changed."""


class CannotExtend(CaseError):
    """The law gives no more time for this answer, or not any more; the message says why. Nothing was changed."""
