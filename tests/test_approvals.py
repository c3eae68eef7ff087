"""What takes two persons: one asks, another one approves, and only then it happens."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from house import house, store
from together import at_once, killed

from kept.people.access import takes_two_now
from kept.people.actions import MayNotMakeStaff, add_staff, end_staff, make_staff
from kept.people.models import Account
from kept.rights import actions as rights
from kept.rights.models import Case, SystemAnswer
from kept.security.approvals import (
    ApprovalOver,
    MayNotApprove,
    NoLongerFits,
    NotApproved,
    SamePerson,
)
from kept.security.approvals.actions import approve, ask, expire, refuse
from kept.security.models import Approval, Entry
from kept.terms import Actor

__all__ = ["house", "store"]

pytestmark = pytest.mark.store
KEPT = Actor.kept()


@pytest.fixture
def two(settings):
    settings.TWO_PERSONS = frozenset({"erasure", "staff"})


@pytest.fixture
def nora(house):
    """A second privacy officer."""
    return Account.objects.create_user("nora@example.com", name="Nora Nyman", role="privacy_officer")


@pytest.fixture
def erasure(house, two) -> Case:
    """Approved by Olga, and waiting for its second confirmation."""
    case = house.reviewed("erasure", "alice@example.com")
    rights.approve(case, by=house.officer, at=timezone.now())
    return house.now(case)


def asked(house, case) -> Approval:
    from kept.rights.views.case import found_digest

    return ask("rights.confirm_erasure", case, "Erasure", seen=found_digest(case), by=house.officer, at=timezone.now())


def test_an_erasure_is_not_confirmed_by_one_officer_alone(house, erasure):
    with pytest.raises(NotApproved):
        rights.confirm_erasure(erasure, by=house.officer, at=timezone.now())
    assert house.now(erasure).state == Case.State.APPROVED


def test_a_second_officer_approves_and_it_is_done_at_once(house, erasure, nora):
    approval = asked(house, erasure)
    done = approve(approval, by=nora.actor, at=timezone.now())
    assert done.state == Approval.State.DONE
    case = house.now(erasure)
    assert case.state == Case.State.CONFIRMED
    assert (case.approved_by, case.confirmed_by) == (str(house.officer), str(nora.actor))
    kinds = list(Entry.objects.filter(kind__startswith="security.approval").values_list("kind", "by"))
    assert ("security.approval_asked", str(house.officer)) in kinds
    assert ("security.approval_given", str(nora.actor)) in kinds


def test_who_asked_can_never_approve_in_whatever_role(house, erasure):
    approval = asked(house, erasure)
    with pytest.raises(SamePerson):
        approve(approval, by=house.officer, at=timezone.now())
    with pytest.raises(MayNotApprove):
        approve(approval, by=Actor("engineer", house.officer.id), at=timezone.now())
    assert house.now(erasure).state == Case.State.APPROVED


def test_the_store_itself_refuses_that_both_are_the_same_person(house, erasure):
    approval = asked(house, erasure)
    with pytest.raises(IntegrityError), transaction.atomic():
        Approval.objects.filter(pk=approval.pk).update(
            state="approved", decider=approval.asker, decided_by=approval.asked_by, decided_at=timezone.now()
        )


def test_two_second_officers_at_once_confirm_it_once(house, erasure, nora):
    ole = Account.objects.create_user("ole@example.com", role="privacy_officer")
    approval, at = asked(house, erasure), timezone.now()
    ended = at_once(
        lambda: approve(approval, by=nora.actor, at=at),
        lambda: approve(approval, by=ole.actor, at=at),
    )
    assert sorted(type(one).__name__ for one in ended) == ["Approval", "ApprovalOver"]
    assert Entry.objects.filter(kind="rights.erasure_confirmed").count() == 1


def test_the_same_officer_in_two_windows_at_once_approves_nothing(house, erasure):
    at = timezone.now()
    ended = at_once(
        lambda: approve(asked(house, erasure), by=house.officer, at=at),
        lambda: approve(asked(house, erasure), by=house.officer, at=at),
    )
    assert {type(one) for one in ended} <= {SamePerson, ApprovalOver, IntegrityError}
    assert house.now(erasure).state == Case.State.APPROVED
    assert Approval.objects.filter(state="waiting").count() == 1


def test_asking_twice_asks_once(house, erasure):
    assert asked(house, erasure).pk == asked(house, erasure).pk


def test_nothing_is_approved_after_its_time(house, erasure, nora):
    approval = asked(house, erasure)
    later = timezone.now() + timedelta(days=8)
    with pytest.raises(ApprovalOver):
        approve(approval, by=nora.actor, at=later)
    assert expire(by=KEPT, at=later) == 1
    assert Approval.objects.get().state == Approval.State.EXPIRED
    assert expire(by=KEPT, at=later) == 0


def test_what_has_changed_since_is_not_carried_out(house, erasure, nora):
    approval = asked(house, erasure)
    rights.return_to_review(erasure, by=house.officer, at=timezone.now())
    with pytest.raises(NoLongerFits):
        approve(approval, by=nora.actor, at=timezone.now())
    assert Approval.objects.get().state == Approval.State.WAITING
    assert house.now(erasure).state == Case.State.REVIEW


def test_another_plan_than_the_one_that_was_seen_is_not_carried_out(house, erasure, nora):
    approval = asked(house, erasure)
    SystemAnswer.objects.filter(case=erasure).update(plan_id="another")
    with pytest.raises(NoLongerFits):
        approve(approval, by=nora.actor, at=timezone.now())
    assert house.now(erasure).state == Case.State.APPROVED


def test_refusing_and_taking_back_end_it_without_doing_it(house, erasure, nora):
    refused = refuse(asked(house, erasure), by=nora.actor, at=timezone.now())
    assert refused.state == Approval.State.REFUSED
    own = refuse(asked(house, erasure), by=house.officer, at=timezone.now())
    assert own.state == Approval.State.WITHDRAWN
    with pytest.raises(ApprovalOver):
        approve(own, by=nora.actor, at=timezone.now())
    assert house.now(erasure).state == Case.State.APPROVED


def test_another_role_neither_asks_nor_approves(house, erasure):
    sam = house.people["sam"].actor
    with pytest.raises(MayNotApprove):
        ask("rights.confirm_erasure", erasure, "Erasure", by=sam, at=timezone.now())
    with pytest.raises(MayNotApprove):
        approve(asked(house, erasure), by=sam, at=timezone.now())


def test_killed_while_approving_it_is_done_whole_or_not_at_all(house, erasure, nora):
    approval = asked(house, erasure)
    for _ in range(6):
        killed(lambda: approve(Approval.objects.get(pk=approval.pk), by=nora.actor, at=timezone.now()), 0.06)
        state, confirmed = Approval.objects.get().state, house.now(erasure).state == Case.State.CONFIRMED
        entries = Entry.objects.filter(kind="rights.erasure_confirmed").count()
        assert (state, confirmed, entries) in [("waiting", False, 0), ("done", True, 1)]


def test_the_pages_lead_from_the_first_officer_to_the_second(house, erasure, nora):
    first, second = Client(), Client()
    first.force_login(house.people["olga"])
    second.force_login(nora)
    page = first.get(f"/desk/{erasure.pk}/confirm/")
    sent = {"seen": page.context["seen"], "read": "on"}
    assert "Ask a second officer" in page.content.decode()
    assert first.post(f"/desk/{erasure.pk}/confirm/", sent).status_code == 302
    approval = Approval.objects.get()
    place = f"/security/approvals/{approval.pk}/"
    assert "Somebody else has to approve" in first.get(place).content.decode()
    said = first.post(place, {"do": "approve"}, follow=True).content.decode()
    assert "You asked for this yourself" in said
    assert f'href="{place}"' in second.get(f"/desk/{erasure.pk}/confirm/").content.decode()
    assert "Approve, and do it" in second.get(place).content.decode()
    assert "Approved, and done." in second.post(place, {"do": "approve"}, follow=True).content.decode()
    assert house.now(erasure).state == Case.State.CONFIRMED


# Roles of staff


def test_a_role_waits_for_a_second_person(house, two):
    erik, olga = house.people["erik"].actor, house.people["olga"].actor
    account = add_staff("new@example.com", "New", "support", by=erik, at=timezone.now())
    assert account.role == "customer"
    with pytest.raises(NotApproved):
        make_staff(account, "support", by=erik, at=timezone.now())
    approval = Approval.objects.get()
    with pytest.raises(SamePerson):
        approve(approval, by=erik, at=timezone.now())
    approve(approval, by=olga, at=timezone.now())
    assert Account.objects.get(pk=account.pk).role == "support"


def test_nobody_approves_a_role_for_themselves(house, two):
    bob = house.people["bob"]
    add_staff(bob.email, "", "engineer", by=house.people["erik"].actor, at=timezone.now())
    with pytest.raises(NoLongerFits):
        approve(Approval.objects.get(), by=Actor("engineer", str(bob.pk)), at=timezone.now())


def test_whoever_runs_kept_lets_the_first_one_in_alone_and_the_next_one_with_another(store, two):
    first = add_staff("first@example.com", "", "engineer", by=KEPT, at=timezone.now())
    assert first.role == "engineer"
    assert takes_two_now(KEPT)
    second = add_staff("second@example.com", "", "privacy_officer", by=KEPT, at=timezone.now())
    assert second.role == "customer"
    approve(Approval.objects.get(), by=first.actor, at=timezone.now())
    assert Account.objects.get(pk=second.pk).role == "privacy_officer"


def test_without_the_setting_one_person_is_enough(house):
    account = add_staff("new@example.com", "New", "support", by=house.people["erik"].actor, at=timezone.now())
    assert account.role == "support"
    assert not Approval.objects.exists()


def test_a_role_ends_and_its_owner_is_signed_out_everywhere(house):
    sam = house.people["sam"]
    Account.objects.update(password=make_password("seven quiet herons wade"))
    client = Client()
    client.force_login(Account.objects.get(pk=sam.pk))
    assert client.get("/security/breaches/").status_code == 200
    end_staff(sam, by=house.people["erik"].actor, at=timezone.now())
    assert client.get("/client-area/").status_code == 302
    assert Account.objects.get(pk=sam.pk).role == "customer"
    with pytest.raises(MayNotMakeStaff):
        end_staff(house.people["erik"], by=house.people["erik"].actor, at=timezone.now())
    with pytest.raises(MayNotMakeStaff):
        end_staff(house.people["aino"], by=Actor("support", str(uuid4())), at=timezone.now())
