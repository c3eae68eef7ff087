"""Any bytes that call themselves a mail become a readable value: none raises, none takes long, none is lost."""

from __future__ import annotations

import base64
import hashlib
import random
import time
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from letters import letter

from kept.collection.mail.parsing import read_mail
from kept.collection.mail.parsing.charsets import CODECS, decoded
from kept.collection.mail.parsing.encodings import from_base64, unpacked
from kept.collection.mail.parsing.headers import addresses_of, text_of, with_parameters
from kept.collection.mail.parsing.html import text_of_html
from kept.collection.mail.parsing.message import DEEPEST, MOST_PARTS

FROM = b"From: Alice <alice@customers.example>\r\n"
MIXED = b"Content-Type: multipart/mixed; boundary=%s\r\n\r\n"
MIB = 1024 * 1024


def nested(depth: int) -> bytes:
    heads = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (at, at) for at in range(depth))
    return FROM + heads + b"Content-Type: text/plain\r\n\r\nthe innermost words\r\n"


# Mails written to break readers: how it is called, and its bytes.
CORPUS = {
    "nothing": b"",
    "one byte": b"\xff",
    "only ends of lines": b"\r\n" * 1000,
    "no head": b"Please delete my data.",
    "no body": FROM,
    "head of binary": b"\x00\xff\xfe: \x80\r\n\r\nhi",
    "colon first": b": nothing\r\n\r\nhi",
    "mbox line": b"From alice Sun Nov 22\r\n" + FROM + b"\r\nhi",
    "bare CR": FROM.replace(b"\r\n", b"\r") + b"\r\rhi",
    "bare LF": FROM.replace(b"\r\n", b"\n") + b"\nhi",
    "NUL in a body": FROM + b"\r\na\x00b",
    "boundary missing": FROM + b"Content-Type: multipart/mixed\r\n\r\n--x\r\n\r\nhi\r\n--x--",
    "boundary never comes": FROM + b"Content-Type: multipart/mixed; boundary=y\r\n\r\nhi",
    "boundary of quotes": FROM + b'Content-Type: multipart/mixed; boundary=""""\r\n\r\n--""\r\n\r\nhi',
    "cut in the middle": FROM + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nhi",
    "boundary within": FROM + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n"
    b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nhi\r\n--x--\r\n--x--",
    "no such charset": FROM + b"Content-Type: text/plain; charset=zip\r\n\r\nhi \xff",
    "charset that runs": FROM + b"Content-Type: text/plain; charset=idna\r\n\r\nhi",
    "charset rot13": FROM + b"Content-Type: text/plain; charset=rot13\r\n\r\nhi",
    "half a letter": FROM + b"Content-Type: text/plain; charset=utf-8\r\n\r\nhi \xc3",
    "surrogates in utf-16": FROM + b"Content-Type: text/plain; charset=utf-16\r\n\r\n\x00\xd8\x00\xd8",
    "broken base64": FROM + b"Content-Transfer-Encoding: base64\r\n\r\n====aGk=\r\n!!!Zg=====",
    "base64 of one sign": FROM + b"Content-Transfer-Encoding: base64\r\n\r\nA",
    "broken quoted-printable": FROM + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n=ZZ=\r\n=4",
    "broken uuencode": FROM + b"Content-Transfer-Encoding: uuencode\r\n\r\nbegin 644 x\r\n\xff\xff\r\nend",
    "no such encoding": FROM + b"Content-Transfer-Encoding: zip\r\n\r\nhi",
    "encoded words without end": b"Subject: =?utf-8?b?=?=?=?q??=\r\n\r\nhi",
    "encoded word in an address": b"From: =?utf-8?q?a=40b?= <x@y.example>\r\n\r\nhi",
    "brackets without end": b"From: <<<((((\"\"\"\\\r\n\r\nhi",
    "parameters without end": FROM
    + b"Content-Disposition: attachment; "
    + b"filename*99999*=x; " * 500
    + b"\r\n\r\nhi",
    "parameters of nothing": FROM + b"Content-Type: ;;;=;*=;**=;*0*=''\r\n\r\nhi",
    "a type of a thousand slashes": FROM + b"Content-Type: " + b"/" * 1000 + b"\r\n\r\nhi",
    "mail in itself": FROM + b"Content-Type: message/rfc822\r\n\r\n" + FROM + b"\r\nhi",
    "html without end": FROM + b"Content-Type: text/html\r\n\r\n<a <b <![CDATA[ <!-- <script>",
}  # fmt: skip
# Mails written to hold readers up.
HEAVY = {
    "1,000 parts in parts": lambda: nested(1000),
    "a million parts": lambda: FROM + MIXED % b"x" + b"--x\r\n\r\nhi\r\n" * 1_000_000,
    "heads without end": lambda: FROM + b"X-More: and more\r\n" * 1_300_000,
    "one head of 25 MB": lambda: FROM + b"X: " + b"y" * 25 * MIB,
    "folded without end": lambda: FROM + b"X: y\r\n" + b" z\r\n" * 6_000_000,
    "25 MB of base64": lambda: FROM + b"Content-Transfer-Encoding: base64\r\n\r\n" + b"QUFB\r\n" * 4_000_000,
    "25 MB of tags": lambda: FROM + b"Content-Type: text/html\r\n\r\n" + b"<a <style><!--<blockquote>" * MIB,
    "lines of the boundary's beginning": lambda: FROM + MIXED % b"-" + b"-" * 25 * MIB,
    "mails in mails": lambda: b"Content-Type: message/rfc822\r\n\r\n" * 800_000,
    "encoded words": lambda: b"Subject: " + b"=?utf-8?q?a?= " * 100_000 + b"\r\n\r\nhi",
    "addresses": lambda: b"From: " + b"a@b.example, " * 100_000 + b"\r\n\r\nhi",
    "25 MB of one sign": lambda: FROM + b"\r\n" + b"=" * 25 * MIB,
}  # fmt: skip


