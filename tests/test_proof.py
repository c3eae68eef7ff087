"""Proof of identity: enough for what is asked, the same at every door, and nothing that one of us could do alone."""

from __future__ import annotations

import io
import re
import threading
from datetime import date, timedelta

import pytest
from django.db import connections
from django.utils import timezone
from house import KEPT, PERSON, house, own_dump, store
from hypothesis import given
from hypothesis import strategies as st
from paper import PDF, PNG

from kept.collection.calls.actions import register_call
from kept.engine.packs import load, shipped_packs
from kept.people.models import Account
from kept.post.models import Message
from kept.rights import actions
from kept.rights.actions import Said
from kept.rights.errors import MayNot, NotNow, NotReady, OwnCase, SawTheCode, TooLong, TooOften
from kept.rights.models import Case
from kept.rights.promises import nobody_is_served_unproven
from kept.rights.proof import sensitive
from kept.rights.proof.claims import claim_of, fits_of, named
from kept.rights.proof.facts import FORMS, facts, right_answers
from kept.rights.proof.limits import A_DAY, may_look
from kept.rights.proof.models import ProofStep
from kept.rights.proof.rules import (
    LEVELS,
    METHODS,
    MOST_FACTS_ASKED,
    MOST_STEPS,
    enough_facts,
    level_of,
    suffices,
    table_on,
    tables,
    ways_left,
)
from kept.rights.reach.models import PaperLetter, Reach
from kept.security.models import Entry, Read
from kept.security.uploads import folder as uploads
from kept.terms import State
from kept.vault.models import Key
from kept.work.run import work_off
from kept.work.steps import queue

__all__ = ["house", "store"]

TODAY = table_on(date(2026, 11, 22))
levels, passed = st.sampled_from(LEVELS), st.sets(st.sampled_from(METHODS))


# The rules


@given(level=levels, steps=passed, more=passed)
def test_a_further_step_never_makes_a_proof_weaker(level, steps, more):
    assert not suffices(level, steps, TODAY) or suffices(level, steps | more, TODAY)


@given(steps=passed)
def test_what_suffices_for_one_level_suffices_for_every_level_below(steps):
    held = [suffices(level, steps, TODAY) for level in LEVELS]
    assert held == sorted(held, reverse=True)


@given(level=levels, steps=passed)
def test_each_way_that_is_left_leads_there_and_none_does_by_itself_already(level, steps):
    left = ways_left(level, steps, TODAY)
    assert bool(left) is not suffices(level, steps, TODAY)
    for way in left:
        assert way
        assert suffices(level, steps | way, TODAY)


def test_nothing_proves_nothing_and_only_no_more_advertising_needs_nothing():
    assert [level for level in LEVELS if suffices(level, set(), TODAY)] == ["none"]
    assert level_of("stop_marketing", sensitive=True, table=TODAY) == "none"
    assert {level_of(right, sensitive=False, table=TODAY) for right in Case.Right.values} == {"low", "medium", "high"}
    assert level_of("erasure", sensitive=True, table=TODAY) == "highest"
    assert level_of("something new", sensitive=False, table=TODAY) == "high"


def test_the_table_is_dated_and_names_every_right_and_method():
    assert table_on(date(1990, 1, 1)) == tables()[0]
    for table in tables():
        assert set(table.acts) == {*Case.Right.values, "stop_marketing"}
        assert table.source
        assert {method for ways in table.suffices.values() for way in ways for method in way} <= set(METHODS)


@given(level=levels, right=st.integers(0, 9), wrong=st.integers(0, 9))
def test_known_facts_are_enough_only_when_most_of_them_are_right(level, right, wrong):
    enough = enough_facts(level, right, wrong, TODAY)
    assert not enough or (right >= 2 and wrong <= 1)
    assert not enough or enough_facts(level, right + 1, wrong, TODAY)


def test_no_fact_is_a_number_of_an_identity_document_and_each_stands_in_its_pack():
    for fact in facts():
        assert fact.form in FORMS
        for one in fact.columns:
            column = load(one.pack).tables[one.table].columns[one.column]
            assert column.kind != "national_id"
            assert "dentity" not in column.label
            assert not column.secret
    assert {one.pack for fact in facts() for one in fact.columns} <= set(shipped_packs())
    assert not {"national_id", "name", "email", "street"} & {fact.detail for fact in facts()}


