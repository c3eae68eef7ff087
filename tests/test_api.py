"""The door for the company's own apps: what they may ask, what they are told, and that nobody's proof is skipped."""

from __future__ import annotations

import json
import threading
from datetime import timedelta

import pytest
from django.db import connections
from django.test import Client as Browser
from django.utils import timezone
from django.utils.html import escape
from house import KEPT, house, own_dump, store
from hypothesis import given
from hypothesis import strategies as st

from kept.post.models import Message
from kept.rights import actions
from kept.rights.api.actions import KEYS_KEPT, add_client, forget_keys, revoke_client
from kept.rights.api.errors import BadApp, MayNotAddApps, NameTaken
from kept.rights.api.models import Client, Opening
from kept.rights.api.problems import KINDS
from kept.rights.api.scopes import SCOPES
from kept.rights.automated.actions import Said, approve_version, write_rule
from kept.rights.automated.models import Decision, Review
from kept.rights.automated.rules import Declared, Factor, Input, Outcome
from kept.rights.models import Case
from kept.rights.offered import RUNNING
from kept.security.backup.replays import Note
from kept.security.models import Entry
from kept.terms import Actor, Identifier
from kept.use.actions import suppress
from kept.use.purposes import objectable

__all__ = ["house", "store"]

pytestmark = [pytest.mark.store, pytest.mark.pages]

ERIK = Actor("engineer", "00000000-0000-4000-8000-000000000001")
ASK = {"right": "access", "email": "alice@example.com", "name": "Alice Arden"}


class App:
    """An app as it is outside: HTTP and its token, and nothing of ours."""

    def __init__(self, token: str) -> None:
        self.token, self.keys = token, 0

    def send(self, method, path, body=None, *, key=None, kind="application/json", token=None, **headers):
        headers = {"Authorization": f"Bearer {token or self.token}"} | headers
        if key:
            headers["Idempotency-Key"] = key
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        browser = Browser(raise_request_exception=False)
        return browser.generic(method, f"/api/v1/{path}", raw, content_type=kind, headers=headers)

    def open(self, body=ASK, *, key=None):
        self.keys += 1
        return self.send("POST", "requests", body, key=key or f"key-number-{self.keys}")


def added(name="Customer app", scopes=SCOPES, by=KEPT):
    return add_client(name, list(scopes), by=by, at=timezone.now())


@pytest.fixture
def app(db) -> App:
    return App(added().token)


def problem(answer):
    """What it says no with; every one of them has the form of RFC 9457."""
    assert answer["Content-Type"] == "application/problem+json", (answer.status_code, answer.content[:200])
    said = answer.json()
    assert said["status"] == answer.status_code
    assert {"type", "title", "status", "detail"} <= set(said) <= {"type", "title", "status", "detail", "errors"}
    path = said["type"].removeprefix("http://localhost:8000")
    assert Browser().get(path).status_code == 200, "its type leads to the page that explains it"
    assert answer["Cache-Control"] == "no-store"
    return path.split("/")[-2]


def places(answer):
    assert problem(answer) == "invalid"
    return [place["where"] for place in answer.json()["errors"]]


# Asking for a person


def test_a_request_waits_for_the_same_proof_as_at_every_other_door(app):
    answer = app.open()
    assert answer.status_code == 201
    said, case = answer.json(), Case.objects.get()
    assert (said["state"], said["right"], said["reference"]) == ("waiting_for_proof", "access", case.reference)
    assert said["due_on"] == case.due_on.isoformat()
    assert (case.state, case.channel, case.account, case.proven_at) == ("unproven", "program", None, None)
    assert Message.objects.get(about=case.pk).to == "alice@example.com", (
        "the code goes to the person and to nobody else"
    )
    assert not case.answers.exists(), "and nothing is searched"
    assert str(case.pk) not in answer.content.decode(), "what opens the person's page is not the app's"
    entry = Entry.objects.get(kind="rights.case_opened")
    assert entry.by == f"program:{Client.objects.get().pk}"
    assert answer["Location"] == f"/api/v1/requests/{said['id']}"


def test_the_app_says_where_the_person_lives_and_its_law_counts(house):
    app = App(added().token)
    assert app.open(ASK | {"country": "SG"}).status_code == 201
    case = Case.objects.get()
    assert (case.law, case.home.place, case.home.said_by) == ("sg-pdpa", "SG", "person")


