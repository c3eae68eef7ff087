"""What an officer leaves out of an answer: by key, with its law and reason, told, and seen by a second one."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from house import KEPT, PERSON, house, own_dump, store, zip_of
from test_refusals import second_officer
from test_rights_pages import link_of, signed_in, words

from kept.engine.subject import LeftOut, Subject
from kept.information.access import open_system
from kept.information.models import System
from kept.people.models import Account
from kept.policy.keepers import keepers_of
from kept.rights import actions
from kept.rights.errors import CannotExempt, MayNot, NotNow, TakesAnother
from kept.rights.exemptions.models import Exemption
from kept.rights.models import Case
from kept.rights.preserved.models import PreservedCopy
from kept.rights.promises import what_stays_has_its_reason
from kept.rights.refusals.promises import refusals_are_lawful
from kept.rights.replaying import erase_again_in
from kept.rights.subjects import identifiers_of, subject_for
from kept.security.backup.models import Replay
from kept.security.backup.replays import Note
from kept.security.models import Entry
from kept.terms import State
from kept.work.run import work_off

__all__ = ["house", "store"]

ALICE = "alice@example.com"
CLAIM = {"law": "The claim of invoice 7, under section 195 of the Civil Code, until 2029."}
WHY = "We need this record for a claim against you that is before the court."
LATER = date(2030, 1, 1)


def rows_in(house, case, system, table):
    """The person's rows, as the desk reads them."""
    known = identifiers_of([case.pk])[case.pk]
    connector = open_system(System.objects.get(name=system))
    return list(connector.rows([subject_for(case.pk, known, system)], only=[table]))


def leave_out(house, case, system, table, key=None, ground="claims", shown=None, until=LATER, by=None, records=1):
    return actions.exempt(
        house.now(case), System.objects.get(name=system), table, key, ground, CLAIM if shown is None else shown, WHY,
        until=until, records=records, by=by or house.officer, at=timezone.now(),
    )  # fmt: skip


def carried_out(house, case, by):
    """Approved and confirmed by another officer."""
    actions.approve(house.now(case), by=by.actor, at=timezone.now())
    if case.right == "erasure":
        actions.confirm_erasure(house.now(case), by=by.actor, at=timezone.now())
    house.work()
    case = house.now(case)
    assert case.state == Case.State.ANSWERED, house.told(case)
    return case


@pytest.mark.store
def test_one_record_is_left_out_of_the_copy_and_the_person_is_told_which_and_why(house):
    case = house.reviewed("access", ALICE)
    tickets = rows_in(house, case, "helpdesk", "ticket")
    assert len(tickets) > 1
    gone = tickets[0]
    olga = signed_in(house, "olga")
    olga.post(f"/desk/{case.pk}/rows/helpdesk/ticket/", {"reason": "third_parties"})
    page = olga.get(f"/desk/{case.pk}/rows/helpdesk/ticket/")
    assert "Leave this record out" in words(page)
    place = f"/desk/{case.pk}/leave-out/helpdesk/ticket/?key={json.dumps(list(gone.key))}"
    assert "one record of this person" in words(olga.get(place))
    form = {"ground": "others", "because": "It names a witness whom it could harm."}
    assert "the person must understand why" in words(olga.post(place, form | {"because": "No."}))
    assert "Another officer has to approve" in words(olga.post(place, form, follow=True))
    assert "left out of the answer" in words(olga.get(f"/desk/{case.pk}/rows/helpdesk/ticket/"))
    assert "It names a witness" in words(olga.get(f"/desk/{case.pk}/"))
    assert "witness" not in own_dump()
    with pytest.raises(TakesAnother):
        actions.approve(house.now(case), by=house.officer, at=timezone.now())
    case = carried_out(house, case, second_officer())
    (package,) = case.packages.all()
    with zip_of(package) as file:
        told, data = file.read("index.html").decode(), json.loads(file.read("data.json"))
    (table,) = [one for one in data["tables"] if (one["system"], one["table"]) == ("helpdesk", "ticket")]
    assert len(table["records"]) == len(tickets) - 1
    assert "1 record is left out. It says something about somebody else" in told
    assert "It names a witness whom it could harm. (GDPR Art. 15(4), 20(4))" in told


@pytest.mark.store
def test_a_record_kept_from_an_erasure_is_not_touched_is_explained_and_told(house):
    case = house.reviewed("erasure", ALICE)
    tickets = rows_in(house, case, "helpdesk", "ticket")
    kept = tickets[0].key[0]
    before = house.ask("helpdesk", "SELECT * FROM ticket WHERE id = ?", kept)
    others = house.ask("helpdesk", "SELECT * FROM ticket WHERE id <> ? AND id IN (SELECT id FROM ticket)", kept)
    leave_out(house, case, "helpdesk", "ticket", tickets[0].key)
    case = carried_out(house, case, second_officer())
    assert house.ask("helpdesk", "SELECT * FROM ticket WHERE id = ?", kept) == before
    assert house.ask("helpdesk", "SELECT * FROM ticket WHERE id <> ?", kept) != others, "the rest is erased"
    answer = house.answers(case)["helpdesk"]
    assert answer.state == "done"
    (change,) = [one for one in answer.changes if one["table"] == "ticket"]
    assert change["left_out"] == 1
    assert {one["why"] for one in answer.residue["remains"]} <= {"left out", "others", "law"}
    (package,) = case.packages.all()
    with zip_of(package) as file:
        report = file.read("index.html").decode()
    assert WHY in report
    assert "GDPR Art. 17(3)(e)" in report
    assert "2030-01-01" in report
    page = words(Client().get(link_of(case)))
    assert WHY.rstrip(".") in page
    assert "1 January 2030" in page


