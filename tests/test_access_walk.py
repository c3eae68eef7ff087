"""Every address of the site, as every role and as nobody.

A new page does not pass before it stands in TABLE. A row says what each of the cast gets for a GET (or for an empty
POST, where METHODS says so). An address about somebody's own things is asked for Alice's: EXAMPLES makes them.
"""

from __future__ import annotations

import io
import json
import time
import uuid
from base64 import b64encode
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
from paper import PNG

from kept.collection.calls.actions import register_call
from kept.collection.calls.models import Call
from kept.collection.letters.actions import register_letter
from kept.collection.letters.models import Letter
from kept.collection.mail.actions import mail_read, take_in
from kept.collection.mail.models import MailItem
from kept.collection.mail.reading import read
from kept.complaints.actions import (
    Upload,
    ask_for_bundle,
    open_complaint,
    record_enquiry,
    verify_contact,
    write_answer,
)
from kept.complaints.models import Bundle, Complaint, Enquiry, EnquiryAnswer
from kept.information.models import System
from kept.people.codes import token_hash, token_of
from kept.people.matters import matter_of
from kept.people.models import Account, Browser
from kept.policy.actions import running_version
from kept.policy.models import Notice
from kept.post.models import Message
from kept.rights.actions import Acting, Said, ask_for_document, keep_document, open_case, register
from kept.rights.alerts.access import LINK as ALERT_LINK
from kept.rights.alerts.models import Alert
from kept.rights.api.actions import add_client
from kept.rights.api.models import Client as ApiClient
from kept.rights.api.models import Opening
from kept.rights.api.scopes import SCOPES
from kept.rights.automated.models import Decision, Rule
from kept.rights.drp.access import link_hash, link_of
from kept.rights.drp.actions import add_agent
from kept.rights.drp.models import Agent, AgentRequest
from kept.rights.exemptions.models import Exemption
from kept.rights.messages.models import CaseFile, CaseMessage
from kept.rights.models import Case, Package, SystemAnswer
from kept.rights.packages import folder
from kept.rights.portability.access import LINK
from kept.rights.portability.actions import announced
from kept.rights.portability.models import Import
from kept.rights.portability.rules import Announced
from kept.rights.preserved.actions import begin_preserving
from kept.rights.reach.models import PaperLetter
from kept.rights.recipients.access import known_recipients
from kept.rights.recipients.models import Telling
from kept.rights.redaction.models import TextReview
from kept.rights.refusals.actions import propose
from kept.rights.stopping.models import KeptMark
from kept.security.approvals.actions import ask as ask_for
from kept.security.breaches.actions import report_breach
from kept.security.controls.actions import add_control
from kept.security.ledger import sequence_entries
from kept.security.models import Breach, Control, Entry
from kept.security.reading import log_read
from kept.security.sealed_files import seal_file
from kept.security.uploads import keep
from kept.site.demo.decisions import load_decisions
from kept.terms import Actor
from kept.use.models import Objection

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
    "privacy/ask/more/": everybody("/privacy/ask/"),  # the right comes first
    "privacy/ask/you/": everybody("/privacy/ask/"),
    "privacy/ask/for-another/": everybody("/privacy/ask/"),
    "privacy/ask/check/": everybody("/privacy/ask/"),
    "privacy/ask/code/": everybody("/privacy/"),
    "privacy/ask/code/again/": everybody("/privacy/"),
    "automated-decisions/": everybody(),
    "portability/": everybody(),
    ".well-known/kept-portability.json": everybody(),
    "schemas/kept-portability-1.json": everybody(),
    "portability/in/": everybody(403),  # nothing is taken in by default
    "portability/in/<str:sha256>/": everybody(403),
    "portability/in/<str:sha256>/<int:offset>/": everybody(403),
    "brought/<str:key>/": everybody(),  # whoever has the link: it asks for a code
    "brought/<str:key>/code/": everybody("/brought/"),
    "brought/<str:key>/decline/": everybody("/brought/"),
    "requests/<str:key>/send/": only(nobody=404) | {"alice": "/requests/"},  # nothing was asked to be sent
    "requests/<str:key>/send/code/": only(nobody=404) | {"alice": "/requests/"},
    "requests/": signed_in(),
    "requests/<str:key>/": only("alice", nobody=404),
    "requests/<str:key>/progress/": only("alice", nobody=404),
    "requests/<str:key>/code/": only(nobody=404) | {"alice": "/requests/"},
    "requests/<str:key>/withdraw/": only("alice", nobody=404),
    "requests/<str:key>/messages/": only("alice", nobody=404),
    "requests/<str:key>/messages/code/": only(nobody=404) | {"alice": "/requests/"},
    "requests/<str:key>/objections/<uuid:objection_id>/": only("alice", nobody=404),
    "requests/<str:key>/answer/": only(nobody=404) | {"alice": "/requests/"},  # nothing was asked
    "requests/<str:key>/new-address/": only("alice", nobody=404),
    "requests/<str:key>/new-address/code/": only(nobody=404) | {"alice": "/requests/"},
    "requests/<str:key>/receipts/<int:number>/": only("alice", nobody=404),
    "requests/<str:key>/document/": only(nobody=404) | {"alice": "/requests/"},
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
    "desk/<uuid:case_id>/corrections/": only("olga"),
    "desk/<uuid:case_id>/left/<slug:system>/": only("olga"),
    "desk/<uuid:case_id>/extend/": only("olga"),
    "desk/<uuid:case_id>/ask/": only() | {"olga": "/desk/"},  # it is approved already
    "desk/<uuid:case_id>/answer-came/": only() | {"olga": "/desk/"},
    "desk/<uuid:case_id>/give-up/": only() | {"olga": "/desk/"},
    "desk/<uuid:case_id>/law/": only("olga"),
    "desk/<uuid:case_id>/language/": only("olga"),
    "desk/<uuid:case_id>/left-out/<uuid:exemption_id>/": only() | {"olga": "/desk/"},
    "desk/<uuid:case_id>/leave-out/<slug:system>/<str:table>/": only() | {"olga": "/desk/"},  # it is approved already
    "desk/<uuid:case_id>/refuse/": only("olga"),
    "desk/<uuid:case_id>/refuse/<slug:ground>/": only("olga"),
    "desk/<uuid:case_id>/refusal/": only("olga", "aino"),
    "desk/recipients/": only("olga"),
    "desk/recipients/<slug:key>/": only("olga"),
    "desk/<uuid:case_id>/recipients/<uuid:telling_id>/": only("olga"),
    "desk/<uuid:case_id>/preserved/": only("olga"),
    "desk/<uuid:case_id>/messages/": only("olga"),
    "desk/<uuid:case_id>/messages/<uuid:file_id>/": only("olga"),
    "desk/<uuid:case_id>/assign/": only() | {"olga": "/desk/"},
    "desk/<uuid:case_id>/hold/": only("olga"),
    "desk/overview/": only("olga", "aino"),
    "desk/overview/<slug:name>.csv": only("olga", "aino"),
    "privacy/statistics/": everybody(),
    "privacy/statistics/requests.csv": everybody(),
    "desk/find/": only() | {"olga": "/desk/"},
    "desk/<uuid:case_id>/return/": only() | {"olga": "/desk/"},
    "desk/<uuid:case_id>/join/": only() | {"olga": "/desk/"},
    "desk/<uuid:case_id>/apart/": only() | {"olga": "/desk/"},
    "desk/<uuid:case_id>/not-theirs/": only() | {"olga": "/desk/"},  # nobody says so of Alice's
    "not-me/<str:token>/": everybody(),
    "desk/<uuid:case_id>/accounts/<slug:system>/": only() | {"olga": "/desk/"},
    "desk/<uuid:case_id>/remains/<slug:system>/": only("olga"),
    "desk/<uuid:case_id>/texts/": only("olga"),
    "desk/<uuid:case_id>/texts/<uuid:review_id>/": only("olga"),
    "desk/<uuid:case_id>/rows/<slug:system>/<str:table>/": only("olga"),
    "desk/file/<uuid:package_id>/": only("olga"),
    "desk/brought/": only("sam", "olga", "aino"),
    "desk/brought/<uuid:import_id>/": only("sam", "olga"),
    "desk/decision-rules/": only("olga", "erik", "aino"),
    "desk/decision-rules/add/": only("erik"),
    "desk/decision-rules/<uuid:rule_id>/": only("olga", "erik", "aino"),
    "desk/decision-rules/<uuid:rule_id>/change/": only("erik"),
    "desk/decision-rules/<uuid:rule_id>/end/": only() | dict.fromkeys(("olga", "erik"), "/desk/decision-rules/"),
    "desk/decision-rules/<uuid:rule_id>/<int:number>/approve/": only() | {"olga": "/desk/decision-rules/"},
    "desk/<uuid:case_id>/decisions/": only("olga", "aino"),
    "desk/<uuid:case_id>/decisions/<uuid:decision_id>/": only("olga"),
    "desk/<uuid:case_id>/said/": only("olga"),
    "desk/<uuid:case_id>/by-hand/<slug:system>/": only("olga"),
    "desk/<uuid:case_id>/end-of-pause/": only("olga"),
    "desk/<uuid:case_id>/end-of-pause/call-off/": only() | {"olga": "/desk/"},
    "desk/may-we-use/": only("sam", "olga"),
    "desk/inbox/<uuid:mail_id>/ground/": only() | dict.fromkeys(("sam", "olga"), 422),
    "desk/inbox/": only("sam", "olga"),
    "desk/inbox/<uuid:mail_id>/": only("sam", "olga"),
    "desk/inbox/<uuid:mail_id>/add/": only() | dict.fromkeys(("sam", "olga"), 422),
    "desk/inbox/<uuid:mail_id>/settle/": only() | dict.fromkeys(("sam", "olga"), "/desk/inbox/"),
    "desk/inbox/items/<uuid:item_id>/": only() | dict.fromkeys(("sam", "olga"), 422),
    # Complaints. Alice has one, with a file; support write down what comes by letter and read none.
    "privacy/complain/": everybody(),
    "privacy/complain/sent/": everybody("/privacy/complain/"),
    "complaints/": signed_in(),
    "complaints/<str:key>/": only("alice", nobody=404),
    "complaints/<str:key>/code/": only(nobody=404) | {"alice": "/complaints/"},
    "complaints/<str:key>/add/": only("alice", nobody=404),
    "complaints/<str:key>/withdraw/": only("alice", nobody=404),
    "complaints/<str:key>/file/<uuid:file_id>/": only("alice", nobody=404),
    "complaints/<str:key>/receipts/<int:number>/": only("alice", nobody=404),
    "desk/complaints/": only("olga", "aino"),
    "desk/complaints/new/": only("olga", "sam"),
    "desk/complaints/<uuid:complaint_id>/": only("olga", "aino"),
    "desk/complaints/<uuid:complaint_id>/acknowledge/": only("olga"),
    "desk/complaints/<uuid:complaint_id>/take/": only("olga"),
    "desk/complaints/<uuid:complaint_id>/tell/": only("olga"),
    "desk/complaints/<uuid:complaint_id>/note/": only("olga"),
    "desk/complaints/<uuid:complaint_id>/link/": only("olga"),
    "desk/complaints/<uuid:complaint_id>/law/": only("olga"),
    "desk/complaints/<uuid:complaint_id>/decide/": only("olga"),
    "desk/complaints/<uuid:complaint_id>/reopen/": only() | {"olga": "/desk/complaints/"},
    "desk/complaints/<uuid:complaint_id>/read/": only() | {"olga": "/desk/complaints/"},
    "desk/complaints/<uuid:complaint_id>/file/<uuid:file_id>/": only("olga"),
    "desk/complaints/<uuid:complaint_id>/receipts/<int:number>/": only("olga", "aino"),
    # The door for the company's own apps: only a token opens it
    "api/": everybody(),
    "api/problems/": everybody(),
    "api/problems/<slug:slug>/": everybody(),
    "api/v1/openapi.json": everybody(),
    "api/v1/rights": everybody(401),
    "api/v1/requests": everybody(401),
    "api/v1/requests/<uuidstr:request_id>": everybody(401),
    "api/v1/requests/<uuidstr:request_id>/code": everybody(401),
    "api/v1/requests/<uuidstr:request_id>/withdrawal": everybody(401),
    "api/v1/decisions/check": everybody(401),
    "api/v1/automated-decisions": everybody(401),
    "api/v1/automated-decisions/reviews": everybody(401),
    "api/v1/": everybody(404),
    "^api/v1/.*$": everybody(404),
    # Letters, calls and visits; what they ask for, and the letters that go out
    "desk/letters/": only("sam", "olga"),
    "desk/letters/add/": only("sam", "olga"),
    "desk/letters/<uuid:letter_id>/": only("sam", "olga"),
    "desk/letters/<uuid:letter_id>/ground/": only() | dict.fromkeys(("sam", "olga"), 422),
    "desk/letters/<uuid:letter_id>/settle/": only() | dict.fromkeys(("sam", "olga"), 422),
    "desk/letters/<uuid:letter_id>/scans/<int:number>/": only("sam", "olga"),
    "desk/calls/": only("sam", "olga"),
    "desk/calls/add/": only("sam", "olga"),
    "desk/calls/<uuid:call_id>/": only("sam", "olga"),
    "desk/calls/<uuid:call_id>/ground/": only() | dict.fromkeys(("sam", "olga"), 422),
    "desk/calls/<uuid:call_id>/back/": only() | dict.fromkeys(("sam", "olga"), 422),
    "desk/calls/<uuid:call_id>/settle/": only() | dict.fromkeys(("sam", "olga"), 422),
    "desk/register/": only("sam", "olga"),
    "desk/register/<slug:door>/<uuid:source_id>/": only("sam", "olga"),
    "desk/register/<slug:door>/<uuid:source_id>/more/": only() | dict.fromkeys(("sam", "olga"), "/desk/register/"),
    "desk/register/<slug:door>/<uuid:source_id>/who/": only() | dict.fromkeys(("sam", "olga"), "/desk/register/"),
    "desk/register/<slug:door>/<uuid:source_id>/check/": only() | dict.fromkeys(("sam", "olga"), "/desk/register/"),
    "desk/proof/": only("sam", "olga"),
    "desk/proof/<uuid:case_id>/": only("sam", "olga"),
    "desk/proof/<uuid:case_id>/mail-code/": only() | dict.fromkeys(("sam", "olga"), "/desk/proof/"),
    "desk/proof/<uuid:case_id>/said/": only("sam", "olga"),
    "desk/proof/<uuid:case_id>/letter-code/": only() | dict.fromkeys(("sam", "olga"), "/desk/proof/"),
    "desk/proof/<uuid:case_id>/call-back/": only() | dict.fromkeys(("sam", "olga"), "/desk/proof/"),
    "desk/proof/<uuid:case_id>/facts/": only("sam", "olga"),
    "desk/proof/<uuid:case_id>/document/": only("olga"),
    "desk/proof/<uuid:case_id>/missing/": only("olga"),
    "desk/proof/<uuid:case_id>/document/<uuid:step_id>/": only("sam", "olga"),
    "desk/proof/<uuid:case_id>/document/<uuid:step_id>/file/": only("olga"),
    "desk/post/": only("sam", "olga"),
    "desk/post/<uuid:letter_id>/": only("sam", "olga"),
    "desk/post/<uuid:letter_id>/not-posted/": only() | dict.fromkeys(("sam", "olga"), "/desk/post/"),
    "desk/post/<uuid:letter_id>/file/": only("olga"),
    "desk/enquiries/": only("olga", "aino"),
    "desk/enquiries/new/": only("olga"),
    "desk/enquiries/answers/<uuid:answer_id>/": only("olga", "aino"),
    "desk/enquiries/<uuid:enquiry_id>/": only("olga", "aino"),
    "desk/enquiries/<uuid:enquiry_id>/verify/": only("olga"),
    "desk/enquiries/<uuid:enquiry_id>/link/": only("olga"),
    "desk/enquiries/<uuid:enquiry_id>/answer/": only("olga"),
    "desk/enquiries/<uuid:enquiry_id>/close/": only("olga"),
    "desk/evidence/": only("olga", "aino"),
    "desk/evidence/<slug:word>/<uuid:key>/": only("olga", "aino"),
    "desk/evidence/bundles/<uuid:bundle_id>/": only("olga", "aino"),
    "desk/evidence/bundles/<uuid:bundle_id>/file/": only() | {"olga": "/desk/evidence/bundles/"},
    # The door for authorised agents: only their token opens it, and the person's page has an address nobody guesses
    ".well-known/data-rights.json": everybody(),
    "v1/agent/<str:agent_id>": everybody(403),
    "v1/data-rights-request": everybody(403),
    "v1/data-rights-request/": everybody(403),
    "v1/data-rights-request/<str:request_id>": everybody(403),
    "v1/data-rights-request/<str:request_id>/": everybody(403),
    "^v1/.*$": everybody(404),
    "privacy/agent/<str:key>/": everybody(),
    "privacy/agent/<str:key>/code/": dict.fromkeys(WHO, "/privacy/agent/"),
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
    "security/agents/": only("olga", "erik", "aino"),
    "security/agents/add/": only("olga", "erik"),
    "security/agents/<uuid:agent_pk>/end/": only() | dict.fromkeys(("olga", "erik"), "/security/agents/"),
    "security/apps/": only("olga", "erik", "aino"),
    "security/apps/add/": only("erik"),
    "security/apps/<uuid:client_id>/revoke/": only() | {"erik": "/security/apps/"},
    "security/staff/": only("olga", "erik", "aino"),
    "security/staff/<uuid:account_id>/end/": only() | {"erik": "/security/staff/"},
    # Accounts
    "account/browsers/": signed_in(),
    "account/browsers/sign-out/": signed_in("/account/browsers/"),
    "account/browsers/<uuid:browser_id>/sign-out/": only() | {"alice": "/account/browsers/"},
    "account/name/": signed_in(),
    "account/login/": visitors(),
    "account/details/": signed_in(),
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
    "portability/in/": "post",
    "portability/in/<str:sha256>/<int:offset>/": "post",
    "brought/<str:key>/code/": "post",
    "brought/<str:key>/decline/": "post",
    "requests/<str:key>/send/code/": "post",
    "desk/decision-rules/<uuid:rule_id>/end/": "post",
    "desk/decision-rules/<uuid:rule_id>/<int:number>/approve/": "post",
    "demo/sign-in/": "post",
    "client-area/policy/<int:number>/read/": "post",
    "privacy/ask/code/again/": "post",
    "requests/<str:key>/code/": "post",
    "requests/<str:key>/messages/code/": "post",
    "requests/<str:key>/new-address/code/": "post",
    "requests/<str:key>/file/<uuid:package_id>/code/": "post",
    "desk/<uuid:case_id>/approve/": "post",
    "api/v1/requests": "post",
    "api/v1/decisions/check": "post",
    "api/v1/automated-decisions": "post",
    "api/v1/requests/<uuidstr:request_id>/code": "post",
    "api/v1/requests/<uuidstr:request_id>/withdrawal": "post",
    "security/apps/<uuid:client_id>/revoke/": "post",
    "security/agents/<uuid:agent_pk>/end/": "post",
    "v1/data-rights-request": "post",
    "v1/data-rights-request/": "post",
    "privacy/agent/<str:key>/code/": "post",
    "desk/promises/look/": "post",
    "desk/inbox/<uuid:mail_id>/add/": "post",
    "desk/inbox/<uuid:mail_id>/settle/": "post",
    "desk/inbox/items/<uuid:item_id>/": "post",
    "desk/letters/<uuid:letter_id>/ground/": "post",
    "desk/letters/<uuid:letter_id>/settle/": "post",
    "desk/calls/<uuid:call_id>/ground/": "post",
    "desk/calls/<uuid:call_id>/back/": "post",
    "desk/calls/<uuid:call_id>/settle/": "post",
    "desk/proof/<uuid:case_id>/mail-code/": "post",
    "desk/post/<uuid:letter_id>/not-posted/": "post",
    "desk/proof/<uuid:case_id>/letter-code/": "post",
    "desk/proof/<uuid:case_id>/call-back/": "post",
    "desk/post/<uuid:letter_id>/file/": "post",
    "desk/promises/<str:clause_id>/look/": "post",
    "desk/<uuid:case_id>/give-up/": "post",
    "desk/<uuid:case_id>/left-out/<uuid:exemption_id>/": "post",
    "desk/<uuid:case_id>/return/": "post",
    "desk/<uuid:case_id>/join/": "post",
    "desk/<uuid:case_id>/apart/": "post",
    "desk/<uuid:case_id>/end-of-pause/call-off/": "post",
    "desk/inbox/<uuid:mail_id>/ground/": "post",
    "complaints/<str:key>/code/": "post",
    "desk/complaints/<uuid:complaint_id>/reopen/": "post",
    "desk/evidence/bundles/<uuid:bundle_id>/file/": "post",
    "desk/complaints/<uuid:complaint_id>/read/": "post",
    "desk/<uuid:case_id>/assign/": "post",
    "desk/find/": "post",
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
    case = Case.objects.filter(account=cast["alice"], right="erasure").first()
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


