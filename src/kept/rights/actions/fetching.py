"""Fetching a package: a mailed code, a download, and taking it back."""

from __future__ import annotations

from datetime import datetime

from kept.rights.actions.steps import must_be_officer
from kept.rights.codes import code_hash, code_is, new_code
from kept.rights.models import Package
from kept.rights.packages import is_there
from kept.rights.rules import CODE_LIFE, CODE_TRIES, may_mail_code
from kept.rights.telling import addressee_of, tell
from kept.security.backup.replays import note
from kept.security.ledger import action, record, unchanged
from kept.terms import Actor
from kept.work.steps import queue


@action
def send_package_code(package: Package, *, by: Actor, at: datetime) -> bool:
    """Mail a code that opens the package for half an hour, to the address we write to about the case.

    False: the package can no longer be fetched, too many codes were sent, or the last one a moment ago.
    """
    package = _locked(package)
    case = package.case
    may = may_mail_code(package.codes_sent, package.code_sent_at, at) and bool(addressee_of(case).email)
    if not is_there(package, at) or not may:
        unchanged()
        return False
    code = new_code()
    package.code_hash = code_hash(code, package.pk)
    package.code_expires_at = at + CODE_LIFE
    package.code_attempts = 0
    package.codes_sent += 1
    package.code_sent_at = at
    package.save(update_fields=["code_hash", "code_expires_at", "code_attempts", "codes_sent", "code_sent_at"])
    tell(case, "package_code", code=f"{code[:3]} {code[3:]}", at=at)
    record("rights.package_code_sent", package, by=by, at=at, count=package.codes_sent)
    return True


@action
def check_package_code(package: Package, code: str, *, by: Actor, at: datetime) -> bool:
    """Whether the code opens the package now. After five wrong ones, or half an hour, it takes a new code."""
    package = _locked(package)
    usable = package.code_expires_at is not None and at < package.code_expires_at
    if not is_there(package, at) or not usable or package.code_attempts >= CODE_TRIES:
        unchanged()
        return False
    if code_is(code, package.code_hash, package.pk):
        record("rights.package_opened", package, by=by, at=at)
        return True
    package.code_attempts += 1
    package.save(update_fields=["code_attempts"])
    record("rights.wrong_package_code", package, by=by, at=at, tries=package.code_attempts)
    return False


@action
def downloaded(package: Package, *, by: Actor, at: datetime) -> None:
    """The file was handed out."""
    package = _locked(package)
    package.downloads += 1
    package.save(update_fields=["downloads"])
    record("rights.package_downloaded", package, by=by, at=at, count=package.downloads)


@action
def revoke_package(package: Package, *, by: Actor, at: datetime) -> Package:
    """Take the file back: its links stop working at once, and it is removed. A second call changes nothing.

    The person it is for may do it, and an officer; Kept does it again after a restore. Raises MayNot.
    """
    package = _locked(package)
    if by.role != "kept" and by.id not in (str(package.case_id), str(package.case.account_id)):
        must_be_officer(by)
    if package.revoked_at is not None:
        unchanged()
        return package
    package.revoked_at = at
    package.save(update_fields=["revoked_at"])
    note("package", at=at, package=str(package.pk))
    record("rights.package_revoked", package, by=by, at=at)
    queue("rights.remove_packages", at=at)
    return package


def _locked(package: Package) -> Package:
    return Package.objects.select_for_update(of=("self",)).select_related("case").get(pk=package.pk)