def test_the_answer_does_not_tell_whether_an_address_is_known(house):
    app = App(added().token)
    known, unknown = app.open(), app.open(ASK | {"email": "nobody-here@example.org"})
    differ = {name for name in known.json() if known.json()[name] != unknown.json()[name]}
    assert differ == {"id", "reference", "received_at"}


def test_an_app_sees_how_its_request_goes_on_until_it_is_answered(house):
    app = App(added().token)
    said = app.open().json()
    case = Case.objects.get()
    assert actions.prove(case, house.code(case), by=Actor("person", str(case.pk)), at=timezone.now())

    def state():
        return app.send("GET", f"requests/{said['id']}").json()["state"]

    assert state() == "in_progress"
    house.work()
    actions.approve(house.now(case), by=house.officer, at=timezone.now())
    house.work()
    assert state() == "answered"
    shown = app.send("GET", f"requests/{said['id']}").json()
    assert set(shown) == {"id", "reference", "right", "state", "received_at", "due_on", "answered_at", "ended_at"}
    Case.objects.update(answered_at=timezone.now() - timedelta(days=40))
    actions.close_due_cases(by=KEPT, at=timezone.now())
    assert state() == "answered"


def test_a_request_that_joined_another_stands_as_that_one_does(house):
    app = App(added().token)
    house.proven("access", "alice@example.com")
    said = app.open().json()
    case = Case.objects.get(channel="program")
    assert actions.prove(case, house.code(case), by=Actor("person", str(case.pk)), at=timezone.now())
    shown = app.send("GET", f"requests/{said['id']}").json()
    assert (shown["state"], shown["reference"]) == ("in_progress", said["reference"])
    assert problem(app.send("POST", f"requests/{said['id']}/withdrawal")) == "not-now", "the other one is the person's"


def test_withdrawing_twice_is_withdrawing_once(app):
    said = app.open().json()
    for _ in range(2):
        answer = app.send("POST", f"requests/{said['id']}/withdrawal")
        assert (answer.status_code, answer.json()["state"]) == (200, "withdrawn")
    assert Entry.objects.filter(kind="rights.case_withdrawn").count() == 1
    assert Case.objects.get().email == ""


def test_a_code_is_mailed_again_at_most_once_a_minute_and_five_times(app):
    said = app.open().json()
    answer = app.send("POST", f"requests/{said['id']}/code")
    assert problem(answer) == "no-code"
    assert 0 < int(answer["Retry-After"]) <= 60
    Case.objects.update(code_sent_at=timezone.now() - timedelta(minutes=2))
    assert app.send("POST", f"requests/{said['id']}/code").json() == {"sent": True, "left": 3}
    assert Message.objects.count() == 2
    Case.objects.update(code_sent_at=timezone.now() - timedelta(minutes=2), codes_sent=5)
    answer = app.send("POST", f"requests/{said['id']}/code")
    assert problem(answer) == "no-code"
    assert "Retry-After" not in answer, "waiting does not help"
    Case.objects.update(state="searching")
    assert problem(app.send("POST", f"requests/{said['id']}/code")) == "not-now"


def test_an_app_cannot_fill_somebodys_mailbox(app):
    for _ in range(8):
        assert app.open().status_code == 201
    assert Message.objects.count() == 5


def test_what_can_be_asked_is_what_runs(app):
    listed = app.send("GET", "rights").json()["rights"]
    assert [one["name"] for one in listed] == [offer.name for offer in RUNNING]
    assert places(app.open(ASK | {"right": "immortality"})) == ["/right"]
    for one in listed:
        assert set(one) == {"name", "title", "means", "asks"}
        answer = app.open(ASK | {"right": one["name"], "asked": {"no_such_thing": "x"}})
        assert places(answer) == ["/asked"]
    assert not Case.objects.exists()


