"""`kept answer rectification`: put a detail right in every system, with the engine alone."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from kept.cli.asked import (
    CANNOT_TELL,
    DONE,
    EXIT,
    NOT_DONE,
    EmailOption,
    IdOption,
    NameOption,
    PhoneOption,
    RegionOption,
    SystemOption,
    all_connected,
    now,
    person,
    told,
)
from kept.cli.shown import out, show_corrections, show_righted, show_undecided
from kept.engine.answer import Journal, held
from kept.engine.correcting import correct_everywhere, learn
from kept.engine.correction_report import write_correction_report
from kept.engine.details import DETAILS, Correction, Detail, corrected
from kept.engine.errors import NotACorrection
from kept.engine.package import About
from kept.engine.report import ToldRecipient
from kept.engine.resolve import resolve_whole
from kept.engine.unfinished import Unfinished
from kept.terms import Verdict, worst

BY_HAND = "not by this command: tell them yourself"  # the engine alone has no register of addresses


@told
def rectification(
    system: SystemOption,
    folder: Annotated[Path, typer.Option("--out", help="Folder for the report and the journal.")],
    to: Annotated[list[str], typer.Option("--set", help="DETAIL=VALUE: what is right. Repeat it.")],
    was: Annotated[list[str] | None, typer.Option("--was", help="DETAIL=VALUE: what is wrong. Repeat it.")] = None,
    email: EmailOption = None,
    phone: PhoneOption = None,
    name: NameOption = None,
    other: IdOption = None,
    region: RegionOption = None,
    company: Annotated[str, typer.Option("--company", help="Whose answer it is.")] = "The company",
    contact: Annotated[str, typer.Option("--contact", help="Where the person can write.")] = "privacy@example.com",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what would change; change nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before changing anything.")] = False,
) -> int:
    """Put a detail of a person right in every system, look again, and write a report. GDPR Art. 16."""
    at = now()
    wanted = _corrections(to, was or (), region)
    subject = person(f"rectification-{at:%Y%m%d}-{uuid.uuid4().hex[:8]}", region, email, phone, name, other)
    unfinished = Unfinished(folder / "unfinished-corrections.json")
    subject = unfinished.remembered(subject)
    with ExitStack() as stack:
        systems = all_connected(stack, system, subject)
        with held(systems):
            resolved = resolve_whole(systems, subject, region=region)
            if resolved.conflict:
                show_undecided(resolved)
                return CANNOT_TELL
            before = unfinished.wrong(subject)
            corrections = learn(systems, [resolved.subject] * len(systems), wanted, at.date(), before)
            plans = [one.plan_corrections(corrections, at.date()) for one in systems]  # all, before the first write
            seen = [one.preview(plan, resolved.subject) for one, plan in zip(systems, plans, strict=True)]
        show_corrections(systems, seen)
        if dry_run:
            return DONE
        if not yes and not typer.confirm("Put this right now?", default=False):
            out.print("Nothing was changed.")
            return NOT_DONE
        journal = Journal(folder / "journal.jsonl")
        for stopped in journal.unfinished():
            out.print(f"{stopped}: an earlier run was stopped here; it is done again.", markup=False)
        wrong = [(one.detail, one.was) for one in corrections if one.was is not None]
        unfinished.begin(resolved.subject, [one.name for one in systems], wrong)
        righted = []
        for one in correct_everywhere(systems, resolved.subject, plans, journal, now):
            righted.append(one)
            if one.problem is None:
                unfinished.finish(resolved.subject, one.system)
            show_righted(one)
    recipients = sorted(
        {
            recipient
            for one in righted
            for line in one.lines
            if line.outcome == "changed"
            for recipient in one.pack.tables[line.table].recipients
        }
    )
    told_to = [ToldRecipient(recipient, BY_HAND) for recipient in recipients]
    report = write_correction_report(folder, subject.ref, About(company, contact, now()), righted, told=told_to)
    for recipient in recipients:
        out.print(f"{recipient}: {BY_HAND} (GDPR Art. 19)", markup=False)
    out.print(f"Report: {report.path}", markup=False)
    if not any(one.lines for one in righted) and not any(one.problem for one in righted):
        return NOT_DONE  # nothing that holds this detail was found
    return EXIT[worst([one.verdict for one in righted] or [Verdict.CANNOT_TELL])]


def _corrections(to: Sequence[str], was: Sequence[str], region: str | None) -> list[Correction]:
    """Raises NotACorrection."""
    right = dict(_pair("--set", text) for text in to)
    wrong = [_pair("--was", text) for text in was]
    for detail, _ in wrong:
        if detail not in right:
            raise NotACorrection(detail, "--was says what is wrong; say by --set what is right")
    today = now().date()
    made = []
    for detail, value in right.items():
        olds: list[str | None] = [text for known, text in wrong if known == detail]
        made += [corrected(detail, old, value, today=today, region=region) for old in olds or [None]]
    if len(right) < len(to):
        raise NotACorrection("one detail", "it is set twice")
    return made


def _pair(option: str, text: str) -> tuple[Detail, str]:
    detail, equals, value = text.partition("=")
    if not equals or detail not in DETAILS:
        raise NotACorrection(option, f"write DETAIL=VALUE, with one of {', '.join(DETAILS)}")
    return detail, value
