"""What Kept stores about people is sealed: found by whoever may, opened with the person's key, and gone with it."""

from __future__ import annotations

import json
import sqlite3
import threading
from contextlib import closing
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.db import connection, transaction
from django.utils import timezone
from house import KEPT, PERSON, house, own_dump, store, zip_of
from hypothesis import given
from hypothesis import strategies as st

from kept.engine.identifiers import normal
from kept.engine.subject import Subject
from kept.information.access import OWN, open_system
from kept.information.models import System
from kept.people.models import Account, Person
from kept.people.persons import person_of
from kept.post.models import Message
from kept.post.outbox import write
from kept.rights import actions
from kept.rights.models import Case, CaseIdentifier
from kept.rights.rules import DOWNLOAD_LIFE
from kept.security.models import Entry
from kept.security.vault.actions import destroy_key
from kept.vault.errors import CannotSeal, KeyDestroyed, Unreadable
from kept.vault.fields import Sealed, open_all
from kept.vault.index import address_index, index_of
from kept.vault.keys import cipher, make_key
from kept.vault.models import Key
from kept.vault.seal import bound_to, seal, unseal
from kept.work.run import work_off

__all__ = ["house", "store"]

pytestmark = pytest.mark.store

WORDS = "Dear Alice Arden of Garden Street, your code is 123 456."


def mail(to="alice@example.com", text=WORDS, **more):
    return write(to, "A subject of hers", text, about=None, at=timezone.now(), **more)


def column(row, name):
    """What really stands in the database."""
    with connection.cursor() as cursor:
        table = row._meta.db_table
        cursor.execute(
            f'SELECT "{name}" FROM {table} WHERE id = %s', [row._meta.pk.get_db_prep_value(row.pk, connection)]
        )
        return bytes(cursor.fetchone()[0])


def put(row, name, value):
    with connection.cursor() as cursor:
        key = row._meta.pk.get_db_prep_value(row.pk, connection)
        cursor.execute(f'UPDATE {row._meta.db_table} SET "{name}" = %s WHERE id = %s', [value, key])


def test_a_mail_is_sealed_in_the_store_and_reads_as_it_was_written(store):
    written = mail()
    read = Message.objects.get(pk=written.pk)
    assert (read.to, read.subject, read.text) == ("alice@example.com", "A subject of hers", WORDS)
    assert "123 456" in read.html, "the same words as a page"
    for word in ("alice", "Garden Street", "A subject of hers", "123 456"):
        assert word.lower() not in own_dump().lower()
    assert column(written, "text")[:1] == b"\x01"
    assert column(written, "html")[:1] == b"\x01"
    Message.objects.filter(pk=written.pk).update(html="")
    assert column(written, "html") == b"", "nothing says nothing"


def test_the_same_words_never_look_the_same_twice(store):
    assert column(mail(), "text") != column(mail(), "text")


def test_a_mail_is_found_by_its_address_however_that_is_written(store):
    hers, bobs = mail("Alice@Example.com"), mail("bob@example.com")
    assert list(Message.objects.filter(to="alice@EXAMPLE.com")) == [hers]
    assert set(Message.objects.filter(to__in=["alice@example.com", "bob@example.com"])) == {hers, bobs}
    assert not Message.objects.filter(to="alice@example.co").exists()


def test_one_person_has_one_key_and_another_has_another(store):
    assert mail().key == mail("ALICE@example.com").key != mail("bob@example.com").key


@pytest.mark.parametrize("other", ["another row", "another column", "another person"])
def test_a_sealed_value_opens_nowhere_else(store, other):
    first, second = mail(), mail("bob@example.com" if other == "another person" else "alice@example.com")
    put(second, "subject" if other == "another column" else "text", column(first, "text"))
    if other == "another column":
        with pytest.raises(Unreadable):
            _ = Message.objects.get(pk=second.pk).subject
        return
    if other == "another person":  # and whoever moves it gives the key's number with it
        put(second, "key", first.key)
    with pytest.raises(Unreadable):
        _ = Message.objects.get(pk=second.pk).text


