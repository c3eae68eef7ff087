"""`kept policy check|show|bind|import|announce`: what the policy says, and what keeps it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kept.cli.store import migrate_store, open_store
from kept.policy.problems import BadPolicy

if TYPE_CHECKING:
    from kept.policy.problems import Problem
    from kept.policy.source import Policy
    from kept.terms import Evidence

DONE, NOT_DONE, WRONG_USE, CANNOT_TELL = 0, 1, 2, 3

app = typer.Typer()
policy_app = typer.Typer(help="What the policy says, and what keeps it.", no_args_is_help=True)
app.add_typer(policy_app, name="policy")
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
FolderArgument = Annotated[Path | None, typer.Argument(help="A policy's folder. Default: the policy that runs.")]


@policy_app.callback()
def group() -> None:
    """What the policy says, and what keeps it."""


@policy_app.command("check")
def check(as_json: JsonOption = False) -> None:
    """Let every keeper look now, and say how each clause stands.

    Exit code 0: all are kept. 1: one is broken, or a sentence or clause has nobody who keeps it. 3: cannot tell.
    """
    open_store()
    migrate_store()
    from django.utils import timezone

    from kept.policy.access import policy
    from kept.policy.actions import store_version
    from kept.policy.evidence import all_found
    from kept.policy.faults import faults
    from kept.policy.keepers import all_keepers
    from kept.policy.looking import look_at_all
    from kept.policy.problems import Problem, VersionTaken
    from kept.terms import Actor, State

    try:
        in_force = policy()
        wrong = faults(in_force)
    except BadPolicy as bad:
        _refuse(bad.problems, NOT_DONE)
    try:
        store_version(in_force, by=Actor.kept(), at=timezone.now())
    except VersionTaken as taken:
        wrong.append(Problem("policy.toml", 0, str(taken)))
    look_at_all(all_keepers(), by=Actor.kept())
    at = timezone.now()
    found = all_found(at)
    every = [_standing(in_force, promise_id, found.get(promise_id, ()), at) for promise_id in in_force.promises]
    clauses = [clause for clause in every if not clause["left_out"]]
    if as_json:
        typer.echo(json.dumps(every, indent=2, ensure_ascii=False))
    else:
        for clause in clauses:
            typer.echo(_line(clause))
        if left_out := in_force.settings.left_out:
            typer.echo(f"This policy leaves out: {', '.join(left_out)}.")
    for problem in wrong:
        typer.echo(f"kept: {problem}", err=True)
    states = {clause["state"] for clause in clauses}
    if State.BROKEN.value in states or wrong:
        raise typer.Exit(NOT_DONE)
    raise typer.Exit(DONE if states <= {State.KEPT.value} else CANNOT_TELL)


@policy_app.command("show")
def show(
    clause_id: Annotated[str, typer.Argument(help="A clause, such as 5.6.", metavar="ID")], as_json: JsonOption = False
) -> None:
    """Print one clause with everything that stands behind it, as it was seen last."""
    open_store()
    migrate_store()
    from django.utils import timezone

    from kept.policy.access import policy
    from kept.policy.evidence import found_for
    from kept.policy.laws import duties_of

    try:
        in_force = policy()
    except BadPolicy as bad:
        _refuse(bad.problems, NOT_DONE)
    if clause_id not in in_force.promises:
        typer.echo(f"kept: no promise has the id {clause_id}. The ids go from 1.1 to 18.1: kept policy check", err=True)
        raise typer.Exit(WRONG_USE)
    at, promise = timezone.now(), in_force.promise(clause_id)
    found = found_for(clause_id, at)
    duties = [f"{law.name} {duty.place}" for law, duty in duties_of(clause_id)]
    said = [sentence for clause in in_force.passages(clause_id) for sentence in clause.sentences]
    if as_json:
        looks = [{"keeper": one.keeper, **_seen(one)} for one in found]
        more = {"sentences": said, "needs": promise.needs, "shows": promise.shows, "looks": looks, "duties": duties}
        typer.echo(json.dumps(_standing(in_force, clause_id, found, at) | more, indent=2, ensure_ascii=False))
        return
    typer.echo("\n".join(said or ["This policy leaves the promise out."]))
    typer.echo(f"\nIt promises: {promise.states}\nIt needs: {promise.needs}")
    for one in promise.narrowed_by:
        typer.echo(f"Narrowed by law ({one.law}).\n  Policies used to say: {one.was}\n  What holds: {one.now}")
    for look in found:
        typer.echo(f"\n{look.keeper}: {look.state}. {look.figure}".rstrip() + f"\n  {look.meaning}")
        if look.since is not None:
            typer.echo(f"  Looked at {_time(look.at)}, so since {_time(look.since)}")
    if not found:
        typer.echo(f"\nNot running yet. {_why_not(clause_id)}".rstrip())
    if duties:
        typer.echo("\nIt answers to " + ", ".join(duties) + ".")


@policy_app.command("bind")
def bind(
    folder: FolderArgument = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what is not bound.")] = False,
) -> None:
    """Say that each sentence was read against its promise, and write its hash beside it.

    Exit code 1: with --dry-run something is not bound, or the policy cannot be used as it is.
    """
    open_store()
    from kept.policy.bindings import bindings_of, unbound, write_bindings

    try:
        found = _load(folder)
        changed = list(unbound(found, bindings_of(found.folder)))
        path = None if dry_run else write_bindings(found)
    except BadPolicy as bad:
        _refuse(bad.problems, NOT_DONE)
    except OSError as problem:
        typer.echo(f"kept: bindings.toml cannot be written: {problem.strerror}", err=True)
        raise typer.Exit(NOT_DONE) from None
    for one in changed:
        typer.echo(str(one))
    if path is not None:
        typer.echo(f"{path}: every sentence is bound.")
    elif not changed:
        typer.echo("Every sentence is bound.")
    raise typer.Exit(NOT_DONE if changed and dry_run else DONE)


@policy_app.command("import")
def import_policy(
    file: Annotated[Path, typer.Argument(help="A policy as .md, .html, .docx or .txt.", metavar="FILE")],
    out: Annotated[
        Path | None, typer.Option("--out", help="The folder to write the draft into. Default: the file's name.")
    ] = None,
    company: Annotated[str, typer.Option("--company", help="Whose policy it is.")] = "The company",
    version: Annotated[str, typer.Option("--policy-version", help="What this wording is called.")] = "1",
    effective: Annotated[
        datetime | None, typer.Option("--effective", formats=["%Y-%m-%d"], help="From when it holds. Default: today.")
    ] = None,
) -> None:
    """Write a draft of a policy from a file: its clauses, and for each the promise it may answer to.

    Nothing runs before a person has confirmed each proposal in the draft. Exit code 2: the file cannot be read.
    """
    from kept.policy.problems import BadDocument
    from kept.policy.reading.draft import draft, write_draft
    from kept.policy.reading.files import read_file
    from kept.policy.reading.propose import promises_of, propose
    from kept.policy.source import POLICIES, load

    shipped, folder = load(POLICIES / "hansoken-cloud"), out or Path(file.stem or "policy")
    day = effective.date() if effective else datetime.now(UTC).date()
    try:
        pieces = propose(read_file(file), promises_of(shipped.promises, shipped), company)
        made = draft(pieces, shipped.promises, company, version, day)
        write_draft(made, folder)
    except BadDocument as bad:
        typer.echo(f"kept: {bad}", err=True)
        raise typer.Exit(WRONG_USE) from None
    except OSError as problem:
        typer.echo(f"kept: {folder} cannot be written: {problem.strerror}", err=True)
        raise typer.Exit(NOT_DONE) from None
    many = "1 sentence" if made.bound == 1 else f"{made.bound} sentences"
    typer.echo(f"{many} with a proposal, {len(made.unkept)} that nothing keeps:")
    for sentence in made.unkept:
        typer.echo(f"  {sentence}")
    typer.echo(f"Promises that the text does not seem to make: {', '.join(made.left_out) or 'none'}.")
    typer.echo(f"Read {folder / 'policy.md'} and take the “?” from each mark you agree with. Why: proposals.txt.")
    typer.echo(f"Then: kept policy bind {folder}, and KEPT_POLICY={folder.absolute()}")


@policy_app.command("announce")
def announce(folder: Annotated[Path, typer.Argument(help="The folder of the new wording.", metavar="FOLDER")]) -> None:
    """Put a wording on record before it runs, say what it changes, and queue the notices about it.

    Exit code 1: it breaks a rule, or a version of its name is on record with other words.
    """
    open_store()
    migrate_store()
    from django.utils import timezone

    from kept.policy.access import version_before
    from kept.policy.actions import running_version, store_version
    from kept.policy.faults import faults
    from kept.policy.problems import VersionTaken
    from kept.policy.versions import diff, to_ask_again
    from kept.terms import Actor

    at, by = timezone.now(), Actor.kept()
    try:
        wording = _load(folder)
        if wrong := faults(wording):
            _refuse(tuple(wrong), NOT_DONE)
        running_version(by=by, at=at)
        version = store_version(wording, by=by, at=at)
    except BadPolicy as bad:
        _refuse(bad.problems, NOT_DONE)
    except VersionTaken as taken:
        typer.echo(f"kept: {taken}", err=True)
        raise typer.Exit(NOT_DONE) from None
    before = version_before(version)
    typer.echo(f"Version {version.name}, from {version.effective:%-d %B %Y}, is on record.")
    if before is None:
        typer.echo("It is the first, so there is nobody to tell of a change.")
        return
    changes = diff(before.clauses, version.clauses)
    signs = {"same": " ", "new": "+", "gone": "-"}
    for change in changes:
        typer.echo(f"\n{change.clause_id or 'Sentences that nothing keeps'}: {change.kind}")
        for line in change.lines:
            typer.echo(f"  {signs[line.mark]} {line.sentence}")
    asked = to_ask_again(changes, version.consents)
    typer.echo(f"\nConsents to ask for again: {', '.join(asked) or 'none'}. The worker queues the notices.")


def _load(folder: Path | None) -> Policy:
    from django.conf import settings

    from kept.policy.source import POLICIES, load

    return load(POLICIES / settings.POLICY if folder is None else folder)


def _standing(policy: Policy, clause_id: str, found: object, at: datetime) -> dict[str, object]:
    """One clause as `--json` gives it."""
    from kept.policy.evidence import of_clause

    evidence = of_clause(found, at)  # type: ignore[arg-type]
    narrowed = policy.promise(clause_id).narrowed_by
    return {
        "id": clause_id,
        **_seen(evidence),
        "keeper": evidence.keeper or None,
        "left_out": clause_id in policy.settings.left_out,  # this policy makes no such promise
        "narrowed": bool(narrowed),
        "narrowed_by": [{"law": one.law, "was": one.was, "now": one.now} for one in narrowed],
        "why": _why_not(clause_id) if not evidence.keeper else evidence.meaning,
    }


def _seen(evidence: Evidence) -> dict[str, object]:
    return {
        "state": evidence.state.value,
        "figure": evidence.figure,
        "number": evidence.number,
        "link": evidence.link or None,  # the page with the rows behind it
        "since": evidence.since.isoformat() if evidence.since else None,
        "at": evidence.at.isoformat() if evidence.since else None,
    }


def _why_not(clause_id: str) -> str:
    from kept.policy.exemptions import exemptions

    exemption = exemptions().get(clause_id)
    return exemption.reason if exemption else ""


def _line(clause: dict[str, object]) -> str:
    narrowed = " (narrowed by law)" if clause["narrowed"] else ""
    return f"{clause['id']:<5} {clause['state']:<15}  {clause['figure'] or clause['why']}{narrowed}"


def _time(at: datetime) -> str:
    return f"{at:%-d %B %Y, %H:%M} UTC"


def _refuse(problems: tuple[Problem, ...], code: int) -> None:
    for problem in problems:
        typer.echo(f"kept: {problem}", err=True)
    raise typer.Exit(code)
