"""A mail server for tests: speaks SMTP on a loopback port, keeps what it takes, refuses when told to."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default


class MailServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Session)
        self.mails: list[EmailMessage] = []
        self.answers: dict[str, str] = {}  # "RCPT": "550 no such person"; an empty answer hangs up

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class Session(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.say("220 test.example ESMTP")
        for line in self.rfile:
            verb = line[:4].decode().upper()
            if verb in self.server.answers:
                if not self.server.answers[verb]:
                    return
                self.say(self.server.answers[verb])
            elif verb == "EHLO":
                self.say("250-test.example\r\n250-8BITMIME\r\n250 AUTH PLAIN")
            elif verb == "DATA":
                self.say("354 go on")
                self.take()
                self.say("250 taken")
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def take(self) -> None:
        lines = []
        for line in self.rfile:
            if line == b".\r\n":
                break
            lines.append(line[1:] if line.startswith(b".") else line)
        self.server.mails.append(message_from_bytes(b"".join(lines), policy=default))

    def say(self, words: str) -> None:
        self.wfile.write(words.encode() + b"\r\n")


@contextmanager
def running(port: int = 0) -> Iterator[MailServer]:
    with MailServer(port) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
