"""What of a pack only shows when all of its tables are known."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kept.engine.errors import PackError
from kept.engine.pack import ColumnRule, Pack, TableRule

Wrong = Callable[..., PackError]  # what is wrong, then the path to it in the file


def cross_check(pack: Pack, names: Mapping[str, str], wrong: Wrong) -> None:
    """What only shows when all tables are known. `names`: as they stand in the file. Raises what `wrong` makes."""
    for rule in pack.tables.values():
        path = ("table", names[rule.name])
        if rule.name in pack.not_personal:
            raise wrong("is also listed in not_personal", *path)
        for link in rule.links:
            must_have(wrong, rule, link.column, *path, "links")
            for column, _ in link.where:
                must_have(wrong, rule, column, *path, "links")
            if link.to:
                if link.to[0] not in pack.tables:
                    raise wrong(f"links to {link.to[0]}, which is not in this pack", *path, "links")
                must_have(wrong, pack.tables[link.to[0]], link.to[1], *path, "links")
        alive = rule.live.where if rule.live else ()
        for column in (*rule.key, *(column for column, _ in (*rule.where, *alive))):
            must_have(wrong, rule, column, *path)
        if rule.law:
            must_have(wrong, rule, rule.law.start, *path, "law")
        check_marks(wrong, pack, rule, *path, "marks")
        for listed in rule.columns.values():
            if listed.do == "law" and not rule.law:
                raise wrong("says law, but the table names no law", *path, "columns", listed.name)
            if listed.calling_code:
                must_have(wrong, rule, listed.calling_code, *path, "columns", listed.name)
            if listed.copy_of:
                check_copy(wrong, pack, listed, *path, "columns", listed.name)
        if rule.person and not any(link.kind for link in rule.links):
            raise wrong("person = true needs a link by an identifier", *path, "person")
    no_circles(wrong, pack)


def check_marks(wrong: Wrong, pack: Pack, rule: TableRule, *path: str) -> None:
    """A mark is written into a column that the pack knows, and never into one that names or ties rows."""
    conditions = [*rule.where, *(pair for link in rule.links for pair in link.where)]
    tying = {*rule.key, *(link.column for link in rule.links), *(column for column, _ in conditions)}
    every = (link.to for other in pack.tables.values() for link in other.links if link.to)
    tying |= {column for table, column in every if table == rule.name}
    for name, sets in rule.marks.items():
        for column, _ in sets:
            must_have(wrong, rule, column, *path)
            if rule.columns[column].do == "key" or column in tying:
                raise wrong(f"{name} is written into {column}, which names the row or ties it to a person", *path)


def check_copy(wrong: Wrong, pack: Pack, copy: ColumnRule, *path: str) -> None:
    """What is erased in one place must not stay in its copies."""
    assert copy.copy_of is not None  # noqa: S101 - asked by the caller
    table, column = copy.copy_of
    if table not in pack.tables:
        raise wrong(f"is a copy from {table}, which is not in this pack", *path)
    must_have(wrong, pack.tables[table], column, *path)
    original = pack.tables[table]
    goes = original.rows == "delete" or original.columns[column].do in ("erase", "redact")
    if goes and copy.do == "keep":
        raise wrong(f"is a copy of {table}.{column}, which is erased: it cannot be kept", *path)


def no_circles(wrong: Wrong, pack: Pack) -> None:
    """A row's way to a person must end: links between tables go round in no circle."""
    done: set[str] = set()

    def visit(name: str, above: tuple[str, ...]) -> None:
        if name in above:
            raise wrong(f"links go in a circle: {' -> '.join((*above, name))}", "table", name)
        if name not in done:
            for link in pack.tables[name].links:
                if link.to:
                    visit(link.to[0], (*above, name))
            done.add(name)

    for name in pack.tables:
        visit(name, ())


def must_have(wrong: Wrong, rule: TableRule, column: str, *path: str) -> None:
    if column not in rule.columns:
        raise wrong(f"{rule.name} lists no column {column!r}", *path)
