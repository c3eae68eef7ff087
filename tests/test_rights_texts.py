"""What others' words say of others is not in a person's copy, and an officer decides text by text."""

from __future__ import annotations

import json
import threading
from contextlib import closing
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone
from house import house, store, zip_of

from kept.engine.third_parties import TAKEN_OUT
from kept.information.access import active_systems, open_system
from kept.rights import actions
from kept.rights.actions.searching import queue_copy
from kept.rights.actions.texts import decide_text
from kept.rights.errors import MayNot, NotNow
from kept.rights.models import Case
from kept.rights.redaction.access import how_far
from kept.rights.redaction.models import TextReview, TextSearch
from kept.rights.redaction.texts import names_in, tables_that_name, tables_with_texts, texts_of
from kept.rights.subjects import identifiers_of, subject_for
from kept.work.lease import lease_due
from kept.work.models import Step
from kept.work.run import run_steps, work_off

__all__ = ["house", "store"]

pytestmark = pytest.mark.store
BOBS_NUMBER = "+44 20 7946 0102"
ASIDE = "Alice Arden paid late twice; be kind, she had a hard year."


@pytest.fixture
def case(house) -> Case:
    """Alice's request for a copy, with its texts looked through."""
    return house.reviewed("access", "alice@example.com")


def search() -> None:
    """Nothing but the search."""
    while work_off(timezone.now(), names=["rights.search"]):
        pass


def copied(house, case) -> str:
    """All of the copy's data, as text."""
    actions.approve(case, by=house.officer, at=timezone.now())
    house.work()
    package = house.now(case).packages.get()
    return json.dumps(json.loads(zip_of(package).read("data.json")), ensure_ascii=False)


def review_with(case, words) -> TextReview:
    return next(one for one in TextReview.objects.filter(case=case).select_related("case") if words in one.text)


def test_others_numbers_are_taken_out_of_others_words_and_what_alice_wrote_stays(house, case):
    assert how_far(case).waiting == how_far(case).suggested > 0
    theirs = review_with(case, "The plug-in was mine")
    assert not theirs.own
    assert "phone" in {one["what"] for one in theirs.spans["spans"] if one["out"]}
    hers = review_with(case, "I copy Bob in")
    assert hers.own
    assert not any(one["out"] for one in hers.spans["spans"])
    data = copied(house, case)
    assert "The plug-in was mine, sorry." in data
    assert f"call me: {TAKEN_OUT}" in data
    assert f"his number is {BOBS_NUMBER}" in data, "she wrote it herself"
    assert "alice@example.com" in data


def test_a_copy_that_is_approved_at_once_waits_until_its_texts_are_looked_through(house):
    case = house.proven("access", "alice@example.com")
    search()
    actions.approve(house.now(case), by=house.officer, at=timezone.now())
    work_off(timezone.now(), names=["rights.package"])
    assert not house.now(case).packages.exists()
    assert "still being looked through" in house.now(case).problem
    house.work()
    assert house.now(case).packages.count() == 1
    assert house.now(case).problem == ""
    data = json.loads(zip_of(house.now(case).packages.get()).read("data.json"))
    assert f"call me: {TAKEN_OUT}" in json.dumps(data, ensure_ascii=False)


def test_a_copy_that_is_asked_for_twice_is_made_by_one_of_the_two(house, case):
    actions.approve(case, by=house.officer, at=timezone.now())
    queue_copy(case.pk, timezone.now())
    first, second = Step.objects.filter(name="rights.package", about=case.pk).order_by("pk")
    for step in (second, first):  # the later one is begun first, in another lane
        Step.objects.exclude(pk=step.pk).filter(state="waiting").update(due_at=timezone.now() + timedelta(hours=1))
        Step.objects.filter(pk=step.pk).update(due_at=timezone.now())
        run_steps(lease_due(["rights.package"], timezone.now()))
    assert [one.state for one in (*Step.objects.filter(about=case.pk, name="rights.package").order_by("pk"),)] == [
        "done",
        "dropped",
    ]
    assert zip_of(house.now(case).packages.get()).namelist()


def test_several_requests_are_looked_through_in_one_go_and_each_gets_its_own_texts(house):
    both = [house.proven("access", email) for email in ("alice@example.com", "bob@example.com")]
    search()
    batch = lease_due(["rights.search_texts"], timezone.now())
    assert len(batch) == 2
    run_steps(batch)
    hers, his = ([one.text for one in TextReview.objects.filter(case=one)] for one in both)
    assert any("The plug-in was mine" in text for text in hers)
    assert his
    assert set(his) != set(hers)
    assert TextSearch.objects.get(case=both[0]).names != TextSearch.objects.get(case=both[1]).names


