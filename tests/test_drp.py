"""The Data Rights Protocol's door, used by an agent that signs by itself: with libsodium, and nothing of ours."""

from __future__ import annotations

import base64
import http.server
import json
import re
import threading
import tomllib
import uuid
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from importlib import resources

import pytest
from django.db import connections
from django.test import Client as Browser
from django.utils import timezone
from house import KEPT, WORK, house, own_dump, store
from hypothesis import given
from hypothesis import strategies as st
from nacl.signing import SigningKey
from together import killed

from kept.post.models import Message
from kept.rights import actions
from kept.rights.clocks import office_day
from kept.rights.drp import views
from kept.rights.drp.access import directory_entry
from kept.rights.drp.actions import add_agent, end_agent, forget_requests
from kept.rights.drp.again import trust_again
from kept.rights.drp.errors import BadAgent, MayNotAddAgents, Refused
from kept.rights.drp.messages import opened
from kept.rights.drp.models import Agent, AgentRequest
from kept.rights.drp.rules import FINAL, LEAST_KEPT, MOST_KEPT, CaseFacts, kept_until, stand_of
from kept.rights.drp.rules import REASONS as RULES_REASONS
from kept.rights.models import Case
from kept.rights.offered import RUNNING
from kept.rights.refusals.models import Refusal
from kept.security.backup.replays import Note
from kept.security.models import Entry
from kept.security.rates import Rate
from kept.terms import Actor
from kept.vault.models import Key
from kept.work.lease import free_dead
from kept.work.models import Step
from kept.work.run import work_off

__all__ = ["house", "store"]

pytestmark = [pytest.mark.store, pytest.mark.pages]

US = "HANSOKEN_CLOUD"
PERSON = {"name": "Alice Arden", "email": "alice@example.com", "email_verified": True}
TELLING = ["drp.tell", "drp.look"]


def told_at(at: datetime) -> str:
    """As the clients in use write it: milliseconds, and +00:00."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


class Helper:
    """An authorised agent as it is outside: a key, a token, and HTTP."""

    def __init__(self, agent_id="PRIVACY_HELPER", name="Privacy Helper") -> None:
        self.id, self.name, self.key, self.token = agent_id, name, SigningKey.generate(), ""

    @property
    def verify_key(self) -> str:
        return base64.b64encode(bytes(self.key.verify_key)).decode()

    def entry(self, **more):
        given = {"id": self.id, "name": self.name, "verify_key": self.verify_key, "web_url": "https://helper.example"}
        return given | more

    def signed(self, claims, key=None) -> bytes:
        message = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
        return base64.b64encode((key or self.key).sign(message))

    def envelope(self, **more):
        now = timezone.now()
        return {
            "agent-id": self.id,
            "business-id": US,
            "issued-at": told_at(now - timedelta(seconds=1)),
            "expires-at": told_at(now + timedelta(minutes=10)),
            "drp.version": "1.0",
        } | more

    def send(self, method, path, body=b"", *, token=None, kind="text/plain"):
        token = self.token if token is None else token
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        browser = Browser(raise_request_exception=False)
        return browser.generic(method, path, body, content_type=kind, headers=headers)

    def set_up(self, *, url_id=None, key=None, **more):
        answer = self.send("POST", f"/v1/agent/{url_id or self.id}", self.signed(self.envelope(**more), key), token="")
        if answer.status_code == 200:
            self.token = answer.json()["token"]
        return answer

    def claims(self, exercise="access", **more):
        return self.envelope(exercise=exercise, regime="ccpa") | PERSON | more

    def exercise(self, exercise="access", *, path="/v1/data-rights-request", **more):
        return self.send("POST", path, self.signed(self.claims(exercise, **more)))

    def status(self, request_id):
        return self.send("GET", f"/v1/data-rights-request/{request_id}")

    def revoke(self, request_id, reason="I do not want it any more"):
        return self.send("DELETE", f"/v1/data-rights-request/{request_id}", self.signed({"reason": reason}))


def trusted(helper: Helper) -> Helper:
    add_agent(helper.entry(), by=KEPT, at=timezone.now())
    assert helper.set_up().status_code == 200
    return helper


@pytest.fixture
def helper(db) -> Helper:
    return trusted(Helper())


def refusal(answer):
    """What an error says: the protocol's own form, and never what was sent."""
    said = answer.json()
    assert set(said) == {"code", "message", "fatal"}, said
    assert (said["code"], type(said["fatal"])) == (str(answer.status_code), bool)
    assert "alice" not in said["message"].lower()
    return answer.status_code, said["fatal"]


# Pair-wise keys


