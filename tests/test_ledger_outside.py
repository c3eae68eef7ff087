"""A time stamp authority and a witness, both on this machine: what they say is checked before it is kept.

The authority is OpenSSL's; the witness is written from C2SP tlog-witness, here.
"""

from __future__ import annotations

import base64
import shutil
import subprocess
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as st

from kept.security import timestamps
from kept.security.actions import begin_again
from kept.security.ledger import action, record, sequence_entries
from kept.security.merkle import BadProof, check_consistency
from kept.security.models import Checkpoint, Entry, Log
from kept.security.notes import COSIGNATURE, Head, Key, Signature, read_head, read_note, sign, signed_by
from kept.security.outside import NotVouched, ask_for_stamp, ask_witness, stamped_text
from kept.security.sequencer import keys_of, present_log
from kept.security.signing import signing_key
from kept.security.timestamps import BadStamp
from kept.security.verify import verify
from kept.site.checks import ledger_can_sign, who_vouches_for_the_ledger_can_be_checked
from kept.terms import Actor, Verdict
from kept.work.models import Step
from kept.work.run import work_off
from kept.work.steps import queue

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KEPT = Actor.kept()
PEM = serialization.Encoding.PEM


@action
def tell(count, *, by, at):
    for number in range(count):
        record("test.told", "test", by=by, at=at, number=number)


@pytest.fixture
def note():
    tell(3, by=KEPT, at=NOW)
    sequence_entries()
    return present_log().checkpoint


@pytest.fixture
def serve(settings):
    """A small server on this machine that answers a POST with what a function gives; allowed by KEPT_FETCH_ALLOWED."""
    servers = []

    def start(answer):
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, kind, said = answer(self.path, self.headers["Content-Type"], body)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, *words):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        settings.FETCH_ALLOWED = [*settings.FETCH_ALLOWED, f"127.0.0.1:{server.server_port}"]
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


# A time stamp authority


def certificate(name, key, issuer=None, issuer_key=None, *, authority=False, use=ExtendedKeyUsageOID.TIME_STAMPING):
    own = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now, signer = timezone.now(), issuer_key or key
    rights = dict.fromkeys(
        (
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(own)
        .issuer_name(issuer.subject if issuer else own)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=2))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.BasicConstraints(authority, None), True)
        .add_extension(x509.KeyUsage(not authority, key_cert_sign=authority, crl_sign=authority, **rights), True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), False)
    )
    if not authority:
        builder = builder.add_extension(x509.ExtendedKeyUsage([use]), True)
    return builder.sign(signer, hashes.SHA256())


class Authority:
    """OpenSSL's time stamp authority under a root of our own."""

    def __init__(self, folder, key):
        self.folder = folder
        self.root_key, self.key = key(), key()
        self.root = certificate("root", self.root_key, authority=True)
        self.own = certificate("stamps", self.key, self.root, self.root_key)
        files = {
            "root.pem": self.root.public_bytes(PEM),
            "own.pem": self.own.public_bytes(PEM),
            "key.pem": self.key.private_bytes(
                PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            ),
            "serial": b"01\n",
            "settings": (
                f"[tsa]\ndefault_tsa=t\n[t]\nserial={folder}/serial\ncrypto_device=builtin\nsigner_cert={folder}/own.pem\n"
                f"certs={folder}/root.pem\nsigner_key={folder}/key.pem\nsigner_digest=sha256\ndefault_policy=1.2.3.4\n"
                "digests=sha256\naccuracy=secs:1\ness_cert_id_alg=sha256\n"
            ).encode(),
        }  # fmt: skip
        for name, raw in files.items():
            (folder / name).write_bytes(raw)

    def stamp(self, query):
        (self.folder / "query").write_bytes(query)
        command = ["openssl", "ts", "-reply", "-config", "settings", "-queryfile", "query", "-out", "reply"]
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True, timeout=150)
        return (self.folder / "reply").read_bytes()

    def answer(self, path, kind, body):
        assert kind == "application/timestamp-query"
        return 200, "application/timestamp-reply", self.stamp(body)


KEYS = {
    "RSA": lambda: rsa.generate_private_key(65537, 2048),
    "elliptic": lambda: ec.generate_private_key(ec.SECP256R1()),
}