def alices_correction(cast: dict[str, Account]) -> Case:
    """A correction of hers that waits for its review, and for the code from her new address."""
    alice, at = cast["alice"], timezone.now()
    case = Case.objects.filter(account=alice, right="rectification").first()
    if case is None:
        asked = {"corrections": [{"detail": "email", "was": "", "now": "alice.new@example.org"}]}
        case = open_case(
            "rectification", alice.email, account=alice, asked=asked, channel="client_area", by=alice.actor, at=at
        ).case
        case.answers.all().delete()
        billing = alices_case(cast).answers.get().system
        SystemAnswer.objects.create(case=case, system=billing, state="cannot_tell", searched_at=at)
        Case.objects.filter(pk=case.pk).update(state="review")
    return case


def on_desk(cast: dict[str, Account]) -> dict[str, object]:
    return {"case_id": alices_case(cast).pk}


def told_elsewhere(cast: dict[str, Account]) -> dict[str, object]:
    """Another address of Alice's, that was told of her request."""
    case, key = alices_case(cast), uuid.uuid5(uuid.NAMESPACE_URL, "told")
    token = token_of(ALERT_LINK, key)
    if not case.alerts.exists():
        Alert.objects.create(
            id=key,
            case=case,
            key=case.key,
            email="alice@example.net",
            token_hash=token_hash(token),
            told_at=timezone.now(),
        )
    return {"token": token}


