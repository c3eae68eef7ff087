"""A company's own policy, read from a file: split, proposed, and never run before somebody confirmed it."""

from __future__ import annotations

import os
import re
import shutil
import zipfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kept.policy.bindings import bindings_of, unbound, write_bindings
from kept.policy.problems import BadDocument, BadPolicy
from kept.policy.reading.draft import clean, draft, write_draft
from kept.policy.reading.files import read_file
from kept.policy.reading.html import read_html
from kept.policy.reading.likeness import LEAST, ideas
from kept.policy.reading.parts import Part, sentences, tidy
from kept.policy.reading.plain_text import read_markdown, read_plain_text
from kept.policy.reading.propose import Head, Proposal, promises_of, propose
from kept.policy.source import POLICIES, load

SHIPPED = load(POLICIES / "hansoken-cloud")
PROMISES = promises_of(SHIPPED.promises, SHIPPED)
DAY = date(2026, 12, 1)
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"

PAGE = """\
<!doctype html><html><head><title>Nope</title><style>p { color: red }</style></head><body>
<nav><a href="/">Home</a></nav>
<h1>Privacy notice</h1><p>We never keep   data about children under <b>13</b>.<br>Cookies &amp; more.</p>
<h2>Your choices</h2><ul><li>You can unsubscribe at any time.<li>You can ask for a copy</ul>
<p hidden>Not shown.</p><script>alert("no")</script><noscript>Nor this.</noscript>
<table><tr><td>In a cell.</td><td>In another.</td></tr></table>
</body></html>
"""


def paragraph(text: str, style: str = "", more: str = "") -> str:
    kind = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f'<w:p>{kind}<w:r><w:t xml:space="preserve">{text}</w:t></w:r>{more}</w:p>'


