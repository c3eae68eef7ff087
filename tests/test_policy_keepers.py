"""Keepers: what looks at the running system, and what is said where nothing looks."""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.core.checks import run_checks
from django.db import connection
from django.utils import timezone

from kept.people.forms import NameForm
from kept.people.models import Account
from kept.people.promises import accounts_sign_in_safely
from kept.policy import keepers
from kept.policy.checks import check_policy
from kept.policy.keepers import keeper, look
from kept.policy.laws import duties_of
from kept.policy.looking import look_at_all
from kept.policy.models import Standing
from kept.policy.promises import SECTION_7, articles_are_covered, ledger_has_no_gap, protected_as_everywhere
from kept.security.ledger import action, record, sequence_entries
from kept.security.models import Control, Entry, Read
from kept.site.checks import faults
from kept.site.logs import JsonLines
from kept.site.promises import (
    controls_are_reviewed_and_breaches_told,
    forms_bound_what_they_take,
    looks_are_logged_and_judged,
    pages_contact_nobody_else,
)
from kept.terms import Actor, Evidence, State

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
PASSWORD = "a quiet evening by the lake"
SECRET = "alice@example.com"


@pytest.fixture
def registry(monkeypatch):
    """No keepers but those that the test binds."""
    monkeypatch.setattr(keepers, "_keepers", defaultdict(list))


def bind(clause_id, state, figure=""):
    def look(at):
        """Looks."""
        return Evidence(state, figure, "It is so.", at)

    return keeper(clause_id)(look)


def looked(clause_id="5.6"):
    """What the clause's only keeper answers."""
    (bound,) = keepers.keepers_of(clause_id)
    return look(bound, NOON)


@pytest.mark.usefixtures("registry")
def test_evidence_carries_its_time_and_who_looked():
    bind("5.6", State.KEPT, "3 opt-outs")
    evidence = looked()
    assert (evidence.state, evidence.figure, evidence.at) == (State.KEPT, "3 opt-outs", NOON)
    assert evidence.keeper == "test_policy_keepers.look"


@pytest.mark.usefixtures("registry")
def test_a_keeper_that_raises_cannot_tell_and_the_log_holds_no_value(caplog):
    @keeper("5.6")
    def broken(at):
        raise ValueError(f"no such person: {SECRET}")

    with caplog.at_level(logging.ERROR, logger="kept"):
        evidence = looked()
    assert evidence.state is State.CANNOT_TELL
    assert SECRET not in repr(evidence)
    (line,) = [json.loads(JsonLines().format(entry)) for entry in caplog.records]
    assert line["event"] == "policy.keeper_failed"
    assert line["task"].endswith(".broken")
    assert line["error"] == "ValueError"
    assert SECRET not in json.dumps(line)


@pytest.mark.django_db
@pytest.mark.usefixtures("registry")
def test_a_keeper_whose_query_fails_spoils_nothing_for_the_others():
    @keeper("5.6")
    def broken(at):
        with connection.cursor() as cursor:
            cursor.execute("SELECT nothing FROM nowhere")

    assert looked().state is State.CANNOT_TELL
    assert Account.objects.count() == 0


@pytest.mark.usefixtures("registry")
@pytest.mark.parametrize("answer", [None, "kept", Evidence(State.NOT_RUNNING, "", "Not yet.", NOON)])
def test_a_keeper_without_an_answer_cannot_tell(answer):
    keeper("5.6")(lambda at: answer)
    assert looked().state is State.CANNOT_TELL


@pytest.mark.usefixtures("registry")
@pytest.mark.parametrize(
    "answer",
    [
        Evidence(State.KEPT, f"1 for {SECRET}", "It is so.", NOON),
        Evidence(State.KEPT, "1", f"{SECRET} is served.", NOON),
        Evidence(State.KEPT, "1", "It is so.", NOON, number="one"),
    ],
)
def test_an_answer_that_could_name_somebody_is_not_shown(answer):
    keeper("5.6")(lambda at: answer)
    evidence = looked()
    assert (evidence.state, evidence.figure) == (State.CANNOT_TELL, "")
    assert SECRET not in repr(evidence)


@pytest.mark.usefixtures("registry")
def test_an_answer_without_end_is_cut_so_that_it_fits():
    bind("5.6", State.KEPT, "7" * 5000)
    assert looked().figure == "7" * 200


