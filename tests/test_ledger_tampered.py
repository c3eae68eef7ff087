"""Somebody who can write the store changes the ledger with plain SQL, and `kept ledger verify` says what they did."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection
from house import store

from kept.cli import main
from kept.security.actions import begin_again, erase_payloads, tell_audit
from kept.security.leaves import commitment_of, payload_of
from kept.security.ledger import action, record, sequence_entries
from kept.security.ledger_errors import NoSuchEntry, RolledBack, TreeDamaged
from kept.security.merkle import leaf_hash
from kept.security.models import Checkpoint, Entry, Log
from kept.security.notes import Head, key_of, sign
from kept.security.sequencer import keys_of, present_log
from kept.security.signing import key_file, seen_file, signing_key
from kept.security.tree import Edge
from kept.security.verify import verify
from kept.terms import Actor, Verdict

__all__ = ["store"]
pytestmark = [pytest.mark.store, pytest.mark.usefixtures("store"), pytest.mark.pages]

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KEPT = Actor.kept()
COUNT = 300
FLIPPED = "What is there now is not what was signed."


@action
def tell(count, *, by, at):
    for number in range(count):
        record("test.told", f"test:{number}", by=by, at=at, number=number)


@pytest.fixture
def entries(store):
    """Signed at 260 and at 300 entries; the first checkpoint is kept for ever."""
    tell(260, by=KEPT, at=NOW)
    sequence_entries()
    tell(COUNT - 260, by=KEPT, at=NOW)
    sequence_entries()


@pytest.fixture
def kept(capsys):
    def run(*words):
        code = main(["ledger", *map(str, words)])
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return code, said.out.splitlines()

    return run


def sql(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else cursor.rowcount


def one_row(statement, *values):
    assert sql(statement, *values) == 1


def rebuild():
    """The tree over what the rows now say, as whoever changed them would write it. No key has signed its root."""
    edge = Edge(0)
    leaves = [leaf_hash(bytes(row[0])) for row in sql('SELECT commitment FROM security_entry ORDER BY "index"')]
    sql("DELETE FROM security_tile")
    for tile in edge.grow(leaves):
        sql(
            "INSERT INTO security_tile (level, number, hashes) VALUES (%s, %s, %s)",
            tile.level,
            tile.number,
            tile.hashes,
        )
    return edge


def commitment_for(index, facts):
    entry = Entry.objects.get(index=index)
    return commitment_of(bytes(entry.salt), payload_of(entry.kind, entry.about, entry.by, entry.at, facts))


# Each way to change it: what is done, and all that is told of it


def flip_words():
    one_row("""UPDATE security_entry SET kind = 'test.denied' WHERE "index" = 7""")


def flip_facts():
    one_row("""UPDATE security_entry SET facts = '{"number": 8}' WHERE "index" = 7""")


def flip_time():
    one_row("""UPDATE security_entry SET at = '2026-03-02 09:00:00.000001+00:00' WHERE "index" = 7""")


def flip_salt():
    one_row('UPDATE security_entry SET salt = %s WHERE "index" = 7', bytes(16))


def flip_commitment():
    one_row('UPDATE security_entry SET commitment = %s WHERE "index" = 7', bytes(32))


def flip_with_its_commitment():
    commitment = commitment_for(7, {"number": -1})
    one_row("""UPDATE security_entry SET facts = '{"number": -1}', commitment = %s WHERE "index" = 7""", commitment)


def flip_with_the_tree():
    flip_with_its_commitment()
    rebuild()


def empty():
    columns = """about = '', "by" = '', facts = '{}', salt = %s, erased_at = at"""
    one_row(f'UPDATE security_entry SET {columns} WHERE "index" = 7', b"")


def drop():
    one_row('DELETE FROM security_entry WHERE "index" = 7')


def drop_last():
    one_row('DELETE FROM security_entry WHERE "index" = %s', COUNT - 1)


def drop_and_close_the_gap():
    one_row('DELETE FROM security_entry WHERE "index" = 290')
    for index in range(291, COUNT):
        one_row('UPDATE security_entry SET "index" = %s WHERE "index" = %s', index - 1, index)


def drop_many():
    assert sql('DELETE FROM security_entry WHERE "index" BETWEEN 20 AND 29') == 10


def take_the_number():
    one_row('UPDATE security_entry SET "index" = NULL WHERE "index" = 7')


def exchange():
    for old, new in ((7, 10_000), (9, 7), (10_000, 9)):
        one_row('UPDATE security_entry SET "index" = %s WHERE "index" = %s', new, old)


COPY = """
    INSERT INTO security_entry (kind, about, "by", at, facts, salt, commitment, "index")
    SELECT kind, about, "by", at, facts, salt, commitment, %s FROM security_entry WHERE "index" = 7
