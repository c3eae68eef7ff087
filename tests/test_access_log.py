"""The access log: who read whose data, when, for which case and why; and who may know."""

from __future__ import annotations

from datetime import UTC, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from house import house, store
from hypothesis import given
from hypothesis import strategies as st
from together import at_once

from kept.policy.keepers import _keepers
from kept.post.models import Message
from kept.rights.actions.reading import rows_looked_at
from kept.rights.models import Case
from kept.security.models import Entry, Read
from kept.security.reading import NoReason, flags_of, log_read
from kept.security.reading.actions import KEPT_FOR, MayNotRead, OwnRead, forget_reads, log_looked_at, settle
from kept.security.reading.log import TELL, OutsideTransaction
from kept.security.reading.rules import REASONS, WITHOUT_CASE, Limits, slot_of
from kept.site.promises import looks_are_logged_and_judged
from kept.terms import Actor, State
from kept.work.models import Step
from kept.work.run import work_off

__all__ = ["house", "store"]

pytestmark = [pytest.mark.store, pytest.mark.pages]
KEPT = Actor.kept()
ALICE = "alice@example.com"


def signed_in(house, who: str) -> Client:
    client = Client()
    client.force_login(house.people[who])
    return client


def rows_page(house, case: Case) -> str:
    return f"/desk/{case.pk}/rows/billing/client/"


def look(house, who: str = "olga", **more) -> Read:
    with transaction.atomic():
        return log_read("case", "case", by=house.people[who].actor, at=timezone.now(), **more)


# Written down


def test_opening_a_case_is_written_down_once_for_one_look(house):
    case, olga = house.reviewed("access", ALICE), signed_in(house, "olga")
    for _ in range(3):
        olga.get(f"/desk/{case.pk}/")
        olga.get(f"/desk/{case.pk}/part/")
    read = Read.objects.get()
    assert (read.what, read.reason, read.case, read.case_open) == ("case", "case", case.pk, True)
    assert (read.reader, read.person) == (house.people["olga"].pk, house.people["alice"].pk)
    assert read.flags == []


def test_rows_are_shown_only_with_a_reason_and_the_log_holds_it_before_they_are(house):
    case, olga = house.reviewed("access", ALICE), signed_in(house, "olga")
    asked = olga.get(rows_page(house, case)).content.decode()
    assert "Why do you need to see these rows?" in asked
    assert ALICE not in asked
    assert not Read.objects.filter(what="rows").exists()
    shown = olga.post(rows_page(house, case), {"reason": "law"}, follow=True).content.decode()
    assert ALICE in shown
    read = Read.objects.get(what="rows")
    assert (read.reason, read.place, read.person) == ("law", "billing/client", house.people["alice"].pk)


def test_nothing_is_shown_when_the_look_cannot_be_written_down(house, monkeypatch):
    case, olga = house.reviewed("access", ALICE), signed_in(house, "olga")

    def full(*_: object, **__: object) -> None:
        raise IntegrityError("the disk is full")

    monkeypatch.setattr("kept.rights.actions.reading.log_read", full)
    olga.raise_request_exception = False
    page = olga.post(rows_page(house, case), {"reason": "law"}, follow=True)
    assert page.status_code == 500
    assert ALICE not in page.content.decode()
    assert not Entry.objects.filter(kind="rights.rows_looked_at").exists()


def test_accounts_to_choose_from_are_a_look_as_well(house):
    case = house.reviewed("access", ALICE)
    answer = case.answers.get(system__name="billing")
    answer.state = "needs_person"
    answer.save()
    signed_in(house, "olga").get(f"/desk/{case.pk}/accounts/billing/")
    assert Read.objects.get(what="accounts").place == "billing"


