"""A correction: asked for, proven, seen as "was → becomes", carried out in every system, read again, and told."""

from __future__ import annotations

import json

import pytest
from corrections import PERSON, mailed_code, reviewed
from django.utils import timezone
from house import house, own_dump, store, zip_of

from kept.engine.identifiers import normal
from kept.people.models import Account
from kept.post.models import Message
from kept.rights import actions
from kept.rights import correction_tasks as tasks
from kept.rights.actions.correcting import wrong_as_well
from kept.rights.actions.new_address import prove_new_address, resend_proof
from kept.rights.errors import NotReady, WrongChoice
from kept.rights.models import Case
from kept.rights.particulars.rectification import Form
from kept.rights.righting.access import seen_in, told_in
from kept.rights.righting.models import NewAddress, Righting
from kept.rights.rules import DOWNLOAD_LIFE, LAW_OF_SUPPRESSION, proof_ends
from kept.security.models import Entry
from kept.terms import Actor
from kept.use.access import is_suppressed
from kept.use.actions import suppress
from kept.work.models import Step

__all__ = ["house", "store"]

pytestmark = pytest.mark.store

EVERYWHERE = ("billing", "helpdesk", "newsletter", "kept")


def approve(house, case):
    actions.approve(case, by=house.officer, at=timezone.now())
    house.work()
    return house.now(case)


def states(house, case):
    return {name: one.state for name, one in house.answers(case).items()}


def test_a_last_name_is_put_right_everywhere_and_the_report_says_so(house):
    bobs = house.ask("billing", "SELECT * FROM client WHERE id = 1002")
    case = reviewed(house, "alice@example.com", ("last_name", "", "Ardent"))
    seen = {one.system.name: one for one in seen_in(case, timezone.localdate())}
    assert {(one.place, one.was, one.becomes) for one in seen["newsletter"].lines} == {
        ("subscribers.name", "Alice Arden", "Alice Ardent")
    }, "what billing knows of the old name helps to find it in a full name"
    assert ("invoice.buyer_last_name", "copy") in {(one.place, one.outcome) for one in seen["billing"].lines}
    assert not any(one.problem for one in seen.values())
    assert house.ask("billing", "SELECT last_name FROM client WHERE id = 1001") == [("Arden",)]

    case = approve(house, case)
    assert case.state == Case.State.ANSWERED, house.told(case)
    assert states(house, case) == dict.fromkeys(EVERYWHERE, "done")
    assert house.ask("billing", "SELECT last_name FROM client WHERE id = 1001") == [("Ardent",)]
    assert house.ask("newsletter", "SELECT name FROM subscribers WHERE email = 'alice@example.com'") == [
        ("Alice Ardent",)
    ]
    assert ("Arden",) in house.ask("billing", "SELECT buyer_last_name FROM invoice WHERE client_id = 1001")
    assert Account.objects.get(pk=house.people["alice"].pk).name == "Alice Ardent"
    assert house.ask("billing", "SELECT * FROM client WHERE id = 1002") == bobs

    with zip_of(case.packages.get()) as archive:
        report = json.loads(archive.read("report.json"))
    rows = [(one["system"], row["was"], row["now"]) for one in report["systems"] for row in one["changed"]]
    assert ("billing", "Arden", "Ardent") in rows
    copies = [row for one in report["systems"] for row in one["copies"] if one["system"] == "billing"]
    assert any("Commercial Code" in row["now"] for row in copies)
    assert case.outcome["changed"] == sum(row["rows"] for one in report["systems"] for row in one["changed"])
    assert "put right" in Message.objects.filter(about=case.pk).order_by("-written_at")[0].subject


def test_the_ledger_holds_an_intent_and_an_outcome_for_each_system_and_no_values(house):
    case = approve(house, reviewed(house, "alice@example.com", ("city", "", "Zwickau")))
    assert case.state == Case.State.ANSWERED, house.told(case)
    entries = Entry.objects.filter(about=f"rights.case:{case.pk}").order_by("id")
    kinds = [one.kind for one in entries if "rectif" in one.kind]
    assert kinds == ["rights.rectification_begun", "rights.system_rectified"] * 4
    assert not any("Zwickau" in str(one.facts) for one in entries)
    assert "Zwickau" not in own_dump(), "what was asked and done is sealed"


