"""What changes a case: one function per step, one transaction per function, one entry at least in each."""

from kept.rights.actions.answering import answered, begin_packages, packages_failed, packages_written
from kept.rights.actions.asking import Opened, expire_unproven, open_case, prove, resend_code, withdraw_case
from kept.rights.actions.ending import (
    close_due_cases,
    forget_old_cases,
    forget_persons,
    package_removed,
    package_sealed,
)
from kept.rights.actions.erasing import (
    Begun,
    Erased,
    begin_erasure,
    erase_again,
    settle_remains,
    systems_erased,
)
from kept.rights.actions.extending import extend
from kept.rights.actions.fetching import check_package_code, downloaded, revoke_package, send_package_code
from kept.rights.actions.reviewing import approve, choose_accounts, confirm_erasure, return_to_review
from kept.rights.actions.searching import Searched, begin_search, search_finished, systems_failed

__all__ = [
    "Begun",
    "Erased",
    "Opened",
    "Searched",
    "answered",
    "approve",
    "begin_erasure",
    "begin_packages",
    "begin_search",
    "check_package_code",
    "choose_accounts",
    "close_due_cases",
    "confirm_erasure",
    "downloaded",
    "erase_again",
    "expire_unproven",
    "extend",
    "forget_old_cases",
    "forget_persons",
    "open_case",
    "package_removed",
    "package_sealed",
    "packages_failed",
    "packages_written",
    "prove",
    "resend_code",
    "return_to_review",
    "revoke_package",
    "search_finished",
    "send_package_code",
    "settle_remains",
    "systems_erased",
    "systems_failed",
    "withdraw_case",
]
