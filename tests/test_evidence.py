"""Evidence for an authority or a court: one signed file, checked without us; and what authorities ask."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from datetime import date, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import IntegrityError, transaction
from django.utils import timezone
from house import KEPT, house, own_dump, store
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from together import at_once

from kept.complaints import actions
from kept.complaints.actions.bundling import clear_orphans, folder, open_bundle, remove_bundles
from kept.complaints.errors import MayNot, NoSuchMatter, NotNow, NotVerified, TooLong
from kept.complaints.evidence.writing import write
from kept.complaints.models import Bundle, Complaint, Enquiry, EnquiryAnswer
from kept.complaints.promises import authorities_are_answered_by_two
from kept.people.matters import held_by, matter_of
from kept.people.models import Account
from kept.policy.keepers import keepers_of
from kept.security import verifier
from kept.security.actions import erase_payloads
from kept.security.approvals import NoLongerFits, NotApproved, SamePerson
from kept.security.approvals.actions import approve
from kept.security.ledger_errors import TreeDamaged
from kept.security.models import Approval, Entry, Read
from kept.security.notes import Note, key_of, read_note, sign
from kept.security.sequencer import keys_of, present_log
from kept.security.signing import signing_key
from kept.terms import State
from kept.vault.models import Key

__all__ = ["house", "store"]

pytestmark = pytest.mark.store
DAY = timedelta(days=1)
WORDS = "You erased the wrong invoices of mine."


@pytest.fixture
def nora(house):
    """A second privacy officer."""
    return Account.objects.create_user("nora.nyman@example.org", name="Nora Nyman", role="privacy_officer")


@pytest.fixture
def complained(house, nora) -> Complaint:
    """About an approved request of Alice's; answered."""
    at, alice = timezone.now(), house.people["alice"]
    case = house.proven("access", alice.email)
    one = actions.open_complaint(
        WORDS, alice.email, name="Alice Arden", about=case.reference, account=alice, channel="client_area",
        law="uk-gdpr", by=alice.actor, at=at,
    ).complaint  # fmt: skip
    actions.take(one, nora, by=nora.actor, at=at)
    actions.decide(one, "upheld", "They were Alice's.", "They are back.", "email", by=nora.actor, at=at)
    return Complaint.objects.get(pk=one.pk)


def name_of(one):
    return f"{one._meta.label_lower}:{one.pk}"


def bundle_of(one, **more):
    return write(name_of(one), timezone.now(), **more).raw


def own_keys():
    return [verifier.key_of(one.text) for one in keys_of(present_log())]


def parts(raw):
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(files, twice=""):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, raw in files.items():
            archive.writestr(name, raw)
        if twice:
            with pytest.warns(UserWarning, match="Duplicate name"):
                archive.writestr(twice, files[twice])
    return out.getvalue()


def relisted(files, name=None, key=None):
    """As somebody does who makes the list anew, and signs it: with our key under our name, unless others are given."""
    from hashlib import sha256

    manifest = json.loads(files["manifest.json"])
    for one in manifest["files"]:
        if one["name"] in files:
            one["sha256"] = sha256(files[one["name"]]).hexdigest()
    raw = json.dumps(manifest).encode()
    present = keys_of(present_log())[-1]
    text = f"kept-evidence/v1\nsha256 {sha256(raw).hexdigest()}\n"
    note = sign(text, name or present.name, key or signing_key())
    return {**files, "manifest.json": raw, "manifest.sig": str(note).encode()}


@pytest.fixture
def said(tmp_path):
    """What the verifier says of a bundle: the verdict, and why."""

    def check(raw, keys=None):
        path = tmp_path / "bundle.zip"
        path.write_bytes(raw)
        try:
            return "true", verifier.check_bundle(str(path), own_keys() if keys is None else keys)
        except verifier.Wrong as problem:
            return "not true", str(problem)
        except verifier.Unsure as problem:
            return "cannot tell", str(problem)

    return check


# What stands in it