@pytest.mark.parametrize(
    ("form", "one", "other", "same"),
    [
        ("text", "INV-0042", "inv 0042", True),
        ("text", "..", "..", False),
        ("text", "erased", "erased", False),
        ("cents", "119,00 EUR", "119.00", True),
        ("cents", "1.190,00", "1190.00", True),
        ("cents", "1,190.00", "1190.00", True),
        ("cents", "1190", "1190.00", True),
        ("cents", "11.90", "119.00", False),
        ("date", "1984-04-12", "1984-04-12 00:00:00", True),
        ("date", "12 April", "1984-04-12", False),
        ("domain", "BÜCHER.example", "xn--bcher-kva.example", True),
        ("year", "2014", "2014-03-03 10:00:00", True),
        ("year", "14", "2014-03-03", False),
    ],
)
def test_two_spellings_of_a_fact_are_the_same_fact(form, one, other, same):
    first, second = FORMS[form](one), FORMS[form](other)
    assert (first is not None and first == second) is same


# What is on file

pytestmark = [pytest.mark.store, pytest.mark.pages]


def alices(house):
    """Her number in the billing system, and what stands beside it."""
    (row,) = house.ask("billing", "SELECT id, created_at FROM client WHERE email = 'alice@example.com'")
    return str(row[0])


ADDRESS = {"name": "Alice Arden", "postal": "14 Garden Street\n10101 Neustrand", "phone": "+493023125101"}


def registered(house, right="access", door="telephone", **said):
    """A request of Alice's by telephone, without an e-mail address."""
    at, by = timezone.now(), house.people["sam"].actor
    call = register_call(door, at, "Alice Arden", "", "A copy.", by=by, at=at)
    said = {**ADDRESS, "account": alices(house), "system": "billing"} | said
    return actions.register(call, right, Said(**said), by=by, at=at).case


def fits(case, contact=""):
    return named(fits_of(claim_of(case)), contact)


@pytest.mark.parametrize(
    ("wrong", "contact"),
    [
        ({"postal": "14 Garden Street\n20202 Hallowbridge"}, "postal"),
        ({"postal": "15 Garden Street\n10101 Neustrand"}, "postal"),
        ({"postal": "Garden Street\n10101 Neustrand"}, "postal"),
        ({"postal": "14 Garden Street"}, "postal"),
        ({"postal": "14 Garden Street, care of Mallory\n10101 Neustrand"}, "postal"),
        ({"phone": "+493023125102"}, "phone"),
        ({"phone": ""}, "phone"),
        ({"name": "Bob Brook"}, "postal"),
        ({"name": "Arden"}, "postal"),
        ({"account": "999999"}, "postal"),
        ({"account": "", "system": ""}, "postal"),
        ({"system": "helpdesk"}, "postal"),
    ],
)
def test_what_is_not_as_it_stands_on_file_does_not_fit(house, wrong, contact):
    assert fits(registered(house), contact)
    assert not fits(registered(house, **wrong), contact)


def test_an_address_is_the_same_however_it_is_typed(house):
    house.ask(
        "billing",
        "UPDATE client SET address_1 = '8 Straße der Gärten', city = 'Altenbruch am See' WHERE id = ?",
        alices(house),
    )
    case = registered(house, postal="8, STRASSE DER GARTEN\n10101 altenbruch am see")
    assert fits(case, "postal")


def test_a_system_that_is_away_is_no_answer_and_nothing_is_begun(house, client):
    case = registered(house)
    house.file("billing").rename(house.file("billing").with_suffix(".away"))
    client.force_login(house.people["sam"])
    page = client.post(f"/desk/proof/{case.pk}/letter-code/", follow=True).content.decode()
    assert "cannot be read now" in page
    assert not case.proof_steps.exists()


# A code by letter