def test_an_agent_of_the_directory_gets_a_token_for_its_signature(db):
    helper = Helper()
    add_agent(helper.entry(), by=KEPT, at=timezone.now())
    answer = helper.set_up()
    assert (answer.status_code, set(answer.json())) == (200, {"agent-id", "token"})
    assert answer.json()["agent-id"] == "PRIVACY_HELPER"
    assert len(helper.token) > 40
    assert helper.token not in own_dump()
    checked = helper.send("GET", "/v1/agent/PRIVACY_HELPER")
    assert (checked.status_code, checked.json()) == (200, {})
    assert checked["Cache-Control"] == "no-store"


def test_a_key_setup_that_fails_says_nothing(db):
    helper, other = Helper(), Helper("OTHER_AGENT")
    add_agent(helper.entry(), by=KEPT, at=timezone.now())
    add_agent(other.entry(), by=KEPT, at=timezone.now())
    now = timezone.now()
    bad = {
        "signed by another agent": helper.set_up(key=other.key),
        "for another agent's address": helper.set_up(url_id="OTHER_AGENT"),
        "of nobody": helper.set_up(url_id="NOBODY"),
        "agent-id of another": helper.set_up(**{"agent-id": "OTHER_AGENT"}),
        "for another business": helper.set_up(**{"business-id": "SOMEBODY_ELSE"}),
        "not yet": helper.set_up(**{"issued-at": told_at(now + timedelta(minutes=1))}),
        "over": helper.set_up(**{"expires-at": told_at(now - timedelta(seconds=1))}),
        "for a day": helper.set_up(**{"expires-at": told_at(now + timedelta(days=1))}),
        "no instant": helper.set_up(**{"issued-at": "yesterday"}),
        "without offset": helper.set_up(**{"issued-at": now.replace(tzinfo=None).isoformat()}),
        "another protocol": helper.set_up(**{"drp.version": "0.5"}),
        "no base64": helper.send("POST", "/v1/agent/PRIVACY_HELPER", b"\xff\x00 no", token=""),
        "empty": helper.send("POST", "/v1/agent/PRIVACY_HELPER", b"", token=""),
        "too large": helper.send("POST", "/v1/agent/PRIVACY_HELPER", b"A" * 70_000, token=""),
        "no JSON": helper.send("POST", "/v1/agent/PRIVACY_HELPER", helper.signed(b"not json"), token=""),
        "a list": helper.send("POST", "/v1/agent/PRIVACY_HELPER", helper.signed([]), token=""),
    }
    wrong = {what: one.status_code for what, one in bad.items() if (one.status_code, one.content) != (403, b"")}
    assert wrong == {}
    assert not Agent.objects.exclude(token_hash=None).exists()
    assert helper.set_up().status_code == 200, "and the real one still gets its token"


def test_a_message_of_a_key_setup_is_taken_once(db):
    helper = Helper()
    add_agent(helper.entry(), by=KEPT, at=timezone.now())
    body = helper.signed(helper.envelope())
    answers = [helper.send("POST", "/v1/agent/PRIVACY_HELPER", body, token="") for _ in range(2)]
    assert [one.status_code for one in answers] == [200, 403]
    assert answers[1].content == b""


def test_a_new_token_ends_the_one_before(helper):
    old = helper.token
    helper.set_up()
    assert helper.send("GET", "/v1/agent/PRIVACY_HELPER", token=old).status_code == 403
    assert helper.send("GET", "/v1/agent/PRIVACY_HELPER").status_code == 200


def test_a_token_is_good_for_its_own_agent_alone(helper):
    other = trusted(Helper("OTHER_AGENT", "Other"))
    assert refusal(helper.send("GET", "/v1/agent/OTHER_AGENT"))[0] == 403
    for token in ("", "x", other.token + "x", "kept_\u00e9", "x" * 5000):
        answer = helper.send("GET", "/v1/agent/PRIVACY_HELPER", token=token.encode().decode("latin-1"))
        assert refusal(answer)[0] == 403


def test_guessing_is_slowed_down_and_a_real_agent_is_not(helper, monkeypatch):
    monkeypatch.setattr(views, "GUESSES", Rate(2, timedelta(minutes=5)))
    codes = [helper.send("GET", "/v1/agent/PRIVACY_HELPER", token=f"x{number}").status_code for number in range(3)]
    assert codes == [403, 403, 429]
    assert helper.set_up(key=SigningKey.generate()).status_code == 429
    assert helper.send("GET", "/v1/agent/PRIVACY_HELPER").status_code == 200
    monkeypatch.setattr(views, "CALLS", Rate(1, timedelta(minutes=5)))
    assert refusal(helper.send("GET", "/v1/agent/PRIVACY_HELPER"))[0] == 429


# A request