@pytest.fixture(params=KEYS)
def authority(request, tmp_path):
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed")
    return Authority(tmp_path, KEYS[request.param])


@pytest.fixture
def stamping(authority, serve, settings):
    settings.TIMESTAMP_URL = serve(authority.answer)
    settings.TIMESTAMP_CERTIFICATES = str(authority.folder / "root.pem")
    return authority


def do_what_is_due():
    queue("security.vouch_for_checkpoint", at=timezone.now())
    work_off(timezone.now(), names=["security.vouch_for_checkpoint"])


@pytest.mark.store
def test_a_checkpoint_is_stamped_and_the_stamp_is_checked_with_every_audit(stamping, note):
    do_what_is_due()
    sequence_entries()
    kept = Checkpoint.objects.get(size=3)
    stamp = timestamps.check(bytes(kept.timestamp), stamped_text(note), [stamping.root])
    assert stamp.authority == "CN=stamps"
    assert abs(stamp.at - timezone.now()) < timedelta(minutes=1)
    assert Entry.objects.get(kind="security.checkpoint_stamped").facts == {"size": 3}
    assert verify().verdict is Verdict.DONE
    other = str(sign(Head("a", 1, bytes(32)).text, "a", Ed25519PrivateKey.generate()))
    kept.timestamp = timestamps.token_of(stamping.stamp(timestamps.request_for(stamped_text(other), 1)))
    kept.save()
    assert [one.kind for one in verify().findings] == ["not signed"]
    Checkpoint.objects.update(timestamp=None)
    assert [str(one) for one in verify().findings] == ["forgotten: The time stamp of 3 entries is gone."]
    kept.delete()
    assert [str(one) for one in verify().findings] == ["forgotten: The time stamp of 3 entries is gone."]


@pytest.mark.store
def test_a_stamp_does_not_stand_beside_a_checkpoint_of_an_earlier_name(stamping, note):
    do_what_is_due()
    begin_again("restored", by=KEPT, at=NOW)
    Entry.objects.filter(index=None).delete()
    do_what_is_due()  # of as many entries, under another name
    step = Step.objects.get(name="security.vouch_for_checkpoint", state="waiting")
    assert "under an earlier name" in step.problem
    assert verify().findings == []


def test_without_settings_nobody_is_asked(note):
    do_what_is_due()
    assert Step.objects.get(name="security.vouch_for_checkpoint").state == "done"
    assert not Entry.objects.exclude(kind="test.told").exists()
    assert not Checkpoint.objects.exists()


def test_stamps_that_nobody_can_check_any_more_leave_the_audit_unsure(stamping, note, settings):
    do_what_is_due()
    settings.TIMESTAMP_CERTIFICATES = ""
    assert verify().verdict is Verdict.CANNOT_TELL
    settings.TIMESTAMP_CERTIFICATES = str(stamping.folder / "serial")
    assert verify().verdict is Verdict.CANNOT_TELL


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda *_: (500, "text/plain", b"no"), "answered 500"),
        (lambda *_: (200, "text/html", b"<p>"), "another kind of file"),
        (lambda *_: (200, "application/timestamp-reply", b""), "cannot be read"),
        (lambda *_: (200, "application/timestamp-reply", b"\x30\x80\x00\x00"), "cannot be read"),
        (lambda *_: (200, "application/timestamp-reply", b"\x30\x05\x30\x03\x02\x01\x02"), "status 2"),
        (lambda *_: (200, "application/timestamp-reply", b"x" * 70_000), "larger|longer|more"),
    ],
)
def test_an_authority_that_answers_with_something_else_is_refused(serve, settings, note, answer, words):
    settings.TIMESTAMP_URL = serve(answer)
    with pytest.raises(NotVouched, match=words):
        ask_for_stamp(note)
    do_what_is_due()
    step = Step.objects.get(name="security.vouch_for_checkpoint")
    assert (step.state, step.problem.partition(":")[0]) == ("waiting", "KEPT_TIMESTAMP_URL")
    assert not Checkpoint.objects.exists()


def test_an_address_inside_the_house_is_not_asked(serve, settings, note):
    settings.TIMESTAMP_URL = serve(lambda *_: (200, "application/timestamp-reply", b""))
    settings.FETCH_ALLOWED = []
    with pytest.raises(NotVouched, match=r"usual ports|inside"):
        ask_for_stamp(note)


