"""Asking: whoever holds the mailbox is answered, and nobody else learns anything."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone
from house import PERSON, house, own_dump, store

from kept.engine.errors import NotAnIdentifier
from kept.people.models import Account
from kept.post.models import Message
from kept.post.outbox import BadAddress
from kept.rights import actions
from kept.rights.access import case_by_token, case_of, cases_of, desk
from kept.rights.codes import REFERENCE_SIGNS, new_reference, token_of
from kept.rights.errors import NotNow, TooLong, UnknownRight
from kept.rights.models import Case, CaseIdentifier
from kept.rights.rules import CODE_LIFE, CODE_TRIES, MOST_ASKED, MOST_CODES, PROVE_WITHIN
from kept.security.models import Entry
from kept.terms import Actor
from kept.work.models import Step

__all__ = ["house", "store"]

pytestmark = pytest.mark.store


def prove(case, code, after=timedelta(0)):
    return actions.prove(case, code, by=PERSON, at=timezone.now() + after)


def mails_to(email):
    return Message.objects.filter(to=email).count()


def test_a_request_waits_for_its_code_and_is_searched_after_it(house):
    opened = house.open("access", "alice@example.com")
    assert opened.case.state == Case.State.UNPROVEN
    assert not Step.objects.filter(name="rights.search").exists()
    assert prove(opened.case, house.code(opened.case))
    case = house.now(opened.case)
    assert case.state == Case.State.SEARCHING
    assert Step.objects.filter(name="rights.search", about=case.pk).count() == 4
    assert set(house.answers(case)) == {"billing", "helpdesk", "newsletter", "kept"}


def test_the_proven_owner_sees_the_case_in_the_client_area_too(house):
    case = house.proven("access", "alice@example.com")
    assert case_of(house.people["alice"], case.pk) == case
    assert list(cases_of(house.people["bob"])) == []


def test_who_is_signed_in_is_asked_nothing_twice(house):
    alice = house.people["alice"]
    opened = actions.open_case(
        "access", alice.email, name="Alice", account=alice, channel="client_area", by=alice.actor, at=timezone.now()
    )
    case = house.now(opened.case)
    assert (case.state, case.account) == (Case.State.SEARCHING, alice)
    assert Message.objects.get(about=case.pk).subject == f"We have your request {case.reference}"


def test_who_is_signed_in_must_still_prove_another_address(house):
    bob = house.people["bob"]
    opened = actions.open_case(
        "access", "alice@example.com", account=bob, channel="client_area", by=bob.actor, at=timezone.now()
    )
    assert opened.case.state == Case.State.UNPROVEN
    assert prove(opened.case, house.code(opened.case))
    assert house.now(opened.case).account == house.people["alice"], "whoever owns the address owns the case"


def test_who_asked_with_a_strangers_address_does_not_own_what_the_stranger_proves(house):
    """Bob, signed in, asks with Nora's address; Nora types the code. The copy is hers, and not on Bob's pages."""
    bob = house.people["bob"]
    for address in ("nora@example.net", "carol.chen@example.org"):
        opened = actions.open_case(
            "access", address, account=bob, channel="client_area", by=bob.actor, at=timezone.now()
        )
        assert prove(opened.case, house.code(opened.case))
        assert house.now(opened.case).account is None
    assert list(cases_of(bob)) == []


def test_who_types_the_code_while_signed_in_sees_the_case_in_the_client_area(house):
    bob = house.people["bob"]
    opened = actions.open_case(
        "access", "bobs.old@example.net", account=bob, channel="client_area", by=bob.actor, at=timezone.now()
    )
    assert actions.prove(opened.case, house.code(opened.case), by=bob.actor, at=timezone.now())
    assert list(cases_of(bob)) == [house.now(opened.case)]


def test_the_first_mail_says_the_number_and_by_when_we_answer(house):
    """Art. 12(3)."""
    case = house.open("access", "alice@example.com").case
    mail = Message.objects.get(about=case.pk)
    assert case.reference in mail.text
    assert f"by {case.due_on:%A, {case.due_on.day} %B %Y} at the latest" in mail.text


def test_the_mail_leads_to_the_case_and_the_store_holds_neither_link_nor_code(house):
    opened = house.open("access", "alice@example.com")
    mail = Message.objects.get(about=opened.case.pk)
    assert f"http://localhost:8000/requests/{opened.token}/" in mail.text
    assert case_by_token(opened.token) == opened.case
    code = house.code(opened.case)
    Message.objects.all().delete()
    for secret in (opened.token, code, code.replace(" ", "")):
        assert secret not in own_dump()


def test_a_guessed_link_leads_nowhere(house, settings):
    from django.http import Http404

    opened = house.open("access", "alice@example.com")
    for wrong in ("", opened.token[:-1], opened.token + "A", str(opened.case.pk), opened.case.reference):
        with pytest.raises(Http404):
            case_by_token(wrong)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key of the site, as long as it has to be: 0123456789"
    assert token_of(opened.case.pk, opened.case.token_hash) == opened.token, "links live on when the key is changed"
    assert prove(opened.case, house.code(opened.case)), "and so do codes"


def test_a_wrong_code_is_counted_and_five_of_them_end_it(house):
    case = house.open("access", "alice@example.com").case
    code = house.code(case)
    wrong = "000000" if code != "000 000" else "111111"
    for tries in range(1, CODE_TRIES + 1):
        assert not prove(case, wrong)
        assert house.now(case).code_attempts == tries
    assert not prove(case, code), "the right one comes too late"
    assert house.now(case).state == Case.State.UNPROVEN
    assert actions.resend_code(case, by=PERSON, at=timezone.now() + timedelta(minutes=2))
    assert prove(case, house.code(case))


@pytest.mark.parametrize(
    "typed", ["", "12345", "abcdef", "\N{FULLWIDTH DIGIT ONE}" * 6, "0" * 100_000, "'; DROP TABLE rights_case"]
)
def test_what_is_no_code_is_a_wrong_code(house, typed):
    case = house.open("access", "alice@example.com").case
    assert not prove(case, typed)


def test_a_code_ends_after_half_an_hour(house):
    case = house.open("access", "alice@example.com").case
    assert not prove(case, house.code(case), CODE_LIFE + timedelta(seconds=1))
    assert prove(case, house.code(case), CODE_LIFE - timedelta(seconds=5))


def test_the_code_of_one_case_opens_no_other(house):
    alices, bobs = house.open("access", "alice@example.com").case, house.open("access", "bob@example.com").case
    assert not prove(bobs, house.code(alices))
    assert prove(alices, house.code(alices))


def test_a_code_typed_twice_proves_once_and_a_wrong_one_still_opens_nothing(house):
    case = house.open("access", "alice@example.com").case
    code = house.code(case)
    assert prove(case, code)
    assert prove(case, code), "the form was sent twice"
    assert not prove(case, "000000" if code != "000 000" else "111111"), "proven, and still closed to others"
    assert Entry.objects.filter(kind="rights.case_proven").count() == 1
    assert Step.objects.filter(name="rights.search").count() == 4


def test_new_codes_are_limited(house):
    case = house.open("access", "alice@example.com").case
    at = timezone.now()
    assert not actions.resend_code(case, by=PERSON, at=at), "the last one left a moment ago"
    for count in range(2, MOST_CODES + 1):
        at += timedelta(minutes=2)
        assert actions.resend_code(case, by=PERSON, at=at), count
    assert not actions.resend_code(case, by=PERSON, at=at + timedelta(days=1))
    assert mails_to("alice@example.com") == MOST_CODES


def test_nobody_floods_a_mailbox_through_us(house):
    for _ in range(MOST_ASKED + 3):
        opened = house.open("access", "carol@example.com")
        assert opened.case.reference, "the asker sees the same every time"
        assert opened.token
    assert mails_to("carol@example.com") == mails_to("CAROL@example.com") == MOST_ASKED
    assert not actions.resend_code(opened.case, by=PERSON, at=timezone.now()), "nor by asking for the code again"
    assert mails_to("carol@example.com") == MOST_ASKED


def test_the_same_request_twice_is_one(house):
    first = house.proven("access", "alice@example.com")
    second = house.open("access", "Alice@Example.COM")
    assert second.case.pk != first.pk
    assert second.case.due_on == house.now(second.case).due_on, "nothing of the open one shows before the proof"
    assert prove(second.case, house.code(second.case))
    joined = house.now(second.case)
    assert (joined.state, joined.joined, joined.email) == (Case.State.CLOSED, first, "")
    assert case_by_token(second.token) == first, "its link shows the one that answers both"
    assert list(desk(house.people["olga"])) == [first]
    mails = [mail for mail in Message.objects.all() if mail.to == "Alice@Example.COM"]
    assert len([mail for mail in mails if first.reference in mail.subject]) == 1


def test_another_right_is_another_request(house):
    access, erasure = house.proven("access", "alice@example.com"), house.proven("erasure", "alice@example.com")
    assert access.pk != erasure.pk
    assert {access.state, erasure.state} == {Case.State.SEARCHING}


def test_an_unproven_request_neither_joins_nor_blocks(house):
    mallory = house.open("access", "alice@example.com")
    case = house.proven("access", "alice@example.com")
    assert house.now(mallory.case).joined is None
    assert case_by_token(mallory.token).state == Case.State.UNPROVEN
    assert case.state == Case.State.SEARCHING


def test_two_proofs_at_once_make_one_case(house):
    cases = [house.open("access", "alice@example.com").case for _ in range(2)]
    codes = [house.code(case) for case in cases]
    together, results = threading.Barrier(2), []

    def type_code(case, code):
        try:
            together.wait()
            results.append(prove(case, code))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=type_code, args=pair) for pair in zip(cases, codes, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True, True]
    assert sorted(house.now(case).state for case in cases) == [Case.State.CLOSED, Case.State.SEARCHING]
    assert Step.objects.filter(name="rights.search").count() == 4


def test_a_withdrawn_request_forgets_who_asked_and_is_not_searched(house):
    case = house.proven("access", "alice@example.com")
    actions.withdraw_case(case, by=PERSON, at=timezone.now())
    actions.withdraw_case(case, by=PERSON, at=timezone.now())
    house.work()
    case = house.now(case)
    assert (case.state, case.email, case.name) == (Case.State.WITHDRAWN, "", "")
    assert not CaseIdentifier.objects.filter(case=case).exists()
    assert not case.answers.exclude(holdings=[]).exists()
    assert set(Step.objects.filter(name="rights.search").values_list("state", flat=True)) == {"dropped"}
    assert mails_to("alice@example.com") == 1, "only the one that says it was withdrawn still names her"
    assert Message.objects.filter(about=case.pk).exclude(to="alice@example.com").exclude(text="").count() == 0


def test_what_is_being_carried_out_can_no_longer_be_withdrawn(house):
    [case] = house.confirmed("bob@example.com")
    house.work()
    with pytest.raises(NotNow):
        actions.withdraw_case(case, by=PERSON, at=timezone.now())


def test_what_nobody_proves_expires_and_is_forgotten(house):
    case = house.open("access", "nobody.known@example.com").case
    late = timezone.now() + PROVE_WITHIN + timedelta(minutes=1)
    assert actions.expire_unproven(by=Actor.kept(), at=late - timedelta(minutes=2)) == 0
    assert actions.expire_unproven(by=Actor.kept(), at=late) == 1
    assert actions.expire_unproven(by=Actor.kept(), at=late) == 0
    assert house.now(case).state == Case.State.EXPIRED
    assert "nobody.known" not in own_dump()
    assert not actions.prove(case, "000000", by=PERSON, at=late)


@pytest.mark.parametrize(
    "email",
    [
        "",
        "alice",
        "a b@example.com",
        "alice@",
        "\0@example.com",
        "a" * 300 + "@example.com",
        f"{'a' * 20}@{('b' * 60 + '.') * 4}de",
    ],
)
def test_what_is_no_address_opens_nothing_and_is_not_repeated(house, email):
    with pytest.raises((NotAnIdentifier, BadAddress)) as refused:
        house.open("access", email)
    assert not email or email not in str(refused.value)
    assert not Case.objects.exists()


def test_a_right_that_is_not_offered_opens_nothing(house):
    with pytest.raises(UnknownRight):
        house.open("everything", "alice@example.com")


@pytest.mark.parametrize("name", ["n" * 201, "\0\ud800\r\n" + "Ä" * 2_000_000])
def test_a_name_that_is_too_long_is_refused_and_never_cut(house, name):
    with pytest.raises(TooLong) as refused:
        actions.open_case("access", "alice@example.com", name=name, channel="web", by=PERSON, at=timezone.now())
    assert "at most 200 characters" in str(refused.value)
    assert not Case.objects.exists()


def test_a_name_is_kept_in_one_line_and_never_searched_for(house):
    name = "\0Alice\r\nBcc: " + "Ä" * 180
    opened = actions.open_case("access", "alice@example.com", name=name, channel="web", by=PERSON, at=timezone.now())
    assert house.now(opened.case).name == "Alice Bcc: " + "Ä" * 180
    assert list(CaseIdentifier.objects.values_list("kind", flat=True)) == ["email"]


def test_an_unproven_address_of_an_account_widens_no_search(house):
    """Bob adds Alice's address to his account and proves nothing: his request must not bring him her data."""
    from allauth.account.models import EmailAddress

    bob = house.people["bob"]
    EmailAddress.objects.create(user=bob, email="alice@example.com", verified=False, primary=False)
    EmailAddress.objects.create(user=bob, email="bob.two@example.com", verified=True, primary=False)
    case = house.proven("access", "bob@example.com")
    house.work()
    emails = {row.value for row in CaseIdentifier.objects.filter(case=case, kind="email")}
    assert "alice@example.com" not in emails
    assert {"bob@example.com", "bob.two@example.com"} <= emails


def test_a_closed_account_owns_no_new_case(house):
    Account.objects.filter(email="alice@example.com").update(is_active=False)
    assert house.proven("access", "alice@example.com").account is None


def test_a_reference_can_be_read_out_on_the_telephone():
    assert new_reference("Hansoken Cloud", 2026).startswith("HC-2026-")
    assert new_reference("42", 2026).startswith("K-2026-")
    assert not set("01IOLU") & set(REFERENCE_SIGNS)


def test_no_entry_and_no_step_holds_personal_data(house):
    case = house.proven("access", "alice@example.com")
    house.work()
    told = "\n".join(
        [str(row) for row in Entry.objects.values("kind", "about", "by", "facts")]
        + [str(row) for row in Step.objects.values("name", "batch", "args", "outcome", "problem")]
        + [str(row) for row in case.answers.values("holdings", "drift", "plan", "changes", "residue", "problem")]
    ).lower()
    for word in ("alice", "arden", "example.com", "23125"):
        assert word not in told
