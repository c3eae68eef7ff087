"""The audit of dependencies, and what our own source may not hold."""

from __future__ import annotations

import ast
import importlib.util
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "kept"

_spec = importlib.util.spec_from_file_location("audit", ROOT / ".ci" / "audit.py")
assert _spec
assert _spec.loader
audit = importlib.util.module_from_spec(_spec)
sys.modules["audit"] = audit
_spec.loader.exec_module(audit)

HASH = "--hash=sha256:" + "a" * 64
GOOD = f"django==5.2.19 \\\n    {HASH} \\\n    {HASH}\ncolorama==0.4.6 ; sys_platform == 'win32' \\\n    {HASH}\n"


# The locks


@pytest.mark.parametrize("name", audit.LOCKS)
def test_every_dependency_of_ours_is_locked_to_one_version_with_its_hash(name):
    locked, faults = audit.read_lock((ROOT / name).read_text(), name)
    assert faults == []
    assert locked
    assert "http" not in (ROOT / name).read_text()


def test_a_lock_is_read_with_its_markers():
    locked, faults = audit.read_lock(GOOD, "x.lock")
    assert faults == []
    assert [(one.name, one.version, one.hashes) for one in locked] == [
        ("django", "5.2.19", 2),
        ("colorama", "0.4.6", 1),
    ]
    assert [one.applies for one in locked] == [True, sys.platform == "win32"]


@pytest.mark.parametrize(
    "text",
    [
        "django>=5.2 \\\n    " + HASH,
        "django==5.2.19",
        "django==5.2.19 \\\n    --hash=md5:" + "a" * 32,
        "django==5.2.19 \\\n    --hash=sha256:" + "a" * 63,
        "django @ https://example.com/django.whl",
        "--index-url https://example.com/simple",
        "-e ../other",
        GOOD + "other==1 \\\n    --trusted-host x",
    ],
)
def test_what_is_not_locked_is_named(text):
    assert audit.read_lock(text, "x.lock")[1]


# Advisories

RANGE = {
    "type": "ECOSYSTEM",
    "events": [{"introduced": "5.0"}, {"fixed": "5.2.20"}, {"introduced": "4.2"}, {"fixed": "4.2.1"}],
}


def advisory(name: str = "Django", **affected: object) -> dict:
    return {
        "id": "X-1",
        "aliases": ["CVE-1"],
        "affected": [{"package": {"ecosystem": "PyPI", "name": name}, **affected}],
    }


@pytest.mark.parametrize(
    ("record", "found"),
    [
        (advisory(versions=["5.2.19"]), True),
        (advisory(ranges=[RANGE]), True),
        (advisory("django", ranges=[RANGE]), True),
        (advisory("other", ranges=[RANGE]), False),
        (advisory(versions=["5.2.18"]), False),
        (advisory(ranges=[{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}]), True),
        (advisory(ranges=[{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "5.2.19"}]}]), False),
        (advisory(ranges=[{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"last_affected": "5.2.19"}]}]), True),
        (advisory(ranges=[{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"last_affected": "5.2.18"}]}]), False),
        (advisory(ranges=[{"type": "GIT", "events": [{"introduced": "0"}]}]), False),
        (advisory(versions=["5.2.19"]) | {"withdrawn": "2026-01-01T00:00:00Z"}, False),
    ],
)
def test_an_advisory_is_held_against_the_locked_versions(record, found):
    locked, _ = audit.read_lock(GOOD, "x.lock")
    faults, read = audit.known_faults(locked, [record])
    assert read == 1
    assert faults == (["django 5.2.19: X-1 CVE-1"] if found else [])


@given(st.lists(st.integers(0, 30), min_size=2, max_size=2), st.integers(0, 30))
def test_a_range_holds_what_lies_in_it(bounds, version):
    first, fixed = sorted(bounds)
    affected = {"ranges": [{"type": "ECOSYSTEM", "events": [{"fixed": f"1.{fixed}"}, {"introduced": f"1.{first}"}]}]}
    assert audit.is_affected(f"1.{version}", affected) == (first <= version < fixed)


def run(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, ROOT / ".ci" / "audit.py"], env=environment, capture_output=True, text=True, timeout=120
    )


def test_without_advisories_it_says_that_it_did_not_audit():
    done = run()
    assert done.returncode == 0, done.stderr
    assert "Not audited" in done.stdout


