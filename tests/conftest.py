"""What every test stands on.

The environment is set here, before Django's settings are read: nothing imported above may read them. The workers of a
parallel run inherit it; they must not read the settings from it, or all of them would share one data folder.
"""

from __future__ import annotations

import atexit
import gc
import os
import shutil
import tempfile
from pathlib import Path

import django
import hypothesis
import pytest
import servers
from cast import _fresh_rate_limits, aino, alice, bob, cast, demo, erik, olga, sam
from django.conf import settings as django_settings
from red import _sees_red
from servers import mariadb_server, mariadb_url, postgresql_server, postgresql_url

__all__ = ["mariadb_server", "mariadb_url", "postgresql_server", "postgresql_url"]
__all__ += ["_fresh_rate_limits", "_sees_red", "aino", "alice", "bob", "cast", "demo", "erik", "olga", "sam"]

SEEN = "ledger-checkpoint-"

# How long an example takes says how busy the machine is, not whether the rule holds.
hypothesis.settings.register_profile("kept", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("kept")

# Kept's other settings come from the suite, not from this machine.
PASSED_ON = ("KEPT_TEST_", "KEPT_SCHEMA_DIR")


def prepare_environment() -> str:
    """Set a data folder of our own, and the store that KEPT_TEST_STORE names. Returns what is missing."""
    for name in list(os.environ):
        if name.startswith("KEPT_") and not name.startswith(PASSED_ON):
            del os.environ[name]
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # some hundred processes are started: none compiles all anew
    data = Path(tempfile.mkdtemp(prefix="kept-data-"))
    atexit.register(shutil.rmtree, data, ignore_errors=True)
    os.environ["KEPT_DATA"] = str(data)
    os.environ["KEPT_TESTING"] = "1"
    os.environ["DJANGO_SETTINGS_MODULE"] = "kept.site.settings"
    if os.environ.get("KEPT_TEST_STORE") == "postgresql":
        try:
            os.environ["KEPT_DATABASE_URL"] = servers.server("postgresql").url("kept")
        except servers.NotInstalled as missing:
            return str(missing)
    return ""


MISSING = prepare_environment()
django.setup()
# What was imported stays. Looking through it for garbage again and again took two fifths of the suite's time.
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 20, 50)
assert str(django_settings.DATA) == os.environ["KEPT_DATA"], (
    "Settings were read before this process had its own folder."
)

# Imported here, they are made once for a process; imported by each module, once for each.
from house import _generated, _migrated  # noqa: E402

__all__ += ["_generated", "_migrated"]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """pytest-django reads the settings that the environment names, in a worker before this file is read there."""
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without the store that was asked for, nothing is tested on another one in its place."""
    if MISSING and os.environ.get("KEPT_TEST_ALL") == "1":
        pytest.exit(f"{MISSING} (KEPT_TEST_ALL=1)", returncode=1)
    if MISSING:
        for item in items:
            item.add_marker(pytest.mark.skip(reason=MISSING))


@pytest.fixture(autouse=True)
def outbox(settings):
    """Mail goes where it goes outside tests: into the outbox, not where Django's test runner would put it."""
    settings.EMAIL_BACKEND = "kept.post.backend.OutboxBackend"


@pytest.fixture(autouse=True)
def _nothing_seen():
    """Each test has an empty store; a machine that remembers the ledger of the one before would not begin another."""
    for seen in Path(django_settings.DATA).glob(f"{SEEN}*"):
        seen.unlink(missing_ok=True)
