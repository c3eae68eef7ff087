"""Signed notes, checkpoints, proof files and receipts: read as C2SP writes them, refused with one sentence."""

from __future__ import annotations

import ast
import base64
import re
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from datetime import UTC
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st
from spoiled import kinds_of

from kept.security import verifier
from kept.security.checking import check_text
from kept.security.leaves import commitment_of, payload_of
from kept.security.merkle import BadProof, leaf_hash, node_hash
from kept.security.notes import (
    BadNote,
    Head,
    NotSigned,
    Proof,
    key_of,
    read_head,
    read_key,
    read_note,
    read_proof,
    read_text,
    sign,
    signed_by,
)
from kept.security.receipts import Receipt, check_receipt, read_receipt

KNOWN_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
KNOWN_NOTE = (
    "This is an example message.\n\n"
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
SECRET = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
NAME = "privacy.example.com/ledger/0a1b2c3d"
KEY = key_of(NAME, SECRET)
SALT = bytes(range(16))
PAYLOAD = (
    '{"about":"rights.case:1","at":"2026-03-02T09:00:00.000000Z","by":"person","facts":{"n":1},'
    '"kind":"rights.case_opened"}'
)
LEAF = leaf_hash(commitment_of(SALT, PAYLOAD))
OTHER = leaf_hash(b"other")
ROOT = node_hash(OTHER, LEAF)
CHECKPOINT = str(sign(Head(NAME, 2, ROOT).text, NAME, SECRET))
RECEIPT = str(Receipt(PAYLOAD, SALT, Proof(1, (OTHER,), CHECKPOINT)))
PROOF = str(Proof(1, (OTHER,), CHECKPOINT, commitment_of(SALT, PAYLOAD)))


def stand_alone(text, *keys):
    """What the verifier's own code says: what it shows, or why not."""
    try:
        return verifier.check(text, [verifier.key_of(key) for key in keys])
    except (verifier.Wrong, verifier.Unsure) as problem:
        return f"{type(problem).__name__}: {problem}"


def test_the_known_answer_of_the_specification():
    assert signed_by(read_note(KNOWN_NOTE), [read_key(KNOWN_KEY)]) == [read_key(KNOWN_KEY)]
    assert read_key(KNOWN_KEY).text == KNOWN_KEY
    assert str(read_note(KNOWN_NOTE)) == KNOWN_NOTE
    text, signatures = verifier.note_of(KNOWN_NOTE)
    assert verifier.signers_of(text, signatures, [verifier.key_of(KNOWN_KEY)]) == ["example.com/foo"]


@pytest.mark.parametrize("place", range(len(KNOWN_NOTE) - 2))
def test_no_letter_of_a_signed_note_can_be_changed(place):
    letter = "A" if KNOWN_NOTE[place] != "A" else "B"
    changed = KNOWN_NOTE[:place] + letter + KNOWN_NOTE[place + 1 :]
    with pytest.raises(BadNote):
        signed_by(read_note(changed), [read_key(KNOWN_KEY)])
    with suppress(verifier.Wrong):
        assert verifier.signers_of(*verifier.note_of(changed), [verifier.key_of(KNOWN_KEY)]) == []


def test_signatures_of_unknown_keys_are_passed_over_and_a_wrong_one_of_a_known_key_spoils_the_note():
    note = read_note(CHECKPOINT)
    others = "".join(
        str(sign(note.text, f"witness.example/{number}", Ed25519PrivateKey.generate())).rpartition("\n\n")[2]
        for number in range(16)
    )
    assert signed_by(read_note(CHECKPOINT + others), [KEY]) == [KEY]
    assert stand_alone(CHECKPOINT + others, KEY.text)["size"] == 2
    with pytest.raises(NotSigned):
        signed_by(note, [key_of(NAME, Ed25519PrivateKey.generate())])
    false = str(sign("else\n", NAME, SECRET)).rpartition("\n\n")[2]
    with pytest.raises(BadNote, match="wrong"):
        signed_by(read_note(CHECKPOINT + false), [KEY])
    assert "wrong" in stand_alone(CHECKPOINT + false, KEY.text)


def test_a_receipt_is_read_and_checked_by_the_package_and_without_it():
    checked = check_receipt(read_receipt(RECEIPT), [KEY])
    assert (checked.index, checked.head.size, checked.told["kind"]) == (1, 2, "rights.case_opened")
    shown = stand_alone(RECEIPT, KEY.text)
    assert (shown["entry"], shown["size"], shown["says"]) == (1, 2, checked.told)
    assert str(read_receipt(RECEIPT)) == RECEIPT


def test_a_proof_file_without_the_payload_shows_the_place():
    proof = str(Proof(1, (OTHER,), CHECKPOINT, commitment_of(SALT, PAYLOAD)))
    assert str(read_proof(proof)) == proof
    assert stand_alone(proof, KEY.text)["entry"] == 1
    assert "32 bytes" in stand_alone(str(Proof(1, (OTHER,), CHECKPOINT)), KEY.text)
    assert "another root" in stand_alone(str(Proof(1, (OTHER,), CHECKPOINT, SALT * 2)), KEY.text)


@pytest.mark.parametrize(
    ("was", "becomes", "why"),
    [
        ("kept-receipt/v1", "kept-receipt/v2", "begins with the line"),
        ("case_opened", "case_closed", "another root"),
        ('"n":1', '"n":2', "another root"),
        ('"n":1', '"n": 1', "as an entry is"),
        ('"n":1', '"n":1,"n":1', "each once"),
        ('"n":1', '"n":1,"m":1', "in their order"),
        ('"n":1', '"n":NaN', "as an entry is"),
        ('"n":1', '"n":' + "[" * 5000, "as an entry is"),
        ('"n":1', '"n":' + "9" * 5000, "as an entry is"),
        ('{"n":1}', "1", "as an entry is"),
        ('"kind"', '"what"', "as an entry is"),
        ("{", "[", "as an entry is"),
        ("salt ", "pepper ", "third line"),
        (base64.b64encode(SALT).decode(), "AAAA", "16 bytes"),
        (base64.b64encode(SALT).decode(), "%%%", "no base64"),
        ("index 1", "index 0", "another root"),
        ("index 1", "index 2", "none has the number 2"),
        ("index 1", "index 01", "no whole number"),
        ("index 1", "index \u0661", "no whole number"),
        ("index 1", "index -1", "no whole number"),
        ("index 1", "index 99999999999999999999", "no whole number"),
        ("index 1\n", "", "no line “index”"),
        (base64.b64encode(OTHER).decode() + "\n", "", "fewer hashes"),
        (base64.b64encode(OTHER).decode(), base64.b64encode(LEAF).decode(), "another root"),
        (base64.b64encode(OTHER).decode(), "AAAA", "32 bytes"),
        (base64.b64encode(OTHER).decode(), f"{base64.b64encode(OTHER).decode()}\n" * 63 + "AAAA", "63 hashes"),
        ("\n2\n", "\n3\n", "not what was signed"),
        ("\n2\n", "\n02\n", "no whole number"),
        (NAME + "\n2", "other.example\n2", "not what was signed"),
        ("\n\n\u2014", "\n\u2014", "no signatures"),
        ("\u2014 ", "- ", "signature line"),
    ],
)
def test_a_receipt_that_was_changed_says_what_is_wrong_with_it(was, becomes, why):
    assert was in RECEIPT
    changed = RECEIPT.replace(was, becomes, 1)
    with pytest.raises((BadNote, BadProof), match=why):
        check_receipt(read_receipt(changed), [KEY])
    assert why in stand_alone(changed, KEY.text)


def test_who_signed_under_another_name_did_not_sign_for_this_log():
    other = key_of("other.example/ledger", SECRET)
    checkpoint = str(sign(Head(NAME, 2, ROOT).text, other.name, SECRET))
    receipt = str(Receipt(PAYLOAD, SALT, Proof(1, (OTHER,), checkpoint)))
    with pytest.raises(BadNote, match="another name"):
        check_receipt(read_receipt(receipt), [other])
    assert "another name" in stand_alone(receipt, other.text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "name"),
        ("name", "name"),
        ("name+12345678", "base64|Ed25519"),
        ("na me+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", "name|Ed25519"),
        (KNOWN_KEY.replace("530d903a", "530d903b"), "its own number"),
        (KNOWN_KEY.replace("foo", "bar"), "its own number"),
        (KNOWN_KEY[:-4], "base64|Ed25519"),
        (KNOWN_KEY.replace("+Ae", "+Ee"), "Ed25519"),
        ("\u2028+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", "name|Ed25519"),
    ],
)
def test_a_key_that_is_none_is_refused(text, why):
    with pytest.raises(BadNote, match=why):
        read_key(text)
    with pytest.raises(verifier.Wrong):
        verifier.key_of(text)


