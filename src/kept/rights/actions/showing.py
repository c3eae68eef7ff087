"""What the steps of a proof have in common: what was shown, whether it suffices, and what it makes of a case.

Each function here runs inside an action, with the case locked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import suppress
from datetime import datetime

from kept.engine.errors import NotAnIdentifier
from kept.engine.identifiers import normal
from kept.rights.codes import code_is
from kept.rights.errors import SawTheCode
from kept.rights.models import Case, CaseIdentifier
from kept.rights.proof.models import ProofStep
from kept.rights.proof.rules import STEP_TRIES
from kept.rights.reach.models import PaperLetter, Reach
from kept.rights.subjects import as_identifier, opened
from kept.terms import Actor, Identifier

State = ProofStep.State


def note_step(
    case: Case,
    method: str,
    identifiers: Collection[Identifier],
    contacts: Collection[str] = (),
    *,
    channel: str = "",
    by: Actor,
    at: datetime,
) -> ProofStep:
    """A step that is passed as soon as it is made: a mailed code, a session."""
    step = ProofStep(case=case, key=case.key, method=method, channel=channel, begun_at=at, begun_by=str(by))
    return pass_step(step, identifiers, contacts, by=by, at=at)


def pass_step(
    step: ProofStep, identifiers: Collection[Identifier], contacts: Collection[str], *, by: Actor, at: datetime
) -> ProofStep:
    step.state, step.ended_at, step.ended_by, step.code_hash = State.PASSED, at, str(by), ""
    step.shows = shown_json(identifiers, contacts)
    step.save()
    return step


def shown_json(identifiers: Collection[Identifier], contacts: Collection[str]) -> dict[str, list[object]]:
    return {
        "identifiers": [[one.kind, one.value, one.scope] for one in sorted(identifiers)],
        "contacts": [*sorted(contacts)],
    }


def step_with(case: Case, code: str, by: Actor, at: datetime) -> ProofStep | None:
    """The step that this code ends. A wrong one counts against each that waits. Raises SawTheCode.

    Whoever had the code on their screen cannot type it: that would be their proof, and not the person's.
    """
    waiting = list(
        case.proof_steps.select_for_update()
        .filter(state=State.OPEN, code_expires_at__gt=at, code_attempts__lt=STEP_TRIES)
        .exclude(code_hash="")
    )
    for step in waiting:
        if code_is(code, step.code_hash, step.pk):
            if by.id is not None and by.id in seen_by(step):
                raise SawTheCode
            return step
    for step in waiting:
        step.code_attempts += 1
        step.save(update_fields=["code_attempts"])
    return None


def has_waiting_code(case: Case, at: datetime) -> bool:
    waiting = case.proof_steps.filter(state=State.OPEN, code_expires_at__gt=at, code_attempts__lt=STEP_TRIES)
    return waiting.exclude(code_hash="").exists()


def seen_by(step: ProofStep) -> frozenset[str]:
    """Who had its code on their screen."""
    paper = PaperLetter.objects.filter(pk=step.paper).values_list("seen_by", flat=True).first() if step.paper else None
    return frozenset(step.seen_by) | frozenset(paper or ())


def take_what_was_shown(case: Case) -> None:
    """Search for what was shown and for nothing else, and write only where the person was shown to be.

    What somebody merely said could be anybody's: their data would be found, and our answer would go astray.
    """
    identifiers, contacts = _shown(case)
    given = opened(case.identifiers.filter(origin="given"))
    for row in given:
        if as_identifier(row) not in identifiers:
            row.delete()
    known = {as_identifier(row) for row in given}
    for one in sorted(identifiers - known):
        CaseIdentifier.objects.create(
            case=case, key=case.key, kind=one.kind, value=one.value, scope=one.scope, origin="given",
            found_at=case.received_at,
        )  # fmt: skip
    if case.email and "email" not in contacts:
        case.email, case.person = "", None
        case.save(update_fields=["email", "email_index", "person"])
    reach = Reach.objects.filter(case=case).first()
    if reach is not None and not case.email:
        reach.postal = reach.postal if "postal" in contacts else ""
        reach.phone = reach.phone if "phone" in contacts else ""
        reach.save(update_fields=["postal", "phone"])


def prove_until(case: Case, until: datetime) -> None:
    """A step takes its time: the request is not forgotten before it is over."""
    Reach.objects.filter(case=case, prove_until__lt=until).update(prove_until=until)


def end_steps(steps: Iterable[ProofStep], by: Actor, at: datetime) -> None:
    """A newer one takes their place."""
    for step in steps:
        step.state, step.ended_at, step.ended_by, step.code_hash = State.OVER, at, str(by), ""
        step.save(update_fields=["state", "ended_at", "ended_by", "code_hash"])


def own_address(case: Case) -> list[Identifier]:
    with suppress(NotAnIdentifier):
        return [normal("email", case.email)]
    return []


def shown_addresses(case: Case) -> set[str]:
    """The addresses of mail that were shown to be the person's for this request, in their normal form."""
    identifiers, _ = _shown(case)
    return {one.value for one in (*identifiers, *own_address(case)) if one.kind == "email"}


def _shown(case: Case) -> tuple[frozenset[Identifier], frozenset[str]]:
    identifiers: set[Identifier] = set()
    contacts: set[str] = set()
    for step in case.proof_steps.filter(state=State.PASSED):
        identifiers |= {Identifier(*one) for one in step.shows.get("identifiers", [])}
        contacts |= set(step.shows.get("contacts", []))
    return frozenset(identifiers), frozenset(contacts)