"""


def copy_over():
    one_row('DELETE FROM security_entry WHERE "index" = 9')
    one_row(COPY, 9)


def copy_to_the_end():
    one_row(COPY, None)
    sequence_entries()


def copy_beside():
    """Past the rule that a number comes once."""
    sql("DROP INDEX entry_index")
    one_row(COPY, 7)
    sql("""UPDATE security_entry SET kind = 'test.denied' WHERE id = (SELECT min(id) FROM security_entry
           WHERE "index" = 7)""")


def add():
    one_row(COPY, COUNT + 5)
    one_row("""UPDATE security_entry SET commitment = %s WHERE "index" = %s""", bytes(32), COUNT + 5)


def spoil_tile():
    hashes = bytes(sql("SELECT hashes FROM security_tile WHERE level = 0 AND number = 0")[0][0])
    one_row("UPDATE security_tile SET hashes = %s WHERE level = 0 AND number = 0", bytes(32) + hashes[32:])


def cut_tile():
    hashes = bytes(sql("SELECT hashes FROM security_tile WHERE level = 0 AND number = 1")[0][0])
    one_row("UPDATE security_tile SET hashes = %s WHERE level = 0 AND number = 1", hashes[:-5])


def drop_tile():
    one_row("DELETE FROM security_tile WHERE level = 1")


def drop_tiles():
    assert sql("DELETE FROM security_tile") == 3


def shorten_log():
    one_row("UPDATE security_log SET size = 260")


def lengthen_log():
    one_row("UPDATE security_log SET size = 1000")


def drop_log():
    one_row("DELETE FROM security_log")


def put_back_the_checkpoint():
    """The log's row as it was at 260 entries, all the rest as it is."""
    one_row("UPDATE security_log SET size = 260, checkpoint = (SELECT note FROM security_checkpoint)")


def put_everything_back():
    sql('DELETE FROM security_entry WHERE "index" >= 260')
    put_back_the_checkpoint()
    rebuild()


def empty_the_checkpoint():
    one_row("UPDATE security_log SET checkpoint = ''")


def sign_with_another_key():
    name = keys_of(present_log())[-1].name
    head = Head(name, COUNT, rebuild().root())
    one_row("UPDATE security_log SET checkpoint = %s", str(sign(head.text, name, THIEF)))


def exchange_the_key_in_the_store():
    sign_with_another_key()
    one_row("UPDATE security_log SET keys = %s", f'["{key_of(keys_of(present_log())[-1].name, THIEF).text}"]')


def empty_the_keys():
    one_row("UPDATE security_log SET keys = '[]'")


def spoil_a_kept_checkpoint():
    one_row("UPDATE security_checkpoint SET note = replace(note, '260', '261')")


def move_a_kept_checkpoint():
    one_row("UPDATE security_checkpoint SET size = 200")


def invent_a_kept_checkpoint():
    one_row("INSERT INTO security_checkpoint (size, note) SELECT 270, note FROM security_checkpoint")


def wipe():
    for table in ("entry", "tile", "checkpoint", "log"):
        sql(f"DELETE FROM security_{table}")