def posted(house, case):
    """Olga has printed the letter; the code in it."""
    paper = PaperLetter.objects.filter(about="rights/proof_code", state="waiting").latest("written_at")
    actions.paper_seen(paper, by=house.officer, at=timezone.now())
    found = re.search(r"^ +(\d{3} \d{3})$", paper.text, re.MULTILINE)
    return found.group(1)


def test_a_code_by_letter_proves_it_and_the_search_goes_by_what_was_shown(house):
    case = registered(house)
    step = actions.send_code_by_letter(case, fits(case, "postal"), by=house.people["sam"].actor, at=timezone.now())
    assert (step.state, step.method) == ("open", "letter_code")
    code = posted(house, case)
    assert PaperLetter.objects.get().to == "Alice Arden\n14 Garden Street\n10101 Neustrand"
    assert actions.prove(case, code, by=PERSON, at=timezone.now() + timedelta(days=9))
    case = house.now(case)
    assert case.state == Case.State.SEARCHING
    assert [(one.kind, one.value, one.scope) for one in case.identifiers.all()] == [
        ("account", alices(house), "billing")
    ]
    house.work_later()
    case = house.now(case)
    assert case.state == "review", house.told(case)
    assert {one.value for one in case.identifiers.filter(kind="email")} >= {"alice@example.com"}, "found by her number"
    told = PaperLetter.objects.get(about="rights/received")
    assert "It comes by post." in told.text
    (mail,) = Message.objects.all()
    assert "/not-me/" in mail.text, "the address on file is asked whether it was her, and told nothing else"


def test_who_printed_the_code_cannot_type_it(house):
    case = registered(house)
    actions.send_code_by_letter(case, fits(case, "postal"), by=house.people["sam"].actor, at=timezone.now())
    code = posted(house, case)
    with pytest.raises(SawTheCode):
        actions.prove(case, code, by=house.officer, at=timezone.now())
    assert house.now(case).state == "unproven"
    assert actions.prove(case, code, by=house.people["sam"].actor, at=timezone.now())


def test_a_newer_letter_takes_the_place_of_the_last_one(house):
    case = registered(house)
    by, at = house.people["sam"].actor, timezone.now()
    actions.send_code_by_letter(case, fits(case, "postal"), by=by, at=at)
    first = posted(house, case)
    actions.send_code_by_letter(case, fits(case, "postal"), by=by, at=at + timedelta(minutes=1))
    assert PaperLetter.objects.filter(state="void").count() == 1
    second = posted(house, case)
    if first != second:
        assert not actions.prove(case, first, by=PERSON, at=at + timedelta(minutes=2))
    assert actions.prove(case, second, by=PERSON, at=at + timedelta(minutes=3))


def test_five_wrong_codes_end_the_step_and_six_steps_end_the_way(house):
    case = registered(house)
    by, at = house.people["sam"].actor, timezone.now()
    for _ in range(MOST_STEPS):
        actions.send_code_by_letter(case, fits(case, "postal"), by=by, at=at)
        code = posted(house, case)
        wrong = "111111" if code != "111 111" else "222222"
        for _ in range(5):
            assert not actions.prove(case, wrong, by=PERSON, at=at)
        assert not actions.prove(case, code, by=PERSON, at=at), "the right one comes too late"
    with pytest.raises(TooOften):
        actions.send_code_by_letter(case, fits(case, "postal"), by=by, at=at)
    assert house.now(case).state == "unproven"


def test_what_does_not_fit_is_a_try_like_every_other_and_says_nothing_of_who_is_known(house, client):
    client.force_login(house.people["sam"])
    strangers = registered(house, account="999999")
    wrong = registered(house, postal="1 Mill Street\n10101 Neustrand")
    said = []
    for case in (strangers, wrong):
        page = client.post(f"/desk/proof/{case.pk}/letter-code/", follow=True).content.decode()
        said.append(re.search(r'role="status"[^>]*>(.*?)</p>', page).group(1))
        assert case.proof_steps.get().state == "failed"
    assert said[0] == said[1]
    assert "does not fit what is on file, or nothing is on file" in said[0]
    for case in (strangers, wrong):
        for _ in range(MOST_STEPS):
            page = client.post(f"/desk/proof/{case.pk}/letter-code/", follow=True).content.decode()
        assert "tried too often" in page
    assert not PaperLetter.objects.exists()


