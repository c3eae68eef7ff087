"""As much of DER (X.690) as a time stamp needs: read a value into its parts, write a few."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

INTEGER, BIT_STRING, OCTETS, NULL, OID, SEQUENCE, SET, TIME = 0x02, 0x03, 0x04, 0x05, 0x06, 0x30, 0x31, 0x18
BOOLEAN = 0x01
DEEPEST_LENGTH = 4  # bytes of a length


class BadDer(Exception):
    """The bytes are no DER, or hold something else than was expected there."""


@dataclass(frozen=True)
class Value:
    tag: int
    body: bytes
    whole: bytes  # with tag and length

    def parts(self) -> list[Value]:
        """What a constructed value is made of. Raises BadDer."""
        return list(_values(self.body))

    def expect(self, tag: int) -> Value:
        if self.tag != tag:
            raise BadDer(f"Expected {tag:#x}, found {self.tag:#x}.")
        return self

    def number(self) -> int:
        self.expect(INTEGER)
        if not self.body:
            raise BadDer("An empty number.")
        return int.from_bytes(self.body, "big", signed=True)

    def oid(self) -> str:
        """ "1.2.840.113549.1.7.2" """
        self.expect(OID)
        if not self.body or self.body[-1] & 0x80:
            raise BadDer("An object identifier is cut off.")
        numbers, number = [], 0
        for byte in self.body:
            number = number << 7 | byte & 0x7F
            if not byte & 0x80:
                numbers.append(number)
                number = 0
        first = min(numbers[0] // 40, 2)
        return ".".join(map(str, [first, numbers[0] - 40 * first, *numbers[1:]]))


def read(raw: bytes) -> Value:
    """The one value that the bytes are. Raises BadDer."""
    found = list(_values(raw))
    if len(found) != 1:
        raise BadDer("There is more than one value, or none.")
    return found[0]


def _values(raw: bytes) -> Iterator[Value]:
    at = 0
    while at < len(raw):
        start, tag = at, raw[at]
        if tag & 0x1F == 0x1F or at + 2 > len(raw):
            raise BadDer("A value is cut off.")
        length, at = raw[at + 1], at + 2
        if length & 0x80:
            width = length & 0x7F
            if not 0 < width <= DEEPEST_LENGTH or at + width > len(raw):
                raise BadDer("A length cannot be read.")
            length, at = int.from_bytes(raw[at : at + width], "big"), at + width
        if at + length > len(raw):
            raise BadDer("A value is cut off.")
        yield Value(tag, raw[at : at + length], raw[start : at + length])
        at += length


def write(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    if len(body) < 0x80:
        return bytes([tag, len(body)]) + body
    width = (len(body).bit_length() + 7) // 8
    return bytes([tag, 0x80 | width]) + len(body).to_bytes(width, "big") + body


def write_number(number: int) -> bytes:
    return write(INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True))


def write_oid(dotted: str) -> bytes:
    first, second, *rest = map(int, dotted.split("."))
    body = bytearray()
    for number in (first * 40 + second, *rest):
        septets = [number & 0x7F]
        while number := number >> 7:
            septets.insert(0, number & 0x7F | 0x80)
        body += bytes(septets)
    return write(OID, bytes(body))
