"""The dependencies, as far as this machine can tell: every one locked with its hash, installed as locked, and free of
what the advisories know.

    python .ci/audit.py [LOCK …]

KEPT_ADVISORIES names a folder or a zip archive of OSV records as JSON (https://ossf.github.io/osv-schema/): the export
of osv.dev for PyPI, or any copy of it. Nothing is looked up in the network. Without advisories it says "not audited",
which fails nothing: no change of ours could mend it.
"""

from __future__ import annotations

import json
import os
import re
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.markers import Marker
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-tools.lock")
LINE = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==([^\s;\\]+)\s*(?:;\s*([^\\]+?))?\s*\\?$")


@dataclass(frozen=True)
class Locked:
    name: str
    version: str
    marker: str
    hashes: int

    @property
    def applies(self) -> bool:
        return not self.marker or Marker(self.marker).evaluate()


def read_lock(text: str, file: str) -> tuple[list[Locked], list[str]]:
    """What a lock holds, and what is wrong with it: a line that is no version, an entry without a SHA-256."""
    found: list[Locked] = []
    faults: list[str] = []
    for entry in re.split(r"\n(?=\S)", text.strip()):
        first, *rest = entry.strip().splitlines()
        if first.startswith("#"):
            continue
        match = LINE.match(first.strip())
        if match is None:
            faults.append(f"{file}: not locked to one version: {first.strip()[:80]}")
            continue
        hashes = sum(1 for line in rest if re.match(r"^\s*--hash=sha256:[0-9a-f]{64}\s*\\?$", line))
        locked = Locked(canonicalize_name(match[1]), match[2], (match[3] or "").strip(), hashes)
        if not hashes or hashes != len(rest):
            faults.append(f"{file}: {locked.name} {locked.version} has no SHA-256, or something else beside it")
        found.append(locked)
    return found, faults


def installed_otherwise(locked: Iterable[Locked]) -> list[str]:
    """What is installed here in another version than the lock says."""
    wrong = []
    for one in locked:
        try:
            here = metadata.version(one.name)
        except metadata.PackageNotFoundError:
            continue
        if one.applies and Version(here) != Version(one.version):
            wrong.append(f"{one.name}: {one.version} is locked, {here} is installed")
    return wrong


def records(place: Path) -> Iterator[Mapping[str, Any]]:
    """Every OSV record below a folder or in a zip archive."""
    if place.is_dir():
        for path in sorted(place.rglob("*.json")):
            yield json.loads(path.read_text(encoding="utf-8"))
        return
    with zipfile.ZipFile(place) as archive:
        for name in archive.namelist():
            if name.endswith(".json"):
                yield json.loads(archive.read(name))


def known_faults(locked: Iterable[Locked], advisories: Iterable[Mapping[str, Any]]) -> tuple[list[str], int]:
    """Which locked versions an advisory names, and how many advisories were read."""
    by_name: dict[str, list[Locked]] = {}
    for one in locked:
        by_name.setdefault(one.name, []).append(one)
    found: set[str] = set()
    read = 0
    for record in advisories:
        read += 1
        if record.get("withdrawn"):
            continue
        for affected in record.get("affected", ()):
            package = affected.get("package", {})
            if package.get("ecosystem") != "PyPI":
                continue
            for one in by_name.get(canonicalize_name(package.get("name", "")), ()):
                if is_affected(one.version, affected):
                    also = ", ".join(record.get("aliases", []))
                    found.add(f"{one.name} {one.version}: {record['id']} {also}".rstrip())
    return sorted(found), read


def is_affected(version: str, affected: Mapping[str, Any]) -> bool:
    """OSV's own rule: listed, or inside a range of its events in order."""
    if version in affected.get("versions", ()):
        return True
    try:
        mine = Version(version)
        return any(_in_range(mine, one["events"]) for one in affected.get("ranges", ()) if one["type"] == "ECOSYSTEM")
    except InvalidVersion:
        return False


def _in_range(mine: Version, events: Iterable[Mapping[str, str]]) -> bool:
    inside = False
    for event in sorted(events, key=lambda one: (Version(next(iter(one.values()))), "introduced" not in one)):
        if "introduced" in event and mine >= Version(event["introduced"]):
            inside = True
        if "fixed" in event and mine >= Version(event["fixed"]):
            inside = False
        if "last_affected" in event and mine > Version(event["last_affected"]):
            inside = False
    return inside


def main(files: list[str]) -> int:
    locked: list[Locked] = []
    faults: list[str] = []
    for name in files or LOCKS:
        more, wrong = read_lock((ROOT / name).read_text(encoding="utf-8"), name)
        locked += more
        faults += wrong
    faults += installed_otherwise(locked)
    count = len({(one.name, one.version) for one in locked})
    place = os.environ.get("KEPT_ADVISORIES", "")
    if place and not Path(place).exists():
        faults.append("KEPT_ADVISORIES: there is nothing at this place")
    elif place:
        known, read = known_faults(locked, records(Path(place)))
        faults += known
        if not read:
            faults.append("KEPT_ADVISORIES: there is no advisory in it")
    for fault in faults:
        print(fault, file=sys.stderr)  # noqa: T201
    if faults:
        return 1
    print(f"{count} dependencies: each locked to one version with its SHA-256, and installed as locked.")  # noqa: T201
    if place:
        print(f"None of them is named by the {read:,} advisories.")  # noqa: T201
        return 0
    print("Not audited against advisories: set KEPT_ADVISORIES to a copy of osv.dev's records for PyPI.")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
