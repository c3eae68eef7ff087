"""`kept system check|draft`, `kept find`, `kept answer`: the engine alone, without the web and without set-up."""

from __future__ import annotations

import json
import uuid
from contextlib import ExitStack, closing
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from kept.cli.asked import (
    CANNOT_TELL,
    DONE,
    EXIT,
    NOT_DONE,
    WRONG_USE,
    EmailOption,
    IdOption,
    JsonOption,
    NameOption,
    PhoneOption,
    RegionOption,
    SystemOption,
    all_connected,
    connected,
    now,
    person,
    told,
)
from kept.cli.rectification import rectification
from kept.cli.shown import err, out, show_found, show_outcome, show_plans, show_undecided
from kept.cli.systems import add, list_systems
from kept.connectors.sql.connector import SqlConnector
from kept.engine.answer import Journal, answer_access, erase_everywhere, find
from kept.engine.draft import draft_pack
from kept.engine.pack import Pack
from kept.engine.package import About
from kept.engine.report import verdict_of, write_report
from kept.engine.unfinished import Unfinished
from kept.terms import Verdict

NOTHING_ELSE = "Nothing but what is listed above, and the numbers in this report."  # the engine alone has no store

app = typer.Typer()
system_app = typer.Typer(help="Connect systems, check them against their packs, draft a pack.", no_args_is_help=True)
answer_app = typer.Typer(help="Answer a request with the engine alone.", no_args_is_help=True)
app.add_typer(system_app, name="system")
system_app.command("add")(add)
system_app.command("list")(list_systems)
app.add_typer(answer_app, name="answer")
answer_app.command("rectification")(rectification)


@system_app.command("check")
@told
def check(system: Annotated[str, typer.Argument(help="URL=PACK")], as_json: JsonOption = False) -> int:
    """Compare a pack with the live database: what stops an erasure, and what nobody has decided."""
    with closing(connected(system)) as connector:
        faults, drift = connector.check()
        tables = len(connector.shipped.tables)
    if as_json:
        typer.echo(json.dumps({"faults": [asdict(one) for one in faults], "drift": [asdict(one) for one in drift]}))
    else:
        for title, found in (
            ("A change would be refused:", faults),
            ("Not in the pack, so never called done:", drift),
        ):
            if found:
                out.print(title, style="bold")
                for fault in found:
                    out.print(f"  {fault}", markup=False, highlight=False)
        if not faults and not drift:
            out.print(f"The pack fits: {tables} tables, every column decided.")
    return NOT_DONE if faults else CANNOT_TELL if drift else DONE


@system_app.command("draft")
@told
def draft(
    url: Annotated[str, typer.Argument(help="The database, also as env:NAME or file:PATH.")],
    name: Annotated[str, typer.Option("--name", help="The pack's name.")] = "my-system",
    file: Annotated[Path | None, typer.Option("--out", help="Write it there instead of printing it.")] = None,
) -> int:
    """Write a pack with every column undecided, to be decided line by line."""
    anything = Pack(name=name, title=name, tables={}, probe=())
    with closing(SqlConnector(name, url, anything)) as connector:
        text = draft_pack(connector.read_catalogue(), name, name.replace("-", " ").capitalize())
    if file is None:
        typer.echo(text, nl=False)
    elif file.exists():
        err.print(f"{file} is there already: name another file, or remove it.", markup=False)
        return WRONG_USE
    else:
        file.write_text(text, encoding="utf-8")
        out.print(f"Wrote {file}. Decide each column in it, then: kept system check URL={file}", markup=False)
    return DONE


