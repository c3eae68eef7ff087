"""Erasure: everywhere, once, looked at again, and never said to be done before."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone
from house import house, own_dump, store, zip_of

from kept.engine.identifiers import normal
from kept.information.models import System
from kept.people.models import Account
from kept.people.sessions import SessionStore, opened
from kept.post.models import Message
from kept.rights import actions
from kept.rights.errors import MayNot, NotNow
from kept.rights.models import Case, SystemAnswer
from kept.rights.rules import DOWNLOAD_LIFE
from kept.security.models import Entry
from kept.terms import Actor
from kept.use.access import is_suppressed
from kept.use.actions import forget_kept_accounts
from kept.use.models import KeptAccount
from kept.work.models import Step

__all__ = ["house", "store"]

pytestmark = pytest.mark.store

EVERYWHERE = ("billing", "helpdesk", "newsletter", "kept")


def states(house, case):
    return {name: one.state for name, one in house.answers(case).items()}


def kinds(case):
    return list(Entry.objects.filter(about=f"rights.case:{case.pk}").order_by("id").values_list("kind", flat=True))


def report_of(case):
    with zip_of(case.packages.get()) as archive:
        return json.loads(archive.read("report.json"))


def test_an_erasure_goes_through_every_system_and_ends_answered(house):
    [case] = house.confirmed("nora@example.net")
    before = {system: house.dump(system) for system in EVERYWHERE[:3]}
    [email] = [row[0] for row in house.ask("newsletter", "SELECT email FROM subscribers WHERE id = 6")]
    assert case.state == Case.State.CONFIRMED
    house.work()
    case = house.now(case)
    assert case.state == Case.State.ANSWERED, house.told(case)
    assert states(house, case) == dict.fromkeys(EVERYWHERE, "done")
    assert email in before["newsletter"]
    assert email not in house.dump("newsletter")
    assert house.dump("billing") == before["billing"], "where nothing was held, nothing was changed"


def test_alice_is_gone_but_for_what_the_law_keeps_and_bob_is_untouched(house):
    """Judged by a raw look into the files, not by our own search."""
    bob = "SELECT * FROM client WHERE id = 1002", "SELECT * FROM invoice WHERE client_id = 1002"
    bobs = [house.ask("billing", statement) for statement in bob]
    [case] = house.confirmed("alice@example.com")
    house.work()
    case = house.now(case)
    assert case.state == Case.State.ANSWERED, house.told(case)
    for system in ("helpdesk", "newsletter"):
        assert "alice@example.com" not in house.dump(system).lower(), system
    kept = [line for line in house.dump("billing").splitlines() if "alice@example.com" in line.lower()]
    assert kept
    assert all(line.startswith(('INSERT INTO "invoice"', 'INSERT INTO "payment"')) for line in kept)
    old = house.ask("billing", "SELECT buyer_email FROM invoice WHERE client_id = 1001 AND id <= 2")
    assert all(email != "alice@example.com" for (email,) in old), "past its ten years, an invoice forgets her too"
    assert [house.ask("billing", statement) for statement in bob] == bobs
    assert "bob@example.com" in house.dump("helpdesk")


def test_the_report_says_what_went_what_stays_why_and_until_when(house):
    [case] = house.confirmed("alice@example.com")
    house.work()
    report = report_of(house.now(case))
    assert report["verdict"] == "done"
    systems = {one["system"]: one for one in report["systems"]}
    assert set(systems) == set(EVERYWHERE)
    invoices = [one for one in systems["billing"]["kept"] if one["title"] == "Invoices"]
    assert invoices
    assert invoices[0]["until"] >= "2036-12-31"
    assert {one["title"]: one["count"] for one in systems["billing"]["erased"]}["Orders"] == 4
    titles = {one["title"] for one in systems["kept"]["erased"]}
    assert "Your account with the privacy centre" in titles
    assert "Work that waits" not in titles, "what the plan leaves as it is does not count as erased"
    assert "alice" not in json.dumps(report).lower()
    assert house.now(case).outcome["erased"] == sum(
        one["count"] for system in report["systems"] for one in system["erased"]
    )


def test_intent_comes_before_each_change_and_the_outcome_after_it(house):
    [case] = house.confirmed("bob@example.com")
    house.work()
    begun = [kind for kind in kinds(case) if kind in ("rights.erasure_begun", "rights.system_erased")]
    assert begun == ["rights.erasure_begun", "rights.system_erased"] * 4
    told = list(Entry.objects.filter(kind__in=begun).order_by("id").values_list("facts", flat=True))
    assert [one["system"] for one in told[::2]] == list(EVERYWHERE), "Kept's own database comes last"
    assert [one["plan"] for one in told[::2]] == [one["plan"] for one in told[1::2]]


def test_kepts_own_rows_forget_the_person_too(house):
    alice = house.people["alice"]
    Authenticator.objects.create(user=alice, type="totp", data={"secret": "x"})
    for account in (alice, house.people["bob"]):
        session = SessionStore()
        session["_auth_user_id"] = str(account.pk)
        session.create()
    Message.objects.create(to="alice@example.com", subject="Hello", text="Dear Alice Arden", written_at=timezone.now())
    house.confirmed("alice@example.com")
    house.work()
    account = Account.objects.get(pk=alice.pk)
    assert account.email.endswith("@erased.invalid")
    assert (account.name, account.is_active, account.has_usable_password()) == ("erased", False, False)
    assert not EmailAddress.objects.filter(user=alice).exists()
    assert not Authenticator.objects.filter(user=alice).exists()
    assert [opened(one)["_auth_user_id"] for one in Session.objects.all()] == [str(house.people["bob"].pk)]
    assert "alice" not in own_dump().lower(), "what is kept to answer her is sealed"
    left = {mail.text for mail in Message.objects.filter(to="alice@example.com")}
    assert len(left) == 1, "the answer, and no mail from before"
    assert "Dear Alice Arden" not in left.pop()
    assert [case.email for case in Case.objects.filter(email="alice@example.com")] == ["alice@example.com"]


def test_a_mail_that_never_left_does_not_leave_half_erased(house):
    waiting = {"subject": "Hello", "text": "Dear Alice Arden", "state": "waiting", "written_at": timezone.now()}
    Message.objects.create(to="Alice@Example.com", **waiting)
    bobs = Message.objects.create(to="bob@example.com", **waiting)
    house.confirmed("alice@example.com")
    house.work()
    assert list(Message.objects.filter(state="waiting")) == [bobs]
    assert Message.objects.filter(state="failed", text="").count() == 1


def test_what_stays_with_us_is_explained_and_ends_by_itself(house):
    [case] = house.confirmed("alice@example.com")
    house.work()
    residue = house.answers(case)["kept"].residue
    assert {(one["table"], one["column"], one["why"]) for one in residue["remains"]} == {
        ("rights_case", "email", "law"),
        ("rights_caseidentifier", "value", "law"),
        ("proof_proofstep", "shows", "law"),
    }
    later = timezone.now() + DOWNLOAD_LIFE + timedelta(minutes=1)
    assert actions.close_due_cases(by=Actor.kept(), at=later) == 1
    for word in ("alice@example.com", "alice arden"):
        assert word not in own_dump().lower()
    assert is_suppressed(normal("email", "Alice@example.com"), "marketing.own", later.date())
    assert is_suppressed(normal("email", "alice@example.com"), "marketing.third_party", later.date())
    assert not is_suppressed(normal("email", "bob@example.com"), "marketing.own", later.date())
    assert house.now(case).outcome["erased"] > 0, "that she was answered is still known"
    much_later = later + timedelta(days=3 * 366 + 1)
    assert actions.forget_old_cases(by=Actor.kept(), at=much_later) == 1
    assert not Case.objects.filter(pk=case.pk).exists()


def test_who_was_erased_still_gets_a_copy_of_what_a_law_keeps_and_nobody_else_does(house):
    house.confirmed("alice@example.com")
    house.work()
    later = timezone.now() + DOWNLOAD_LIFE + timedelta(minutes=1)
    actions.close_due_cases(by=Actor.kept(), at=later)
    again = house.proven("access", "alice@example.com")
    house.work()
    answers = house.answers(again)
    kept = {one["table"]: one["own"] for one in answers["billing"].holdings}
    assert kept["invoice"] >= 8
    assert again.identifiers.filter(kind="account", scope="billing", origin="earlier erasure").count() == 1
    stranger = house.proven("access", "nobody@example.net")
    house.work()
    assert house.answers(stranger)["billing"].holdings == []
    [row] = KeptAccount.objects.filter(system="billing")
    assert row.until > later.date() + timedelta(days=365 * 9)
    assert "alice" not in f"{row.digest} {row.account} {row.law}".lower()
    assert forget_kept_accounts(by=Actor.kept(), at=later + timedelta(days=366 * 11)) == 1


def test_a_system_that_is_away_is_not_done_yet_and_is_finished_by_itself_when_it_is_back(house):
    [case] = house.confirmed("alice@example.com")
    away = house.file("helpdesk").rename(house.file("helpdesk").with_suffix(".away"))
    house.work()
    case, answers = house.now(case), house.answers(case)
    assert case.state == Case.State.ANSWERING
    assert states(house, case) == {"billing": "done", "newsletter": "done", "helpdesk": "not_done", "kept": "found"}
    assert "no such SQLite file" in answers["helpdesk"].problem
    assert answers["helpdesk"].next_try_at > timezone.now()
    assert not case.packages.exists()
    assert not any("erased" in mail.subject for mail in Message.objects.filter(about=case.pk))
    for tries in (2, 3):
        house.work_later()
        assert house.answers(case)["helpdesk"].attempts == tries
    away.rename(house.file("helpdesk"))
    house.work_later()
    assert house.now(case).state == Case.State.ANSWERED, house.told(case)
    assert states(house, case) == dict.fromkeys(EVERYWHERE, "done")
    assert "alice@example.com" not in house.dump("helpdesk").lower()
    assert kinds(case).count("rights.case_answered") == 1


def test_a_system_that_was_away_from_the_start_is_searched_and_erased_when_it_is_back(house):
    away = house.file("newsletter").rename(house.file("newsletter").with_suffix(".away"))
    case = house.proven("erasure", "alice@example.com")
    house.work()
    assert house.now(case).state == Case.State.REVIEW, "the review does not wait for it"
    house.confirm(case)
    house.work()
    assert house.now(case).state == Case.State.ANSWERING
    assert states(house, case)["newsletter"] == "not_done"
    away.rename(house.file("newsletter"))
    house.work_later()
    assert house.now(case).state == Case.State.ANSWERED, house.told(case)
    assert "alice@example.com" not in house.dump("newsletter").lower()


def test_a_late_system_that_knows_another_address_sends_the_others_back_to_work(house):
    """Carol's second address stands only in the help desk: the newsletter has to be asked again with it."""
    away = house.file("helpdesk").rename(house.file("helpdesk").with_suffix(".away"))
    case = house.proven("erasure", "carol@example.com")
    house.work()
    house.confirm(case)
    house.work()
    assert states(house, case)["newsletter"] == "done"
    assert "carol.chen@example.org" in house.dump("newsletter")
    away.rename(house.file("helpdesk"))
    house.work_later()
    assert house.now(case).state == Case.State.ANSWERED, house.told(case)
    for system in ("helpdesk", "newsletter"):
        assert "carol.chen@example.org" not in house.dump(system)


