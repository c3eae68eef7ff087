"""What the room of use refuses.

UseError
├── NotObjectable  nobody can object to that use: a contract or a law carries it
├── NotNow         the restriction has gone on, or has not come so far
├── TooSoon        the end of a restriction is not told early enough
├── NoGround       none of the grounds that the law knows
└── IsRestricted   the use of the person's data is restricted, and no ground was given to look all the same
"""


class UseError(Exception):
    """Base of what the room of use refuses. Nothing was changed."""


class NotObjectable(UseError):
    """That purpose is none to which a person can object, or none of ours. Nothing was changed."""


class NotNow(UseError):
    """The restriction is in another state than this step needs: somebody was quicker. Nothing was changed."""

    def __init__(self, state: str) -> None:
        self.state = state
        super().__init__(state)


class TooSoon(UseError):
    """The person has to be told earlier; the message says from which day on it can end. Nothing was changed."""


class NoGround(UseError):
    """A restriction, or a look at restricted data, needs one of the grounds of GDPR Art. 18. Nothing was changed."""


class IsRestricted(UseError):
    """The use of this person's data is restricted. Nothing was shown; give a ground of GDPR Art. 18(2)."""