@app.command("find")
@told
def find_command(
    system: SystemOption,
    email: EmailOption = None,
    phone: PhoneOption = None,
    name: NameOption = None,
    other: IdOption = None,
    region: RegionOption = None,
    as_json: JsonOption = False,
) -> int:
    """Count what each system holds about a person."""
    subject = person("person", region, email, phone, name, other)
    with ExitStack() as stack:
        systems = all_connected(stack, system, subject)
        resolved, found = find(systems, subject, now(), region)
        if resolved.conflict:
            show_undecided(resolved)
            return CANNOT_TELL
        if as_json:
            shown = [
                {
                    "system": one.system,
                    "holdings": [asdict(holding) for holding in one.holdings],
                    "drift": [asdict(fault) for fault in one.drift],
                }
                for one in found
            ]
            typer.echo(json.dumps(shown))
        else:
            show_found(systems, found)
    return CANNOT_TELL if any(one.drift for one in found) else DONE


@answer_app.command("access")
@told
def access(
    system: SystemOption,
    folder: Annotated[Path, typer.Option("--out", help="Folder for the package.")],
    email: EmailOption = None,
    phone: PhoneOption = None,
    name: NameOption = None,
    other: IdOption = None,
    region: RegionOption = None,
    company: Annotated[str, typer.Option("--company", help="Whose answer it is.")] = "The company",
    contact: Annotated[str, typer.Option("--contact", help="Where the person can write.")] = "privacy@example.com",
) -> int:
    """Write a person's package: readable HTML, JSON, CSV and a manifest. GDPR Art. 15 and 20."""
    subject = person(f"access-{now():%Y%m%d}-{uuid.uuid4().hex[:8]}", region, email, phone, name, other)
    with ExitStack() as stack:
        systems = all_connected(stack, system, subject)
        verdict, package, resolved = answer_access(systems, subject, folder, About(company, contact, now()), region)
    if package is None:
        show_undecided(resolved)
        return CANNOT_TELL
    out.print(f"{package.path}: {package.rows} records, {package.size:,} bytes, SHA-256 {package.sha256}", markup=False)
    if verdict is not Verdict.DONE:
        out.print("The package says what it may lack: the packs do not know everything in the systems.")
    return EXIT[verdict]


@answer_app.command("erasure")
@told
def erasure(
    system: SystemOption,
    folder: Annotated[Path, typer.Option("--out", help="Folder for the report and the journal.")],
    email: EmailOption = None,
    phone: PhoneOption = None,
    name: NameOption = None,
    other: IdOption = None,
    region: RegionOption = None,
    company: Annotated[str, typer.Option("--company", help="Whose answer it is.")] = "The company",
    contact: Annotated[str, typer.Option("--contact", help="Where the person can write.")] = "privacy@example.com",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the plan with counts; change nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before changing anything.")] = False,
) -> int:
    """Erase a person in every system, look again, and write a report. GDPR Art. 17."""
    at = now()
    subject = person(f"erasure-{at:%Y%m%d}-{uuid.uuid4().hex[:8]}", region, email, phone, name, other)
    unfinished = Unfinished(folder / "unfinished.json")
    subject = unfinished.remembered(subject)
    with ExitStack() as stack:
        systems = all_connected(stack, system, subject)
        resolved, found = find(systems, subject, at, region)
        if resolved.conflict:
            show_undecided(resolved)
            return CANNOT_TELL
        plans = [one.plan(at.date()) for one in systems]  # all of them, before the first write anywhere
        show_plans(systems, plans, found)
        if dry_run:
            return DONE
        if not yes and not typer.confirm("Erase this now? It cannot be undone.", default=False):
            out.print("Nothing was changed.")
            return NOT_DONE
        journal = Journal(folder / "journal.jsonl")
        for stopped in journal.unfinished():
            out.print(f"{stopped}: an earlier run was stopped here; it is done again.", markup=False)
        unfinished.begin(resolved.subject, [one.name for one in systems])
        outcomes = []
        for outcome in erase_everywhere(systems, resolved.subject, plans, journal, now):
            outcomes.append(outcome)
            if outcome.verdict is not Verdict.NOT_DONE:
                unfinished.finish(resolved.subject, outcome.system)
            show_outcome(outcome)
    report = write_report(folder, subject.ref, About(company, contact, now()), outcomes, suppressed=NOTHING_ELSE)
    out.print(f"Report: {report.path}", markup=False)
    return EXIT[verdict_of(outcomes)]
