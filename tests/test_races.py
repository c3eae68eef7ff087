"""What happens to a request while it is carried out: its person withdraws it, or comes back as a customer."""

from __future__ import annotations

import threading

import pytest
from django.db import connections
from django.utils import timezone
from house import PERSON, house, store

from kept.engine.identifiers import normal
from kept.post.models import Message
from kept.rights import actions
from kept.rights.errors import NotNow
from kept.rights.models import Case, Package
from kept.use.access import is_suppressed

__all__ = ["house", "store"]

pytestmark = pytest.mark.store

ALICE = "alice@example.com"


def comes_back(house, number: int) -> None:
    """The same person opens a new account at the company, with the same address."""
    columns = [row[1] for row in house.ask("billing", "PRAGMA table_info(client)")]
    values = dict(zip(columns, house.ask("billing", "SELECT * FROM client WHERE id = 1004")[0], strict=True))
    values |= {"id": number, "email": ALICE, "api_token": f"new-{number}", "first_name": "Alice", "last_name": "Arden"}
    marks = ", ".join("?" * len(values))
    house.ask("billing", f"INSERT INTO client ({', '.join(values)}) VALUES ({marks})", *values.values())


def there(house, number: int) -> list[tuple[object, ...]]:
    return house.ask("billing", "SELECT email FROM client WHERE id = ?", number)


def test_who_comes_back_after_the_erasure_is_a_customer_and_gets_no_advertising(house):
    [case] = house.confirmed(ALICE)
    house.work()
    assert house.now(case).state == Case.State.ANSWERED
    comes_back(house, 990_002)
    house.work()
    assert there(house, 990_002) == [(ALICE,)], "a new contract is not what they had erased"
    assert house.now(case).state == Case.State.ANSWERED
    assert is_suppressed(normal("email", ALICE), "marketing.own", timezone.now().date())
    again = house.reviewed("access", ALICE)
    assert again.pk != case.pk, "and they can ask anew"


def test_who_withdraws_while_the_systems_are_searched_is_told_nothing_more(house):
    case = house.proven("access", ALICE)
    faults: list[BaseException] = []

    def search() -> None:
        try:
            house.work()
        except BaseException as fault:  # noqa: BLE001 - the test looks at it
            faults.append(fault)
        finally:
            connections.close_all()

    worker = threading.Thread(target=search)
    worker.start()
    actions.withdraw_case(house.now(case), by=PERSON, at=timezone.now())
    worker.join()
    house.work()
    assert faults == []
    case = house.now(case)
    assert (case.state, case.email, case.key) == (Case.State.WITHDRAWN, "", None)
    assert case.identifiers.count() == 0, "what the search added went as well"
    assert not Package.objects.filter(case=case).exists()
    last = Message.objects.filter(about=case.pk).order_by("written_at").last()
    assert last is not None
    assert last.text == "" or "withdrawn" in last.subject.lower() or "withdrew" in last.text.lower()


def test_who_withdraws_and_the_officer_who_approves_at_once_end_in_one_of_both(house):
    case = house.reviewed("access", ALICE)
    came: list[str] = []

    def act(name, does) -> None:
        try:
            does()
            came.append(name)
        except NotNow:
            came.append(f"{name} too late")
        finally:
            connections.close_all()

    at = timezone.now()
    both = [
        threading.Thread(target=act, args=("withdrawn", lambda: actions.withdraw_case(case, by=PERSON, at=at))),
        threading.Thread(target=act, args=("approved", lambda: actions.approve(case, by=house.officer, at=at))),
    ]
    for one in both:
        one.start()
    for one in both:
        one.join()
    house.work()
    case = house.now(case)
    assert "withdrawn" in came or "approved" in came
    if "withdrawn" in came:  # an approval that came first is undone by it
        assert case.state == Case.State.WITHDRAWN
        assert not Package.objects.filter(case=case, revoked_at=None).exists()
    else:
        assert case.state == Case.State.ANSWERED
        assert came.count("approved") == 1