THIEF = Ed25519PrivateKey.generate()
SIGNATURE = r"not signed: The present checkpoint cannot be trusted\. .+"
TAMPERED = {
    flip_words: [f"flipped, entry 7: {FLIPPED}"],
    flip_facts: [f"flipped, entry 7: {FLIPPED}"],
    flip_time: [f"flipped, entry 7: {FLIPPED}"],
    flip_salt: [f"flipped, entry 7: {FLIPPED}"],
    flip_commitment: ["flipped, entry 7: It does not fit its own commitment."],
    flip_with_its_commitment: [f"flipped, entry 7: {FLIPPED}"],
    flip_with_the_tree: [
        "flipped, entries 0 to 259: Entries and tree were changed together: neither is what was signed."
    ],
    empty: ["emptied, entry 7: No entry security.payloads_erased says that it was erased."],
    drop: ["dropped, entry 7: The entry is gone."],
    drop_last: ["dropped, entry 299: The entry is gone."],
    drop_and_close_the_gap: [
        "dropped, entry 290: The entry is gone.",
        "reordered, entries 290 to 298: What stands there belongs 1 later.",
    ],
    drop_many: ["dropped, entries 20 to 29: The entry is gone."],
    take_the_number: ["dropped, entry 7: The entry is gone."],
    exchange: [
        "reordered, entry 7: What stands there belongs 2 later.",
        "reordered, entry 9: What stands there belongs 2 earlier.",
    ],
    copy_over: [
        f"flipped, entry 9: {FLIPPED}",
        "duplicated, entry 9: 2 rows hold this one entry.",
    ],
    copy_to_the_end: ["duplicated, entry 300: 2 rows hold this one entry."],
    copy_beside: [
        "flipped, entry 7: It does not fit its own commitment.",
        "duplicated, entry 7: Several rows have this number.",
        "duplicated, entry 7: 2 rows hold this one entry.",
    ],
    add: ["added, entry 305: This number was never given."],
    spoil_tile: [
        "tree: Tile 1/0 is not what the tiles below it give.",
        "tree: Tiles 0/0 to 0/0 are not what was signed.",
    ],
    cut_tile: ["tree, entries 256 to 299: Tile 0/1 is missing or cut off."],
    drop_tile: ["tree: Tile 1/0 is not what the tiles below it give."],
    drop_tiles: [
        "tree, entries 0 to 255: Tile 0/0 is missing or cut off.",
        "tree, entries 256 to 299: Tile 0/1 is missing or cut off.",
    ],
    shorten_log: ["not signed: 260 entries are said to be in the tree; 300 are signed."],
    lengthen_log: ["not signed: 1000 entries are said to be in the tree; 300 are signed."],
    drop_log: [
        "rolled back, entries 0 to 299: This machine has seen the log .+, and the store does not know it.",
        ".*",
    ],
    put_back_the_checkpoint: [
        "rolled back, entries 260 to 299: A checkpoint of 300 entries was signed, and now there are 260.",
        "added, entries 260 to 299: This number was never given.",
    ],
    put_everything_back: [
        "rolled back, entries 260 to 299: A checkpoint of 300 entries was signed, and now there are 260."
    ],
    empty_the_checkpoint: [SIGNATURE, ".*"],
    sign_with_another_key: [SIGNATURE],
    exchange_the_key_in_the_store: ["not signed: The log names a key that is not ours.", SIGNATURE, ".*"],
    empty_the_keys: ["rolled back, entries 0 to 299: This machine has seen the log .+", SIGNATURE, ".*"],
    spoil_a_kept_checkpoint: ["not signed: The stored checkpoint of 260 entries: The signature of .+ is wrong.+"],
    move_a_kept_checkpoint: ["not signed: The checkpoint stored for 200 entries is of 260."],
    invent_a_kept_checkpoint: ["not signed: The checkpoint stored for 270 entries is of 260."],
    wipe: [
        "rolled back, entries 0 to 299: This machine has seen the log .+, and the store does not know it.",
        "cannot tell: Nothing has been numbered yet.",
    ],
}


@pytest.mark.usefixtures("entries")
@pytest.mark.parametrize("harm", TAMPERED, ids=lambda harm: harm.__name__)
def test_what_was_done_to_the_ledger_is_told(kept, harm):
    assert kept("verify")[0] == 0
    harm()
    code, said = kept("verify")
    assert code == 1
    told = [line for line in said if re.match(r"[a-z ]+(, entr(y|ies) [0-9]+( to [0-9]+)?)?: ", line)]
    expected = TAMPERED[harm]
    assert re.fullmatch("\n".join(expected).replace("\n.*", "(?:\n.*)*"), "\n".join(told)), told
    code, said = kept("verify", "--json")
    assert (code, '"verdict": "not done"' in said[0]) == (1, True)