def test_a_bundle_shows_every_step_with_its_proof_and_names_nobody(complained, said):
    raw = bundle_of(complained)
    verdict, shown = said(raw)
    assert (verdict, shown["about"]) == ("true", complained.reference)
    files = parts(raw)
    lines = json.loads(files["timeline.json"])
    kinds = [one["kind"] for one in lines]
    assert {"rights.case_opened", "complaints.received", "complaints.decided"} <= set(kinds), "with what it is about"
    assert sum(name.startswith("entries/") for name in files) == len(lines) == shown["entries"]
    decided = [one for one in json.loads(files["decisions.json"]) if one["kind"] == "complaints.decided"]
    assert decided[0]["by"].startswith("privacy_officer:")
    clocks = json.loads(files["deadlines.json"])
    assert {(one["what"], one["rule"]) for one in clocks} == {
        ("acknowledgement", "uk_complaint_ack"),
        ("progress", "complaint_progress"),
        ("answer", "gdpr_rights"),
    }
    assert all(one["same"] and one["inputs"]["received"] for one in clocks)
    hashes = {one["what"] for one in json.loads(files["files.json"])}
    assert hashes == {"letter"}
    assert {one["when"] for one in json.loads(files["policy.json"])} == {"when it came", "when this was made"}
    everything = b"\n".join(files.values()).decode()
    for secret in ("alice@example.com", "Alice Arden", WORDS, "They were Alice's.", "Nora", "Olga"):
        assert secret not in everything, secret


def test_the_stand_alone_verifier_in_it_checks_it_without_kept(complained, tmp_path):
    raw = bundle_of(complained)
    (tmp_path / "bundle.zip").write_bytes(raw)
    (tmp_path / "kept_verify.py").write_bytes(parts(raw)["kept_verify.py"])
    key = keys_of(present_log())[-1].text
    run = [sys.executable, "-I", "kept_verify.py", "bundle.zip", "--json", "--key", key]
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, json.loads(done.stdout)["verdict"]) == (0, "true"), done.stderr
    (tmp_path / "bundle.zip").write_bytes(packed({**parts(raw), "index.html": b"<p>All was well.</p>"}))
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, json.loads(done.stdout)["why"]) == (1, "index.html was changed.")


def test_an_entry_whose_words_were_erased_stays_in_it_as_a_proof_without_words(complained, said):
    first = Entry.objects.get(about=name_of(complained), kind="complaints.received")
    bundle_of(complained)
    erase_payloads([first], "a test", by=KEPT, at=timezone.now())
    raw = bundle_of(complained)
    assert said(raw)[0] == "true"
    assert first.commitment


def test_an_entry_that_was_changed_in_the_store_is_handed_to_nobody(complained):
    bundle_of(complained)
    Entry.objects.filter(about=name_of(complained), kind="complaints.decided").update(by="privacy_officer:nobody")
    with pytest.raises(TreeDamaged):
        bundle_of(complained)


# What is wrong with it


