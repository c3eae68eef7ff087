"""Every address of the site, as every role and as nobody.

A new page does not pass before it stands in TABLE. A row says what each of the cast gets for a GET (or for an empty
POST, where METHODS says so). An address about somebody's own things is asked for Alice's: EXAMPLES makes them.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone
from letters import letter

from kept.collection.mail.actions import mail_read, take_in
from kept.collection.mail.models import MailItem
from kept.collection.mail.reading import read
from kept.information.models import System
from kept.people.models import Account, Browser
from kept.policy.actions import running_version
from kept.policy.models import Notice
from kept.post.models import Message
from kept.rights.actions import open_case
from kept.rights.models import Case, Package, SystemAnswer
from kept.security.approvals.actions import ask as ask_for
from kept.security.breaches.actions import report_breach
from kept.security.controls.actions import add_control
from kept.security.ledger import sequence_entries
from kept.security.models import Breach, Control, Entry
from kept.security.reading import log_read
from kept.terms import Actor

pytestmark = pytest.mark.django_db

WHO = ("nobody", "alice", "bob", "sam", "olga", "erik", "aino")
STAFF = ("sam", "olga", "erik", "aino")
Answer = int | str  # a status; or a path: the redirect leads there
Row = dict[str, Answer]


def everybody(answer: Answer = 200) -> Row:
    return dict.fromkeys(WHO, answer)


def signed_in(answer: Answer = 200) -> Row:
    return everybody(answer) | {"nobody": "/account/login/?next="}


def visitors(answer: Answer = 200) -> Row:
    """Who is signed in has no use for it, and is led to the client area."""
    return everybody("/client-area/") | {"nobody": answer}


def only(*names: str, nobody: Answer = "/account/login/?next=") -> Row:
    """For others it is absent."""
    return everybody(404) | {"nobody": nobody} | dict.fromkeys(names, 200)


TABLE: dict[str, Row] = {
    "": everybody(),
    "client-area/": signed_in(),
    "policy/": everybody(),
    "policy/one-screen/": everybody(),
    "policy/one-line-each/": everybody(),
    "policy/laws/": everybody(),
    "policy/versions/": everybody(),
    "policy/versions/<int:number>/": everybody(),
    "policy/<str:clause_id>/": everybody(),
    "policy/<str:clause_id>/looks.csv": everybody(),
    "client-area/policy/": signed_in(),
    "client-area/policy/<int:number>/read/": only() | {"alice": "/client-area/policy/"},
    "desk/promises/": only("olga", "erik", "aino"),
    "desk/promises/notices/": only("olga", "erik", "aino"),
    "desk/promises/look/": only() | dict.fromkeys(("olga", "erik", "aino"), "/desk/promises/"),
    "desk/promises/<str:clause_id>/look/": only() | dict.fromkeys(("olga", "erik", "aino"), "/policy/5.1/"),
    "ledger/": everybody(),
    "ledger/checkpoint": everybody(404),  # nothing is signed yet
    "ledger/consistency/<int:first>/<int:second>": everybody(404),
    "ledger/kept_verify.py": everybody(),
    "outbox/": everybody(404),
    "outbox/<uuid:message_id>/": everybody(404),
    "outbox/<uuid:message_id>/html/": everybody(404),
    "healthz": everybody(),
    ".well-known/security.txt": everybody(),
    ".well-known/change-password": everybody("/account/password/change/"),
    # Requests. Alice has one, an erasure that waits for its second confirmation; nobody is told of it but her.
    "privacy/": everybody(),
    "privacy/ask/": everybody(),
    "privacy/ask/you/": everybody("/privacy/ask/"),  # the right comes first
    "privacy/ask/check/": everybody("/privacy/ask/"),
    "privacy/ask/code/": everybody("/privacy/"),
    "privacy/ask/code/again/": everybody("/privacy/"),
    "requests/": signed_in(),
    "requests/<str:key>/": only("alice", nobody=404),
    "requests/<str:key>/progress/": only("alice", nobody=404),
    "requests/<str:key>/code/": only(nobody=404) | {"alice": "/requests/"},
    "requests/<str:key>/withdraw/": only("alice", nobody=404),
    "requests/<str:key>/receipts/<int:number>/": only("alice", nobody=404),
    "requests/<str:key>/file/<uuid:package_id>/": only("alice", nobody=404),
    "requests/<str:key>/file/<uuid:package_id>/code/": only(nobody=404) | {"alice": "/requests/"},
    "requests/<str:key>/file/<uuid:package_id>/revoke/": only("alice", nobody=404),
    "desk/": only("olga", "aino"),
    "desk/<uuid:case_id>/": only("olga", "aino"),
    "desk/<uuid:case_id>/part/": only("olga", "aino"),
    "desk/<uuid:case_id>/receipts/<int:number>/": only("olga", "aino"),
    "desk/<uuid:case_id>/dry-run/": only("olga", "aino"),
    "desk/<uuid:case_id>/approve/": only() | {"olga": "/desk/"},
    "desk/<uuid:case_id>/confirm/": only("olga"),
    "desk/<uuid:case_id>/extend/": only("olga"),
    "desk/<uuid:case_id>/return/": only() | {"olga": "/desk/"},
    "desk/<uuid:case_id>/accounts/<slug:system>/": only() | {"olga": "/desk/"},
    "desk/<uuid:case_id>/remains/<slug:system>/": only("olga"),
    "desk/<uuid:case_id>/rows/<slug:system>/<str:table>/": only("olga"),
    "desk/file/<uuid:package_id>/": only("olga"),
    "desk/inbox/": only("sam", "olga"),
    "desk/inbox/<uuid:mail_id>/": only("sam", "olga"),
    "desk/inbox/<uuid:mail_id>/add/": only() | dict.fromkeys(("sam", "olga"), 422),
    "desk/inbox/<uuid:mail_id>/settle/": only() | dict.fromkeys(("sam", "olga"), "/desk/inbox/"),
    "desk/inbox/items/<uuid:item_id>/": only() | dict.fromkeys(("sam", "olga"), 422),
    # Security
    "client-area/who-looked/": signed_in(),
    "security/": only("olga", "erik", "aino"),
    "security/approvals/": only("olga", "erik", "aino"),
    "security/approvals/<uuid:approval_id>/": only("olga", "aino"),
    "security/access-log/": only("olga", "aino"),
    "security/access-log/<uuid:read_id>/": only("olga", "aino"),
    "security/entries/": only("olga", "aino"),
    "security/entries/<int:number>/": only("olga", "aino"),
    "security/backups/": only("olga", "erik", "aino"),
    "security/controls/": only("olga", "erik", "aino"),
    "security/controls/add/": only("olga", "erik"),
    "security/controls/usual/": only() | {"olga": "/security/controls/", "erik": "/security/controls/"},
    "security/controls/<uuid:control_id>/": only("olga", "erik", "aino"),
    "security/breaches/": only("olga", "erik", "aino", "sam"),
    "security/breaches/report/": only("olga", "erik", "sam"),
    "security/breaches/<uuid:breach_id>/": only("olga", "aino"),
    "security/breaches/<uuid:breach_id>/facts/": only("olga"),
    "security/breaches/<uuid:breach_id>/count/": only() | {"olga": "/security/breaches/"},
    "security/breaches/<uuid:breach_id>/close/": only() | {"olga": "/security/breaches/"},
    "security/breaches/<uuid:breach_id>/notice/<slug:to>/": only("olga"),
    "security/staff/": only("olga", "erik", "aino"),
    "security/staff/<uuid:account_id>/end/": only() | {"erik": "/security/staff/"},
    # Accounts
    "account/browsers/": signed_in(),
    "account/browsers/sign-out/": signed_in("/account/browsers/"),
    "account/browsers/<uuid:browser_id>/sign-out/": only() | {"alice": "/account/browsers/"},
    "account/name/": signed_in(),
    "account/login/": visitors(),
    "account/passkey/": visitors(),
    "account/signup/": visitors(),
    "account/logout/": everybody() | {"nobody": "/"},
    "account/inactive/": everybody(),
    "account/reauthenticate/": signed_in(),
    "account/email/": signed_in(),
    "account/confirm-email/": everybody("/account/email/") | {"nobody": "/account/login/"},
    "account/login/code/confirm/": everybody("/client-area/") | {"nobody": "/account/login/"},
    "account/password/change/": signed_in(),
    "account/password/set/": signed_in("/account/password/change/"),
    "account/password/reset/": everybody(),
    "account/password/reset/confirm/": everybody("/account/login/"),
    "account/password/reset/complete/": everybody("/account/password/reset/"),
    "account/password/reset/done/": everybody(),
    # The second step
    "account/2fa/": signed_in(),
    "account/2fa/authenticate/": everybody("/client-area/") | {"nobody": "/account/login/"},
    "account/2fa/reauthenticate/": signed_in(),
    "account/2fa/totp/activate/": signed_in("/account/2fa/totp/deactivate/"),
    "account/2fa/totp/deactivate/": signed_in(),
    "account/2fa/recovery-codes/": signed_in(),
    "account/2fa/recovery-codes/generate/": signed_in(),
    "account/2fa/recovery-codes/download/": signed_in(),
    "account/2fa/webauthn/": signed_in(),
    "account/2fa/webauthn/add/": signed_in(),
    "account/2fa/webauthn/login/": visitors("/account/login/"),
    "account/2fa/webauthn/reauthenticate/": signed_in("/account/reauthenticate/") | {"alice": 200},
    "account/2fa/webauthn/keys/<int:pk>/edit/": only("alice"),
    "account/2fa/webauthn/keys/<int:pk>/remove/": only("alice"),
}
# What is different in the demo.
DEMO_TABLE: dict[str, Row] = {
    "outbox/": everybody(),
    "outbox/<uuid:message_id>/": everybody(),
    "outbox/<uuid:message_id>/html/": everybody(),
    "demo/sign-in/": everybody(404),  # with no name given
}
METHODS = {
    "demo/sign-in/": "post",
    "client-area/policy/<int:number>/read/": "post",
    "privacy/ask/code/again/": "post",
    "requests/<str:key>/code/": "post",
    "requests/<str:key>/file/<uuid:package_id>/code/": "post",
    "desk/<uuid:case_id>/approve/": "post",
    "desk/promises/look/": "post",
    "desk/inbox/<uuid:mail_id>/add/": "post",
    "desk/inbox/<uuid:mail_id>/settle/": "post",
    "desk/inbox/items/<uuid:item_id>/": "post",
    "desk/promises/<str:clause_id>/look/": "post",
    "desk/<uuid:case_id>/return/": "post",
    "security/controls/usual/": "post",
    "security/breaches/<uuid:breach_id>/count/": "post",
    "security/breaches/<uuid:breach_id>/close/": "post",
    "security/staff/<uuid:account_id>/end/": "post",
    "account/browsers/sign-out/": "post",
    "account/browsers/<uuid:browser_id>/sign-out/": "post",
}


def a_message(_: dict[str, Account]) -> dict[str, object]:
    at = datetime(2026, 3, 2, tzinfo=UTC)
    mail = Message.objects.create(to="x@example.com", subject="s", text="t", html="<p>t</p>", written_at=at)
    return {"message_id": mail.pk}


def alices_passkey(cast: dict[str, Account]) -> dict[str, object]:
    return {"pk": Authenticator.objects.get(user=cast["alice"], type="webauthn").pk}


def alices_case(cast: dict[str, Account]) -> Case:
    """Made once: an erasure, searched in one system and approved, with a file that can be fetched."""
    case = Case.objects.filter(account=cast["alice"]).first()
    if case is None:
        alice, at = cast["alice"], timezone.now()
        case = open_case("erasure", alice.email, account=alice, channel="client_area", by=alice.actor, at=at).case
        case.answers.all().delete()
        system = System.objects.create(
            name="billing", title="Billing", address="sqlite:///nowhere", pack="demo-billing", added_at=at
        )
        SystemAnswer.objects.create(case=case, system=system, state="found", searched_at=at)
        Package.objects.create(
            case=case, file="a.zip", sha256="0" * 64, size=1, made_at=at, expires_at=at + timedelta(days=7)
        )
        Case.objects.filter(pk=case.pk).update(state="approved", approved_at=at, approved_by=str(cast["olga"].actor))
    return case


def followed(cast: dict[str, Account]) -> dict[str, object]:
    return {"key": str(alices_case(cast).pk)}


def fetched(cast: dict[str, Account]) -> dict[str, object]:
    return followed(cast) | {"package_id": alices_case(cast).packages.get().pk}


def on_desk(cast: dict[str, Account]) -> dict[str, object]:
    return {"case_id": alices_case(cast).pk}


def numbered(cast: dict[str, Account]) -> dict[str, object]:
    """The first entry of Alice's case, once it has its number."""
    case = alices_case(cast)
    sequence_entries()
    entry = Entry.objects.filter(about=f"rights.case:{case.pk}", kind="rights.case_opened").get()
    return {"number": entry.index}


