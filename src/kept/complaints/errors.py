"""What the complaints room refuses.

ComplaintError
├── NotNow          it has gone on, or has not come so far
├── TooLong         a text is longer than we keep one
├── TooMany         more files than one complaint holds
├── NoWay           there is no address to write to, or it is none
├── NoSuchMatter    no request or complaint has that number
├── NotVerified     nobody has called the authority back yet
└── MayNot          another role's to do
    ├── OwnMatter   the officer is the person who complains
    ├── Decided     the officer decided what is complained about
    └── NotInHand   another officer looks into it
"""


class ComplaintError(Exception):
    """Base of what the complaints room refuses. Nothing was changed."""


class NotNow(ComplaintError):
    """It is in another state than this step needs: somebody was quicker, or too quick. Nothing was changed."""

    def __init__(self, state: str) -> None:
        self.state = state
        super().__init__(state)


class TooLong(ComplaintError):
    """A text is longer than we keep it, or empty; the message says how long it may be. Nothing was changed."""


class TooMany(ComplaintError):
    """More files than one complaint holds; the message says how many it may. Nothing was changed."""


class NoWay(ComplaintError):
    """There is no e-mail address to write to, or what was given is none. Nothing was changed."""


class NoSuchMatter(ComplaintError):
    """No request, complaint or enquiry has that number. Nothing was changed."""


class NotVerified(ComplaintError):
    """Nobody has called the authority back, so it may be anybody. Nothing was told or changed."""


class MayNot(ComplaintError):
    """This step is another role's. Nothing was changed."""


class OwnMatter(MayNot):
    """The officer is the person who complains: another one has to look into it. Nothing was changed."""


class Decided(MayNot):
    """The officer decided what the complaint is about. Nobody is judge in their own cause. Nothing was changed."""


class NotInHand(MayNot):
    """Another officer looks into it, or nobody yet. Nothing was changed; take it first."""
