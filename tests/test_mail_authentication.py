"""Whether a mail comes from where it says, asked of a name server of our own; and what of it is believed."""

from __future__ import annotations

import base64

import dkim
import nameserver
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from django.utils import timezone
from house import store
from hypothesis import given
from hypothesis import strategies as st
from letters import letter

from kept.collection.mail.actions import take_in
from kept.collection.mail.authentication import ServerResolver, check, resolver
from kept.collection.mail.authentication.dmarc import Record, organizational, read_record, verdict, walk
from kept.collection.mail.authentication.results import results_of
from kept.collection.mail.models import InboundMail
from kept.terms import Actor
from kept.work.run import work_off

__all__ = ["store"]

SENDER = "alice@customers.example"
PEER = "192.0.32.9"  # a public address that nobody of ours has


@pytest.fixture
def names():
    with nameserver.running() as server:
        yield server


def asked(server):
    return ServerResolver("127.0.0.1", server.port)


def rsa_pair(bits=1024):
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return pem, "v=DKIM1; k=rsa; p=" + base64.b64encode(public).decode()


def signed(server, raw, domain="customers.example", selector="s1"):
    pem, record = rsa_pair()
    server.txt(f"{selector}._domainkey.{domain}", record)
    raw = raw.replace(b"\n", b"\r\n")
    return dkim.sign(raw, selector.encode(), domain.encode(), pem) + raw


def test_a_good_signature_of_the_senders_domain_passes(names):
    names.txt("_dmarc.customers.example", "v=DMARC1; p=reject; unknown=x")
    raw = signed(names, letter())
    assert check(raw, SENDER, {}, asked(names)) == {"dkim": "pass", "spf": "none", "dmarc": "pass", "by": "own check"}
    changed = raw.replace(b"copy of all", b"copy of his")
    assert check(changed, SENDER, {}, asked(names)) == {
        "dkim": "fail", "spf": "none", "dmarc": "fail", "by": "own check",
    }  # fmt: skip


def test_an_ed25519_signature_passes(names):
    key = ed25519.Ed25519PrivateKey.generate()
    raw_key = key.private_bytes_raw()
    public = base64.b64encode(key.public_key().public_bytes_raw()).decode()
    names.txt("e._domainkey.customers.example", f"v=DKIM1; k=ed25519; p={public}")
    raw = letter().replace(b"\n", b"\r\n")
    head = dkim.sign(raw, b"e", b"customers.example", base64.b64encode(raw_key), signature_algorithm=b"ed25519-sha256")
    assert check(head + raw, SENDER, {}, asked(names))["dkim"] == "pass"


def test_a_good_signature_of_another_domain_does_not_align(names):
    names.txt("_dmarc.customers.example", "v=DMARC1; p=none")
    names.txt("_dmarc.elsewhere.example", "v=DMARC1; p=none")
    raw = signed(names, letter(), "elsewhere.example")
    assert check(raw, SENDER, {}, asked(names))["dkim"] == "pass"
    assert check(raw, SENDER, {}, asked(names))["dmarc"] == "fail"


def test_a_silent_name_server_is_no_verdict(names, monkeypatch):
    monkeypatch.setattr(resolver, "SECONDS", 0.3)
    raw = signed(names, letter())
    names.silent = True
    found = check(raw, SENDER, {"peer": PEER, "sender": SENDER}, asked(names))
    assert (found["dkim"], found["spf"], found["dmarc"]) == ("temperror", "temperror", "temperror")


@pytest.mark.parametrize(
    ("record", "found"),
    [("v=spf1 ip4:192.0.32.0/24 -all", "pass"), ("v=spf1 -all", "fail"), ("v=spf1 ~all", "fail"), ("nothing", "none")],
)
def test_spf_is_asked_about_the_machine_that_handed_it_to_us(names, record, found):
    names.txt("customers.example", record)
    names.txt("_dmarc.customers.example", "v=DMARC1; p=none")
    verdicts = check(letter(), SENDER, {"peer": PEER, "sender": SENDER, "helo": "mx"}, asked(names))
    assert verdicts["spf"] == found
    assert verdicts["dmarc"] == ("pass" if found == "pass" else "fail")


def test_spf_says_nothing_about_a_machine_of_our_own(names):
    names.txt("customers.example", "v=spf1 -all")
    for peer in ("127.0.0.1", "10.0.0.3", "", "no address"):
        assert check(letter(), SENDER, {"peer": peer, "sender": SENDER}, asked(names))["spf"] == "none"