@pytest.mark.store
def test_a_whole_table_is_kept_for_this_person_and_for_nobody_else(house):
    case, bob = house.reviewed("erasure", ALICE), house.reviewed("erasure", "bob@example.com")
    alices = [row.key[0] for row in rows_in(house, case, "billing", "client")]
    bobs = [row.key[0] for row in rows_in(house, bob, "billing", "client")]
    leave_out(house, case, "billing", "client", records=len(alices))
    paul = second_officer()
    for one in (case, bob):
        actions.approve(house.now(one), by=paul.actor, at=timezone.now())
        actions.confirm_erasure(house.now(one), by=paul.actor, at=timezone.now())
    house.work()  # both in one batch
    emails = {key: house.ask("billing", "SELECT email FROM client WHERE id = ?", key)[0][0] for key in alices + bobs}
    assert {emails[key] for key in alices} == {ALICE}
    assert "bob@example.com" not in {emails[key] for key in bobs}
    assert house.now(case).state == house.now(bob).state == Case.State.ANSWERED
    found = house.reviewed("access", ALICE)
    holdings = house.answers(found)["billing"].holdings
    assert sum(one["own"] for one in holdings if one["table"] == "client") == len(alices)


@pytest.mark.store
def test_what_is_kept_stays_kept_when_a_restore_is_erased_again(house):
    case = house.reviewed("erasure", ALICE)
    tickets = rows_in(house, case, "helpdesk", "ticket")
    copy = house.file("helpdesk").read_bytes()
    leave_out(house, case, "helpdesk", "ticket", tickets[0].key)
    carried_out(house, case, second_officer())
    house.file("helpdesk").write_bytes(copy)  # a restore brings everything back
    notes = [Note(str(one.pk), one.kind, one.at, one.facts) for one in Replay.objects.filter(kind="erasure")]
    assert [len(one["record"]) for note in notes for one in note.facts.get("left_out", ())] == [32], "no number"
    subject = house.ask("helpdesk", "SELECT * FROM ticket WHERE id = ?", tickets[0].key[0])
    done = erase_again_in(System.objects.get(name="helpdesk"), notes, by=KEPT, at=timezone.now())
    assert [str(one.verdict) for one in done] == ["done"]
    assert house.ask("helpdesk", "SELECT * FROM ticket WHERE id = ?", tickets[0].key[0]) == subject
    later = erase_again_in(
        System.objects.get(name="helpdesk"), notes, by=KEPT, at=timezone.now() + timedelta(days=365 * 10)
    )
    assert later[0].erased > 0, "once its reason has ended, it goes like the rest"


@pytest.mark.store
def test_only_a_reason_of_the_law_with_an_end_leaves_anything_out(house):
    case = house.reviewed("erasure", ALICE)
    for more, why in (
        ({"ground": "business"}, "knows no such ground"),
        ({"ground": "others"}, "knows no such ground"),  # that is one for copies
        ({"shown": {"law": "x"}}, "for us to show"),
        ({"until": None}, "has a last day"),
        ({"until": date(2020, 1, 1)}, "lies ahead"),
        ({"records": 0}, "no such record"),
    ):
        with pytest.raises(CannotExempt, match=why):
            leave_out(house, case, "billing", "client", **more)
    for who in ("sam", "erik", "aino"):
        with pytest.raises(MayNot):
            leave_out(house, case, "billing", "client", by=house.people[who].actor)
    leave_out(house, case, "billing", "client")
    with pytest.raises(CannotExempt, match="already"):
        leave_out(house, case, "billing", "client")
    olga = signed_in(house, "olga")
    stranger = rows_in(house, house.proven("access", "bob@example.com"), "billing", "client")[0].key
    assert olga.get(f"/desk/{case.pk}/leave-out/billing/client/?key={json.dumps(list(stranger))}").status_code == 404
    for bad in ("x", "[]", "{}", "[1]", '["999999"]', "[[]]"):
        assert olga.get(f"/desk/{case.pk}/leave-out/billing/client/?key={bad}").status_code == 404, bad
    assert olga.get(f"/desk/{case.pk}/leave-out/billing/nothing/").status_code == 404
    assert olga.get(f"/desk/{case.pk}/leave-out/nowhere/client/").status_code == 404