def test_every_row_with_a_text_or_a_name_is_of_a_table_that_is_read_for_it(house, case):
    known = identifiers_of([case.pk])[case.pk]
    texts = names = 0
    for system in active_systems():
        connector = open_system(system)
        with closing(connector.rows([subject_for(case.pk, known, system.name)])) as rows:
            for row in rows:
                if any(texts_of(row)):
                    texts += 1
                    assert row.rule.name in tables_with_texts(connector.shipped)
                if any(names_in(row)):
                    names += 1
                    assert row.rule.name in tables_that_name(connector.shipped)
    assert texts
    assert names


def test_an_officer_decides_each_text_and_the_copy_follows(house, case):
    at = timezone.now()
    theirs = review_with(case, "The plug-in was mine")
    decide_text(theirs, [], ["The plug-in"], by=house.officer, at=at)
    hers = review_with(case, "I copy Bob in")
    numbers = [n for n, one in enumerate(hers.spans["spans"]) if one["what"] == "phone"]
    decide_text(hers, numbers, [], by=house.officer, at=at)
    assert how_far(case).waiting == how_far(case).suggested - 2
    data = copied(house, case)
    assert f"{TAKEN_OUT} was mine, sorry. Alice, call me: {BOBS_NUMBER}" in data, "what the officer left stays"
    assert f"his number is {TAKEN_OUT}" in data


def test_a_whole_text_can_be_withheld(house, case):
    theirs = review_with(case, "The plug-in was mine")
    decide_text(theirs, [], [], whole=True, by=house.officer, at=timezone.now())
    data = copied(house, case)
    assert data.count("plug-in was mine") == 1, "the search index has a text of its own, with a decision of its own"


def test_a_text_that_changed_after_the_review_is_looked_at_anew(house, case):
    theirs = review_with(case, "The plug-in was mine")
    decide_text(theirs, [], [], by=house.officer, at=timezone.now())
    changed = house.ask(
        "helpdesk",
        "UPDATE thread_entry SET body = body || ' Or +44 20 7946 0555.' WHERE body LIKE ?",
        "%plug-in was mine%",
    )
    assert changed == []
    data = copied(house, case)
    assert "7946 0555" not in data
    assert f"call me: {TAKEN_OUT}" in data


def test_only_the_officer_decides_and_not_once_the_copy_is_being_made(house, case):
    theirs = review_with(case, "The plug-in was mine")
    with pytest.raises(MayNot):
        decide_text(theirs, [], [], by=house.people["aino"].actor, at=timezone.now())
    actions.approve(case, by=house.officer, at=timezone.now())
    with pytest.raises(NotNow):
        decide_text(theirs, [], [], by=house.officer, at=timezone.now())


def test_two_officers_at_one_text_leave_one_whole_decision(house, case):
    theirs = review_with(case, "The plug-in was mine")

    def decide(whole):
        try:
            decide_text(theirs, [0], [], whole=whole, by=house.officer, at=timezone.now())
        finally:
            connections.close_all()

    both = [threading.Thread(target=decide, args=(whole,)) for whole in (True, False)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    marks = TextReview.objects.get(pk=theirs.pk).spans["spans"]
    assert marks
    assert all(one["start"] < one["end"] <= len(theirs.text) for one in marks)


def test_what_was_looked_at_is_forgotten_with_the_case(house, case):
    assert TextSearch.objects.filter(case=case).exists()
    actions.withdraw_case(case, by=house.people["alice"].actor, at=timezone.now())
    assert not TextSearch.objects.exists()
    assert not TextReview.objects.exists()


def test_the_page_shows_before_and_after_and_takes_what_is_typed_only_if_it_stands_there(house, case, client):
    client.force_login(house.people["olga"])
    listed = client.get(f"/desk/{case.pk}/texts/").content.decode()
    theirs = review_with(case, "The plug-in was mine")
    address = f"/desk/{case.pk}/texts/{theirs.pk}/"
    assert address in listed
    page = client.get(address).content.decode()
    assert f"<mark>{BOBS_NUMBER}</mark>" in page
    assert f"<mark>{TAKEN_OUT}</mark>" in page
    refused = client.post(address, {"also": "not in there"})
    assert "does not stand in this text" in refused.content.decode()
    assert TextReview.objects.get(pk=theirs.pk).decided_at is None
    saved = client.post(address, {"out": ["0"], "also": "mine, sorry"})
    assert saved.status_code == 302
    assert TextReview.objects.get(pk=theirs.pk).decided_by == str(house.officer)
    client.force_login(house.people["sam"])
    assert client.get(address).status_code == 404
