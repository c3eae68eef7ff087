"""Four foreign schemas with marked people in them, erased through the engine and judged by the servers' own dumps."""

from __future__ import annotations

import re
import zipfile
from collections import Counter

import pytest
from ground import ABOUT_US, ON, Dump, Place, asking, widened
from worlds import NEAR, WORLDS, Person, World, crowd, near, session_of

from kept.cli import main as kept_main
from kept.engine.package import write_packages
from kept.engine.subject import Change, Residue
from kept.terms import Verdict

pytestmark = pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)


def settled(place: Place, world: World, size: int) -> list[Person]:
    people = crowd(size)
    world.settle(place, [*people, *near(place)])
    return people


def erased(connector, *people: Person) -> list[tuple[list[Change], Residue]]:
    batch = widened(connector, *(asking(one.asked, ref=f"case{one.n}") for one in people))
    plan = connector.plan(ON)
    changes = connector.erase(plan, batch)
    return list(zip(changes, connector.look(plan, batch), strict=True))


def own(person: Person) -> str:
    return f"zq{person.n:03}"


def censored(row: bytes, people: list[Person], world: World) -> bytes:
    """Somebody else's row without these people: what the engine may make of it, and nothing else.

    Their names go with their addresses; a name alone may be another's.
    """
    text = row.decode("utf-8", "surrogateescape")
    for person in people:
        without = _without(text, person.asked)
        text = _without(without, person.name) if without != text and world.names else without
    return text.encode("utf-8", "surrogateescape")


def _without(text: str, words: str) -> str:
    in_json = "".join(sign if sign.isascii() else f"\\u{ord(sign):04x}" for sign in words)
    for one in (words, in_json, in_json.replace("\\", "\\\\")):
        bounded = rf"(?<![\w.+-]){re.escape(one)}(?![\w-])(?!\.\w)"
        text = re.sub(bounded, "[erased]", text, flags=re.IGNORECASE)
    return text


def judge(place: Place, before: Dump, world: World, people: list[Person]) -> None:
    after = place.dump()
    for person in people:
        assert not after.holding(person.gone("")), person.n
        assert after.holding(person.law("")) == before.holding(person.law("")), person.n
        assert after.holding(person.mark("secret", "key")) == before.holding(person.mark("secret", "key"))
        named = after.holding(person.asked).keys() - after.holding(*(near.asked for near in NEAR)).keys()
        assert named <= world.law | world.others, person.n
    if world.name == "agora":
        for person in people:
            data = place.one(f"SELECT data FROM session WHERE id = 's{person.n}'")
            assert data == session_of(person, place, "[erased]", "[erased]")
    marks = tuple(map(own, people))
    # Rows that carry no mark of theirs: as they were, but for their identifiers in others' words.
    rest = before.without(*marks)
    wanted: Counter[tuple[str, bytes]] = Counter()
    for (table, row), count in rest.items():
        wanted[table, row if table in world.law | world.others else censored(row, people, world)] += count
    for key, count in wanted.items():
        if key[0] not in world.others and b"zq" in key[1]:
            assert after.rows()[key] >= count, key
    for table, rows in before.tables.items():
        if not world.others & {table}:
            untouched = {row for row in rows if not _speaks_of(row, people, world)}
            assert untouched <= after.tables.get(table, Counter()).keys(), table


def _speaks_of(row: bytes, people: list[Person], world: World) -> bool:
    theirs = any(own(one).encode() in row.lower() for one in people)
    return theirs or censored(row, people, world) != row or b"zq" not in row


def counted(before: Dump, after: Dump, changes: list[Change], person: Person) -> None:
    """Kept's own figures, beside the rows that really differ."""
    for change in changes:
        was, now = before.tables.get(change.table, Counter()), after.tables.get(change.table, Counter())
        assert was.total() - now.total() == change.deleted, change
        hers = sum(count for row, count in (was - now).items() if own(person).encode() in row)
        assert hers <= change.rows + change.deleted + change.kept, change


