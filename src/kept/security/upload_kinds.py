"""What a file is, read from its bytes, and whether it bursts. Plain functions on a path: no web, no store."""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Literal

Kind = Literal["pdf", "png", "jpeg", "text", "zip", "docx", "gzip"]

ENDINGS: Mapping[Kind, tuple[str, ...]] = {
    "pdf": ("pdf",), "png": ("png",), "jpeg": ("jpg", "jpeg"), "text": ("txt", "csv", "log", "md", "eml"),
    "zip": ("zip",), "docx": ("docx",), "gzip": ("gz",),
}  # fmt: skip

MOST_UNPACKED = 200_000_000  # bytes
MOST_PARTS = 1_000
MOST_RATIO = 200  # unpacked to packed: texts reach 20, bombs a thousand
MOST_PIXELS = 50_000_000
PIECE = 65_536
RUNS_IN_PDF = re.compile(rb"/(?:JavaScript|JS|Launch|EmbeddedFile|RichMedia)[\s(<\[/]")


class UploadRefused(Exception):
    """Base of what an upload is refused for. Nothing was kept; the message says what to send instead."""


class TooLarge(UploadRefused):
    """More bytes than allowed. Nothing was kept."""


class WrongKind(UploadRefused):
    """Not one of the kinds asked for, or its name says another one. Nothing was kept."""


class Dangerous(UploadRefused):
    """Packed to burst, hides a path, or holds what runs. Nothing was kept."""


def kind_of(path: Path) -> Kind | None:
    """None: nothing that we know."""
    with path.open("rb") as file:
        start = file.read(1_024)
        if start.startswith(b"%PDF-"):
            return "pdf"
        if start.startswith(b"\x89PNG\r\n\x1a\n"):
            return "png"
        if start.startswith(b"\xff\xd8\xff"):
            return "jpeg"
        if start.startswith(b"\x1f\x8b\x08"):
            return "gzip"
        if start.startswith(b"PK\x03\x04"):
            return _zip_kind(path)
        return "text" if start and _is_text(file, start) else None


def look_into(path: Path, kind: Kind) -> None:
    """Raises Dangerous, and WrongKind for what only begins like its kind."""
    if kind in ("zip", "docx"):
        _look_into_zip(path, kind)
    elif kind == "gzip":
        _look_into_gzip(path)
    elif kind == "png":
        _few_pixels(*_png_size(path))
    elif kind == "jpeg":
        _few_pixels(*_jpeg_size(path))
    elif kind == "pdf":
        _look_into_pdf(path)


def _is_text(file: BinaryIO, start: bytes) -> bool:
    """UTF-8 without control characters, and not what a browser would run: a page, an SVG, a script with a `#!`."""
    head = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<", b"#!", b"{\\rtf")):
        return False
    rest = start + file.read()
    if any(byte < 32 and byte not in (9, 10, 12, 13) for byte in rest):
        return False
    try:
        rest.decode()
    except UnicodeDecodeError:
        return False
    return True


def _zip_kind(path: Path) -> Kind | None:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError):
        return None
    return "docx" if {"[Content_Types].xml", "word/document.xml"} <= names else "zip"


def _look_into_zip(path: Path, kind: Kind) -> None:
    """Unpack every part into nothing. What the archive says of its own sizes is not believed."""
    packed, unpacked = path.stat().st_size, 0
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS:
                raise Dangerous(f"This archive has more than {MOST_PARTS:,} files in it.")
            for part in parts:
                _harmless_name(part)
                if part.flag_bits & 1:
                    raise Dangerous("This archive is locked with a password, so nobody can see what is in it.")
                with archive.open(part) as inside:
                    first = True
                    while piece := inside.read(PIECE):
                        if first and piece.startswith((b"PK\x03\x04", b"\x1f\x8b\x08", b"7z\xbc\xaf", b"Rar!")):
                            raise Dangerous("There is an archive inside this archive. Send what is in it.")
                        first = False
                        unpacked += len(piece)
                        _not_bursting(packed, unpacked)
                if kind == "docx" and part.filename.lower().endswith("vbaproject.bin"):
                    raise Dangerous("This document holds macros. Save it without them.")
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError, RuntimeError, zlib.error):
        raise WrongKind("This archive is damaged. Make it again.") from None


def _harmless_name(part: zipfile.ZipInfo) -> None:
    name = PurePosixPath(part.filename.replace("\\", "/"))
    link = (part.external_attr >> 16) & 0o170000 == 0o120000
    if name.is_absolute() or ".." in name.parts or link or ":" in part.filename or len(part.filename) > 500:
        raise Dangerous("This archive wants to write outside its own folder.")


def _look_into_gzip(path: Path) -> None:
    packed, unpacked = path.stat().st_size, 0
    unpack = zlib.decompressobj(wbits=31)
    try:
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                while piece and not unpack.eof:
                    unpacked += len(unpack.decompress(piece, PIECE))
                    _not_bursting(packed, unpacked)
                    piece = unpack.unconsumed_tail
                if unpack.eof:
                    if unpack.unused_data or file.read(1):
                        raise Dangerous("Something stands behind the end of this file.")
                    return
    except zlib.error:
        pass
    raise WrongKind("This file is damaged. Make it again.")


def _not_bursting(packed: int, unpacked: int) -> None:
    if unpacked > MOST_UNPACKED or (unpacked > 1_000_000 and unpacked > packed * MOST_RATIO):
        raise Dangerous("This file unpacks to far more than it is. Send it unpacked, or in parts.")


def _png_size(path: Path) -> tuple[int, int]:
    with path.open("rb") as file:
        head = file.read(24)
    if len(head) < 24 or head[12:16] != b"IHDR":
        raise WrongKind("This picture is damaged. Save it again.")
    width, height = struct.unpack(">II", head[16:24])
    return width, height


def _jpeg_size(path: Path) -> tuple[int, int]:
    with path.open("rb") as file:
        file.read(2)
        while len(mark := file.read(2)) == 2 and mark[0] == 0xFF:
            if mark[1] == 0xFF or 0xD0 <= mark[1] <= 0xD8:  # filling, and marks without a length
                file.seek(-1 if mark[1] == 0xFF else 0, 1)
                continue
            length = file.read(2)
            if len(length) < 2 or mark[1] in (0xD9, 0xDA):
                break
            if 0xC0 <= mark[1] <= 0xCF and mark[1] not in (0xC4, 0xC8, 0xCC):
                frame = file.read(5)
                if len(frame) == 5:
                    _, height, width = struct.unpack(">BHH", frame)
                    return width, height
                break
            file.seek(struct.unpack(">H", length)[0] - 2, 1)
    raise WrongKind("This picture is damaged. Save it again.")


def _few_pixels(width: int, height: int) -> None:
    if not width or not height:
        raise WrongKind("This picture is damaged. Save it again.")
    if width * height > MOST_PIXELS:
        raise Dangerous(f"This picture has more than {MOST_PIXELS // 1_000_000} million points. Make it smaller.")


def _look_into_pdf(path: Path) -> None:
    """What runs in a PDF is refused where it stands in the clear; inside packed parts it is not looked for."""
    text = path.read_bytes()
    if b"%%EOF" not in text[-2_048:]:
        raise WrongKind("This PDF is damaged or not whole. Save it again.")
    if RUNS_IN_PDF.search(text):
        raise Dangerous("This PDF holds a program or another file. Print it to a new PDF, and send that.")
