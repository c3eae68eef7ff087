"""Somebody asks for another person: only with what lets them, read by an officer, and the person hears of it."""

from __future__ import annotations

import io
import re
import threading
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client
from django.utils import timezone
from house import KEPT, PERSON, house, store
from hypothesis import given
from hypothesis import strategies as st
from letters import letter
from paper import PDF, PNG

from kept.collection.letters.actions import register_letter
from kept.collection.mail.actions import add_item, mail_read, take_in
from kept.collection.mail.errors import NobodyNamed
from kept.collection.mail.models import MailItem
from kept.collection.mail.reading import read as read_mail
from kept.people.models import Account
from kept.post.languages import LANGUAGES
from kept.post.models import Message
from kept.rights import actions
from kept.rights.access import is_own_request
from kept.rights.actions import Acting, Said
from kept.rights.actions.disowning import say_no
from kept.rights.alerts.models import Alert
from kept.rights.errors import CannotJoin, MayNot, NotNow, NotReady, OwnCase, TooLong, TooOften
from kept.rights.mandates.models import Mandate
from kept.rights.models import Case
from kept.rights.proof.claims import claim_of, fits_of, named
from kept.rights.proof.models import ProofStep
from kept.rights.proof.rules import LEVELS, METHODS, MOST_STEPS, suffices, table_on, ways_left
from kept.rights.reach.models import PaperLetter
from kept.rights.telling import addressee_of, tell
from kept.security.models import Entry
from kept.work.run import work_off

__all__ = ["house", "store"]

pytestmark = pytest.mark.store

CAROL, CAROLS_OTHER = "carol@example.com", "carol.chen@example.org"  # both are Carol's; the systems know it
AGENT = "office@mandates.example"
TODAY = table_on(timezone.now().date())
levels, passed = st.sampled_from(LEVELS), st.sets(st.sampled_from(METHODS))


def acting(kind="agent", **said) -> Acting:
    return Acting(kind, "Maxine Mandate", **({"email": AGENT} | said))


def opened(house, right="access", email=CAROL, name="Carol Chen", who=None) -> Case:
    at = timezone.now()
    return actions.open_case(right, email, name=name, acting=who or acting(), channel="web", by=PERSON, at=at).case


def code_typed(house, case) -> Case:
    assert actions.prove(case, house.code(case), by=PERSON, at=timezone.now())
    return house.now(case)


def step_of(case) -> ProofStep:
    return case.proof_steps.filter(method="authority").latest("begun_at")


def sent(house, case, by=None) -> ProofStep:
    by = by or house.people["sam"].actor
    return actions.keep_document(step_of(case), io.BytesIO(PDF), "mandate.pdf", by=by, at=timezone.now())


def read(house, case, fits=True) -> ProofStep:
    found = named(fits_of(claim_of(case)))
    return actions.check_document(step_of(case), fits, found, by=house.officer, at=timezone.now())


def accepted(house, case) -> Case:
    """Their mailbox is shown, and an officer has read what lets them."""
    code_typed(house, case)
    sent(house, case)
    read(house, case)
    return house.now(case)


def mails_to(address):
    return [mail for mail in Message.objects.order_by("written_at") if mail.to == address]


def second_officer(house):
    Account.objects.filter(pk=house.people["sam"].pk).update(role="privacy_officer")
    return Account.objects.get(pk=house.people["sam"].pk).actor


# The rules


@given(level=levels, steps=passed, mailed=st.booleans())
def test_nobody_asks_for_another_without_what_lets_them(level, steps, mailed):
    enough = suffices(level, steps, TODAY, for_another=True, mailed=mailed)
    assert level == "none" or not enough or "authority" in steps
    assert level == "none" or not enough or not mailed or "mail_code" in steps


@given(level=levels, steps=passed)
def test_nobody_proves_that_they_are_somebody_by_a_mandate(level, steps):
    assert suffices(level, steps, TODAY) == suffices(level, steps - {"authority"}, TODAY)