def test_an_app_is_told_whether_data_may_be_used_by_the_one_rule_of_the_house(app):
    question = {"email": "alice@example.com", "purpose": "support", "category": "contact"}

    def told(**more):
        said = app.send("POST", "decisions/check", question | more).json()
        return said["outcome"], [one["why"] for one in said["because"]]

    assert told() == ("allow", ["basis"])
    assert told(purpose="selling it all") == ("deny", ["unknown_purpose"])
    assert told(recipient="partner")[0] == "deny"
    marketing = next(one.name for one in objectable(timezone.now().date()) if one.kind == "marketing.own")
    assert told(purpose=marketing)[0] in ("allow", "deny")
    at = timezone.now()
    until = at.date() + timedelta(days=9)
    suppress(Identifier("email", "alice@example.com"), "marketing.own", law="Art. 21(3)", until=until, by=KEPT, at=at)
    outcome, why = told(purpose=marketing)
    assert (outcome, "suppression" in why) == ("deny", True)
    assert told() == ("allow", ["basis"]), "what the contract needs goes on"
    assert places(app.send("POST", "decisions/check", question | {"category": "secrets"})) == ["/category"]
    assert places(app.send("POST", "decisions/check", question | {"email": "x"})) == ["/email"]
    assert "alice@example.com" not in own_dump()


DECISION = {
    "rule": "order-check",
    "system": "shop",
    "number": "order-77",
    "person": [{"kind": "email", "value": "Alice@example.com"}],
    "inputs": {"total": 12.5, "country": "AA"},
    "outcome": "held",
    "factors": ["far"],
}


def rule_in_force():
    olga = Actor("privacy_officer", "00000000-0000-4000-8000-000000000002")
    declared = Declared(
        (Input("total", "Total", "order data", "you"), Input("country", "Country", "payment data", "the bank")),
        (Factor("far", "The card is from far away.", "With a card from here, no.", ("country",), 40),),
        (Outcome("accepted", "Accepted.", 0), Outcome("held", "Held.", 40)),
    )
    said = Said(
        title="Check of orders", purpose="Against stolen cards.", alone=True, effect=True, permitted_by="contract",
        permission="Nobody could look at each order.", logic="It adds up points.", significance="No order, no service.",
        consequences="You can ask a person.", days=100, declared=declared,
    )  # fmt: skip
    at = timezone.now() - timedelta(days=3)
    approve_version(write_rule("order-check", said, by=ERIK, at=at), by=olga, at=at)


def test_a_program_logs_what_it_decided_once_and_fetches_what_a_person_found(app):
    rule_in_force()
    decision = DECISION | {"decided_at": (timezone.now() - timedelta(hours=1)).isoformat()}
    first, again = (app.send("POST", "automated-decisions", decision) for _ in range(2))
    assert (first.status_code, first.json()) == (201, again.json())
    assert (first.json()["version"], first.json()["fits"]) == (1, True)
    assert problem(app.send("POST", "automated-decisions", decision | {"outcome": "accepted"})) == "number-used"
    assert problem(app.send("POST", "automated-decisions", decision | {"rule": "nothing", "number": "2"})) == "no-rule"
    for change, where in (
        ({"inputs": {"secret-word 1": 1}}, ""),
        ({"outcome": "secret-word 1"}, ""),
        ({"person": []}, "/person"),
        ({"person": [{"kind": "phone", "value": "+15550100"}]}, "/person/0/kind"),
        ({"person": [{"kind": "email", "value": "secret-word"}]}, "/person/0/value"),
        ({"decided_at": "yesterday"}, "/decided_at"),
        ({"decided_at": "2026-01-01T00:00:00"}, "/decided_at"),
        ({"decided_at": "0001-01-01T00:00:00+14:00"}, "/decided_at"),
        ({"inputs": {"total": [1]}}, "/inputs/total"),
    ):
        answer = app.send("POST", "automated-decisions", decision | {"number": "3"} | change)
        assert places(answer)[0].startswith(where), change
        assert b"secret-word" not in answer.content
    assert Decision.objects.count() == 1
    assert app.send("GET", "automated-decisions/reviews").json() == {"reviews": [], "next": 0}
    found = Decision.objects.get()
    Review.objects.create(
        case=open_case_about(found), decision=found, key=found.key, result="changed", outcome="accepted", released=7,
        told_at=timezone.now(), decided_at=timezone.now(),
    )  # fmt: skip
    got = app.send("GET", "automated-decisions/reviews?after=0&system=shop").json()
    assert (got["next"], [(one["number"], one["outcome"]) for one in got["reviews"]]) == (7, [("order-77", "accepted")])
    assert app.send("GET", "automated-decisions/reviews?after=7").json() == {"reviews": [], "next": 7}
    assert places(app.send("GET", "automated-decisions/reviews?after=x")) == ["after"]
    assert places(app.send("GET", "automated-decisions/reviews?since=7")) == ["query"], "a name mistyped is told"
    assert "alice@example.com" not in own_dump().lower()