# A call back


def test_a_code_that_was_read_out_is_typed_by_a_colleague(house, client):
    case = registered(house)
    client.force_login(house.people["sam"])
    page = client.post(f"/desk/proof/{case.pk}/call-back/")
    code = re.search(r"\b(\d{3} \d{3})\b", re.sub(r"<[^>]+>", " ", page.content.decode())).group(1)
    assert page["Cache-Control"] == "private, no-store"
    assert code not in client.get(f"/desk/proof/{case.pk}/").content.decode()
    mine = client.post(f"/desk/proof/{case.pk}/", {"code": code}).content.decode()
    assert "so you cannot type it" in mine
    assert house.now(case).state == "unproven"
    client.force_login(house.people["olga"])
    client.post(f"/desk/proof/{case.pk}/", {"code": code})
    assert house.now(case).state == "searching"
    step = case.proof_steps.get()
    assert (step.method, step.state, step.code_hash) == ("call_back", "passed", "")
    assert code.replace(" ", "") not in own_dump()


def test_a_read_out_code_ends_after_half_an_hour(house):
    case = registered(house)
    _, code = actions.begin_call_back(case, fits(case, "phone"), by=house.people["sam"].actor, at=timezone.now())
    assert not actions.prove(case, code, by=PERSON, at=timezone.now() + timedelta(minutes=31))


def test_an_erasure_takes_more_than_a_call_back(house, client):
    case = registered(house, "erasure")
    _, code = actions.begin_call_back(case, fits(case, "phone"), by=house.people["sam"].actor, at=timezone.now())
    assert actions.prove(case, code, by=house.officer, at=timezone.now())
    assert house.now(case).state == "unproven"
    client.force_login(house.people["olga"])
    page = client.get(f"/desk/proof/{case.pk}/").content.decode()
    assert "Known facts by a second channel" in page
    (found,) = fits(case)
    asked = ["birth_date", "year_joined", "domain"]
    assert actions.facts_compared(case, "counter", asked, 3, found, by=house.officer, at=timezone.now())
    assert house.now(case).state == "searching"


# Known facts


def known(house):
    number, total = house.ask(
        "billing", "SELECT nr, total_cents FROM invoice WHERE client_id = ? ORDER BY id LIMIT 1", alices(house)
    )[0]
    return {
        "birth_date": "1984-04-12", "year_joined": "2014", "invoice_number": str(number),
        "invoice_total": f"{total / 100:.2f}",
    }  # fmt: skip


def test_known_facts_are_compared_with_what_the_systems_hold(house):
    case = registered(house)
    (found,) = fits(case)
    facts_of_hers = known(house)
    assert right_answers(found.record, facts_of_hers) == 4
    assert right_answers(found.record, dict.fromkeys(facts_of_hers, "1")) == 0
    assert right_answers(found.record, {"birth_date": "", "nothing": "x"}) == 0


def test_facts_asked_by_a_second_channel_prove_it_and_are_kept_nowhere(house, client):
    case = registered(house, door="counter")
    client.force_login(house.people["sam"])
    page = client.get(f"/desk/proof/{case.pk}/facts/").content.decode()
    assert "At the counter" not in page, "the channel of the request is no second one"
    few = client.post(f"/desk/proof/{case.pk}/facts/", {"channel": "telephone", "birth_date": "1984-04-12"})
    assert "Ask at least 2" in few.content.decode()
    answers = known(house)
    client.post(f"/desk/proof/{case.pk}/facts/", {"channel": "telephone", **answers})
    assert house.now(case).state == "searching"
    step = case.proof_steps.get()
    assert (step.method, step.channel, step.right, step.asked) == ("facts", "telephone", 4, sorted(answers))
    case.identifiers.all().delete()
    dump = own_dump().replace("1984-04-12'", "")
    assert not re.search(r"(?<![0-9a-f])1984(?![0-9a-f])", dump), "a year, and no part of a random number"


