"""What somebody wrote now, told from what they repeat, as mail programs of many languages mark it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kept.collection.mail.quoted import tell_apart

WROTE = [
    "On Mon, 22 Nov 2026 at 12:00, Hansoken Cloud <privacy@hansoken.example> wrote:",
    "On Mon, 22 Nov 2026 at 12:00, Hansoken Cloud\n<privacy@hansoken.example> wrote:",
    "Am 22.11.26 um 12:00 schrieb Hansoken Cloud:",
    "Hansoken Cloud schrieb am 22.11.2026:",
    "Le lun. 22 nov. 2026 à 12:00, Hansoken Cloud a écrit :",
    "El lun, 22 nov 2026 a las 12:00, Hansoken Cloud escribió:",
    "Il giorno lun 22 nov 2026 Hansoken Cloud ha scritto:",
    "Op ma 22 nov 2026 schreef Hansoken Cloud:",
    "Em seg., 22 de nov. de 2026, Hansoken Cloud escreveu:",
    "Pada Isn, 22 Nov 2026 Hansoken Cloud menulis:",
    "Hansoken Cloud <privacy@hansoken.example> 于2026年11月22日写道:",
    "2026年11月22日 Hansoken Cloudのメール:",
    "-----Original Message-----",
    "---------- Forwarded message ---------",
    "-------- Ursprüngliche Nachricht --------",
    "-----Message d'origine-----",
    "-----Mensaje original-----",
    "-----原始邮件-----",
    "-----元のメッセージ-----",
    "Begin forwarded message:",
    "________________________________",
    "From: Hansoken Cloud\nSent: Monday\nTo: Alice\nSubject: Your request",
    "Von: Hansoken Cloud\nGesendet: Montag\nAn: Alice\nBetreff: Ihre Anfrage",
    "De : Hansoken Cloud\nEnvoyé : lundi\nÀ : Alice\nObjet : Votre demande",
    "De: Hansoken Cloud\nEnviado: lunes\nPara: Alice\nAsunto: Su solicitud",
    "发件人: Hansoken Cloud\n发送时间: 星期一\n收件人: Alice\n主题: 请求",
    "差出人: Hansoken Cloud\n送信日時: 月曜\n宛先: Alice\n件名: 依頼",
    "Daripada: Hansoken Cloud\nDihantar: Isnin\nKepada: Alice\nSubjek: Permintaan",
    "அனுப்புநர்: Hansoken Cloud\nஅனுப்பியது: திங்கள்\nபெறுநர்: Alice\nபொருள்: கோரிக்கை",
]


@pytest.mark.parametrize("wrote", WROTE)
def test_what_stands_below_is_quoted(wrote):
    told = tell_apart(f"Thank you.\n\n{wrote}\n\nPlease delete my data.\nunsubscribe")
    assert told.new == "Thank you."
    assert "Please delete my data." in told.quoted


@pytest.mark.parametrize("wrote", WROTE[:12])
def test_what_is_written_between_marked_quotes_is_new(wrote):
    told = tell_apart(f"{wrote}\n> Which data do you mean?\n\nAll of it.\n\n> Anything else?\n\nNo.\n")
    assert "All of it." in told.new
    assert told.new.endswith("No.")
    assert "Which data" in told.quoted


def test_a_signature_and_what_a_telephone_adds_are_not_new():
    told = tell_apart("Please help.\n\nSent from my iPhone\n-- \nAlice, who deletes data for a living")
    assert told.new == "Please help."
    assert "Alice" in told.quoted


def test_a_word_at_the_wrong_place_quotes_nothing():
    text = "From: what I remember you wrote that all is well.\nOn the other hand I disagree.\n\nPlease delete my data."
    assert tell_apart(text).new == text


def test_our_own_sentences_are_quoted_even_without_a_mark():
    told = tell_apart("Hello\nWITHOUT THE CODE nothing is told.\nBye", ["Without the code nothing is told."])
    assert told.new == "Hello\nBye"


@given(st.text(max_size=1500))
def test_no_letter_is_lost(text):
    told = tell_apart(text)
    assert sorted("".join((told.new + told.quoted).split())) == sorted("".join(text.split()))


@pytest.mark.parametrize("line", ["On " + "a " * 999, "from: " * 300, "-" * 2000, "_" * 2000, "> " * 900, "Am " * 600])
def test_no_text_takes_long(line):
    begin = time.perf_counter()
    tell_apart(f"{line}\n" * 400)
    assert time.perf_counter() - begin < 5
