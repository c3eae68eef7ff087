"""The site against strangers: headers on every answer, limits that hold, browsers to sign out, asking again."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from accounts import PHRASE, carol, code_of, sara, set_up_app, sign_in, signed_in_as
from django.conf import settings as django_settings
from django.core.cache import caches
from django.test import Client
from django.urls import get_resolver, resolve, reverse
from django.utils import timezone
from house import house, store
from hypothesis import given
from hypothesis import strategies as st
from test_access_walk import EXAMPLES, METHODS, TABLE, addresses, ask, ready, session_of
from together import at_once

from kept.people.browsers import device_words, place_words
from kept.people.limits import EVERYTHING, household, limits_for
from kept.people.limits import TABLE as LIMITS
from kept.people.models import Account, Browser
from kept.rights.models import Case
from kept.security.models import Entry, Try
from kept.security.rates import Rate, give_back, take
from kept.security.tries import forget_tries, key_of, take_back, try_once

__all__ = ["carol", "house", "ready", "sara", "store"]

AT = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
EXPECTED = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


# Headers


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["nobody", "olga"])
def test_every_answer_of_every_address_carries_the_headers_and_a_policy_without_anything_inline(who, ready):
    """Also redirects, refusals and what is absent."""
    session, names, wrong = session_of(who, ready), addresses(), {}
    for route in TABLE:
        address = reverse(names[route], kwargs=EXAMPLES.get(route, lambda _: {})(ready))
        answer = ask(METHODS.get(route, "get"), address, session)
        missing = {name: answer.get(name) for name, value in EXPECTED.items() if answer.get(name) != value}
        policy = directives(answer.get("Content-Security-Policy", ""))
        if policy.get("default-src") != ["'none'"] or policy.get("frame-ancestors") != ["'none'"]:
            missing["policy"] = policy
        loose = [source for sources in policy.values() for source in sources if "unsafe" in source or "nonce" in source]
        if missing or loose or "camera=()" not in answer.get("Permissions-Policy", ""):
            wrong[route] = (missing, loose)
    assert wrong == {}


@pytest.mark.django_db
def test_style_sheets_and_scripts_carry_them_as_well(client):
    for path in ("/static/kept.css", "/static/passkey.js", "/static/nothing.css"):
        answer = client.get(path)
        assert directives(answer["Content-Security-Policy"])["default-src"] == ["'none'"]
        assert {name: answer.get(name) for name in EXPECTED} == EXPECTED
        answer.close()


def directives(policy: str) -> dict[str, list[str]]:
    parts = [part.split() for part in policy.split(";") if part.strip()]
    return {part[0]: part[1:] for part in parts}


def test_with_https_browsers_are_told_to_stay_with_it(tmp_path):
    program = (
        "import django, json; django.setup()\n"
        "from django.test import Client\n"
        "client = Client(headers={'host': 'privacy.example.com'})\n"
        "a, b = client.get('/healthz', secure=True), client.get('/')\n"
        "told = [a['Strict-Transport-Security'], a['Content-Security-Policy'], b.status_code, b['Location']]\n"
        "print(json.dumps(told))"
    )
    environment = {
        "KEPT_DATA": str(tmp_path / "data"), "KEPT_HOST": "privacy.example.com", "KEPT_BEHIND_PROXY": "1",
        "DJANGO_SETTINGS_MODULE": "kept.site.settings", "PATH": "",
    }  # fmt: skip
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=150)
    assert done.returncode == 0, done.stderr
    hsts, policy, status, location = json.loads(done.stdout)
    assert hsts == "max-age=31536000; includeSubDomains"
    assert "upgrade-insecure-requests" in policy
    assert (status, location) == (301, "https://privacy.example.com/")


@pytest.mark.django_db
def test_every_form_that_is_sent_needs_its_token(ready):
    """Each address, as the officer, without the token: refused before anything else, or not open to forms at all."""
    session, names = session_of("olga", ready), addresses()
    strict = Client(enforce_csrf_checks=True)
    strict.cookies[django_settings.SESSION_COOKIE_NAME] = session
    for route in TABLE:
        address = reverse(names[route], kwargs=EXAMPLES.get(route, lambda _: {})(ready))
        if is_for_programs(resolve(address).func):
            continue  # a session counts for nothing there
        assert strict.post(address).status_code in (403, 405), route


def test_only_doors_for_programs_are_excepted_from_the_token_and_a_session_opens_none_of_them(ready):
    """They are opened by a token or a signature that no browser sends by itself."""

    def walk(patterns):
        for pattern in patterns:
            yield from walk(pattern.url_patterns) if hasattr(pattern, "url_patterns") else [pattern.callback]

    excepted = [view for view in walk(get_resolver().url_patterns) if getattr(view, "csrf_exempt", False)]
    assert {view.__module__.rpartition(".")[0] for view in excepted} <= FOR_PROGRAMS
    session, names = session_of("olga", ready), addresses()
    for route in TABLE:
        address = reverse(names[route], kwargs=EXAMPLES.get(route, lambda _: {})(ready))
        if is_for_programs(resolve(address).func):
            assert ask("post", address, session).status_code >= 400, route


FOR_PROGRAMS = {"ninja.operation", "ninja", "kept.rights.api", "kept.rights.drp", "kept.rights.portability.views"}


def is_for_programs(view) -> bool:
    return bool(getattr(view, "csrf_exempt", False))


# Limits: the rule

rates = st.builds(Rate, st.integers(1, 50), st.timedeltas(timedelta(seconds=1), timedelta(hours=1)))


@given(rates, st.lists(st.timedeltas(timedelta(0), timedelta(minutes=10)), max_size=80))
def test_never_more_pass_than_the_amount_and_one_for_each_share_of_the_time(rate, gaps):
    at, until, passed = AT, None, []
    for gap in gaps:
        at += gap
        until, wait = take(rate, until, at)
        if wait is None:
            passed.append(at)
        else:
            assert take(rate, until, at + wait)[1] is None, "who waits as long as told gets through"
    for number, first in enumerate(passed):
        for later, last in enumerate(passed[number:], start=1):
            assert later <= rate.amount + (last - first) / rate.each + 1e-6


@given(rates)
def test_all_of_the_amount_pass_at_once_and_not_one_more(rate):
    until = None
    for _ in range(rate.amount):
        until, wait = take(rate, until, AT)
        assert wait is None
    refused, wait = take(rate, until, AT)
    assert wait is not None
    assert refused == until, "a refused try costs nothing"
    assert take(rate, give_back(rate, until), AT)[1] is None


# Limits: in the store


@pytest.mark.store
def test_many_at_once_are_counted_one_by_one(store):
    rate = Rate(5, 10 * MINUTE)
    ended = at_once(*[lambda: try_once("thing", "somebody", rate, at=AT)] * 12)
    assert ended.count(None) == 5
    assert all(isinstance(one, timedelta) for one in ended if one is not None), ended


@pytest.mark.store
def test_another_process_and_a_restart_count_on(store):
    """Nothing is remembered in the process: what one counted, the next one finds."""
    rate = Rate(2, 10 * MINUTE)
    assert try_once("thing", "a", rate, at=AT) is None
    Client()  # a new process would begin with nothing but the store
    caches["memory"].clear()
    assert try_once("thing", "a", rate, at=AT) is None
    assert try_once("thing", "a", rate, at=AT) == 5 * MINUTE
    assert try_once("thing", "b", rate, at=AT) is None
    take_back("thing", "a", rate, at=AT)
    assert try_once("thing", "a", rate, at=AT) is None
    assert try_once("thing", "a", rate, at=AT + 5 * MINUTE) is None


@pytest.mark.store
def test_no_address_and_no_account_stands_in_what_is_counted(store, client):
    client.post(
        "/account/login/", {"login": "alice@example.com", "password": "wrong wrong wrong"}, REMOTE_ADDR="203.0.113.9"
    )
    told = " ".join(f"{row.key} {row.value}" for row in Try.objects.all())
    assert told
    assert "alice" not in told
    assert "203.0.113" not in told
    assert forget_tries(at=timezone.now() + timedelta(days=1)) > 0
    assert not Try.objects.exists()


@pytest.mark.store
def test_the_cache_that_allauth_counts_in_is_the_store(store):
    cache = caches["default"]
    assert cache.add("k", 1, 60)
    assert not cache.add("k", 2, 60)
    assert cache.get("k") == 1
    cache.set("k", [1.5, 2.5], 60)
    assert cache.get("k") == [1.5, 2.5]
    assert Try.objects.filter(pk=key_of("cache", cache.make_key("k"))).exists()
    assert cache.delete("k")
    assert cache.get("k", "gone") == "gone"
    assert at_once(*[lambda: cache.add("lock", 1, 60)] * 8).count(True) == 1
    Try.objects.update(until=AT)
    assert cache.add("lock", 1, 60), "a lock whose time is over can be taken"


# Limits: on the pages


@pytest.mark.django_db
def test_guessing_at_one_account_is_stopped_from_wherever_it_comes(carol):
    for number in range(5):
        sign_in(Client(REMOTE_ADDR=f"203.0.113.{number}"), carol.email, "not the password at all")
    page = sign_in(Client(REMOTE_ADDR="198.51.100.1"), carol.email)
    assert "Too many tries" in page.content.decode()
    assert signed_in_as(Client()) is None
    other = Client(REMOTE_ADDR="198.51.100.2")
    other.post("/account/login/", {"login": "dora@example.com", "password": "x"})
    assert "Too many tries" not in other.get("/account/login/").content.decode()


@pytest.mark.django_db
def test_one_place_that_tries_many_accounts_is_stopped_with_a_page_that_says_when_to_come_back(client):
    for number in range(30):
        client.post("/account/login/", {"login": f"p{number}@example.com", "password": "x"}, REMOTE_ADDR="203.0.113.7")
    page = client.post("/account/login/", {"login": "q@example.com", "password": "x"}, REMOTE_ADDR="203.0.113.7")
    assert page.status_code == 429
    assert "Wait a minute, then try again." in page.content.decode()
    assert 0 < int(page["Retry-After"]) <= 10
    elsewhere = client.post("/account/login/", {"login": "q@example.com", "password": "x"}, REMOTE_ADDR="203.0.113.8")
    assert elsewhere.status_code == 200


@pytest.mark.django_db
def test_a_household_with_a_new_kind_of_address_is_one_place_and_reading_is_never_limited(client):
    for number in range(60):
        client.post("/privacy/ask/check/", REMOTE_ADDR=f"2001:db8:1:2::{number:x}")
    refused = client.post("/privacy/ask/check/", REMOTE_ADDR="2001:db8:1:2:ffff::1")
    assert refused.status_code == 429
    assert client.get("/privacy/ask/check/", REMOTE_ADDR="2001:db8:1:2::1").status_code == 302
    assert client.post("/privacy/ask/check/", REMOTE_ADDR="2001:db8:1:3::1").status_code == 302


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("nonsense", "nonsense"),
    ],
)
def test_where_somebody_is_counts_by_household(address, place):
    assert household(address) == place


def test_every_page_of_the_table_exists_and_every_other_form_has_a_limit():
    known = {name.rpartition(":")[2] for name in addresses().values()}
    listed = {name for names, _ in LIMITS for name in names}
    assert listed <= known
    assert limits_for("desk_approve") == EVERYTHING
    assert {"account_login", "mfa_authenticate", "ask_check", "request_fetch_code", "account_reset_password"} <= listed


# Signed-in browsers

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"


@pytest.fixture
def laptop(carol):
    client = Client(HTTP_USER_AGENT=FIREFOX, REMOTE_ADDR="203.0.113.9")
    sign_in(client, carol.email)
    return client


@pytest.fixture
def phone(carol):
    client = Client(HTTP_USER_AGENT=CHROME, REMOTE_ADDR="2001:db8:1:2::9")
    sign_in(client, carol.email)
    return client


@pytest.mark.django_db
def test_everybody_sees_where_they_are_signed_in_and_no_whole_address(laptop, phone, carol):
    page = laptop.get("/account/browsers/").content.decode()
    assert "Firefox on Linux" in page
    assert "Chrome on Windows" in page
    assert "203.0.113.0/24" in page
    assert "203.0.113.9" not in page
    assert page.count("this browser</span>") == 1
    assert not Browser.objects.filter(key_hash__in=[laptop.session.session_key, phone.session.session_key]).exists()
    assert "2 browsers" in laptop.get("/client-area/").content.decode()


@pytest.mark.django_db
def test_one_browser_is_signed_out_from_another_at_once(laptop, phone, carol):
    other = Browser.objects.get(device="Chrome on Windows")
    laptop.post(f"/account/browsers/{other.pk}/sign-out/")
    assert phone.get("/client-area/").status_code == 302
    assert laptop.get("/client-area/").status_code == 200
    entry = Entry.objects.get(kind="people.browsers_signed_out")
    assert (entry.by, entry.facts["count"]) == (str(carol.actor), 1)


@pytest.mark.django_db
def test_everywhere_else_and_everywhere_are_two_things(laptop, phone):
    laptop.post("/account/browsers/sign-out/", {"do": "others"})
    assert phone.get("/client-area/").status_code == 302
    assert laptop.get("/client-area/").status_code == 200
    laptop.post("/account/browsers/sign-out/", {"do": "everywhere"})
    assert laptop.get("/client-area/").status_code == 302
    assert not Browser.objects.exists()


@pytest.mark.django_db
def test_nobody_signs_out_or_learns_of_somebody_elses_browser(laptop, alice, client):
    client.force_login(alice)
    mine = Browser.objects.get(device="Firefox on Linux")
    assert client.post(f"/account/browsers/{mine.pk}/sign-out/").status_code == 404
    assert "Firefox on Linux" not in client.get("/account/browsers/").content.decode()
    assert laptop.get("/client-area/").status_code == 200


@pytest.mark.django_db
def test_signing_out_and_a_new_password_take_browsers_off_the_list(laptop, phone, carol):
    phone.post("/account/logout/")
    assert Browser.objects.count() == 1
    laptop.post("/account/password/change/", {"oldpassword": PHRASE, "password1": "nine loud magpies argue"})
    assert laptop.get("/client-area/").status_code == 200
    assert Browser.objects.count() == 1


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox on Linux"),
        (CHROME, "Chrome on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) AppleWebKit Version/18.0 Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Macintosh) AppleWebKit Chrome/140 Safari/537 Edg/140", "Edge on Mac"),
        ("curl/8.0", "curl"),
        ("<script>", "An unknown browser"),
        (None, "An unknown browser"),
    ],
)  # fmt: skip
def test_a_browser_is_called_as_its_owner_knows_it(agent, words):
    assert device_words(agent) == words


@given(st.one_of(st.ip_addresses().map(str), st.text(max_size=40)))
def test_a_place_never_holds_the_whole_address(address):
    words = place_words(address)
    assert words in ("this machine", "unknown") or re.search(r"/(24|48)$", words)
    assert len(words) <= 50


# Asking again


def make_old(client: Client, minutes: int) -> None:
    session = client.session
    records = session["account_authentication_methods"]
    session["account_authentication_methods"] = [one | {"at": one["at"] - 60 * minutes} for one in records]
    session.save()


@pytest.mark.store
def test_a_dangerous_act_asks_again_and_goes_on_by_itself(house, settings):
    """The officer's form waits while they show who they are, and is then carried out."""
    from allauth.account.models import EmailAddress

    settings.DEMO = False
    account = Account.objects.create_user("petra@example.com", PHRASE, role="privacy_officer")
    EmailAddress.objects.create(user=account, email=account.email, verified=True, primary=True)
    client = Client()
    sign_in(client, account.email)
    secret = set_up_app(client)
    case = house.reviewed("access", "alice@example.com")
    make_old(client, 11)
    page = client.get(f"/desk/{case.pk}/")
    assert page.status_code == 200, "reading is not asked about"
    sent = client.post(f"/desk/{case.pk}/approve/", {"seen": page.context["found"]})
    assert sent.status_code == 302
    assert sent["Location"].startswith("/account/2fa/reauthenticate/"), "the password alone would not do"
    assert house.now(case).state == Case.State.REVIEW
    again = client.post(sent["Location"], {"code": code_of(secret, 1)}, follow=True)
    assert again.redirect_chain[-1][0] == f"/desk/{case.pk}/"
    assert house.now(case).state != Case.State.REVIEW
    assert house.now(case).approved_by == str(account.actor)