def document(body: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>'


STYLES = (
    f'<w:styles xmlns:w="{W}"><w:style w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style>'
    '<w:style w:styleId="X"><w:name w:val="Own"/><w:pPr><w:outlineLvl w:val="1"/></w:pPr></w:style></w:styles>'
)


def docx(path: Path, words: str | bytes, styles: str = STYLES) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", words)
        archive.writestr("word/styles.xml", styles)
    return path


def parts_of(path: Path) -> list[tuple[str, str]]:
    return [(part.kind, part.text) for part in read_file(path)]


def made_of(parts: list[Part], company: str = ""):
    return draft(propose(parts, PROMISES, company), SHIPPED.promises, "Example Ltd", "1", DAY)


# The four forms


def test_a_page_of_html_is_read_as_people_see_it(tmp_path):
    (tmp_path / "policy.html").write_text(PAGE)
    assert parts_of(tmp_path / "policy.html") == [
        ("heading", "Privacy notice"),
        ("paragraph", "We never keep data about children under 13."),
        ("paragraph", "Cookies & more."),
        ("heading", "Your choices"),
        ("item", "You can unsubscribe at any time."),
        ("item", "You can ask for a copy"),
        ("paragraph", "In a cell."),
        ("paragraph", "In another."),
    ]


def test_markdown_loses_its_signs_and_keeps_its_words(tmp_path):
    (tmp_path / "policy.md").write_text(
        "---\ntitle: x\n---\n# Privacy *policy*\n\n"
        "We **never** sell [your data](https://a.example).\nNever, `ever`.\n\n"
        "Your rights\n-----------\n\n1. Ask for a copy\n2. Have it erased\n   in full\n\n"
        "> Quoted.\n\n***\n\n```\ncode\n```\n"
    )
    assert parts_of(tmp_path / "policy.md") == [
        ("heading", "Privacy policy"),
        ("paragraph", "We never sell your data. Never, ever."),
        ("heading", "Your rights"),
        ("item", "Ask for a copy"),
        ("item", "Have it erased in full"),
        ("paragraph", "Quoted."),
    ]


def test_plain_text_is_cut_at_its_headings_paragraphs_and_items(tmp_path):
    (tmp_path / "policy.txt").write_bytes(
        "\ufeffPRIVACY POLICY\r\n\r\nWe hold your name.\r\nAnd your address.\r\n\r\nHow do we use it?\r\n\r\n"
        "2.1 Cookies\r\n\r\n• one\r\n• two goes\r\n  on\r\n".encode()
    )
    assert parts_of(tmp_path / "policy.txt") == [
        ("heading", "PRIVACY POLICY"),
        ("paragraph", "We hold your name. And your address."),
        ("heading", "How do we use it?"),
        ("heading", "2.1 Cookies"),
        ("item", "one"),
        ("item", "two goes on"),
    ]


def test_a_word_document_is_read_without_what_was_taken_out_of_it(tmp_path):
    body = (
        paragraph("Datenschutz", "berschrift1")
        + paragraph("We hold ", more="<w:r><w:t>your</w:t><w:tab/><w:t>name.</w:t></w:r>")
        + paragraph("Part", "X")
        + "<w:p><w:pPr><w:numPr/></w:pPr><w:r><w:t>an item</w:t></w:r></w:p>"
        + "<w:p><w:del><w:r><w:t>Struck out.</w:t></w:r></w:del><w:ins><w:r><w:t>Put in.</w:t></w:r></w:ins></w:p>"
        + "<w:tbl><w:tr><w:tc>" + paragraph("In a cell.") + "</w:tc></w:tr></w:tbl>"
        + "<w:p><w:r><w:t>Around.</w:t></w:r><w:txbxContent>" + paragraph("In a box.") + "</w:txbxContent></w:p>"
    )  # fmt: skip
    assert parts_of(docx(tmp_path / "policy.docx", document(body))) == [
        ("heading", "Datenschutz"),
        ("paragraph", "We hold your name."),
        ("heading", "Part"),
        ("item", "an item"),
        ("paragraph", "Put in."),
        ("paragraph", "In a cell."),
        ("paragraph", "In a box."),
        ("paragraph", "Around."),
    ]


def test_the_same_words_in_all_four_forms_give_the_same_draft(tmp_path):
    words = ["You can unsubscribe at any time.", "We never sell your data to third parties."]
    (tmp_path / "a.md").write_text("# Policy\n\n" + "\n\n".join(words))
    (tmp_path / "a.txt").write_text("POLICY\n\n" + "\n\n".join(words))
    (tmp_path / "a.html").write_text("<h1>Policy</h1>" + "".join(f"<p>{one}" for one in words))
    docx(tmp_path / "a.docx", document("".join(map(paragraph, words))))
    drafts = [made_of(read_file(tmp_path / f"a{form}")) for form in (".md", ".txt", ".html", ".docx")]
    marks = [re.findall(r"\{#\S+\}", one.policy) for one in drafts]
    assert marks[0]
    assert all(one == marks[0] for one in marks)


# What cannot be read


BOMB = '<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><w>&b;</w>'
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a SYSTEM "file:///etc/passwd">]><w>&a;</w>'


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.pdf", b"%PDF-1.7", "this form is not read here: save the text as .docx"),
        ("a", b"Text.", "the name does not say what it is"),
        ("a.md", b"%PDF-1.7", "it is a PDF file: save the text as .docx, .html or .txt"),
        ("a.txt", b"\xd0\xcf\x11\xe0\xa1\xb1", "it is an old Word or Office file: save it as .docx"),
        ("a.txt", b"{\\rtf1 Hello}", "it is an RTF file"),
        ("a.txt", b"PK\x03\x04....", "it is a ZIP file: a Word document is named .docx"),
        ("a.html", b"\x89PNG\r\n", "it is a picture"),
        ("a.txt", b"", "there is no sentence in it"),
        ("a.md", b"# Only a title\n", "there is no sentence in it"),
        ("a.html", b"<script>var a = 1;</script>", "there is no sentence in it"),
        ("a.txt", b"One.\nGr\xfc\xdfe.", "line 2 is not UTF-8 text: save it as UTF-8"),
        ("a.txt", b"One.\nTwo\x00.", "line 2 has a zero byte: this is no text"),
        ("a.html", b'<meta charset="klingon">Text.', "its letters are \N{LEFT DOUBLE QUOTATION MARK}klingon"),
        ("a.html", b'<meta charset="ascii">Gr\xc3\xbc', "is not ASCII text"),
        ("a.txt", b"word " * 250_000, "it has more than 1,000,000 signs of text"),
        ("a.docx", b"", "it is no ZIP file, or a damaged one"),
        ("a.docx", b"Hello", "it is no ZIP file, or a damaged one; old .doc files must be saved as .docx"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_refused_with_the_reason(tmp_path, name, content, why):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadDocument) as bad:
        read_file(tmp_path / name)
    assert str(bad.value).startswith(f"{name}: ")
    assert why in str(bad.value)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("<w:document", "word/document.xml is no XML: "),
        (b"\x00\x01", "word/document.xml is no XML: "),
        (BOMB, "word/document.xml declares a document type, which Word never does"),
        (OUTSIDE, "word/document.xml declares a document type, which Word never does"),
        (document(""), "there is no sentence in it"),
        (b"\0" * 60_000_000, "word/document.xml is larger than 50,000,000 bytes when unpacked"),
    ],
)
def test_a_word_document_that_is_damaged_or_hostile_is_refused(tmp_path, words, why):
    with pytest.raises(BadDocument) as bad:
        read_file(docx(tmp_path / "a.docx", words))
    assert why in str(bad.value)


