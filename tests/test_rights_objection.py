"""Who objects to advertising gets none from then on; what else they object to rests until somebody has weighed it."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import timedelta
from sqlite3 import IntegrityError

import pytest
from django.utils import timezone
from house import KEPT, PERSON, SYSTEMS, house, store
from test_refusals import refused
from test_use import together

from kept.engine.identifiers import normal
from kept.information.actions import own_system
from kept.post.models import Message
from kept.rights import actions
from kept.rights.errors import NotNow
from kept.rights.models import Case
from kept.rights.particulars.objection import Form
from kept.rights.stopping.actions import seen_to_by_hand, take_objection_back, write_down
from kept.rights.stopping.models import KeptMark
from kept.security.models import Entry
from kept.use.access import is_suppressed, objections_of, would_decide
from kept.use.models import Objection

__all__ = ["house", "store"]

pytestmark = pytest.mark.store

ALICE = "alice@example.com"
ADVERTISING = ["marketing.own", "marketing.third_party"]
HERS = normal("email", ALICE)


def now():
    return timezone.now()


def may(purpose, category="contact", email=ALICE):
    return would_decide([normal("email", email)], purpose, category, "us", now()).outcome


def mails(case):
    return list(Message.objects.filter(about=case.pk).order_by("written_at", "id"))


def standing(house, system="newsletter", email=ALICE):
    table = "subscribers" if system == "newsletter" else "client"
    rows = house.ask(system, f"SELECT status FROM {table} WHERE lower(email) = ?", email)
    return [row[0] for row in rows]


# Advertising: at once, and without an officer


def test_advertising_ends_the_moment_she_is_proven_and_not_before(house):
    opened = house.open("objection", ALICE, uses=ADVERTISING)
    assert may("marketing.own") == "allow", "anybody can type her address"
    assert actions.prove(opened.case, house.code(opened.case), by=PERSON, at=now())
    assert may("marketing.own") == "deny"
    assert is_suppressed(HERS, "marketing.third_party", now().date())
    [row] = Entry.objects.filter(kind="rights.case_proven")
    assert Objection.objects.filter(since=row.at).count() == 2, "in the same transaction"


def test_what_is_only_about_advertising_needs_no_officer_and_is_marked_where_it_can_be(house):
    assert standing(house) == ["enabled"]
    case = house.proven("objection", ALICE, uses=ADVERTISING)
    house.work()
    case = house.now(case)
    assert case.state == Case.State.ANSWERED, house.told(case)
    assert case.approved_by == "kept"
    assert standing(house) == ["blocklisted"]
    told = {name: (one.state, one.changes) for name, one in house.answers(case).items()}
    assert told["newsletter"][0] == "done"
    assert any(one["rows"] for one in told["newsletter"][1])
    assert told["billing"] == ("done", []), "nothing there is for advertising"
    assert mails(case)[-1].subject.startswith("That use of your data has ended")
    assert not case.packages.exists()


def test_the_other_people_of_the_newsletter_are_left_alone(house):
    before = house.ask("newsletter", "SELECT id, status FROM subscribers WHERE lower(email) <> ? ORDER BY id", ALICE)
    house.proven("objection", ALICE, uses=ADVERTISING)
    house.work()
    after = house.ask("newsletter", "SELECT id, status FROM subscribers WHERE lower(email) <> ? ORDER BY id", ALICE)
    assert before == after


def test_it_holds_for_every_address_that_the_search_has_found(house):
    case = house.proven("objection", ALICE, uses=ADVERTISING)
    house.work()
    known = {(one.kind, one.scope) for one in house.now(case).identifiers.filter(standing="used")}
    assert ("account", "billing") in known
    objection = objections_of(case.pk).first()
    assert objection.whose.filter(kind="account").exists()


def test_an_objection_by_mail_without_a_use_ends_advertising_and_waits_for_an_officer_to_ask(house):
    case = house.reviewed("objection", ALICE)
    assert (may("marketing.own"), may("improvement", "usage")) == ("deny", "allow")
    case = write_down(case, {"uses": ["improvement"], "reasons": "I am a rival."}, by=house.officer, at=now())
    assert may("improvement", "usage") == "deny"
    with pytest.raises(NotNow):
        write_down(case, {"uses": ["security"]}, by=house.officer, at=now())


# Other uses: weighed by an officer, and at rest meanwhile


def test_another_use_rests_until_an_officer_has_weighed_it(house):
    case = house.reviewed("objection", ALICE, uses=["improvement"], reasons="My servers hold trade secrets.")
    assert may("improvement", "usage") == "deny", "pending is denied: Art. 18(1)(d)"
    assert standing(house) == ["enabled"], "the newsletter's mark is one against advertising"
    actions.approve(case, by=house.officer, at=now())
    assert objections_of(case.pk).get().state == "in_force"
    house.work()
    waiting = house.answers(case)["billing"]
    assert (waiting.state, waiting.problem.split(".")[0]) == (
        "cannot_tell",
        "This system has no mark of its own for it",
    )
    assert house.now(case).state == Case.State.ANSWERING, "nobody has ended it there yet"
    for name, one in house.answers(case).items():
        if one.state == "cannot_tell":
            seen_to_by_hand(case, one.system, by=house.officer, at=now())
            seen_to_by_hand(case, one.system, by=house.officer, at=now())
        else:
            with pytest.raises(NotNow):
                seen_to_by_hand(case, one.system, by=house.officer, at=now())
        assert house.answers(case)[name].decided == ("by_hand" if one.state == "cannot_tell" else "")
    house.work()
    assert house.now(case).state == Case.State.ANSWERED
    assert standing(house) == ["enabled"]


def test_withdrawn_the_use_goes_on_and_advertising_stays_ended(house):
    case = house.reviewed("objection", ALICE, uses=["improvement", "marketing.own"], reasons="So.")
    actions.withdraw_case(case, by=PERSON, at=now())
    assert may("improvement", "usage") == "allow"
    assert may("marketing.own") == "deny", "no decision of ours was needed for it"


def test_refused_the_use_goes_on_and_advertising_stays_ended(house):
    case = house.reviewed("objection", ALICE, uses=["security", "marketing.own"], reasons="So.")
    assert may("security") == "deny"
    refused(house, case)
    assert house.now(case).state == Case.State.REFUSED
    assert (may("security"), may("marketing.own")) == ("allow", "deny")
    assert objections_of(case.pk).get(purpose="security").ended_why == "refused"


def test_taken_back_it_says_yes_to_nothing_in_the_systems(house):
    case = house.proven("objection", ALICE, uses=["marketing.own"])
    house.work()
    row = objections_of(case.pk).get()
    take_objection_back(house.now(case), row, by=PERSON, at=now())
    assert may("marketing.own") == "allow"
    assert standing(house) == ["blocklisted"], "the list asks her anew"
    bobs = house.proven("objection", "bob@example.com", uses=["marketing.own"])
    with pytest.raises(NotNow):
        take_objection_back(house.now(case), objections_of(bobs.pk).get(), by=PERSON, at=now())


# Two at once, and more than was asked first


def test_a_second_request_adds_its_uses_to_the_first_and_goes_back_to_the_officer(house):
    first = house.reviewed("objection", ALICE, uses=["improvement"], reasons="One.")
    actions.approve(first, by=house.officer, at=now())
    second = house.proven("objection", ALICE, uses=["licence", "marketing.own"], reasons="Two.")
    assert second.joined_id == first.pk
    first = house.now(first)
    assert first.asked == {"uses": ["improvement", "licence", "marketing.own"], "reasons": "One.\n\nTwo."}
    assert (first.state, first.approved_by) == (Case.State.REVIEW, "")
    assert [may("licence"), may("marketing.own"), may("improvement", "usage")] == ["deny"] * 3
    actions.approve(first, by=house.officer, at=now())
    house.work()
    assert standing(house) == ["blocklisted"]
    assert {one.state for one in objections_of(first.pk)} == {"in_force"}


def test_an_objection_proven_twice_at_once_is_one_and_loses_no_use(house):
    opened = [house.open("objection", ALICE, uses=[one], reasons="Both.") for one in ("improvement", "licence")]
    codes = [house.code(one.case) for one in opened]
    together(
        *(
            lambda one=one, code=code: actions.prove(one.case, code, by=PERSON, at=now())
            for one, code in zip(opened, codes, strict=True)
        )
    )
    cases = [house.now(one.case) for one in opened]
    assert sorted(bool(one.joined_id) for one in cases) == [False, True]
    [kept] = [one for one in cases if not one.joined_id]
    assert sorted(objections_of(kept.pk).values_list("purpose", flat=True)) == ["improvement", "licence"]
    assert (may("improvement", "usage"), may("licence")) == ("deny", "deny")


def test_withdrawing_while_it_is_carried_out_is_one_or_the_other(house):
    case = house.reviewed("objection", ALICE, uses=["improvement", "marketing.own"], reasons="So.")
    actions.approve(case, by=house.officer, at=now())
    refused = []

    def withdraw():
        try:
            actions.withdraw_case(case, by=PERSON, at=now())
        except NotNow:
            refused.append(True)

    together(withdraw, house.work)
    house.work()
    case = house.now(case)
    if refused:
        assert standing(house) == ["blocklisted"]
        assert may("improvement", "usage") == "deny"
    else:
        assert case.state == Case.State.WITHDRAWN
        assert standing(house) in (["enabled"], ["blocklisted"])
    assert may("marketing.own") == "deny"


def test_who_was_erased_and_signs_up_again_still_gets_no_advertising(house):
    """An erasure, and at the same time the address is entered in the newsletter anew."""
    [case] = house.confirmed(ALICE)

    def sign_up():
        columns = "uuid, email, name, attribs, status, created_at, updated_at"
        values = "'u-9', ?, 'Alice again', '{}', 'enabled', '2026-11-30', '2026-11-30'"
        for _ in range(200):
            with suppress(IntegrityError):  # her old row is still there
                house.ask("newsletter", f"INSERT INTO subscribers ({columns}) VALUES ({values})", ALICE)
                return
            time.sleep(0.05)

    together(sign_up, house.work)
    house.work_later()
    assert house.now(case).state == Case.State.ANSWERED, house.told(case)
    assert may("marketing.own") == "deny"
    assert is_suppressed(normal("email", "alice+new@example.com"), "marketing.own", now().date())


# What is typed


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({}, "uses"),
        ({"uses": ["orders"]}, "uses"),
        ({"uses": ["improvement"]}, "reasons"),
        ({"uses": ["improvement"], "reasons": "   "}, "reasons"),
        ({"uses": ["improvement"], "reasons": "x" * 3000}, "reasons"),
        ({"uses": ["marketing.own"], "reasons": "\x00"}, "reasons"),
    ],
)
def test_what_cannot_be_meant_is_refused_at_its_field(data, field):
    form = Form(data)
    assert not form.is_valid()
    assert list(form.errors) == [field]


def test_against_advertising_no_reason_is_asked_for():
    form = Form({"uses": ["marketing.own"]})
    assert form.is_valid()
    assert form.asked() == {"uses": ["marketing.own"]}


def test_no_mark_stands_for_a_case_that_ended(house):
    case = house.proven("objection", ALICE, uses=["marketing.own"])
    house.work()
    assert KeptMark.objects.filter(case=case, set_at__isnull=False).count() == len(SYSTEMS) + 1
    assert own_system(by=KEPT, at=now()).name in KeptMark.objects.values_list("system", flat=True)
    actions.close_due_cases(by=KEPT, at=now() + timedelta(days=31))
    mark = KeptMark.objects.get(case=case, system="newsletter")
    assert mark.stood == {}
    assert may("marketing.own") == "deny", "and the objection stays"
