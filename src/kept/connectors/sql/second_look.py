"""The residue pass: after a change, every text column of the database is searched, mapped or not.

A few people: the database filters, in parallel where it can. A batch: the tables are streamed once and searched for
everybody at once. Both only filter; each hit is then held against the boundaries of its kind (`engine.traces`).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import chain, islice

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from kept.connectors.sql.connect import plain_errors
from kept.connectors.sql.dialects import Element, as_bytes, as_letters
from kept.connectors.sql.reach import View, relation
from kept.connectors.sql.read_out import FIELD, Key, Row, every_row, key_texts, readable, searched_whole, shown
from kept.connectors.sql.stream import stream
from kept.engine.catalogue import READABLE, Table
from kept.engine.errors import NeedsPerson
from kept.engine.searched import SEPARATORS, found_in, possible_beside
from kept.engine.traces import Finder, Trace

SELECTIVE = 5  # letters a pattern needs to be worth asking for
MOST_HITS = 500_000  # held in memory
ALIKE = 8  # letters that two words must have in common to be asked for together
FEW = 6  # patterns that the database itself is asked for
BY_FREQUENCY = "etaoinsr0125lhdcum346789pfgwybvkxjqz"  # the most frequent first


@dataclass(frozen=True, slots=True)
class Hit:
    """One value that still holds identifiers of one subject. `key` is the row's, as text; () where it has none."""

    table: str
    column: str
    key: Key = field(repr=False)
    subject: int
    kinds: frozenset[str]
    strong: bool  # False: only the name and another weak identifier beside it in the same record


# What a system knows to read beside its readable columns: names of columns, and their rows that may speak of somebody.
Beside = Callable[[sa.Connection, View, Table, Finder], tuple[Sequence[str], Iterator[Row]] | None]


def look(connection: sa.Connection, view: View, traces: Sequence[Trace], beside: Beside | None = None) -> list[Hit]:
    """Every hit in every readable column of every table. Raises NeedsPerson when there are more than anybody erases."""
    found = chain(_hits_everywhere(connection, view, traces), _hits_beside(connection, view, traces, beside))
    hits = list(islice(found, MOST_HITS + 1)) if traces else []
    if len(hits) <= MOST_HITS:
        return hits
    (table, column), most = Counter((hit.table, hit.column) for hit in hits).most_common(1)[0]
    why = f"more than {MOST_HITS:,} values still hold what identifies the person, {most:,} of them in {table}.{column}"
    raise NeedsPerson(view.pack.title, f"{why}. Does the pack say what happens to that table?")


def _hits_everywhere(connection: sa.Connection, view: View, traces: Sequence[Trace]) -> Iterator[Hit]:
    if view.dialect == "postgresql":
        # It takes a filter that it knows nothing about for one that lets every row through, and would not share that.
        connection.exec_driver_sql("SET LOCAL parallel_tuple_cost = 0")
    telling: dict[int, list[Trace]] = defaultdict(list)
    others: dict[int, list[Trace]] = defaultdict(list)
    for trace in traces:
        (telling if trace.strong or trace.kind == "name" else others)[trace.subject].append(trace)
    patterns = patterns_of(traces)
    if patterns is None:
        rows_of = partial(searched_whole, connection, view, finder=Finder(traces))
    else:
        rows_of = partial(
            _filtered, connection, view, patterns=patterns, stages=stages_of(traces), subjects=set(telling)
        )
    for table in view.catalogue.tables.values():
        columns = [name for name, column in table.columns.items() if column.type in READABLE]
        if not columns:
            continue
        with plain_errors(view.pack.title, table.name):
            for key, texts, subjects in rows_of(table, columns):
                for subject in sorted(subjects):
                    whole = FIELD.join(filter(None, texts))
                    possible = possible_beside(whole, telling[subject], others[subject])
                    if _tells(possible):
                        yield from _hits(table.name, columns, key, texts, possible)


def _hits_beside(
    connection: sa.Connection, view: View, traces: Sequence[Trace], beside: Beside | None
) -> Iterator[Hit]:
    if beside is None:
        return
    finder = Finder(traces)
    for table in view.catalogue.tables.values():
        if (readable_here := beside(connection, view, table, finder)) is None:
            continue
        columns, rows = readable_here
        for key, texts, subjects in rows:
            for subject in sorted(subjects):
                yield from _hits(table.name, columns, key, texts, [one for one in traces if one.subject == subject])