def test_guessing_facts_ends_after_three_tries_and_never_says_which_was_right(house, client):
    client.force_login(house.people["sam"])
    said = set()
    for account in (alices(house), "999999"):
        case = registered(house, account=account)
        for _ in range(MOST_FACTS_ASKED):
            sent = {"channel": "letter", "birth_date": "1984-04-12", "year_joined": "1999", "domain": "nothing.example"}
            page = client.post(f"/desk/proof/{case.pk}/facts/", sent, follow=True).content.decode()
            said.add(re.search(r'role="status"[^>]*>(.*?)</p>', page).group(1))
        page = client.post(f"/desk/proof/{case.pk}/facts/", sent, follow=True).content.decode()
        assert "tried too often" in page
        assert house.now(case).state == "unproven"
    assert len(said) == 1, "a known customer and a stranger read the same"


def test_one_person_is_not_asked_about_without_end_whatever_the_request(house):
    case, at = registered(house), timezone.now()
    looks = [may_look(claim_of(case), at) for _ in range(A_DAY.amount + 3)]
    assert looks == [True] * A_DAY.amount + [False] * 3
    assert not may_look(claim_of(registered(house)), at), "another request about the same person"
    assert may_look(claim_of(case), at + timedelta(days=1))


# What was only said is not believed


def test_what_somebody_said_and_did_not_show_is_neither_searched_nor_written_to(house):
    """Mallory has an account of his own and says that Bob's address is his: Bob's data is not found by it."""
    case = registered(house, email="bob@example.com", postal="1 Nowhere\n99999 Nowhere")
    _, code = actions.begin_call_back(case, fits(case, "phone"), by=house.people["sam"].actor, at=timezone.now())
    assert actions.prove(case, code, by=house.officer, at=timezone.now())
    case = house.now(case)
    assert case.state == "searching"
    assert (case.email, case.email_index, case.person) == ("", None, None)
    assert {one.value for one in case.identifiers.all()} == {alices(house)}
    reach = Reach.objects.get(case=case)
    assert (reach.postal, reach.phone) == ("", "+493023125101"), "only the number was shown to be theirs"
    assert "by telephone: +493023125101" in PaperLetter.objects.get(about="rights/received").to
    assert (
        not Message.objects.filter(about=case.pk)
        .exclude(subject__contains="code")
        .exclude(to="bob@example.com")
        .exists()
    )
    house.work()
    assert "bob@example.com" not in {one.value for one in house.now(case).identifiers.all()}


def test_an_address_that_stands_on_file_too_is_written_to(house):
    case = registered(house, email="alice@example.com")
    _, code = actions.begin_call_back(case, fits(case, "phone"), by=house.people["sam"].actor, at=timezone.now())
    actions.prove(case, code, by=house.officer, at=timezone.now())
    assert house.now(case).email == "alice@example.com"
    assert Message.objects.filter(about=case.pk, to="alice@example.com").count() == 2, "the code, and that it goes on"


def test_the_mailed_code_is_one_step_among_them_and_does_what_it_did(house):
    case = house.proven("erasure", "alice@example.com")
    step = case.proof_steps.get()
    assert (step.method, step.state) == ("mail_code", "passed")
    assert {one.value for one in case.identifiers.all()} == {"alice@example.com"}
    assert Entry.objects.get(kind="rights.case_proven").facts == {"methods": ["mail_code"]}


def test_what_they_said_can_be_put_right_until_it_was_shown(house, client):
    case = registered(house, phone="+493023125999")
    client.force_login(house.people["sam"])
    assert not fits(case, "phone")
    sent = {**ADDRESS, "account": alices(house), "system": "billing"}
    client.post(f"/desk/proof/{case.pk}/said/", sent)
    assert fits(house.now(case), "phone")
    _, code = actions.begin_call_back(case, fits(case, "phone"), by=house.people["sam"].actor, at=timezone.now())
    actions.prove(case, code, by=house.officer, at=timezone.now())
    with pytest.raises(NotNow):
        actions.say_more(case, Said(postal="1 Elsewhere"), by=house.officer, at=timezone.now())