def numbered(cast: dict[str, Account]) -> dict[str, object]:
    """The first entry of Alice's case, once it has its number."""
    case = alices_case(cast)
    sequence_entries()
    entry = Entry.objects.filter(about=f"rights.case:{case.pk}", kind="rights.case_opened").get()
    return {"number": entry.index}


def a_refusal(cast: dict[str, Account]) -> dict[str, object]:
    case = alices_case(cast)
    shown = {"purpose": "To send the bills of this year.", "basis": "The contract, until it has ended."}
    if not case.refusals.exists():
        words = "We need it to bill you."
        propose(case, "needed", shown, f"{words} It is erased later.", by=cast["olga"].actor, at=timezone.now())
    return on_desk(cast)


def an_exemption(cast: dict[str, Account]) -> dict[str, object]:
    case, at = alices_case(cast), timezone.now()
    if not case.exemptions.exists():
        Exemption.objects.create(
            case=case, system=System.objects.get(name="billing"), table="client", of="erasure", law="eu-gdpr",
            ground="claims", source="GDPR Art. 17(3)(e)", until=at.date(), records=1, made_at=at, made_by="kept",
        )  # fmt: skip
    return on_desk(cast) | {"exemption_id": case.exemptions.get().pk}


def a_recipient(cast: dict[str, Account]) -> dict[str, object]:
    """One whom the pack of the company's billing system names."""
    alices_case(cast)
    return {"key": known_recipients()[0].key}