def test_a_zip_of_something_else_and_one_that_breaks_off_are_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.docx", "w") as archive:
        archive.writestr("readme.txt", "Hello")
    with pytest.raises(BadDocument, match=r"a ZIP file without word/document\.xml"):
        read_file(tmp_path / "a.docx")
    whole = docx(tmp_path / "b.docx", document(paragraph("One. " * 1000))).read_bytes()
    for end in range(1, len(whole), 97):
        (tmp_path / "b.docx").write_bytes(whole[:end])
        with pytest.raises(BadDocument):
            read_file(tmp_path / "b.docx")


def test_a_damaged_byte_anywhere_in_a_word_document_is_never_a_fault_of_ours(tmp_path):
    whole = bytearray(docx(tmp_path / "a.docx", document(paragraph("One two three four."))).read_bytes())
    for place in range(0, len(whole), 3):
        spoiled = bytes(whole[:place]) + bytes([whole[place] ^ 0x5A]) + bytes(whole[place + 1 :])
        (tmp_path / "b.docx").write_bytes(spoiled)
        try:
            read_file(tmp_path / "b.docx")
        except BadDocument:
            continue


def test_a_file_that_is_not_there_and_a_folder_are_refused(tmp_path):
    with pytest.raises(BadDocument, match="it cannot be read: No such file"):
        read_file(tmp_path / "a.md")
    (tmp_path / "b.md").mkdir()
    with pytest.raises(BadDocument, match="it cannot be read: "):
        read_file(tmp_path / "b.md")


@pytest.mark.parametrize("name", ["endless.txt", "endless.docx"])
def test_a_device_without_end_and_a_pipe_that_nobody_writes_into_are_refused_unread(tmp_path, name):
    (tmp_path / name).symlink_to("/dev/zero")
    os.mkfifo(tmp_path / f"pipe-{name}")
    for path in (tmp_path / name, tmp_path / f"pipe-{name}"):
        with pytest.raises(BadDocument, match="it is a device or a pipe, and no file"):
            read_file(path)


@pytest.mark.parametrize("codec", ["undefined", "idna", "punycode", "rot13", "bz2", "unicode_escape", "mbcs", "x" * 40])
def test_a_page_may_name_any_encoding_there_is_or_is_not(tmp_path, codec):
    """Python knows encodings that fail in ways of their own."""
    (tmp_path / "a.html").write_bytes(f"<meta charset={codec}><p>We use c\u00f6okies \\x.</p>".encode())
    with pytest.raises(BadDocument, match=r"^a\.html: .*: save it as UTF-8$"):
        read_file(tmp_path / "a.html")


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(content):
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        for form in (".md", ".txt", ".html", ".docx"):
            path = Path(folder) / f"a{form}"
            path.write_bytes(content)
            try:
                assert read_file(path)
            except BadDocument:
                continue


def test_elements_nested_without_end_are_read_in_a_moment():
    assert next(read_html("<div>" * 100_000 + "Deep." + "<svg>" * 100_000)).text == "Deep."


# Sentences


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("We use e.g. cookies. You may refuse.", ["We use e.g. cookies.", "You may refuse."]),
        ("Ask Dr. Who. Or write.", ["Ask Dr. Who.", "Or write."]),
        ("See Art. 6 GDPR. It says so.", ["See Art. 6 GDPR.", "It says so."]),
        ("Hansoken Pte. Ltd. keeps it. Fine!", ["Hansoken Pte. Ltd. keeps it.", "Fine!"]),
        ("Version 7.2 is here. 3 are left.", ["Version 7.2 is here.", "3 are left."]),
        ("(It is so.) And more", ["(It is so.)", "And more"]),
        ("One", ["One"]),
        ("", []),
    ],
)
def test_an_abbreviation_ends_no_sentence(text, found):
    assert sentences(text) == found