@pytest.mark.parametrize(
    "body",
    [
        "a\n",
        "a\n1\n",
        "a\n1\nAAAA\n",
        "a\nx\n{root}\n",
        "a\n+1\n{root}\n",
        "a\n1 \n{root}\n",
        "\n1\n{root}\n",
        "a\n\n{root}\n",
    ],
)
def test_a_note_that_is_no_checkpoint_is_refused(body):
    text = body.replace("{root}", base64.b64encode(ROOT).decode())
    note = sign(text, "a", SECRET)
    with pytest.raises(BadNote):
        read_head(note)
    with pytest.raises(verifier.Wrong):
        verifier.checkpoint_of(str(note), [])


PARTS = [
    RECEIPT,
    CHECKPOINT,
    KNOWN_NOTE,
    *RECEIPT.split("\n"),
    "\n",
    "\n\n",
    "\0",
    "\x1b",
    "\u2028",
    "index ",
    "extra ",
]
texts = st.one_of(
    st.text(max_size=300),
    st.lists(st.one_of(st.sampled_from(PARTS), st.text(max_size=20)), max_size=14).map("\n".join),
    st.builds(
        lambda place, length, put: RECEIPT[:place] + put + RECEIPT[place + length :],
        st.integers(0, len(RECEIPT)), st.integers(0, 60), st.text(max_size=40),
    ),
)  # fmt: skip