@given(level=levels, steps=passed, mailed=st.booleans())
def test_each_way_that_is_left_for_another_leads_there(level, steps, mailed):
    for way in ways_left(level, steps, TODAY, for_another=True, mailed=mailed):
        assert suffices(level, steps | way, TODAY, for_another=True, mailed=mailed)


# By mail


def a_mail(words="Please erase all that you hold about my client.", sender=AGENT):
    raw = letter(words, sender=f"Maxine Mandate <{sender}>")
    found = take_in(raw, door="hand", by=KEPT, at=timezone.now()).mail
    return mail_read(found, read_mail(found, raw), by=KEPT, at=timezone.now())


def test_staff_say_that_the_sender_of_a_mail_asks_for_somebody_else(house):
    mail = a_mail(f"I write for my client {CAROL}. Please send me a copy of all my personal data.")
    item = next(one for one in mail.items.all() if one.person == CAROL)
    client = Client()
    client.force_login(house.people["olga"])
    said = {"wish": "access", "person": CAROL, "acting": "agent", "name": "Carol Chen"}
    answer = client.post(f"/desk/inbox/items/{item.pk}/", {f"{item.pk}-{name}": one for name, one in said.items()})
    assert answer.status_code == 302
    work_off(timezone.now(), names=["rights.open_case"])
    case = Case.objects.get()
    assert (case.email, case.channel, case.state) == (CAROL, "email", "unproven")
    assert (case.mandate.kind, case.mandate.name, case.mandate.email) == ("agent", "Maxine Mandate", AGENT)
    assert len(mails_to(AGENT)) == 1, "the code goes to whoever asks"
    assert not mails_to(CAROL)
    assert "for somebody else" in client.get(f"/desk/inbox/{item.mail_id}/").content.decode()
    accepted(house, case)
    assert house.now(case).state == "searching"


@pytest.mark.parametrize(
    ("wish", "person", "told"),
    [
        ("erasure", AGENT, "This is the sender’s own address"),
        ("complaint", CAROL, "Only rights are used for somebody else"),
        ("stop_marketing", CAROL, "Only rights are used for somebody else"),
    ],
)
def test_nobody_asks_by_mail_for_themselves_as_another_or_needs_a_mandate_to_complain(house, wish, person, told):
    mail = a_mail()
    client = Client()
    client.force_login(house.people["sam"])
    answer = client.post(
        f"/desk/inbox/{mail.pk}/add/",
        {"add-wish": wish, "add-person": person, "add-acting": "guardian", "add-name": "Carol Chen"},
    )
    assert answer.status_code == 422
    assert told in answer.content.decode()
    with pytest.raises(NobodyNamed):
        add_item(mail, wish, person, "guardian", "Carol Chen", by=house.people["sam"].actor, at=timezone.now())
    assert not mail.items.exclude(acting="").exists()


def test_who_asks_for_another_by_mail_has_named_them(house):
    mail = a_mail()
    client = Client()
    client.force_login(house.people["sam"])
    said = {"add-wish": "access", "add-person": CAROL, "add-acting": "agent"}
    answer = client.post(f"/desk/inbox/{mail.pk}/add/", said)
    assert "Give the name of the person" in answer.content.decode()
    with pytest.raises(NobodyNamed):
        add_item(mail, "access", CAROL, "agent", by=house.people["sam"].actor, at=timezone.now())


def test_mail_knows_the_same_who_may_ask_for_another():
    assert set(MailItem.Acting.values) == set(Mandate.Kind.values)


# What shows that they may


def test_a_mailbox_alone_lets_nobody_ask_for_another_and_neither_does_the_paper_alone(house):
    case = code_typed(house, opened(house))
    assert case.state == "unproven"
    assert case.account is None
    other = opened(house, who=acting(email="second@mandates.example"))
    sent(house, other)
    assert read(house, other).state == "passed"
    assert house.now(other).state == "unproven", "nobody has shown yet that this mailbox is theirs"
    code_typed(house, other)
    assert house.now(other).state == "searching"