def test_nobody_proves_their_own_request_as_staff(house):
    sam = house.people["sam"]
    at = timezone.now()
    opened = actions.open_case("access", sam.email, channel="web", by=PERSON, at=at).case
    with pytest.raises(OwnCase):
        actions.say_more(opened, Said(name="Sam"), by=sam.actor, at=at)
    with pytest.raises(OwnCase):
        actions.send_code_by_letter(opened, [], by=sam.actor, at=at)


@pytest.mark.parametrize("role", ["customer", "engineer", "auditor", "person"])
def test_only_those_who_serve_people_take_steps_with_them(house, role):
    from kept.terms import Actor

    case, by, at = registered(house), Actor(role), timezone.now()
    for step in (
        lambda: actions.say_more(case, Said(), by=by, at=at),
        lambda: actions.send_code_by_letter(case, [], by=by, at=at),
        lambda: actions.begin_call_back(case, [], by=by, at=at),
        lambda: actions.facts_compared(case, "letter", ["domain"], 9, None, by=by, at=at),
        lambda: actions.ask_for_document(case, "x", by=by, at=at),
    ):
        with pytest.raises(MayNot):
            step()


def test_two_who_type_the_right_code_at_once_begin_one_search(house):
    case = registered(house)
    _, code = actions.begin_call_back(case, fits(case, "phone"), by=house.people["sam"].actor, at=timezone.now())
    right = []

    def type_it():
        try:
            right.append(actions.prove(case, code, by=PERSON, at=timezone.now()))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=type_it) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert True in right
    assert Entry.objects.filter(kind="rights.case_proven").count() == 1


# A document, as the last resort


def asked(house, case):
    return actions.ask_for_document(case, "The voice did not fit.", by=house.officer, at=timezone.now())


def taken_in(house, case):
    by = house.people["sam"].actor
    return actions.keep_document(asked(house, case), io.BytesIO(PDF), "x.pdf", by=by, at=timezone.now())


def second_officer(house):
    sam = house.people["sam"]
    Account.objects.filter(pk=sam.pk).update(role="privacy_officer")
    return Account.objects.get(pk=sam.pk).actor


def test_a_document_needs_a_doubt_and_tells_the_person_what_to_cover(house):
    case = registered(house, email="alice@example.com")
    with pytest.raises(TooLong):
        actions.ask_for_document(case, "  ", by=house.officer, at=timezone.now())
    with pytest.raises(MayNot):
        actions.ask_for_document(case, "x", by=house.people["sam"].actor, at=timezone.now())
    asked(house, case)
    mail = Message.objects.filter(about=case.pk).latest("written_at")
    assert "Cover everything on it but your name" in mail.text
    assert "The voice did not fit." not in mail.text


def test_the_person_uploads_it_an_officer_looks_once_and_it_is_gone(house, client):
    case = registered(house, email="alice@example.com")
    step = asked(house, case)
    token = re.search(r"/requests/(\S+)/", Message.objects.filter(about=case.pk).latest("written_at").text).group(1)
    assert "Upload it here" in client.get(f"/requests/{token}/").content.decode()
    from django.core.files.uploadedfile import SimpleUploadedFile

    bad = client.post(f"/requests/{token}/document/", {"file": SimpleUploadedFile("a.exe", b"MZ")})
    assert bad.status_code == 422
    client.post(f"/requests/{token}/document/", {"file": SimpleUploadedFile("card.png", PNG)})
    step.refresh_from_db()
    key = step.file_key
    assert PNG not in b"".join(path.read_bytes() for path in uploads().iterdir())
    client.force_login(house.people["sam"])
    assert client.get(f"/desk/proof/{case.pk}/document/{step.pk}/file/").status_code == 404
    client.force_login(house.people["olga"])
    answer = client.get(f"/desk/proof/{case.pk}/document/{step.pk}/file/")
    assert b"".join(answer.streaming_content) == PNG
    assert Read.objects.filter(place="document", reader=house.people["olga"].pk).count() == 1
    client.post(f"/desk/proof/{case.pk}/document/{step.pk}/", {"do": "fits"})
    assert house.now(case).state == "searching"
    queue("rights.remove_documents", at=timezone.now())
    work_off(timezone.now(), names=["rights.remove_documents"])
    assert list(uploads().iterdir()) == []
    assert not Key.objects.filter(number=key).exists()
    step.refresh_from_db()
    assert (step.place, step.name, step.file_key, step.state) == ("", "", None, "passed")