def test_what_the_second_look_finds_is_named_and_never_called_done(house):
    """Somebody writes Alice's address into a table of which the pack says that nobody is in it."""
    [case] = house.confirmed("alice@example.com")
    [table] = house.ask("billing", "SELECT name FROM sqlite_master WHERE name = 'product'")[0]
    column = house.ask("billing", f"SELECT name FROM pragma_table_info('{table}') WHERE type LIKE 'varchar%'")[0][0]
    house.ask("billing", f'UPDATE "{table}" SET "{column}" = ? WHERE rowid = 1', "asked for by alice@example.com")
    for _ in range(3):
        house.work_later()
    case, answer = house.now(case), house.answers(case)["billing"]
    assert case.state == Case.State.ANSWERING
    assert answer.state == SystemAnswer.State.NOT_DONE
    assert f"{table}.{column} (1)" in answer.problem
    assert "alice" not in answer.problem
    assert answer.next_try_at is None, "after three looks an officer is needed"
    assert not Step.objects.filter(about=case.pk, state="waiting").exists()
    with pytest.raises(NotNow):
        actions.settle_remains(case, answer.system, by=house.officer, at=timezone.now())
    house.ask("billing", f'UPDATE "{table}" SET "{column}" = ? WHERE rowid = 1', "put right by hand")
    actions.erase_again(case, answer.system, by=house.officer, at=timezone.now())
    house.work()
    assert house.now(case).state == Case.State.ANSWERED, house.told(case)
    erased = {one["table"]: one["rows"] + one["deleted"] for one in house.answers(case)["billing"].changes}
    assert erased["client_order"] == 4, "what the first run did is still told"