def in_billing(cast: dict[str, Account]) -> dict[str, object]:
    return on_desk(cast) | {"system": "billing"}


def a_mail(cast: dict[str, Account]) -> dict[str, object]:
    """One that asks for what no rule may open by itself."""
    raw = letter("Please correct my address.")
    found = take_in(raw, door="hand", by=Actor.kept(), at=timezone.now()).mail
    if found.state == "waiting":
        mail_read(found, read(found, raw), by=Actor.kept(), at=timezone.now())
        found.items.update(state="proposed")
    return {"mail_id": found.pk}


def an_item(cast: dict[str, Account]) -> dict[str, object]:
    return {"item_id": MailItem.objects.get(mail=a_mail(cast)["mail_id"]).pk}


def an_approval(cast: dict[str, Account]) -> dict[str, object]:
    at, case = timezone.now(), alices_case(cast)
    with override_settings(TWO_PERSONS=frozenset({"erasure"})):
        asked = ask_for("rights.confirm_erasure", case, "Erasure", by=cast["olga"].actor, at=at)
    return {"approval_id": asked.pk}


def an_unusual_look(cast: dict[str, Account]) -> dict[str, object]:
    with transaction.atomic():
        look = log_read("account", "question", person=cast["alice"].pk, by=cast["sam"].actor, at=timezone.now())
    return {"read_id": look.pk}