@pytest.mark.store
def test_it_is_put_back_and_a_decision_about_another_page_does_not_count(house):
    case = house.reviewed("erasure", ALICE)
    other = Client()
    other.force_login(second_officer())
    seen = other.get(f"/desk/{case.pk}/dry-run/").content.decode().split('name="seen" value="')[1].split('"')[0]
    exemption = leave_out(house, case, "billing", "client")
    refused = other.post(f"/desk/{case.pk}/approve/", {"seen": seen}, follow=True)
    assert "has changed since you opened that page" in words(refused)
    assert WHY in words(other.get(f"/desk/{case.pk}/")), "the second officer reads what is left out"
    olga = signed_in(house, "olga")
    assert "part of the answer again" in words(olga.post(f"/desk/{case.pk}/left-out/{exemption.pk}/", follow=True))
    assert not Exemption.objects.exists()
    assert olga.post(f"/desk/{case.pk}/left-out/{exemption.pk}/").status_code == 404
    exemption = leave_out(house, case, "billing", "client")
    actions.approve(house.now(case), by=other_actor(), at=timezone.now())
    with pytest.raises(NotNow):
        actions.include(exemption, by=house.officer, at=timezone.now())
    with pytest.raises(NotNow):
        leave_out(house, case, "billing", "client_order")
    assert Entry.objects.filter(kind="rights.record_exempted").count() == 2


def other_actor():
    return Account.objects.get(name="Paul Penn").actor


@pytest.mark.store
def test_the_words_are_forgotten_with_the_case_and_what_was_left_out_stays_counted(house):
    case = house.reviewed("access", ALICE)
    for table in ("client", "client_order"):
        leave_out(house, case, "billing", table, None, "others", {}, None)
    actions.withdraw_case(house.now(case), by=PERSON, at=timezone.now())
    rows = list(Exemption.objects.all())
    assert [(row.because, row.record, row.key, row.ground) for row in rows] == [("", "", None, "others")] * 2


@pytest.mark.store
def test_what_singapores_law_wants_preserved_is_preserved_whole(house):
    at = timezone.now()
    opened = actions.open_case("access", ALICE, law="sg-pdpa", channel="web", by=PERSON, at=at)
    assert actions.prove(opened.case, house.code(opened.case), by=PERSON, at=timezone.now())
    house.work()
    shown = {"law": "Paragraph (c): it would reveal who reported the abuse."}
    leave_out(house, opened.case, "helpdesk", "ticket", None, "harm", shown, None, records=2)
    case = carried_out(house, opened.case, second_officer())
    while work_off(timezone.now(), names=["rights.owe_copy", "rights.preserve"]):
        continue
    copy = PreservedCopy.objects.get()
    (package,) = case.packages.all()
    assert copy.state == "sealed"
    assert copy.rows > package.rows, "what the copy leaves out is preserved"


def test_a_key_means_one_record_and_no_key_all_of_the_table():
    subject = Subject("x", frozenset(), left_out=(LeftOut("ticket", ("1",)), LeftOut("note", None)))
    assert subject.leaves_out("ticket", ("1",))
    assert not subject.leaves_out("ticket", ("2",))
    assert not subject.leaves_out("ticket", ())
    assert subject.leaves_out("note", ("7",))
    assert not subject.leaves_out("client", ("1",))


@pytest.mark.store
@pytest.mark.breaks("rights.what_stays_has_its_reason")
def test_the_keeper_sees_what_stays_without_a_reason_and_an_answer_without_its_report(house):
    assert [bound.look for bound in keepers_of("11.3")] == [what_stays_has_its_reason]
    assert what_stays_has_its_reason(timezone.now()).state is State.CANNOT_TELL
    case = house.reviewed("erasure", ALICE)
    tickets = rows_in(house, case, "helpdesk", "ticket")
    exemption = leave_out(house, case, "helpdesk", "ticket", tickets[0].key)
    case = carried_out(house, case, second_officer())
    seen = what_stays_has_its_reason(timezone.now())
    kept = sum(one["kept"] + one["left_out"] for answer in case.answers.all() for one in answer.changes)
    assert (seen.state, seen.number) == (State.KEPT, kept)
    assert f"{kept} kept with their reason" in seen.figure
    answer = house.answers(case)["newsletter"]
    answer.changes = [{"table": "subscribers", "rows": 0, "deleted": 0, "kept": 3, "left_out": 0}]
    answer.save()
    red = what_stays_has_its_reason(timezone.now())
    assert (red.state, red.figure) == (State.BROKEN, "records kept without a reason: 3, reports missing: 0")
    case.packages.all().delete()
    assert "reports missing: 1" in what_stays_has_its_reason(timezone.now()).figure
    assert "1 record left out" in refusals_are_lawful(timezone.now()).figure
    Exemption.objects.filter(pk=exemption.pk).update(made_by=case.approved_by)
    assert "left out by one officer alone" in refusals_are_lawful(timezone.now()).meaning