@pytest.mark.parametrize("path", ["/v1/data-rights-request", "/v1/data-rights-request/"])
def test_a_request_is_in_progress_at_once_and_waits_for_the_person(helper, path):
    answer = helper.exercise(path=path, **{"agent-request-id": "foo-1"})
    assert answer.status_code == 200, answer.content
    said, case, request = answer.json(), Case.objects.get(), AgentRequest.objects.get()
    assert uuid.UUID(said["request_id"]) == request.pk
    assert (said["status"], said["reason"]) == ("in_progress", "need_user_verification")
    assert said["agent_request_id"] == "foo-1"
    assert said["user_verification_url"].startswith("http://localhost:8000/privacy/agent/")
    for name in ("received_at", "expected_by", "expires_at"):
        assert datetime.fromisoformat(said[name]).tzinfo is not None
    assert (case.state, case.channel, case.law, case.account) == ("unproven", "agent", "us-ccpa", None)
    assert case.due_on == office_day(case.received_at, case.clock) + timedelta(days=44), "CCPA: 45 days, day 1 is today"
    assert datetime.fromisoformat(said["expected_by"]).date() >= case.due_on - timedelta(days=1)
    assert not case.answers.exists(), "email_verified proves nothing here: nothing is searched"
    mail = Message.objects.get(about=case.pk)
    assert mail.to == "alice@example.com"
    assert "Privacy Helper asked us in your name" in mail.text
    assert helper.status(said["request_id"]).json() == said
    assert Entry.objects.get(kind="rights.case_opened").by == f"agent:{Agent.objects.get().pk}"


@pytest.mark.parametrize(
    ("exercise", "right"),
    [("access", "access"), ("access:categories", "access"), ("access:specific", "access"), ("deletion", "erasure")],
)
def test_each_action_opens_its_right_under_its_law(helper, exercise, right):
    assert helper.exercise(exercise).status_code == 200
    assert helper.exercise(exercise, regime=None, email="bob@example.com").status_code == 200
    assert sorted(Case.objects.values_list("right", "law")) == [(right, "eu-gdpr"), (right, "us-ccpa")]


@pytest.mark.parametrize("exercise", ["sale:opt-in", "sale:opt_in", "sale:opt-out"])
def test_what_does_not_run_here_is_denied_with_its_reason_and_what_runs_is_opened(helper, exercise):
    runs = exercise == "sale:opt-out" and "objection" in {offer.name for offer in RUNNING}
    said = helper.exercise(exercise).json()
    if runs:
        assert (said["status"], Case.objects.get().right) == ("in_progress", "objection")
        assert Case.objects.get().asked == {"uses": ["marketing.third_party"]}
    else:
        assert (said["status"], said["reason"]) == ("denied", "claim_not_covered")
        assert said["processing_details"]
        assert not Case.objects.exists()
        assert helper.revoke(said["request_id"]).status_code == 409
    assert exercise.replace("_", "-") in directory_entry()["supported_actions"] or not runs


def test_claims_that_nobody_knows_are_tolerated(helper):
    known = {"relationships": ["customer"], "power_of_attorney": "doc 7", "address_verified": False}
    extra = known | {"sub": "x", "phone_number": "+15550100", "address": {"country": "US"}, "https://x.example/y": [1]}
    assert helper.exercise(**extra).status_code == 200
    assert AgentRequest.objects.get().said == {"relationships": ["customer"], "power_of_attorney": "doc 7"}


def test_nothing_of_it_lies_in_clear(helper):
    helper.exercise(
        **{"agent-request-id": "very-own-number", "status_callback": "https://helper.example/tell/very-own-place",
           "relationships": ["very-own-hint"]}
    )  # fmt: skip
    kept = own_dump()
    for word in ("alice@example.com", "Alice Arden", "very-own-number", "very-own-place", "very-own-hint"):
        assert word not in kept, word


