"""What the room of portability refuses.

PortabilityError
├── NotToSend       this request is not one to send, or its file is not there
├── OtherSite       the other site did what the format does not know
└── NotTaken        what comes from another site is not taken in
    ├── Closed      nothing is taken in here
    ├── Full        too much waits here already
    ├── TooMuch     larger than we take
    ├── BadWords    the announcement is not as the format says
    └── OutOfPlace  a piece that does not follow what is there
"""


class PortabilityError(Exception):
    """Base of what the room of portability refuses. Nothing was changed."""


class NotToSend(PortabilityError):
    """This request is not one to send, or its file cannot be fetched any more. Nothing was sent."""


class OtherSite(PortabilityError):
    """The other site answers in a way that the format does not know, or does not take it. Trying again is of no use;
    the message says what, and repeats nothing of the answer."""


class NotTaken(PortabilityError):
    """Base of what we answer a site that wants to send us something. Nothing was stored."""

    status = 400


class Closed(NotTaken):
    """Nothing is taken in here: KEPT_PORTABILITY_IN. Nothing was stored."""

    status = 403


class Full(NotTaken):
    """Too much waits here already, for this address or at all. Trying again later is safe."""

    status = 429


class TooMuch(NotTaken):
    """The package, or a piece of it, is larger than we take. Nothing was stored."""

    status = 413


class BadWords(NotTaken):
    """The announcement is not as the format says. Nothing was stored; the message says what is wrong."""


class OutOfPlace(NotTaken):
    """A piece that does not follow what is there; the answer says how much that is. Going on from there is safe."""

    status = 409