def readable(raw: bytes) -> None:
    mail = read_mail(raw)
    for text in (mail.subject, mail.text, mail.forwarded, *mail.faults, *(one.name for one in mail.attachments)):
        text.encode("utf-8")
        assert "\x00" not in text
    assert len(mail.attachments) <= MOST_PARTS


@pytest.mark.parametrize("name", CORPUS)
def test_a_broken_mail_is_read_as_far_as_it_can_be(name):
    readable(CORPUS[name])
    if CORPUS[name].endswith(b"hi"):
        assert read_mail(CORPUS[name]).text.endswith("hi") or read_mail(CORPUS[name]).attachments


@pytest.mark.parametrize("name", HEAVY)
def test_no_mail_takes_long(name):
    raw = HEAVY[name]()
    begin = time.perf_counter()
    readable(raw)
    assert time.perf_counter() - begin < 12


@pytest.mark.parametrize("seed", range(40))
def test_a_mail_that_was_damaged_on_its_way_is_still_read(seed):
    chance = random.Random(seed)
    whole = bytearray(chance.choice([*CORPUS.values(), letter(html="<p>hi</p>"), nested(30)]) or b"x")
    for _ in range(chance.randint(1, 60)):
        at = chance.randrange(len(whole))
        what = chance.choice([b"", b"\r\n", b"--x", b"=?", b";", b'"', bytes([chance.randrange(256)]), b":", b"\x00"])
        whole[at : at + chance.randint(0, 8)] = what or b" "
    readable(bytes(whole))


@given(st.binary(max_size=3000))
@example(b"Content-Type: multipart/x; boundary=a\n\n--a\n\n--a--")
def test_any_bytes_are_a_mail(raw):
    readable(raw)


HEADS = st.sampled_from(
    [b"From: ", b"Subject: ", b"Content-Type: ", b"Content-Transfer-Encoding: ", b"Content-Disposition: "]
)


@settings(max_examples=200)
@given(st.lists(st.tuples(HEADS, st.binary(max_size=80)), max_size=8), st.binary(max_size=400))
def test_any_heads_are_read(heads, body):
    readable(b"".join(name + value.replace(b"\n", b" ") + b"\r\n" for name, value in heads) + b"\r\n" + body)


@given(st.text(max_size=300), st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=60))
def test_what_a_library_writes_is_read_as_it_was_meant(words, subject):
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["Subject"] = "Jürgen <j@customers.example>", subject
    mail.set_content(words, cte="base64")
    read = read_mail(mail.as_bytes())
    assert read.subject == " ".join(subject.split())
    assert read.senders[0].name == "Jürgen"
    shown = "".join(" " if (sign < " " and sign not in "\t\n\r") or sign == "\x7f" else sign for sign in words)
    assert read.text == "\n".join(shown.splitlines() or [""]).strip() or read.text.split() == shown.split()


@given(st.binary(max_size=300))
def test_whatever_is_packed_is_unpacked(raw):
    assert from_base64(base64.encodebytes(raw)) == raw
    for encoding in ("base64", "quoted-printable", "x-uuencode", "7bit", "zip"):
        assert isinstance(unpacked(raw, encoding)[0], bytes)


@given(st.binary(max_size=200), st.sampled_from([*CODECS, "", "zip", "rot13", "idna", "unicode_escape", "undefined"]))
def test_any_bytes_have_letters(raw, charset):
    text, _ = decoded(raw, charset)
    text.encode("utf-8")