BAD = {
    "no base64": (lambda h: b"%%%", 400, True),
    "base64 with a blank in it": (lambda h: h.signed(h.claims())[:20] + b" " + h.signed(h.claims())[20:], 400, True),
    "too short": (lambda h: base64.b64encode(b"x" * 64), 400, True),
    "signed by another": (lambda h: h.signed(h.claims(), SigningKey.generate()), 403, True),
    "changed after signing": (lambda h: changed(h.signed(h.claims())), 403, True),
    "unsigned": (lambda h: json.dumps(h.claims()).encode(), 400, True),
    "agent-id of another": (lambda h: h.signed(h.claims(**{"agent-id": "OTHER"})), 403, True),
    "for another business": (lambda h: h.signed(h.claims(**{"business-id": "OTHER"})), 400, True),
    "not yet": (
        lambda h: h.signed(h.claims(**{"issued-at": told_at(timezone.now() + timedelta(minutes=2))})),
        400,
        False,
    ),
    "expired": (
        lambda h: h.signed(h.claims(**{"expires-at": told_at(timezone.now() - timedelta(seconds=1))})),
        400,
        True,
    ),
    "for a day": (
        lambda h: h.signed(h.claims(**{"expires-at": told_at(timezone.now() + timedelta(days=1))})),
        400,
        True,
    ),
    "no instant": (lambda h: h.signed(h.claims(**{"expires-at": 7})), 400, True),
    "the end of time": (lambda h: h.signed(h.claims(**{"issued-at": "0001-01-01T00:00:00+14:00"})), 400, True),
    "another protocol": (lambda h: h.signed(h.claims(**{"drp.version": 1.0})), 400, True),
    "an unknown action": (lambda h: h.signed(h.claims("everything")), 400, True),
    "an action that is a list": (lambda h: h.signed(h.claims(["access"])), 400, True),
    "an unknown law": (lambda h: h.signed(h.claims(regime="moon")), 400, True),
    "no address": (lambda h: h.signed(h.claims(email=None)), 400, True),
    "a broken address": (lambda h: h.signed(h.claims(email="alice")), 400, True),
    "an address of two lines": (lambda h: h.signed(h.claims(email="alice@example.com\nBcc: x@example.com")), 400, True),
    "a name without end": (lambda h: h.signed(h.claims(name="x" * 5000)), 400, True),
    "a verified that is a word": (lambda h: h.signed(h.claims(email_verified="yes")), 400, True),
    "hints that are none": (lambda h: h.signed(h.claims(relationships="customer")), 400, True),
    "NUL": (lambda h: h.signed(h.claims(name="a\0b")), 400, True),
    "NUL in an unknown claim": (lambda h: h.signed(h.claims(other={"x": ["a\0"]})), 400, True),
    "half a letter": (lambda h: h.signed(json.dumps(h.claims()).replace("Alice Arden", "\\ud800").encode()), 400, True),
    "no object": (lambda h: h.signed([h.claims()]), 400, True),
    "no UTF-8": (lambda h: h.signed(b'{"a": "\xff"}'), 400, True),
    "a depth without end": (lambda h: h.signed(b"[" * 20_000), 400, True),
    "a callback inside": (lambda h: h.signed(h.claims(status_callback="http://127.0.0.1:9/x")), 400, True),
    "a callback that is none": (lambda h: h.signed(h.claims(status_callback="javascript:alert(1)")), 400, True),
    "a callback with a password": (
        lambda h: h.signed(h.claims(status_callback="https://a:b@helper.example/")),
        400,
        True,
    ),
    "too large": (lambda h: b"A" * 70_000, 413, True),
    "empty": (lambda h: b"", 400, True),
}


def changed(body: bytes) -> bytes:
    raw = bytearray(base64.b64decode(body))
    raw[-2] ^= 1
    return base64.b64encode(bytes(raw))


@pytest.mark.parametrize("what", BAD)
def test_a_message_that_cannot_be_taken_is_refused_and_opens_nothing(helper, what):
    make, status, fatal = BAD[what]
    answer = helper.send("POST", "/v1/data-rights-request", make(helper))
    assert refusal(answer) == (status, fatal), answer.content
    assert not Case.objects.exists()
    assert not AgentRequest.objects.exists()
    assert helper.exercise().status_code == 200, "and the next good one is taken"


def test_the_checks_come_in_the_protocols_order(helper):
    """Each message is wrong in everything that follows as well: the first thing decides."""
    other, late = SigningKey.generate(), {"expires-at": told_at(timezone.now() - timedelta(minutes=1))}
    early = {"issued-at": told_at(timezone.now() + timedelta(minutes=1))}
    wrong = early | late | {"business-id": "OTHER", "agent-id": "OTHER", "exercise": "nothing"}
    steps = [
        (b"!" + helper.signed(wrong, other), "base64"),
        (helper.signed(wrong, other), "signature"),
        (helper.signed(wrong), "agent-id"),
        (helper.signed(wrong | {"agent-id": helper.id}), "business-id"),
        (helper.signed(wrong | {"agent-id": helper.id, "business-id": US}), "issued-at"),
        (helper.signed(helper.claims("nothing", **late)), "expired"),
        (helper.signed(helper.claims("nothing")), "exercise"),
    ]
    for body, word in steps:
        assert word in helper.send("POST", "/v1/data-rights-request", body).json()["message"], word


def test_the_same_message_is_taken_once_also_by_two_processes_at_once(store):
    helper = trusted(Helper())
    body, answers = helper.signed(helper.claims()), []

    def run():
        try:
            answers.append(helper.send("POST", "/v1/data-rights-request", body))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one.status_code for one in answers) == [200, 409, 409, 409]
    assert refusal(next(one for one in answers if one.status_code == 409)) == (409, True)
    assert Case.objects.count() == 1


def test_a_message_that_was_refused_for_its_time_can_be_sent_again_when_it_is_time(helper):
    claims = helper.claims(**{"issued-at": told_at(timezone.now() + timedelta(seconds=30))})
    body = helper.signed(claims)
    assert helper.send("POST", "/v1/data-rights-request", body).status_code == 400
    import time_machine

    with time_machine.travel(timezone.now() + timedelta(seconds=40)):
        assert helper.send("POST", "/v1/data-rights-request", body).status_code == 200