def test_the_persons_own_ways_do_not_open_what_somebody_asks_for_them(house):
    """A code by letter or a call to Carol shows who Carol is, and not that somebody may ask for her."""
    case = code_typed(house, opened(house))
    found = named(fits_of(claim_of(case)))
    passed = actions.facts_compared(case, "telephone", ["a", "b"], 2, found[0], by=house.officer, at=timezone.now())
    assert passed
    assert house.now(case).state == "unproven"


def test_the_answer_goes_to_whoever_may_ask_and_the_person_hears_of_it(house):
    case = accepted(house, opened(house))
    assert case.state == "searching"
    house.work()
    case = house.now(case)
    assert case.state == "review", house.told(case)
    told = {CAROL, CAROLS_OTHER}
    assert {one.email for one in Alert.objects.filter(case=case)} == told, "both addresses of the person"
    for address in told:
        (mail,) = mails_to(address)
        assert "/not-me/" in mail.text
        assert "Mandate" not in mail.text + mail.subject
        assert "Carol" not in mail.text + mail.subject
    actions.approve(case, by=house.officer, at=timezone.now())
    house.work()
    case = house.now(case)
    assert case.state == "answered", house.told(case)
    last = mails_to(AGENT)[-1]
    assert last.about == case.pk
    assert "Hello Maxine Mandate" in last.text
    assert "Carol Chen" in last.text, "they are told for whom"
    package = case.packages.get()
    assert actions.send_package_code(package, by=PERSON, at=timezone.now())
    assert mails_to(AGENT)[-1].subject != last.subject
    assert len(mails_to(CAROL)) == 1


def test_only_the_person_is_searched_for_and_never_whoever_asks(house):
    bob = house.people["bob"]
    case = actions.open_case(
        "access", CAROL, name="Carol Chen", account=bob, acting=acting(email=bob.email), channel="client_area",
        by=bob.actor, at=timezone.now(),
    ).case  # fmt: skip
    assert house.now(case).state == "unproven", "being signed in shows who asks, and nothing more"
    accepted(house, case)
    house.work()
    known = {(one.kind, one.value) for one in case.identifiers.all()}
    assert ("email", bob.email) not in known
    assert ("email", CAROL) in known
    assert house.now(case).account is None


def test_an_erasure_waits_for_the_word_of_the_person(house):
    case = accepted(house, opened(house, "erasure"))
    house.work()
    waits = {one.waits_until for one in Alert.objects.filter(case=case)}
    assert waits
    assert None not in waits
    alert = Alert.objects.filter(case=case).first()
    say_no(alert, by=PERSON, at=timezone.now())
    with pytest.raises(NotReady):
        actions.approve(house.now(case), by=house.officer, at=timezone.now())


def test_an_erasure_that_somebody_asked_for_is_carried_out_and_they_are_told(house):
    case = accepted(house, opened(house, "erasure"))
    house.work()
    house.confirm(house.now(case))
    house.work_later()
    case = house.now(case)
    assert case.state == "answered", house.told(case)
    assert "Hello Maxine Mandate" in mails_to(AGENT)[-1].text
    assert CAROL not in house.dump("newsletter")


def test_it_is_a_request_of_its_own_beside_the_persons(house):
    own = house.proven("access", CAROL)
    case = accepted(house, opened(house))
    assert house.now(own).state == "searching"
    assert case.state == "searching"
    assert case.joined is None
    house.work()
    assert house.now(case).joined is None
    with pytest.raises(CannotJoin):
        actions.join(house.now(own), house.now(case), by=house.officer, at=timezone.now())
    again = house.proven("access", CAROL)
    assert again.joined == own, "and the person's next one joins their own"


