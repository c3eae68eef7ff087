"""What the rights room refuses.

CaseError
├── UnknownRight   no such right is offered
├── NotNow         the case has gone on, or has not come so far
│   └── StillWaits  something was asked of the person, and the answer has not come
├── NotReady       something has to be decided before
├── MayNot         another role's to do
│   └── OwnCase    the officer is the person whom the case is about
├── TooLong        a name is longer than we keep one
├── WrongChoice    what was chosen is none of what there is to choose from
├── Taken          another officer has the case now
├── BadHold        a case cannot be put aside until that day, or for that
├── SawTheCode     who had the code on their screen cannot type it
├── TooOften       this kind of proof was tried too often for this request
├── NoWayBack      nobody could be told: neither e-mail nor postal address nor telephone number
├── BadPostDay     the day on which a letter was posted cannot be
├── CannotExtend   the law gives no more time, or not any more
├── CannotAsk      such a question, or such a fee, is not lawful here
├── CannotEnd      the answer cannot have come then
├── CannotMove     no such law's clock can run here
├── CannotJoin     two requests cannot be one now
├── CannotExempt   the law gives no reason to leave that out
├── CannotTellThem  a recipient cannot count as told, or as not to be told, like that
└── TakesAnother   who left records out cannot approve the answer
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


class StillWaits(NotNow):
    """Something was asked of the person, and nothing is decided before the answer. Nothing was changed."""


class NotReady(CaseError):
    """Something has to be decided before the case can be approved; the message says what. Nothing was changed."""


class MayNot(CaseError):
    """This step is another role's. Nothing was changed."""


class OwnCase(MayNot):
    """The officer is the person whom the case is about: another one has to decide it. Nothing was changed."""


class TooLong(CaseError):
    """What was given is longer than we keep it; the message says how long it may be. Nothing was changed."""


class WrongChoice(CaseError):
    """The accounts chosen, or the officer, are not among those to choose from. Nothing was changed."""


class Taken(CaseError):
    """Somebody was quicker: the case is another officer's than the page said. Nothing was changed; look again."""


class BadHold(CaseError):
    """The message says until when, or for what, a case can be put aside. Nothing was changed."""


class CannotExtend(CaseError):
    """The law gives no more time for this answer, or not any more; the message says why. Nothing was changed."""


class CannotAsk(CaseError):
    """The law allows no such fee, or something is asked already; the message says why. Nothing was changed."""


class CannotEnd(CaseError):
    """The answer cannot have come on that day, or in that way; the message says why. Nothing was changed."""


class CannotMove(CaseError):
    """Another law's clock cannot run for this request; the message says why. Nothing was changed."""


class SawTheCode(CaseError):
    """Who had the code on their screen cannot type it. Nothing was changed; a colleague does, or the person."""


class TooOften(CaseError):
    """This kind of proof was tried too often for this request, or for this person. Nothing was changed."""


class NoWayBack(CaseError):
    """Neither e-mail address nor postal address nor telephone number was given. Nothing was opened; ask for one."""


class BadPostDay(CaseError):
    """A letter is posted when it was written or later, and not tomorrow. Nothing was changed; give another day."""


class CannotJoin(CaseError):
    """The two requests cannot be one now; the message says why. Nothing was changed."""


class CannotExempt(CaseError):
    """The law gives no reason to leave that out of the answer; the message says why. Nothing was changed."""


class TakesAnother(CaseError):
    """Who left records out of an answer cannot approve it: another officer has to look. Nothing was changed."""


class CannotTellThem(CaseError):
    """Nobody can have been told on that day, or not telling them takes a reason. The message says which."""