def test_an_unknown_table_makes_a_system_that_cannot_tell_until_an_officer_has_looked(house):
    house.ask("newsletter", "CREATE TABLE left_over (id INTEGER PRIMARY KEY, note TEXT)")
    [case] = house.confirmed("nora@example.net")
    house.work()
    answer = house.answers(case)["newsletter"]
    assert (house.now(case).state, answer.state) == (Case.State.ANSWERING, SystemAnswer.State.CANNOT_TELL)
    assert "left_over" in answer.problem
    with pytest.raises(MayNot):
        actions.settle_remains(case, answer.system, by=house.people["sam"].actor, at=timezone.now())
    actions.settle_remains(case, answer.system, by=house.officer, at=timezone.now())
    actions.settle_remains(case, answer.system, by=house.officer, at=timezone.now())
    house.work()
    assert house.now(case).state == Case.State.ANSWERED, house.told(case)
    assert house.answers(case)["newsletter"].state == SystemAnswer.State.CANNOT_TELL, "nobody made it done"
    assert "rights.remains_settled" in kinds(case)


def test_a_schema_that_changed_after_the_approval_goes_back_to_the_officer(house, tmp_path):
    [case] = house.confirmed("nora@example.net")
    from kept.engine.packs import shipped_packs

    assert "demo-newsletter" in set(shipped_packs())
    changed = shipped("demo-newsletter").replace(
        'name = { do = "erase", is = "name", detail = "full_name" }', 'name = "keep"'
    )
    own = tmp_path / "newsletter.toml"
    own.write_text(changed)
    assert changed != shipped("demo-newsletter")
    System.objects.filter(name="newsletter").update(pack=str(own))
    before = house.dump("newsletter")
    house.work()
    case = house.now(case)
    assert case.state == Case.State.REVIEW
    assert "another one than was approved" in case.problem
    assert house.dump("newsletter") == before
    house.confirm(case)
    house.work()
    assert house.now(case).state in (Case.State.ANSWERED, Case.State.ANSWERING)
    assert house.dump("newsletter") != before


