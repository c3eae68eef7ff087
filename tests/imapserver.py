"""An IMAP server for tests: one folder on a loopback port, with what a fetching client asks for."""

from __future__ import annotations

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class ImapServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Session)
        self.messages: dict[int, bytes] = {}
        self.flags: dict[int, set[str]] = {}
        self.sizes: dict[int, int] = {}  # what it says instead of the true size
        self.hang_up_at = ""  # a command at which the connection is cut
        self.refuse_login = False

    def add(self, raw: bytes) -> int:
        uid = len(self.messages) + 7
        self.messages[uid], self.flags[uid] = raw, set()
        return uid

    @property
    def url(self) -> str:
        return f"imap://privacy%40hansoken.example:secret@127.0.0.1:{self.server_address[1]}/INBOX"


class Session(socketserver.StreamRequestHandler):
    server: ImapServer

    def handle(self) -> None:
        self.wfile.write(b"* OK ready\r\n")
        for line in self.rfile:
            tag, _, command = line.decode().strip().partition(" ")
            verb = " ".join(command.split()[: 2 if command.startswith("UID") else 1]).upper()
            if verb == self.server.hang_up_at:
                return
            if verb == "LOGIN" and self.server.refuse_login:
                self.say(f"{tag} NO no such name alice@customers.example")
                continue
            self.answer(verb, command)
            self.say(f"{tag} OK done")
            if verb == "LOGOUT":
                return

    def answer(self, verb: str, command: str) -> None:
        server = self.server
        if verb == "CAPABILITY":
            self.say("* CAPABILITY IMAP4rev1")
        elif verb == "SELECT":
            self.say(f"* {len(server.messages)} EXISTS")
        elif verb == "UID SEARCH":
            found = [str(uid) for uid, flags in server.flags.items() if not flags]
            self.say(f"* SEARCH {' '.join(found)}".rstrip())
        elif verb == "UID FETCH":
            uid = int(command.split()[2])
            raw = server.messages[uid]
            if "RFC822.SIZE" in command:
                self.say(f"* 1 FETCH (UID {uid} RFC822.SIZE {server.sizes.get(uid, len(raw))})")
            else:
                self.say(f'* 1 FETCH (UID {uid} INTERNALDATE "20-Nov-2026 10:00:00 +0000" BODY[] {{{len(raw)}}}')
                self.wfile.write(raw + b")\r\n")
        elif verb == "UID STORE":
            server.flags[int(command.split()[2])] |= set(re.findall(r"\\\w+", command))

    def say(self, words: str) -> None:
        self.wfile.write(words.encode() + b"\r\n")


@contextmanager
def running() -> Iterator[ImapServer]:
    with ImapServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