def open_case_about(decision):
    at = timezone.now()
    return actions.open_case("access", "alice@example.com", channel="web", by=KEPT, at=at).case


# A retry is no second request


def test_a_retry_with_the_same_key_opens_one_request(app):
    first, again = app.open(key="retry-me-1"), app.open(key="retry-me-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert (Case.objects.count(), Opening.objects.count(), Message.objects.count()) == (1, 1, 1)


def test_a_key_with_something_else_opens_nothing(app):
    app.open(key="retry-me-1")
    assert problem(app.open(ASK | {"email": "bob@example.com"}, key="retry-me-1")) == "key-used"
    assert Case.objects.count() == 1


def test_the_same_key_of_another_app_is_another_key(app):
    other = App(added("Other app").token)
    assert app.open(key="retry-me-1").json()["id"] != other.open(key="retry-me-1").json()["id"]


def test_two_retries_at_once_open_one_request(store):
    app, answers = App(added().token), []

    def run():
        try:
            answers.append(app.send("POST", "requests", ASK, key="both-at-once"))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert Case.objects.count() == 1


def test_what_was_refused_leaves_no_key_behind(app):
    assert places(app.open(ASK | {"email": "no address"}, key="try-again-1")) == ["/email"]
    assert not Opening.objects.exists()
    assert app.open(key="try-again-1").status_code == 201


def test_keys_are_forgotten_after_a_month_and_the_request_stays(app):
    said = app.open(key="retry-me-1").json()
    assert forget_keys(by=KEPT, at=timezone.now()) == 0
    assert forget_keys(by=KEPT, at=timezone.now() + KEYS_KEPT + timedelta(hours=1)) == 1
    opening = Opening.objects.get()
    assert (opening.key_hash, opening.body_hash) == (None, "")
    assert app.send("GET", f"requests/{said['id']}").status_code == 200


def test_nothing_that_the_app_sent_lies_in_clear(app):
    app.open(key="alice-and-bob-1")
    kept = own_dump()
    for word in ("alice@example.com", "Alice Arden", "alice-and-bob-1", app.token):
        assert word not in kept, word


# Who may


def test_without_a_token_of_an_app_in_use_nothing_is_done(app):
    for token in ("x", "kept_" + "x" * 43, "kept_" + "x" * 5000, "kept_\u00e9", app.token + " ", app.token[:-1]):
        answer = app.send("GET", "rights", token=token.encode("utf-8").decode("latin-1"))
        assert problem(answer) == "no-token", token[:60]
        assert answer["WWW-Authenticate"].startswith("Bearer")
    assert problem(Browser().get("/api/v1/rights")) == "no-token"
    basic = Browser().get("/api/v1/rights", headers={"Authorization": "Basic " + app.token})
    assert problem(basic) == "no-token"


def test_a_session_is_no_token(house):
    browser = Browser()
    browser.force_login(house.people["olga"])
    assert problem(browser.get("/api/v1/rights")) == "no-token"


def test_a_revoked_token_opens_nothing_at_once_and_stays_so_after_a_restore(app):
    from kept.rights.api.again import revoke_again

    client = Client.objects.get()
    revoke_client(client, by=KEPT, at=timezone.now())
    revoke_client(client, by=KEPT, at=timezone.now())
    assert problem(app.send("GET", "rights")) == "no-token"
    assert Entry.objects.filter(kind="api.client_revoked").count() == 1
    Client.objects.update(revoked_at=None)  # as a backup from before has it
    note = Note("1", "api_client", timezone.now(), {"client": str(client.pk)})
    assert [revoke_again([note], KEPT, timezone.now()) for _ in range(2)] == [1, 0]
    assert problem(app.send("GET", "rights")) == "no-token"


@pytest.mark.parametrize(
    ("scope", "method", "path"),
    [
        ("requests:open", "POST", "requests"),
        ("requests:open", "POST", "requests/{id}/code"),
        ("requests:open", "POST", "requests/{id}/withdrawal"),
        ("requests:read", "GET", "requests/{id}"),
        ("decisions:check", "POST", "decisions/check"),
        ("automated:log", "POST", "automated-decisions"),
        ("automated:log", "GET", "automated-decisions/reviews"),
    ],
)
def test_an_app_does_no_more_than_its_scopes_say(app, scope, method, path):
    said = app.open().json()
    other = App(added("Other app", [one for one in SCOPES if one != scope]).token)
    question = {"email": "alice@example.com", "purpose": "support", "category": "contact"}
    decision = DECISION | {"decided_at": timezone.now().isoformat()}
    bodies = {"requests": ASK, "decisions/check": question, "automated-decisions": decision}
    answer = other.send(method, path.format(**said), bodies.get(path), key="whatever-1")
    assert problem(answer) == "scope-missing"
    assert scope in answer.json()["detail"]


def test_another_apps_request_is_absent(app):
    said = app.open().json()
    other = App(added("Other app").token)
    for method, path in (("GET", ""), ("POST", "/code"), ("POST", "/withdrawal")):
        assert problem(other.send(method, f"requests/{said['id']}{path}")) == "not-found"
    assert Case.objects.get().state == "unproven"


def test_only_engineers_let_apps_in_and_shut_them_out(store):
    client = added(by=ERIK).client
    for role in ("customer", "support", "privacy_officer", "auditor", "person", "program", "agent"):
        with pytest.raises(MayNotAddApps):
            added("Another", by=Actor(role, "x"))
        with pytest.raises(MayNotAddApps):
            revoke_client(client, by=Actor(role, "x"), at=timezone.now())


def test_an_app_has_a_name_of_its_own_and_known_scopes(store):
    added()
    with pytest.raises(NameTaken):
        added()
    for name, scopes in ((" ", SCOPES), ("x" * 81, SCOPES), ("a\nb", SCOPES), ("App", []), ("App", ["everything"])):
        with pytest.raises(BadApp):
            added(name, scopes)
    revoke_client(Client.objects.get(), by=KEPT, at=timezone.now())
    added()


def test_the_day_of_last_use_is_kept_to_the_minute(app):
    app.send("GET", "rights")
    first = Client.objects.get().used_at
    app.send("GET", "rights")
    assert first is not None
    assert Client.objects.get().used_at == first


def test_an_app_that_calls_too_often_waits_and_others_do_not(app, monkeypatch):
    from kept.rights.api import auth
    from kept.security.rates import Rate

    monkeypatch.setattr(auth, "CALLS", Rate(3, timedelta(minutes=10)))
    answers = [app.send("GET", "rights") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert problem(answers[3]) == "too-many"
    assert int(answers[3]["Retry-After"]) > 0
    assert App(added("Other app").token).send("GET", "rights").status_code == 200


def test_guessing_tokens_is_slowed_down_and_the_real_app_is_not(app, monkeypatch):
    from kept.rights.api import auth
    from kept.security.rates import Rate

    monkeypatch.setattr(auth, "GUESSES", Rate(2, timedelta(minutes=10)))
    answers = [app.send("GET", "rights", token=f"kept_{number}") for number in range(3)]
    assert [problem(answer) for answer in answers] == ["no-token", "no-token", "too-many"]
    assert app.send("GET", "rights").status_code == 200


# Bad input is normal input

BAD_BODIES = {
    "nothing": (b"", "invalid"),
    "no JSON": (b"{right: access}", "unreadable"),
    "half": (b'{"right": "acc', "unreadable"),
    "no UTF-8": b'{"right": "\xff"}',
    "UTF-16": '{"right": "access"}'.encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf{}",
    "no number": b'{"right": NaN}',
    "a number without end": b'{"right": ' + b"9" * 6000 + b"}",
    "twice the same name": b'{"email": "a@example.com", "email": "b@example.com"}',
    "a depth without end": b"[" * 30_000,
    "deep": b'{"asked": ' + b'{"a": ' * 20 + b"1" + b"}" * 21,
    "a list": (b"[]", "invalid"),
    "null": (b"null", "invalid"),
    "a text": (b'"access"', "invalid"),
    "NUL": (json.dumps(ASK | {"name": "a\0b"}).encode(), "invalid"),
    "half a letter": (b'{"right": "access", "email": "a@example.com", "name": "\\ud800"}', "invalid"),
    "NUL in a name": json.dumps(ASK | {"a\0": 1}).encode(),
    "too large": (b'{"name": "' + b"x" * 70_000 + b'"}', "too-large"),
}


@pytest.mark.parametrize("what", BAD_BODIES)
def test_a_body_that_cannot_be_used_is_refused_in_plain_words(app, what):
    bad = BAD_BODIES[what]
    body, slug = bad if isinstance(bad, tuple) else (bad, "unreadable")
    assert problem(app.send("POST", "requests", body, key="key-number-1")) == slug
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"right": None}, "/right"),
        ({"right": ["access"]}, "/right"),
        ({"email": ""}, "/email"),
        ({"email": "a@b@c"}, "/email"),
        ({"email": "x" * 255}, "/email"),
        ({"email": "secret-word@" + "x" * 250 + ".example"}, "/email"),
        ({"email": "secret-word@example.com\r\nBcc: x@example.com"}, "/email"),
        ({"name": "x" * 201}, "/name"),
        ({"name": 7}, "/name"),
        ({"language": "english please"}, "/language"),
        ({"language": "fi"}, "/language"),
        ({"country": "Singapore"}, "/country"),
        ({"asked": []}, "/asked"),
        ({"secret-word": 1}, "/secret-word"),
    ],
)
def test_each_place_that_is_wrong_is_named_and_nothing_is_repeated(app, change, where):
    answer = app.open(ASK | change)
    assert places(answer) == [where]
    assert "secret-word" not in answer.content.decode().replace('"/secret-word"', "")
    assert not Case.objects.exists()


