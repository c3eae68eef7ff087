"""Reading one pack from TOML: every fault is told with the file, the line and what is wrong."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Literal, cast, get_args

from kept.engine.details import DETAILS, Detail
from kept.engine.errors import PackError
from kept.engine.pack import Category, Codec, ColumnRule, Do, Law, Link, Live, MarkName, Pack, Scalar, TableRule
from kept.engine.pack_checks import cross_check
from kept.terms import STRONG, Kind


def read_pack(text: str, file: str, parameters: Mapping[str, str]) -> Pack:
    """Raises PackError."""
    return _Reader(text, file, parameters).pack()


class _Reader:
    def __init__(self, text: str, file: str, parameters: Mapping[str, str]) -> None:
        self.file, self.lines, self.given = file, text.splitlines(), parameters
        try:
            self.toml = tomllib.loads(text)
        except tomllib.TOMLDecodeError as problem:
            place = re.search(r"at line (\d+)", str(problem))
            what = re.sub(r"\s*\(at .*\)$", "", str(problem))
            raise PackError(file, int(place.group(1)) if place else None, f"not TOML: {what}") from None

    def wrong(self, what: str, *path: str) -> PackError:
        return PackError(self.file, self.line_of(path), what)

    def line_of(self, path: tuple[str, ...]) -> int | None:
        """The line of a key, or of the deepest part of its path that has one."""
        header: tuple[str, ...] = ()
        deepest, found = 0, None
        for number, line in enumerate(self.lines, start=1):
            if match := re.match(r"\s*\[([^\[\]]+)\]", line):
                header = tuple(part.strip("\"' ") for part in re.findall(r"\"[^\"]*\"|[^.]+", match.group(1)))
                here = header
            elif match := re.match(r"\s*([\w\"'{}-]+)\s*=", line):
                here = (*header, match.group(1).strip("\"'"))
            else:
                continue
            if len(here) > deepest and here == path[: len(here)]:
                deepest, found = len(here), number
        return found

    def pack(self) -> Pack:
        top = self.toml
        self.known(top, ("format", "name", "title", "probe", "not_personal", "parameters", "table"))
        if top.get("format") != 1:
            raise self.wrong("format must be 1", "format")
        name = self.text(top, "name")
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,62}", name):
            raise self.wrong("name must be lower-case letters, digits and hyphens", "name")
        parameters = self.parameters(top.get("parameters", {}))
        tables_in = top.get("table")
        if not isinstance(tables_in, dict) or not tables_in:
            raise self.wrong("a pack needs at least one [table.…]")
        tables = {}
        for raw, body in tables_in.items():
            rule = self.table(raw, self.filled(raw, parameters), body, name, parameters)
            tables[rule.name] = rule
        pack = Pack(
            name=name,
            title=self.text(top, "title"),
            tables=tables,
            probe=tuple(self.filled(table, parameters) for table in self.texts(top, "probe")),
            not_personal=frozenset(self.filled(table, parameters) for table in self.texts(top, "not_personal")),
            file=self.file,
            parameters=parameters,
        )
        names = {self.filled(raw, parameters): raw for raw in self.toml["table"]}
        cross_check(pack, names, self.wrong)
        return pack

    def parameters(self, defaults: object) -> dict[str, str]:
        if not isinstance(defaults, dict) or not all(isinstance(value, str) for value in defaults.values()):
            raise self.wrong("parameters must be words with a default text", "parameters")
        for word in self.given:
            if word not in defaults:
                raise self.wrong(f"this pack has no parameter {word!r}", "parameters")
        merged = {**defaults, **self.given}
        for word, value in merged.items():
            if not re.fullmatch(r"\w*", value):
                raise self.wrong(f"parameter {word} may hold letters, digits and _ only", "parameters")
        return merged

    def filled(self, name: str, parameters: Mapping[str, str]) -> str:
        def fill(match: re.Match[str]) -> str:
            if match.group(1) not in parameters:
                raise self.wrong(f"{name!r} uses the unknown parameter {match.group(1)!r}", "parameters")
            return parameters[match.group(1)]

        return re.sub(r"\{(\w+)\}", fill, name)

    def table(self, raw: str, name: str, body: object, pack: str, parameters: Mapping[str, str]) -> TableRule:
        path = ("table", raw)
        if not isinstance(body, dict):
            raise self.wrong("must be a table: [table.NAME]", *path)
        self.known(
            body,
            _TABLE_WORDS,
            *path,
        )
        links_in = body.get("links")
        if not isinstance(links_in, list):
            raise self.wrong("needs links: how a row ties to a person; links = [] if nothing does", *path, "links")
        columns_in = body.get("columns")
        if not isinstance(columns_in, dict) or not columns_in:
            raise self.wrong(f"needs [table.{raw}.columns]", *path, "columns")
        rows = body.get("rows", "change")
        if rows not in ("change", "delete"):
            raise self.wrong('rows must be "change" or "delete"', *path, "rows")
        category = self.text(body, "category", *path)
        if category not in get_args(Category):
            raise self.wrong(f"category must be one of {', '.join(get_args(Category))}", *path, "category")
        return TableRule(
            name=name,
            title=self.text(body, "title", *path),
            category=cast(Category, category),
            purpose=self.text(body, "purpose", *path),
            source=self.text(body, "source", *path),
            period=self.text(body, "period", *path),
            links=tuple(self.link(link, pack, parameters, *path, "links") for link in links_in),
            columns={column: self.column(raw, column, rule, pack, parameters) for column, rule in columns_in.items()},
            recipients=tuple(self.texts(body, "recipients", *path)),
            person=self.yes(body, "person", *path),
            portable=self.yes(body, "portable", *path),
            rows=cast(Literal["change", "delete"], rows),
            law=self.law(body.get("law"), *path, "law"),
            live=self.live(body.get("live"), *path, "live"),
            key=tuple(self.texts(body, "key", *path)),
            where=self.where(body.get("where"), *path, "where"),
            optional=self.yes(body, "optional", *path),
            rest=self.rest(body, *path),
            marks=self.marks(body.get("marks"), *path, "marks"),
        )

    def marks(self, marks: object, *path: str) -> dict[MarkName, tuple[tuple[str, Scalar], ...]]:
        if marks is None:
            return {}
        if not isinstance(marks, dict) or not marks:
            raise self.wrong('marks look like { objection = { status = "blocklisted" } }', *path)
        self.known(marks, get_args(MarkName), *path)
        found: dict[MarkName, tuple[tuple[str, Scalar], ...]] = {}
        for name, sets in marks.items():
            if not isinstance(sets, dict) or not sets or not all(isinstance(one, Scalar) for one in sets.values()):
                raise self.wrong(f"{name} looks like {{ column = value }}: a text, a number, true or false", *path)
            found[cast(MarkName, name)] = tuple(sets.items())
        return found

    def live(self, live: object, *path: str) -> Live | None:
        if live is None:
            return None
        if not isinstance(live, dict):
            raise self.wrong('live looks like { says = "running orders", where = { status = "active" } }', *path)
        self.known(live, ("says", "where"), *path)
        where = self.where(live.get("where"), *path)
        if not where:
            raise self.wrong("needs where = { column = value }", *path)
        return Live(self.text(live, "says", *path), where)

    def rest(self, body: Mapping[str, object], *path: str) -> Do | None:
        rest = body.get("rest")
        if rest not in (None, "keep", "erase", "redact"):
            raise self.wrong('rest must be "keep", "erase" or "redact"', *path, "rest")
        return rest

    def link(self, link: object, pack: str, parameters: Mapping[str, str], *path: str) -> Link:
        if not isinstance(link, dict):
            raise self.wrong("a link looks like { column = …, is = … } or { column = …, to = … }", *path)
        self.known(link, ("column", "is", "of", "to", "where", "words", "prefix", "shared"), *path)
        prefix, shared = link.get("prefix", ""), self.yes(link, "shared", *path)
        if not isinstance(prefix, str) or ((prefix or shared) and "to" not in link):
            raise self.wrong('prefix = "…" and shared = true go with to = "table.column"', *path)
        words = link.get("words", "own")
        if words not in ("own", "others"):
            raise self.wrong('words must be "own" or "others"', *path)
        if ("is" in link) == ("to" in link):
            raise self.wrong("a link has either is or to", *path)
        where = self.where(link.get("where"), *path)
        column = self.text(link, "column", *path)
        if "is" in link:
            kind = self.kind(link, *path)
            if kind not in STRONG:
                raise self.wrong(f"{kind} is shared by many people and cannot link; strong: {_listed(STRONG)}", *path)
            return Link(column, kind, self.scope(link, kind, pack), None, where, words)
        table, dot, target = self.text(link, "to", *path).rpartition(".")
        if not dot:
            raise self.wrong('to must look like "table.column"', *path)
        return Link(column, None, "", (self.filled(table, parameters), target), where, words, prefix, shared)

    def column(self, table: str, name: str, rule: object, pack: str, parameters: Mapping[str, str]) -> ColumnRule:
        path = ("table", table, "columns", name)
        body: dict[str, object] = {"do": rule} if isinstance(rule, str) else cast("dict[str, object]", rule)
        if not isinstance(body, dict):
            raise self.wrong("a column is a word or { do = … }", *path)
        self.known(
            body,
            (
                *("do", "is", "of", "codec", "path", "others", "third_party", "secret", "sealed"),
                *("copy_of", "calling_code", "label", "reads", "detail", "portable"),
            ),
            *path,
        )
        do = self.text(body, "do", *path)
        if do not in get_args(Do):
            raise self.wrong(f"{do!r} is no action; choose one of {', '.join(get_args(Do))}", *path)
        codec = body.get("codec", "plain")
        if codec not in get_args(Codec):
            raise self.wrong(f"codec must be one of {', '.join(get_args(Codec))}", *path)
        others = body.get("others")
        if others not in (None, "keep", "redact", "erase"):
            raise self.wrong('others must be "keep", "redact" or "erase"', *path)
        paths = self.texts(body, "path", *path)
        if paths and codec != "json":
            raise self.wrong('path goes with codec = "json"', *path)
        kind = self.kind(body, *path) if "is" in body else None
        return ColumnRule(
            name=name,
            do=cast(Do, do),
            kind=kind,
            scope=self.scope(body, kind, pack),
            codec=cast(Codec, codec),
            path=tuple(paths),
            others=others,
            third_party=self.yes(body, "third_party", *path),
            secret=self.yes(body, "secret", *path),
            sealed=self.yes(body, "sealed", *path),
            copy_of=self.other_column(body, "copy_of", parameters, *path),
            calling_code=self.calling_code(body, kind, *path),
            label=str(body.get("label", "")),
            portable=self.yes(body, "portable", *path) if "portable" in body else True,
            reads=self.other_column(body, "reads", parameters, *path),
            detail=self.detail(body, do, codec, *path),
        )

    def calling_code(self, body: Mapping[str, object], kind: Kind | None, *path: str) -> str:
        if "calling_code" in body and kind != "phone":
            raise self.wrong('calling_code goes with is = "phone"', *path)
        return str(body.get("calling_code", ""))

    def detail(self, body: Mapping[str, object], do: str, codec: object, *path: str) -> Detail | None:
        """What a correction may write there."""
        if "detail" not in body:
            return None
        detail = body["detail"]
        if detail not in DETAILS:
            raise self.wrong(f"detail must be one of {', '.join(DETAILS)}", *path)
        if do in ("key", "refuse", "undecided"):
            raise self.wrong(f"{do} and detail: what is put right there is decided, and names no row", *path)
        if codec != "plain":
            raise self.wrong(f'detail goes with a plain column, and this one is codec = "{codec}"', *path)
        for word in ("secret", "sealed", "third_party"):
            if body.get(word):
                raise self.wrong(f"{word} and detail: only what the person may see and owns can be put right", *path)
        return detail

    def other_column(
        self, body: Mapping[str, object], word: str, parameters: Mapping[str, str], *path: str
    ) -> tuple[str, str] | None:
        if word not in body:
            return None
        table, dot, column = self.text(body, word, *path).rpartition(".")
        if not dot:
            raise self.wrong(f'{word} must look like "table.column"', *path)
        return self.filled(table, parameters), column

    def law(self, law: object, *path: str) -> Law | None:
        if law is None:
            return None
        if not isinstance(law, dict):
            raise self.wrong('law looks like { name = …, keep = "10 years", from = … }', *path)
        self.known(law, ("name", "keep", "from", "year_end"), *path)
        period = re.fullmatch(r"(\d{1,3}) (year|month|day)s?", self.text(law, "keep", *path))
        if not period or int(period.group(1)) == 0:
            raise self.wrong('keep must look like "10 years", "6 months" or "30 days"', *path)
        unit = cast("Literal['years', 'months', 'days']", period.group(2) + "s")
        name, start = self.text(law, "name", *path), self.text(law, "from", *path)
        return Law(name, int(period.group(1)), unit, start, self.yes(law, "year_end", *path))

    def kind(self, body: Mapping[str, object], *path: str) -> Kind:
        kind = body.get("is")
        if kind not in get_args(Kind):
            raise self.wrong(f"is must be one of {', '.join(get_args(Kind))}", *path)
        return cast(Kind, kind)

    def scope(self, body: Mapping[str, object], kind: Kind | None, pack: str) -> str:
        return str(body.get("of", pack)) if kind == "account" else ""

    def where(self, where: object, *path: str) -> tuple[tuple[str, Scalar], ...]:
        if where is None:
            return ()
        if not isinstance(where, dict) or not all(isinstance(value, str | int | bool) for value in where.values()):
            raise self.wrong("where looks like { column = value }", *path)
        return tuple(where.items())

    def known(self, body: Mapping[str, object], words: tuple[str, ...], *path: str) -> None:
        for word in body:
            if word not in words:
                raise self.wrong(f"unknown word {word!r}; known here: {', '.join(words)}", *path, word)

    def text(self, body: Mapping[str, object], word: str, *path: str) -> str:
        value = body.get(word)
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(f"needs {word} = a text", *path, word)
        return value

    def texts(self, body: Mapping[str, object], word: str, *path: str) -> list[str]:
        value = body.get(word, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise self.wrong(f"{word} must be a list of texts", *path, word)
        return value

    def yes(self, body: Mapping[str, object], word: str, *path: str) -> bool:
        value = body.get(word, False)
        if not isinstance(value, bool):
            raise self.wrong(f"{word} must be true or false", *path, word)
        return value


_TABLE_WORDS = (
    *("title", "category", "purpose", "source", "recipients", "period", "person", "portable", "links"),
    *("rows", "law", "live", "key", "where", "optional", "rest", "marks", "columns"),
)


def _listed(kinds: frozenset[Kind]) -> str:
    return ", ".join(sorted(kinds))