@given(texts)
def test_whatever_is_given_is_understood_or_refused_with_a_sentence(text):
    for read in (read_note, read_proof, read_receipt, read_key, lambda one: read_head(read_note(one))):
        with suppress(BadNote):
            read(text)
    assert ours(text.encode(errors="replace")) == theirs(text.encode(errors="replace"))


@given(st.one_of(texts.map(lambda text: text.encode(errors="replace")), st.binary(max_size=80), st.data()))
@how(max_examples=300)
def test_the_package_and_the_file_alone_give_one_answer_for_one_reason(brought):
    if not isinstance(brought, bytes):
        raw = bytearray(brought.draw(st.sampled_from([RECEIPT, PROOF, CHECKPOINT])).encode())
        for _ in range(brought.draw(st.integers(1, 4))):
            place = brought.draw(st.integers(0, len(raw)))
            raw[place : place + brought.draw(st.integers(0, 3))] = brought.draw(st.binary(max_size=3))
        brought = bytes(raw)
    assert ours(brought) == theirs(brought)


@pytest.mark.parametrize("one", kinds_of(RECEIPT), ids=lambda one: one.name)
def test_each_kind_of_spoiled_receipt_gets_its_reason(one):
    assert ours(one.raw) == theirs(one.raw)
    verdict, said = ours(one.raw)
    assert verdict == one.verdict
    assert re.search(one.words, str(said))


def ours(raw):
    """Verdict, and what is shown or why not, by Kept's own code."""
    try:
        return "true", check_text(read_text(raw), [KEY])
    except NotSigned:
        return "unknown", ""
    except (BadNote, BadProof) as problem:
        return "false", str(problem)


def theirs(raw):
    """The same by the file that knows nothing of Kept."""
    try:
        return "true", verifier.check(verifier.text_of(raw), [verifier.key_of(KEY.text)])
    except verifier.Unsure:
        return "unknown", ""
    except verifier.Wrong as problem:
        return "false", str(problem)


facts = st.dictionaries(
    st.from_regex("[A-Za-z_][A-Za-z0-9_]{0,7}", fullmatch=True),
    st.one_of(
        st.integers(1 - 10**18, 10**18 - 1), st.booleans(), st.none(),
        st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20),
        st.lists(st.text(st.characters(codec="utf-8"), max_size=5), max_size=3),
    ),
    max_size=4,
)  # fmt: skip


@given(facts, st.datetimes(timezones=st.just(UTC)), st.binary(min_size=16, max_size=16))
def test_any_payload_that_kept_writes_goes_into_a_receipt_and_is_read_again(told, at, salt):
    payload = payload_of("test.told", "test:1", "kept", at, told)
    leaf = leaf_hash(commitment_of(salt, payload))
    receipt = str(Receipt(payload, salt, Proof(0, (), str(sign(Head(NAME, 1, leaf).text, NAME, SECRET)))))
    assert check_receipt(read_receipt(receipt), [KEY]).told["facts"] == told
    assert stand_alone(receipt, KEY.text)["says"]["facts"] == told


@given(st.binary(max_size=64), st.binary(min_size=64, max_size=64))
def test_both_checks_of_signatures_agree(text, noise):
    signature = SECRET.sign(text)
    assert verifier.signature_is_right(KEY.public, text, signature)
    assert not verifier.signature_is_right(KEY.public, text + b".", signature)
    assert not verifier.signature_is_right(KEY.public, text, noise)