def test_only_codecs_of_letters_are_used():
    assert not {"zip", "rot13", "idna", "punycode", "unicode_escape", "raw_unicode_escape", "bz2", "hex"} & set(CODECS)
    for charset in CODECS:
        assert decoded(b"abc", charset)[0] is not None


@pytest.mark.parametrize(
    ("raw", "charset", "text"),
    [
        ("Grüße".encode("cp1252"), "iso-8859-1", "Grüße"),
        ("Grüße".encode(), "us-ascii", "Grüße"),
        ("Grüße".encode("cp1252"), "utf-8", "Gr��e"),
        ("删除".encode("gb18030"), "gb2312", "删除"),
        ("削除".encode("iso-2022-jp"), "ISO-2022-JP", "削除"),
        ("삭제".encode("cp949"), "ks_c_5601-1987", "삭제"),
        ("“x”".encode("cp1252"), '"Windows-1252"', "“x”"),
    ],
)
def test_letters_are_read_as_their_senders_meant(raw, charset, text):
    assert decoded(raw, charset)[0] == text or (charset == "utf-8" and decoded(raw, charset)[1])


def test_a_text_of_1000_depths_is_one_readable_item():
    mail = read_mail(nested(1000))
    assert "Its parts stand deeper in each other than is read." in mail.faults
    assert len(mail.attachments) == 1
    assert mail.attachments[0].path.count(".") == DEEPEST
    assert read_mail(nested(DEEPEST)).text == "the innermost words"


def test_attachments_are_named_and_hashed():
    mail = EmailMessage()
    mail["From"] = "a@customers.example"
    mail.set_content("see there")
    mail.add_attachment(b"%PDF-", maintype="application", subtype="pdf", filename="Ausweis von Jürgen.pdf")
    inner = EmailMessage()
    inner["Subject"], inner["From"] = "Old", "bob@customers.example"
    inner.set_content("Delete my data.")
    mail.add_attachment(inner)
    read = read_mail(mail.as_bytes())
    first, second = read.attachments
    assert (first.name, first.kind, first.size) == ("Ausweis von Jürgen.pdf", "application/pdf", 5)
    assert first.sha256 == hashlib.sha256(b"%PDF-").hexdigest()
    assert second.kind == "message/rfc822"
    assert read.text == "see there"
    assert read.forwarded == "Delete my data."


def test_the_plain_text_is_preferred_unless_it_is_empty():
    assert read_mail(letter("plain", html="<p>html</p>")).text == "plain"
    assert read_mail(letter(" \n", html="<p>html</p>")).text == "html"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b" =?utf-8?q?a?= =?utf-8?q?b?=", "ab"),
        (b" =?utf-8?b?w4Q=?= x =?iso-8859-1?q?=E4?=", "Ä x ä"),
        (b" =?utf-8?q?=C3?= =?utf-8?q?=A4?=", "ä"),
        (b" plain\t words ", "plain words"),
        (b" =?utf-8*de?q?a?=", "a"),
        ("ungepackt ä".encode(), "ungepackt ä"),
    ],
)
def test_encoded_words_are_read(value, text):
    assert text_of(value) == text


@pytest.mark.parametrize(
    ("value", "emails"),
    [
        (b"Alice <Alice@Customers.Example>", ["alice@customers.example"]),
        (b'"Tan, Alice" <a@x.example>, b@y.example (Bob)', ["a@x.example", "b@y.example"]),
        (b"undisclosed-recipients:;", []),
        ("x@bücher.example".encode(), ["x@xn--bcher-kva.example"]),
        (b"<<a@x.example>>", ["a@x.example"]),
        (b"nobody", []),
    ],
)
def test_addresses_are_read(value, emails):
    assert [one.email for one in addresses_of(value)] == emails


def test_parameters_in_pieces_are_put_together():
    kind, given = with_parameters(b'Text/Plain; name*0*=utf-8\'\'%C3%A4; name*1=b; name*2*=%20c; x="a;b\\"c"')
    assert kind == "text/plain"
    assert given["name"] == "äb c"
    assert given["x"] == 'a;b"c'


def test_html_is_read_as_people_see_it_and_its_quotes_are_marked():
    page = """<html><head><title>no</title><style>p{}</style></head><body><p>Delete&nbsp;my <b>data</b>.</p><br>
    <ul><li>one<li>two</ul><script>alert(1)</script><!-- hidden -->
    <div class="gmail_quote">On Monday Kept wrote:<blockquote>old <div>words</div></blockquote></div><p>after</p>"""
    text = text_of_html(page)
    assert text.splitlines()[0] == "Delete my data."
    assert "alert" not in text
    assert "hidden" not in text
    assert "> old" in text
    assert "> words" in text
    assert text.endswith("after")


@given(st.text(max_size=2000))
def test_any_html_is_read(source):
    text_of_html(source)