def test_a_look_without_a_known_reason_or_outside_an_action_is_refused(house):
    case = house.reviewed("access", ALICE)
    with pytest.raises(NoReason), transaction.atomic():
        log_read("rows", "curious", by=house.officer, at=timezone.now())
    with pytest.raises(OutsideTransaction):
        log_read("rows", "law", by=house.officer, at=timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        Read.objects.create(at=timezone.now(), by="x", what="rows", reason="", case=case.pk)
    assert not Read.objects.exists()


def test_the_log_holds_no_names_addresses_or_values(house):
    case, olga = house.reviewed("access", ALICE), signed_in(house, "olga")
    olga.post(rows_page(house, case), {"reason": "quality"}, follow=True)
    told = " ".join(str(value) for row in Read.objects.values() for value in row.values())
    for word in ("@", "Alice", "Olga", "Arden"):
        assert word not in told


# Unusual


@given(
    st.sampled_from([*WITHOUT_CASE, "case", "log"]),
    st.sampled_from([True, False, None]),
    st.booleans(),
    st.integers(0, 50),
    st.integers(1, 50),
)
def test_what_is_unusual_is_said_and_nothing_else(what, case_open, own, lately, many):
    flags = flags_of(what, case_open, own, lately, Limits(many, timedelta(hours=1)))
    assert ("own" in flags) == (own and what != "log")
    assert ("many" in flags) == (lately > many and what != "log")
    assert ("no_open_case" in flags) == (what in WITHOUT_CASE and case_open is not True)
    assert len(set(flags)) == len(flags)


def test_many_people_in_a_short_time_are_unusual(house, settings):
    settings.READS_MANY = 3
    reads = [look(house, case=uuid4(), case_open=True) for _ in range(5)]
    assert [read.flags for read in reads] == [[], [], [], ["many"], ["many"]]
    same = uuid4()
    assert [look(house, "aino", case=same, case_open=True).flags for _ in range(5)] == [[]] * 5
    Read.objects.update(at=timezone.now() - timedelta(hours=2))
    assert look(house, case=uuid4(), case_open=True).flags == []


def test_rows_of_a_case_that_is_over_and_ones_own_data_are_unusual(house):
    case = house.reviewed("access", "olga@example.com")
    Case.objects.filter(pk=case.pk).update(state="answered", account=house.people["olga"])
    at = timezone.now()
    system = case.answers.get(system__name="billing").system
    rows_looked_at(house.now(case), system, "client", "question", 1, by=house.officer, at=at)
    assert sorted(Read.objects.get().flags) == ["no_open_case", "own"]


def test_somebody_else_judges_what_was_unusual_and_once(house):
    own = look(house, person=house.people["olga"].pk)
    at = timezone.now()
    with pytest.raises(OwnRead):
        settle(own, "explained", by=house.officer, at=at)
    with pytest.raises(MayNotRead):
        settle(own, "explained", by=house.people["erik"].actor, at=at)
    aino = house.people["aino"].actor
    ended = at_once(
        lambda: settle(own, "misuse", by=aino, at=at),
        lambda: settle(own, "explained", by=aino, at=at),
    )
    assert all(isinstance(one, Read) for one in ended), ended
    assert Entry.objects.filter(kind="security.read_settled").count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Read.objects.filter(pk=own.pk).update(settled_by=own.by)


def test_the_officer_sees_what_is_unusual_and_misuse_leads_to_the_breach_register(house):
    look(house, "sam", person=house.people["sam"].pk)
    olga = signed_in(house, "olga")
    assert "their own data" in olga.get("/security/access-log/?show=unusual").content.decode()
    assert "<strong>1</strong> unusual look to judge" in olga.get("/security/").content.decode()
    read = Read.objects.get(flagged=True)
    answer = olga.post(f"/security/access-log/{read.pk}/", {"how": "misuse"})
    assert answer["Location"] == "/security/breaches/report/"


def mails() -> dict[str, str]:
    return {mail.to: mail.subject + "\n" + mail.text for mail in Message.objects.all()}


def tell(house) -> None:
    """A quarter of an hour later."""
    Step.objects.filter(name=TELL).update(due_at=timezone.now())
    work_off(timezone.now(), names=[TELL])


def test_those_who_judge_get_one_mail_about_unusual_looks_that_names_nobody(house):
    at = timezone.now().replace(minute=2)
    for minute in (0, 3, 7):
        with transaction.atomic():
            sam = house.people["sam"]
            log_read("account", "question", person=house.people["alice"].pk, by=sam.actor,
                     at=at + timedelta(minutes=minute))  # fmt: skip
    assert Step.objects.get(name=TELL).due_at > at + timedelta(minutes=7), "one mail for what comes together"
    tell(house)
    told = mails()
    assert sorted(told) == ["aino@example.com", "olga@example.com"]
    assert "3 looks of one of our staff" in told["olga@example.com"]
    assert "Why: no open request." in told["olga@example.com"]
    assert "/security/access-log/?show=unusual" in told["olga@example.com"]
    assert not any(word in told["olga@example.com"] for word in ("Sam", "Sato", "sam@", "Alice", str(sam.pk)))
    assert Entry.objects.get(kind="security.unusual_told").facts == {"count": 3, "told": 2}
    tell(house)
    assert Message.objects.count() == 2


def test_who_looked_is_not_warned_and_what_was_judged_is_not_told(house):
    own = look(house, person=house.people["olga"].pk)
    look(house)
    tell(house)
    assert sorted(mails()) == ["aino@example.com"], "Olga looked"
    Message.objects.all().delete()
    Step.objects.all().delete()
    settle(own, "explained", by=house.people["aino"].actor, at=timezone.now())
    again = look(house, "sam", person=house.people["sam"].pk)
    settle(again, "explained", by=house.officer, at=timezone.now())
    tell(house)
    assert mails() == {}


def test_a_look_that_is_not_unusual_tells_nobody(house):
    case = house.reviewed("access", ALICE)
    signed_in(house, "olga").get(f"/desk/{case.pk}/")
    assert not Step.objects.filter(name=TELL).exists()


@given(st.datetimes(timezones=st.just(UTC)))
def test_every_instant_lies_in_its_ten_minutes(at):
    begin, end = slot_of(at)
    assert begin <= at < end
    assert slot_of(begin)[0] == begin


# Who may know


def test_a_person_sees_who_looked_at_their_data_by_role_and_reason_and_no_name(house):
    case = house.reviewed("access", ALICE)
    signed_in(house, "olga").post(rows_page(house, case), {"reason": "law"}, follow=True)
    page = signed_in(house, "alice").get("/client-area/who-looked/").content.decode()
    assert "Privacy officer" in page
    assert "To see whether a law keeps records" in page
    assert "Billing: Customer account" in page
    assert case.reference in page
    assert "Olga" not in page


def test_nobody_sees_who_looked_at_somebody_else(house):
    case = house.reviewed("access", ALICE)
    signed_in(house, "olga").get(f"/desk/{case.pk}/")
    page = signed_in(house, "bob").get("/client-area/who-looked/").content.decode()
    assert "Nobody of our staff has looked" in page
    for who in ("sam", "erik", "alice"):
        assert signed_in(house, who).get("/security/access-log/").status_code == 404


def test_an_auditor_reads_the_log_which_writes_that_down(house):
    case = house.reviewed("access", ALICE)
    signed_in(house, "olga").get(f"/desk/{case.pk}/")
    aino = signed_in(house, "aino")
    for _ in range(3):
        page = aino.get("/security/access-log/").content.decode()
    assert "Olga Orlova" in page
    assert case.reference in page
    read = Read.objects.get(what="log")
    assert (read.reader, read.flags) == (house.people["aino"].pk, [])
    assert Entry.objects.filter(kind="security.log_looked_at").count() == 1
    with pytest.raises(MayNotRead):
        log_looked_at(by=house.people["sam"].actor, at=timezone.now())


def test_looks_are_forgotten_after_two_years(house):
    old, new = look(house), look(house)
    Read.objects.filter(pk=old.pk).update(at=timezone.now() - KEPT_FOR - timedelta(days=1))
    assert forget_reads(by=KEPT, at=timezone.now()) == 1
    assert list(Read.objects.all()) == [new]
    assert forget_reads(by=KEPT, at=timezone.now()) == 0


def test_every_reason_of_the_form_is_one_of_the_log(house):
    from kept.rights.actions.reading import REASONS as FORM

    assert set(FORM) <= set(REASONS)


# What the policy page says


def test_the_keeper_counts_looks_and_turns_red_when_nobody_judges_what_is_unusual(house):
    read = look(house, person=house.people["olga"].pk)
    look(house, "aino", case=uuid4(), case_open=True)
    at = timezone.now()
    evidence = looks_are_logged_and_judged(at)
    assert evidence.figure.startswith("2 looks at people's data by 2 people of our staff")
    assert evidence.state is not State.BROKEN
    assert looks_are_logged_and_judged(at + timedelta(days=15)).state is State.BROKEN
    settle(read, "explained", by=house.people["aino"].actor, at=at)
    assert looks_are_logged_and_judged(at + timedelta(days=15)).state is not State.BROKEN
    Read.objects.filter(pk=read.pk).update(settled_how="misuse")
    assert looks_are_logged_and_judged(at).state is State.BROKEN


def test_the_keeper_does_not_speak_for_what_nobody_looks_at(house, monkeypatch):
    """As long as nothing shows that stored data is sealed, the clause is not called kept."""
    mine = [bound for bound in _keepers["1.1"] if bound.look is looks_are_logged_and_judged]
    monkeypatch.setitem(_keepers, "1.1", mine)
    assert looks_are_logged_and_judged(timezone.now()).state is State.CANNOT_TELL