def test_a_signature_is_good_in_one_form_only():
    """RFC 8032 5.1.7: S below the group's order, else anybody makes a second signature from a first."""
    signature = SECRET.sign(b"text")
    twin = signature[:32] + (int.from_bytes(signature[32:], "little") + verifier.L).to_bytes(32, "little")
    assert not verifier.signature_is_right(KEY.public, b"text", twin)


# The file by itself


@pytest.fixture
def alone(tmp_path):
    """The verifier as somebody has it who has nothing else of Kept."""
    copy = tmp_path / "kept_verify.py"
    copy.write_text(Path(verifier.__file__).read_text(encoding="utf-8"), encoding="utf-8")

    def run(*words, **files):
        for name, text in files.items():
            (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        given = [str(tmp_path / word) if word in files else word for word in words]
        done = subprocess.run([sys.executable, "-I", "-S", copy, *given], capture_output=True, text=True, timeout=150)
        assert "Traceback" not in done.stderr
        return done.returncode, done.stdout + done.stderr

    return run


def test_the_verifier_imports_nothing_of_kept_and_nothing_that_python_does_not_have():
    tree = ast.parse(Path(verifier.__file__).read_text(encoding="utf-8"), feature_version=(3, 9))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names


def test_the_file_alone_answers_with_its_exit_code(alone):
    assert alone("r", "--key", KEY.text, r=RECEIPT)[0] == 0
    assert alone("r", "--key", KEY.text, r=RECEIPT.replace("\n", "\r\n"))[0] == 0
    assert alone("r", "--key", KEY.text, r=RECEIPT.replace("opened", "closed"))[0] == 1
    assert alone("r", r=RECEIPT)[0] == 3
    assert alone("r", "--key", "nonsense", r=RECEIPT)[0] == 2
    assert alone("nowhere", "--key", KEY.text)[0] == 2
    assert alone(".", "--key", KEY.text)[0] == 2
    assert alone("r", "--key", KEY.text, r=b"\xff\xfe\0")[0] == 1
    assert alone("r", "--key", KEY.text, r="x" * 300_000)[0] == 1
    assert "rights.case_opened" in alone("r", "--key", KEY.text, "--json", r=RECEIPT)[1]
    for one in kinds_of(RECEIPT)[::6]:
        code, said = alone("r", "--key", KEY.text, r=one.raw)
        assert code == {"true": 0, "false": 1, "unknown": 3}[one.verdict], one.name
        assert re.search(one.words, said), one.name


def test_the_file_alone_writes_nothing_that_a_terminal_takes_for_an_order_or_cannot_show(alone):
    strange = RECEIPT.replace("rights.case:1", "rights.case:\x9b31m\u202e\u00e9")
    proof = Proof(1, (OTHER,), CHECKPOINT)
    payload = strange.split("\n")[1]
    leaf = leaf_hash(commitment_of(SALT, payload))
    checkpoint = str(sign(Head(NAME, 2, node_hash(OTHER, leaf)).text, NAME, SECRET))
    receipt = str(Receipt(payload, SALT, replace(proof, checkpoint=checkpoint)))
    code, said = alone("r", "--key", KEY.text, r=receipt)
    assert code == 0
    assert "rights.case:\\u009b31m\\u202e" in said
    done = subprocess.run(
        [sys.executable, "-I", "-S", verifier.__file__, "/dev/stdin", "--key", KEY.text],
        input=receipt.encode(), capture_output=True, timeout=150, check=False,
        env={"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")


def test_the_file_alone_compares_two_checkpoints(alone):
    first = str(sign(Head(NAME, 1, OTHER).text, NAME, SECRET))
    proof = base64.b64encode(LEAF).decode() + "\n"
    words = ("a", "--later", "b", "--proof", "p", "--key", KEY.text)
    assert alone(*words, a=first, b=CHECKPOINT, p=proof)[0] == 0
    fork = str(sign(Head(NAME, 1, LEAF).text, NAME, SECRET))
    code, told = alone(*words, a=fork, b=CHECKPOINT, p=proof)
    assert code == 1
    assert "forked" in told
    assert alone("b", "--later", "a", "--key", KEY.text, a=first, b=CHECKPOINT)[0] == 1
    assert alone("a", "--later", "b", "--proof", "p", a=first, b=CHECKPOINT, p=proof)[0] == 3
