"""A copy of everything: whole, for its owner only, for a while; and what officers do to it at once."""

from __future__ import annotations

import hashlib
import json
import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connections
from django.http import Http404
from django.utils import timezone
from house import KEPT, PERSON, house, own_dump, store, zip_of

from kept.post.models import Message
from kept.rights import actions
from kept.rights.access import (
    candidates,
    case_of,
    case_on_desk,
    desk,
    file_of,
    package_of,
    package_on_desk,
    packages_of,
)
from kept.rights.errors import MayNot, NotNow, WrongChoice
from kept.rights.models import Case, CaseIdentifier, Package, SystemAnswer
from kept.rights.packages import folder
from kept.rights.queue import Asked, cases_for
from kept.rights.rules import CODE_LIFE, CODE_TRIES, DOWNLOAD_LIFE, MOST_CODES
from kept.security.models import Entry
from kept.work.models import Step

__all__ = ["house", "store"]

pytestmark = pytest.mark.store

SHARED = "shared.billing@example.com"


def queued(account, **asked):
    """What a desk shows of the open cases, asked for as in its address bar."""
    return list(cases_for(account, Asked.of({"show": "open", **asked}), timezone.now().date()))


def answered(house, email):
    case = house.reviewed("access", email)
    actions.approve(case, by=house.officer, at=timezone.now())
    house.work()
    case = house.now(case)
    assert case.state == Case.State.ANSWERED, house.told(case)
    return case


def copy_of(case):
    with zip_of(case.packages.get()) as archive:
        names = archive.namelist()
        return {name: archive.read(name) for name in names}


def test_alice_gets_everything_of_hers_in_one_file(house):
    case = answered(house, "alice@example.com")
    files = copy_of(case)
    manifest, data = json.loads(files["manifest.json"]), json.loads(files["data.json"])
    assert manifest["reference"] == case.reference
    for file in manifest["files"]:
        assert hashlib.sha256(files[file["path"]]).hexdigest() == file["sha256"]
    tables = {(one["system"], one["table"]): one for one in manifest["tables"]}
    assert tables["billing", "invoice"]["rows"] == 13
    assert tables["helpdesk", "ticket"]["rows"] == 2
    assert tables["newsletter", "campaign_views"]["rows"] == 6
    assert tables["kept", "people_account"]["rows"] == 1
    for one in tables.values():
        assert one["purpose"]
        assert one["source"]
        assert one["period"]
        assert one["region"]
    assert tables["billing", "invoice"]["recipients"] == ["Our tax adviser", "The tax office, when it asks"]
    assert b"<dt>Who else gets it<dd>Our tax adviser, The tax office, when it asks" in files["index.html"]
    assert b"14 Garden Street" in files["data.json"]
    assert b"argon2" not in files["data.json"]
    assert {"Erasure", "Objection", "Complaint"} <= {right["title"] for right in data["rights"]}
    assert case.outcome["rows"] == sum(one["rows"] for one in manifest["tables"])


def test_nobody_elses_rows_are_in_the_copy(house):
    text = copy_of(answered(house, "alice@example.com"))["data.json"].decode()
    for strange in ("bob@example.com", "Dan Dorn", "carol@example.com"):
        assert strange not in text


def test_who_is_known_by_two_addresses_gets_what_both_hold(house):
    case = answered(house, "carol@example.com")
    held = {name: {one["table"] for one in answer.holdings} for name, answer in house.answers(case).items()}
    assert "client" in held["billing"]
    assert "ticket" in held["helpdesk"]
    assert "subscribers" in held["newsletter"]
    [email] = CaseIdentifier.objects.filter(case=case, value="carol.chen@example.org").values_list("origin", flat=True)
    assert email == "helpdesk"


def test_nobody_known_gets_an_answer_too(house):
    case = answered(house, "nobody@example.net")
    manifest = json.loads(copy_of(case)["manifest.json"])
    assert {one["system"] for one in manifest["tables"]} <= {"kept"}


