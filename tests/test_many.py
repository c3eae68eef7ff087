"""Many requests at once, several workers, some of them killed: what `make bench-many` does with a thousand."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

pytestmark = pytest.mark.postgresql


@pytest.mark.timeout(900)
def test_of_many_requests_at_once_none_is_lost_and_none_is_answered_twice(postgresql_server):
    command = [sys.executable, "-m", "benchmarks.many", "--cases", "24", "--workers", "2", "--kills", "2"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=800)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "lost: 0\nanswered twice: 0\nwithout one file: 0\ntold not exactly once: 0\n" in ran.stdout
    assert re.search(r"[12] workers killed", ran.stdout)
