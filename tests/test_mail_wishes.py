"""What rules read in a mail: measured on a written set, and held to what must never happen."""

from __future__ import annotations

import sys
import time
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kept.collection.mail.models import MailItem
from kept.collection.mail.wishes import WISHES, languages, propose

SENDER = "alice@customers.example"


def mails(name: str) -> list[list[str]]:
    told = tomllib.loads(Path(__file__).with_name("wishes.toml").read_text("utf-8"))
    return [line.split("|", 2) for line in told[name].strip().splitlines()]


MAILS, UNSEEN = mails("mails"), mails("unseen")
LEAST = {"mails": (0.95, 0.95), "unseen": (0.75, 0.9)}  # recall, precision: what may not be undone


def wishes(text: str, subject: str = "") -> set[str]:
    return {one.wish for one in propose(subject, text, SENDER).wishes}


@pytest.mark.parametrize("name", LEAST)
def test_recall_and_precision_are_measured_in_eight_languages(capsys, name):
    assert (
        set(languages())
        == {language for language, _, _ in mails(name)}
        == {"de", "en", "es", "fr", "ja", "ms", "ta", "zh"}
    )
    right, wanted, found = Counter(), Counter(), Counter()
    missed = []
    for language, asked, text in mails(name):
        expected, told = set(filter(None, asked.split(","))), wishes(text)
        right[language] += len(expected & told)
        wanted[language] += len(expected)
        found[language] += len(told)
        if expected != told:
            missed.append((language, sorted(expected), sorted(told), text))
    recall, precision = right.total() / wanted.total(), right.total() / found.total()
    lines = [f"{name}: recall {recall:.1%}, precision {precision:.1%}, of {wanted.total()} wishes"]
    lines += [f"  {one}: {right[one]} found of {wanted[one]}, {found[one]} proposed" for one in sorted(wanted)]
    lines += [f"  not so: {one}" for one in missed]
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(lines) + "\n")
    assert recall >= LEAST[name][0]
    assert precision >= LEAST[name][1]


@pytest.mark.parametrize("text", [text for _, asked, text in MAILS + UNSEEN if not asked])
def test_what_asks_for_nothing_opens_nothing_by_itself(text):
    assert not propose("", text, SENDER).clear


@pytest.mark.parametrize(
    "text",
    [
        "Please delete my data and send me a copy of my data.",
        "On behalf of my wife I ask you to delete the data about me.",
        "Please delete all data about me and about bob@customers.example.",
        "How can I delete my account?",
        "Delete my data. But do not delete my account with the shop.",
        "If I close my account, will you delete all my data?",
    ],
)
def test_what_is_not_clear_waits_for_a_person_and_says_why(text):
    found = propose("", text, SENDER)
    assert found.wishes
    assert not found.clear
    assert found.why


def test_others_that_are_named_are_people_of_the_mail_but_our_mailboxes_are_not():
    ours = frozenset({"privacy@hansoken.example"})
    text = "To privacy@hansoken.example: delete my data, alice@customers.example, and that of Bob@Customers.example."
    assert propose("", text, SENDER, ours).people == ("bob@customers.example",)


def test_the_subject_alone_can_ask():
    assert wishes("", "Unsubscribe") == {"stop_marketing"}
    assert propose("Please delete my account", "Thanks", SENDER).clear


def test_each_wish_is_one_that_the_store_knows_and_some_rule_proposes():
    assert set(WISHES) == set(MailItem.Wish.values)
    for language in languages().values():
        assert {"access", "erasure", "stop_marketing"} <= {rule.wish for rule in language.rules}, language.name
    assert {rule.wish for language in languages().values() for rule in language.rules} == set(WISHES)


@given(st.text(max_size=400), st.text(max_size=2000))
def test_any_text_is_read(subject, text):
    propose(subject, text, SENDER)


@pytest.mark.parametrize(
    "text",
    ["please delete " * 5000, "a" * 100_000, "my my my " * 20_000, "删除" * 50_000, "copy of data " * 9000,
     "@" * 90_000, "a@b.c" * 20_000, "meine daten " * 9000],
)  # fmt: skip
def test_no_text_takes_long(text):
    begin = time.perf_counter()
    propose("", text, SENDER)
    assert time.perf_counter() - begin < 5