def a_control(cast: dict[str, Account]) -> dict[str, object]:
    found = Control.objects.first() or add_control(
        "Locks", "physical", "Doors are locked.", "Operations", 30, by=cast["erik"].actor, at=timezone.now()
    )
    return {"control_id": found.pk}


def a_breach(cast: dict[str, Account]) -> dict[str, object]:
    at = timezone.now()
    found = Breach.objects.first() or report_breach(
        "A list was lost", "Left in a train.", at, by=cast["sam"].actor, at=at
    )
    return {"breach_id": found.pk}


def alices_notice(cast: dict[str, Account]) -> dict[str, object]:
    version = running_version(by=Actor.kept(), at=timezone.now())
    notice = {"before": version, "queued_at": timezone.now()}
    Notice.objects.get_or_create(account=cast["alice"], version=version, defaults=notice)
    return {"number": version.pk}


def alices_browser(cast: dict[str, Account]) -> dict[str, object]:
    at = timezone.now()
    found = Browser.objects.filter(account=cast["alice"]).first() or Browser.objects.create(
        account=cast["alice"], key_hash="0" * 64, device="Firefox", place="this machine", signed_in_at=at,
        last_seen_at=at, ends_at=at + timedelta(hours=1),
    )  # fmt: skip
    return {"browser_id": found.pk}