def a_telling(cast: dict[str, Account]) -> dict[str, object]:
    case = alices_case(cast)
    telling, _ = Telling.objects.get_or_create(
        case=case, recipient="The registry", defaults={"places": [["billing", "client"]], "owed_at": timezone.now()}
    )
    return {"case_id": case.pk, "telling_id": telling.pk}


def a_preserved_copy(cast: dict[str, Account]) -> dict[str, object]:
    case = alices_case(cast)
    if not case.preserved.exists():
        begin_preserving(case, by=cast["olga"].actor, at=timezone.now())
    return on_desk(cast)


def a_sent_file(cast: dict[str, Account]) -> dict[str, object]:
    case = alices_case(cast)
    file = CaseFile.objects.filter(case=case).first()
    if file is None:
        kept = keep(io.BytesIO(b"%PDF-1.4\n%%EOF\n"), "a.pdf", kinds=("pdf",), most=1_000, key=case.key or 0)
        message = CaseMessage.objects.create(case=case, key=case.key, way="in", by="person", at=timezone.now())
        file = CaseFile.objects.create(
            case=case, message=message, key=case.key, place=kept.place, name=kept.name, kind=kept.kind,
            size=kept.size, sha256=kept.sha256, at=timezone.now(),
        )  # fmt: skip
    return on_desk(cast) | {"file_id": file.pk}


