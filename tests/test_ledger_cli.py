"""`kept ledger` on a real store, as somebody calls it: what it prints, and how it ends."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest
from house import store
from spoiled import ZEROS, kinds_of

from kept.cli import main
from kept.security.ledger import action, record, sequence_entries
from kept.security.models import Entry, Log, Tile
from kept.security.notes import read_key, read_proof
from kept.security.receipts import check_receipt, read_receipt
from kept.terms import Actor

__all__ = ["store"]
pytestmark = [pytest.mark.store, pytest.mark.usefixtures("store"), pytest.mark.pages]

KNOWN_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"  # somebody else's
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@action
def tell(count, *, by, at):
    for number in range(count):
        record("test.told", "test", by=by, at=at, number=number)


@pytest.fixture
def entries(store):
    tell(5, by=Actor.kept(), at=NOW)
    sequence_entries()


@pytest.fixture
def kept(capsys):
    def run(*words):
        code = main(["ledger", *map(str, words)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def test_of_an_empty_ledger_nothing_can_be_told(kept):
    assert kept("verify")[0] == 3
    assert kept("checkpoint")[0] == 3
    assert kept("prove", 0)[0] == 1
    assert kept("begin-again", "--reason", "restored")[0] == 1
    assert kept("mend")[0] == 1


@pytest.mark.usefixtures("entries")
def test_a_whole_ledger_verifies_and_a_changed_one_does_not(kept):
    code, out, _ = kept("verify")
    assert (code, out.splitlines()[-1]) == (0, "Every entry is there and as it was signed.")
    Entry.objects.filter(index=2).update(kind="test.denied")
    code, out, _ = kept("verify")
    assert (code, out.splitlines()[0]) == (1, "flipped, entry 2: What is there now is not what was signed.")
    code, out, _ = kept("verify", "--json")
    told = json.loads(out)
    assert (code, told["verdict"], told["entries"]) == (1, "not done", 5)
    assert told["findings"] == [
        {"kind": "flipped", "first": 2, "last": 2, "what": "What is there now is not what was signed."}
    ]


@pytest.mark.usefixtures("entries")
def test_the_checkpoint_is_printed_so_that_it_can_be_kept_and_compared(kept, tmp_path):
    code, out, err = kept("checkpoint")
    assert (code, out) == (0, Log.objects.get().checkpoint)
    key = read_key(err.split(": ", 1)[1].strip())
    told = json.loads(kept("checkpoint", "--json")[1])
    assert (told["key"], told["key_id"], told["size"]) == (key.text, key.id.hex(), 5)
    (tmp_path / "kept").write_text(out)
    assert kept("verify", "--checkpoint", tmp_path / "kept")[0] == 0
    assert kept("verify", "--key", key.text)[0] == 0
    assert kept("begin-again", "--reason", "restored")[0] == 0
    sequence_entries()
    assert kept("verify", "--checkpoint", tmp_path / "kept")[0] == 0
    assert "formerly " + key.id.hex() in kept("checkpoint")[2]
    assert kept("verify", "--key", key.text)[0] == 1  # the present key is another one


@pytest.mark.usefixtures("entries")
@pytest.mark.parametrize(
    ("raw", "words"),
    [(b"", "nothing in it"), (b"\xff\xfe\0", "no text"), (b"x" * 70_000, "longer than"),
     (b"\0\n\n\xe2\x80\x94 a AAAA\n", "control"),
     ("a\n1\n\n\u2014 a AAAAAAAA\n".encode(), "three lines"), (None, "cannot be read")],
)  # fmt: skip
def test_a_file_that_is_no_checkpoint_is_wrong_usage_with_a_reason(kept, tmp_path, raw, words):
    file = tmp_path / "checkpoint"
    if raw is not None:
        file.write_bytes(raw)
    code, _, err = kept("verify", "--checkpoint", file)
    assert code == 2
    assert words in " ".join(err.replace("│", " ").split())
    assert kept("verify", "--key", "nonsense")[0] == 2


@pytest.mark.usefixtures("entries")
def test_an_entry_is_proven_with_and_without_its_words(kept):
    code, out, _ = kept("prove", 3)
    assert (code, read_proof(out).index) == (0, 3)
    assert json.loads(kept("prove", 3, "--json")[1]) == {"entry": 3, "proof": out}
    keys = [read_key(text) for text in Log.objects.get().keys]
    assert check_receipt(read_receipt(kept("prove", 3, "--receipt")[1]), keys).told["facts"] == {"number": 3}
    assert kept("prove", 5)[0] == 1
    assert kept("prove", -1)[0] == 2
    assert kept("prove", "x")[0] == 2
    Entry.objects.filter(index=3).delete()
    assert kept("prove", 3)[0] == 1


@pytest.mark.usefixtures("entries")
def test_each_kind_of_spoiled_receipt_gets_its_reason(kept, tmp_path):
    file, codes = tmp_path / "receipt", {"true": 0, "false": 1, "unknown": 3}
    for one in kinds_of(kept("prove", 3, "--receipt")[1]):
        file.write_bytes(one.raw)
        code, out, err = kept("check", file)
        assert (code, err) == (codes[one.verdict], ""), one.name
        assert re.search(one.words, out), one.name


@pytest.mark.usefixtures("entries")
def test_a_file_is_checked_with_the_keys_of_this_ledger_or_with_those_that_are_named(kept, tmp_path):
    file = tmp_path / "brought"
    for words, what in (("prove", 3, "--receipt"), "receipt"), (("prove", 3), "proof"), (("checkpoint",), "checkpoint"):
        file.write_text(kept(*words)[1])
        code, out, _ = kept("check", file, "--json")
        told = json.loads(out)
        assert (code, told["verdict"], told["what"], told["size"]) == (0, "true", what, 5)
        assert kept("check", file, "--key", Log.objects.get().keys[0])[0] == 0
        assert kept("check", file, "--key", KNOWN_KEY)[0] == 3
    assert kept("check", tmp_path / "nowhere")[0] == 2
    assert kept("check", tmp_path)[0] == 2
    assert kept("check", file, "--key", "nonsense")[0] == 2
    Log.objects.update(keys=["nonsense"])
    assert kept("check", file)[0] == 3


@pytest.mark.usefixtures("entries")
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: "nonsense", "no receipt, proof file or checkpoint"),
        (lambda text: text.replace("extra ", "extra A"), "“extra” stands no base64"),
        (lambda text: text.replace(text.split("\n")[1] + "\n", ""), "does not hold the 32 bytes"),
        (lambda text: text.replace(text.split("\n")[1], f"extra {ZEROS}"), "another root"),
        (lambda text: text.replace("proof@v1", "proof@v2"), "begins with the line c2sp.org/tlog-proof@v1"),
        (lambda text: text.replace("index 3", "index 5"), "none has the number 5"),
        (lambda text: text[: text.index("\n\n")], "ends before its checkpoint"),
        (lambda text: text[text.index("\n\n") + 2 :].replace("\n5\n", "\n6\n"), "not what was signed"),
        (lambda text: text[text.index("\n\n") + 2 :].replace("\u2014", "-"), "signature line"),
    ],
)
def test_a_spoiled_proof_or_checkpoint_gets_its_reason(kept, tmp_path, change, words):
    file, proof = tmp_path / "brought", kept("prove", 3)[1]
    assert change(proof) != proof
    file.write_text(change(proof))
    code, out, err = kept("check", file)
    assert (code, err) == (1, "")
    assert words in out


@pytest.mark.usefixtures("entries")
def test_a_damaged_tree_is_mended_and_a_damaged_row_of_the_log_told(kept):
    Tile.objects.update(hashes=b"")
    assert kept("verify")[0] == 1
    assert kept("mend")[:2] == (0, "The tree over 5 entries is as it was signed.\n")
    assert kept("verify")[0] == 0
    Log.objects.update(checkpoint="nonsense", keys=["nonsense"])
    for words in (("verify",), ("checkpoint",), ("prove", 1), ("mend",), ("begin-again", "--reason", "key-lost")):
        assert kept(*words)[0] == 1, words