EXAMPLES: dict[str, Callable[[dict[str, Account]], dict[str, object]]] = {
    "policy/versions/<int:number>/": lambda _: {"number": running_version(by=Actor.kept(), at=timezone.now()).pk},
    "client-area/policy/<int:number>/read/": alices_notice,
    "policy/<str:clause_id>/": lambda _: {"clause_id": "1.1"},
    "policy/<str:clause_id>/looks.csv": lambda _: {"clause_id": "1.1"},
    "desk/promises/<str:clause_id>/look/": lambda _: {"clause_id": "5.1"},
    "ledger/consistency/<int:first>/<int:second>": lambda _: {"first": 1, "second": 2},
    "outbox/<uuid:message_id>/": a_message,
    "outbox/<uuid:message_id>/html/": a_message,
    "requests/<str:key>/": followed,
    "requests/<str:key>/progress/": followed,
    "requests/<str:key>/code/": followed,
    "requests/<str:key>/withdraw/": followed,
    "requests/<str:key>/receipts/<int:number>/": lambda cast: followed(cast) | numbered(cast),
    "requests/<str:key>/file/<uuid:package_id>/": fetched,
    "requests/<str:key>/file/<uuid:package_id>/code/": fetched,
    "requests/<str:key>/file/<uuid:package_id>/revoke/": fetched,
    "desk/inbox/<uuid:mail_id>/": a_mail,
    "desk/inbox/<uuid:mail_id>/add/": a_mail,
    "desk/inbox/<uuid:mail_id>/settle/": a_mail,
    "desk/inbox/items/<uuid:item_id>/": an_item,
    "desk/<uuid:case_id>/": on_desk,
    "desk/<uuid:case_id>/part/": on_desk,
    "desk/<uuid:case_id>/receipts/<int:number>/": lambda cast: on_desk(cast) | numbered(cast),
    "desk/<uuid:case_id>/dry-run/": on_desk,
    "desk/<uuid:case_id>/approve/": on_desk,
    "desk/<uuid:case_id>/confirm/": on_desk,
    "desk/<uuid:case_id>/extend/": on_desk,
    "desk/<uuid:case_id>/return/": on_desk,
    "desk/<uuid:case_id>/accounts/<slug:system>/": in_billing,
    "desk/<uuid:case_id>/remains/<slug:system>/": in_billing,
    "desk/<uuid:case_id>/rows/<slug:system>/<str:table>/": lambda cast: in_billing(cast) | {"table": "client"},
    "desk/file/<uuid:package_id>/": lambda cast: {"package_id": fetched(cast)["package_id"]},
    "security/approvals/<uuid:approval_id>/": an_approval,
    "security/access-log/<uuid:read_id>/": an_unusual_look,
    "security/entries/<int:number>/": numbered,
    "security/controls/<uuid:control_id>/": a_control,
    "security/breaches/<uuid:breach_id>/": a_breach,
    "security/breaches/<uuid:breach_id>/facts/": a_breach,
    "security/breaches/<uuid:breach_id>/count/": a_breach,
    "security/breaches/<uuid:breach_id>/close/": a_breach,
    "security/breaches/<uuid:breach_id>/notice/<slug:to>/": lambda cast: a_breach(cast) | {"to": "authority"},
    "security/staff/<uuid:account_id>/end/": lambda cast: {"account_id": cast["sam"].pk},
    "account/browsers/<uuid:browser_id>/sign-out/": alices_browser,
    "account/2fa/webauthn/keys/<int:pk>/edit/": alices_passkey,
    "account/2fa/webauthn/keys/<int:pk>/remove/": alices_passkey,
}