def test_a_stamp_is_refused_for_everything_that_it_does_not_show(authority):
    token = timestamps.token_of(authority.stamp(timestamps.request_for(b"text", 2**62 + 1)))
    trusted = [authority.root]
    assert timestamps.check(token, b"text", trusted, 2**62 + 1).authority == "CN=stamps"
    stranger = KEYS["elliptic"]()
    wrong = {
        "something else": lambda: timestamps.check(token, b"test", trusted),
        "nonce": lambda: timestamps.check(token, b"text", trusted, 5),
        "No authority": lambda: timestamps.check(token, b"text", []),
        "that you trust": lambda: timestamps.check(token, b"text", [certificate("root", stranger, authority=True)]),
        "signature": lambda: timestamps.check(token[:-1] + bytes([token[-1] ^ 1]), b"text", trusted),
    }
    for words, look in wrong.items():
        with pytest.raises(BadStamp, match=words):
            look()


@pytest.mark.parametrize("use", [ExtendedKeyUsageOID.CODE_SIGNING, ExtendedKeyUsageOID.SERVER_AUTH])
def test_a_certificate_for_something_else_cannot_stamp(authority, use):
    other = certificate("stamps", authority.key, authority.root, authority.root_key, use=use)
    with pytest.raises(BadStamp, match="time stamps"):
        timestamps._check_chain(other, [], [authority.root], timezone.now())


def test_a_certificate_counts_at_the_time_of_the_stamp_and_only_an_authority_gives_one(authority):
    timestamps._check_chain(authority.own, [], [authority.root], timezone.now())
    with pytest.raises(BadStamp, match="not valid then"):
        timestamps._check_chain(authority.own, [], [authority.root], timezone.now() + timedelta(days=30))
    below = certificate("below", KEYS["elliptic"](), authority.own, authority.key)
    with pytest.raises(BadStamp, match="that you trust"):
        timestamps._check_chain(below, [authority.own], [authority.root], timezone.now())