def test_a_damaged_value_is_not_shown_as_something_else(store):
    written = mail()
    whole = column(written, "text")
    for damaged in (
        whole[:-1],
        whole[:20],
        b"\x01",
        b"\x02" + whole[1:],
        whole[:30] + bytes([whole[30] ^ 1]) + whole[31:],
    ):
        put(written, "text", damaged)
        with pytest.raises(Unreadable):
            _ = Message.objects.get(pk=written.pk).text


def test_one_damaged_value_keeps_nobody_from_reading_the_others(store):
    damaged, whole = mail(), mail("bob@example.com")
    put(damaged, "text", b"in clear")
    rows = list(Message.objects.order_by("written_at"))
    open_all(rows)
    assert [row.subject for row in rows] == ["A subject of hers"] * 2
    assert rows[1].text == whole.text
    with pytest.raises(Unreadable):
        _ = rows[0].text
    assert Message.objects.get(pk=damaged.pk).subject == "A subject of hers"


def test_nothing_is_written_in_clear_by_mistake(store):
    written = mail()
    with pytest.raises(CannotSeal):
        Message.objects.filter(pk=written.pk).update(text="in clear")
    with pytest.raises(CannotSeal):
        CaseIdentifier(case_id=Case().pk, kind="email", value="alice@example.com", found_at=timezone.now()).save()
    assert Message.objects.get(pk=written.pk).text == WORDS


def test_many_mails_are_opened_with_one_statement(store, django_assert_num_queries):
    for number in range(30):
        mail(f"person{number}@example.com")
    rows = list(Message.objects.all())
    with django_assert_num_queries(1):
        open_all(rows)
        assert {row.text for row in rows} == {WORDS}


def test_what_was_not_opened_is_saved_as_it_is(store):
    written = mail()
    before = column(written, "text")
    read = Message.objects.get(pk=written.pk)
    read.state = "sent"
    read.save()
    assert column(written, "text") == before
    assert isinstance(read.__dict__["text"], Sealed)
    assert list(Message.objects.filter(to="alice@example.com")) == [read], "and its index with it"


@given(st.text(), st.text(), st.integers(min_value=-(2**63), max_value=2**63 - 1))
def test_any_text_comes_back_as_it_was(text, row, number):
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    known = AESGCM(b"k" * 32)
    plain, bound = (
        text.encode("utf-8", "surrogatepass"),
        bound_to(number, "a.b", row),
    )
    assert unseal(known, seal(known, plain, bound), bound) == plain


@given(st.text(min_size=1), st.text(min_size=1))
def test_two_columns_never_give_one_text_the_same_hash(text, other):
    secret = b"s" * 32
    assert index_of("a.x", text, secret) == index_of("a.x", text, secret)
    assert index_of("a.x", text, secret) != index_of("a.y", text, secret)
    assert (index_of("a.x", text, secret) == index_of("a.x", other, secret)) == (text == other)
    assert address_index("a.x", "Álice@Example.com ", secret) == address_index("a.x", "álice@example.com", secret)


# Persons


def test_two_who_meet_somebody_at_the_same_moment_meet_one_person(store):
    barrier, met = threading.Barrier(4), []

    def meet():
        try:
            barrier.wait(10)
            with transaction.atomic():
                met.append(person_of("new@example.com").pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=meet) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(met) == 4
    assert len(set(met)) == Person.objects.count() == Key.objects.count() == 1


def test_a_persons_further_proven_address_leads_to_the_same_key(house):
    from allauth.account.models import EmailAddress

    alice = house.people["alice"]
    EmailAddress.objects.create(user=alice, email="alice.two@example.com", verified=True, primary=False)
    EmailAddress.objects.create(user=alice, email="bob.two@example.com", verified=False, primary=False)
    first = person_of("alice@example.com")
    assert first.account == alice
    assert person_of("alice.two@example.com") == first
    assert person_of("bob.two@example.com") != first, "she has not proven that one"


