"""An encrypted file comes back as it went in, or is refused: there is nothing between."""

from __future__ import annotations

import io
import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kept.security.backup import stream
from kept.security.backup.errors import BackupDamaged, NotABackup
from kept.security.backup.stream import MAGIC, Reader, Writer
from kept.vault.errors import MasterKeyProblem
from kept.vault.master import LocalMasterKey

MASTER = LocalMasterKey("KEPT_MASTER_KEY", (b"m" * 32,))
OTHER = LocalMasterKey("KEPT_MASTER_KEY", (b"o" * 32,))
WORDS = b"Alice Arden, Garden Street. " * 20


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch):
    monkeypatch.setattr(stream, "BLOCK", 64)


def written(*pieces, facts=None):
    file = io.BytesIO()
    writer = Writer(file, facts or {"what": "data"}, MASTER)
    for piece in pieces:
        writer.write(piece)
    writer.finish()
    return file.getvalue()


def read(raw, master=MASTER):
    return io.BufferedReader(Reader(io.BytesIO(raw), master)).read()


def blocks_of(raw):
    """The head with its length, then each block with its length."""
    place = len(MAGIC) + 4 + struct.unpack(">I", raw[len(MAGIC) :][:4])[0]
    parts = [raw[:place]]
    while place < len(raw):
        end = place + 4 + struct.unpack(">I", raw[place:][:4])[0]
        parts.append(raw[place:end])
        place = end
    return parts


@given(st.lists(st.binary(max_size=300), max_size=6))
def test_whatever_is_written_comes_back(pieces):
    assert read(written(*pieces)) == b"".join(pieces)


def test_nothing_of_it_stands_there_in_clear():
    raw = written(WORDS)
    assert b"Alice" not in raw
    assert len(blocks_of(raw)) > 5
    assert raw != written(WORDS), "and not the same twice"


@given(st.data())
def test_a_changed_byte_anywhere_is_noticed(data):
    raw = bytearray(written(WORDS))
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises((NotABackup, MasterKeyProblem)):
        read(bytes(raw))


@given(st.data())
def test_a_file_that_was_cut_off_is_noticed_wherever_it_was(data):
    raw = written(WORDS)
    with pytest.raises(NotABackup):
        read(raw[: data.draw(st.integers(0, len(raw) - 1))])


@pytest.mark.parametrize("how", ["swapped", "left out", "twice", "last left out", "added", "of another file"])
def test_blocks_that_are_not_as_they_were_written_are_noticed(how):
    head, *blocks = blocks_of(written(WORDS))
    if how == "swapped":
        blocks[1], blocks[2] = blocks[2], blocks[1]
    elif how == "left out":
        del blocks[1]
    elif how == "twice":
        blocks.insert(1, blocks[1])
    elif how == "last left out":
        del blocks[-1]
    elif how == "added":
        blocks.append(blocks[-1])
    else:
        blocks[1] = blocks_of(written(WORDS))[2]
    with pytest.raises(BackupDamaged):
        read(head + b"".join(blocks))


def test_another_master_key_opens_nothing_and_says_which_setting():
    with pytest.raises(MasterKeyProblem, match="KEPT_MASTER_KEY is not the master key"):
        read(written(WORDS), OTHER)


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"no backup", MAGIC, MAGIC + b"\0\0", MAGIC + struct.pack(">I", 2**31),
        MAGIC + struct.pack(">I", 4) + b"nope",
        MAGIC + struct.pack(">I", 2) + b"[]", MAGIC + struct.pack(">I", 2) + b"{}",
        MAGIC + struct.pack(">I", 13) + json.dumps({"key": "#"}).encode().ljust(13),
    ],
)  # fmt: skip
def test_what_is_no_backup_is_told_in_words(raw):
    with pytest.raises((NotABackup, MasterKeyProblem)) as problem:
        read(raw)
    assert str(problem.value).endswith(".")