def test_spf_follows_includes_and_mail_hosts(names):
    names.txt("customers.example", "v=spf1 include:_spf.customers.example -all")
    names.txt("_spf.customers.example", "v=spf1 mx:relay.example -all")
    names.table["relay.example.", "MX"] = ["10 mx.relay.example."]
    names.table["mx.relay.example.", "A"] = [PEER]
    assert check(letter(), SENDER, {"peer": PEER, "sender": SENDER}, asked(names))["spf"] == "pass"


def test_the_tree_is_walked_and_no_list_of_suffixes_is_needed(names):
    names.txt("_dmarc.company.example", "v=DMARC1; p=reject")
    names.txt("_dmarc.example", "v=DMARC1; psd=y; p=none")
    records = walk("mail.of.company.example", asked(names))
    assert [one.domain for one in records] == ["company.example", "example"]
    assert organizational("mail.of.company.example", records) == "company.example"
    assert verdict("a.company.example", ["b.company.example"], "", asked(names)) == "pass"
    assert verdict("a.company.example", ["other.example"], "", asked(names)) == "fail"


def test_strict_alignment_wants_the_very_domain(names):
    names.txt("_dmarc.company.example", "v=DMARC1; p=reject; adkim=s; aspf=s")
    assert verdict("company.example", ["mail.company.example"], "", asked(names)) == "fail"
    assert verdict("company.example", ["company.example"], "", asked(names)) == "pass"


def test_a_long_name_costs_at_most_eight_questions(names):
    walk(".".join("abcdefghijklmnop") + ".example", asked(names))
    assert len(names.asked) == 8
    assert names.asked[1] == "_dmarc.k.l.m.n.o.p.example."


@given(st.binary(max_size=200))
def test_any_record_is_read_or_passed_over(raw):
    record = read_record("x.example", raw)
    assert record is None or isinstance(record, Record)


def test_only_our_own_border_is_believed():
    forged = b"Authentication-Results: mx.elsewhere.example; dkim=pass; spf=pass; dmarc=pass\r\n"
    own = b"Authentication-Results: mx.hansoken.example 1; dkim=fail (no key) header.d=x.example; spf=softfail;\r\n"
    own += b" dmarc=fail\r\n"
    again = b"Authentication-Results: mx.hansoken.example; dkim=pass; dmarc=pass\r\n"
    found = check(forged + own + again + letter(), SENDER, {}, None, "mx.hansoken.example")
    assert found == {"dkim": "fail", "spf": "fail", "dmarc": "fail", "by": "mx.hansoken.example"}
    nobody = check(forged + letter(), SENDER, {}, None, "mx.hansoken.example")
    assert nobody == {"dkim": "none", "spf": "none", "dmarc": "none", "by": "nobody"}
    assert check(forged + letter(), SENDER, {}, None)["by"] == "nobody"


@given(st.text(max_size=300))
def test_any_field_is_read_or_passed_over(text):
    assert results_of([text], "mx.example") is None or isinstance(results_of([text], "mx.example"), dict)


@pytest.mark.parametrize(
    "field", [b"v=1", b"v=1; a=rsa-sha256; d=; s=; b=;", b"\xff\xfe", b"a=b;" * 2000, b"=?utf-8?q?x?="]
)
def test_a_broken_signature_is_no_reason_to_fail_reading(names, field):
    found = check(b"DKIM-Signature: " + field + b"\r\n" + letter(), SENDER, {}, asked(names))
    assert found["dkim"] in ("fail", "none")


@pytest.mark.store
def test_the_verdicts_stand_with_the_mail(store, names, settings):
    settings.DEMO, settings.MAIL_DNS = True, f"127.0.0.1:{names.port}"
    names.txt("_dmarc.customers.example", "v=DMARC1; p=reject")
    names.txt("customers.example", "v=spf1 ip4:192.0.32.9 -all")
    raw = signed(names, letter())
    how = {"door": "smtp", "sender": SENDER, "peer": PEER, "helo": "mx.customers.example"}
    take_in(raw, by=Actor.kept(), at=timezone.now(), **how)
    while work_off(timezone.now(), names=["collection.read_mail"]):
        continue
    assert InboundMail.objects.get().verdicts == {"dkim": "pass", "spf": "pass", "dmarc": "pass", "by": "own check"}