def test_kept_starts_with_the_keepers_it_has():
    assert [message for message in run_checks() if message.id and message.id.startswith("policy.")] == []
    assert {bound.clause_id for bound in keepers.all_keepers()} >= {"1.2", "5.1", "13.1"}


@pytest.mark.usefixtures("registry")
def test_a_keeper_of_an_unknown_clause_stops_the_start():
    bind("5.6", State.KEPT)
    bind("99.9", State.KEPT)
    (error,) = [error for error in check_policy(None) if error.id != "policy.E004"]
    assert error.id == "policy.E002"
    assert "keeps clause 99.9, which no policy has" in error.msg


@pytest.mark.usefixtures("registry")
def test_a_keeper_names_the_page_with_the_rows_behind_its_figure_or_stops_the_start():
    def look_it_up(at):
        """Looks."""
        return Evidence(State.KEPT, "", "It is so.", at)

    keeper("5.6", rows="desk")(look_it_up)
    assert looked().link == "/desk/"
    keeper("5.7", rows="no_such_page")(look_it_up)
    (error,) = [error for error in check_policy(None) if error.id != "policy.E004"]
    assert (error.id, error.msg.endswith("names no_such_page, which is no page")) == ("policy.E005", True)
    assert looked("5.7").state is State.CANNOT_TELL


def test_who_counts_rows_that_a_page_shows_leads_to_it():
    shown = {bound.name: bound.rows for bound in keepers.all_keepers() if bound.rows}
    assert shown == {
        "policy.protected_as_everywhere": "policy:policy",
        "policy.articles_are_covered": "policy:laws",
        "information.what_is_sealed_lies_nowhere_in_clear": "security_backups",
        "site.backups_can_be_restored": "security_backups",
        "site.looks_are_logged_and_judged": "security_log",
        "site.controls_are_reviewed_and_breaches_told": "security_controls",
        "rights.requests_are_answered_in_time": "desk",
        "rights.copies_are_delivered": "desk",
        "rights.erasures_are_verified": "desk",
        "rights.what_stays_has_its_reason": "desk",
        "rights.recipients.corrections_reach_everyone": "desk",
        "rights.recipients.own_corrections_reach_every_system": "desk",
        "rights.refusals.refusals_are_lawful": "desk",
        "rights.stopping.objections_are_in_force": "desk",
        "rights.stopping.restrictions_are_enforced": "desk",
        "rights.portability.data_can_be_taken_along": "desk",
        "rights.automated.decisions_are_explained_and_reviewed": "automated_made_here",
        "rights.nobody_is_served_unproven": "proofs",
        "rights.letters_are_posted": "paper",
        "collection.mail_is_taken_in_and_read": "inbox",
        "collection.opt_outs_by_mail_work_at_once": "inbox",
        "collection.a_mail_opens_a_request": "inbox",
        "collection.letters_are_registered": "letters",
        "collection.calls_are_registered": "calls",
        "complaints.complaints_are_investigated_and_answered": "desk_complaints",
        "complaints.authorities_are_answered_by_two": "desk_enquiries",
    }


@pytest.mark.usefixtures("registry")
def test_a_keeper_that_does_not_say_how_it_looks_stops_the_start():
    keeper("5.6")(lambda at: Evidence(State.KEPT, "", "It is so.", at))
    assert {error.id for error in check_policy(None)} - {"policy.E004"} == {"policy.E003"}


def test_a_policy_that_cannot_be_read_stops_the_start(settings, tmp_path):
    settings.POLICY = str(tmp_path)
    (error,) = check_policy(None)
    assert (error.id, error.msg) == (
        "policy.E001",
        "policy.toml: the file cannot be read: No such file or directory",
    )