def alices_objection(cast: dict[str, Account]) -> Case:
    """Made once, without a word of what exactly, and with a system that has no mark of its own."""
    case = Case.objects.filter(account=cast["alice"], right="objection").first()
    if case is None:
        alice, at = cast["alice"], timezone.now()
        case = open_case("objection", alice.email, account=alice, channel="client_area", by=alice.actor, at=at).case
        system = alices_case(cast).answers.get().system
        SystemAnswer.objects.get_or_create(case=case, system=system, defaults={"state": "cannot_tell"})
        KeptMark.objects.create(
            case=case, system=system.name, name="objection", key=case.key, by_hand=["client"], set_at=at
        )
    return case


def objected(cast: dict[str, Account]) -> dict[str, object]:
    return {"case_id": alices_objection(cast).pk}


def objection_of_hers(cast: dict[str, Account]) -> dict[str, object]:
    case = alices_objection(cast)
    return {"key": str(case.pk), "objection_id": Objection.objects.filter(case=case.pk).first().pk}


def restricted(cast: dict[str, Account]) -> dict[str, object]:
    case = Case.objects.filter(account=cast["alice"], right="restriction").first()
    if case is None:
        alice, at, asked = cast["alice"], timezone.now(), {"grounds": ["claims"]}
        case = open_case(
            "restriction", alice.email, account=alice, asked=asked, channel="client_area", by=alice.actor, at=at
        ).case
    return {"case_id": case.pk}


def in_billing(cast: dict[str, Account]) -> dict[str, object]:
    return on_desk(cast) | {"system": "billing"}


def a_text(cast: dict[str, Account]) -> dict[str, object]:
    """One that seems to speak of somebody else."""
    case = alices_case(cast)
    marks = {"suggested": [], "spans": []}
    review = TextReview.objects.create(
        case=case, key=case.key, number=1, system="billing", table="t", column="c", own=False, text="Bob", spans=marks
    )
    return {"case_id": case.pk, "review_id": review.pk}


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


def alices_complaint(cast: dict[str, Account]) -> Complaint:
    """Made once: sent signed in, with a file."""
    alice, at = cast["alice"], timezone.now()
    found = Complaint.objects.filter(account=alice).first()
    if found is None:
        with transaction.atomic():
            found = open_complaint(
                "You are slow.", alice.email, account=alice, channel="client_area", law="eu-gdpr",
                files=[Upload(io.BytesIO(b"a list"), "list.txt")], by=alice.actor, at=at,
            ).complaint  # fmt: skip
    return found


def complained(cast: dict[str, Account]) -> dict[str, object]:
    return {"key": str(alices_complaint(cast).pk)}


def with_file(cast: dict[str, Account]) -> dict[str, object]:
    return {"file_id": alices_complaint(cast).files.get().pk}


def complaint_on_desk(cast: dict[str, Account]) -> dict[str, object]:
    return {"complaint_id": alices_complaint(cast).pk}


def numbered_complaint(cast: dict[str, Account]) -> dict[str, object]:
    """The first entry of Alice's complaint, once it has its number."""
    found = alices_complaint(cast)
    sequence_entries()
    entry = Entry.objects.filter(about=f"complaints.complaint:{found.pk}", kind="complaints.received").get()
    return {"number": entry.index}


def something_brought(_: dict[str, Account]) -> dict[str, object]:
    """It came from another site, was checked, and waits for its person."""
    found = Import.objects.filter(state="waiting").first()
    if found is None:
        found = an_import("b" * 64)
        Import.objects.filter(pk=found.pk).update(state="waiting", checked_at=timezone.now())
    return {"key": token_of(LINK, found.pk)}


def something_confirmed(_: dict[str, Account]) -> dict[str, object]:
    found = Import.objects.filter(state="confirmed").first()
    if found is None:
        found, at = an_import("c" * 64), timezone.now()
        Import.objects.filter(pk=found.pk).update(state="confirmed", checked_at=at, confirmed_at=at)
    return {"import_id": found.pk}


@override_settings(PORTABILITY_IN=True)
def an_import(sha256: str) -> Import:
    said = Announced("https://old.example", sha256, 9, "dora@example.com", "signature")
    return announced(said, by=Actor("person"), at=timezone.now())