@given(st.data())
@how(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
def test_no_bytes_of_an_answer_can_be_changed_unnoticed_or_break_the_reader(authority, data):
    cached = authority.folder / "cached"
    if not cached.exists():
        cached.write_bytes(authority.stamp(timestamps.request_for(b"text", 7)))
    raw = bytearray(cached.read_bytes())
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    try:
        stamp = timestamps.check(timestamps.token_of(bytes(raw)), b"text", [authority.root], 7)
    except BadStamp:
        return
    assert stamp.authority == "CN=stamps"  # what is not signed, such as a spare certificate, may differ


@given(st.binary(max_size=200))
def test_what_is_no_answer_at_all_is_refused(raw):
    with pytest.raises(BadStamp):
        timestamps.check(timestamps.token_of(raw), b"text", [], 7)


# A witness


class Witness:
    """C2SP tlog-witness, add-checkpoint, for one log."""

    def __init__(self, key):
        self.log, self.seen = key, None
        self.secret = Ed25519PrivateKey.generate()
        self.key = Key("witness.example/w1", COSIGNATURE, self.secret.public_key().public_bytes_raw())
        self.asked = []

    def answer(self, path, kind, body):
        assert path == "/w/add-checkpoint"
        above, _, checkpoint = body.decode().partition("\n\n")
        old, *proof = above.split("\n")
        self.asked.append(int(old.removeprefix("old ")))
        note = read_note(checkpoint)
        signed_by(note, [self.log])
        head = read_head(note)
        size = self.seen.size if self.seen else 0
        if self.asked[-1] != size:
            return 409, "text/x.tlog.size", f"{size}\n".encode()
        if self.seen:
            try:
                check_consistency(size, self.seen.root, head.size, head.root, [base64.b64decode(one) for one in proof])
            except BadProof:
                return 422, "text/plain", b""
        self.seen = head
        return 200, "text/plain", self.cosign(note).line.encode()

    def cosign(self, note):
        time = 1_700_000_000
        signature = self.secret.sign(f"cosignature/v1\ntime {time}\n".encode() + note.text.encode())
        return Signature(self.key.name, self.key.id, time.to_bytes(8, "big") + signature)


@pytest.fixture
def witness(note, serve, settings):
    witness = Witness(keys_of(present_log())[-1])
    settings.WITNESS_URL = serve(witness.answer) + "/w/"
    settings.WITNESS_KEY = witness.key.text
    return witness


@pytest.mark.store
def test_a_witness_follows_the_ledger_and_its_signature_is_kept(witness):
    do_what_is_due()
    tell(300, by=KEPT, at=NOW)
    sequence_entries()
    do_what_is_due()
    do_what_is_due()
    assert witness.asked == [0, 3, 304]
    for size in (3, 304):
        kept = read_note(Checkpoint.objects.get(size=size).note)
        assert witness.key in signed_by(kept, [witness.key, *keys_of(present_log())])
    assert Entry.objects.filter(kind="security.checkpoint_witnessed").count() == 3
    assert verify().verdict is Verdict.DONE
    sequence_entries()
    kept = Checkpoint.objects.get(size=3)
    Checkpoint.objects.filter(size=3).update(note=kept.note.rpartition("\u2014 ")[0])
    said = "forgotten: The signature of witness.example/w1 for 3 entries is gone."
    assert said in [str(one) for one in verify().findings]


def test_a_witness_that_knows_more_than_we_believe_is_asked_once_more(witness, note):
    ask_witness(note, 0)
    tell(5, by=KEPT, at=NOW)
    sequence_entries()
    ask_witness(present_log().checkpoint, 0)
    assert witness.asked == [0, 0, 3]


def test_a_witness_that_has_seen_more_entries_than_there_are_is_told_of(witness, note):
    tell(5, by=KEPT, at=NOW)
    sequence_entries()
    ask_witness(present_log().checkpoint, 0)
    with pytest.raises(NotVouched, match="rolled back"):
        ask_witness(note, 0)


@pytest.mark.parametrize(
    "line",
    [
        b"", b"\xff", b"nonsense\n", "\u2014 witness.example/w1 AAAA\n".encode(),
        "\u2014 witness.example/w2 AAAAAAAAAAAAAAA=\n".encode(),
    ],
)  # fmt: skip
def test_a_witness_that_does_not_sign_is_refused(serve, settings, witness, note, line):
    settings.WITNESS_URL = serve(lambda *_: (200, "text/plain", line))
    with pytest.raises(NotVouched, match="did not sign"):
        ask_witness(note, 0)


def test_a_witness_that_signs_something_else_is_refused(serve, settings, witness, note):
    other = witness.cosign(sign("else\n", "else", Ed25519PrivateKey.generate())).line.encode()
    settings.WITNESS_URL = serve(lambda *_: (200, "text/plain", other))
    with pytest.raises(NotVouched, match="wrong"):
        ask_witness(note, 0)


@pytest.mark.parametrize(
    "text", ["", "nonsense", "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"]
)
def test_a_key_that_is_no_witness_is_refused(witness, settings, note, text):
    settings.WITNESS_KEY = text
    with pytest.raises(NotVouched, match="KEPT_WITNESS_KEY"):
        ask_witness(note, 0)


# What `kept check` says of it


@pytest.mark.parametrize(
    ("change", "setting"),
    [
        ({"TIMESTAMP_URL": "https://stamps.example"}, "KEPT_TIMESTAMP_URL"),
        (
            {"TIMESTAMP_URL": "https://stamps.example", "TIMESTAMP_CERTIFICATES": "/nowhere"},
            "KEPT_TIMESTAMP_CERTIFICATES",
        ),
        ({"WITNESS_URL": "https://witness.example"}, "KEPT_WITNESS_KEY"),
    ],
)
def test_who_cannot_be_checked_is_not_asked_at_all(settings, change, setting):
    assert list(who_vouches_for_the_ledger_can_be_checked()) == []
    for name, value in change.items():
        setattr(settings, name, value)
    assert [(one.setting, one.stops) for one in who_vouches_for_the_ledger_can_be_checked()] == [(setting, True)]


def test_a_ledger_that_cannot_sign_is_told_of(note, settings, tmp_path):
    assert list(ledger_can_sign()) == []
    settings.LEDGER_KEY_FILE = str(tmp_path / "other")
    assert [one.setting for one in ledger_can_sign()] == ["KEPT_LEDGER_KEY_FILE"]
    signing_key(make=True)
    assert "another key" in next(ledger_can_sign()).what
    Log.objects.update(keys=["nonsense"])
    assert next(ledger_can_sign()).setting == "ledger"