@pytest.mark.django_db
def test_accounts_are_kept_while_every_password_is_an_argon2id_hash():
    Account.objects.create_user("a@example.com", PASSWORD)
    Account.objects.create_user("b@example.com")  # has a passkey and no password
    account = Account.objects.create_user("c@example.com", PASSWORD)
    Authenticator.objects.create(user=account, type=Authenticator.Type.TOTP, data={})
    Authenticator.objects.create(user=account, type=Authenticator.Type.WEBAUTHN, data={})
    Authenticator.objects.create(user=account, type=Authenticator.Type.RECOVERY_CODES, data={})
    evidence = accounts_sign_in_safely(NOON)
    assert (evidence.state, evidence.figure) == (State.KEPT, "3 accounts, 33 % with a second factor")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "stored", ["pbkdf2_sha256$1000000$salt$hash", "md5$salt$hash", "argon2$argon2i$v=19$m=102400", PASSWORD, ""]
)
@pytest.mark.breaks("people.accounts_sign_in_safely")
def test_accounts_are_broken_by_one_password_stored_in_another_way(stored):
    account = Account.objects.create_user("a@example.com", PASSWORD)
    Account.objects.create_user("b@example.com", PASSWORD)
    Account.objects.filter(pk=account.pk).update(password=stored)
    evidence = accounts_sign_in_safely(NOON)
    assert (evidence.state, evidence.figure) == (State.BROKEN, "1 of 2 accounts not argon2id")


@pytest.mark.django_db
def test_recovery_codes_alone_are_no_second_factor():
    account = Account.objects.create_user("a@example.com", PASSWORD)
    Authenticator.objects.create(user=account, type=Authenticator.Type.RECOVERY_CODES, data={})
    assert accounts_sign_in_safely(NOON).figure == "1 account, 0 % with a second factor"


@pytest.mark.django_db
def test_of_no_accounts_at_all_nobody_can_tell():
    assert accounts_sign_in_safely(NOON).state is State.CANNOT_TELL


@action
def do_something(*, by, at):
    record("test.done", "test:1", by=by, at=at)


@pytest.mark.django_db
def test_a_ledger_in_which_every_entry_is_as_it_was_signed_is_kept():
    for _ in range(3):
        do_something(by=Actor.kept(), at=NOON)
    sequence_entries()
    do_something(by=Actor.kept(), at=NOON)  # waits for its number
    evidence = ledger_has_no_gap(NOON)
    assert (evidence.state, evidence.figure) == (State.KEPT, "3 entries, all read")


@pytest.mark.django_db
@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.breaks("policy.ledger_has_no_gap")
def test_the_ledger_is_broken_when_an_entry_is_taken_out(place):
    for _ in range(3):
        do_something(by=Actor.kept(), at=NOON)
    sequence_entries()
    Entry.objects.get(index=place).delete()
    evidence = ledger_has_no_gap(NOON)
    assert (evidence.state, evidence.figure) == (State.BROKEN, f"3 entries, dropped, entry {place}")


@pytest.mark.breaks("site.forms_bound_what_they_take")
def test_a_form_that_takes_a_text_of_any_length_is_red(monkeypatch):
    good = forms_bound_what_they_take(NOON)
    assert (good.state, good.number) == (State.CANNOT_TELL, 0), "that all mistakes are caught is not looked at"
    assert int(good.figure.split()[0].replace(",", "")) > 200
    monkeypatch.setattr(NameForm.base_fields["name"], "max_length", None)
    bad = forms_bound_what_they_take(NOON)
    assert (bad.state, bad.number) == (State.BROKEN, 1)
    assert bad.figure.endswith(" in forms, 1 text without a limit")


def test_our_pages_contact_nobody_else():
    evidence = pages_contact_nobody_else(NOON)
    assert (evidence.state, evidence.figure) == (State.KEPT, "0 other origins")


def without(mapping, name):
    return {key: value for key, value in mapping.items() if key != name}


@pytest.mark.parametrize(
    ("change", "figure"),
    [
        ({"img-src": ["'self'", "https://pixel.example"]}, "1 other origin"),
        ({"script-src": "https://cdn.example", "connect-src": ["'self'", "https:"]}, "2 other origins"),
        ({"default-src": ["*"]}, "1 other origin"),
    ],
)
@pytest.mark.breaks("site.pages_contact_nobody_else")
def test_our_pages_are_broken_by_one_origin_let_in(settings, change, figure):
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"] | change
    settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": directives}
    evidence = pages_contact_nobody_else(NOON)
    assert (evidence.state, evidence.figure) == (State.BROKEN, figure)


