"""Objections and restrictions hold: at once, for all that is known, after a restore, and with two at once."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from django.utils import timezone
from house import KEPT, store

from kept.engine.identifiers import normal
from kept.security.backup import replays
from kept.security.models import Entry
from kept.terms import Identifier
from kept.use import actions
from kept.use.access import decide_for, is_suppressed, objections_of, restriction_of, unread, would_decide
from kept.use.actions.covering import NO_END
from kept.use.counting import add_up, decided
from kept.use.errors import NoGround, NotNow, NotObjectable, TooSoon
from kept.use.models import Decided, Objection, Restriction, Suppression, Whose

__all__ = ["store"]

pytestmark = pytest.mark.store

ALICE = normal("email", "alice@example.com")
HER_ACCOUNT = Identifier("account", "41", "billing")
BOB = normal("email", "bob@example.com")
CASE = UUID("11111111-2222-4333-8444-555555555555")


def now():
    return timezone.now()


def object_to(*identifiers, purpose="marketing.own", case=CASE):
    return actions.object_to(identifiers, purpose, case=case, by=KEPT, at=now())


def restricted(*identifiers, grounds=("accuracy",), case=CASE):
    actions.restrict(identifiers, list(grounds), case=case, by=KEPT, at=now())
    found = actions.restriction_begins(case, by=KEPT, at=now())
    assert found is not None
    return found


def announced(row, in_days=7):
    today = now().date()
    on = today + timedelta(days=in_days)
    return actions.announce_lifting(row, on, uuid4(), today=today, days=7, by=KEPT, at=now())


def may(identifier, purpose="support", category="contact", recipient="us", **more):
    return decide_for([identifier], purpose, category, recipient, now(), **more).outcome


def together(*runs):
    """All at once, each in its own thread. What they raise is raised here."""
    barrier, raised = threading.Barrier(len(runs)), []

    def one(run):
        try:
            barrier.wait(10)
            run()
        except Exception as problem:  # noqa: BLE001 - told below
            raised.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=[run]) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if raised:
        raise raised[0]


# Objection


def test_against_advertising_the_word_is_final_and_at_once_in_every_spelling(store):
    assert may(ALICE, "marketing.own") == "allow"
    row = object_to(ALICE)
    assert (row.state, row.ground, row.until) == ("in_force", "marketing", NO_END)
    assert may(ALICE, "marketing.own") == "deny"
    assert may(ALICE, "marketing.profiling") == "deny"
    assert may(ALICE) == "allow", "what she bought goes on"
    assert may(BOB, "marketing.own") == "allow"
    for spelling in ("alice+shop@example.com", "ALICE@EXAMPLE.COM"):
        assert is_suppressed(normal("email", spelling), "marketing.own", now().date())
    assert not is_suppressed(normal("email", "alice@example.org"), "marketing.own", now().date())


def test_another_use_rests_until_it_is_weighed_and_then_ends_or_goes_on(store):
    row = object_to(ALICE, purpose="improvement")
    assert (row.state, row.ground) == ("pending", "situation")
    assert may(ALICE, "improvement", "usage") == "deny"
    actions.objections_decided(CASE, by=KEPT, at=now())
    assert objections_of(CASE).get().state == "in_force"
    assert may(ALICE, "improvement", "usage") == "deny"
    other = object_to(BOB, purpose="improvement", case=uuid4())
    assert actions.objection_ended(other.case, "refused", by=KEPT, at=now()) == 1
    assert may(BOB, "improvement", "usage") == "allow"
    assert actions.objection_ended(CASE, "refused", by=KEPT, at=now()) == 0, "what is in force stays in force"


def test_what_a_contract_carries_and_what_nobody_named_cannot_be_objected_to(store):
    for purpose in ("orders", "legal_obligation", "nothing of ours"):
        with pytest.raises(NotObjectable):
            object_to(ALICE, purpose=purpose)
    assert not Objection.objects.exists()


def test_it_holds_for_everything_the_search_shows_her_to_be_known_by(store):
    object_to(ALICE)
    assert may(HER_ACCOUNT, "marketing.own") == "allow"
    assert actions.cover_objections(CASE, [ALICE, HER_ACCOUNT], by=KEPT, at=now()) == 1
    assert may(HER_ACCOUNT, "marketing.own") == "deny"
    assert may(Identifier("account", "41", "helpdesk"), "marketing.own") == "allow", "a number says nothing elsewhere"
    assert actions.cover_objections(CASE, [ALICE, HER_ACCOUNT], by=KEPT, at=now()) == 0


def test_taken_back_it_is_gone_and_a_newer_no_of_hers_stays(store):
    row = object_to(ALICE)
    actions.take_back(row, [ALICE], by=KEPT, at=now())
    assert may(ALICE, "marketing.own") == "allow"
    assert not Suppression.objects.exists()
    taken = objections_of(CASE).get()
    assert (taken.state, taken.ended_why) == ("ended", "taken_back")
    object_to(ALICE, case=uuid4())
    actions.take_back(row, [ALICE], by=KEPT, at=now())
    assert may(ALICE, "marketing.own") == "deny", "a second call changes nothing"


def test_no_name_and_no_address_stands_in_any_row_or_entry(store):
    object_to(ALICE, HER_ACCOUNT)
    restricted(ALICE, HER_ACCOUNT, case=uuid4())
    values = [row for model in (Objection, Restriction, Whose, Suppression) for row in model.objects.values()]
    assert "alice" not in str(values).lower()
    assert "alice" not in str(list(Entry.objects.values("facts"))).lower()


# Restriction


def test_a_restriction_goes_its_way_and_never_ends_without_the_day_that_was_told(store, time_machine):
    actions.restrict([ALICE], ["accuracy"], case=CASE, by=KEPT, at=now())
    assert may(ALICE) == "cannot tell", "asked for, and nobody has looked"
    row = actions.restriction_begins(CASE, by=KEPT, at=now())
    assert row is not None
    assert (may(ALICE), may(ALICE, "storage"), may(BOB)) == ("deny", "allow", "allow")
    assert may(ALICE, despite="claims") == "allow"
    today = now().date()
    with pytest.raises(NotNow):
        actions.lift(row, today=today + timedelta(days=400), by=KEPT, at=now())
    with pytest.raises(TooSoon, match="the person must know 7 days before"):
        announced(row, in_days=6)
    row = announced(row)
    assert may(ALICE) == "deny", "told, and still in force"
    with pytest.raises(NotNow):
        announced(row)
    with pytest.raises(NotNow):
        actions.lift(row, today=today + timedelta(days=6), by=KEPT, at=now())
    row = actions.lift(row, today=today + timedelta(days=7), by=KEPT, at=now())
    assert (row.state, may(ALICE)) == ("lifted", "allow")
    assert actions.lift(row, today=today, by=KEPT, at=now()).lifted_at == row.lifted_at


def test_an_end_that_was_announced_can_be_called_off(store):
    row = announced(restricted(ALICE))
    row = actions.call_off_lifting(row, by=KEPT, at=now())
    assert (row.state, row.lift_on, row.mail) == ("in_force", None, None)
    with pytest.raises(NotNow):
        actions.lift(row, today=now().date() + timedelta(days=99), by=KEPT, at=now())
    assert actions.call_off_lifting(row, by=KEPT, at=now()).state == "in_force"


def test_what_never_began_leaves_nothing_behind(store):
    actions.restrict([ALICE], ["claims"], case=CASE, by=KEPT, at=now())
    assert actions.restriction_not_begun(CASE, "refused", by=KEPT, at=now())
    assert may(ALICE) == "allow"
    assert actions.restriction_begins(CASE, by=KEPT, at=now()) is None
    assert not actions.restriction_not_begun(CASE, "refused", by=KEPT, at=now())


@pytest.mark.parametrize("grounds", [[], ["because"], ["accuracy", "x"]])
def test_a_restriction_needs_a_ground_of_the_law(store, grounds):
    with pytest.raises(NoGround):
        actions.restrict([ALICE], grounds, case=CASE, by=KEPT, at=now())
    assert not Restriction.objects.exists()


# After a restore, after an erasure, after years


def noted():
    """All that waits for the replay list, as a restore reads it."""
    replays.write_out()
    return replays.notes_since(now() - timedelta(days=1))


def gone():
    """The store as it was before any of it."""
    for model in (Whose, Objection, Restriction, Suppression):
        model.objects.all().delete()


def test_a_restore_brings_back_what_held_as_it_stood_last(store, settings, tmp_path):
    settings.BACKUPS = str(tmp_path / "backups")
    at = now()
    with transaction.atomic():  # all of one instant: only their count tells which note is the last
        actions.object_to([ALICE], "improvement", case=CASE, by=KEPT, at=at)
        actions.cover_objections(CASE, [ALICE, HER_ACCOUNT], by=KEPT, at=at)
        actions.objections_decided(CASE, by=KEPT, at=at)
    object_to(BOB, case=uuid4())
    row = announced(restricted(ALICE, case=uuid4()))
    objection, restriction = objections_of(CASE).get(), restriction_of(row.case)
    notes = noted()
    gone()
    assert may(BOB, "marketing.own") == "allow"
    assert replays.apply(notes, by=KEPT, at=now()) == 5, "two suppressions, two objections, a restriction"
    again = objections_of(CASE).get()
    assert (again.state, again.pk, again.whose.count()) == ("in_force", objection.pk, 2)
    assert restriction_of(row.case).lift_on == restriction.lift_on
    assert restriction_of(row.case).mail == restriction.mail
    assert (may(HER_ACCOUNT, "improvement", "usage"), may(ALICE), may(BOB, "marketing.own")) == ("deny",) * 3
    assert replays.apply(notes, by=KEPT, at=now()) == 0, "twice is once"
    assert "alice" not in replays.list_file().read_text()


def test_a_restore_does_not_bring_back_what_had_ended(store, settings, tmp_path):
    settings.BACKUPS = str(tmp_path / "backups")
    row = object_to(ALICE)
    stop = announced(restricted(ALICE, case=uuid4()), in_days=7)
    held = [list(model.objects.values()) for model in (Objection, Restriction)]
    actions.take_back(row, [ALICE], by=KEPT, at=now())
    actions.lift(stop, today=stop.lift_on, by=KEPT, at=now())
    notes = noted()
    for model, rows in zip((Objection, Restriction), held, strict=True):
        for one in rows:
            model.objects.filter(pk=one["id"]).update(**{name: one[name] for name in one if name != "id"})
    assert may(ALICE) == "deny"
    replays.apply(notes, by=KEPT, at=now())
    assert (may(ALICE), may(ALICE, "marketing.own")) == ("allow", "allow")


def test_after_an_erasure_the_hashes_stay_with_law_and_end(store):
    object_to(ALICE)
    object_to(ALICE, purpose="improvement")
    restricted(ALICE, case=uuid4())
    until = now().date() + timedelta(days=1000)
    assert actions.limit_objections([ALICE], until, by=KEPT, at=now()) == 1
    assert actions.limit_restrictions([ALICE], until, by=KEPT, at=now()) == 1
    ends = dict(Objection.objects.values_list("purpose", "until"))
    assert ends == {"marketing.own": NO_END, "improvement": until}
    assert all("GDPR" in law for law in Objection.objects.values_list("law", flat=True))
    assert may(ALICE) == "deny"
    later = timezone.now() + timedelta(days=1001)
    assert actions.forget_objections(by=KEPT, at=later) == 1
    assert actions.forget_restrictions(by=KEPT, at=later) == 1
    assert decide_for([ALICE], "marketing.own", "contact", "us", later).outcome == "deny", "advertising for good"
    assert decide_for([ALICE], "support", "contact", "us", later).outcome == "allow"


def test_a_lost_key_leaves_nobody_unprotected(store, settings):
    object_to(ALICE)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another one " * 5
    assert may(ALICE, "marketing.own") == "deny", "the old key still knows her"
    settings.SECRET_KEY_FALLBACKS = []
    assert list(unread()) == ["suppressions", "objections"]
    assert may(ALICE, "marketing.own") == "cannot tell"
    assert may(BOB, "marketing.own") == "cannot tell"


# Counted, and not written down


def test_decisions_are_counted_by_day_purpose_and_outcome_and_name_nobody(store):
    object_to(ALICE)
    for who in (ALICE, BOB, BOB):
        may(who, "marketing.own")
    may(BOB, "alice@example.com wants it")
    would_decide([BOB], "support", "contact", "us", now())
    today = now().date()
    assert decided(today) == {"marketing.own": {"deny": 1, "allow": 2}, "unknown": {"deny": 1}}
    assert "@" not in str(list(Decided.objects.values()))
    assert add_up(today) == 0, "a day that is not over is left alone"
    assert add_up(today + timedelta(days=1)) == 1
    assert decided(today) == {"marketing.own": {"deny": 1, "allow": 2}, "unknown": {"deny": 1}}
    assert add_up(today + timedelta(days=1)) == 0
    assert add_up(date(2040, 1, 1)) == 3, "and after years it goes"


# Two at once


def test_two_objections_at_once_are_one(store):
    together(*[lambda: object_to(ALICE)] * 4)
    assert objections_of(CASE).count() == 1
    assert Whose.objects.count() == 1
    assert Suppression.objects.count() == 2, "the address, and its other spellings"
    assert Entry.objects.filter(kind="use.objected").count() == 1


def test_two_adding_up_at_once_lose_nothing(store):
    for _ in range(20):
        may(BOB)
    tomorrow = now().date() + timedelta(days=1)
    together(*[lambda: add_up(tomorrow)] * 3)
    assert decided(now().date()) == {"support": {"allow": 20}}


def test_a_mail_that_was_allowed_is_queued_before_the_objection_is_there_and_none_after(store):
    """Each run asks and writes in one transaction. The objection waits for it, or is waited for."""
    sent, objected = [], []

    def mailing():
        for _ in range(15):
            with transaction.atomic():
                if may(ALICE, "marketing.own") == "allow":
                    there_already = Objection.objects.exists()
                    sent.append(there_already)

    def objecting():
        object_to(ALICE)
        objected.append(may(ALICE, "marketing.own"))

    together(mailing, objecting, mailing)
    assert not any(sent), "no mail was allowed in a transaction that could see the objection"
    assert objected == ["deny"]


def test_lifting_twice_at_once_lifts_once(store):
    row = announced(restricted(ALICE))
    together(*[lambda: actions.lift(row, today=row.lift_on, by=KEPT, at=now())] * 3)
    assert Entry.objects.filter(kind="use.restriction_lifted").count() == 1


def test_who_looks_while_it_is_lifted_sees_either_and_no_error(store):
    row, seen = announced(restricted(ALICE)), []
    together(
        lambda: actions.lift(row, today=row.lift_on, by=KEPT, at=now()),
        lambda: seen.extend(may(ALICE) for _ in range(20)),
    )
    assert set(seen) <= {"deny", "allow"}
    assert seen == sorted(seen, reverse=True), "once it is lifted it stays so"