def test_a_paper_that_does_not_do_is_asked_for_anew_with_what_is_missing(house):
    case = code_typed(house, opened(house))
    with pytest.raises(NotNow):
        actions.ask_for_authority(case, "A date.", by=house.officer, at=timezone.now())
    sent(house, case)
    assert read(house, case, fits=False).state == "failed"
    assert house.now(case).state == "unproven"
    for by, why, refused in (
        (house.people["sam"].actor, "x", MayNot),
        (house.officer, "  ", TooLong),
        (house.officer, "x" * 501, TooLong),
    ):
        with pytest.raises(refused):
            actions.ask_for_authority(case, why, by=by, at=timezone.now())
    actions.ask_for_authority(case, "The signature of Carol Chen.", by=house.officer, at=timezone.now())
    mail = mails_to(AGENT)[-1]
    assert "The signature of Carol Chen." in mail.text
    assert "does not show yet" in mail.text
    sent(house, case)
    read(house, case)
    assert house.now(case).state == "searching"
    for _ in range(MOST_STEPS - 2):
        case.proof_steps.filter(state="passed").update(state="failed")
        actions.ask_for_authority(house.now(case), "More.", by=house.officer, at=timezone.now())
        case.proof_steps.filter(state="open").update(state="failed")
    with pytest.raises(TooOften):
        actions.ask_for_authority(house.now(case), "More.", by=house.officer, at=timezone.now())


def test_the_paper_of_somebody_who_is_not_on_file_lets_nobody_ask(house):
    case = code_typed(house, opened(house, name="Somebody Else"))
    sent(house, case)
    assert read(house, case).state == "failed", "nobody of that name is known by that address"
    assert house.now(case).state == "unproven"


def test_who_takes_the_paper_in_does_not_read_it_and_nobody_decides_for_themselves(house):
    case = code_typed(house, opened(house))
    sam = second_officer(house)
    step = sent(house, case, by=sam)
    with pytest.raises(MayNot):
        actions.check_document(step, True, named(fits_of(claim_of(case))), by=sam, at=timezone.now())
    own = opened(house, who=acting(email=house.people["olga"].email))
    assert is_own_request(own, str(house.people["olga"].pk))
    with pytest.raises(OwnCase):
        read(house, own)


def test_two_officers_who_read_it_at_once_begin_one_search(house):
    case = code_typed(house, opened(house))
    step = sent(house, case, by=house.people["sam"].actor)
    found = named(fits_of(claim_of(case)))
    ended = []

    def look():
        try:
            ended.append(actions.check_document(step, True, found, by=house.officer, at=timezone.now()).state)
        except NotNow:
            ended.append("too late")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=look) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(ended) == ["passed", "too late"]
    about = f"rights.case:{case.pk}"
    assert Entry.objects.filter(about=about, kind="rights.case_proven").count() == 1


# Time, and what stays


def test_a_signature_takes_its_time_and_then_it_is_forgotten(house):
    case = opened(house)
    at = timezone.now()
    assert actions.expire_unproven(by=KEPT, at=at + timedelta(days=9)) == 0
    assert actions.expire_unproven(by=KEPT, at=at + timedelta(days=31)) == 1
    assert not Mandate.objects.filter(case=case).exists()
    assert house.now(case).key is None


def test_the_code_goes_to_whoever_asks_and_no_mailbox_is_flooded(house):
    case = opened(house)
    assert [mail.about for mail in mails_to(AGENT)] == [case.pk]
    assert not mails_to(CAROL)
    for number in range(8):
        opened(house, email=f"other{number}@example.com")
    assert len(mails_to(AGENT)) <= 6
    assert not actions.resend_code(house.now(case), by=PERSON, at=timezone.now())


def test_whoever_asked_is_gone_when_the_request_ends(house):
    case = accepted(house, opened(house))
    actions.withdraw_case(case, by=PERSON, at=timezone.now())
    assert not Mandate.objects.filter(case=case).exists()
    assert mails_to(AGENT)[-1].subject.startswith("Withdrawn") or mails_to(AGENT), "and they were told"


