"""What this room keeps: accounts that only their owner can open."""

from __future__ import annotations

from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db.models import Count, Exists, OuterRef, Q

from kept.people.adapter import SECOND_FACTORS
from kept.people.models import Account
from kept.policy.keepers import keeper
from kept.terms import Evidence, State

HASHED = Q(password__startswith="argon2$argon2id$")  # noqa: S106
NO_PASSWORD = Q(password__startswith="!")  # noqa: S106 - signs in with a passkey, or asks for a reset first


@keeper("5.1", counts="accounts with a second factor, in %")
def accounts_sign_in_safely(at: datetime) -> Evidence:
    """Reads every account: how its password is stored, and whether a second factor stands beside it."""
    second = Authenticator.objects.filter(user=OuterRef("pk"), type__in=SECOND_FACTORS)
    found = Account.objects.aggregate(
        accounts=Count("pk"),
        readable=Count("pk", filter=~(HASHED | NO_PASSWORD)),
        second=Count("pk", filter=Exists(second)),
    )
    if not found["accounts"]:
        return Evidence(State.CANNOT_TELL, "0 accounts", "Nobody has an account yet.", at)
    if readable := found["readable"]:
        figure = f"{readable} of {_accounts(found['accounts'])} not argon2id"
        return Evidence(State.BROKEN, figure, "These passwords are stored in a weaker form than we promise.", at)
    share = round(100 * found["second"] / found["accounts"])
    figure = f"{_accounts(found['accounts'])}, {share} % with a second factor"
    words = "Every stored password is an argon2id hash, which cannot be read back."
    return Evidence(State.KEPT, figure, words, at, number=share)


def _accounts(count: int) -> str:
    return "1 account" if count == 1 else f"{count:,} accounts"
