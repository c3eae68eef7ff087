"""Fetching without being led inside: each address is judged, and a real server answers, drips and redirects."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kept.security import fetch as module
from kept.security.fetch import BadAnswer, NotAllowed, TooBig, TooSlow, Unreachable, fetch, is_public

INSIDE = [
    "127.0.0.1", "127.1.2.3", "0.0.0.0", "10.0.0.1", "172.16.5.4", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "192.0.0.8", "192.0.2.1", "198.18.0.1", "198.51.100.7", "203.0.113.7", "224.0.0.1", "240.0.0.1", "255.255.255.255",
    "::1", "::", "fe80::1", "fe80::1%1", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1", "fec0::1",
    "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1", "2002:7f00:1::", "2002:a9fe:a9fe::1", "2001:0:0:0:0:0:f5ff:fffe",
]  # fmt: skip
OUTSIDE = ["1.1.1.1", "8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"]


class Pages(BaseHTTPRequestHandler):
    """What a server may do to us."""

    def do_GET(self) -> None:
        kind = self.path.split("?")[0].strip("/")
        if kind == "plain":
            self.answer(200, b"hello", {"Content-Type": "Text/Plain; charset=utf-8"})
        elif kind == "headers":
            self.answer(200, repr(sorted(self.headers.items())).encode())
        elif kind.startswith("to-"):
            self.answer(302, b"", {"Location": self.path.partition("?")[2]})
        elif kind == "loop":
            self.answer(302, b"", {"Location": "/loop"})
        elif kind == "nowhere":
            self.answer(302, b"")
        elif kind == "declared":
            self.answer(200, b"x" * 2_000_000)
        elif kind == "endless":
            self.send_response(200)
            self.end_headers()
            while True:
                self.wfile.write(b"x" * 100_000)
        elif kind == "drip":
            self.send_response(200)
            self.end_headers()
            while True:
                self.wfile.write(b"x")
                self.wfile.flush()
                time.sleep(0.05)
        elif kind == "drip-headers":
            while True:
                self.wfile.write(b"X")
                self.wfile.flush()
                time.sleep(0.05)
        elif kind == "short":
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            self.wfile.write(b"only this")
            self.close_connection = True
        elif kind == "nonsense":
            self.wfile.write(b"\xff\xfe no http at all\r\n\r\n")
            self.close_connection = True
        else:
            self.answer(404, b"no")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path.startswith("/to-"):
            self.answer(307, b"", {"Location": "/plain"})
        else:
            self.answer(200, self.headers["Content-Type"].encode() + b" " + body)

    def answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass

    def handle(self) -> None:
        with suppress(ConnectionError):
            super().handle()


class Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Its "host:port"."""
    here = Quiet(("127.0.0.1", 0), Pages)
    threading.Thread(target=here.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"127.0.0.1:{here.server_port}"
    here.shutdown()
    here.server_close()


def get(server: str, path: str, **more):
    return fetch(f"http://{server}{path}", allowed=frozenset({server}), plain=True, **more)


# Which addresses


@pytest.mark.parametrize("address", INSIDE)
def test_what_is_inside_is_never_public_in_whatever_form(address):
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", OUTSIDE)
def test_what_is_outside_is_public(address):
    assert is_public(ip_address(address))


@given(st.ip_addresses(v=4))
def test_an_address_hidden_in_a_new_one_is_judged_like_itself(address: IPv4Address):
    number = int(address)
    hidden = [
        IPv6Address((0xFFFF << 32) | number),
        IPv6Address((0x0064_FF9B << 96) | number),
        IPv6Address((0x2002 << 112) | (number << 80) | 1),
    ]
    for one in hidden:
        assert is_public(address) or not is_public(one), one


@pytest.mark.parametrize("host", [one for one in INSIDE if "%" not in one])
def test_nothing_is_asked_of_an_address_inside(host, monkeypatch):
    monkeypatch.setattr(socket, "create_connection", never)
    with pytest.raises(NotAllowed):
        fetch(f"https://[{host}]/" if ":" in host else f"https://{host}/")


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/", "ftp://example.com/", "file:///etc/passwd", "gopher://example.com/", "//example.com/",
        "https://name:password@example.com/", "https://name@example.com/", "https://example.com:22/", "https:///x",
        "https://example.com:99999/", "https://[::1", "https://exa mple.com/", "https://example.com/\r\nX: y", "",
        "https://" + "a" * 3000, "https://2130706433/", "https://0x7f.1/", "https://0177.0.0.1/", "https://localhost/",
        "https://127.1/", "https://\u0661.com:25/",
    ],
)  # fmt: skip
def test_addresses_of_every_trick_are_refused_before_anything_is_sent(url, monkeypatch):
    monkeypatch.setattr(socket, "create_connection", never)
    with pytest.raises((NotAllowed, Unreachable)):
        fetch(url)