def test_the_file_is_for_its_owner_alone_and_says_nothing_by_its_place(house):
    case = answered(house, "alice@example.com")
    path = folder() / case.packages.get().file
    assert path.stat().st_mode & 0o077 == 0
    assert folder().stat().st_mode & 0o077 == 0
    assert "alice" not in path.name


def test_the_mail_has_the_link_and_not_the_file(house):
    case = answered(house, "alice@example.com")
    [mail] = [one for one in Message.objects.filter(about=case.pk) if one.subject.startswith("Your data is ready")]
    assert "/requests/" in mail.text
    assert "Garden Street" not in mail.text


def test_the_link_alone_opens_no_file_and_the_mailed_code_does(house):
    case = answered(house, "alice@example.com")
    package, now = case.packages.get(), timezone.now()
    assert not actions.check_package_code(package, "000000", by=PERSON, at=now), "no code was mailed yet"
    assert actions.send_package_code(package, by=PERSON, at=now)
    assert not actions.send_package_code(package, by=PERSON, at=now), "not twice in a moment"
    code = house.code(case)
    wrong = "000000" if code != "000 000" else "111111"
    assert not actions.check_package_code(package, wrong, by=PERSON, at=now)
    assert actions.check_package_code(package, code, by=PERSON, at=now)
    assert not actions.check_package_code(package, code, by=PERSON, at=now + CODE_LIFE)
    for _ in range(CODE_TRIES):
        actions.check_package_code(package, wrong, by=PERSON, at=now)
    assert not actions.check_package_code(package, code, by=PERSON, at=now), "too many were wrong"
    for count in range(2, MOST_CODES + 1):
        assert actions.send_package_code(package, by=PERSON, at=now + timedelta(minutes=2 * count))
    assert not actions.send_package_code(package, by=PERSON, at=now + timedelta(days=1))


def test_the_code_that_proved_the_case_opens_no_file(house):
    opened = house.open("access", "alice@example.com")
    code = house.code(opened.case)
    actions.prove(opened.case, code, by=PERSON, at=timezone.now())
    house.work()
    actions.approve(opened.case, by=house.officer, at=timezone.now())
    house.work()
    package = house.now(opened.case).packages.get()
    actions.send_package_code(package, by=PERSON, at=timezone.now())
    if house.code(opened.case) != code:
        assert not actions.check_package_code(package, code, by=PERSON, at=timezone.now())


def test_expired_revoked_removed_and_foreign_files_are_answered_alike(house):
    alices, bobs = answered(house, "alice@example.com"), answered(house, "bob@example.com")
    package, now = alices.packages.get(), timezone.now()
    assert packages_of(alices, now) == [package]
    assert package_of(alices, package.pk, now) == package
    for case, package_id, at in (
        (bobs, package.pk, now),
        (alices, uuid.uuid4(), now),
        (alices, package.pk, now + DOWNLOAD_LIFE + timedelta(seconds=1)),
    ):
        with pytest.raises(Http404) as refused:
            package_of(case, package_id, at)
        assert str(refused.value) == ""
    with pytest.raises(MayNot):
        actions.revoke_package(package, by=house.people["sam"].actor, at=now)
    path = folder() / package.file
    actions.revoke_package(package, by=house.officer, at=now)
    actions.revoke_package(package, by=house.officer, at=now)
    with pytest.raises(Http404):
        package_of(alices, package.pk, now)
    assert packages_of(alices, now) == []
    house.work()
    assert not path.exists()
    with pytest.raises(Http404):
        file_of(Package.objects.get(pk=package.pk))
    assert Entry.objects.filter(kind="rights.package_revoked").count() == 1