def test_with_advisories_from_a_folder_or_an_archive_it_fails_on_a_known_fault(tmp_path):
    clean, bad = tmp_path / "clean", tmp_path / "bad.zip"
    clean.mkdir()
    (clean / "a.json").write_text(json.dumps(advisory("nobody-uses-this", versions=["1"])))
    done = run(KEPT_ADVISORIES=str(clean))
    assert (done.returncode, "named by the 1 advisories" in done.stdout) == (0, True), done.stderr
    with zipfile.ZipFile(bad, "w") as archive:
        archive.writestr(
            "b.json", json.dumps(advisory(ranges=[{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}]))
        )
    done = run(KEPT_ADVISORIES=str(bad))
    assert done.returncode == 1
    assert "X-1 CVE-1" in done.stderr
    assert run(KEPT_ADVISORIES=str(tmp_path / "nothing")).returncode == 1


# Our own source: what ruff's security rules do not look for

FORBIDDEN = {
    "mark_safe": "text becomes a page without being made safe: use format_html",
    "csrf_exempt": "a form without its token",
    "xframe_options_exempt": "a page that others may frame",
    "urlopen": "a fetch that can be led inside: use kept.security.fetch",
}
REQUESTS = ("requests", "httpx", "aiohttp", "urllib.request", "pickle", "marshal", "shelve", "xml.etree", "telnetlib")
MAY_HOLD_SAFE = {
    "mfa/totp/activate_form.html": "the picture of the app's key, drawn by our own library from digits",
    "complaints/evidence/index.html": "our own style sheet, in a page that stands alone",
}
# Doors for programs: no cookie counts there, only a token or a signature that the caller sends with each call.
FOR_PROGRAMS = {"rights/api/pages.py", "rights/drp/views.py", "rights/portability/views/public.py"}


def misuse(source: str) -> list[str]:
    """Names and imports that our source may not hold, as "line: name"."""
    found = []
    for node in ast.walk(ast.parse(source)):
        name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
        called = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        called += [f"{node.module}"] if isinstance(node, ast.ImportFrom) else []
        if name in FORBIDDEN:
            found.append(f"{node.lineno}: {name}")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "extra":
            found.append(f"{node.lineno}: SQL from strings")
        found += [
            f"{node.lineno}: {one}"
            for one in called
            if any(one == bad or one.startswith(f"{bad}.") for bad in REQUESTS)
        ]
    return found


def test_our_source_holds_nothing_that_lets_strangers_in():
    found = {}
    for path in SOURCE.rglob("*.py"):
        name = path.relative_to(SOURCE).as_posix()
        lines = [] if "migrations" in path.parts else misuse(path.read_text())
        lines = [line for line in lines if not (name in FOR_PROGRAMS and line.endswith(": csrf_exempt"))]
        if lines:
            found[name] = lines
    assert found == {}


def decorators(function: ast.FunctionDef) -> set[str]:
    return {ast.unparse(one) for one in function.decorator_list}


@pytest.mark.parametrize("name", sorted(FOR_PROGRAMS))
def test_a_door_for_programs_knows_nobody_by_a_cookie(name):
    tree = ast.parse((SOURCE / name).read_text())
    open_to_all = [
        one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef) and "csrf_exempt" in decorators(one)
    ]
    assert open_to_all
    for one in open_to_all:
        assert not re.search(r"\.(session|COOKIES|user)\b", ast.unparse(one)), one.name


def test_no_template_switches_escaping_off_and_every_form_that_is_sent_has_its_token():
    for path in SOURCE.rglob("*.html"):
        text = path.read_text()
        loose = re.search(r"\|\s*safe\b|autoescape off|\|\s*safeseq", text)
        name = path.as_posix().rpartition("/templates/")[2]
        assert not loose or name in MAY_HOLD_SAFE, path
        for form in re.findall(r"<form[^>]*method=.post.*?</form>", text, re.DOTALL | re.IGNORECASE):
            assert "csrf_token" in form, path
        assert not re.search(r'target="_blank"(?![^>]*rel=)', text), path


@pytest.mark.parametrize(
    "line",
    ["mark_safe(x)", "from django.utils.safestring import mark_safe\nmark_safe(x)", "import requests", "import pickle",
     "from urllib.request import urlopen", "rows.extra(where=[x])", "@csrf_exempt\ndef view(request): ..."],
)  # fmt: skip
def test_the_reader_finds_what_it_is_meant_to_find(line):
    assert misuse(line)