@pytest.mark.parametrize("language", list(LANGUAGES))
def test_what_is_missing_is_said_in_their_language(house, language):
    case = opened(house)
    Case.objects.filter(pk=case.pk).update(language=language)
    mail = tell(house.now(case), "authority", why="The date.", at=timezone.now())
    assert "The date." in mail.text
    assert "Carol Chen" in mail.text
    assert "Maxine Mandate" in mail.text


def test_the_page_says_in_their_language_what_is_left_to_do(house, client):
    case = opened(house)
    Case.objects.filter(pk=case.pk).update(language="de")
    token = link_in(mails_to(AGENT)[-1])
    assert "Geben Sie auf dieser Seite den Code" in client.get(f"/requests/{token}/").content.decode()
    code_typed(house, house.now(case))
    assert "dass Sie für diese Person bitten dürfen" in client.get(f"/requests/{token}/").content.decode()


# By letter


def letter_of(sam, at):
    sender = "Maxine Mandate\n1 Law Lane\n10101 Neustrand"
    return register_letter(at.date(), sender, "", [(io.BytesIO(PNG), "scan.png")], by=sam, at=at)


def by_letter(house, who, **said):
    at, sam = timezone.now(), house.people["sam"].actor
    letter = letter_of(sam, at)
    known = {"name": "Carol Chen", "email": CAROL} | said
    return actions.register(letter, "access", Said(**known), acting=who, by=sam, at=at).case


def test_who_asks_by_letter_is_answered_by_letter(house):
    who = Acting("guardian", "Maxine Mandate", postal="1 Law Lane\n10101 Neustrand")
    case = by_letter(house, who)
    assert not Message.objects.filter(about=case.pk).exists(), "no code goes to the person they ask for"
    assert addressee_of(case).on_envelope() == "Maxine Mandate\n1 Law Lane\n10101 Neustrand"
    sent(house, case)
    read(house, case)
    assert house.now(case).state == "searching"
    house.work()
    letters = list(PaperLetter.objects.filter(case=case))
    assert letters
    assert all(one.to.startswith("Maxine Mandate") for one in letters)


# The pages


def link_in(mail):
    return re.search(r"/requests/(\S+)/", mail.text).group(1)


WHO = {
    "kind": "parent", "name": "Carol Chen", "email": CAROL, "home": "", "own_name": "Maxine Mandate",
    "own_email": AGENT,
}  # fmt: skip


def test_a_parent_asks_on_the_web_and_an_officer_reads_what_they_send(house, client):
    client.post("/privacy/ask/", {"right": "access"})
    assert "/privacy/ask/for-another/" in client.get("/privacy/ask/you/").content.decode()
    bad = client.post("/privacy/ask/for-another/", WHO | {"own_email": CAROL, "name": ""})
    words = bad.content.decode()
    assert "Type their name." in words
    assert "Give your own: we write to you." in words
    client.post("/privacy/ask/for-another/", WHO)
    page = client.get("/privacy/ask/check/").content.decode()
    for words in ("Carol Chen", CAROL, "Maxine Mandate", AGENT, "I am their parent"):
        assert words in page
    shown = re.search(r'name="shown" value="(\w+)"', page).group(1)
    page = client.post("/privacy/ask/check/", {"shown": shown}, follow=True).content.decode()
    assert AGENT in page
    assert CAROL not in page
    case = Case.objects.get()
    assert case.mandate.kind == "parent"
    token = link_in(mails_to(AGENT)[-1])
    page = client.post("/privacy/ask/code/", {"code": house.code(case)}, follow=True).content.decode()
    assert "Show that you may ask for them" in page
    assert "Upload it here" in page
    page = client.get(f"/requests/{token}/document/").content.decode()
    assert "birth certificate" in page
    page = client.post(
        f"/requests/{token}/document/", {"file": SimpleUploadedFile("birth.png", PNG)}, follow=True
    ).content.decode()
    assert "a privacy officer reads it" in page
    assert "Type the code" not in page
    step = step_of(case)
    client.force_login(house.people["olga"])
    assert case.reference in client.get("/desk/proof/").content.decode(), "it waits to be read"
    page = client.get(f"/desk/proof/{case.pk}/").content.decode()
    assert "read the copy" in page
    assert "Maxine Mandate" in page
    page = client.get(f"/desk/proof/{case.pk}/document/{step.pk}/").content.decode()
    assert "It shows that they may ask for this" in page
    client.post(f"/desk/proof/{case.pk}/document/{step.pk}/", {"do": "fits"})
    assert house.now(case).state == "searching"
    house.work()
    assert "We write to office@mandates.example" in client.get(f"/desk/{case.pk}/").content.decode()


