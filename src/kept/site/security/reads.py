"""The access log: for the officer and auditors as a whole, for everybody else what concerns them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from kept.information.models import System
from kept.people.access import SignedInRequest, actor_of, role_required, signed_in
from kept.people.called import called_of
from kept.people.models import Account
from kept.rights.models import Case
from kept.rights.views.held import rules_of
from kept.security.models import Read
from kept.security.reading import FLAG_WORDS, FOR_STAFF, REASONS
from kept.security.reading import access as look
from kept.security.reading.actions import OwnRead, log_looked_at
from kept.security.reading.actions import settle as settle_read

PAGE = 50


@dataclass(frozen=True)
class Shown:
    read: Read
    role: str
    who: str  # "": their name is not told here
    place: str
    reason: str
    reference: str
    flags: list[str]


@require_safe
@signed_in
def who_looked(request: SignedInRequest) -> HttpResponse:
    """Who looked at mine: role and reason. Names of staff are theirs; the officer knows them."""
    cases = dict(Case.objects.filter(account=request.user).values_list("pk", "reference"))
    reads = look.reads_of_person(request.user.pk, list(cases))
    page = Paginator(reads, PAGE).get_page(request.GET.get("page"))
    return render(request, "security/who_looked.html", {"page": page, "rows": _shown(list(page), names=False)})


@require_safe
@role_required("privacy_officer", "auditor")
def log(request: SignedInRequest) -> HttpResponse:
    """The whole log. Reading it is itself a look, and is written down."""
    log_looked_at(by=actor_of(request), at=timezone.now())
    only = request.GET.get("show") == "unusual"
    reads = look.unsettled() if only else look.log()
    page = Paginator(reads, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": _shown(list(page), names=True),
        "only": only,
        "unsettled": look.unsettled().count(),
    }
    return render(request, "security/log.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("privacy_officer", "auditor")
def settle(request: SignedInRequest, read_id: UUID) -> HttpResponse:
    """One unusual look: explained, or misuse. Nobody judges their own."""
    found = Read.objects.filter(pk=read_id, flagged=True).first()
    if found is None:
        raise Http404
    if request.method == "POST" and request.POST.get("how") in ("explained", "misuse"):
        how = "misuse" if request.POST["how"] == "misuse" else "explained"
        try:
            settle_read(found, how, by=actor_of(request), at=timezone.now())  # type: ignore[arg-type]
        except OwnRead:
            messages.error(request, "This was your own look. Somebody else has to judge it.")
        else:
            messages.success(request, "Noted.")
            if how == "misuse":
                messages.warning(request, "Misuse is a breach of confidentiality. Register it, and the clock runs.")
                return redirect("security_breach_report")
        return redirect("security_log")
    mine = found.reader == request.user.pk
    return render(request, "security/read.html", {"row": _shown([found], names=True)[0], "mine": mine})


def _shown(reads: list[Read], *, names: bool) -> list[Shown]:
    systems = {system.name: system for system in System.objects.all()}
    references = dict(Case.objects.filter(pk__in=[read.case for read in reads]).values_list("pk", "reference"))
    roles = dict(Account.Roles.choices)
    return [
        Shown(
            read,
            str(roles.get(role := read.by.partition(":")[0], role)),
            called_of(read.by) if names else "",
            _place(read.place, systems),
            (FOR_STAFF if names else REASONS).get(read.reason, read.reason),
            references.get(read.case, "") if read.case else "",
            [FLAG_WORDS.get(flag, flag) for flag in read.flags],
        )
        for read in reads
    ]


def _place(place: str, systems: dict[str, System]) -> str:
    """In the words of the system's pack, as far as it has any."""
    name, _, table = place.partition("/")
    system = systems.get(name)
    if system is None:
        return ", ".join(part for part in (name, table) if part)
    rule = rules_of(system).get(table)
    return f"{system.title}: {rule.title if rule else table}" if table else system.title