def a_rule(cast: dict[str, Account]) -> dict[str, object]:
    load_decisions(cast, by=Actor.kept(), at=timezone.now())
    return {"rule_id": Rule.objects.get(name="order-check").pk}


def a_questioned_decision(cast: dict[str, Account]) -> dict[str, object]:
    """Alice questions what a computer decided about her order; everything is searched."""
    a_rule(cast)
    case = Case.objects.filter(account=cast["alice"], right="automated").first()
    if case is None:
        alice, at, asked = cast["alice"], timezone.now(), {"which": "My order", "wants": "change"}
        told = {"account": alice, "asked": asked, "channel": "client_area"}
        case = open_case("automated", alice.email, **told, by=alice.actor, at=at).case
        Case.objects.filter(pk=case.pk).update(state="review")
    return {"case_id": case.pk, "decision_id": Decision.objects.get(number="order-5012").pk}


def a_questioned_decision_on_desk(cast: dict[str, Account]) -> dict[str, object]:
    return {"case_id": a_questioned_decision(cast)["case_id"]}


def a_letter(cast: dict[str, Account]) -> dict[str, object]:
    found = Letter.objects.first() or register_letter(
        timezone.now().date(), "Dora Drake", "a copy", [(io.BytesIO(PNG), "letter.png")],
        by=cast["sam"].actor, at=timezone.now(),
    )  # fmt: skip
    return {"letter_id": found.pk}


def a_call(cast: dict[str, Account]) -> dict[str, object]:
    at = timezone.now()
    found = Call.objects.first() or register_call(
        "telephone", at, "Dora Drake", "+442079460104", "A copy.", by=cast["sam"].actor, at=at
    )
    return {"call_id": found.pk}


def registered(cast: dict[str, Account]) -> Case:
    """Made once: a request by telephone that nobody has proven."""
    case = Case.objects.filter(channel="telephone").first()
    if case is None:
        call = Call.objects.get(pk=a_call(cast)["call_id"])
        said = Said(name="Dora Drake", postal="1 Mill Street\nEastmarsh")
        case = register(call, "access", said, by=cast["sam"].actor, at=timezone.now()).case
    return case


def for_another(cast: dict[str, Account]) -> Case:
    """A request that somebody makes for Alice."""
    acting = Acting("agent", "Maxine Mandate", "office@mandates.example")
    now, by = timezone.now(), Actor("person")
    return open_case(
        "access", cast["alice"].email, name="Alice Arden", acting=acting, channel="web", by=by, at=now
    ).case


def a_document(cast: dict[str, Account]) -> dict[str, object]:
    """A copy that Sam took in, to be checked by Olga."""
    case, at = registered(cast), timezone.now()
    step = case.proof_steps.filter(method="document").first()
    if step is None:
        step = ask_for_document(case, "A voice like a machine's.", by=cast["olga"].actor, at=at)
        step = keep_document(step, io.BytesIO(PNG), "card.png", by=cast["sam"].actor, at=at)
    return {"case_id": case.pk, "step_id": step.pk}


def a_paper(cast: dict[str, Account]) -> dict[str, object]:
    """Our answer to it, with its file."""
    case = registered(cast)
    found = case.paper_letters.exclude(package=None).first()
    if found is None:
        at, plain = timezone.now(), folder() / "a.zip"
        folder().mkdir(mode=0o700, exist_ok=True)
        plain.write_bytes(b"")
        seal_file(plain, folder() / "b.zip", case.key)
        package = Package.objects.create(
            case=case, file="b.zip", sha256="0" * 64, size=0, made_at=at, expires_at=at + timedelta(days=7)
        )
        found = PaperLetter.objects.create(
            case=case, key=case.key, about="rights/answered_access", to="Dora Drake", subject="s", text="t",
            package=package.pk, written_at=at,
        )  # fmt: skip
    return {"letter_id": found.pk}


def an_enquiry(cast: dict[str, Account]) -> dict[str, object]:
    at, olga = timezone.now(), cast["olga"].actor
    found = Enquiry.objects.first() or record_enquiry(
        "An authority", "What happened?", basis="GDPR Art. 58(1)(a)", contact="", channel="letter", received_at=at,
        due_on=at.date(), by=olga, at=at,
    )  # fmt: skip
    return {"enquiry_id": found.pk}


def an_answer(cast: dict[str, Account]) -> dict[str, object]:
    at, olga = timezone.now(), cast["olga"].actor
    found = EnquiryAnswer.objects.first()
    if found is None:
        enquiry = Enquiry.objects.get(pk=an_enquiry(cast)["enquiry_id"])
        verify_contact(enquiry, "By their public number.", by=olga, at=at)
        found = write_answer(enquiry, "Nothing.", "letter", whole=True, by=olga, at=at)
    return {"answer_id": found.pk}


def a_bundle(cast: dict[str, Account]) -> dict[str, object]:
    """One that waits for a second officer: it cannot be fetched yet."""
    matter = matter_of(f"complaints.complaint:{alices_complaint(cast).pk}")
    assert matter is not None
    found = Bundle.objects.first() or ask_for_bundle(
        matter, "A court wants it.", personal=True, by=cast["olga"].actor, at=timezone.now()
    )
    return {"bundle_id": found.pk}


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


def an_app(_: dict[str, Account]) -> dict[str, object]:
    found = ApiClient.objects.filter(name="Customer app").first()
    made = found or add_client("Customer app", ["requests:read"], by=Actor.kept(), at=timezone.now()).client
    return {"client_id": made.pk}


def an_agent(_: dict[str, Account]) -> dict[str, object]:
    entry = {"id": "HELPER", "name": "Helper", "verify_key": b64encode(b"k" * 32).decode()}
    return {"agent_pk": add_agent(entry, by=Actor.kept(), at=timezone.now()).pk}


def asked_by_an_agent(cast: dict[str, Account]) -> AgentRequest:
    case, agent = alices_case(cast), Agent.objects.get(pk=an_agent(cast)["agent_pk"])
    found = AgentRequest.objects.filter(case=case).first()
    if found is None:
        request_id = uuid.uuid4()
        found = AgentRequest.objects.create(
            id=request_id, case=case, agent=agent, exercise="deletion", token_hash=link_hash(request_id),
            received_at=timezone.now(),
        )  # fmt: skip
    return found