@given(st.text(max_size=300))
def test_cutting_into_sentences_loses_no_word(text):
    plain = " ".join(text.split())
    assert " ".join(" ".join(sentences(plain)).split()) == plain


# Proposals


# In nobody's words but ours here, and other than the shipped policy's.
MEANT = {
    "You may unsubscribe from our marketing emails whenever you wish in your account settings.": "5.6",
    "Kids below the age of 13 may not give us personal information, and we do not knowingly gather it.": "4.1",
    "Parents or guardians must give permission before a minor uses the service.": "4.3",
    "We use cookies to recognise returning visitors.": "14.1",
    "You may object to how we process your information.": "12.4",
    "You have the right to receive your data in a machine-readable format and move it to another provider.": "12.6",
    "You can ask us to delete your personal data when we have no lawful basis to keep it.": "12.3",
    "Your passwords are hashed so that nobody can read them when your account is authenticated.": "5.1",
    "If our business is sold or merged, your information may pass to the new owner after we notify you.": "16.5",
    "We retain personal information only for as long as its purposes need.": "5.13",
    "Complaints sent to us in writing are investigated and resolved.": "17.1",
    "Our website links to other sites that have privacy policies of their own.": "13.1",
    "We comply with the GDPR.": "18.1",
    "You can opt out of Google Analytics.": "14.4",
    "Your data is stored in Singapore and transferred there with your explicit consent.": "6.1",
    "Staff access is logged and limited to what a case needs.": "7.1",
    "A backup is made, restore is tested, and a breach is reported within 72 hours.": "7.2",
    "Anything you post on our forums can be collected by others.": "10.2",
    "We work with data protection authorities.": "17.2",
    "Every newsletter has a one-click way to unsubscribe.": "9.2",
}


def test_what_other_companies_say_in_other_words_finds_its_promise():
    first = sum(PROMISES.like(sentence)[0].promise_id == meant for sentence, meant in MEANT.items())
    near = sum(meant in {one.promise_id for one in PROMISES.like(sentence)} for sentence, meant in MEANT.items())
    assert first >= 16, first
    assert near >= 19, near


def test_the_shipped_policy_finds_itself():
    said = [(sentence, clause.promise) for clause in SHIPPED.text.clauses for sentence in clause.sentences]
    said = [(sentence, promise) for sentence, promise in said if len(ideas(sentence)) > 2]
    found = sum(PROMISES.like(sentence)[0].promise_id == promise for sentence, promise in said)
    assert found / len(said) > 0.9


@pytest.mark.parametrize("sentence", ["The weather is lovely today.", "Pizza ovens need four hundred degrees.", "…"])
def test_what_no_promise_is_like_gets_no_proposal(sentence):
    found = PROMISES.like(sentence)
    assert not found or found[0].score < LEAST


@given(st.text(max_size=200))
def test_likeness_lies_between_nothing_and_the_same(text):
    scores = [one.score for one in PROMISES.like(text)]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1.001 for score in scores)


CHOICES = "You can opt out on the My Details page. On My Details you can opt out at any time. Pizza is hot."


def test_neighbours_about_one_promise_stand_together_and_a_list_stays_a_list():
    parts = [
        Part("heading", "Choices", 2),
        Part("paragraph", CHOICES),
        Part("item", "You can refuse cookies."),
    ]
    head, together, alone, item = propose(parts, PROMISES)
    assert isinstance(head, Head)
    assert (together.promise_id, len(together.sentences)) == ("5.6", 2)
    assert (alone.promise_id, alone.sentences) == ("", ("Pizza is hot.",))
    assert (item.listed, item.promise_id) == (True, "14.5")


def test_the_companys_name_makes_nothing_alike():
    part = Part("paragraph", "Forum Cookie Newsletter Ltd is hot.")
    (named,) = propose([part], PROMISES, "Forum Cookie Newsletter Ltd")
    assert isinstance(named, Proposal)
    assert named.promise_id == ""


# The draft


def confirmed(folder: Path) -> Path:
    """What a person does who agrees with every proposal."""
    path = folder / "policy.md"
    path.write_text(path.read_text().replace("?}", "}"))
    return folder