def test_a_retry_under_the_agents_own_number_is_the_same_request(helper):
    first = helper.exercise(**{"agent-request-id": "foo"}).json()
    again = helper.exercise(**{"agent-request-id": "foo"}).json()
    assert again == first
    assert (
        helper.exercise(**{"agent-request-id": "foo", "email": "bob@example.com"}).json()["request_id"]
        != first["request_id"]
    )
    assert helper.exercise("deletion", **{"agent-request-id": "foo"}).json()["request_id"] != first["request_id"]
    other = trusted(Helper("OTHER_AGENT", "Other"))
    assert other.exercise(**{"agent-request-id": "foo"}).json()["request_id"] != first["request_id"]
    assert Case.objects.count() == 4


def test_another_agents_request_and_one_that_never_was_are_answered_alike(helper):
    said = helper.exercise().json()
    other = trusted(Helper("OTHER_AGENT", "Other"))
    for request_id in (said["request_id"], str(uuid.uuid4()), "1", "%00", "x" * 300):
        assert refusal(other.status(request_id)) == (403, False)
        assert refusal(other.revoke(request_id)) == (403, False)
    assert Case.objects.get().state == "unproven"


def test_addresses_and_methods_that_are_not_there_answer_in_the_protocols_form(helper):
    for method, path, status in (
        ("GET", "/v1/", 404), ("POST", "/v1/nothing", 404), ("GET", "/v1/data-rights-request", 405),
        ("PUT", "/v1/data-rights-request/x", 405), ("DELETE", "/v1/agent/PRIVACY_HELPER", 405),
    ):  # fmt: skip
        assert refusal(helper.send(method, path))[0] == status


def test_a_fault_of_ours_is_told_without_its_words_and_without_closing_the_message(helper, monkeypatch):
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret-word")

    body = helper.signed(helper.claims())
    with monkeypatch.context() as patch:
        patch.setattr(views, "take_request", broken)
        answer = helper.send("POST", "/v1/data-rights-request", body)
        assert refusal(answer) == (500, False)
        assert b"secret-word" not in answer.content


# The person


def page_of(status) -> str:
    return status["user_verification_url"].removeprefix("http://localhost:8000")


def test_the_person_proves_themselves_on_our_page_and_the_agent_sees_it_go_on(house):
    helper = trusted(Helper())
    said = helper.exercise().json()
    case, browser = Case.objects.get(), Browser()
    shown = browser.get(page_of(said), {"request_id": said["request_id"], "redirect_to": "https://helper.example/done"})
    text = shown.content.decode()
    assert (shown.status_code, "Privacy Helper asks us in your name" in text) == (200, True)
    assert "alice@example.com" not in text
    wrong = browser.post(page_of(said), {"code": "000000"})
    assert "That is not the code" in wrong.content.decode()
    done = browser.post(f"{page_of(said)}?redirect_to=https://helper.example/done", {"code": house.code(case)})
    assert "You have confirmed it" in done.content.decode()
    assert 'href="https://helper.example/done"' in done.content.decode()
    now = helper.status(said["request_id"]).json()
    assert (now["status"], "reason" in now, "user_verification_url" in now) == ("in_progress", False, False)
    house.work()
    actions.approve(house.now(case), by=house.officer, at=timezone.now())
    house.work()
    now = helper.status(said["request_id"]).json()
    assert (now["status"], set(now)) == (
        "fulfilled", {"request_id", "received_at", "status", "expires_at", "results_url"},
    )  # fmt: skip
    results = now["results_url"].removeprefix("http://localhost:8000")
    page = browser.get(results).content.decode()
    assert "It is done" in page
    assert "/requests/" not in page, "the page that opens the answer is the person's alone"
    before = Message.objects.filter(to="alice@example.com").count()
    assert browser.post(f"{results}code/").status_code == 302
    assert Message.objects.filter(to="alice@example.com").count() == before + 1, "the way to it is mailed to her"
    assert refusal(helper.revoke(said["request_id"])) == (409, False)


def test_the_page_wants_the_request_that_its_address_means(helper):
    said = helper.exercise().json()
    assert Browser().get(page_of(said), {"request_id": str(uuid.uuid4())}).status_code == 404
    assert Browser().get(page_of(said)[:-4] + "xxx/").status_code == 404


@pytest.mark.parametrize(
    "url",
    ["https://evil.example/", "https://helper.example.evil.example/", "http://helper.example/", "javascript:alert(1)",
     "//helper.example/", "https://helper.example@evil.example/", "https://helper.example:99/", "https://[", "\0"],
)  # fmt: skip
def test_the_way_back_leads_to_the_agents_own_site_or_nowhere(helper, url):
    helper.exercise()
    from kept.rights.drp.pages import way_back

    assert way_back(AgentRequest.objects.select_related("agent").get(), url) == ""