def test_a_system_that_is_away_is_put_right_by_itself_when_it_is_back(house):
    case = reviewed(house, "alice@example.com", ("last_name", "", "Ardent"))
    away = house.file("newsletter").rename(house.file("newsletter").with_suffix(".away"))
    case = approve(house, case)
    assert case.state == Case.State.ANSWERING
    assert states(house, case)["newsletter"] == "not_done"
    assert states(house, case)["billing"] == "done"
    assert not case.packages.exists()
    away.rename(house.file("newsletter"))
    house.work_later()
    case = house.now(case)
    assert case.state == Case.State.ANSWERED, house.told(case)
    assert house.ask("newsletter", "SELECT name FROM subscribers WHERE email = 'alice@example.com'") == [
        ("Alice Ardent",)
    ], "although no other system says any more what was wrong"


def test_what_was_changed_before_a_kill_is_still_told_as_changed(house, monkeypatch):
    case = reviewed(house, "alice@example.com", ("last_name", "", "Ardent"))

    class Killed(BaseException):
        pass

    def killed(*_, **__):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(tasks.correcting, "system_righted", killed)
        with pytest.raises(Killed):
            approve(house, case)
    assert house.ask("billing", "SELECT last_name FROM client WHERE id = 1001") == [("Ardent",)]
    Step.objects.filter(state="running").update(state="waiting")  # its lease is over
    house.work_later()
    case = house.now(case)
    assert case.state == Case.State.ANSWERED, house.told(case)
    [line] = [one for one in told_in(case)["billing"] if one.place == "client.last_name"]
    assert (line.outcome, line.was, line.becomes) == ("changed", "Arden", "Ardent")


def test_a_system_that_writes_the_old_value_back_is_never_done(house):
    house.ask(
        "newsletter",
        "CREATE TRIGGER back AFTER UPDATE OF name ON subscribers BEGIN"
        " UPDATE subscribers SET name = 'Alice Arden' WHERE id = NEW.id; END",
    )
    case = approve(house, reviewed(house, "alice@example.com", ("last_name", "", "Ardent")))
    assert case.state == Case.State.ANSWERING
    assert states(house, case)["newsletter"] == "not_done"
    house.ask("newsletter", "DROP TRIGGER back")
    house.work_later()
    assert house.now(case).state == Case.State.ANSWERED, house.told(case)


def test_what_is_not_as_expected_waits_for_an_officer(house):
    house.ask("billing", "UPDATE service_domain SET contact_city = 'Elsewhere' WHERE client_id = 1001")
    case = approve(house, reviewed(house, "alice@example.com", ("city", "", "Bonn")))
    assert states(house, case)["billing"] == "cannot_tell"
    billing = house.answers(case)["billing"].system
    with pytest.raises(WrongChoice):
        wrong_as_well(case, billing, {"city": ["Berlin-Mitte"]}, by=house.officer, at=timezone.now())
    wrong_as_well(case, billing, {"city": ["Elsewhere"]}, by=house.officer, at=timezone.now())
    house.work()
    case = house.now(case)
    assert case.state == Case.State.ANSWERED, house.told(case)
    cities = house.ask("billing", "SELECT DISTINCT contact_city FROM service_domain WHERE client_id = 1001")
    assert cities == [("Bonn",)]


def test_an_officer_can_leave_what_is_right_as_it_is(house):
    house.ask("billing", "UPDATE service_domain SET contact_city = 'Elsewhere' WHERE client_id = 1001")
    case = approve(house, reviewed(house, "alice@example.com", ("city", "", "Bonn")))
    billing = house.answers(case)["billing"].system
    actions.settle_remains(case, billing, by=house.officer, at=timezone.now())
    house.work()
    assert house.now(case).state == Case.State.ANSWERED, house.told(case)
    cities = house.ask("billing", "SELECT DISTINCT contact_city FROM service_domain WHERE client_id = 1001")
    assert cities == [("Elsewhere",)]