def addresses() -> dict[str, str]:
    """Every route with the name it is reversed by."""
    return dict(_addresses(get_resolver().url_patterns, "", ""))


def _addresses(patterns: list, before: str, space: str) -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield route, f"{space}{pattern.name}"
        else:
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _addresses(pattern.url_patterns, route, inner)


@pytest.fixture
def ready(cast: dict[str, Account]) -> dict[str, Account]:
    """The cast, each with a password, an app and recovery codes; Alice has a passkey too."""
    Account.objects.update(password=make_password("seven quiet herons wade"))
    for account in cast.values():
        TOTP.activate(account, generate_totp_secret())
        RecoveryCodes.activate(account)
    passkey = json.loads((Path(__file__).parent / "passkey.json").read_text())
    Authenticator.objects.create(user=cast["alice"], type="webauthn", data=passkey)
    return {name: Account.objects.get(pk=account.pk) for name, account in cast.items()}


def session_of(who: str, cast: dict[str, Account]) -> str:
    """The session of one of the cast, signed in a moment ago with a password and a second factor."""
    client = Client()
    if who == "nobody":
        return ""
    client.force_login(cast[who])
    session = client.session
    session["account_authentication_methods"] = [
        {"method": "mfa", "at": time.time()},
        {"method": "password", "at": time.time(), "reauthenticated": True},
    ]
    session["account_authentication_methods_user"] = str(cast[who].pk)
    session.save()
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def ask(method: str, address: str, session: str) -> HttpResponse:
    """One answer; what it changed is undone."""
    client = Client(raise_request_exception=False)
    if session:
        client.cookies[settings.SESSION_COOKIE_NAME] = session
    with transaction.atomic():
        answer = getattr(client, method)(address)
        transaction.set_rollback(True)
    return answer


