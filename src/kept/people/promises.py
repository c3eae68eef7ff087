"""What this room keeps: accounts that only their owner can open."""

from __future__ import annotations

from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db.models import Count, Exists, OuterRef, Q

from kept.people.adapter import SECOND_FACTORS
from kept.people.details import HOLDS, IN_TIME, customers, to_be_asked
from kept.people.models import Account
from kept.policy.keepers import keeper
from kept.post.models import Message
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


@keeper("11.1", counts="accounts whose owner said within 12 months that their details hold, in %")
def details_are_confirmed(at: datetime) -> Evidence:
    """Counts the customers' accounts whose owner confirmed their details within a year, and those whose mail came back;
    looks for one that nobody has asked for a year and a month."""
    old = at - HOLDS
    new = Q(joined_at__gte=old) | Q(details_confirmed_at__gte=old)
    forgotten = to_be_asked(at - IN_TIME).count()
    found = customers().aggregate(accounts=Count("pk"), sure=Count("pk", filter=new))
    failed = Message.objects.filter(state=Message.State.FAILED, written_at__gte=old).exclude(to_index=b"")
    returned = failed.values("to_index").distinct().count()
    if not found["accounts"]:
        return Evidence(State.CANNOT_TELL, "0 accounts", "No customer has an account yet.", at)
    share = round(100 * found["sure"] / found["accounts"])
    addresses = "1 address" if returned == 1 else f"{returned:,} addresses"
    figure = f"{_accounts(found['accounts'])}, {share} % new or confirmed within 12 months; {addresses} sent mail back"
    if forgotten:
        words = "Nobody has asked these owners for more than a year whether their details still hold."
        return Evidence(State.BROKEN, f"{figure}; {forgotten:,} not asked", words, at, number=share)
    words = "Everybody is asked once a year, and whose mail comes back is asked when they next sign in."
    return Evidence(State.KEPT, figure, words, at, number=share)


def _accounts(count: int) -> str:
    return "1 account" if count == 1 else f"{count:,} accounts"