def test_an_agent_never_gets_the_persons_own_link(helper):
    said = helper.exercise().json()
    mail = Message.objects.get()
    own = re.search(r"http://localhost:8000/requests/(\S+?)/", mail.text)
    assert own
    assert own.group(1) not in json.dumps(said)
    assert Browser().get(f"/requests/{page_of(said).split('/')[-2]}/").status_code == 404


def test_an_officer_reads_who_asked_and_what_for_and_an_auditor_no_hints(house):
    helper = trusted(Helper())
    helper.exercise(relationships=["subscriber"])
    case = Case.objects.get()
    assert actions.prove(case, house.code(case), by=Actor("person", str(case.pk)), at=timezone.now())
    shown = {}
    for who in ("olga", "aino"):
        browser = Browser()
        browser.force_login(house.people[who])
        shown[who] = browser.get(f"/desk/{case.pk}/").content.decode()
        assert "authorised agent “Privacy Helper”" in shown[who]
    assert "subscriber" in shown["olga"]
    assert "subscriber" not in shown["aino"]


def test_one_agent_cannot_have_the_whole_world_mailed(helper, monkeypatch):
    monkeypatch.setattr(views, "OPENED", Rate(2, timedelta(hours=1)))
    codes = [helper.exercise(email=f"person{number}@example.com").status_code for number in range(3)]
    assert codes == [200, 200, 429]
    assert Message.objects.count() == 2


# Revoking


def test_revoking_withdraws_the_request_and_again_changes_nothing(helper):
    said = helper.exercise(**{"agent-request-id": "foo"}).json()
    for _ in range(2):
        now = helper.revoke(said["request_id"]).json()
        assert (now["status"], now["agent_request_id"]) == ("revoked", "foo")
    assert Case.objects.get().state == "withdrawn"
    assert Entry.objects.filter(kind="rights.case_withdrawn").count() == 1


def test_two_requests_are_revoked_with_the_same_words(helper):
    """Ed25519 signs the same words alike: that is no replay."""
    ids = [helper.exercise(email=f"{name}@example.com").json()["request_id"] for name in ("alice", "bob")]
    assert [helper.revoke(one).json()["status"] for one in ids] == ["revoked", "revoked"]


def test_a_revoke_that_is_not_signed_by_the_agent_changes_nothing(helper):
    said = helper.exercise().json()
    path = f"/v1/data-rights-request/{said['request_id']}"
    for body, status in ((b"", 400), (b'{"reason": null}', 400), (helper.signed({}, SigningKey.generate()), 403)):
        assert refusal(helper.send("DELETE", path, body)) == (status, True)
    assert refusal(helper.send("DELETE", path, helper.signed({"reason": 7})))[0] == 400
    assert Case.objects.get().state == "unproven"
    assert helper.send("DELETE", path, helper.signed({})).json()["status"] == "revoked", "no reason is needed"


# Telling