def told(answer: HttpResponse) -> Answer:
    return answer["Location"] if answer.status_code == 302 else answer.status_code


def fits(expected: Answer, answer: Answer) -> bool:
    if isinstance(expected, str):
        return isinstance(answer, str) and answer.startswith(expected)
    return answer == expected


def walk(who: str, table: dict[str, Row], cast: dict[str, Account]) -> dict[str, tuple[Answer, Answer]]:
    """What the table says and what the site does, where they differ. An empty form breaks and opens nothing."""
    names, session, wrong = addresses(), session_of(who, cast), {}
    for route, row in table.items():
        address = reverse(names[route], kwargs=EXAMPLES.get(route, lambda _: {})(cast))
        method, expected = METHODS.get(route, "get"), row[who]
        answer = told(ask(method, address, session))
        if not fits(expected, answer):
            wrong[f"{method} {route}"] = (expected, answer)
        sent = told(ask("post", address, session))
        closed = expected == 404 or (isinstance(expected, str) and expected.startswith("/account/login/?"))
        if sent == 500 or (closed and sent == 200):
            wrong[f"post {route}"] = (expected, sent)
    return wrong


def test_every_address_stands_in_the_table():
    assert set(addresses()) == set(TABLE)


def test_every_address_of_the_demo_stands_in_its_table(demo):
    assert set(addresses()) == set(TABLE) | set(DEMO_TABLE)


@pytest.mark.parametrize("who", WHO)
def test_everybody_gets_what_the_table_says(who, ready):
    assert walk(who, TABLE, ready) == {}


@pytest.mark.parametrize("who", WHO)
def test_in_the_demo_everybody_reads_the_outbox_and_nothing_else_is_opened(who, ready, demo):
    assert walk(who, DEMO_TABLE, ready) == {}
    session, names = session_of(who, ready), addresses()
    for route, row in TABLE.items():
        if route not in DEMO_TABLE and row[who] == 404:
            address = reverse(names[route], kwargs=EXAMPLES.get(route, lambda _: {})(ready))
            assert told(ask(METHODS.get(route, "get"), address, session)) == 404, route


@pytest.mark.parametrize("who", WHO)
def test_what_does_not_exist_is_absent_for_everybody(who, ready, demo):
    session, names = session_of(who, ready), addresses()
    for route, example in EXAMPLES.items():
        guessed = {key: absent(value) for key, value in example(ready).items()}
        answer = told(ask(METHODS.get(route, "get"), reverse(names[route], kwargs=guessed), session))
        assert answer == 404 or (who == "nobody" and fits("/account/login/?next=", answer)), route


def absent(value: object) -> object:
    return uuid.uuid4() if isinstance(value, uuid.UUID) else 987_654


def test_staff_without_a_second_factor_get_no_page_but_the_one_to_set_it_up(cast):
    may = ("account/2fa/", "account/logout/", "account/reauthenticate/", "healthz")
    names = addresses()
    for who in STAFF:
        session = session_of(who, cast)
        for route in TABLE:
            if not route.startswith(may) and "<" not in route:
                answer = told(ask(METHODS.get(route, "get"), reverse(names[route]), session))
                assert answer == "/account/2fa/", f"{who} {route}"