@pytest.mark.usefixtures("entries")
def test_what_the_machine_itself_forgot_a_checkpoint_kept_elsewhere_shows(kept, tmp_path):
    """Whoever has the key and the machine as well leaves nothing to find, but for what others hold."""
    file = tmp_path / "checkpoint"
    file.write_text(present_log().checkpoint)
    origin = keys_of(present_log())[-1].name

    put_everything_back()
    seen_file(origin).unlink()
    assert kept("verify")[0] == 0
    assert kept("verify", "--checkpoint", file) == (1, [
        "rolled back, entries 260 to 299: A checkpoint of 300 entries was signed, and now there are 260.",
        "260 of 260 entries read, 0 of them erased; 0 wait for their number; 2 checkpoints compared.",
    ])  # fmt: skip

    tell(40, by=KEPT, at=NOW)  # and now another past, as long as the first
    sequence_entries()
    assert kept("verify")[0] == 0
    code, said = kept("verify", "--checkpoint", file)
    assert code == 1
    assert (
        said[0]
        == "forked, entries 0 to 299: The checkpoint of 300 entries has another root than the first 300 now have."
    )
    tell(1, by=KEPT, at=NOW)
    sequence_entries()
    assert kept("verify", "--checkpoint", file)[1][0].startswith("forked")


@pytest.mark.usefixtures("entries")
def test_another_key_on_the_machine_does_not_sign_for_the_log(kept, tmp_path):
    shutil.move(key_file(), tmp_path / "own")
    assert kept("verify")[0] == 3
    assert kept("verify", "--key", Log.objects.get().keys[0])[0] == 0
    signing_key(make=True)
    code, said = kept("verify")
    assert (code, said[0]) == (1, "not signed: The log names a key that is not ours.")
    shutil.move(tmp_path / "own", key_file())
    assert kept("verify")[0] == 0


@pytest.mark.usefixtures("entries")
def test_checkpoints_that_an_audit_saw_cannot_be_taken_away(kept):
    tell_audit(verify(), by=KEPT, at=NOW)
    sequence_entries()
    assert kept("verify")[0] == 0
    assert Checkpoint.objects.count() == 1
    one_row("DELETE FROM security_checkpoint")
    code, said = kept("verify")
    assert (code, said[0]) == (1, "forgotten: Of 1 checkpoints that an audit of 300 entries saw, 1 are gone.")


@pytest.mark.usefixtures("entries")
def test_an_emptied_store_does_not_begin_a_new_ledger_by_itself(kept):
    """Else whoever empties it would have it signed as new, with the right key."""
    before = keys_of(present_log())[-1]
    wipe()
    tell(2, by=KEPT, at=NOW)
    with pytest.raises(RolledBack, match="has seen 300 entries"):
        sequence_entries()
    assert begin_again("restored", by=KEPT, at=NOW)
    assert sequence_entries() == 3
    facts = Entry.objects.get(kind="security.ledger_began_again").facts
    assert (facts["size"], facts["seen"], facts["before"]) == (0, 300, before.name)
    assert keys_of(present_log())[0] == before  # receipts of the earlier one stay good
    assert verify().verdict is Verdict.DONE


@pytest.mark.usefixtures("entries")
def test_a_store_put_back_to_before_a_new_beginning_is_noticed(kept):
    log = Log.objects.values().get()
    begin_again("restored", by=KEPT, at=NOW)
    Entry.objects.filter(index=None).delete()
    Log.objects.update(**log)
    assert verify().verdict is Verdict.NOT_DONE
    tell(1, by=KEPT, at=NOW)
    with pytest.raises(RolledBack):
        sequence_entries()
    begin_again("restored", by=KEPT, at=NOW)
    sequence_entries()
    assert verify().verdict is Verdict.DONE


@pytest.mark.usefixtures("entries")
def test_numbers_without_the_row_of_the_log_are_not_given_again():
    drop_log()
    tell(1, by=KEPT, at=NOW)
    with pytest.raises(TreeDamaged, match="nothing was ever signed"):
        sequence_entries()
    with pytest.raises(TreeDamaged, match="from a backup"):
        begin_again("restored", by=KEPT, at=NOW)


def test_nothing_begins_again_where_nothing_was_ever_signed():
    with pytest.raises(NoSuchEntry):
        begin_again("restored", by=KEPT, at=NOW)
    assert not key_file().exists()


@pytest.mark.usefixtures("entries")
def test_what_was_erased_by_the_book_is_no_harm(kept):
    erase_payloads([Entry.objects.get(index=7)], "erasure", by=KEPT, at=NOW)
    sequence_entries()
    code, said = kept("verify")
    assert (code, said[-1]) == (0, "Every entry is there and as it was signed.")
    assert "301 of 301 entries read, 1 of them erased" in said[-2]
