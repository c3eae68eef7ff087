"""`kept clock`: by when something must be done, and why."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, NoReturn, cast, get_args

import typer

from kept.clocks.calendars import UnknownCalendar
from kept.clocks.counting import deadline, zone_of
from kept.clocks.deadline import BadQuestion, Event, Question, Refused, explained
from kept.clocks.rules import EventKind, NoRule, rules

app = typer.Typer()
Said = dict[str, object]
MOST = 100_000  # questions in one file


@app.command()
def clock(
    rule: Annotated[str, typer.Option(help="Which law: --list shows them all.")] = "",
    received: Annotated[str, typer.Option(help="A day, or an instant: 2026-01-31, 2026-01-31T18:00+01:00.")] = "",
    calendar: Annotated[
        str, typer.Option(help="Whose holidays: weekends, germany, GB-SCT, DE+2026-10-31.")
    ] = "weekends",
    zone: Annotated[str, typer.Option(help="The office's time zone.")] = "UTC",
    event: Annotated[
        list[str] | None,
        typer.Option(
            help="What happened: pause_start=…, pause_end=…, extend=…, until=…, identity=…, fee=…. Repeatable."
        ),
    ] = None,
    file: Annotated[
        Path | None, typer.Option(help="A JSON array of such questions; - reads the standard input.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The answer as JSON.")] = False,
    every: Annotated[bool, typer.Option("--list", help="Every rule, with what it says and its source.")] = False,
) -> None:
    """Work out a legal deadline, and explain it.

    Exit codes: 0 answered (also where the law refuses what was asked), 2 a question that cannot be read.
    """
    if every:
        _list(as_json)
    elif file is not None:
        answers = [_answer(one) for one in _questions(file)]
        typer.echo(json.dumps(answers, indent=2, ensure_ascii=False))
        raise typer.Exit(2 if any(answer.get("unreadable") for answer in answers) else 0)
    else:
        asked = {"rule": rule, "received": received, "calendar": calendar, "zone": zone, "events": event or []}
        answer = _answer(asked)
        if as_json:
            typer.echo(json.dumps(answer, indent=2, ensure_ascii=False))
        else:
            _show(answer)
        raise typer.Exit(2 if answer.get("unreadable") else 0)


def _answer(asked: object) -> Said:
    """One answer. A question that cannot be read is answered as well: with null, and what is wrong."""
    try:
        question = _question(asked)
        made = deadline(question)
    except Refused as refused:
        without = refused.without
        return {"due": None, "reason": f"{refused}.", "due_without": without.as_dict()["due"]} | {
            name: value for name, value in without.as_dict().items() if name not in ("due", "due_on", "late_from")
        }
    except NoRule as problem:
        return {"due": None, "reason": f"{problem}.", "unreadable": "is no rule" in str(problem)}
    except (BadQuestion, UnknownCalendar) as problem:
        return {"due": None, "reason": f"{problem}.", "unreadable": True}
    return made.as_dict() | {"reason": None, "explained": list(explained(made))}


def _question(asked: object) -> Question:
    """Raises BadQuestion."""
    if not isinstance(asked, Mapping):
        raise BadQuestion("a question is an object with rule and received")
    if unknown := sorted(
        str(name)[:40] for name in asked.keys() - {"rule", "received", "calendar", "zone", "events", "event"}
    ):
        raise BadQuestion(f"{unknown[0]!r} is not known: rule, received, calendar, zone, events")
    words = {name: asked.get(name, default) for name, default in
             (("rule", ""), ("received", ""), ("calendar", "weekends"), ("zone", "UTC"))}  # fmt: skip
    for name, value in words.items():
        if not isinstance(value, str) or not value.strip():
            raise BadQuestion(f"{name} is missing")
    zone = str(words["zone"])
    events = asked.get("events", asked.get("event", []))
    pairs = [pair for one in (events if isinstance(events, list) else [events]) for pair in _pairs(one)]
    return Question(
        str(words["rule"]), _instant(str(words["received"]), "received", zone), str(words["calendar"]), zone,
        tuple(Event(kind, _instant(at, kind, zone)) for kind, at in pairs),
    )  # fmt: skip


def _pairs(event: object) -> list[tuple[EventKind, str]]:
    """From "extend=2026-03-01", {"extend": "2026-03-01"} or {"kind": "extend", "at": "2026-03-01"}."""
    if isinstance(event, str):
        kind, _, at = event.partition("=")
        found: list[tuple[object, object]] = [(kind.strip(), at.strip())]
    elif isinstance(event, Mapping) and {"kind", "at"} == event.keys():
        found = [(event["kind"], event["at"])]
    elif isinstance(event, Mapping):
        found = list(event.items())
    else:
        raise BadQuestion("an event looks like this: extend=2026-03-01")
    pairs: list[tuple[EventKind, str]] = []
    for what, when in found:
        if what not in get_args(EventKind):
            raise BadQuestion(f"{str(what)[:40]!r} is no event: {', '.join(get_args(EventKind))}")
        pairs.append((cast(EventKind, what), str(when)))
    return pairs


def _instant(text: str, what: str, zone: str) -> datetime:
    """Without a zone of its own it is meant in the office's; a day alone is its beginning."""
    try:
        instant = datetime.fromisoformat(text.strip())
    except ValueError:
        raise BadQuestion(f"{what} is a day or an instant such as 2026-01-31 or 2026-01-31T18:00+01:00") from None
    return instant if instant.tzinfo else instant.replace(tzinfo=zone_of(zone))


def _questions(file: Path) -> list[object]:
    try:
        text = typer.get_text_stream("stdin").read() if str(file) == "-" else file.read_text(encoding="utf-8")
        asked = json.loads(text.removeprefix("\ufeff"))  # some editors begin a file with it
    except (OSError, UnicodeDecodeError) as problem:
        _stop(f"{file} cannot be read: {getattr(problem, 'strerror', None) or 'it is no UTF-8 text'}.")
    except (ValueError, RecursionError) as problem:  # ValueError: a number of thousands of digits as well
        where = f" (line {problem.lineno})" if isinstance(problem, json.JSONDecodeError) else ""
        _stop(f"{file} is no JSON{where}.")
    if not isinstance(asked, list):
        _stop(f"{file} must hold an array of questions.")
    if len(asked) > MOST:
        _stop(f"{file} holds more than {MOST:,} questions.")
    return asked


def _show(answer: Said) -> None:
    lines = answer.get("explained")
    for line in lines if isinstance(lines, list) else ():
        typer.echo(line)
    if answer["due"] is None:
        typer.echo(str(answer["reason"]), err=bool(answer.get("unreadable")))
        if without := answer.get("due_without"):
            typer.echo(f"Without it: {without}")
    else:
        typer.echo(f"Last day: {answer['due']}")


def _list(as_json: bool) -> None:
    told = [{"rule": one.id, "title": one.title, "says": one.says, "source": one.source} for one in rules()]
    if as_json:
        typer.echo(json.dumps(told, indent=2, ensure_ascii=False))
        return
    for one in told:
        typer.echo(f"{one['rule']}: {one['title']}\n  {one['says']}\n  {one['source']}")


def _stop(why: str) -> NoReturn:
    typer.echo(why, err=True)
    raise typer.Exit(2)