def test_a_document_that_nobody_checks_goes_after_seven_days(house):
    case = registered(house)
    step = actions.keep_document(
        asked(house, case), io.BytesIO(PDF), "x.pdf", by=house.people["sam"].actor, at=timezone.now()
    )
    assert actions.documents_due(by=KEPT, at=timezone.now() + timedelta(days=6)) == []
    assert actions.documents_due(by=KEPT, at=timezone.now() + timedelta(days=8)) == [step.place]
    assert actions.documents_due(by=KEPT, at=timezone.now() + timedelta(days=8)) == [step.place], "killed in between"
    step.refresh_from_db()
    assert (step.state, step.file_key) == ("over", None)
    actions.document_removed(step.place, by=KEPT, at=timezone.now())
    assert actions.documents_due(by=KEPT, at=timezone.now() + timedelta(days=8)) == []


def test_who_took_the_copy_in_cannot_check_it(house):
    case = registered(house)
    sam = second_officer(house)
    step = actions.keep_document(asked(house, case), io.BytesIO(PDF), "x.pdf", by=sam, at=timezone.now())
    with pytest.raises(MayNot):
        actions.check_document(step, True, fits(case), by=sam, at=timezone.now())
    assert house.now(case).state == "unproven"
    assert actions.check_document(step, True, fits(case), by=house.officer, at=timezone.now()).state == "passed"
    with pytest.raises(NotNow):
        actions.check_document(step, True, fits(case), by=house.officer, at=timezone.now())


def test_a_document_of_somebody_who_is_not_on_file_proves_nothing(house):
    case = registered(house, account="999999")
    step = actions.keep_document(
        asked(house, case), io.BytesIO(PDF), "x.pdf", by=house.people["sam"].actor, at=timezone.now()
    )
    assert actions.check_document(step, True, fits(case), by=house.officer, at=timezone.now()).state == "failed"
    assert house.now(case).state == "unproven"


def test_the_copy_goes_when_its_request_ends(house):
    case = registered(house)
    step = actions.keep_document(
        asked(house, case), io.BytesIO(PDF), "x.pdf", by=house.people["sam"].actor, at=timezone.now()
    )
    actions.withdraw_case(case, by=house.officer, at=timezone.now())
    assert not Key.objects.filter(number=step.file_key).exists()
    assert actions.documents_due(by=KEPT, at=timezone.now()) == [step.place]


# Sensitive data


def test_sensitive_data_needs_one_more_step_before_it_is_approved(house, client, monkeypatch):
    case = house.reviewed("erasure", "alice@example.com")
    monkeypatch.setattr(sensitive, "table_on", lambda day: TABLE_WITH_BIRTH_DATES)
    with pytest.raises(NotReady, match="sensitive"):
        actions.approve(case, by=house.officer, at=timezone.now())
    client.force_login(house.people["olga"])
    page = client.get(f"/desk/{case.pk}/").content.decode()
    assert "one more step of proof" in page
    assert "so one more step is needed" in client.get(f"/desk/proof/{case.pk}/").content.decode()


TABLE_WITH_BIRTH_DATES = type(TODAY)(**{**TODAY.__dict__, "sensitive": frozenset({"birth_date"})})


# What the policy page says


@pytest.mark.breaks("rights.nobody_is_served_unproven")
def test_a_request_by_telephone_that_goes_on_unproven_is_red(house):
    assert nobody_is_served_unproven(timezone.now()).state is State.CANNOT_TELL
    case = registered(house)
    assert nobody_is_served_unproven(timezone.now()).state is State.KEPT
    Case.objects.filter(pk=case.pk).update(state="searching", proven_at=timezone.now())
    red = nobody_is_served_unproven(timezone.now())
    assert (red.state, red.figure) == (State.BROKEN, "1 request by these doors, 1 proven, 1 without a proof")
    ProofStep.objects.create(case=case, method="facts", state="passed", begun_at=timezone.now(), begun_by="x")
    assert nobody_is_served_unproven(timezone.now()).state is State.KEPT