def test_a_new_address_is_written_only_when_it_is_shown_to_be_theirs(house):
    suppress(
        normal("email", "alice@example.com"), "marketing.own",
        law=LAW_OF_SUPPRESSION, until=proof_ends(timezone.now()), by=Actor.kept(), at=timezone.now(),
    )  # fmt: skip
    case = reviewed(house, "alice@example.com", ("email", "", "alice.new@example.org"))
    mail, code = mailed_code("alice.new@example.org")
    assert "http" not in mail.text, "a mistyped address must not get the key to the request"
    assert "Alice" not in mail.text
    with pytest.raises(NotReady, match="code was mailed"):
        actions.approve(case, by=house.officer, at=timezone.now())
    wrong = "000 000" if code != "000 000" else "000 001"
    assert not prove_new_address(case, wrong, by=PERSON, at=timezone.now())
    assert not resend_proof(case, by=PERSON, at=timezone.now()), "one was mailed a moment ago"
    assert prove_new_address(case, code, by=PERSON, at=timezone.now())
    house.work()
    case = approve(house, house.now(case))
    assert case.state == Case.State.ANSWERED, house.told(case)
    assert house.ask("billing", "SELECT email FROM client WHERE id = 1001") == [("alice.new@example.org",)]
    assert house.ask("newsletter", "SELECT count(*) FROM subscribers WHERE email = 'alice@example.com'") == [(0,)]
    assert Account.objects.get(pk=house.people["alice"].pk).email == "alice.new@example.org"
    assert is_suppressed(normal("email", "alice.new@example.org"), "marketing.own", timezone.localdate())


def test_five_wrong_codes_end_a_code_for_the_new_address(house):
    case = reviewed(house, "alice@example.com", ("email", "", "alice.new@example.org"))
    _, code = mailed_code("alice.new@example.org")
    wrong = "000 000" if code != "000 000" else "000 001"
    for _ in range(5):
        assert not prove_new_address(case, wrong, by=PERSON, at=timezone.now())
    assert not prove_new_address(case, code, by=PERSON, at=timezone.now())


def test_an_address_that_somebody_else_has_is_named_before_anything_is_written(house):
    case = reviewed(house, "alice@example.com", ("email", "", "bob@example.com"))
    NewAddress.objects.filter(case=case).update(proven_at=timezone.now())
    seen = {one.system.name: one for one in seen_in(case, timezone.localdate())}
    assert "another record has the new value already" in seen["newsletter"].problem
    assert "bob@example.com" not in seen["newsletter"].problem


def test_nothing_is_approved_that_nobody_has_said(house):
    case = house.reviewed("rectification", "alice@example.com")
    with pytest.raises(NotReady, match="was not said"):
        actions.approve(case, by=house.officer, at=timezone.now())


def test_all_values_are_gone_when_the_case_is_closed(house):
    case = approve(house, reviewed(house, "alice@example.com", ("last_name", "Arden", "Ardent")))
    assert Righting.objects.filter(case=case).count() == 4
    actions.close_due_cases(by=Actor.kept(), at=timezone.now() + DOWNLOAD_LIFE + DOWNLOAD_LIFE)
    assert not Righting.objects.filter(case=case).exists()
    assert house.now(case).asked == {}


@pytest.mark.parametrize(
    ("rows", "field", "says"),
    [
        ([("", "", "")], "detail_1", "Choose what is wrong"),
        ([("email", "", "alice at example.com")], "now_1", "one @"),
        ([("birth_date", "", "1.2.1980")], "now_1", "year-month-day"),
        ([("phone", "", "030 1234")], "now_1", "Start with +"),
        ([("city", "Bonn", "Bonn")], "now_1", "What should it say?"),
        ([("city", "", "Bonn"), ("city", "", "Köln")], "now_2", "two different answers"),
        ([("nickname", "", "Al")], "detail_1", "Choose one of these"),
        ([("city", "", "Bonn"), ("", "", "Köln")], "detail_2", "Choose what is wrong"),
        ([("city", "", "Bonn\x00")], "now_1", "letters did not reach us"),
        ([("city", "", "B" * 500)], "now_1", "Use at most 200"),
        ([("city", f"{n}", "Bonn") for n in range(6)], "detail_5", "Choose one of these"),
    ],
)
def test_what_makes_no_sense_is_said_beside_its_field(rows, field, says):
    form = Form({"corrections": [{"detail": detail, "was": was, "now": now} for detail, was, now in rows]})
    assert not form.is_valid()
    assert any(says in error for error in form.errors.get(field, ())), form.errors
