"""A name server for tests: answers from a table over UDP on a loopback port; what is not there does not exist."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset


class NameServer(socketserver.ThreadingUDPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.table: dict[tuple[str, str], list[str]] = {}  # ("example.", "TXT"): ['"v=spf1 -all"']
        self.silent = False  # answers nothing at all
        self.asked: list[str] = []

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def txt(self, name: str, text: str) -> None:
        parts = [text[begin : begin + 200] for begin in range(0, len(text), 200)]
        self.table.setdefault((name + ".", "TXT"), []).append(" ".join(f'"{part}"' for part in parts))


class Answer(socketserver.BaseRequestHandler):
    server: NameServer

    def handle(self) -> None:
        raw, to = self.request
        asked = dns.message.from_wire(raw)
        question = asked.question[0]
        self.server.asked.append(question.name.to_text().lower())
        if self.server.silent:
            return
        kind = dns.rdatatype.to_text(question.rdtype)
        answer = dns.message.make_response(asked, recursion_available=True)
        found = self.server.table.get((question.name.to_text().lower(), kind))
        if found:
            answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *found))
        else:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        to.sendto(answer.to_wire(), self.client_address)


@contextmanager
def running() -> Iterator[NameServer]:
    with NameServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