@contextmanager
def listening(*codes: int):
    """An agent's own server: answers with these codes, one after the other, the last for ever."""
    heard, left = [], list(codes)

    class Listener(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.append((self.headers["Content-Type"], json.loads(body)))
            code = left.pop(0) if len(left) > 1 else left[0]
            self.send_response(code)
            if code == 302:
                self.send_header("Location", "https://evil.example/")
            self.end_headers()
            self.wfile.write(b"a body that nobody reads")

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/tell", heard
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def tell_all() -> None:
    Step.objects.filter(state="waiting", name__in=TELLING).update(due_at=timezone.now())
    work_off(timezone.now(), names=TELLING)


def test_each_change_is_told_until_the_agent_takes_it(house, settings):
    helper = trusted(Helper())
    with listening(500, 302, 204, 200) as (url, heard):
        settings.FETCH_ALLOWED = [url.split("/")[2]]
        said = helper.exercise(status_callback=url).json()
        tell_all()
        assert heard == [], "the first status was the answer itself"
        case = Case.objects.get()
        assert actions.prove(case, house.code(case), by=Actor("person", str(case.pk)), at=timezone.now())
        for tries in (1, 2, 3, 4, 4):
            tell_all()
            assert len(heard) == tries, "500, a redirect and 204 are no 200; after that it is known there"
        assert {kind for kind, _ in heard} == {"application/json"}
        assert heard[-1][1] == helper.status(said["request_id"]).json()
        house.work()
        actions.extend(house.now(case), "complexity", "Seven systems hold it.", by=house.officer, at=timezone.now())
        tell_all()
        last = heard[-1][1]
        assert "complex" in last["processing_details"]
        assert "Seven systems" not in json.dumps(last), "the officer's words are the person's"
        assert last["expected_by"] > said["expected_by"]
        helper.revoke(said["request_id"])
        tell_all()
        assert heard[-1][1]["status"] == "revoked", "told although the case has forgotten everything"
        assert not Step.objects.filter(name="drp.tell", state="waiting").exists()
    kinds = list(Entry.objects.filter(kind="drp.agent_told").order_by("id").values_list("facts", flat=True))
    assert [facts["status"] for facts in kinds] == ["in_progress", "in_progress", "revoked"]


def test_a_worker_that_is_killed_while_it_tells_leaves_nothing_untold(house, settings):
    helper = trusted(Helper())
    with listening(200) as (url, heard):
        settings.FETCH_ALLOWED = [url.split("/")[2]]
        said = helper.exercise(status_callback=url).json()
        case = Case.objects.get()
        assert actions.prove(case, house.code(case), by=Actor("person", str(case.pk)), at=timezone.now())
        for turn in range(6):
            killed(tell_all, 0.15)
            free_dead(timezone.now())
            if turn == 2:
                helper.revoke(said["request_id"])
        tell_all()
        assert heard[-1][1] == helper.status(said["request_id"]).json()
        assert heard[-1][1]["status"] == "revoked"
    assert not Step.objects.filter(name="drp.tell").exclude(state="done").exists()
    told = [one.facts["status"] for one in Entry.objects.filter(kind="drp.agent_told").order_by("id")]
    assert told in (["in_progress", "revoked"], ["revoked"]), "each status is written down once, and the last one is"


def test_a_request_that_joined_another_is_told_when_that_one_goes_on(house, settings):
    helper = trusted(Helper())
    first = house.proven("access", "alice@example.com")
    with listening(200) as (url, heard):
        settings.FETCH_ALLOWED = [url.split("/")[2]]
        helper.exercise(status_callback=url, regime=None)
        case = Case.objects.get(channel="agent")
        assert actions.prove(case, house.code(case), by=Actor("person", str(case.pk)), at=timezone.now())
        tell_all()
        assert heard[-1][1]["status"] == "in_progress"
        house.work()
        actions.approve(house.now(first), by=house.officer, at=timezone.now())
        house.work()
        house.queue("drp.look")
        tell_all()
        tell_all()
        assert heard[-1][1]["status"] == "fulfilled"


@pytest.mark.parametrize("url", ["https://127.0.0.1/x", "https://10.0.0.7/x", "https://[::1]/x", "https://localhost/x"])
def test_nothing_is_told_to_a_place_inside_the_company(helper, url):
    """What a name leads to is looked up when it is called, each time: here it leads inside."""
    said = helper.exercise(status_callback=url)
    assert said.status_code == 200
    helper.revoke(said.json()["request_id"])
    Step.objects.filter(name="drp.tell").update(due_at=timezone.now())
    work_off(timezone.now(), names=["drp.tell"])
    step = Step.objects.get(name="drp.tell")
    assert (step.state, step.problem) == ("waiting", "The agent did not take it: NotAllowed.")


# How long, and how it ends


def test_final_states_are_kept_as_long_as_the_protocol_says_and_no_longer(helper):
    said = helper.exercise(**{"agent-request-id": "foo"}).json()
    helper.revoke(said["request_id"])
    at, keys = timezone.now(), Key.objects.count()
    assert forget_requests(by=KEPT, at=at + MOST_KEPT - timedelta(hours=1)) == 0
    assert helper.status(said["request_id"]).json()["status"] == "revoked"
    assert forget_requests(by=KEPT, at=at + MOST_KEPT + timedelta(hours=1)) == 1
    assert helper.status(said["request_id"]).status_code == 403
    assert Key.objects.count() == keys - 1, "and its key is gone"
    assert Case.objects.count() == 1, "the case itself is kept as every case is"


def test_a_request_that_nobody_proves_is_denied_for_want_of_proof(helper):
    said = helper.exercise().json()
    actions.expire_unproven(by=KEPT, at=timezone.now() + timedelta(days=8))
    now = helper.status(said["request_id"]).json()
    assert (now["status"], now["reason"]) == ("denied", "insuf_verification")


instants = st.integers(0, 500 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


def test_each_ground_of_a_refusal_that_the_protocol_has_a_word_for_is_one_there_is():
    known = {
        ground["name"]
        for ground in tomllib.loads((resources.files("kept.rights") / "grounds.toml").read_text())["ground"]
    }
    assert set(RULES_REASONS) <= known


def test_a_refusal_is_told_by_its_reason_and_in_none_of_our_words_to_the_person(helper):
    said = helper.exercise().json()
    case, at = Case.objects.get(), timezone.now()
    Refusal.objects.create(
        case=case, key=case.key, right="access", law=case.law, ground="excessive", source="x", because="private words",
        state="told", tell_by=case.due_on, proposed_at=at, proposed_by="privacy_officer:a", told_at=at,
        told_by="privacy_officer:b", message=uuid.uuid4(),
    )  # fmt: skip
    case.state, case.answered_at, case.proven_at = "refused", at, at
    case.save()
    now = helper.status(said["request_id"]).json()
    assert (now["status"], now["reason"]) == ("denied", "too_many_requests")
    assert "private words" not in json.dumps(now)


facts = st.builds(
    CaseFacts,
    state=st.sampled_from(Case.State.values),
    due_on=st.dates(date(2026, 1, 1), date(2027, 1, 1)),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "Asia/Singapore"]),
    answered_at=st.none() | instants,
    closed_at=st.none() | instants,
    ground=st.sampled_from(["", "excessive", "unknown"]),
)
REASONS = {
    "denied": {"suspected_fraud", "insuf_verification", "no_match", "claim_not_covered", "outside_jurisdiction",
               "too_many_requests", "other"},
    "in_progress": {"", "need_user_verification"},
}  # fmt: skip


