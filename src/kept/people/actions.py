"""What changes an account, each with its entry."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.urls import reverse

from kept.people.access import takes_two_now
from kept.people.browsers import end_sessions
from kept.people.details import AT_ONCE, to_be_asked
from kept.people.models import Account, Browser, Person
from kept.people.sessions import opened
from kept.policy.actions import saw
from kept.post.outbox import send
from kept.security.approvals.actions import ask, use_up
from kept.security.backup.replays import note
from kept.security.ledger import action, record, unchanged
from kept.security.vault.actions import destroy_key
from kept.terms import Actor, Role

StaffRole = Literal["support", "privacy_officer", "engineer", "auditor"]
Change = Literal[
    "password", "address", "address proven", "app", "key", "codes", "app removed", "key removed", "codes removed"
]


class MayNotMakeStaff(Exception):
    """Only an engineer, or whoever runs Kept on its machine, makes staff. Nothing was changed."""


MAKE_STAFF = "people.make_staff"
KEEP_UNPROVEN = timedelta(days=7)

# The demo's cast: invented people, at a domain nobody can own (RFC 2606).
CAST: tuple[tuple[str, str, Role], ...] = (
    ("alice@example.com", "Alice Arden", "customer"),
    ("bob@example.com", "Bob Brook", "customer"),
    ("olga@example.com", "Olga Orlova", "privacy_officer"),
    ("sam@example.com", "Sam Sato", "support"),
    ("erik@example.com", "Erik Ek", "engineer"),
    ("aino@example.com", "Aino Aalto", "auditor"),
)


@action
def make_staff(account: Account, role: StaffRole, *, by: Actor, at: datetime) -> Account:
    """Give an account a staff role; a second call changes nothing. Raises MayNotMakeStaff, NotApproved.

    Where the company wants two persons for this, it takes the approval of the second one, once there is a second one.
    """
    account = Account.objects.select_for_update().get(pk=account.pk)
    if account.role == role:
        unchanged()
        return account
    if not (takes_two_now(by) and _approved(account, by, at)) and by.role not in ("kept", "engineer"):
        raise MayNotMakeStaff
    before, account.role = account.role, role
    account.save(update_fields=["role"])
    note("role", at=at, account=str(account.pk), role=role)
    record("people.made_staff", account, by=by, at=at, role=role, before=before)
    return account


def _approved(account: Account, by: Actor, at: datetime) -> bool:
    use_up(MAKE_STAFF, account, by=by, at=at)
    return True


@action
def end_staff(account: Account, *, by: Actor, at: datetime) -> Account:
    """Somebody leaves: their role ends and they are signed out everywhere. A second call changes nothing.

    Raises MayNotMakeStaff; nobody ends their own role, so that one is always left who can let others in.
    """
    if by.role not in ("kept", "engineer") or by.id == str(account.pk):
        raise MayNotMakeStaff
    account = Account.objects.select_for_update().get(pk=account.pk)
    if not account.is_staff_member:
        unchanged()
        return account
    before, account.role = account.role, Account.Roles.CUSTOMER
    account.save(update_fields=["role"])
    _sign_out([account.pk])
    note("role", at=at, account=str(account.pk), role=str(Account.Roles.CUSTOMER))
    record("people.staff_ended", account, by=by, at=at, before=before)
    return account


@action
def add_staff(email: str, name: str, role: StaffRole, *, by: Actor, at: datetime) -> Account:
    """Make, or promote, the account with this address. A new one has no password: its owner asks for a reset code.

    Where it takes two persons, the account is made, and its role waits for the second one. Raises MayNotMakeStaff.
    """
    if by.role not in ("kept", "engineer"):
        raise MayNotMakeStaff
    account = Account.objects.filter(email=email.lower()).first()
    if account is None:
        account = _make_account(email, name, "customer", by=by, at=at)
    if takes_two_now(by) and account.role != role:
        title = f"The role {Account.Roles(role).label} for an account"
        ask(MAKE_STAFF, account, title, facts={"role": role}, by=by, at=at)
        return account
    return make_staff(account, role, by=by, at=at)


@action
def change_name(account: Account, name: str, *, by: Actor, at: datetime) -> Account:
    account = Account.objects.select_for_update().get(pk=account.pk)
    if account.name == name:
        unchanged()
        return account
    account.name = name
    account.save(update_fields=["name"])
    record("people.name_changed", account, by=by, at=at)
    return account


@action
def confirm_details(account: Account, *, by: Actor, at: datetime) -> Account:
    """Its owner has looked at their details: they hold. GDPR Art. 5(1)(d)."""
    account = Account.objects.select_for_update().get(pk=account.pk)
    account.details_confirmed_at = at
    account.save(update_fields=["details_confirmed_at"])
    record("people.details_confirmed", account, by=by, at=at)
    return account


@action
def ask_about_details(*, by: Actor, at: datetime) -> int:
    """Ask some of those whose turn it is whether their details still hold. Returns how many.

    Nobody is asked twice, whoever else asks at this moment.
    """
    due = list(to_be_asked(at).select_for_update(of=("self",), skip_locked=True)[:AT_ONCE])
    if not due:
        unchanged()
        return 0
    Account.objects.filter(pk__in=[one.pk for one in due]).update(details_asked_at=at)
    link = f"{settings.SITE_URL}{reverse('account_details')}"
    for account in due:
        send(account.email, "people/details", {"link": link}, at=at)
        record("people.details_asked", account, by=by, at=at)
    return len(due)


@action
def record_sign_up(account: Account, *, by: Actor, at: datetime) -> None:
    """The account itself is made by allauth, in the same transaction."""
    record("people.signed_up", account, by=by, at=at, role=account.role)
    saw(account=account.pk, by=by, at=at)


@action
def record_sign_in_change(account: Account, change: Change, *, by: Actor, at: datetime) -> None:
    """The change itself is made by allauth, in the same transaction."""
    record("people.sign_in_changed", account, by=by, at=at, change=change)


@action
def forget_unproven(*, by: Actor, at: datetime) -> int:
    """Erase accounts whose address nobody proved within a week: perhaps a stranger typed it. Returns how many."""
    old = Account.objects.filter(role=Account.Roles.CUSTOMER, last_login=None, joined_at__lt=at - KEEP_UNPROVEN)
    forgotten = list(old.exclude(emailaddress__verified=True)[:1000])
    for account in forgotten:
        record("people.unproven_forgotten", account, by=by, at=at)
        account.delete()
    if not forgotten:
        unchanged()
    return len(forgotten)


@action
def sign_out_browsers(browsers: Collection[Browser], account: Account, *, by: Actor, at: datetime) -> int:
    """End these signed-in browsers of the account: their next page asks for the password. Returns how many.

    One that was signed out meanwhile is left as it is.
    """
    own = Browser.objects.select_for_update().filter(account=account, pk__in=[one.pk for one in browsers])
    hashes = list(own.values_list("key_hash", flat=True))
    if not hashes:
        unchanged()
        return 0
    end_sessions(hashes)
    own.delete()
    record("people.browsers_signed_out", account, by=by, at=at, count=len(hashes))
    return len(hashes)


@action
def close_accounts(account_ids: Collection[UUID], *, by: Actor, at: datetime) -> int:
    """Sign out, make the password unusable, deactivate. A second call changes nothing. Returns how many were changed.

    Names and addresses are left to whoever erases them.
    """
    _sign_out(account_ids)
    closed = 0
    for account in Account.objects.select_for_update().filter(pk__in=list(account_ids)):
        if not account.is_active and account.password.startswith("!"):
            continue
        account.is_active = False
        account.set_unusable_password()
        account.save(update_fields=["is_active", "password"])
        record("people.account_closed", account, by=by, at=at)
        closed += 1
    if not closed:
        unchanged()
    return closed


@action
def forget_person(person: Person, *, by: Actor, at: datetime) -> None:
    """Destroy the key of somebody of whom nothing is kept any longer under it, and their number. Final."""
    number = person.pk
    destroy_key(number, by=by, at=at)
    person.delete()
    note("person", at=at, number=number)
    record("people.person_forgotten", f"key:{number}", by=by, at=at)


@action
def make_demo_cast(*, by: Actor, at: datetime) -> dict[str, Account]:
    """The demo's people by first name. None has a password: the demo signs them in with one press."""
    cast = {}
    for email, name, role in CAST:
        account = Account.objects.filter(email=email).first()
        cast[name.split()[0].lower()] = account or _make_account(email, name, role, by=by, at=at)
    unchanged()
    return cast


def _make_account(email: str, name: str, role: Role, *, by: Actor, at: datetime) -> Account:
    account = Account.objects.create_user(email, name=name, role=role)
    EmailAddress.objects.create(user=account, email=account.email, verified=True, primary=True)
    record("people.account_made", account, by=by, at=at, role=role)
    return account


def _sign_out(account_ids: Collection[UUID]) -> None:
    """Sessions are sealed rows that name nobody in the clear, so each is opened to see whose it is."""
    wanted = {str(one) for one in account_ids}
    if not wanted:
        return
    keys = [
        session.session_key
        for session in Session.objects.iterator(chunk_size=500)
        if str(opened(session).get(SESSION_KEY)) in wanted
    ]
    Session.objects.filter(session_key__in=keys).delete()
    Browser.objects.filter(account_id__in=wanted).delete()
