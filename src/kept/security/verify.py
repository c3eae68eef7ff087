"""Who asks for an audit: the command line, the schedule, and the policy's keeper, which has no time for everything."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from kept.security.audit import Report, audit, shorter, signed_head
from kept.security.findings import Finding, tell_apart
from kept.security.ledger_errors import NoKey, TreeDamaged
from kept.security.merkle import full_root
from kept.security.models import Checkpoint, Entry, Log
from kept.security.notes import BadNote, Head, Key, key_of, read_head, read_note, signed_by
from kept.security.outside import NotVouched, stamped_text, trusted_authorities
from kept.security.rows import Read, leaves_between
from kept.security.sequencer import keys_of, present_log
from kept.security.signing import forgotten_logs, last_seen, signing_key
from kept.security.timestamps import BadStamp
from kept.security.timestamps import check as check_stamp
from kept.security.tree import HEIGHT, WIDTH, Edge, tiles_at

READ_WHOLE = 4_096  # entries: a log so short is read whole at every look
WAITS = timedelta(minutes=1)
NEWEST, CHANCE = 8, 8  # tiles read of a longer one
GOOD_FOR = timedelta(days=2)  # how long an audit of everything counts; it is made daily


@dataclass(frozen=True)
class Look:
    """What a quick look read and found, and the last audit of everything behind it."""

    report: Report
    whole: bool  # it read everything itself
    last: Entry | None  # the entry of the last audit of everything
    stuck: bool  # entries wait for their number longer than they should


def verify(
    keys: Sequence[Key] = (), checkpoints: Sequence[str] = (), told: Callable[[int, int], None] = lambda done, of: None
) -> Report:
    """Audit everything. `keys`: whom to trust instead of the key file; `checkpoints`: signed notes kept elsewhere.

    Raises BadNote for a checkpoint that cannot be read.
    """
    log = present_log()
    trusted, unsure, findings = _trusted(log, keys)
    elsewhere = []
    for text in checkpoints:
        note = read_note(text)
        head = read_head(note)
        try:
            signed_by(note, trusted)
        except BadNote as problem:
            unsure.append(f"The checkpoint of {head.size} entries shows nothing. {problem}")
        else:
            elsewhere.append(head)
    report = audit(trusted, elsewhere, _seen(log), told)
    _check_stamps(report)
    report.unsure += unsure
    report.findings[:0] = [*findings, *_forgotten(log)]
    return report


def look(at: datetime) -> Look:
    """As much as a page can wait for: everything of a short log; of a longer one the newest entries and some by chance,
    each proven up to the signed root.
    """
    log = present_log()
    last = Entry.objects.filter(about="ledger", kind="security.ledger_verified", at__lte=at).order_by("-id").first()
    stuck = Entry.objects.filter(index=None, at__lt=at - WAITS).exists()
    if log is None or log.size <= READ_WHOLE:
        return Look(verify(), True, last, stuck)
    trusted, unsure, findings = _trusted(log, ())
    report = Report(
        findings=[*findings, *_forgotten(log)], unsure=unsure, waiting=Entry.objects.filter(index=None).count()
    )
    head = signed_head(log, trusted, report)
    report.size, report.root = head.size, head.root
    seen = _seen(log)
    report.add(*shorter([seen] if seen else [], head.size))
    there = Entry.objects.filter(index__gte=0, index__lt=head.size).count()
    if there != head.size:
        report.add(Finding("dropped", f"Of {head.size} entries {head.size - there} are gone."))
    tiles = -(-head.size // WIDTH)
    newest = range(max(0, tiles - NEWEST), tiles)
    older = range(newest.start)
    told = {last.index // WIDTH} if last is not None and last.index is not None and last.index < head.size else set()
    chosen = sorted({*newest, *told, *random.SystemRandom().sample(older, min(CHANCE, len(older)))})
    _prove(chosen, head, report)
    return Look(report, False, last, stuck)


def is_fresh(last: Entry | None, at: datetime) -> bool:
    return last is not None and at - last.at <= GOOD_FOR


def _prove(numbers: Sequence[int], head: Head, report: Report) -> None:
    """That these tiles' entries are as signed: row against tile, tile against the next above, up to the root."""
    read = Read()
    try:
        if Edge(head.size).root() != head.root:
            raise TreeDamaged("The stored tree is not the one that was signed.")
        tiles = tiles_at((0, number) for number in numbers)
        for number in numbers:
            begin = number * WIDTH
            hashes = tiles[0, number][: head.size - begin]
            leaves = leaves_between(begin, begin + len(hashes), read)
            wrong = [offset for offset, one in enumerate(hashes) if leaves.get(begin + offset) != one]
            report.add(*tell_apart(
                {begin + offset: leaves.get(begin + offset) for offset in wrong},
                {begin + offset: hashes[offset] for offset in wrong},
            ))  # fmt: skip
        _prove_upwards({number: full_root(tiles[0, number]) for number in numbers if len(tiles[0, number]) == WIDTH}, 1)
    except TreeDamaged as problem:
        report.add(Finding("tree", str(problem)))
    report.entries, report.erased = read.entries, len(read.erased)


