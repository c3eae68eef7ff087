"""The audit: reads the entries, works out every hash anew, and says what is not as it was signed. Promise 1.2.

Three things are held against each other: the rows, the stored tree, and signed checkpoints, also those that somebody
kept elsewhere. Where they disagree, the findings say of which entry, and what happened to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from django.db.models import Count, Max, Min

from kept.security.findings import Finding, runs, tell_apart
from kept.security.ledger_errors import TreeDamaged
from kept.security.merkle import EMPTY_ROOT, Peaks, full_root
from kept.security.models import Checkpoint, Entry, Log, Tile
from kept.security.notes import MARK, BadNote, Head, Key, read_head, read_note, signed_by
from kept.security.rows import ERASED, STAMPED, VERIFIED, WITNESSED, Read, leaves_between
from kept.security.sequencer import present_log
from kept.security.tree import WIDTH, split
from kept.terms import Verdict

AT_ONCE = 16  # tiles read at once
MOST_WRONG = 100_000  # entries whose fate is told apart; beyond it, the first of them say enough
MOST_TOLD = 1_000  # findings


@dataclass
class Report:
    """What an audit read, and what it found."""

    size: int = 0  # entries in the tree
    root: bytes = EMPTY_ROOT  # as signed
    entries: int = 0  # read and hashed anew
    erased: int = 0  # of them, payload destroyed: only the commitment is left
    waiting: int = 0  # written, not numbered yet
    checkpoints: int = 0  # compared
    kept: int = 0  # checkpoints in the store, up to this size
    findings: list[Finding] = field(default_factory=list)
    unsure: list[str] = field(default_factory=list)  # why nobody can tell for certain

    @property
    def verdict(self) -> Verdict:
        if self.findings:
            return Verdict.NOT_DONE
        return Verdict.CANNOT_TELL if self.unsure else Verdict.DONE

    def add(self, *findings: Finding) -> None:
        self.findings += findings[: max(0, MOST_TOLD - len(self.findings))]


def audit(
    keys: Sequence[Key],
    elsewhere: Sequence[Head] = (),
    seen: Head | None = None,
    told: Callable[[int, int], None] = lambda done, of: None,
) -> Report:
    """Read everything. `keys`: whom we trust; `elsewhere`: checkpoints of this log that were kept apart, checked;
    `seen`: the last that this machine has seen; `told` is called now and then with how far it is.
    """
    report, log = Report(), present_log()
    report.waiting = Entry.objects.filter(index=None).count()
    if log is None or not (log.checkpoint or log.size):
        report.unsure.append("Nothing has been numbered yet.")
        report.add(*shorter([*elsewhere, *([seen] if seen else [])], 0), *_never_given(0))
        return report
    head = signed_head(log, keys, report)
    report.size, report.root = head.size, head.root
    report.kept = Checkpoint.objects.filter(size__lte=head.size).count()
    past = [*elsewhere, *([seen] if seen else [])]
    report.add(*shorter(past, head.size))
    whole = _Whole(report, head, [*_kept(keys, report, head.size), *(one for one in past if one.size <= head.size)])
    whole.read(told)
    report.add(*_never_given(head.size), *_twice())
    return report


def signed_head(log: Log, keys: Sequence[Key], report: Report) -> Head:
    """What the present checkpoint says, and findings where it is not ours."""
    try:
        note = read_note(log.checkpoint)
        signed_by(note, keys)
        head = read_head(note)
    except BadNote as problem:
        report.add(Finding("not signed", f"The present checkpoint cannot be trusted. {problem}"))
        try:
            head = read_head(read_note(log.checkpoint))
        except BadNote:
            head = Head("", log.size, b"")
    if head.size != log.size:
        report.add(Finding("not signed", f"{log.size} entries are said to be in the tree; {head.size} are signed."))
    return head


def shorter(past: Sequence[Head], size: int) -> list[Finding]:
    """Checkpoints that know more entries than there are."""
    what = "A checkpoint of {} entries was signed, and now there are {}."
    longer = [one.size for one in past if one.size > size]
    return [Finding("rolled back", what.format(known, size), size, known - 1) for known in longer]


def _kept(keys: Sequence[Key], report: Report, size: int) -> Iterator[Head]:
    """The checkpoints in the store, the earliest first."""
    for own_size, text in Checkpoint.objects.order_by("size").values_list("size", "note").iterator(chunk_size=2000):
        try:
            note = read_note(text)
            signed_by(note, keys)
            head = read_head(note)
        except BadNote as problem:
            report.add(Finding("not signed", f"The stored checkpoint of {own_size} entries: {problem}"))
            continue
        if head.size != own_size:
            report.add(Finding("not signed", f"The checkpoint stored for {own_size} entries is of {head.size}."))
        elif head.size > size:
            report.add(*shorter([head], size))
        else:
            yield head


class _Whole:
    """One pass over all rows and tiles, side by side."""

    def __init__(self, report: Report, head: Head, past: Sequence[Head]) -> None:
        self.report, self.head = report, head
        self.past = groupby(sorted([*past, head], key=lambda one: one.size), key=lambda one: one.size)
        self.next = next(self.past, None)
        self.rows: Peaks | None = Peaks()  # None: a row is missing, so there is no root over the rows
        self.tree: Peaks | None = Peaks()  # None: a tile is missing
        self.roots: list[bytes] = []  # of the full tiles, for the level above
        self.wrong_rows: dict[int, bytes | None] = {}
        self.wrong_tree: dict[int, bytes] = {}
        self.good_until, self.bad_from = 0, -1  # checkpoints that agree with the rows; -1: all of them
        self.tree_signed = self.rows_signed = head.size == 0
        self.read_entries = Read()
        self.damage: list[Finding] = []
        self.compared: list[tuple[Head, bool, bool]] = []  # whether it agrees with the rows, and with the tree

    def read(self, told: Callable[[int, int], None]) -> None:
        tiles = -(-self.head.size // WIDTH)
        for first in range(0, tiles, AT_ONCE):
            last = min(first + AT_ONCE, tiles)
            stored = dict(
                Tile.objects.filter(level=0, number__gte=first, number__lt=last).values_list("number", "hashes")
            )
            leaves = leaves_between(first * WIDTH, min(last * WIDTH, self.head.size), self.read_entries)
            for number in range(first, last):
                self._tile(number, leaves, stored.get(number))
            told(min(last * WIDTH, self.head.size), self.head.size)
        self._upper(1, self.roots)
        self._conclude()

    def _tile(self, number: int, leaves: dict[int, bytes], stored: bytes | memoryview | None) -> None:
        begin = number * WIDTH
        count = min(WIDTH, self.head.size - begin)
        rows = [leaves.get(index) for index in range(begin, begin + count)]
        hashes = _hashes(stored, number, count)
        if hashes is None:
            self.damage.append(Finding("tree", f"Tile 0/{number} is missing or cut off.", begin, begin + count - 1))
            self.tree = None
        elif hashes != rows:
            for offset, (row, signed) in enumerate(zip(rows, hashes, strict=True)):
                if row != signed and len(self.wrong_rows) < MOST_WRONG:
                    self.wrong_rows[begin + offset], self.wrong_tree[begin + offset] = row, signed
        there = [row for row in rows if row is not None]
        if len(there) < count:
            self.rows = None
            if hashes is None:
                gone = [begin + offset for offset, row in enumerate(rows) if row is None]
                self.report.add(*(Finding("dropped", "The entry is gone.", *run) for run in runs(gone)))
        while self.next and self.next[0] <= begin + count:
            self._compare(self.next[0] - begin, list(self.next[1]), there, hashes)
            self.next = next(self.past, None)
        if count == WIDTH:
            if self.rows:
                self.rows.push(full_root(there))
            if hashes and self.tree:
                self.roots.append(full_root(hashes))
                self.tree.push(self.roots[-1])

    def _compare(self, count: int, heads: list[Head], rows: list[bytes], hashes: list[bytes] | None) -> None:
        """The roots over the first entries, by rows and by tree, with the checkpoints of that size."""
        by_rows = self.rows.root(rows[:count]) if self.rows else None
        by_tree = self.tree.root(hashes[:count]) if self.tree and hashes is not None else None
        for head in heads:
            self.report.checkpoints += 1
            if head is self.head:
                self.rows_signed, self.tree_signed = by_rows == head.root, by_tree == head.root
            if by_rows == head.root:
                self.good_until = max(self.good_until, head.size)
            elif self.bad_from < 0:
                self.bad_from = head.size
            self.compared.append((head, by_rows == head.root, by_tree == head.root))

    def _upper(self, level: int, expected: list[bytes]) -> None:
        """The levels above, from the roots of the tiles below."""
        if self.tree is None or not expected:
            return
        above = []
        for number in range(-(-len(expected) // WIDTH)):
            hashes = expected[number * WIDTH : (number + 1) * WIDTH]
            stored = Tile.objects.filter(level=level, number=number).values_list("hashes", flat=True).first()
            known = b"".join(hashes)  # the tile may have grown since we began
            if stored is None or bytes(stored)[: len(known)] != known:
                self.damage.append(Finding("tree", f"Tile {level}/{number} is not what the tiles below it give."))
            if len(hashes) == WIDTH:
                above.append(full_root(hashes))
        self._upper(level + 1, above)

    def _conclude(self) -> None:
        read, report = self.read_entries, self.report
        report.entries, report.erased = read.entries, len(read.erased)
        for head, rows_agree, tree_agrees in self.compared:
            if (self.rows_signed and not rows_agree) or (not self.rows_signed and self.tree_signed and not tree_agrees):
                what = f"The checkpoint of {head.size} entries has another root than the first {head.size} now have."
                report.add(Finding("forked", what, 0, head.size - 1))
        if self.rows_signed:  # the rows are whole: whatever differs is the tree's fault
            where = runs({index // WIDTH for index in self.wrong_rows})
            what = "Tiles 0/{} to 0/{} are not what was signed."
            self.damage += [Finding("tree", what.format(first, last)) for first, last in where]
        else:
            report.add(*tell_apart(self.wrong_rows, self.wrong_tree))
            if not self.tree_signed:
                last = (self.bad_from if self.bad_from >= 0 else self.head.size) - 1
                what = "Entries and tree were changed together: neither is what was signed."
                report.add(Finding("flipped", what, self.good_until, max(last, self.good_until)))
        report.add(*self.damage)
        unfit = read.broken - set(self.wrong_rows)
        report.add(*(Finding("flipped", "It does not fit its own commitment.", *run) for run in runs(unfit)))
        what = "Several rows have this number."
        report.add(*(Finding("duplicated", what, *run) for run in runs(read.twice)), *_forgotten(read.vouched))
        without = read.erased - read.named
        report.add(*(Finding("emptied", f"No entry {ERASED} says that it was erased.", *run) for run in runs(without)))


def _hashes(stored: bytes | memoryview | None, number: int, count: int) -> list[bytes] | None:
    try:
        hashes = split(bytes(stored or b""), (0, number))[:count]
    except TreeDamaged:
        return None
    return hashes if len(hashes) == count else None


def _forgotten(vouched: Sequence[tuple[str, Mapping[str, object]]]) -> list[Finding]:
    """Kept checkpoints that are gone, or lack what others gave to them, by what the entries say of them."""
    found: list[Finding] = []
    for kind, facts in vouched:
        size, there = facts.get("size"), Checkpoint.objects.all()
        if not isinstance(size, int):
            continue
        if kind == VERIFIED:
            known, now = facts.get("kept"), there.filter(size__lte=size).count()
            if isinstance(known, int) and now < known:
                what = f"Of {known} checkpoints that an audit of {size} entries saw, {known - now} are gone."
                found = [one for one in found if "an audit of" not in one.what] + [Finding("forgotten", what)]
        elif kind == STAMPED and not there.filter(size=size, timestamp__isnull=False).exists():
            found.append(Finding("forgotten", f"The time stamp of {size} entries is gone."))
        elif kind == WITNESSED:
            who = str(facts.get("witness"))
            if not there.filter(size=size, note__contains=f"{MARK}{who} ").exists():
                found.append(Finding("forgotten", f"The signature of {who} for {size} entries is gone."))
    return found


def _never_given(size: int) -> list[Finding]:
    """Rows with a number beyond the tree, or below zero. What the sequencer numbered meanwhile is not meant."""
    beyond = list(Entry.objects.filter(index__gte=size).values_list("index", flat=True)[:MOST_TOLD])
    log = present_log()
    now = log.size if log else 0
    wrong = [index for index in beyond if index is not None and index >= now]
    below = Entry.objects.filter(index__lt=0).values_list("index", flat=True)[:MOST_TOLD]
    places = [*wrong, *(index for index in below if index is not None)]
    return [Finding("added", "This number was never given.", *run) for run in runs(places)]


def _twice() -> list[Finding]:
    """Two rows with one commitment: somebody copied an entry. A salt never comes twice by itself."""
    several = Entry.objects.values("commitment").order_by().annotate(
        rows=Count("id"), first=Min("index"), last=Max("index")
    ).filter(rows__gt=1)[:MOST_TOLD]  # fmt: skip
    return [
        Finding("duplicated", f"{one['rows']} rows hold this one entry.", one["last"], one["last"]) for one in several
    ]
