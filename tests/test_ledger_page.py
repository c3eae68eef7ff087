"""The ledger's page without scripts: the server checks what somebody brings, and gives what it takes to do without."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from datetime import UTC, datetime
from html import unescape

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as st
from spoiled import kinds_of

from kept.security.ledger import action, record, sequence_entries
from kept.security.models import Entry, Log, Tile
from kept.security.notes import Head, sign
from kept.security.public.answers import answer
from kept.security.receipts import receipt_for
from kept.security.sequencer import head_of, keys_of, present_log
from kept.security.signing import signing_key
from kept.terms import Actor

pytestmark = [pytest.mark.django_db, pytest.mark.store, pytest.mark.pages]

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@action
def open_cases(count, *, by, at):
    for number in range(count):
        record(
            "rights.case_opened", f"rights.case:{number}", by=by, at=at, right="access", urgent=True, systems=["a", "b"]
        )


@pytest.fixture
def receipt():
    open_cases(5, by=Actor("person", "17"), at=NOW)
    sequence_entries()
    return receipt_for(Entry.objects.get(index=3))


def test_an_empty_ledger_has_a_page_and_nothing_to_save(client):
    assert "Nothing has been signed yet" in client.get("/ledger/").content.decode()
    assert client.post("/ledger/", {"receipt": "x"}).status_code == 200
    assert client.get("/ledger/checkpoint").status_code == 404
    assert client.get("/ledger/consistency/1/1").status_code == 404


def test_a_receipt_that_was_pasted_or_sent_as_a_file_is_told_in_words(client, receipt):
    for sent in ({"receipt": receipt.replace("\n", "\r\n")}, {"file": SimpleUploadedFile("r.txt", receipt.encode())}):
        page = client.post("/ledger/", sent).content.decode()
        assert "The receipt is genuine" in page
        rows = dict(re.findall(r"<dt>(.+?)</dt><dd>(.+?)</dd>", page))
        assert rows["What was done"] == "case opened"
        assert (rows["By"], rows["When"], rows["About"]) == ("person", "2026-03-02 09:00:00 UTC", "rights.case:3")
        assert (rows["Right"], rows["Urgent"], rows["Systems"]) == ("access", "yes", "a, b")
        assert rows["Entry"] == "number 3 of 5"


def test_an_older_receipt_stays_genuine_while_the_ledger_grows(client, receipt):
    open_cases(300, by=Actor.kept(), at=NOW)
    sequence_entries()
    assert "The receipt is genuine" in client.post("/ledger/", {"receipt": receipt}).content.decode()


def test_a_receipt_of_another_past_is_told_even_when_we_signed_it(client, receipt):
    log = present_log()
    origin = keys_of(log)[-1].name
    Tile.objects.update(hashes=bytes(5 * 32))
    Log.objects.update(checkpoint=str(sign(Head(origin, 5, bytes(32)).text, origin, signing_key())))
    page = client.post("/ledger/", {"receipt": receipt}).content.decode()
    assert "our ledger is another one today" in page


@pytest.mark.parametrize(
    ("was", "becomes", "words"),
    [
        ("case_opened", "case_closed", "The receipt does not hold"),
        ("index 3", "index 9", "none has the number 9"),
        ("kept-receipt", "receipt", "begins with the line"),
    ],
)
def test_a_receipt_that_was_changed_does_not_hold(client, receipt, was, becomes, words):
    page = client.post("/ledger/", {"receipt": receipt.replace(was, becomes)}).content.decode()
    assert words in page
    assert "genuine" not in page


def test_a_receipt_of_another_ledger_cannot_be_told(client, receipt):
    head = head_of(present_log())
    other = sign(head.text, head.origin, Ed25519PrivateKey.generate())
    changed = receipt.replace(Log.objects.get().checkpoint, str(other))
    assert changed != receipt
    assert "We cannot tell" in client.post("/ledger/", {"receipt": changed}).content.decode()


@pytest.mark.parametrize(
    ("raw", "words"),
    [(b"", "nothing in it"), (b" \n", "nothing in it"), (b"\xff\xfe", "no text"), (b"x" * 70_000, "longer than 64 KB"),
     (b"\0" * 100, "begins with"), (b"kept-receipt/v1", "second line"), ("\u2028".encode(), "begins with")],
)  # fmt: skip
def test_a_file_that_is_no_receipt_gets_a_reason(client, receipt, raw, words):
    page = client.post("/ledger/", {"file": SimpleUploadedFile("r.txt", raw)})
    assert page.status_code == 200
    # An empty file is none for Django: then the text counts, which is empty as well.
    assert words in page.content.decode()


TITLES = {"true": "The receipt is genuine", "false": "The receipt does not hold", "unknown": "We cannot tell"}


def test_each_kind_of_spoiled_receipt_gets_its_reason_from_the_server(client, receipt):
    for one in kinds_of(receipt):
        page = client.post("/ledger/", {"file": SimpleUploadedFile("r.txt", one.raw)} if one.raw else {"receipt": ""})
        said = unescape(page.content.decode())
        assert re.findall(r'<h2 id="says">(.+?)</h2>', said) == [TITLES[one.verdict]], one.name
        assert re.search(one.words, said), one.name


@given(st.data())
@how(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_no_receipt_that_was_changed_anywhere_is_called_genuine(receipt, data):
    raw = bytearray(receipt.encode())
    for _ in range(data.draw(st.integers(1, 3))):
        raw[data.draw(st.integers(0, len(raw) - 2))] = data.draw(st.integers(0, 255))
    said = answer(bytes(raw), present_log())
    assert said.state != "true" or bytes(raw).replace(b"\r\n", b"\n") == receipt.encode()


def test_what_is_brought_is_shown_again_as_text_and_never_as_markup(client, receipt):
    bad = "<script>alert(1)</script>" + receipt
    assert "<script>alert" not in client.post("/ledger/", {"receipt": bad}).content.decode()


@pytest.mark.parametrize("columns", [{"keys": ["nonsense"]}, {"checkpoint": "nonsense"}])
def test_a_damaged_row_of_the_ledger_is_not_the_fault_of_the_receipt(client, receipt, columns):
    Log.objects.update(**columns)
    assert client.get("/ledger/").status_code == 200
    assert "We cannot tell" in client.post("/ledger/", {"receipt": receipt}).content.decode()


def test_with_the_saved_files_anybody_checks_without_us(client, receipt, tmp_path):
    first = client.get("/ledger/checkpoint")
    assert first.headers["Content-Type"] == "text/plain; charset=utf-8"
    open_cases(400, by=Actor.kept(), at=NOW)
    sequence_entries()
    files = {
        "kept_verify.py": client.get("/ledger/kept_verify.py").content,
        "receipt": receipt.encode(),
        "first": first.content,
        "later": client.get("/ledger/checkpoint").content,
        "proof": client.get("/ledger/consistency/5/405").content,
    }
    for name, raw in files.items():
        (tmp_path / name).write_bytes(raw)
    ast.parse(files["kept_verify.py"])
    key = re.search(r'<pre class="copied"[^>]*>([^<]+)</pre>', client.get("/ledger/").content.decode())[1]

    def run(*words):
        command = [sys.executable, "-I", "kept_verify.py", *words, "--key", key]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=150)

    assert run("receipt").returncode == 0
    assert run("first").returncode == 0
    assert run("first", "--later", "later", "--proof", "proof").returncode == 0
    assert run("later", "--later", "first", "--proof", "proof").returncode == 1


@pytest.mark.parametrize("way", ["0/5", "6/5", "1/6", "5/99999999999999999999"])
def test_no_proof_is_given_between_trees_that_are_not_there(client, receipt, way):
    assert client.get(f"/ledger/consistency/{way}").status_code == 404