def test_an_address_that_changed_hands_leads_to_its_new_owner(house):
    alice = house.people["alice"]
    before = person_of("alice@example.com")
    alice.emailaddress_set.update(email="arden@example.com")
    Account.objects.filter(pk=alice.pk).update(email="arden@example.com")
    other = Account.objects.create_user("alice@example.com")
    after = person_of("alice@example.com")
    assert (after.account, after == before) == (other, False)
    assert person_of("arden@example.com") == before


# The end of a key


def test_a_destroyed_key_opens_nothing_any_more_and_says_so_in_the_ledger(store):
    written = mail()
    sealed, number = column(written, "text"), written.key
    assert destroy_key(number, by=KEPT, at=timezone.now())
    emptied = Message.objects.get(pk=written.pk)
    assert (emptied.to, emptied.text) == ("", "")
    put(written, "text", sealed)  # as from a backup
    with pytest.raises(KeyDestroyed):
        _ = Message.objects.get(pk=written.pk).text
    with pytest.raises(KeyDestroyed):
        mail(key=number)
    [entry] = Entry.objects.filter(kind="vault.key_destroyed")
    assert (entry.about, entry.facts["emptied"]) == (f"key:{number}", 1)
    assert not destroy_key(number, by=KEPT, at=timezone.now()), "final, and done once"
    assert Entry.objects.filter(kind="vault.key_destroyed").count() == 1
    assert make_key() != number, "no number is given twice"


def test_a_destruction_that_is_rolled_back_has_destroyed_nothing(store):
    written = mail()
    with transaction.atomic():
        destroy_key(written.key, by=KEPT, at=timezone.now())
        transaction.set_rollback(True)
    assert Message.objects.get(pk=written.pk).text == WORDS
    assert cipher(written.key)


def test_no_byte_of_a_destroyed_key_stays_in_the_files_of_the_store(store):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL's files belong to its server")
    numbers = [mail(f"person{n}@example.com").key for n in range(50)]
    wrapped = [bytes(key.wrapped) for key in Key.objects.filter(number__in=numbers)]
    path = django_settings.DATA / "kept.sqlite3"

    def raw():
        return path.read_bytes() + path.with_name(path.name + "-wal").read_bytes()

    assert sum(one in raw() for one in wrapped) == 50
    for number in numbers:
        destroy_key(number, by=KEPT, at=timezone.now())
    assert work_off(timezone.now(), names=["vault.scrub"])
    assert not any(one in raw() for one in wrapped)


def test_an_erased_person_is_unreadable_also_in_a_copy_of_the_database_from_before(house, tmp_path):
    mail()
    [case] = house.confirmed("alice@example.com")
    number = case.person_id
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(tmp_path / "copy.sqlite3")) as copy:
            connection.connection.backup(copy)
            copy.execute("DELETE FROM vault_key WHERE number = ?", [number])
            assert copy.execute("SELECT count(*) FROM post_message WHERE key = ?", [number]).fetchone()[0] > 1
    house.work()
    case = house.now(case)
    assert case.state == Case.State.ANSWERED, house.told(case)
    assert case.person is None
    assert not Key.objects.filter(number=number).exists()
    assert not Person.objects.filter(account=house.people["alice"]).exists()
    assert Entry.objects.filter(kind="people.person_forgotten", about=f"key:{number}").count() == 1
    assert case.email == "alice@example.com", "what a law keeps for the answer has a key of its own"
    [answer] = Message.objects.filter(about=case.pk, key=case.key)
    assert "erased" in answer.subject
    package, now = case.packages.get(), timezone.now()
    assert actions.send_package_code(package, by=PERSON, at=now), "she can still fetch her report"


def test_the_key_of_a_request_goes_when_the_request_is_closed(house):
    [case] = house.confirmed("alice@example.com")
    house.work()
    number = house.now(case).key
    actions.close_due_cases(by=KEPT, at=timezone.now() + DOWNLOAD_LIFE + timedelta(minutes=1))
    assert house.now(case).key is None
    assert not Key.objects.filter(number=number).exists()
    assert not CaseIdentifier.objects.filter(case=case).exists()