def _prove_upwards(roots: dict[int, bytes], level: int) -> None:
    """That the tiles above hold these roots of full tiles, up to the edge, which was compared. Raises TreeDamaged."""
    if not roots:
        return
    above = tiles_at({(level, number // WIDTH) for number in roots})
    for number, root in roots.items():
        hashes = above[level, number // WIDTH]
        if hashes[number % WIDTH : number % WIDTH + 1] != [root]:
            raise TreeDamaged(f"Tile {level - 1}/{number} is not what tile {level}/{number >> HEIGHT} says.")
    _prove_upwards({place[1]: full_root(hashes) for place, hashes in above.items() if len(hashes) == WIDTH}, level + 1)


def _trusted(log: Log | None, given: Sequence[Key]) -> tuple[list[Key], list[str], list[Finding]]:
    """The keys to check with, why that may not be enough, and what is already wrong.

    The store names the log's keys; that the present one is really ours says the key file, or whoever asks.
    """
    try:
        named = keys_of(log)
    except BadNote as problem:
        return list(given), [], [Finding("not signed", f"The log's keys cannot be read. {problem}")]
    if not named:
        return list(given), [], []
    if given:
        ours = named[-1] in given
    else:
        try:
            ours = key_of(named[-1].name, signing_key()) == named[-1]
        except NoKey:
            words = "The ledger's key is not on this machine: name the verifier key to check with."
            return named, [words], []
    if not ours:
        return list(given), [], [Finding("not signed", "The log names a key that is not ours.")]
    return named, [], []


def _forgotten(log: Log | None) -> list[Finding]:
    """Logs that this machine has seen, and that the store does not name: emptied, exchanged or put back."""
    what = "This machine has seen the log {}, and the store does not know it."
    try:
        heads = forgotten_logs(keys_of(log), signing_key())
    except (NoKey, BadNote):  # told elsewhere
        return []
    return [Finding("rolled back", what.format(one.origin), 0, one.size - 1) for one in heads if one.size]


def _check_stamps(report: Report) -> None:
    """Time stamps that do not stand for the checkpoint beside them."""
    stamped = Checkpoint.objects.exclude(timestamp=None).order_by("size")
    try:
        trusted = trusted_authorities()
    except NotVouched as problem:
        report.unsure.append(str(problem))
        return
    if not trusted and stamped.exists():
        report.unsure.append("Time stamps were not checked: KEPT_TIMESTAMP_CERTIFICATES names no authority.")
        return
    for one in stamped.iterator(chunk_size=500):
        try:
            check_stamp(bytes(one.timestamp or b""), stamped_text(one.note), trusted)
        except (BadStamp, BadNote) as problem:
            report.add(Finding("not signed", f"The time stamp of {one.size} entries: {problem}"))


def _seen(log: Log | None) -> Head | None:
    try:
        keys = keys_of(log)
    except BadNote:
        return None
    return last_seen(keys[-1].name) if keys else None