@pytest.mark.parametrize("key", [None, "short", "x" * 201, "with blanks in it", "kept\u00e9kept"])
def test_a_key_that_is_none_is_refused(app, key):
    headers = {} if key is None else {"Idempotency-Key": key.encode().decode("latin-1")}
    assert places(app.send("POST", "requests", ASK, **headers)) == ["Idempotency-Key"]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "", "application/json5"])
def test_what_is_not_sent_as_json_is_refused(app, kind):
    assert problem(app.send("POST", "requests", ASK, key="key-number-1", kind=kind)) == "media-type"


def test_addresses_and_methods_that_are_not_there_answer_as_programs_read(app):
    for path in ("", "nothing", "requests/", "requests/1", "rights/x", "requests/%00", "..%2f..", "\u00e9"):
        for method in ("GET", "POST", "DELETE"):
            answer = app.send(method, path)
            assert problem(answer) in ("not-found", "method-not-allowed"), (method, path)
    for method, path in (("DELETE", "requests"), ("PUT", "rights"), ("PATCH", "rights"), ("QUERY", "rights")):
        answer = app.send(method, path)
        assert problem(answer) == "method-not-allowed"
        assert answer["Allow"]


def test_a_fault_of_ours_is_told_without_its_words(app, monkeypatch):
    def broken(*_: object) -> None:
        raise RuntimeError("secret-word")

    monkeypatch.setattr("kept.rights.api.standing.open_for", broken)
    answer = app.open()
    assert problem(answer) == "internal"
    assert b"secret-word" not in answer.content


