"""The readable pages inside a package and a report: one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib import resources
from typing import Any


@dataclass(frozen=True)
class Right:
    """A right the person is told of in every answer. GDPR Art. 15(1)(e), (f)."""

    title: str
    article: str
    text: str


RIGHTS = (
    Right("Correction", "Art. 16", "If something here is wrong, you can have it corrected."),
    Right("Erasure", "Art. 17", "You can have it erased, unless a law or a legal claim needs it kept."),
    Right("Restriction", "Art. 18", "You can have its use stopped while a question about it is open."),
    Right("Objection", "Art. 21", "You can object to a use. Direct mail stops at once when you do."),
    Right(
        "Transfer",
        "Art. 20",
        "You can take this copy to another provider: data.json and the CSV files are made for that.",
    ),
    Right(
        "Complaint",
        "Art. 77",
        "You can complain to the data protection authority where you live, work or think it happened.",
    ),
)


@cache
def style() -> str:
    return (resources.files(__package__) / "package.css").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Start:
    """How the page of one sort of package begins."""

    title: str
    heading: str
    nothing: str
    before: str = ""  # a sentence more

    def __call__(
        self,
        company: str,
        contact: str,
        reference: str,
        made_at: str,
        notes: Sequence[str],
        tables: Sequence[Mapping[str, Any]],
    ) -> str:
        return start(self, company, contact, reference, made_at, notes, tables)


ACCESS_START = Start(
    "Your data at {company}",
    "What {company} holds about you",
    "We searched every connected system and found nothing about you.",
)
PORTABLE_START = Start(
    "Your data from {company}",
    "What you can take along from {company}",
    "We searched every connected system and found nothing that you provided.",
    "It holds what you gave us and what your use of our services made, where a contract or your consent is the ground. "
    "What we worked out about you, and other people’s words, are not in it: ask for a copy of your data to see those. "
    "For computers it is data.json, described by schema.json, and the same as CSV files.",
)


def start(
    words: Start,
    company: str,
    contact: str,
    reference: str,
    made_at: str,
    notes: Sequence[str],
    tables: Sequence[Mapping[str, Any]],
) -> str:
    rows = sum(int(table["rows"]) for table in tables)
    said = "".join(f"<p class=note>{escape(note)}</p>" for note in notes)
    contents = "".join(
        f"<tr><td><a href='#{_anchor(table)}'>{escape(table['title'])}</a><td>{escape(table['system_title'])}"
        f"<td class=n>{table['rows']:,}<td>{escape(table['purpose'])}<td>{escape(table['period'])}"
        for table in tables
    )
    found = (
        "<table><thead><tr><th>What<th>Where<th class=n>Records<th>What for<th>For how long</thead>"
        f"<tbody>{contents}</tbody></table>"
        if tables
        else f"<p>{escape(words.nothing)}</p>"
    )
    rights = "".join(f"<dt>{right.title} <small>{right.article}</small><dd>{escape(right.text)}" for right in RIGHTS)
    return (
        f"{_head(words.title.format(company=company))}<h1>{escape(words.heading.format(company=company))}</h1>"
        f"<p class=lead>{rows:,} records, as they stood on {escape(_when(made_at))}. "
        f"Reference {escape(reference)}.</p>{f'<p>{escape(words.before)}</p>' if words.before else ''}{said}"
        f"<h2>Contents</h2><div class=wide>{found}</div>"
        f"<h2>Your rights</h2><dl>{rights}</dl><p>To use one, or to ask about this copy, write to "
        f"<a href='mailto:{escape(contact)}'>{escape(contact)}</a> and name the reference.</p>"
    )


def system(title: str, region: str) -> str:
    place = f" <small>stored in {escape(region)}</small>" if region else ""
    return f"<h2>{escape(title)}{place}</h2>"


def table_start(table: Mapping[str, Any], heads: Sequence[str]) -> str:
    recipients = ", ".join(table["recipients"]) or "Nobody outside the company."
    facts = (
        ("What for", table["purpose"]),
        ("Where it came from", table["source"]),
        ("For how long", table["period"]),
        ("Who else gets it", recipients),
    )
    told = "".join(f"<dt>{name}<dd>{escape(text)}" for name, text in facts)
    columns = "".join(f"<th>{escape(head)}" for head in heads)
    return (
        f"<h3 id='{_anchor(table)}'>{escape(table['title'])}</h3><dl class=facts>{told}</dl>"
        f"<div class=wide tabindex=0 role=region aria-label='{escape(table['title'])}'>"
        f"<table><thead><tr>{columns}</thead><tbody>"
    )


def row(values: Iterable[Any]) -> str:
    cells = "".join(f"<td>{'' if value is None else escape(str(value)[:2000])}" for value in values)
    return f"<tr>{cells}\n"


def table_end(table: Mapping[str, Any], shown: int) -> str:
    more = int(table["rows"]) - shown
    rest = f"<p class=note>{more:,} more records are in {escape(table['file'])}.</p>" if more > 0 else ""
    return f"</tbody></table></div>{rest}"


def end() -> str:
    return "</main>\n"


def report(
    company: str,
    contact: str,
    reference: str,
    made_at: str,
    systems: Sequence[Mapping[str, Any]],
    suppressed: str,
    told: Sequence[Sequence[str]] = (),
) -> str:
    """The erasure report: erased, kept because, verified."""
    parts = []
    for one in systems:
        parts.append(f"<h2>{escape(one['title'])}</h2><p>{escape(one['verified'])}</p>")
        parts.append(_lines("Erased", ("What", "Records"), [(line["title"], line["count"]) for line in one["erased"]]))
        taken = [(line["title"], line["count"]) for line in one["taken_out"]]
        parts.append(_lines("Taken out of other people's texts", ("Where", "Records"), taken))
        kept = [(line["title"], line["count"], line["why"], line["until"]) for line in one["kept"]]
        parts.append(_lines("Kept, and why", ("What", "Records", "Why", "Until"), kept))
    parts.append(_told(told))
    complaint = RIGHTS[-1]
    return (
        f"{_head(f'Your erasure at {company}')}<h1>What {escape(company)} erased</h1>"
        f"<p class=lead>As of {escape(_when(made_at))}. Reference {escape(reference)}.</p>{''.join(parts)}"
        f"<h2>What stays with us</h2><p>{escape(suppressed)}</p><h2>If you disagree</h2><p>{escape(complaint.text)} "
        f"You can also write to <a href='mailto:{escape(contact)}'>{escape(contact)}</a>.</p>{end()}"
    )


def corrections(
    company: str,
    contact: str,
    reference: str,
    made_at: str,
    systems: Sequence[Mapping[str, Any]],
    told: Sequence[Sequence[str]],
) -> str:
    """The report of a correction: what became what, what stays as it was and why, and who else was told."""
    parts = []
    for one in systems:
        parts.append(f"<h2>{escape(one['title'])}</h2><p>{escape(one['verified'])}</p>")
        for title, name in (
            ("Put right", "changed"),
            ("Right already", "right"),
            ("Left as it was", "copies"),
            ("Something else stands there", "unexpected"),
        ):
            heads = ("What", "Where", "It said", "It says now" if name == "changed" else "Why it stays", "Records")
            rows = [(row["detail"], row["title"], row["was"], row["now"], row["rows"]) for row in one[name]]
            parts.append(_lines(title, heads, rows))
    complaint = RIGHTS[-1]
    return (
        f"{_head(f'Your correction at {company}')}<h1>What {escape(company)} put right</h1>"
        f"<p class=lead>As of {escape(_when(made_at))}. Reference {escape(reference)}.</p>{''.join(parts)}{_told(told)}"
        f"<h2>If you disagree</h2><p>{escape(complaint.text)} "
        f"You can also write to <a href='mailto:{escape(contact)}'>{escape(contact)}</a>.</p>{end()}"
    )


def _told(told: Sequence[Sequence[str]]) -> str:
    if not told:
        return ""
    return f"<h2>Who else had it</h2>{_lines('We told them what changed', ('Who', 'Told'), told)}"


@dataclass(frozen=True)
class Part:
    """One part of a letter: its heading, sentences, and what is told in pairs."""

    title: str
    sentences: Sequence[str] = ()
    pairs: Sequence[tuple[str, str]] = ()


def letter(
    title: str, company: str, contact: str, reference: str, made_at: str, lead: str, parts: Sequence[Part]
) -> str:
    """An answer in words: what a person decided and why, with the ways to go on."""
    told = []
    for part in parts:
        paragraphs = "".join(f"<p>{escape(one)}" for said in part.sentences for one in said.split("\n") if one.strip())
        pairs = "".join(f"<dt>{escape(name)}<dd>{escape(text)}" for name, text in part.pairs)
        told.append(f"<h2>{escape(part.title)}</h2>{paragraphs}{f'<dl>{pairs}</dl>' if pairs else ''}")
    complaint = RIGHTS[-1]
    return (
        f"{_head(f'{title}: {company}')}<h1>{escape(title)}</h1><p class=lead>{escape(lead)} "
        f"Reference {escape(reference)}, {escape(_when(made_at))}.</p>{''.join(told)}"
        f"<h2>If you disagree</h2><p>{escape(complaint.text)} You can go to court as well. "
        f"You can also write to <a href='mailto:{escape(contact)}'>{escape(contact)}</a>.</p>{end()}"
    )


def _lines(title: str, heads: Sequence[str], lines: Sequence[Sequence[Any]]) -> str:
    if not lines:
        return ""
    body = "".join("<tr>" + "".join(f"<td>{escape(str(cell))}" for cell in line) for line in lines)
    columns = "".join(f"<th>{head}" for head in heads)
    table = f"<table><thead><tr>{columns}</thead><tbody>{body}</tbody></table>"
    return f"<h3>{title}</h3><div class=wide>{table}</div>"


def _head(title: str) -> str:
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<meta name=color-scheme content='light dark'><title>{escape(title)}</title><style>{style()}</style><main>"
    )


def _anchor(table: Mapping[str, Any]) -> str:
    return escape(f"{table['system']}-{table['table']}")


def _when(made_at: str) -> str:
    return made_at.replace("T", " ").replace("+00:00", " UTC")