@given(st.text(max_size=60))
def test_no_text_makes_it_break(text):
    with pytest.raises(module.FetchError):
        fetch(f"ssh://{text}")


def test_one_address_inside_among_several_of_a_name_is_enough_to_refuse(monkeypatch):
    both = [(socket.AF_INET, 1, 6, "", ("8.8.8.8", 443)), (socket.AF_INET, 1, 6, "", ("10.0.0.1", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
    monkeypatch.setattr(socket, "create_connection", never)
    with pytest.raises(NotAllowed):
        fetch("https://two.example/")


def test_a_name_is_asked_for_once_and_its_address_kept(monkeypatch):
    """A name that answers differently the second time gains nothing: there is no second time."""
    asked, went = [], []

    def once(*_: object, **__: object):
        asked.append(1)
        address = "8.8.8.8" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, 1, 6, "", (address, 443))]

    def connect(place: tuple[str, int], **_: object):
        went.append(place)
        raise OSError

    monkeypatch.setattr(socket, "getaddrinfo", once)
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(Unreachable):
        fetch("https://rebind.example/")
    assert (asked, went) == ([1], [("8.8.8.8", 443)])


def never(*_: object, **__: object) -> None:
    raise AssertionError("something was connected to")


# A real server


def test_what_is_allowed_is_fetched_and_only_what_is_needed_is_told(server, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    answer = get(server, "/plain?a=b")
    assert (answer.status, answer.kind, answer.body) == (200, "text/plain", b"hello")
    told = get(server, "/headers").body.decode()
    assert "'Accept-Encoding', 'identity'" in told
    assert "Cookie" not in told
    assert "Authorization" not in told


def test_without_the_permission_the_same_server_is_refused(server):
    with pytest.raises(NotAllowed):
        fetch(f"http://{server}/plain", plain=True)
    with pytest.raises(NotAllowed):
        fetch(f"http://{server}/plain", plain=True, allowed=frozenset({"127.0.0.1:1"}))


def test_a_redirect_is_followed_and_judged_like_the_first_address(server):
    assert get(server, f"/to-here?http://{server}/plain").body == b"hello"
    assert get(server, "/to-here?/plain").body == b"hello"
    for inside in ("http://127.0.0.1:1/", "http://169.254.169.254/latest/meta-data/", "file:///etc/passwd"):
        with pytest.raises(NotAllowed):
            get(server, f"/to-there?{inside}")
    with pytest.raises(BadAnswer):
        get(server, "/loop")
    with pytest.raises(BadAnswer):
        get(server, "/nowhere")


def test_what_is_sent_goes_to_one_place_only(server):
    sent = fetch(f"http://{server}/x", data=b"body", kind="application/timestamp-query", plain=True,
                 allowed=frozenset({server}))  # fmt: skip
    assert sent.body == b"application/timestamp-query body"
    with pytest.raises(BadAnswer):
        get(server, "/to-there", data=b"secret")


@pytest.mark.parametrize("path", ["/declared", "/endless"])
def test_no_more_is_read_than_allowed(server, path):
    with pytest.raises(TooBig):
        get(server, path, most=300_000)


@pytest.mark.parametrize("path", ["/drip", "/drip-headers"])
def test_a_server_that_drips_does_not_hold_us(server, path):
    began = time.monotonic()
    with pytest.raises(TooSlow):
        get(server, path, seconds=0.6)
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("path", ["/short", "/nonsense"])
def test_an_answer_that_breaks_off_or_is_none_is_said(server, path):
    with pytest.raises(Unreachable):
        get(server, path)


def test_a_refusal_of_the_server_carries_its_number(server):
    with pytest.raises(BadAnswer) as refused:
        get(server, "/absent")
    assert refused.value.status == 404


def test_a_closed_port_is_unreachable():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(Unreachable):
        get(place, "/")