def test_a_plan_that_cannot_be_carried_out_is_shown_in_the_review_and_changes_nothing(house):
    house.ask("newsletter", "ALTER TABLE subscribers ADD COLUMN nickname TEXT")
    before = house.dump("newsletter")
    case = house.reviewed("erasure", "nora@example.net")
    answer = house.answers(case)["newsletter"]
    assert "subscribers.nickname" in answer.problem
    assert answer.plan == []
    house.confirm(case)
    house.work()
    assert states(house, case)["newsletter"] == "not_done"
    assert house.dump("newsletter") == before


def test_without_the_second_look_nothing_is_ever_called_done(house, monkeypatch):
    from kept.connectors.sql.connector import SqlConnector
    from kept.engine.subject import Residue

    monkeypatch.setattr(SqlConnector, "look", lambda self, plan, batch: [Residue((), 0) for _ in batch])
    [case] = house.confirmed("nora@example.net")
    house.work()
    assert house.now(case).state == Case.State.ANSWERING
    assert "done" not in states(house, case).values()
    assert not case.packages.exists()


def test_the_dry_run_names_every_column_and_holds_no_value(house):
    case = house.reviewed("erasure", "alice@example.com")
    plan = {line["table"]: line for line in house.answers(case)["billing"].plan}
    client = {one["column"]: one for one in plan["client"]["columns"]}
    assert client["email"]["act"] in ("token", "null", "set")
    assert client["id"]["act"] == "stay"
    assert plan["invoice"]["law"]
    assert "alice" not in json.dumps(list(plan.values())).lower()