def test_a_file_goes_after_thirty_days_and_what_nobody_knows_goes_too(house, time_machine):
    case = answered(house, "alice@example.com")
    path = folder() / case.packages.get().file
    orphan = folder() / f"{uuid.uuid4()}.123.part"
    orphan.write_bytes(b"half a file that a killed worker left")
    now = timezone.now()
    time_machine.move_to(now + timedelta(days=2))
    house.queue("rights.remove_packages")
    house.work()
    assert path.exists()
    assert not orphan.exists()
    time_machine.move_to(now + DOWNLOAD_LIFE + timedelta(minutes=1))
    house.queue("rights.remove_packages")
    house.work()
    assert not path.exists()


def test_each_download_is_recorded(house):
    case = answered(house, "alice@example.com")
    for _ in range(2):
        actions.downloaded(case.packages.get(), by=PERSON, at=timezone.now())
    assert case.packages.get().downloads == 2
    assert Entry.objects.filter(kind="rights.package_downloaded").count() == 2


def test_a_closed_case_forgets_whom_it_was_about(house):
    case = answered(house, "nobody@example.net")
    later = timezone.now() + DOWNLOAD_LIFE
    assert actions.close_due_cases(by=KEPT, at=later - timedelta(days=1)) == 0
    assert actions.close_due_cases(by=KEPT, at=later + timedelta(minutes=1)) == 1
    assert house.now(case).state == Case.State.CLOSED
    assert "nobody@example.net" not in own_dump()


def test_the_copy_waits_for_a_system_that_is_away(house):
    away = house.file("helpdesk").rename(house.file("helpdesk").with_suffix(".away"))
    case = house.proven("access", "alice@example.com")
    house.work()
    actions.approve(case, by=house.officer, at=timezone.now())
    house.work()
    case = house.now(case)
    assert (case.state, case.packages.count()) == (Case.State.APPROVED, 0)
    assert "not searched yet" in case.problem
    away.rename(house.file("helpdesk"))
    Step.objects.filter(state="waiting", name="rights.search").update(due_at=timezone.now())
    house.work()
    case = house.now(case)
    assert case.state == Case.State.ANSWERED, house.told(case)
    assert json.loads(copy_of(case)["manifest.json"])["records"] > 100


def test_a_system_that_goes_away_while_copies_are_made_leaves_no_half_copy(house):
    case = house.reviewed("access", "alice@example.com")
    away = house.file("newsletter").rename(house.file("newsletter").with_suffix(".away"))
    actions.approve(case, by=house.officer, at=timezone.now())
    house.work()
    case = house.now(case)
    assert case.state == Case.State.ANSWERING
    assert "no such SQLite file" in case.problem
    assert list(folder().glob("*")) == []
    away.rename(house.file("newsletter"))
    house.work_later()
    assert house.now(case).state == Case.State.ANSWERED


def test_a_table_nobody_decided_about_is_told_in_the_copy(house):
    house.ask("newsletter", "CREATE TABLE left_over (id INTEGER PRIMARY KEY, note TEXT)")
    notes = json.loads(copy_of(answered(house, "alice@example.com"))["manifest.json"])["notes"]
    assert any("left_over" in note for note in notes)


def test_fifty_people_at_once_are_read_in_one_go_and_in_their_order(house, monkeypatch):
    from kept.connectors.sql.connector import SqlConnector

    batches = []
    count = SqlConnector.count

    def counted(self, batch, on):
        batches.append((self.name, [one.ref for one in batch]))
        return count(self, batch, on)

    monkeypatch.setattr(SqlConnector, "count", counted)
    cases = [house.proven("access", f"person{number}@example.net") for number in range(50)]
    house.work()
    asked = [str(case.pk) for case in cases]
    for name in ("billing", "helpdesk", "newsletter", "kept"):
        assert [refs for system, refs in batches if system == name] == [asked]
    for case in cases:
        actions.approve(case, by=house.officer, at=timezone.now())
    house.work()
    told = Entry.objects.filter(kind="rights.case_answered").order_by("id").values_list("about", flat=True)
    assert list(told) == [f"rights.case:{case.pk}" for case in cases]
    assert Step.objects.filter(name="rights.package").values("lease").distinct().count() == 1