def _hits(
    table: str, columns: Sequence[str], key: Key, texts: Sequence[str | None], traces: Sequence[Trace]
) -> Iterator[Hit]:
    """What one record really holds of one subject. Weak identifiers count only when the name stands in it as well."""
    inside = {
        column: found for column, text in zip(columns, texts, strict=True) if text and (found := found_in(text, traces))
    }
    together = [trace for found in inside.values() for trace in found]
    if not _tells(together):
        return
    strong = any(trace.strong for trace in together)
    for column, found in inside.items():
        if decisive := [trace for trace in found if trace.strong or not strong]:
            yield Hit(
                table, column, key, decisive[0].subject, _kinds(*sorted({trace.kind for trace in decisive})), strong
            )


def _tells(traces: Iterable[Trace]) -> bool:
    """Whether they say whose a record is: a name alone is also that of others."""
    kinds = {trace.kind: trace.strong for trace in traces}
    return any(kinds.values()) or ("name" in kinds and len(kinds) > 1)


@cache
def _kinds(*kinds: str) -> frozenset[str]:
    """One set for all hits that have these kinds: there may be half a million."""
    return frozenset(kinds)


def patterns_of(traces: Sequence[Trace]) -> list[str] | None:
    """LIKE patterns that let through every row with a strong trace or a name; None: too many to ask a database for.

    Each takes the database about as long as reading the texts: so there are as few as can be, and none begins with a
    letter that every word has.
    """
    ways = [way for trace in traces if trace.strong or trace.kind == "name" for way in _ways(trace)]
    if any(sum(map(len, way)) < SELECTIVE for way in ways):
        return None
    if len({way for way in ways if len(way) > 1}) > FEW:
        return None  # none of these is joined with another one
    patterns = _patterns(ways)
    return patterns if len(patterns) <= FEW else None


@dataclass(frozen=True)
class Stages:
    """What a row is held against, one after the other: LIKE patterns of which one has to fit in each.

    `first`: one for each trace that tells whose a record is, of a name its longest part. Then `strong`; or `numbers`,
    and as one is `written`, a regular expression; or `name` and `beside` it another sign.
    """

    first: Sequence[str]
    strong: Sequence[str]
    numbers: Sequence[str]
    written: str  # "": there are no numbers
    name: Sequence[str]
    beside: Sequence[str]


def stages_of(traces: Sequence[Trace]) -> Stages:
    strong = [way for trace in traces if trace.strong and not trace.bare for way in _ways(trace)]
    numbers = [trace for trace in traces if trace.strong and trace.bare]
    signs = [way for trace in numbers for way in _ways(trace)]
    names = [trace for trace in traces if trace.kind == "name"]
    parts = [way for trace in names for way in _longest_part(trace)]
    beside = [way for trace in traces if not trace.strong and trace.kind != "name" for way in _ways(trace)]
    return Stages(
        first=_patterns([*strong, *signs, *parts]),
        strong=_patterns(strong),
        numbers=_patterns(signs),
        written="|".join(_written(trace.bare) for trace in numbers),
        name=_patterns([way for trace in names for way in _ways(trace)]),
        beside=_patterns(beside),
    )


def _patterns(ways: Sequence[tuple[str, ...]]) -> list[str]:
    return list(map(_pattern, _merged(ways)))


def _written(bare: str) -> str:
    """A number with nothing but separators between its signs: a long text has all of them in this order by chance."""
    return f"[{SEPARATORS.decode()}]*".join(map(re.escape, bare))


def _ways(trace: Trace) -> Sequence[tuple[str, ...]]:
    """Of a number, its signs with anything between them: few texts hold all of them in this order."""
    return trace.letters or (tuple(trace.bare),)


def _longest_part(trace: Trace) -> Sequence[tuple[str, ...]]:
    """One word that stands in a name whichever way it is written; where all are short, the ways."""
    ways = _ways(trace)
    longest = max(frozenset(ways[0]).intersection(*ways), key=len, default="")
    return [(longest,)] if len(longest) >= SELECTIVE - 1 else ways


