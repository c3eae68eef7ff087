"""Nobody is judge in their own cause: an officer's own request is decided by another one."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.utils import timezone
from house import house, store

from kept.people.models import Account
from kept.rights import actions
from kept.rights.access import is_own_request, may_decide
from kept.rights.actions.reviewing import CONFIRM
from kept.rights.errors import MayNot, OwnCase
from kept.rights.models import Case, CaseIdentifier
from kept.rights.views.case import found_digest
from kept.security.approvals.actions import ask

__all__ = ["house", "store"]

pytestmark = pytest.mark.store

ENDED = ("closed", "expired", "withdrawn")
TOLD = "This request is your own, so somebody else has to decide it"


@pytest.fixture
def second(house) -> Account:
    """Another privacy officer."""
    sam = house.people["sam"]
    sam.role = "privacy_officer"
    sam.save()
    return sam


@pytest.fixture
def olga(house) -> Client:
    client = Client()
    client.force_login(house.people["olga"])
    return client


def own(house, right="erasure"):
    """Olga's own request, on the desk."""
    return house.reviewed(right, house.people["olga"].email)


def seen(client, case):
    return client.get(f"/desk/{case.pk}/").context["found"]


@pytest.mark.parametrize("right", ["access", "erasure"])
def test_no_officer_decides_their_own_request_even_as_the_last_one(house, right):
    case, by, at = own(house, right), house.officer, timezone.now()
    assert Account.objects.filter(role="privacy_officer").count() == 1
    billing = case.answers.get(system__name="billing").system
    steps = {
        "approve": lambda: actions.approve(case, by=by, at=at),
        "confirm": lambda: actions.confirm_erasure(case, by=by, at=at),
        "take back": lambda: actions.return_to_review(case, by=by, at=at),
        "choose": lambda: actions.choose_accounts(case, billing, [], by=by, at=at),
        "again": lambda: actions.erase_again(case, billing, by=by, at=at),
        "settle": lambda: actions.settle_remains(case, billing, by=by, at=at),
    }
    for name, step in steps.items():
        for state in Case.State.values:
            Case.objects.filter(pk=case.pk).update(state=state, **({"email": "", "name": ""} if state in ENDED else {}))
            with pytest.raises(OwnCase):
                step()
            assert house.now(case).state == state, name
    assert issubclass(OwnCase, MayNot)


def test_another_officer_decides_it(house, second):
    case = own(house)
    actions.approve(case, by=second.actor, at=timezone.now())
    with pytest.raises(OwnCase):
        actions.confirm_erasure(case, by=house.officer, at=timezone.now())
    actions.confirm_erasure(case, by=second.actor, at=timezone.now())
    house.work()
    assert house.now(case).state == Case.State.ANSWERED


def test_a_request_is_known_as_own_by_account_and_by_every_address_of_it(house):
    olga = house.people["olga"]
    by_account = house.reviewed("access", "alice@example.com")
    assert may_decide(olga, by_account)
    Case.objects.filter(pk=by_account.pk).update(account=olga)
    assert is_own_request(house.now(by_account), str(olga.pk))

    by_address = house.reviewed("access", "bob@example.com")
    assert may_decide(olga, by_address)
    EmailAddress.objects.create(user=olga, email="Bob@Example.com", verified=False, primary=False)
    assert is_own_request(by_address, str(olga.pk))

    found = house.reviewed("access", "hugo@example.com")
    assert may_decide(olga, found)
    CaseIdentifier.objects.create(
        case=found,
        key=found.key,
        kind="account",
        value=str(olga.pk),
        scope="kept",
        origin="kept",
        found_at=timezone.now(),
    )
    assert is_own_request(found, str(olga.pk))
    CaseIdentifier.objects.filter(case=found, scope="kept").update(standing="not_theirs")
    assert may_decide(olga, found), "somebody has said that it is not hers"
    assert not is_own_request(found, None)


def test_the_desk_tells_an_officer_so_and_offers_nothing_to_press(house, olga):
    case = own(house)
    page = olga.get(f"/desk/{case.pk}/").content.decode()
    assert "This request is your own." in page
    assert "See what would be erased" not in page
    assert "Another privacy officer decides." in page
    assert "Approve this plan" not in olga.get(f"/desk/{case.pk}/dry-run/").content.decode()
    told = olga.post(f"/desk/{case.pk}/approve/", {"seen": seen(olga, case)}, follow=True)
    assert told.redirect_chain == [(f"/desk/{case.pk}/", 302)]
    assert TOLD in told.content.decode()
    assert house.now(case).state == Case.State.REVIEW


def test_the_desk_lets_no_officer_confirm_their_own_erasure(house, olga, second):
    case = own(house)
    actions.approve(case, by=second.actor, at=timezone.now())
    assert "Go to the second confirmation" not in olga.get(f"/desk/{case.pk}/").content.decode()
    for call in (olga.get, olga.post):
        assert TOLD in call(f"/desk/{case.pk}/confirm/", {"seen": "x", "read": "on"}, follow=True).content.decode()
    for way in ("return/", "accounts/billing/", "remains/billing/"):
        assert TOLD in olga.post(f"/desk/{case.pk}/{way}", follow=True).content.decode()
    assert house.now(case).state == Case.State.APPROVED
    sam = Client()
    sam.force_login(second)
    confirm = sam.get(f"/desk/{case.pk}/confirm/")
    sam.post(f"/desk/{case.pk}/confirm/", {"seen": confirm.context["seen"], "read": "on"})
    assert house.now(case).state == Case.State.CONFIRMED


def test_where_two_officers_confirm_the_second_one_is_not_the_person_either(house, olga, second, settings):
    settings.TWO_PERSONS = frozenset({"erasure"})
    case, at = own(house), timezone.now()
    actions.approve(case, by=second.actor, at=at)
    asked = ask(CONFIRM, case, "Erasure", seen=found_digest(house.now(case)), by=second.actor, at=at)
    told = olga.post(f"/security/approvals/{asked.pk}/", {"do": "approve"}, follow=True).content.decode()
    assert "That request is your own. Another privacy officer has to approve it." in told
    assert house.now(case).state == Case.State.APPROVED
    asked.refresh_from_db()
    assert asked.state == "waiting", "it waits for another officer"