def test_an_officer_says_what_is_missing_on_the_page(house, client):
    case = code_typed(house, opened(house))
    sent(house, case)
    client.force_login(house.people["olga"])
    client.post(f"/desk/proof/{case.pk}/document/{step_of(case).pk}/", {"do": "does_not"})
    token = link_in(mails_to(AGENT)[-1])
    assert "writes to you what is missing" in Client().get(f"/requests/{token}/").content.decode()
    assert f"/desk/proof/{case.pk}/missing/" in client.get(f"/desk/proof/{case.pk}/").content.decode()
    assert client.post(f"/desk/proof/{case.pk}/missing/", {"why": ""}).status_code == 422
    client.post(f"/desk/proof/{case.pk}/missing/", {"why": "The date."})
    token = link_in(mails_to(AGENT)[-1])
    page = Client().get(f"/requests/{token}/").content.decode()
    assert "does not show yet that you may: The date." in page
    own = house.open("access", "alice@example.com").case
    assert client.get(f"/desk/proof/{own.pk}/missing/").status_code == 404


def test_who_is_signed_in_asks_for_another_or_changes_their_mind(house, client):
    client.force_login(house.people["bob"])
    client.post("/privacy/ask/", {"right": "access"})
    assert "/privacy/ask/for-another/" in client.get("/privacy/ask/check/").content.decode()
    page = client.get("/privacy/ask/for-another/").content.decode()
    assert house.people["bob"].email in page, "nobody types twice what we know"
    client.post("/privacy/ask/for-another/", WHO | {"own_email": house.people["bob"].email})
    assert "Carol Chen" in client.get("/privacy/ask/check/").content.decode()
    client.post("/privacy/ask/for-another/", {"do": "for_me"})
    page = client.get("/privacy/ask/check/").content.decode()
    assert "Carol Chen" not in page
    client.post("/privacy/ask/for-another/", WHO | {"own_email": house.people["bob"].email})
    page = client.get("/privacy/ask/check/").content.decode()
    shown = re.search(r'name="shown" value="(\w+)"', page).group(1)
    client.post("/privacy/ask/check/", {"shown": shown})
    case = Case.objects.get()
    assert (case.channel, case.account, case.state) == ("client_area", None, "unproven")
    assert client.get(f"/requests/{case.pk}/").status_code == 404, "they follow it by its link"


def test_staff_register_who_asks_beside_whom_they_ask_for(house, client):
    at, sam = timezone.now(), house.people["sam"].actor
    letter = letter_of(sam, at)
    client.force_login(house.people["sam"])
    way = f"/desk/register/letter/{letter.pk}"
    client.post(f"{way}/", {"right": "access"})
    said = {"name": "Carol Chen", "email": CAROL, "postal": "", "kind": "agent", "acting_name": ""}
    page = client.post(f"{way}/who/", said).content.decode()
    assert "Give the name of whoever asks." in page
    assert "Give an e-mail address or a postal address of whoever asks." in page
    client.post(f"{way}/who/", said | {"acting_name": "Maxine Mandate", "acting_email": AGENT})
    page = client.get(f"{way}/check/").content.decode()
    assert f"A code goes to {AGENT} at once." in page
    client.post(f"{way}/check/")
    case = Case.objects.get()
    assert (case.mandate.name, case.mandate.email) == ("Maxine Mandate", AGENT)
    assert mails_to(AGENT)
    assert not mails_to(CAROL)
