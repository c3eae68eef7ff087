"""Files from strangers: judged by what they are, bounded, named by us and kept where no web address leads."""

from __future__ import annotations

import gzip
import io
import stat
import struct
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from kept.security import uploads
from kept.security.sealed_files import FileUnreadable
from kept.security.upload_kinds import ENDINGS
from kept.security.uploads import (
    Dangerous,
    TooLarge,
    UploadRefused,
    WrongKind,
    folder,
    keep,
    open_kept,
    path_of,
    plain_name,
)
from kept.vault.keys import make_key

pytestmark = [pytest.mark.store, pytest.mark.pages]

ALL = tuple(ENDINGS)
MOST = 5_000_000


@pytest.fixture(autouse=True)
def data(tmp_path, settings, db) -> Path:
    settings.DATA = tmp_path
    return tmp_path


def png(width: int = 10, height: int = 10) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + head + struct.pack(">I", zlib.crc32(b"IHDR" + head))


def jpeg(width: int = 10, height: int = 10) -> bytes:
    app = b"\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
    return (
        b"\xff\xd8"
        + app
        + b"\xff\xc0\x00\x11\x08"
        + struct.pack(">HH", height, width)
        + b"\x03"
        + bytes(9)
        + b"\xff\xd9"
    )


def archive(**parts: bytes | str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, body in parts.items():
            file.writestr(name, body)
    return out.getvalue()


PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<<>>\n%%EOF\n"
DOCX = archive(**{"[Content_Types].xml": "<x/>", "word/document.xml": "<y/>"})
GOOD = {
    "letter.pdf": PDF, "scan.png": png(), "photo.jpg": jpeg(), "PHOTO.JPEG": jpeg(), "notes.txt": "Grüße\n".encode(),
    "table.csv": b"a,b\n1,2\n", "all.zip": archive(a="x"), "letter.docx": DOCX, "log.gz": gzip.compress(b"x" * 900),
    "no ending": PDF,
}  # fmt: skip


def take(body: bytes, name: str, kinds=ALL, most: int = MOST):
    return keep(io.BytesIO(body), name, kinds=kinds, most=most, key=make_key())


def by_name(part: object) -> str:
    """What an example is called: archives hold the time at which they were made, and each process has its own."""
    return part if isinstance(part, str) else ""


@pytest.mark.parametrize("name", GOOD)
def test_what_is_what_it_says_is_kept_closed_to_others_under_a_name_of_ours(name, data):
    key = make_key()
    kept = keep(io.BytesIO(GOOD[name]), name, kinds=ALL, most=MOST, key=key)
    path = path_of(kept.place)
    assert GOOD[name] not in path.read_bytes(), "it lies sealed"
    with open_kept(kept.place, key) as file:
        assert file.read() == GOOD[name]
    with pytest.raises(FileUnreadable):
        open_kept(kept.place, make_key())
    assert list(folder().iterdir()) == [path], "and nothing of it in clear beside"
    assert path.parent == data / "uploads"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert kept.place not in name
    assert kept.size == len(GOOD[name])
    uploads.remove(kept.place)
    uploads.remove(kept.place)
    assert not path.exists()


def test_no_web_address_leads_to_a_file(client: Client):
    kept = take(PDF, "a.pdf")
    for address in (f"/uploads/{kept.place}", f"/static/uploads/{kept.place}", f"/static/../uploads/{kept.place}",
                    f"/static/%2e%2e/uploads/{kept.place}"):  # fmt: skip
        assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("photo.png", PDF),
        ("letter.pdf", png()),
        ("page.txt", b"<html><script>alert(1)</script></html>"),
        ("page.txt", b"\xef\xbb\xbf  <svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("run.txt", b"#!/bin/sh\nrm -rf /\n"),
        ("old.txt", "Grüße".encode("latin-1")),
        ("bin.txt", b"abc\x00def"),
        ("page.html", b"plain words"),
        ("picture.svg", b"<svg/>"),
        ("prog.exe", b"MZ\x90\x00" + bytes(100)),
        ("empty.txt", b""),
        ("archive.rar", b"Rar!\x1a\x07\x00"),
        ("letter.pdf.exe", PDF),
        ("cut.pdf", PDF[:20]),
        ("cut.png", png()[:15]),
        ("cut.jpg", b"\xff\xd8\xff\xe0"),
        ("cut.zip", archive(a="x" * 999)[:40]),
        ("cut.gz", gzip.compress(b"x" * 9000)[:20]),
    ],
    ids=by_name,
)
def test_what_is_something_else_or_damaged_is_refused_and_leaves_nothing(name, body):
    with pytest.raises(WrongKind) as refused:
        take(body, name)
    assert str(refused.value).endswith(".")
    assert list(folder().iterdir()) == []