def test_one_person_goes_and_everybody_else_stays_to_the_letter(place, connect, world):
    people = settled(place, world, 6)
    before = place.dump()
    connector = connect(place, world.pack)
    assert connector.check()[0] == []
    [(changes, residue)] = erased(connector, people[0])
    after = place.dump()
    judge(place, before, world, people[:1])
    counted(before, after, changes, people[0])
    assert {(one.table, one.why) for one in residue.remains} == {
        *((table, "law") for table in world.law),
        *((table, "others") for table in world.others),
    }
    assert residue.verdict is Verdict.DONE
    # Once more, with all that was known, and from the address alone: nothing more changes.
    erased(connector, people[0])
    assert place.dump() == after
    for person in people[1:3]:
        erased(connector, person)
    judge(place, before, world, people[:3])


@pytest.mark.parametrize(
    "kind",
    [pytest.param("postgresql", marks=pytest.mark.postgresql), pytest.param("mariadb", marks=pytest.mark.mariadb)],
)
def test_thirty_at_once_leave_what_thirty_one_by_one_leave(kind, connect, world, twins):
    together, apart = twins(kind)
    people = settled(together, world, 30)
    settled(apart, world, 30)
    before = together.dump()
    assert before == apart.dump()
    answers = erased(connect(together, world.pack), *people)
    assert [residue.verdict for _, residue in answers] == [Verdict.DONE] * 30
    connector = connect(apart, world.pack)
    for person in people:
        [(_, residue)] = erased(connector, person)
        assert residue.verdict is Verdict.DONE
    judge(together, before, world, people)
    one, other = together.dump(), apart.dump()
    for table in before.tables:
        assert one.tables.get(table) == other.tables.get(table), table


def test_a_copy_holds_every_mark_of_the_person_and_no_secret(place, connect, world, tmp_path):
    people = settled(place, world, 5)
    before = place.dump()
    connector = connect(place, world.pack)
    batch = widened(connector, *(asking(one.asked, ref=f"copy{one.n}") for one in people))
    for person, package in zip(people, write_packages(tmp_path, batch, [connector], ABOUT_US), strict=True):
        with zipfile.ZipFile(package.path) as archive:
            copy = b"\n".join(archive.read(name) for name in archive.namelist()).decode()
        planted = {mark for row, _ in before.rows().items() for mark in _marks(row[1], person)}
        assert planted
        assert {mark for mark in planted if mark not in copy} == set()
        everybody = [*people, *near(place)]
        place_in_line = everybody.index(person)
        spoken_of = everybody[place_in_line - 1], everybody[place_in_line + 1]  # in the person's own words
        for other in everybody:
            assert other.mark("secret", "") not in copy
            if other not in (person, *spoken_of, *NEAR[:2]):
                assert other.law("") not in copy
                assert not re.search(rf"(?<![\w.+-]){re.escape(other.email)}(?!\.\w)", copy, re.IGNORECASE), other
    assert place.dump() == before


def _marks(row: bytes, person: Person) -> set[str]:
    return {match.decode() for match in re.findall(rb"zq%03d(?:gone|law)\w+" % person.n, row)}


def test_the_command_line_does_it_and_says_so(place, world, tmp_path, capsys):
    people = settled(place, world, 4)
    before = place.dump()
    (tmp_path / "pack.toml").write_text(world.pack)
    words = ["--system", f"{place.url}={tmp_path / 'pack.toml'}", "--email", people[0].email, "--out", str(tmp_path)]
    assert kept_main(["answer", "erasure", *words, "--dry-run"]) == 0
    assert place.dump() == before
    assert kept_main(["answer", "erasure", *words, "--yes"]) == 0
    judge(place, before, world, people[:1])
    assert kept_main(["answer", "erasure", *words, "--yes"]) == 0
    told = "".join(capsys.readouterr())
    reports = list(tmp_path.glob("*.zip"))
    assert len(reports) == 2
    written = told.encode() + (tmp_path / "journal.jsonl").read_bytes()
    for report in reports:
        with zipfile.ZipFile(report) as archive:
            written += b"".join(archive.read(name) for name in archive.namelist())
    for private in (people[0].asked, people[0].last, own(people[0]), "only-for-tests"):
        assert private.lower().encode() not in written.lower(), private