@pytest.mark.django_db
def test_what_is_dangerous_asks_again():
    """Each address of this list has the guard and no other has; a form sent late is held, whatever it says."""
    every = flat(get_resolver().url_patterns)
    assert {pattern.name for pattern in every if unwrapped(pattern.callback, "steps_up")} == {
        "automated_decide", "automated_rule_approve", "automated_rule_end", "desk_approve", "desk_bundle_file",
        "desk_complaint_decide", "desk_confirm", "desk_corrections", "desk_enquiry_write", "desk_evidence", "desk_join",
        "desk_left", "desk_refuse_because", "desk_remains", "desk_revoke", "desk_settle", "paper_file",
        "proof_ask_document", "proof_missing", "security_agent_add", "security_agent_end", "security_app_add",
        "security_app_revoke", "security_approval", "security_breach_close", "security_staff", "security_staff_end",
    }  # fmt: skip


def flat(patterns):
    for pattern in patterns:
        yield from flat(pattern.url_patterns) if hasattr(pattern, "url_patterns") else [pattern]


def unwrapped(view, mark: str) -> bool:
    while view is not None:
        if getattr(view, mark, False):
            return True
        view = getattr(view, "__wrapped__", None)
    return False


@pytest.mark.django_db
def test_a_password_is_asked_again_where_there_is_no_second_factor(rf, carol):
    from kept.people.step_up import is_fresh

    client = Client()
    sign_in(client, carol.email)
    request = rf.get("/")
    request.user, request.session = carol, client.session
    now = timezone.now().timestamp()
    assert is_fresh(request, now)
    assert not is_fresh(request, now + 601)


# For machines


@pytest.mark.django_db
def test_security_txt_expires_within_the_year_at_whatever_day_it_is_read(client):
    import time_machine

    for day in ("2026-11-22", "2028-02-29", "2031-12-31"):
        with time_machine.travel(f"{day}T12:00:00Z", tick=False):
            lines = client.get("/.well-known/security.txt").content.decode().splitlines()
            expires = [line.partition(": ")[2] for line in lines if line.startswith("Expires: ")]
            assert len(expires) == 1
            ahead = datetime.strptime(expires[0], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC) - timezone.now()
            assert timedelta(days=30) < ahead < timedelta(days=365)
