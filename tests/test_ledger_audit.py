"""Somebody changes the ledger behind our back: the audit says which entry, and what was done to it."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection, transaction
from house import store

from kept.policy.promises import ledger_has_no_gap
from kept.security import verify as verifying
from kept.security.actions import begin_again, erase_payloads, mend_tree, tell_audit
from kept.security.findings import Finding
from kept.security.leaves import commitment_of, payload_of
from kept.security.ledger import action, record, sequence_entries
from kept.security.ledger_errors import (
    NoKey,
    NoSuchEntry,
    OtherKey,
    PayloadErased,
    RolledBack,
    TreeDamaged,
)
from kept.security.merkle import check_consistency, check_inclusion, leaf_hash, peaks, root_of_peaks
from kept.security.models import Checkpoint, Entry, Log, Tile
from kept.security.notes import BadNote, Head, key_of, read_head, read_note, sign
from kept.security.receipts import check_receipt, proof_of, read_receipt, receipt_for
from kept.security.sequencer import keys_of, present_log
from kept.security.signing import key_file, signing_key
from kept.security.tasks import number_entries
from kept.security.tree import Edge, consistency_proof, inclusion_proof, root_at
from kept.security.tree import store as keep
from kept.security.verify import verify
from kept.terms import Actor, State, Verdict

__all__ = ["store"]
pytestmark = [pytest.mark.django_db, pytest.mark.store, pytest.mark.pages]

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KEPT = Actor.kept()
COUNT = 600  # more than two tiles


@action
def tell(count, *, by, at):
    for number in range(count):
        record("test.told", f"test:{number}", by=by, at=at, number=number)


@pytest.fixture
def entries():
    tell(COUNT, by=KEPT, at=NOW)
    sequence_entries(limit=250)
    sequence_entries(limit=150)
    sequence_entries()
    assert verify().verdict is Verdict.DONE


def change(place, **columns):
    assert Entry.objects.filter(index=place).update(**columns) == 1


def found(**given):
    return [(one.kind, one.first, one.last) for one in verify(**given).findings]


@pytest.mark.usefixtures("entries")
def test_an_untouched_ledger_is_as_it_was_signed():
    report = verify()
    assert (report.verdict, report.size, report.entries, report.findings) == (Verdict.DONE, COUNT, COUNT, [])
    assert report.checkpoints == Checkpoint.objects.count() + 1 == 3  # after 400 and 600 entries, and now
    assert ledger_has_no_gap(NOW).state is State.KEPT
    assert ledger_has_no_gap(NOW).figure == "600 entries, all read"


@pytest.mark.usefixtures("entries")
def test_a_ledger_that_grows_while_it_is_read_is_as_it_was_signed():
    def grow(done, of):
        tell(500, by=KEPT, at=NOW)
        sequence_entries()

    report = verify(told=grow)
    assert (report.verdict, report.size, report.findings) == (Verdict.DONE, COUNT, [])
    assert verify().size == COUNT + 500


def test_of_an_empty_ledger_nobody_can_tell():
    assert verify().verdict is Verdict.CANNOT_TELL
    assert ledger_has_no_gap(NOW).state is State.CANNOT_TELL


# Each kind of change


@pytest.mark.usefixtures("entries")
@pytest.mark.parametrize(
    "columns",
    [
        {"kind": "test.denied"}, {"about": "test:1000"}, {"by": "engineer:1"}, {"at": NOW + timedelta(microseconds=1)},
        {"facts": {"number": 8}}, {"facts": {}}, {"salt": bytes(16)}, {"salt": b""}, {"commitment": bytes(32)},
        {"commitment": b""},
    ],
)  # fmt: skip
def test_a_flipped_entry_is_named(columns):
    change(257, **columns)
    assert found() == [("flipped", 257, 257)]
    evidence = ledger_has_no_gap(NOW)
    assert (evidence.state, evidence.figure) == (State.BROKEN, "600 entries, flipped, entry 257")


@pytest.mark.usefixtures("entries")
def test_an_entry_flipped_together_with_its_commitment_is_named():
    entry = Entry.objects.get(index=3)
    facts = {"number": 4}
    commitment = commitment_of(bytes(entry.salt), payload_of(entry.kind, entry.about, entry.by, entry.at, facts))
    change(3, facts=facts, commitment=commitment)
    assert found() == [("flipped", 3, 3)]


@pytest.mark.usefixtures("entries")
def test_an_entry_flipped_together_with_the_whole_tree_is_found_between_two_checkpoints():
    """Whoever does that cannot sign the new root."""
    change(450, commitment=(commitment := flipped(450)), facts={"number": -1})
    rebuild()
    assert Entry.objects.get(index=450).commitment == commitment
    assert found() == [("flipped", 400, 599)]
    with pytest.raises(TreeDamaged):
        mend_tree(by=KEPT, at=NOW)


def flipped(index):
    entry = Entry.objects.get(index=index)
    return commitment_of(bytes(entry.salt), payload_of(entry.kind, entry.about, entry.by, entry.at, {"number": -1}))


def rebuild():
    """A tree over what the rows now say."""
    leaves = [leaf_hash(bytes(one)) for one in Entry.objects.order_by("index").values_list("commitment", flat=True)]
    Tile.objects.all().delete()
    edge = Edge(0)
    keep(edge.grow(leaves))
    return edge


@pytest.mark.usefixtures("entries")
@pytest.mark.parametrize("index", [0, 255, 256, 599])
def test_a_dropped_entry_is_named(index):
    Entry.objects.get(index=index).delete()
    assert found() == [("dropped", index, index)]


@pytest.mark.usefixtures("entries")
def test_an_entry_dropped_with_the_gap_closed_behind_it_is_named():
    Entry.objects.get(index=500).delete()
    for index in range(501, COUNT):
        change(index, index=index - 1)
    assert found() == [("dropped", 500, 500), ("reordered", 500, 598)]


@pytest.mark.usefixtures("entries")
def test_reordered_entries_are_named():
    change(10, index=10_000)
    change(300, index=10)
    change(10_000, index=300)
    assert found() == [("reordered", 10, 10), ("reordered", 300, 300)]


def copy_of(place, **columns):
    entry = Entry.objects.get(index=place)
    for name, value in {"pk": None, **columns}.items():
        setattr(entry, name, value)
    entry.save(force_insert=True)


@pytest.mark.usefixtures("entries")
def test_an_entry_put_in_anothers_place_is_named_as_duplicated():
    Entry.objects.get(index=20).delete()
    copy_of(10, index=20)
    assert found() == [("flipped", 20, 20), ("duplicated", 20, 20)]


@pytest.mark.usefixtures("entries")
def test_an_entry_that_was_copied_and_so_got_a_number_is_named_as_duplicated():
    copy_of(10, index=None)
    sequence_entries()
    assert found() == [("duplicated", COUNT, COUNT)]


@pytest.mark.usefixtures("entries")
@pytest.mark.parametrize("index", [COUNT, COUNT + 7, -1])
def test_a_number_that_was_never_given_is_named(index):
    tell(1, by=KEPT, at=NOW)
    Entry.objects.filter(index=None).update(index=index)
    assert found() == [("added", index, index)]


@pytest.mark.usefixtures("entries")
def test_a_log_that_was_rolled_back_is_shorter_than_a_checkpoint_kept_elsewhere():
    log = Log.objects.get()
    now, before = log.checkpoint, Checkpoint.objects.get(size=400)
    Entry.objects.filter(index__gte=400).delete()
    Checkpoint.objects.filter(size__gt=400).delete()
    Log.objects.update(size=400, checkpoint=before.note)
    rebuild()
    assert found() == []  # all by itself it looks whole
    assert found(checkpoints=[now]) == [("rolled back", 400, 599)]


@pytest.mark.usefixtures("entries")
def test_a_forked_log_has_another_past_than_a_checkpoint_kept_elsewhere():
    """Made by somebody who has the key: everything fits, but not what was seen before."""
    now = Log.objects.get().checkpoint
    change(450, commitment=flipped(450), facts={"number": -1})
    origin, edge = keys_of(present_log())[-1].name, rebuild()
    Checkpoint.objects.filter(size__gt=400).delete()
    Log.objects.update(checkpoint=str(sign(Head(origin, COUNT, edge.root()).text, origin, signing_key())))
    assert found() == []
    assert found(checkpoints=[now]) == [("forked", 0, 599)]


@pytest.mark.usefixtures("entries")
def test_a_checkpoint_under_another_key_is_not_signed():
    origin = keys_of(present_log())[-1].name
    thief = Ed25519PrivateKey.generate()
    head = read_head(read_note(Log.objects.get().checkpoint))
    Log.objects.update(checkpoint=str(sign(head.text, origin, thief)))
    assert found() == [("not signed", None, None)]
    Log.objects.update(keys=[key_of(origin, thief).text])
    assert ("not signed", None, None) in found()
    for nonsense in ("", "nonsense", "a\n\nb\n"):
        Log.objects.update(checkpoint=nonsense)
        assert ("not signed", None, None) in found()


@pytest.mark.usefixtures("entries")
@pytest.mark.parametrize("place", [(0, 0), (0, 1), (0, 2), (1, 0)])
@pytest.mark.parametrize(
    "damage", [lambda hashes: bytes(32) + hashes[32:], lambda hashes: hashes[:-32], lambda _: b"x", None]
)
def test_a_damaged_tree_is_told_from_damaged_entries_and_can_be_mended(place, damage):
    level, number = place
    tile = Tile.objects.get(level=level, number=number)
    if damage:
        Tile.objects.filter(pk=tile.pk).update(hashes=damage(bytes(tile.hashes)))
    else:
        tile.delete()
    assert {kind for kind, _, _ in found()} == {"tree"}
    assert mend_tree(by=KEPT, at=NOW) == COUNT
    assert found() == []


def test_several_changes_at_once_are_told_one_by_one(entries):
    change(5, facts={})
    Entry.objects.get(index=100).delete()
    change(200, index=9_000)
    change(201, index=200)
    change(9_000, index=201)
    assert found() == [
        ("flipped", 5, 5),
        ("dropped", 100, 100),
        ("reordered", 200, 200),
        ("reordered", 201, 201),
    ]


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="only SQLite takes anything into any column")
@pytest.mark.parametrize("column", ["at", "salt", "commitment"])
def test_a_row_that_nobody_can_read_is_named(entries, column):
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE security_entry SET {column} = 'non,sense' WHERE \"index\" = 7")
    assert [one[:2] for one in found()] == [("flipped", 7)]


# What keeps the sequencer from signing what is wrong


@pytest.mark.usefixtures("entries")
def test_the_sequencer_does_not_go_on_from_a_tree_that_was_not_signed():
    tell(1, by=KEPT, at=NOW)
    tile = Tile.objects.get(level=0, number=2)
    Tile.objects.filter(pk=tile.pk).update(hashes=bytes(32) + bytes(tile.hashes)[32:])
    with pytest.raises(TreeDamaged):
        sequence_entries()
    number_entries()  # says so in the log, and goes on living
    assert Entry.objects.filter(index=None).count() == 1
    Tile.objects.filter(pk=tile.pk).update(hashes=tile.hashes)
    number_entries()
    assert verify().verdict is Verdict.DONE


@pytest.mark.usefixtures("entries")
@pytest.mark.parametrize(
    "columns", [{"checkpoint": ""}, {"keys": []}, {"size": 512}, {"keys": ["x"]}, {"checkpoint": "x"}]
)
def test_the_sequencer_does_not_go_on_from_a_log_that_was_changed(columns):
    tell(1, by=KEPT, at=NOW)
    Log.objects.update(**columns)
    with pytest.raises(TreeDamaged):
        sequence_entries()
    assert verify().verdict is Verdict.NOT_DONE


@pytest.mark.usefixtures("entries")
def test_without_its_key_the_ledger_waits_and_with_another_key_too():
    tell(1, by=KEPT, at=NOW - timedelta(hours=1))
    file = key_file()
    own = file.read_bytes()
    try:
        file.unlink()
        with pytest.raises(NoKey):
            sequence_entries()
        assert verify().verdict is Verdict.CANNOT_TELL
        assert verify(keys=keys_of(present_log())).verdict is Verdict.DONE
        assert ledger_has_no_gap(NOW).state is State.CANNOT_TELL
        signing_key(make=True)
        assert file.stat().st_mode & 0o777 == 0o600
        with pytest.raises(OtherKey):
            sequence_entries()
        assert verify().verdict is Verdict.NOT_DONE
        file.chmod(0o644)
        with pytest.raises(NoKey, match="chmod 600"):
            signing_key()
        for nonsense in (b"", b"nonsense", b"\xff"):
            file.write_bytes(nonsense)
            file.chmod(0o600)
            with pytest.raises(NoKey):
                signing_key()
    finally:
        file.write_bytes(own)
        file.chmod(0o600)
    sequence_entries()
    assert verify().verdict is Verdict.DONE


def test_a_store_that_went_back_in_time_is_noticed_and_taken_up_under_another_name(store):
    tell(3, by=KEPT, at=NOW)
    sequence_entries()
    backup = {model: list(model.objects.values()) for model in (Entry, Log, Tile, Checkpoint)}
    tell(2, by=KEPT, at=NOW)
    sequence_entries()
    late = receipt_for(Entry.objects.get(index=4))
    known = present_log().checkpoint

    with transaction.atomic():  # the restore
        for model, rows in backup.items():
            model.objects.all().delete()
            model.objects.bulk_create(model(**row) for row in rows)
    tell(1, by=KEPT, at=NOW)
    with pytest.raises(RolledBack):
        sequence_entries()
    assert found() == [("rolled back", 3, 4)]
    assert ledger_has_no_gap(NOW).state is State.BROKEN

    before = keys_of(present_log())
    key = begin_again("restored", by=KEPT, at=NOW)
    assert keys_of(present_log())[-1].text == key
    sequence_entries()
    assert found() == []
    assert (
        found(checkpoints=[known]) == [("rolled back", 5, 4)] or verify(checkpoints=[known]).verdict is not Verdict.DONE
    )
    told = Entry.objects.get(kind="security.ledger_began_again").facts
    assert (told["reason"], told["size"], told["seen"], told["before"]) == ("restored", 3, 5, before[0].name)
    assert check_receipt(read_receipt(late), keys_of(present_log())).index == 4  # what was signed stays signed
    fresh = check_receipt(read_receipt(receipt_for(Entry.objects.get(index=4))), keys_of(present_log()))
    assert fresh.head.origin != before[0].name


def test_nothing_begins_again_that_was_never_begun():
    with pytest.raises(NoSuchEntry):
        begin_again("restored", by=KEPT, at=NOW)
    with pytest.raises(NoSuchEntry):
        mend_tree(by=KEPT, at=NOW)


# Erasing what an entry says


@pytest.mark.usefixtures("entries")
def test_an_erased_payload_leaves_the_log_verifiable_and_earlier_receipts_good():
    entry = Entry.objects.get(index=41)
    receipt = receipt_for(entry)
    assert erase_payloads([entry, *Entry.objects.filter(index__in=[42, 43, 300])], "erasure", by=KEPT, at=NOW) == 4
    assert erase_payloads([entry], "erasure", by=KEPT, at=NOW) == 0
    number_entries()
    report = verify()
    assert (report.verdict, report.erased, report.size) == (Verdict.DONE, 4, COUNT + 1)
    entry.refresh_from_db()
    assert (entry.about, entry.by, entry.facts, bytes(entry.salt), entry.erased_at) == ("", "", {}, b"", NOW)
    assert Entry.objects.get(kind="security.payloads_erased").facts["entries"] == ["41-43", "300"]
    with pytest.raises(PayloadErased):
        receipt_for(entry)
    assert proof_of(41).index == 41
    assert check_receipt(read_receipt(receipt), keys_of(present_log())).index == 41


def test_entries_that_wait_get_their_number_before_they_are_erased():
    tell(2, by=KEPT, at=NOW)
    assert erase_payloads(list(Entry.objects.all()), "erasure", by=KEPT, at=NOW) == 2
    number_entries()
    assert verify().verdict is Verdict.DONE


@pytest.mark.usefixtures("entries")
def test_a_payload_that_was_emptied_without_an_entry_is_named():
    change(9, about="", by="", facts={}, salt=b"", erased_at=NOW)
    assert found() == [("emptied", 9, 9)]


@pytest.mark.usefixtures("entries")
def test_who_flips_an_entry_cannot_hide_it_as_an_erased_one():
    change(9, kind="test.denied", salt=b"", erased_at=NOW, commitment=bytes(32))
    assert ("flipped", 9, 9) in found()


# The tree


def test_the_stored_tree_gives_the_roots_and_proofs_of_the_rfc(django_db_blocker):
    chance = random.Random(3)
    leaves = [leaf_hash(number.to_bytes(4, "big")) for number in range(70_000)]
    edge, size = Edge(0), 0
    while size < len(leaves):
        more = chance.choice([1, 7, 255, 256, 257, 3_000, 30_000])
        keep(edge.grow(leaves[size : size + more]))
        size = min(size + more, len(leaves))
        edge = Edge(size) if chance.random() < 0.5 else edge
        assert edge.root() == root_of_peaks(peaks(leaves[:size]))
    for some in (1, 255, 256, 257, 65_535, 65_536, 65_537, 70_000, *chance.sample(range(1, 70_000), 5)):
        root = root_at(some)
        assert root == root_of_peaks(peaks(leaves[:some]))
        for index in {0, some - 1, some // 2, chance.randrange(some)}:
            check_inclusion(leaves[index], index, some, inclusion_proof(index, some), root)
        check_consistency(some, root, 70_000, root_at(70_000), consistency_proof(some, 70_000))


@pytest.mark.parametrize("index", [-1, 3, 10**18])
def test_a_number_that_no_entry_has_is_not_proven(index):
    tell(3, by=KEPT, at=NOW)
    sequence_entries()
    with pytest.raises(NoSuchEntry):
        proof_of(index)


def test_an_entry_that_waits_has_no_receipt_yet():
    tell(1, by=KEPT, at=NOW)
    with pytest.raises(NoSuchEntry):
        receipt_for(Entry.objects.get())


@pytest.mark.usefixtures("entries")
def test_no_receipt_is_given_for_an_entry_that_was_changed():
    change(7, facts={})
    with pytest.raises(TreeDamaged):
        receipt_for(Entry.objects.get(index=7))


# The keeper of a log too long to be read at every look


@pytest.fixture
def long(monkeypatch, entries):
    monkeypatch.setattr(verifying, "READ_WHOLE", 100)
    monkeypatch.setattr(verifying, "NEWEST", 1)


@pytest.mark.usefixtures("long")
def test_a_long_ledger_is_kept_while_the_audit_of_everything_is_fresh():
    assert ledger_has_no_gap(NOW).state is State.CANNOT_TELL
    tell_audit(verify(), by=KEPT, at=NOW)
    number_entries()
    evidence = ledger_has_no_gap(NOW + timedelta(days=1))
    assert evidence.state is State.KEPT
    assert evidence.figure == "601 entries, 601 read now, all on 2 March, 09:00"
    assert ledger_has_no_gap(NOW + timedelta(days=3)).state is State.CANNOT_TELL


@pytest.mark.usefixtures("long")
@pytest.mark.parametrize(
    "harm",
    [
        lambda: change(599, facts={}),
        lambda: change(1, facts={}),
        lambda: Entry.objects.get(index=300).delete(),
        lambda: Tile.objects.get(level=0, number=1).delete(),
        lambda: Tile.objects.filter(level=1).update(hashes=bytes(64)),
        lambda: Log.objects.update(checkpoint="nonsense"),
    ],
)
def test_a_long_ledger_that_was_changed_is_broken(harm):
    tell_audit(verify(), by=KEPT, at=NOW)
    harm()
    assert ledger_has_no_gap(NOW).state is State.BROKEN


@pytest.mark.usefixtures("long")
def test_what_only_the_audit_of_everything_saw_keeps_the_ledger_broken(monkeypatch):
    monkeypatch.setattr(verifying, "CHANCE", 0)
    change(1, facts={})
    report = verify()
    assert report.findings == [Finding("flipped", "What is there now is not what was signed.", 1, 1)]
    tell_audit(report, by=KEPT, at=NOW)
    assert ledger_has_no_gap(NOW).state is State.BROKEN


def test_a_checkpoint_that_cannot_be_read_is_refused(entries):
    with pytest.raises(BadNote):
        verify(checkpoints=["nonsense"])
    stranger = str(sign("elsewhere\n1\n" + "A" * 43 + "=\n", "elsewhere", Ed25519PrivateKey.generate()))
    assert verify(checkpoints=[stranger]).verdict is Verdict.CANNOT_TELL