def test_a_stranger_whose_request_ends_leaves_no_key(house):
    opened = house.open("access", "stranger@example.com")
    assert Person.objects.filter(pk=opened.case.person_id).exists()
    late = timezone.now() + timedelta(days=40)
    assert actions.expire_unproven(by=KEPT, at=late) == 1
    assert not Key.objects.filter(number=opened.case.key).exists()
    actions.forget_persons(by=KEPT, at=late)
    assert not Person.objects.filter(pk=opened.case.person_id).exists()
    assert not Key.objects.filter(number=opened.case.person_id).exists()


def test_who_still_has_something_keeps_their_key(house):
    opened, written = house.open("access", "stranger@example.com"), mail("other@example.com")
    actions.forget_persons(by=KEPT, at=timezone.now())
    assert Person.objects.filter(pk__in=[opened.case.person_id, written.key]).count() == 2


# Kept's own store, as a system


def own():
    return open_system(System(name="kept", title="Privacy centre", address=OWN, pack="kept"))


def alice_in_own():
    return [Subject("alice", frozenset({normal("email", "alice@example.com")}), widened=True)]


def test_the_engine_finds_what_is_sealed(house):
    mail(), mail("bob@example.com")
    house.open("access", "Alice@example.com")
    found = {one.table: one.own for one in own().count(alice_in_own(), timezone.now().date())[0]}
    assert (found["post_message"], found["rights_case"], found["rights_caseidentifier"]) == (2, 1, 1)


def test_a_copy_shows_the_person_what_was_sealed(house):
    mail()
    case = house.reviewed("access", "alice@example.com")
    actions.approve(case, by=house.officer, at=timezone.now())
    house.work()
    [package] = house.now(case).packages.all()
    with zip_of(package) as copy:
        tables = {one["table"]: one["records"] for one in json.loads(copy.read("data.json"))["tables"]}
    assert WORDS in [row["text"] for row in tables["post_message"]]
    assert {row["email"] for row in tables["rights_case"]} == {"alice@example.com"}
    assert "alice@example.com" in {row["value"] for row in tables["rights_caseidentifier"]}
    assert all(set(row["to_index"]) <= set("[not shown: a password or key]") for row in tables["post_message"])


def test_the_second_look_opens_what_is_sealed(house):
    mail("bob@example.com", "Bob, please tell alice@example.com about it.")
    mail()
    plan, now = own().plan(timezone.now().date()), timezone.now()
    residue = own().look(plan, alice_in_own())[0]
    places = {(one.column, one.why): one.count for one in residue.remains if one.table == "post_message"}
    assert places == {("text", "others"): 1, ("html", "others"): 1, ("to", "missed"): 1}
    assert now


def test_what_the_pack_calls_sealed_is_sealed_and_nothing_else_is():
    from kept.engine.packs import load
    from kept.vault.fields import sealed_models

    declared = {
        (rule.name, one.name) for rule in load("kept").tables.values() for one in rule.columns.values() if one.sealed
    }
    assert declared == {(model._meta.db_table, field.column) for model, fields in sealed_models() for field in fields}
    assert len(declared) >= 7


def test_everything_that_is_said_to_people_is_sealed():
    """Each text that an inventory calls somebody's words, contact or identifier in a communication."""
    from kept.engine.packs import load

    pack = load("kept")
    personal = {
        f"{rule.name}.{one.name}"
        for rule in pack.tables.values()
        if rule.category == "communication"
        for one in rule.columns.values()
        if one.do in ("erase", "redact", "law") and not one.secret
    }
    sealed = {f"{rule.name}.{one.name}" for rule in pack.tables.values() for one in rule.columns.values() if one.sealed}
    assert personal <= sealed
    secret = {f"{rule.name}.{one.name}" for rule in pack.tables.values() for one in rule.columns.values() if one.secret}
    assert {place.partition(".")[0] for place in sealed - personal - secret} == {
        "automated_decision", "automated_decisionidentifier",  # what a computer decided about somebody
        "complaints_bundle", "complaints_enquiry", "complaints_enquiryanswer",  # what an authority asks about somebody
        "alerts_alert", "proof_proofstep", "righting_newaddress",  # what shows who somebody is
        "security_breach", "security_notice",  # what staff type about a breach: it should name nobody, and may
    }  # fmt: skip