def test_our_pages_are_broken_without_the_rule_that_goes_out_with_them(settings):
    whole, middleware = settings.CONTENT_SECURITY_POLICY, settings.MIDDLEWARE
    settings.MIDDLEWARE = [name for name in middleware if not name.startswith("csp.")]
    assert pages_contact_nobody_else(NOON).state is State.BROKEN
    settings.MIDDLEWARE = middleware
    settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": without(whole["DIRECTIVES"], "default-src")}
    assert pages_contact_nobody_else(NOON).state is State.BROKEN
    settings.CONTENT_SECURITY_POLICY = {**whole, "EXCLUDE_URL_PREFIXES": ["/policy/"]}
    assert pages_contact_nobody_else(NOON).state is State.BROKEN
    settings.CONTENT_SECURITY_POLICY = whole
    assert pages_contact_nobody_else(NOON).state is State.KEPT


@pytest.mark.django_db
@pytest.mark.usefixtures("registry")
def test_kept_itself_does_not_start_with_a_keeper_of_an_unknown_clause():
    bind("99.9", State.KEPT)
    stopping = [fault.what for fault in faults() if fault.setting == "KEPT_POLICY" and fault.stops]
    assert any("keeps clause 99.9, which no policy has" in what for what in stopping)


@pytest.fixture
def section_7(registry):
    """A keeper for each clause on protection, and what they found: kept."""
    for clause_id in SECTION_7:
        bind(clause_id, State.KEPT)
        look_at_all(keepers.keepers_of(clause_id), by=Actor.kept())


@pytest.mark.django_db
def test_the_safeguards_abroad_are_those_at_home(section_7):
    at = timezone.now()
    assert protected_as_everywhere(at).state is State.KEPT
    assert protected_as_everywhere(at + timedelta(days=1)).state is State.CANNOT_TELL  # nobody has looked since


@pytest.mark.django_db
@pytest.mark.breaks("policy.protected_as_everywhere")
def test_a_safeguard_broken_at_home_is_broken_abroad(section_7):
    Standing.objects.filter(clause="7.2").update(state=State.BROKEN.value)
    evidence = protected_as_everywhere(timezone.now())
    assert (evidence.state, evidence.figure) == (State.BROKEN, "1 of 2 clauses on protection kept")


@pytest.mark.django_db
@pytest.mark.breaks("policy.articles_are_covered")
def test_the_law_is_broken_where_one_clause_that_answers_to_it_is(section_7):
    before = articles_are_covered(timezone.now())
    assert before.state is State.CANNOT_TELL
    Standing.objects.filter(clause="7.2").update(state=State.BROKEN.value)
    broken = articles_are_covered(timezone.now())
    assert broken.state is State.BROKEN
    assert broken.number < before.number
    assert "Art. 33" in {duty.place for _, duty in duties_of("7.2")}


@pytest.mark.django_db
@pytest.mark.breaks("site.looks_are_logged_and_judged")
def test_an_unusual_look_that_nobody_judges_breaks_confidentiality():
    at = timezone.now()
    Read.objects.create(at=at - timedelta(days=1), by="support:x", what="account", reason="question")
    assert looks_are_logged_and_judged(at).state is not State.BROKEN
    Read.objects.update(flagged=True, at=at - timedelta(days=15))
    assert looks_are_logged_and_judged(at).state is State.BROKEN
    Read.objects.update(settled_at=at, settled_how="explained", settled_by="privacy_officer:y")
    assert looks_are_logged_and_judged(at).state is not State.BROKEN


@pytest.mark.django_db
@pytest.mark.breaks("site.controls_are_reviewed_and_breaches_told")
def test_a_safeguard_whose_review_is_overdue_breaks_the_clause_on_procedures():
    at = timezone.now()
    assert controls_are_reviewed_and_breaches_told(at).state is State.CANNOT_TELL
    control = Control.objects.create(
        title="Locks", kind="physical", does="Doors are locked.", owner="Operations", days=30, added_at=at,
        due_on=at.date() + timedelta(days=1),
    )  # fmt: skip
    assert controls_are_reviewed_and_breaches_told(at).state is State.CANNOT_TELL, "nobody has reviewed it"
    control.reviews.create(outcome=Control.Outcome.WORKS, evidence="Looked at each door.", by="kept", at=at)
    assert controls_are_reviewed_and_breaches_told(at).state is State.KEPT
    Control.objects.filter(pk=control.pk).update(due_on=at.date() - timedelta(days=1))
    assert controls_are_reviewed_and_breaches_told(at).state is State.BROKEN