def test_only_the_kinds_asked_for_are_taken():
    with pytest.raises(WrongKind, match="JPEG, PNG"):
        take(PDF, "a.pdf", kinds=("png", "jpeg"))


def test_a_file_that_is_too_large_is_not_read_to_its_end():
    class Endless(io.RawIOBase):
        read_so_far = 0

        def read(self, size: int = -1) -> bytes:
            self.read_so_far += size
            return b"x" * size

    endless = Endless()
    with pytest.raises(TooLarge, match="larger than 1 MB"):
        keep(endless, "a.txt", kinds=ALL, most=1_000_000, key=make_key())  # type: ignore[arg-type]
    assert endless.read_so_far < 1_200_000
    assert list(folder().iterdir()) == []


def lying_zip() -> bytes:
    """Its table says ten bytes; unpacking gives ten million."""
    honest = archive(a=b"\0" * 10_000_000)
    return honest.replace(struct.pack("<I", 10_000_000), struct.pack("<I", 10))


def with_link() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        link = zipfile.ZipInfo("link")
        link.external_attr = 0o120777 << 16
        file.writestr(link, "/etc/passwd")
    return out.getvalue()


def locked_zip() -> bytes:
    body = bytearray(archive(a="x"))
    body[6] |= 1
    body[body.index(b"PK\x01\x02") + 8] |= 1
    return bytes(body)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("bomb.zip", archive(a=b"\0" * 50_000_000)),
        ("bomb.gz", gzip.compress(b"\0" * 50_000_000)),
        ("many.zip", archive(**{str(number): "" for number in range(1_001)})),
        ("nested.zip", archive(inner=archive(a=b"x" * 100))),
        ("nested.zip", archive(inner=gzip.compress(b"x"))),
        ("path.zip", archive(**{"../../etc/cron.d/x": "x"})),
        ("path.zip", archive(**{"/etc/passwd": "x"})),
        ("path.zip", archive(**{"..\\..\\x": "x"})),
        ("path.zip", archive(**{"C:\\x": "x"})),
        ("link.zip", with_link()),
        ("locked.zip", locked_zip()),
        ("macro.docx", archive(**{"[Content_Types].xml": "x", "word/document.xml": "y", "word/vbaProject.bin": "z"})),
        ("two.gz", gzip.compress(b"x") + b"more"),
        ("wide.png", png(100_000, 100_000)),
        ("wide.jpg", jpeg(60_000, 60_000)),
        ("script.pdf", PDF.replace(b"/Catalog", b"/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>")),
        ("launch.pdf", PDF.replace(b"/Catalog", b"/Catalog/AA<</O<</S /Launch /F (cmd)>>>>")),
    ],
    ids=by_name,
)
def test_what_bursts_hides_or_runs_is_refused_and_leaves_nothing(name, body):
    with pytest.raises(Dangerous) as refused:
        take(body, name)
    assert str(refused.value).endswith(".")
    assert list(folder().iterdir()) == []


def test_what_an_archive_says_of_its_own_size_is_not_believed():
    with pytest.raises(UploadRefused):
        take(lying_zip(), "lying.zip")


@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"%PDF-", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"PK\x03\x04", b"\x1f\x8b\x08"]),
)
def test_no_bytes_make_it_break(body, start):
    import tempfile

    with tempfile.NamedTemporaryFile() as file:
        file.write(start + body)
        file.flush()
        with suppress(UploadRefused):
            uploads.checked(Path(file.name), "x", ALL)


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("letter.pdf", "letter.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\a\\letter.PDF", "letter.pdf"),
        ("let\u202efdp.exe", "letfdp.pdf"),
        ("a\x00b\r\nc.pdf", "abc.pdf"),
        ('x"><script>.pdf', "x script.pdf"),
        ("", "file.pdf"),
        ("...", "file.pdf"),
        (".htaccess", "file.pdf"),
        ("a" * 300 + ".pdf", "a" * 100 + ".pdf"),
    ],
)
def test_a_name_is_made_harmless_and_ends_in_what_the_file_is(told, name):
    assert plain_name(told, "pdf") == name


@given(st.text(max_size=200))
def test_no_name_leads_out_of_a_folder_or_breaks_a_line(told):
    name = plain_name(told, "pdf")
    assert not set(name) & set('/\\\r\n\0"<>')
    assert name.endswith(".pdf")
    assert not name.startswith(".")


@pytest.mark.parametrize("place", ["../secret-key", "x", "", "0" * 33, "0" * 31 + "/"])
def test_a_place_that_is_not_ours_is_none(place):
    with pytest.raises(UploadRefused):
        path_of(place)