@given(case=facts, at=instants)
def test_every_state_of_a_case_has_its_words_in_the_protocol(case, at):
    received = datetime(2026, 1, 1, tzinfo=UTC)
    stand = stand_of(received, "", case, at)
    assert stand.status in {"in_progress", *FINAL}
    assert stand.reason in REASONS.get(stand.status, {""})
    if stand.status == "in_progress":
        assert stand.expected_by is not None
        assert kept_until(stand) is None
    elif stand.since is not None:
        until = kept_until(stand)
        assert until is not None
        assert LEAST_KEPT <= until - stand.since <= MOST_KEPT


@given(body=st.binary(max_size=300))
def test_whatever_bytes_come_are_refused(body):
    with pytest.raises(Refused):
        opened(base64.b64encode(body), bytes(SigningKey(b"k" * 32).verify_key))
    with pytest.raises(Refused):
        opened(body, bytes(SigningKey(b"k" * 32).verify_key))


# Whom we trust


def test_an_agent_that_has_ended_gets_nothing_and_stays_out_after_a_restore(helper):
    said = helper.exercise().json()
    agent, token = Agent.objects.get(), Agent.objects.get().token_hash
    end_agent(agent, by=KEPT, at=timezone.now())
    end_agent(agent, by=KEPT, at=timezone.now())
    assert Entry.objects.filter(kind="drp.agent_ended").count() == 1
    assert helper.status(said["request_id"]).status_code == 403
    assert helper.set_up().status_code == 403
    Agent.objects.update(ended_at=None, token_hash=token)  # as a backup from before has it
    note = Note("1", "drp_agent", timezone.now(), {"agent": agent.agent_id, "token": "", "ended": True})
    assert [trust_again([note], KEPT, timezone.now()) for _ in range(2)] == [1, 0]
    assert helper.status(said["request_id"]).status_code == 403


def test_another_key_ends_the_token_of_the_old_one(helper):
    helper.key = SigningKey.generate()
    add_agent(helper.entry(), by=KEPT, at=timezone.now())
    assert helper.send("GET", "/v1/agent/PRIVACY_HELPER").status_code == 403
    assert helper.set_up().status_code == 200
    add_agent(helper.entry(name="Privacy Helper Inc."), by=KEPT, at=timezone.now())
    assert helper.send("GET", "/v1/agent/PRIVACY_HELPER").status_code == 200, "a new name changes nothing else"


@pytest.mark.parametrize(
    "change",
    [
        {"id": ""}, {"id": "a b"}, {"id": "x" * 81}, {"id": "a/b"}, {"name": ""}, {"name": "a\nb"}, {"name": 7},
        {"verify_key": ""}, {"verify_key": "short"}, {"verify_key": base64.b64encode(b"x" * 31).decode()},
        {"verify_key": base64.b64encode(bytes(32)).decode()},
        {"verify_key": base64.b64encode(b"\1" + bytes(31)).decode()},
        {"web_url": "http://helper.example"}, {"web_url": "javascript:alert(1)"},
    ],
)  # fmt: skip
def test_an_entry_that_cannot_be_used_is_refused(db, change):
    with pytest.raises(BadAgent):
        add_agent(Helper().entry() | change, by=KEPT, at=timezone.now())
    assert not Agent.objects.exists()


def test_only_officers_and_engineers_trust_agents(db):
    for role in ("customer", "support", "auditor", "person", "program", "agent"):
        with pytest.raises(MayNotAddAgents):
            add_agent(Helper().entry(), by=Actor(role, "x"), at=timezone.now())
    agent = add_agent(Helper().entry(), by=Actor("privacy_officer", str(uuid.uuid4())), at=timezone.now())
    with pytest.raises(MayNotAddAgents):
        end_agent(agent, by=Actor("agent", str(agent.pk)), at=timezone.now())


def test_our_own_entry_has_what_the_directory_wants(db):
    entry = Browser().get("/.well-known/data-rights.json").json()
    assert re.fullmatch("[A-Z_]+", entry["id"])
    assert entry["id"] == US
    assert {"access", "deletion"} <= set(entry["supported_actions"])
    assert entry["supported_verifications"] == ["email"]
    assert {"name", "logo", "api_base", "web_url", "privacy_policy_url", "technical_contact", "business_contact"} < set(
        entry
    )


assert WORK  # the house works these off; telling agents is asked for by name here
