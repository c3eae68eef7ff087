"""The policy as people read it: each clause with its evidence, or with the plain word that nothing runs yet."""

from __future__ import annotations

import re
from collections import defaultdict
from html.parser import HTMLParser

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kept.people.models import Account
from kept.policy import keepers
from kept.policy.access import policy
from kept.policy.actions import running_version
from kept.policy.exemptions import exemptions
from kept.policy.keepers import keeper
from kept.policy.looking import look_at_all
from kept.policy.models import Standing, Version
from kept.terms import Actor, Evidence, State

pytestmark = pytest.mark.django_db


@pytest.fixture
def registry(monkeypatch):
    """No keepers but those that the test binds."""
    monkeypatch.setattr(keepers, "_keepers", defaultdict(list))


class Notes(HTMLParser):
    """The words of each clause's note, by clause id; and every id and inline style of the page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.notes: dict[str, str] = {}
        self.ids: list[str] = []
        self.inline: list[str] = []
        self.clause, self.depth = "", 0
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.inline += [name for name in found if name == "style" or name.startswith("on")] + [tag] * (tag == "script")
        if "id" in found:
            self.ids.append(found["id"])
        if re.fullmatch(r"\d+\.\d+", found.get("id", "")):
            self.clause = found["id"]
        if self.depth or (self.clause and found.get("class") == "note"):
            self.depth += tag == "div"
            self.notes.setdefault(self.clause, "")

    def handle_endtag(self, tag):
        self.depth -= tag == "div" and self.depth > 0

    def handle_data(self, data):
        if self.depth:
            self.notes[self.clause] = " ".join((self.notes[self.clause] + data).split()) + " "


def notes(client) -> dict[str, str]:
    response = client.get("/policy/")
    assert response.status_code == 200
    return Notes(response.content.decode()).notes


def bind(clause_id, state, figure, meaning="It is so.", link=""):
    def the_look(at):
        """Counts what there is to count."""
        return Evidence(state, figure, meaning, at, link)

    keeper(clause_id)(the_look)
    look_at_all(keepers.keepers_of(clause_id), by=Actor.kept())


@pytest.mark.usefixtures("registry")
def test_without_keepers_every_clause_says_not_running_yet(client):
    found = notes(client)
    assert list(found) == [clause.id for clause in policy().text.clauses]
    assert len(found) == 74
    for clause_id, note in found.items():
        assert note.startswith(f"Clause {clause_id} not running yet ")
    html = client.get("/policy/").content.decode()
    assert "0 kept" in html
    assert "74 not running yet" in html


def test_only_a_clause_with_a_keeper_says_more_than_not_running_yet(client):
    kept = {bound.clause_id for bound in keepers.all_keepers()}
    for clause_id, note in notes(client).items():
        assert ("not running yet" in note) == (clause_id not in kept), clause_id


def test_beside_a_clause_that_nothing_looks_at_stands_why_not(client):
    found = notes(client)
    for clause_id, exemption in exemptions().items():
        assert exemption.reason in found[clause_id], clause_id
    assert "Nothing looks at" not in "".join(found.values())


@pytest.mark.usefixtures("registry")
def test_the_note_beside_a_clause_tells_state_figure_meaning_time_and_who_looked(client, time_machine_at_noon):
    bind("5.6", State.KEPT, "3 opt-outs")
    bind("5.7", State.BROKEN, "2 sends")
    bind("5.8", State.CANNOT_TELL, "")
    found = notes(client)
    assert found["5.6"].strip() == (
        "Clause 5.6 kept 3 opt-outs It is so. So since 22 Nov 2026, 12:00 UTC . "
        "Looked at 22 Nov 2026, 12:00 UTC , test_policy_pages: the look"
    )
    assert found["5.7"].startswith("Clause 5.7 broken 2 sends ")
    assert found["5.8"].startswith("Clause 5.8 cannot tell It is so. ")


@pytest.fixture
def time_machine_at_noon():
    import time_machine

    with time_machine.travel("2026-11-22T12:00:00Z", tick=False):
        yield


def test_each_narrowed_clause_tells_the_law_and_what_holds_instead(client):
    found = notes(client)
    narrowed = {promise.id: promise.narrowed_by for promise in policy().promises.values() if promise.narrowed_by}
    assert len(narrowed) == 8
    for clause_id, narrowings in narrowed.items():
        page = client.get(f"/policy/{clause_id}/").content.decode()
        for narrowing in narrowings:
            both = f"Narrowed by law. {narrowing.now} {narrowing.law} Policies used to say: {narrowing.was}"
            assert both in found[clause_id]
            for text in (narrowing.was, narrowing.now, narrowing.law):
                assert text.replace("'", "&#x27;") in page
    assert all("Narrowed" not in note for clause_id, note in found.items() if clause_id not in narrowed)


def test_every_clause_and_section_can_be_linked_to(client):
    ids = Notes(client.get("/policy/").content.decode()).ids
    assert len(ids) == len(set(ids))
    assert {clause.id for clause in policy().text.clauses} < set(ids)
    links = re.findall(r'href="#([^"]+)"', client.get("/policy/").content.decode())
    assert {section.anchor for section in policy().text.sections} < set(links)
    assert set(links) <= set(ids)


def test_every_clause_has_its_page(client):
    for clause in policy().text.clauses:
        response = client.get(f"/policy/{clause.id}/")
        assert response.status_code == 200
        html = response.content.decode()
        promise = policy().promise(clause.id)
        for said in (f"<h1>Clause {clause.id}</h1>", promise.states, promise.needs, promise.shows):
            assert said.replace("'", "&#x27;") in html


@pytest.mark.usefixtures("registry")
def test_a_clause_page_tells_who_keeps_it_and_how(client):
    bind("5.6", State.BROKEN, "2 sends", "Two mails went out.", link="/ledger/")
    html = client.get("/policy/5.6/").content.decode()
    for said in (
        "broken",
        "2 sends",
        "Two mails went out.",
        "test_policy_pages: the look",
        "Counts what there is to count.",
    ):
        assert said in html
    assert '<a href="/ledger/">See what was counted' in html
    assert "do not claim" not in html


@pytest.mark.usefixtures("registry")
def test_the_rows_behind_a_figure_are_linked_for_those_who_may_open_them(client, demo, olga, sam):
    bind("5.6", State.BROKEN, "2 looks", "Two looks had no reason.", link="/security/access-log/")
    for who in (None, sam):
        if who:
            client.force_login(who)
        page = client.get("/policy/5.6/").content.decode()
        assert "/security/access-log/" not in page + client.get("/policy/").content.decode()
        assert "Our staff see what was counted." in page
    client.force_login(olga)
    for address in ("/policy/", "/policy/5.6/", "/desk/promises/"):
        assert '<a href="/security/access-log/">See what was counted' in client.get(address).content.decode()
    Standing.objects.update(link="/nowhere/")
    assert "/nowhere/" not in client.get("/policy/5.6/").content.decode()


@pytest.mark.usefixtures("registry")
def test_a_clause_page_without_keeper_claims_nothing(client):
    html = client.get("/policy/5.6/").content.decode()
    assert "not running yet" in html
    assert "we do not claim that it is kept" in html


@pytest.mark.parametrize("clause_id", ["15.1", "5", "5.6.1", "5.99", "..", "%00", "5.6'", "x" * 3000])
def test_a_clause_that_does_not_exist_is_not_found(client, clause_id):
    assert client.get(f"/policy/{clause_id}/").status_code == 404


def test_the_pages_are_only_read(client):
    assert client.post("/policy/").status_code == 405
    assert client.post("/policy/5.6/").status_code == 405
    assert client.head("/policy/").status_code == 200


@pytest.mark.usefixtures("registry")
def test_what_a_keeper_says_is_never_read_as_html(client):
    bind("5.6", State.KEPT, "<b>3</b>", "<script>alert(1)</script>")
    for page in ("/policy/", "/policy/5.6/"):
        html = client.get(page).content.decode()
        assert "<script>alert" not in html
        assert "&lt;b&gt;3&lt;/b&gt;" in html


def test_each_layer_says_that_new_words_are_announced_until_they_hold(client):
    first = running_version(by=Actor.kept(), at=timezone.now())
    layers = ("/policy/", "/policy/one-screen/", "/policy/one-line-each/")
    assert all("New words are announced" not in client.get(page).content.decode() for page in layers)
    Version.objects.create(
        name="2.0", title="Privacy policy", effective="2035-01-15", stored_at=timezone.now(), digest="2" * 64,
        clauses=[[clause, ["Other words."] if clause == "6.1" else said] for clause, said in first.clauses],
    )  # fmt: skip
    for page in layers:
        assert 'holds from <time datetime="2035-01-15">15 January 2035' in client.get(page).content.decode()
    assert 'in force from <time datetime="2035-01-15">' in client.get("/policy/6.1/").content.decode()
    with time_machine.travel("2035-01-16T12:00:00Z", tick=False):
        assert "New words are announced" not in client.get("/policy/").content.decode()
        assert 'in force since <time datetime="2035-01-15">' in client.get("/policy/6.1/").content.decode()


def test_the_page_reads_all_its_evidence_with_one_query_and_lets_nobody_look(client):
    for number in range(20):
        Account.objects.create_user(f"p{number}@example.com")
    look_at_all(keepers.all_keepers(), by=Actor.kept())
    with CaptureQueriesContext(connection) as queries:
        client.get("/policy/")
    assert [query["sql"].split(" FROM ")[1].split()[0] for query in queries] == [
        '"policy_standing"', '"policy_version"',  # and whether new words are announced
    ]  # fmt: skip


@pytest.mark.parametrize("page", ["/policy/", "/policy/5.6/"])
def test_the_pages_need_no_script_and_carry_no_inline_style(client, page):
    response = client.get(page)
    assert Notes(response.content.decode()).inline == []
    assert "unsafe-inline" not in response["Content-Security-Policy"]
