"""What changes a case: one function per step, one transaction per function, one entry at least in each."""

from kept.rights.actions.acting import Acting, ask_for_authority
from kept.rights.actions.answering import answered, answered_in_words, begin_packages, packages_failed, packages_written
from kept.rights.actions.asking import Opened, expire_unproven, open_case, prove, resend_code, withdraw_case
from kept.rights.actions.changing import Begun
from kept.rights.actions.ending import (
    close_due_cases,
    forget_old_cases,
    forget_persons,
    package_removed,
    package_sealed,
)
from kept.rights.actions.erasing import (
    Erased,
    begin_erasure,
    erase_again,
    settle_remains,
    systems_erased,
)
from kept.rights.actions.exempting import exempt, include
from kept.rights.actions.extending import extend
from kept.rights.actions.fees import propose_fee
from kept.rights.actions.fetching import check_package_code, downloaded, revoke_package, send_package_code
from kept.rights.actions.joining import join, join_the_same, tell_apart
from kept.rights.actions.moving import change_law
from kept.rights.actions.pausing import give_up, pause, resume
from kept.rights.actions.posting import paper_posted, paper_seen, paper_void
from kept.rights.actions.proving import (
    ask_for_document,
    begin_call_back,
    check_document,
    document_looked_at,
    document_removed,
    documents_due,
    facts_compared,
    keep_document,
    say_more,
    send_code_by_letter,
)
from kept.rights.actions.reading import proof_looked_at
from kept.rights.actions.registering import Said, register
from kept.rights.actions.reminding import remind, remind_of_post
from kept.rights.actions.reviewing import approve, choose_accounts, confirm_erasure, return_to_review
from kept.rights.actions.searching import Searched, begin_search, search_finished, systems_failed
from kept.rights.actions.speaking import change_language

__all__ = [
    "Acting",
    "Begun",
    "Erased",
    "Opened",
    "Said",
    "Searched",
    "answered",
    "answered_in_words",
    "approve",
    "ask_for_authority",
    "ask_for_document",
    "begin_call_back",
    "begin_erasure",
    "begin_packages",
    "begin_search",
    "change_language",
    "change_law",
    "check_document",
    "check_package_code",
    "choose_accounts",
    "close_due_cases",
    "confirm_erasure",
    "document_looked_at",
    "document_removed",
    "documents_due",
    "downloaded",
    "erase_again",
    "exempt",
    "expire_unproven",
    "extend",
    "facts_compared",
    "forget_old_cases",
    "forget_persons",
    "give_up",
    "include",
    "join",
    "join_the_same",
    "keep_document",
    "open_case",
    "package_removed",
    "package_sealed",
    "packages_failed",
    "packages_written",
    "paper_posted",
    "paper_seen",
    "paper_void",
    "pause",
    "proof_looked_at",
    "propose_fee",
    "prove",
    "register",
    "remind",
    "remind_of_post",
    "resend_code",
    "resume",
    "return_to_review",
    "revoke_package",
    "say_more",
    "search_finished",
    "send_code_by_letter",
    "send_package_code",
    "settle_remains",
    "systems_erased",
    "systems_failed",
    "tell_apart",
    "withdraw_case",
]