def test_two_officers_approve_at_once_and_one_copy_is_made(house):
    case = house.reviewed("access", "alice@example.com")
    together, results = threading.Barrier(2), []

    def press():
        try:
            together.wait()
            results.append(actions.approve(case, by=house.officer, at=timezone.now()).state)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == ["approved", "approved"]
    house.work()
    assert Entry.objects.filter(kind="rights.case_approved").count() == 1
    assert case.packages.count() == 1


def test_an_officer_who_is_too_late_is_told(house):
    case = house.reviewed("access", "alice@example.com")
    actions.withdraw_case(case, by=PERSON, at=timezone.now())
    with pytest.raises(NotNow) as late:
        actions.approve(case, by=house.officer, at=timezone.now())
    assert late.value.state == Case.State.WITHDRAWN
    with pytest.raises(NotNow):
        actions.confirm_erasure(house.reviewed("access", "bob@example.com"), by=house.officer, at=timezone.now())


def test_only_an_officer_sees_the_desk_and_a_case_on_it(house):
    case = house.reviewed("access", "alice@example.com")
    house.open("access", "bob@example.com")
    olga = house.people["olga"]
    assert list(desk(olga)) == [case], "what nobody has proven is not the officer's to see"
    assert case_on_desk(olga, case.pk) == case
    assert queued(olga, right="erasure") == []
    assert queued(olga, reference=case.reference.lower()) == [case]
    assert queued(olga, state="review", due="later") == [case]
    assert queued(olga, due="late") == []
    assert list(desk(house.people["aino"])) == [case], "an auditor reads, and decides nothing"
    for name in ("alice", "bob", "sam", "erik"):
        for look in (lambda who: desk(who), lambda who: case_on_desk(who, case.pk)):
            with pytest.raises(Http404):
                look(house.people[name])
    with pytest.raises(Http404):
        package_on_desk(olga, uuid.uuid4())
    with pytest.raises(Http404):
        case_of(house.people["bob"], case.pk)


# Two people and one address


@pytest.fixture
def shared(house):
    """Bob and Dan gave the billing system one address, their accountant's; Bob asks from it."""
    house.ask("billing", "UPDATE client SET email = ? WHERE id = 1002", SHARED)
    house.ask("billing", "UPDATE client SET email = ? WHERE id = 1004", SHARED.title())  # else it must be unique
    return house


def test_two_people_who_share_an_address_are_a_persons_to_tell_apart(shared):
    case = shared.proven("access", SHARED)
    shared.work()
    case, answer = shared.now(case), shared.answers(case)["billing"]
    assert (case.state, answer.state) == (Case.State.NEEDS_PERSON, SystemAnswer.State.NEEDS_PERSON)
    assert answer.holdings == []
    assert queued(shared.people["olga"], state="needs_person") == [case]
    choice = candidates(case, answer.system)
    assert [one.account for one in choice] == ["1002", "1004"]
    assert "Brook" in str(choice[0].says)
    assert "Brook" not in repr(choice)
    with pytest.raises(NotNow):
        actions.approve(case, by=shared.officer, at=timezone.now())


@pytest.mark.parametrize("chosen", [["1001"], ["1002", "9"], [""]])
def test_only_what_is_there_to_choose_from_can_be_chosen(shared, chosen):
    case = shared.proven("access", SHARED)
    shared.work()
    system = shared.answers(case)["billing"].system
    with pytest.raises(WrongChoice):
        actions.choose_accounts(case, system, chosen, by=shared.officer, at=timezone.now())
    with pytest.raises(MayNot):
        actions.choose_accounts(case, system, ["1002"], by=shared.people["sam"].actor, at=timezone.now())
    assert shared.now(case).state == Case.State.NEEDS_PERSON