def at_her_page(cast: dict[str, Account]) -> dict[str, object]:
    return {"key": link_of(asked_by_an_agent(cast)).split("/")[-2]}


def opened_by_an_app(cast: dict[str, Account]) -> dict[str, object]:
    case = alices_case(cast)
    client = ApiClient.objects.first() or add_client("Her app", list(SCOPES), by=Actor.kept(), at=timezone.now()).client
    opening, _ = Opening.objects.get_or_create(case=case, defaults={"client": client, "opened_at": timezone.now()})
    return {"request_id": opening.pk}


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
    "requests/<str:key>/messages/": followed,
    "requests/<str:key>/messages/code/": followed,
    "requests/<str:key>/answer/": followed,
    "requests/<str:key>/new-address/": lambda cast: {"key": str(alices_correction(cast).pk)},
    "requests/<str:key>/new-address/code/": lambda cast: {"key": str(alices_correction(cast).pk)},
    "desk/<uuid:case_id>/corrections/": lambda cast: {"case_id": alices_correction(cast).pk},
    "desk/<uuid:case_id>/left/<slug:system>/": lambda cast: {
        "case_id": alices_correction(cast).pk,
        "system": "billing",
    },
    "requests/<str:key>/receipts/<int:number>/": lambda cast: followed(cast) | numbered(cast),
    "requests/<str:key>/file/<uuid:package_id>/": fetched,
    "requests/<str:key>/file/<uuid:package_id>/code/": fetched,
    "requests/<str:key>/file/<uuid:package_id>/revoke/": fetched,
    "desk/enquiries/answers/<uuid:answer_id>/": an_answer,
    "desk/enquiries/<uuid:enquiry_id>/": an_enquiry,
    "desk/enquiries/<uuid:enquiry_id>/verify/": an_enquiry,
    "desk/enquiries/<uuid:enquiry_id>/link/": an_enquiry,
    "desk/enquiries/<uuid:enquiry_id>/answer/": an_enquiry,
    "desk/enquiries/<uuid:enquiry_id>/close/": an_enquiry,
    "desk/evidence/<slug:word>/<uuid:key>/": lambda cast: {"word": "complaint", "key": alices_complaint(cast).pk},
    "desk/evidence/bundles/<uuid:bundle_id>/": a_bundle,
    "desk/evidence/bundles/<uuid:bundle_id>/file/": a_bundle,
    "complaints/<str:key>/": complained,
    "complaints/<str:key>/code/": complained,
    "complaints/<str:key>/add/": complained,
    "complaints/<str:key>/withdraw/": complained,
    "complaints/<str:key>/file/<uuid:file_id>/": lambda cast: complained(cast) | with_file(cast),
    "complaints/<str:key>/receipts/<int:number>/": lambda cast: complained(cast) | numbered_complaint(cast),
    "desk/complaints/<uuid:complaint_id>/": complaint_on_desk,
    "desk/complaints/<uuid:complaint_id>/acknowledge/": complaint_on_desk,
    "desk/complaints/<uuid:complaint_id>/take/": complaint_on_desk,
    "desk/complaints/<uuid:complaint_id>/tell/": complaint_on_desk,
    "desk/complaints/<uuid:complaint_id>/note/": complaint_on_desk,
    "desk/complaints/<uuid:complaint_id>/link/": complaint_on_desk,
    "desk/complaints/<uuid:complaint_id>/law/": complaint_on_desk,
    "desk/complaints/<uuid:complaint_id>/decide/": complaint_on_desk,
    "desk/complaints/<uuid:complaint_id>/reopen/": complaint_on_desk,
    "desk/complaints/<uuid:complaint_id>/read/": complaint_on_desk,
    "desk/complaints/<uuid:complaint_id>/file/<uuid:file_id>/": lambda cast: complaint_on_desk(cast) | with_file(cast),
    "desk/complaints/<uuid:complaint_id>/receipts/<int:number>/": lambda cast: (
        complaint_on_desk(cast) | numbered_complaint(cast)
    ),
    "desk/inbox/<uuid:mail_id>/": a_mail,
    "desk/inbox/<uuid:mail_id>/add/": a_mail,
    "desk/inbox/<uuid:mail_id>/settle/": a_mail,
    "desk/inbox/items/<uuid:item_id>/": an_item,
    "portability/in/<str:sha256>/": lambda _: {"sha256": "a" * 64},
    "portability/in/<str:sha256>/<int:offset>/": lambda _: {"sha256": "a" * 64, "offset": 0},
    "brought/<str:key>/": something_brought,
    "brought/<str:key>/code/": something_brought,
    "brought/<str:key>/decline/": something_brought,
    "requests/<str:key>/send/": followed,
    "requests/<str:key>/send/code/": followed,
    "desk/brought/<uuid:import_id>/": something_confirmed,
    "desk/decision-rules/<uuid:rule_id>/": a_rule,
    "desk/decision-rules/<uuid:rule_id>/change/": a_rule,
    "desk/decision-rules/<uuid:rule_id>/end/": a_rule,
    "desk/decision-rules/<uuid:rule_id>/<int:number>/approve/": lambda cast: a_rule(cast) | {"number": 1},
    "desk/<uuid:case_id>/decisions/": a_questioned_decision_on_desk,
    "desk/<uuid:case_id>/decisions/<uuid:decision_id>/": a_questioned_decision,
    "desk/letters/<uuid:letter_id>/": a_letter,
    "desk/letters/<uuid:letter_id>/ground/": a_letter,
    "desk/letters/<uuid:letter_id>/settle/": a_letter,
    "desk/letters/<uuid:letter_id>/scans/<int:number>/": lambda cast: a_letter(cast) | {"number": 0},
    "desk/calls/<uuid:call_id>/": a_call,
    "desk/calls/<uuid:call_id>/ground/": a_call,
    "desk/calls/<uuid:call_id>/back/": a_call,
    "desk/calls/<uuid:call_id>/settle/": a_call,
    **dict.fromkeys(
        (f"desk/register/<slug:door>/<uuid:source_id>/{page}" for page in ("", "more/", "who/", "check/")),
        lambda cast: {"door": "letter", "source_id": a_letter(cast)["letter_id"]},
    ),
    "desk/proof/<uuid:case_id>/": lambda cast: {"case_id": registered(cast).pk},
    "desk/proof/<uuid:case_id>/mail-code/": lambda cast: {"case_id": registered(cast).pk},
    **dict.fromkeys(
        (f"desk/proof/<uuid:case_id>/{page}/" for page in ("said", "letter-code", "call-back", "facts", "document")),
        lambda cast: {"case_id": registered(cast).pk},
    ),
    "desk/proof/<uuid:case_id>/missing/": lambda cast: {"case_id": for_another(cast).pk},
    "desk/proof/<uuid:case_id>/document/<uuid:step_id>/": a_document,
    "desk/proof/<uuid:case_id>/document/<uuid:step_id>/file/": a_document,
    "requests/<str:key>/document/": followed,
    "desk/post/<uuid:letter_id>/": a_paper,
    "desk/post/<uuid:letter_id>/not-posted/": a_paper,
    "desk/post/<uuid:letter_id>/file/": a_paper,
    "requests/<str:key>/objections/<uuid:objection_id>/": objection_of_hers,
    "desk/<uuid:case_id>/said/": objected,
    "desk/<uuid:case_id>/by-hand/<slug:system>/": lambda cast: objected(cast) | {"system": "billing"},
    "desk/<uuid:case_id>/end-of-pause/": restricted,
    "desk/<uuid:case_id>/end-of-pause/call-off/": restricted,
    "desk/inbox/<uuid:mail_id>/ground/": a_mail,
    "desk/<uuid:case_id>/": on_desk,
    "desk/<uuid:case_id>/part/": on_desk,
    "desk/<uuid:case_id>/receipts/<int:number>/": lambda cast: on_desk(cast) | numbered(cast),
    "desk/<uuid:case_id>/dry-run/": on_desk,
    "desk/<uuid:case_id>/approve/": on_desk,
    "desk/<uuid:case_id>/confirm/": on_desk,
    "desk/<uuid:case_id>/extend/": on_desk,
    "desk/<uuid:case_id>/ask/": on_desk,
    "desk/<uuid:case_id>/answer-came/": on_desk,
    "desk/<uuid:case_id>/give-up/": on_desk,
    "desk/<uuid:case_id>/law/": on_desk,
    "desk/<uuid:case_id>/language/": on_desk,
    "desk/<uuid:case_id>/left-out/<uuid:exemption_id>/": an_exemption,
    "desk/<uuid:case_id>/leave-out/<slug:system>/<str:table>/": lambda cast: in_billing(cast) | {"table": "client"},
    "desk/<uuid:case_id>/refuse/": on_desk,
    "desk/<uuid:case_id>/refuse/<slug:ground>/": lambda cast: on_desk(cast) | {"ground": "needed"},
    "desk/<uuid:case_id>/refusal/": a_refusal,
    "desk/recipients/<slug:key>/": a_recipient,
    "desk/<uuid:case_id>/recipients/<uuid:telling_id>/": a_telling,
    "desk/<uuid:case_id>/preserved/": a_preserved_copy,
    "desk/<uuid:case_id>/assign/": on_desk,
    "desk/overview/<slug:name>.csv": lambda _: {"name": "deadline"},
    "desk/<uuid:case_id>/messages/": on_desk,
    "desk/<uuid:case_id>/messages/<uuid:file_id>/": a_sent_file,
    "desk/<uuid:case_id>/hold/": on_desk,
    "desk/<uuid:case_id>/return/": on_desk,
    "desk/<uuid:case_id>/join/": on_desk,
    "desk/<uuid:case_id>/apart/": on_desk,
    "desk/<uuid:case_id>/not-theirs/": on_desk,
    "not-me/<str:token>/": told_elsewhere,
    "desk/<uuid:case_id>/accounts/<slug:system>/": in_billing,
    "desk/<uuid:case_id>/remains/<slug:system>/": in_billing,
    "desk/<uuid:case_id>/texts/": on_desk,
    "desk/<uuid:case_id>/texts/<uuid:review_id>/": a_text,
    "desk/<uuid:case_id>/rows/<slug:system>/<str:table>/": lambda cast: in_billing(cast) | {"table": "client"},
    "desk/file/<uuid:package_id>/": lambda cast: {"package_id": fetched(cast)["package_id"]},
    "v1/agent/<str:agent_id>": lambda cast: an_agent(cast) and {"agent_id": "HELPER"},
    "v1/data-rights-request/<str:request_id>": lambda cast: {"request_id": str(asked_by_an_agent(cast).pk)},
    "v1/data-rights-request/<str:request_id>/": lambda cast: {"request_id": str(asked_by_an_agent(cast).pk)},
    "privacy/agent/<str:key>/": at_her_page,
    "privacy/agent/<str:key>/code/": at_her_page,
    "security/agents/<uuid:agent_pk>/end/": an_agent,
    "api/problems/<slug:slug>/": lambda _: {"slug": "invalid"},
    "api/v1/requests/<uuidstr:request_id>": opened_by_an_app,
    "api/v1/requests/<uuidstr:request_id>/code": opened_by_an_app,
    "api/v1/requests/<uuidstr:request_id>/withdrawal": opened_by_an_app,
    "security/apps/<uuid:client_id>/revoke/": an_app,
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
        if answer.streaming:
            answer.close()
        transaction.set_rollback(True)
    answer.close()
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
        token_first = TABLE.get(route, {}).get(who) == answer in (401, 403)
        sign_in_first = who == "nobody" and fits("/account/login/?next=", answer)
        assert answer == 404 or token_first or sign_in_first, route


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