def _pattern(way: tuple[str, ...]) -> str:
    return "%" + "%".join(map(_escaped, _from_a_rare_letter(way))) + "%"


def _merged(ways: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Words that begin and end alike become one pattern: a customer's domains, mostly."""
    merged: list[tuple[str, ...]] = []
    for way in dict.fromkeys(ways):
        for place, other in enumerate(merged):
            if len(way) == 1 and _covers(other, way[0]):
                break
            if len(way) == len(other) == 1 and (both := _alike(way[0], other[0])):
                merged[place] = both
                break
        else:
            merged.append(way)
    return merged


def _covers(way: tuple[str, ...], word: str) -> bool:
    """Whether what is asked for already lets the word through."""
    first, last = way[0], way[-1] if len(way) > 1 else ""
    return len(way) < 3 and word.startswith(first) and word[len(first) :].endswith(last)


def _alike(one: str, other: str) -> tuple[str, ...] | None:
    first = _common_start(one, other)
    last = _common_start(one[len(first) :][::-1], other[len(first) :][::-1])[::-1]
    if len(first) < SELECTIVE or len(first) + len(last) < ALIKE:
        return None
    return tuple(filter(None, (first, last)))


def _common_start(one: str, other: str) -> str:
    pairs = zip(one, other, strict=False)
    return one[: next((place for place, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))]


def _from_a_rare_letter(way: tuple[str, ...]) -> tuple[str, ...]:
    """Without its first letters, where a rarer one follows soon: the database looks closer at each of the first."""
    first = way[0]
    spare = max(0, min(2, len(first) // 2, sum(map(len, way)) - SELECTIVE))
    begin = max(range(spare + 1), key=lambda place: (BY_FREQUENCY.find(first[place : place + 1]), -place))
    return first[begin:], *way[1:]


def _escaped(part: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", part)


def _filtered(
    connection: sa.Connection,
    view: View,
    table: Table,
    columns: Sequence[str],
    patterns: Sequence[str],
    stages: Stages,
    subjects: set[int],
) -> Iterator[Row]:
    source = relation(table)
    letters = [as_letters(view.dialect, source.c[name], table.columns[name]) for name in columns]
    whole = _concatenated(view.dialect, letters)
    keys = key_texts(view, table, source)
    texts = [shown(view, table, source, name) for name in columns]
    if view.dialect == "postgresql":
        # Bytes are searched at twice the speed of characters, and several patterns at the price of one.
        wanted = _staged(connection, sa.func.lower(sa.collate(whole, "C")), stages)
    else:
        wanted = sa.or_(*(sa.func.lower(whole).like(pattern, escape="\\") for pattern in patterns))
        # NULL: the columns are longer together than MariaDB handles at once (max_allowed_packet). Then look here.
        wanted = sa.func.coalesce(wanted, sa.literal_column("1"))
    for row in stream(connection, every_row(table, source, [*keys, *texts]).where(wanted)):
        yield tuple(row[: len(keys)]), [readable(cell) for cell in row[len(keys) :]], subjects


def _staged(connection: sa.Connection, text: Element, stages: Stages) -> Element:
    """PostgreSQL begins with the condition that costs least, which is the first stage, and looks closer only at what
    passed it."""
    whole = as_bytes(connection, text)

    def fits(patterns: Sequence[str]) -> Element:
        return whole.op("LIKE")(sa.any_(sa.literal([one.encode() for one in patterns], ARRAY(sa.LargeBinary))))

    told = [fits(stages.strong), sa.and_(fits(stages.name), fits(stages.beside))]
    if stages.written:
        told.append(sa.and_(fits(stages.numbers), text.op("~")(stages.written)))
    return sa.and_(fits(stages.first), sa.or_(*told))


def _concatenated(dialect: str, texts: Sequence[Element]) -> Element:
    """With nothing between them: it only filters, and a sign between them costs as much as a short column."""
    if dialect == "mysql":
        return sa.func.concat_ws("", *texts)
    whole: Element = sa.func.coalesce(texts[0], "")
    for text in texts[1:]:  # half as long on PostgreSQL as concat_ws
        whole = whole.concat(sa.func.coalesce(text, ""))
    # SQLite: files are no text, and some text is no UTF-8.
    return sa.cast(whole, sa.LargeBinary) if dialect == "sqlite" else whole
