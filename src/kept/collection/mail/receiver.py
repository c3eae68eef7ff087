"""The built-in mail server: takes mail for our mailboxes, and says 250 only when it is committed. RFC 5321, 2033."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, cast
from urllib.parse import urlsplit

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings
from django.db import Error, connection
from django.utils import timezone

from kept.collection.mail.actions import LARGEST, take_in
from kept.collection.mail.errors import TooLarge
from kept.terms import Actor
from kept.vault.errors import VaultError

MOST_RECIPIENTS = 20
SESSION_SECONDS = 120.0  # without a word from the other side
MOST_SESSIONS = 20  # at a time; each may hold a mail of 25 MiB in memory
AT_ONCE = 2  # mails that are written at a time
STOP_SECONDS = 8.0
LAST_WORDS_SECONDS = 0.5

log = logging.getLogger(__name__)
logging.getLogger("mail.log").setLevel(logging.CRITICAL)  # the library's own: it repeats every address it hears


class BadListen(Exception):
    """KEPT_MAIL_LISTEN cannot be used. Nothing listens; the message says what is wrong."""


@dataclass(frozen=True)
class Listen:
    door: Literal["smtp", "lmtp"]
    host: str
    port: int


def listen_at(url: str) -> Listen:
    """lmtp://127.0.0.1:2424: for a mail server that hands on. smtp://0.0.0.0:2525: at the border. Raises BadListen."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadListen("KEPT_MAIL_LISTEN cannot be read as a URL.") from None
    if parts.scheme not in ("smtp", "lmtp") or not parts.hostname or not port or parts.path.strip("/"):
        raise BadListen("KEPT_MAIL_LISTEN must look like lmtp://127.0.0.1:2424 or smtp://127.0.0.1:2525.")
    return Listen(cast(Literal["smtp", "lmtp"], parts.scheme), parts.hostname, port)


class _Smtp(SMTP):
    line_length_limit = LARGEST  # what breaks the rule of 998 signs is taken in all the same
    ended: Callable[[object], None]

    def connection_lost(self, error: Exception | None) -> None:
        self.ended(self)
        super().connection_lost(error)


class _Lmtp(_Smtp, LMTP):
    """The same for LMTP."""


class _Full(asyncio.Protocol):
    """One connection more than there is memory for."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - a socket's always is
        transport.write(b"421 4.3.2 Too many connections; try again later\r\n")
        transport.close()


class Handler:
    """What aiosmtpd asks us: whom we take mail for, and whether this one is kept."""

    def __init__(self, door: str, pool: ThreadPoolExecutor) -> None:
        self.door, self.pool = door, pool

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.lower() not in {one.lower() for one in settings.MAILBOXES}:
            return "550 5.1.1 No such mailbox here"
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = await asyncio.get_running_loop().run_in_executor(self.pool, self.keep, session, envelope)
        # LMTP answers for each recipient: all of them share the one mail that is kept.
        return "\r\n".join([answer] * (len(envelope.rcpt_tos) if self.door == "lmtp" else 1))

    def keep(self, session: Session, envelope: Envelope) -> str:
        """The answer to the sender. 250: the mail is committed, whatever happens to us next."""
        peer = str(session.peer[0]) if session.peer else ""
        try:
            take_in(
                envelope.content if isinstance(envelope.content, bytes) else b"",
                door=self.door,
                mailboxes=envelope.rcpt_tos,
                sender="" if envelope.mail_from in (None, "", "<>") else envelope.mail_from,
                peer=peer,
                helo=str(session.host_name or ""),
                by=Actor.kept(),
                at=timezone.now(),
            )
        except TooLarge:
            return "552 5.3.4 The mail is larger than 25 MiB"
        except (Error, VaultError, OSError) as problem:
            log.error(
                "A mail could not be kept; its sender is asked to try again.", extra={"error": type(problem).__name__}
            )
            return "451 4.3.0 Not kept; try again later"
        finally:
            with suppress(Error):
                connection.close()  # this thread may never take another mail, and nobody else could close it
        return "250 2.6.0 Kept"

    async def handle_exception(self, error: Exception) -> str:
        """A fault of ours: told by its kind, for its words could repeat an address."""
        log.error("A mail session failed; its sender tries again.", extra={"error": type(error).__name__})
        return "451 4.3.0 A fault here; try again later"


class Receiver:
    """Listens in a thread of its own from `start` to `stop`."""

    def __init__(self, listen: Listen) -> None:
        self.listen, self.port = listen, listen.port
        self._loop = asyncio.new_event_loop()
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="mail")
        self._thread = threading.Thread(target=self._loop.run_forever, name="mail receiver", daemon=True)
        self._server: asyncio.Server | None = None
        self._open: set[object] = set()

    def start(self) -> None:
        """Raises OSError where the address is in use or not ours."""
        self._thread.start()
        try:
            self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(STOP_SECONDS)
        except OSError:
            self._end_loop()
            raise
        self.port = int(self._server.sockets[0].getsockname()[1])

    async def _listen(self) -> asyncio.Server:
        return await self._loop.create_server(self._session, self.listen.host, self.listen.port)

    def _session(self) -> asyncio.Protocol:
        if len(self._open) >= MOST_SESSIONS:
            return _Full()
        kind = _Lmtp if self.listen.door == "lmtp" else _Smtp
        session = kind(
            Handler(self.listen.door, self._pool),
            data_size_limit=LARGEST,
            hostname=settings.HOST,
            ident="Kept",
            timeout=SESSION_SECONDS,
            enable_SMTPUTF8=True,
            loop=self._loop,
        )
        session.ended = self._open.discard
        self._open.add(session)
        return session

    def stop(self) -> None:
        """Take no new mail; what is being written is committed and answered first."""
        if self._server is not None:
            self._loop.call_soon_threadsafe(self._server.close)
        self._pool.shutdown(wait=True)
        self._end_loop()

    def _end_loop(self) -> None:
        with suppress(TimeoutError):
            asyncio.run_coroutine_threadsafe(_end_sessions(), self._loop).result(STOP_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(STOP_SECONDS)
        if not self._thread.is_alive():
            self._loop.close()


async def _end_sessions() -> None:
    """Each may still say what came of its mail; who is only silent is cut off."""
    sessions = asyncio.all_tasks() - {asyncio.current_task()}
    if sessions:
        _, silent = await asyncio.wait(sessions, timeout=LAST_WORDS_SECONDS)
        for session in silent:
            session.cancel()
        await asyncio.gather(*sessions, return_exceptions=True)
    await asyncio.sleep(0)  # their connections close in the next turn


def start_receiver() -> Receiver | None:
    """As KEPT_MAIL_LISTEN says; None: nothing is to listen. Raises BadListen, OSError."""
    if not settings.MAIL_LISTEN:
        return None
    receiver = Receiver(listen_at(settings.MAIL_LISTEN))
    receiver.start()
    return receiver