def test_only_an_officer_decides_and_only_in_order(house):
    case = house.reviewed("erasure", "bob@example.com")
    now = timezone.now()
    for name in ("alice", "sam", "erik", "aino"):
        with pytest.raises(MayNot):
            actions.approve(case, by=house.people[name].actor, at=now)
    with pytest.raises(NotNow):
        actions.confirm_erasure(case, by=house.officer, at=now)
    actions.approve(case, by=house.officer, at=now)
    with pytest.raises(MayNot):
        actions.confirm_erasure(case, by=house.people["erik"].actor, at=now)
    house.work()
    assert house.now(case).state == Case.State.APPROVED, "approved is not confirmed: nothing is changed yet"
    actions.return_to_review(case, by=house.officer, at=now)
    with pytest.raises(NotNow):
        actions.confirm_erasure(case, by=house.officer, at=now)


def test_a_confirmed_erasure_taken_back_changes_nothing_and_can_be_confirmed_again(house):
    before = house.dump("billing")
    [case] = house.confirmed("bob@example.com")
    actions.return_to_review(case, by=house.officer, at=timezone.now())
    house.work()
    assert house.dump("billing") == before
    assert house.now(case).state == Case.State.REVIEW
    house.confirm(case)
    house.work()
    assert house.now(case).state == Case.State.ANSWERED, house.told(case)


def test_one_connection_of_kept_is_never_in_a_transaction_while_a_system_is_changed(house, monkeypatch):
    from kept.connectors.sql.connector import SqlConnector

    seen = []
    erase, look = SqlConnector.erase, SqlConnector.look

    def watched(method):
        def run(self, plan, batch, *intend):
            seen.append((self.name, connection.in_atomic_block))
            return method(self, plan, batch, *intend)

        return run

    monkeypatch.setattr(SqlConnector, "erase", watched(erase))
    monkeypatch.setattr(SqlConnector, "look", watched(look))
    house.confirmed("bob@example.com")
    house.work()
    assert seen == [(name, False) for name in EVERYWHERE for _ in range(2)]


def shipped(name):
    from importlib import resources

    return (resources.files("kept") / "packs" / f"{name}.toml").read_text(encoding="utf-8")


def test_fifty_people_at_once_are_one_batch_per_system_in_their_order(house, monkeypatch):
    from kept.connectors.sql.connector import SqlConnector

    batches = []
    erase = SqlConnector.erase

    def counted(self, plan, batch, intend=None):
        batches.append((self.name, [one.ref for one in batch]))
        return erase(self, plan, batch, intend)

    cases = [house.proven("erasure", f"person{number}@example.net") for number in range(48)]
    cases += [house.proven("erasure", email) for email in ("alice@example.com", "bob@example.com")]
    house.work()
    for case in cases:
        house.confirm(case)
    monkeypatch.setattr(SqlConnector, "erase", counted)
    house.work()
    asked = [str(case.pk) for case in cases]
    assert batches == [(name, asked) for name in EVERYWHERE]
    told = Entry.objects.filter(kind="rights.case_answered").order_by("id").values_list("about", flat=True)
    assert list(told) == [f"rights.case:{case.pk}" for case in cases]
    assert "bob@example.com" not in house.dump("newsletter").lower()


def test_one_person_whose_change_is_refused_holds_up_nobody_else(house):
    """The billing system itself refuses to change Bob's row."""
    cases = house.confirmed("alice@example.com", "bob@example.com", "uma.urban@example.com")
    house.ask(
        "billing",
        "CREATE TRIGGER refuse BEFORE UPDATE ON client WHEN OLD.id = 1002 BEGIN SELECT RAISE(ABORT, 'Bob Brook'); END",
    )
    house.work()
    alice, bob, uma = (house.now(case) for case in cases)
    assert (alice.state, uma.state) == (Case.State.ANSWERED, Case.State.ANSWERED)
    assert bob.state == Case.State.ANSWERING
    answer = house.answers(bob)["billing"]
    assert answer.state == SystemAnswer.State.NOT_DONE
    assert "client" in answer.problem
    assert "Brook" not in answer.problem
    assert house.ask("billing", "SELECT first_name FROM client WHERE id = 1002") == [("Bob",)], "all or nothing"
    house.ask("billing", "DROP TRIGGER refuse")
    house.work_later()
    assert house.now(bob).state == Case.State.ANSWERED, house.told(bob)