@pytest.mark.parametrize("which", ["index.html", "timeline.json", "deadlines.json", "entries", "README.txt"])
def test_a_flipped_byte_is_named(complained, said, which):
    files = parts(bundle_of(complained))
    name = next(one for one in sorted(files) if one.startswith(which))
    raw = bytearray(files[name])
    raw[len(raw) // 2] ^= 1
    verdict, why = said(packed({**files, name: bytes(raw)}))
    assert (verdict, name in why) == ("not true", True)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_byte_of_whatever_file_is_flipped_it_is_never_called_true(complained, said, data):
    files = parts(bundle_of(complained))
    name = data.draw(st.sampled_from(sorted(files)))
    raw = bytearray(files[name])
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    assert said(packed({**files, name: bytes(raw)}))[0] != "true"


def test_a_missing_an_added_and_a_doubled_file_are_named(complained, said):
    files = parts(bundle_of(complained))
    entry = next(one for one in sorted(files) if one.startswith("entries/"))
    without = {name: raw for name, raw in files.items() if name != entry}
    assert said(packed(without)) == ("not true", f"{entry} is missing.")
    assert said(packed({**files, "also.txt": b"x"})) == ("not true", "also.txt was added.")
    assert said(packed(files, twice="index.html"))[1].startswith("index.html stands in it twice.")
    for name in ("manifest.json", "manifest.sig"):
        less = {one: raw for one, raw in files.items() if one != name}
        assert said(packed(less)) == ("not true", f"{name} is missing.")


def test_another_key_is_never_ours_under_whatever_name(complained, said):
    raw = bundle_of(complained)
    stranger, ours = Ed25519PrivateKey.generate(), keys_of(present_log())[-1]
    files = {**parts(raw), "index.html": b"<p>All was well.</p>"}
    assert said(packed(relisted(files, "somebody.example/ledger", stranger)))[0] == "cannot tell"
    assert said(packed(relisted(files, key=stranger)))[0] == "cannot tell", "the same name, another key"
    text = relisted(files)["manifest.sig"].decode()
    own = read_note(text)
    forged = Note(own.text, (own.signatures[0].__class__(ours.name, ours.id, stranger.sign(own.text.encode())),))
    spoiled = {**relisted(files), "manifest.sig": str(forged).encode()}
    assert "signature of" in said(packed(spoiled))[1]
    other = key_of("somebody.example/ledger", stranger)
    assert said(raw, [verifier.key_of(other.text)])[0] == "cannot tell"
    assert said(raw, [])[0] == "cannot tell"


def test_whoever_has_our_key_cannot_let_the_timeline_say_something_else_than_the_ledger(complained, said):
    files = parts(bundle_of(complained))
    lines = json.loads(files["timeline.json"])
    changed = [{**one, "by": "privacy_officer:somebody"} if one["decision"] else one for one in lines]
    assert "says something else" in said(packed(relisted({**files, "timeline.json": json.dumps(changed).encode()})))[1]
    less = lines[1:]
    assert "leaves entry" in said(packed(relisted({**files, "timeline.json": json.dumps(less).encode()})))[1]
    more = [*lines, {**lines[0], "entry": 10**6}]
    assert "has no proof" in said(packed(relisted({**files, "timeline.json": json.dumps(more).encode()})))[1]


@pytest.mark.parametrize("raw", [b"PK", b"", b"PK\x03\x04" + b"x" * 100, b"no zip at all"])
def test_what_is_no_bundle_is_said_to_be_none(complained, said, raw):
    bundle_of(complained)
    assert said(raw)[0] == "not true"
    whole = bundle_of(complained)
    assert said(whole[: len(whole) // 2])[0] == "not true"


def test_a_bundle_that_bursts_is_refused_before_it_is_unpacked(complained, said):
    files = parts(bundle_of(complained))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in files.items():
            archive.writestr(name, raw)
        archive.writestr("bomb", b"\0" * (verifier.MOST_FILE + 1))
    assert said(out.getvalue()) == ("not true", "bomb was added.")
    listed = json.loads(files["manifest.json"])
    listed["files"].append({"name": "bomb", "sha256": "0" * 64, "size": 1})
    big = {**files, "manifest.json": json.dumps(listed).encode(), "bomb": b"\0" * (verifier.MOST_FILE + 1)}
    assert "larger than" in said(packed(relisted(big)))[1]


# Who makes one


def test_an_officer_makes_one_and_it_lies_sealed_until_it_goes(complained, house, said):
    matter = matter_of(name_of(complained))
    with pytest.raises(MayNot):
        actions.ask_for_bundle(matter, by=house.people["aino"].actor, at=timezone.now())
    made = actions.ask_for_bundle(matter, by=house.officer, at=timezone.now())
    with open_bundle(made) as file:
        raw = file.read()
    assert said(raw)[0] == "true"
    assert b"PK" not in (folder() / made.file).read_bytes()[:4]
    key = made.key
    assert remove_bundles(by=KEPT, at=timezone.now() + 31 * DAY) == 1
    assert list(folder().iterdir()) == []
    assert not Key.objects.filter(number=key).exists()
    with pytest.raises(NotNow):
        actions.bundle_given(made, by=house.officer, at=timezone.now())
    (folder() / "left.sealed").write_bytes(b"x")
    assert len(list(clear_orphans(timezone.now() + 2 * DAY))) == 1


def test_what_names_the_person_takes_a_reason_and_a_second_officer(complained, house, nora, said):
    matter, at = matter_of(name_of(complained)), timezone.now()
    with pytest.raises(TooLong):
        actions.ask_for_bundle(matter, "  ", personal=True, by=house.officer, at=at)
    asked = actions.ask_for_bundle(matter, "The court of Garden Street asks.", personal=True, by=house.officer, at=at)
    assert (asked.state, asked.file) == ("waiting", "")
    assert "Garden Street" not in own_dump()
    with pytest.raises(NotApproved):
        actions.make_with_personal_data(asked, by=nora.actor, at=at)
    approval = Approval.objects.get(about=f"complaints.bundle:{asked.pk}")
    with pytest.raises(SamePerson):
        approve(approval, by=house.officer, at=at)
    approve(approval, by=nora.actor, at=at)
    made = Bundle.objects.get(pk=asked.pk)
    with open_bundle(made) as file:
        raw = file.read()
    assert said(raw)[0] == "true"
    told = json.loads(parts(raw)["personal.json"])
    assert (told["name"], told["complaint"]) == ("Alice Arden", WORDS)
    with pytest.raises(IntegrityError), transaction.atomic():
        Bundle.objects.filter(pk=made.pk).update(made_by=made.asked_by)


def test_the_command_line_makes_and_checks_one(complained, tmp_path, capsys, monkeypatch):
    from kept.cli import main

    monkeypatch.setattr("kept.cli.evidence.migrate_store", lambda: None)
    out = tmp_path / "evidence.zip"
    assert main(["evidence", complained.reference.lower(), "--out", str(out)]) == 0
    assert out.stat().st_mode & 0o077 == 0
    assert main(["evidence", complained.reference, "--out", str(out)]) == 2, "it is not written over"
    assert main(["evidence", "HC-2026-AAAAA", "--out", str(tmp_path / "b.zip")]) == 2
    assert main(["evidence", complained.reference, "--out", str(tmp_path / "no" / "b.zip")]) == 1
    capsys.readouterr()
    assert main(["evidence", "verify", str(out), "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["verdict"], shown["about"]) == ("true", complained.reference)
    files = parts(out.read_bytes())
    out.write_bytes(packed({**files, "index.html": b"x"}))
    assert main(["evidence", "verify", str(out)]) == 1
    assert "index.html was changed." in capsys.readouterr().out
    other = key_of("somebody.example/ledger", Ed25519PrivateKey.generate()).text
    out.write_bytes(packed(files))
    assert main(["evidence", "verify", str(out), "--key", other]) == 3
    assert main(["evidence", "verify", str(out), "--key", "nonsense"]) == 2
    assert main(["evidence", "verify", str(tmp_path / "nowhere.zip")]) == 2
    made = Entry.objects.get(about=name_of(complained), kind="complaints.bundle_made")
    assert made.facts["personal"] is False


# What authorities ask


def test_a_person_sees_that_an_enquiry_about_them_was_read_and_that_their_data_were_handed_out(
    complained, house, nora, client
):
    alice, at = house.people["alice"], timezone.now()
    one = asks(house)
    client.force_login(nora)
    client.get(f"/desk/enquiries/{one.pk}/")
    assert [(read.case, read.person) for read in Read.objects.filter(place="enquiry")] == [(one.pk, None)]
    actions.link_enquiry(one, complained.reference, by=house.officer, at=at)
    for _ in range(2):
        client.get(f"/desk/enquiries/{one.pk}/")
    read = Read.objects.exclude(case=one.pk).get(place="enquiry")
    assert (read.case, read.person, read.reader) == (complained.pk, alice.pk, nora.pk)
    case = complained.about.partition(":")[2]
    reference = matter_of(complained.about).reference
    actions.link_enquiry(one, reference, by=house.officer, at=at)
    client.get(f"/desk/enquiries/{one.pk}/")
    assert str(Read.objects.filter(place="enquiry", person=alice.pk).latest("at").case) == case
    asked = actions.ask_for_bundle(matter_of(complained.about), "A court.", personal=True, by=house.officer, at=at)
    approve(Approval.objects.get(about=f"complaints.bundle:{asked.pk}"), by=nora.actor, at=at)
    client.force_login(house.people["aino"])
    client.get(f"/desk/enquiries/{one.pk}/")
    client.force_login(house.people["olga"])
    file = client.post(f"/desk/evidence/bundles/{asked.pk}/file/")
    assert b"".join(file.streaming_content).startswith(b"PK")
    assert Read.objects.get(what="package").person == alice.pk
    client.force_login(alice)
    page = client.get("/client-area/who-looked/").content.decode()
    assert page.count("To answer an authority or a court") == 3, "the complaint, the request, the file"
    assert f"A file made for a person {reference}<br>evidence" in page
    assert "<br>enquiry" in page
    assert Entry.objects.filter(kind="complaints.enquiry_looked_at").count() == 3, "an auditor reads no words"


def asks(house, **more):
    at = timezone.now()
    given = {
        "authority": "The Information Commissioner’s Office", "asked": "What happened to this request?",
        "basis": "UK GDPR Art. 58(1)(a)", "contact": "Anna Example, 030 123456", "channel": "letter",
        "received_at": at, "due_on": at.date() + 14 * DAY, "their_reference": "IC-1234", "by": house.officer, "at": at,
    }  # fmt: skip
    return actions.record_enquiry(**(given | more))


def released(answer, officer):
    approve(Approval.objects.get(about=f"complaints.enquiryanswer:{answer.pk}"), by=officer.actor, at=timezone.now())
    return EnquiryAnswer.objects.get(pk=answer.pk)


def test_an_authority_is_told_nothing_before_it_was_called_back_and_by_two(house, nora):
    one, at = asks(house), timezone.now()
    assert "Anna Example" not in own_dump()
    with pytest.raises(NotVerified):
        actions.write_answer(one, "This.", "letter", whole=True, by=house.officer, at=at)
    actions.verify_contact(one, "By the number on its public page; Anna Example answered.", by=house.officer, at=at)
    answer = actions.write_answer(one, "This is what happened.", "letter", whole=True, by=house.officer, at=at)
    with pytest.raises(NotApproved):
        actions.release_answer(answer, by=nora.actor, at=at)
    with pytest.raises(SamePerson):
        released(answer, house.people["olga"])
    assert released(answer, nora).released_by == str(nora.actor)
    assert Enquiry.objects.get().state == "answered"
    actions.close_enquiry(one, by=house.officer, at=at)
    with pytest.raises(NotNow):
        actions.write_answer(one, "More.", "letter", whole=True, by=house.officer, at=at)
    with pytest.raises(IntegrityError), transaction.atomic():
        EnquiryAnswer.objects.update(released_by=str(house.officer))


def test_a_new_answer_takes_the_place_of_one_that_waits(house, nora):
    one, at = asks(house), timezone.now()
    actions.verify_contact(one, "Called.", by=house.officer, at=at)
    first = actions.write_answer(one, "This.", "letter", whole=True, by=house.officer, at=at)
    second = actions.write_answer(one, "That.", "letter", whole=False, by=house.officer, at=at)
    assert Approval.objects.get(about=f"complaints.enquiryanswer:{first.pk}").state == "void"
    EnquiryAnswer.objects.filter(pk=second.pk).update(sha256="0" * 64)
    with pytest.raises(NoLongerFits):
        released(second, nora)
    EnquiryAnswer.objects.filter(pk=second.pk).update(sha256=second.sha256)
    assert released(second, nora).state == "sent"
    assert Enquiry.objects.get().state == "verified", "more will follow"


def test_two_officers_who_release_at_once_release_once(house, nora):
    one, at = asks(house), timezone.now()
    other = Account.objects.create_user("theo@example.org", role="privacy_officer")
    actions.verify_contact(one, "Called.", by=house.officer, at=at)
    answer = actions.write_answer(one, "This.", "letter", whole=True, by=house.officer, at=at)
    ended = at_once(lambda: released(answer, nora), lambda: released(answer, other))
    assert sorted(isinstance(end, Exception) for end in ended) == [False, True]
    assert Entry.objects.filter(kind="complaints.answer_released").count() == 1


def test_nothing_goes_while_an_authority_asks_about_it(house, nora, complained):
    one = asks(house)
    with pytest.raises(NoSuchMatter):
        actions.link_enquiry(one, "HC-2026-AAAAA", by=house.officer, at=timezone.now())
    actions.link_enquiry(one, complained.reference, by=house.officer, at=timezone.now())
    actions.link_enquiry(one, complained.reference, by=house.officer, at=timezone.now())
    assert one.matters.count() == 1
    assert held_by(name_of(complained)) == ["complaints.enquiry_is_open_about"]
    later = timezone.now() + 200 * DAY
    assert actions.close_due(by=KEPT, at=later) == 0
    with pytest.raises(TooLong):
        actions.close_enquiry(one, by=house.officer, at=timezone.now())
    actions.close_enquiry(one, "They took it back.", by=house.officer, at=timezone.now())
    assert actions.close_due(by=KEPT, at=later) == 1
    assert actions.forget_enquiries(by=KEPT, at=timezone.now() + 4 * 366 * DAY) == 1


@pytest.mark.parametrize("who", ["sam", "aino", "erik"])
def test_only_officers_keep_the_register(house, who):
    with pytest.raises(MayNot):
        asks(house, by=house.people[who].actor)


@pytest.mark.breaks("complaints.authorities_are_answered_by_two")
def test_an_overdue_enquiry_and_an_answer_by_one_alone_are_red(house, nora):
    look = authorities_are_answered_by_two
    assert look in [bound.look for bound in keepers_of("17.2")]
    at = timezone.now()
    assert look(at).state is State.CANNOT_TELL
    one = asks(house)
    assert look(at).state is State.KEPT
    assert look(at + 20 * DAY).state is State.BROKEN
    actions.verify_contact(one, "Called.", by=house.officer, at=at)
    answer = actions.write_answer(one, "This.", "letter", whole=True, by=house.officer, at=at)
    released(answer, nora)
    good = look(at + 20 * DAY)
    assert (good.state, good.figure) == (State.KEPT, "1 enquiry, 0 open, 1 answers released")
    Enquiry.objects.update(verified_at=at + DAY)
    assert look(at).state is State.BROKEN, "it went out before anybody called back"
    Enquiry.objects.update(verified_at=at)
    assert look(at).state is State.KEPT
    Approval.objects.all().delete()
    assert look(at).state is State.BROKEN, "nothing shows that it was two"


def test_an_officer_walks_from_the_letter_to_the_released_answer_and_the_evidence(house, client, nora, settings, said):
    olga = house.people["olga"]
    case = house.proven("access", "alice@example.com")
    client.force_login(olga)
    told = {
        "authority": "An authority", "asked": "What happened?", "basis": "GDPR Art. 58", "contact": "", "due_said": "",
        "their_reference": "", "channel": "letter", "received_at": "2026-11-02 09:00", "due_on": "2099-12-14",
    }  # fmt: skip
    assert "Type it." in client.post("/desk/enquiries/new/", told | {"authority": ""}).content.decode()
    way = client.post("/desk/enquiries/new/", told)["Location"]
    assert "Call the authority back" in client.get(way).content.decode()
    client.post(f"{way}link/", {"reference": case.reference})
    client.post(f"{way}answer/", {"text": "This.", "how": "letter"})
    assert not EnquiryAnswer.objects.exists(), "they were not called back"
    client.post(f"{way}verify/", {"how": "By their public number."})
    client.post(f"{way}answer/", {"text": "This is what happened.", "how": "letter"})
    answer = EnquiryAnswer.objects.get()
    client.force_login(nora)
    approval = Approval.objects.get(about=f"complaints.enquiryanswer:{answer.pk}")
    page = client.get(f"/security/approvals/{approval.pk}/").content.decode()
    assert f"/desk/enquiries/answers/{answer.pk}/" in page
    assert "This is what happened." in client.get(f"/desk/enquiries/answers/{answer.pk}/").content.decode()
    client.post(f"/security/approvals/{approval.pk}/", {"do": "approve"})
    assert EnquiryAnswer.objects.get().state == "sent"
    client.force_login(olga)
    found = client.get("/desk/evidence/", {"number": case.reference.lower()})["Location"]
    assert found == f"/desk/evidence/request/{case.pk}/"
    assert "Say why" in client.post(found, {"personal": "on"}).content.decode()
    client.post(found)
    made = Bundle.objects.get()
    file = client.post(f"/desk/evidence/bundles/{made.pk}/file/")
    assert said(b"".join(file.streaming_content))[0] == "true"
    assert made.sha256 in client.get(f"/desk/evidence/bundles/{made.pk}/").content.decode()
    client.post(f"/desk/evidence/bundles/{made.pk}/")
    assert client.post(f"/desk/evidence/bundles/{made.pk}/file/").status_code == 302
    client.force_login(house.people["aino"])
    for path in (way, f"/desk/enquiries/answers/{answer.pk}/", found, f"/desk/evidence/bundles/{made.pk}/"):
        seen = client.get(path).content.decode()
        assert "What happened?" not in seen
        assert "This is what happened." not in seen
    assert client.post(found).status_code == 404
    assert date(2026, 11, 2) == Enquiry.objects.get().received_at.date()