@given(
    body=st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    )
)
def test_whatever_json_comes_is_read_or_refused(body):
    from django.test import RequestFactory

    from kept.rights.api.problems import Problem
    from kept.rights.api.reading import StrictParser

    raw = json.dumps(body).encode("utf-8", "surrogatepass")
    request = RequestFactory().post("/", raw, content_type="application/json")
    try:
        read = StrictParser().parse_body(request)
    except Problem as refused:
        read, slug = body, refused.kind.slug
    else:
        slug = "invalid"
    assert (read, slug in ("unreadable", "invalid")) == (body, True)


# The document


def test_the_document_names_every_error_that_there_is(app):
    document = Browser().get("/api/v1/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    statuses = {
        status
        for methods in document["paths"].values()
        for one in methods.values()
        for status in one["responses"]
        if not status.startswith("2")
    }
    assert statuses == {str(kind.status) for kind in KINDS} - {"405", "503"}


def test_the_reference_shows_every_operation_and_object_of_the_document(app):
    document = Browser().get("/api/v1/openapi.json").json()
    page = Browser().get("/api/").content.decode()
    for path, methods in document["paths"].items():
        for method, one in methods.items():
            assert f"{method.upper()} {path}" in page
            assert escape(one["summary"]) in page
    for name, shape in document["components"]["schemas"].items():
        assert f'id="{name}"' in page
        assert all(f"<code>{member}</code>" in page for member in shape["properties"])
    assert "<script" not in page
    assert "style=" not in page
    assert "https://" not in page.replace("https://www.w3.org", ""), "no other host is asked for anything"
