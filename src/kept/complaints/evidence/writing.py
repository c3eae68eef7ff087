"""The file itself: a zip with a page to read, what it is made of, and a signed list of all with their SHA-256."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.template import Context, Engine

from kept.complaints.evidence.collecting import Collected, as_json, collect, counted_again
from kept.engine.pages import style
from kept.people.called import role_words
from kept.policy.models import Version
from kept.security import verifier
from kept.security.ledger import sequence_entries
from kept.security.ledger_errors import OtherKey
from kept.security.notes import key_of, sign
from kept.security.sequencer import keys_or_stop, present_log
from kept.security.signing import signing_key

LONG_AGO = (1980, 1, 1, 0, 0, 0)  # of every file in it, so that the same facts give the same bytes


@dataclass(frozen=True)
class Written:
    """A bundle, whole. `sha256` is of the file."""

    raw: bytes = field(repr=False)
    reference: str
    entries: int

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.raw).hexdigest()


def write(name: str, at: datetime, *, personal: Mapping[str, str] | None = None) -> Written:
    """Make the bundle of a matter: "rights.case:…". `personal`: what names the person, where two officers allowed it.

    Every entry that waits gets its number first. Raises LedgerStopped, NoSuchEntry, OtherKey.
    """
    while sequence_entries():
        continue
    found = collect(name, at)
    key, log = signing_key(), present_log()
    assert log is not None  # noqa: S101 - `collect` has read it
    present = keys_or_stop(log)[-1]
    if key_of(present.name, key) != present:
        raise OtherKey("The key of this machine is not the one that the log is signed with: nothing was signed.")
    files = _files(found, at, personal, present.text)
    listed = [
        {"name": one, "sha256": hashlib.sha256(raw).hexdigest(), "size": len(raw)} for one, raw in sorted(files.items())
    ]
    matter = found.dossiers[0].matter
    manifest = as_json({
        "format": verifier.BUNDLE, "about": matter.name, "reference": matter.reference, "company": settings.COMPANY,
        "made_at": _instant(at), "log": found.head.origin, "ledger_size": found.head.size,
        "ledger_root": found.head.root.hex(), "key": present.text, "personal": personal is not None, "files": listed,
    })  # fmt: skip
    text = f"{verifier.BUNDLE}\nsha256 {hashlib.sha256(manifest).hexdigest()}\n"
    files |= {verifier.MANIFEST: manifest, verifier.SIGNATURE: str(sign(text, present.name, key)).encode()}
    return Written(_zipped(files), matter.reference, len(found.lines))


def _files(found: Collected, at: datetime, personal: Mapping[str, str] | None, key: str) -> dict[str, bytes]:
    lines = [one.as_dict() for one in found.lines]
    clocks = [
        {"of": one.matter.reference, "what": what, **counted_again(stored)}
        for one in found.dossiers
        for what, stored in one.clocks
    ]
    kept = [
        {"of": one.matter.reference, "what": file.what, "sha256": file.sha256, "size": file.size,
         "at": _instant(file.at), "state": file.state}
        for one in found.dossiers
        for file in one.files
    ]  # fmt: skip
    files = {
        "timeline.json": as_json(lines),
        "decisions.json": as_json([one for one in lines if one["decision"]]),
        "deadlines.json": as_json(clocks),
        "files.json": as_json(kept),
        "matters.json": as_json([{**one.facts, "reference": one.matter.reference, "about": one.matter.name,
                                  "received_at": _instant(one.matter.received_at)} for one in found.dossiers]),
        "policy.json": as_json([{"when": when, "version": one.name, "effective": one.effective.isoformat(),
                                 "sha256": one.digest, "file": _policy_file(one)} for when, one in found.versions]),
        "checkpoint.txt": found.checkpoint.encode(),
        "kept_verify.py": Path(verifier.__file__).read_bytes(),
    }  # fmt: skip
    files |= {one.file: one.proof.encode() for one in found.lines}
    files |= {_policy_file(one): _policy_text(one) for _, one in found.versions}
    if personal is not None:
        files["personal.json"] = as_json(dict(personal))
    shown = {
        "company": settings.COMPANY, "contact": settings.CONTACT, "style": style(), "at": at, "key": key,
        "matter": found.dossiers[0].matter, "dossiers": found.dossiers, "head": found.head, "clocks": clocks,
        "lines": [(one, role_words(one.by)) for one in found.lines], "files": kept, "versions": found.versions,
        "personal": personal,
    }  # fmt: skip
    for name in ("index.html", "README.txt"):
        template = Engine.get_default().get_template(f"complaints/evidence/{name}")
        files[name] = template.render(Context(shown, autoescape=name.endswith(".html"))).encode()
    return files


def _zipped(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in sorted(files.items()):
            info = zipfile.ZipInfo(name, LONG_AGO)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            archive.writestr(info, raw)
    return out.getvalue()


def _policy_file(version: Version) -> str:
    plain = "".join(sign if sign.isalnum() or sign in ".-" else "-" for sign in version.name)
    return f"policy-{plain}.txt"


def _policy_text(version: Version) -> bytes:
    clauses = [f"{clause}\n{' '.join(said)}" if clause else " ".join(said) for clause, said in version.clauses]
    return (
        "\n\n".join([f"{version.title}, version {version.name}, in force from {version.effective}", *clauses]) + "\n"
    ).encode()


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