def test_nothing_runs_before_each_proposal_is_confirmed(tmp_path):
    write_draft(
        made_of(list(read_plain_text("You can opt out on the My Details page.\n\nPizza is hot."))), tmp_path / "own"
    )
    with pytest.raises(BadPolicy) as bad:
        load(tmp_path / "own")
    told = [problem.what[:12] for problem in bad.value.problems if "proposal" in problem.what]
    assert told == ["{#5.6?} is a", "{#-?} is a p"]
    found = load(confirmed(tmp_path / "own"))
    assert [clause.promise for clause in found.text.clauses] == ["5.6", ""]
    assert found.made == ["5.6"]
    assert len(list(unbound(found, bindings_of(found.folder)))) == 1, "what nothing keeps is bound to nothing"
    write_bindings(found)
    assert list(unbound(found, bindings_of(found.folder))) == []


def test_the_report_says_why_each_was_proposed_and_what_nothing_keeps(tmp_path):
    made = made_of(list(read_plain_text("You can opt out on the My Details page.\n\nPizza is hot.")))
    assert made.unkept == ("Pizza is hot.",)
    assert made.bound == 1
    assert "5.6" not in made.left_out
    assert len(made.left_out) == 73
    assert "  Pizza is hot." in made.report
    assert re.search(r"\{#5\.6\}  You can opt out on the My Details page\.\n    0\.\d\d  5\.6   .*optout", made.report)


def test_a_second_passage_about_a_promise_takes_the_next_letter():
    text = "\n\n".join(["You can opt out on the My Details page.", "Pizza is hot."] * 30)
    marks = re.findall(r"\{#(5\.6\w?)\?\}", made_of(list(read_plain_text(text))).policy)
    assert marks == ["5.6", *(f"5.6{letter}" for letter in "bcdefghijklmnopqrstuvwxyz")]


def test_contacts_are_taken_from_the_text_and_marked_where_there_are_none():
    made = made_of(list(read_plain_text("Write to dpo@example.com. Or to help@example.com.")))
    assert 'privacy = "dpo@example.com"' in made.settings
    assert 'support = "help@example.com"' in made.settings
    assert 'legal = "legal@change-me.example"' in made_of(list(read_plain_text("Call us."))).settings


def test_a_folder_that_is_there_is_not_touched(tmp_path):
    made = made_of(list(read_plain_text("You can unsubscribe.")))
    (tmp_path / "own").mkdir()
    with pytest.raises(BadDocument, match="is there already: name another folder"):
        write_draft(made, tmp_path / "own")
    assert list((tmp_path / "own").iterdir()) == []
    assert [path.name for path in tmp_path.iterdir()] == ["own"]


def test_a_draft_whose_writer_is_killed_is_not_there(tmp_path, monkeypatch):
    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", killed)
    with pytest.raises(KeyboardInterrupt):
        write_draft(made_of(list(read_plain_text("You can unsubscribe."))), tmp_path / "own")
    assert not (tmp_path / "own").exists()
    monkeypatch.undo()
    write_draft(made_of(list(read_plain_text("You can unsubscribe."))), tmp_path / "own")
    assert load(confirmed(tmp_path / "own"))


SIGNS = (
    "# ", "## 7 ", "> ", "- ", "1. ", "{#5.6}", "{", "}", "**", "*", "[", "](", ")", "\n", "\n\n", "<b>", "`", "@",
    "| a |", "---", "You can unsubscribe at any time. ", "We keep it. ", "a@b.co", '"', "\\", "=", "~~~", "1) ", "?",
)  # fmt: skip
ODD = st.lists(st.one_of(st.text(max_size=30), st.sampled_from(SIGNS)), max_size=30).map("".join)


@given(ODD, st.sampled_from([read_markdown, read_plain_text, read_html]))
@example("1. ", read_plain_text)
@example("You can unsubscribe at any time. #", read_markdown)
@example("## 7 \n\n- You can unsubscribe. 2. Then. - dash", read_markdown)
def test_every_draft_of_any_text_can_be_confirmed_bound_and_run(text, read):
    """Whatever the text, what is written is a policy that our own reader takes, with every word still there."""
    import tempfile

    parts = list(tidy(read(text)))
    if not any(part.kind != "heading" for part in parts):
        return
    with tempfile.TemporaryDirectory() as folder:
        made = made_of(parts)
        write_draft(made, Path(folder) / "own")
        found = load(confirmed(Path(folder) / "own"))
        said = " ".join(clause.text for clause in found.text.clauses)
        wanted = [clean(one) for part in parts if part.kind != "heading" for one in part.sentences]
        assert " ".join(said.split()) == " ".join(" ".join(filter(None, wanted)).split())
        shutil.rmtree(Path(folder) / "own")