def test_the_copy_after_the_choice_is_the_chosen_ones_alone(shared):
    case = shared.proven("access", SHARED)
    shared.work()
    system = shared.answers(case)["billing"].system
    actions.choose_accounts(case, system, ["1002"], by=shared.officer, at=timezone.now())
    with pytest.raises(NotNow):
        actions.choose_accounts(case, system, ["1004"], by=shared.officer, at=timezone.now())
    shared.work()
    assert shared.now(case).state == Case.State.REVIEW, shared.told(case)
    actions.approve(case, by=shared.officer, at=timezone.now())
    shared.work()
    text = copy_of(shared.now(case))["data.json"].decode()
    assert "Brook" in text
    assert "Dorn" not in text
    assert "9 Tower Street" not in text
    assert "1004" not in {row.value for row in CaseIdentifier.objects.filter(case=case, standing="used")}


def test_where_none_of_the_accounts_is_the_persons_nothing_of_them_is_in_the_copy(shared):
    case = shared.proven("access", SHARED)
    shared.work()
    system = shared.answers(case)["billing"].system
    actions.choose_accounts(case, system, [], by=shared.officer, at=timezone.now())
    shared.work()
    assert shared.now(case).state == Case.State.REVIEW, shared.told(case)
    assert [one for one in shared.answers(case)["billing"].holdings if one["own"] or one["others"]] == []
    actions.approve(case, by=shared.officer, at=timezone.now())
    shared.work()
    text = copy_of(shared.now(case))["data.json"].decode()
    assert "Brook" not in text
    assert "Dorn" not in text


def test_the_erasure_after_the_choice_leaves_the_other_one_alone(shared):
    dans = ("SELECT * FROM client WHERE id = 1004", "SELECT * FROM invoice WHERE client_id = 1004")
    before = [shared.ask("billing", statement) for statement in dans]
    case = shared.proven("erasure", SHARED)
    shared.work()
    system = shared.answers(case)["billing"].system
    actions.choose_accounts(case, system, ["1002"], by=shared.officer, at=timezone.now())
    shared.work()
    actions.approve(shared.now(case), by=shared.officer, at=timezone.now())
    heard = timezone.now() + timedelta(days=6)  # his other address was told, and did not say no
    actions.confirm_erasure(shared.now(case), by=shared.officer, at=heard)
    shared.work_later()
    assert shared.now(case).state == Case.State.ANSWERED, shared.told(case)
    assert [shared.ask("billing", statement) for statement in dans] == before
    [(email, name)] = shared.ask("billing", "SELECT email, last_name FROM client WHERE id = 1002")
    assert SHARED not in email
    assert "Brook" not in (name or "")


def test_a_conflict_found_late_stops_that_system_and_no_other_case(house):
    cases = house.confirmed("bob@example.com", "alice@example.com")
    house.ask("billing", "UPDATE client SET email = 'Bob@Example.com' WHERE id = 1004")
    house.work()
    bob, alice = (house.now(case) for case in cases)
    assert alice.state == Case.State.ANSWERED, house.told(alice)
    assert bob.state == Case.State.ANSWERING
    answer = house.answers(bob)["billing"]
    assert answer.state == SystemAnswer.State.NEEDS_PERSON
    assert queued(house.people["olga"], state="needs_person") == [bob]
    actions.choose_accounts(bob, answer.system, ["1002"], by=house.officer, at=timezone.now())
    house.work()
    assert house.now(bob).state == Case.State.ANSWERED, house.told(bob)
    assert house.ask("billing", "SELECT email FROM client WHERE id = 1004") == [("Bob@Example.com",)]


def test_a_full_disk_is_said_and_made_up_for(house, monkeypatch):
    import errno

    from kept.rights import tasks

    case = house.reviewed("access", "alice@example.com")
    actions.approve(case, by=house.officer, at=timezone.now())
    write = tasks.write_copies

    def full(*args):
        raise OSError(errno.ENOSPC, "No space left on device", "/secret/place/alice@example.com")

    monkeypatch.setattr(tasks, "write_copies", full)
    house.work()
    assert house.now(case).problem == "The file could not be written (No space left on device)."
    monkeypatch.setattr(tasks, "write_copies", write)
    house.work_later()
    assert house.now(case).state == Case.State.ANSWERED
