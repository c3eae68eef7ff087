"""Settings: safe when nothing is set, refused with variable and mend when dangerous."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings as live
from django.db import connection

from kept.people.actions import make_staff
from kept.site import checks, environment
from kept.site.environment import BadSetting
from kept.terms import Actor

ROOT = Path(__file__).parent.parent


@pytest.fixture
def kept(tmp_path):
    """Run a command of the real program in an environment of its own."""

    def run(*words: str, **settings: str) -> subprocess.CompletedProcess[str]:
        known = {name: value for name, value in os.environ.items() if not name.startswith("KEPT_")}
        known |= {"KEPT_DATA": str(tmp_path / "data")} | settings
        known.pop("DJANGO_SETTINGS_MODULE", None)
        command = [sys.executable, "-m", "kept", *words]
        return subprocess.run(command, env=known, capture_output=True, text=True, timeout=150, cwd=tmp_path)

    return run


@pytest.fixture
def faults(settings):
    """The settings a company would have, all good; the test spoils one and asks what is found."""
    settings.HOST, settings.HTTPS, settings.DEMO, settings.TESTING = "privacy.example.com", True, False, False
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SMTP_URL, settings.DEFAULT_FROM_EMAIL = "smtps://a:b@mail.example.com", "privacy@example.com"
    if connection.vendor == "postgresql":
        settings.TESTING = True  # the test server does not wait for the disk
        skipped = checks.tests_in_public
    else:
        skipped = checks.store_answers_and_is_durable  # the test's own store is in memory

    def found() -> list[str]:
        return [
            f"{'' if fault.stops else '('}{fault.setting}: {fault.what}"
            for check in checks.CHECKS if check is not skipped
            for fault in check()
        ]  # fmt: skip

    return found


def test_the_demo_starts_with_nothing_set_but_the_demo(kept):
    done = kept("check", KEPT_DEMO="1")
    assert (done.returncode, done.stdout) == (0, "Nothing dangerous found.\n")


def test_without_the_demo_a_mail_server_is_wanted(kept):
    done = kept("check")
    assert done.returncode == 1
    assert done.stderr.startswith("KEPT_SMTP_URL: no mail can leave")
    assert done.stderr.count("\n") == 1


def test_all_faults_are_told_at_once_and_as_json(kept):
    done = kept("check", "--json", KEPT_DEMO="1", KEPT_HOST="privacy.example.com", KEPT_HTTPS="0")
    told = json.loads(done.stdout)
    assert (done.returncode, told["verdict"]) == (1, "not done")
    assert [fault["setting"] for fault in told["faults"]] == ["KEPT_DEMO", "KEPT_HTTPS"]
    assert all(fault["mend"] for fault in told["faults"])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KEPT_DEMO", "perhaps"),
        ("KEPT_PORT", "0"),
        ("KEPT_PORT", "80a"),
        ("KEPT_DATABASE_URL", "mysql://kept:hunter2@localhost/kept"),
        ("KEPT_DATABASE_URL", "postgresql://kept:hunter2@localhost:port/kept"),
        ("KEPT_DATABASE_URL", "postgresql://kept:hunter2@localhost"),
        ("KEPT_SECRET_KEY_FILE", "/nowhere/at/all/key"),
        ("KEPT_SECRET_KEY_FILE", "/proc/version"),
        ("KEPT_SECRET_KEY_FILE", sys.executable),
        ("KEPT_DATA", "/proc/nowhere"),
        ("KEPT_DATA", "/proc/version"),
    ],
)
def test_a_setting_that_cannot_be_read_is_refused_by_its_name(tmp_path, monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    read = {
        "KEPT_DEMO": lambda: environment.flag("KEPT_DEMO"),
        "KEPT_PORT": lambda: environment.whole_number("KEPT_PORT", 8000, 1, 65535),
        "KEPT_DATABASE_URL": lambda: environment.database(tmp_path),
        "KEPT_SECRET_KEY_FILE": lambda: environment.secret_key(tmp_path),
        "KEPT_DATA": environment.data_folder,
    }
    with pytest.raises(BadSetting, match=f"^{name}") as refused:
        read[name]()
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("command", ["check", "run"])
def test_a_setting_that_cannot_be_read_is_told_in_one_line(kept, command):
    done = kept(command, KEPT_DEMO="1", KEPT_PORT="80a")
    assert done.returncode == 1
    assert "KEPT_PORT must be a whole number from 1 to 65535." in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_database_that_does_not_answer_is_told_without_its_password(kept):
    done = kept("check", KEPT_DEMO="1", KEPT_DATABASE_URL="postgresql://kept:hunter2@127.0.0.1:1/kept")
    assert done.returncode == 1
    assert "KEPT_DATABASE_URL: Kept's own database does not answer." in done.stderr
    assert "hunter2" not in done.stderr


def test_an_empty_variable_is_an_unset_one(kept):
    empty = dict.fromkeys(("KEPT_HOST", "KEPT_PORT", "KEPT_HTTPS", "KEPT_DATABASE_URL", "KEPT_MAIL_FROM"), "")
    assert kept("check", KEPT_DEMO="1", **empty).returncode == 0


def test_a_folder_that_others_read_is_refused_and_left_as_it_is(kept, tmp_path):
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o755)
    done = kept("check", KEPT_DEMO="1", KEPT_DATA=str(shared))
    assert done.returncode == 1
    assert done.stderr.startswith("KEPT_DATA can be read by others")
    assert stat.S_IMODE(shared.stat().st_mode) == 0o755
    assert list(shared.iterdir()) == []


def test_a_key_that_others_read_is_refused(kept, tmp_path):
    key = tmp_path / "key"
    key.write_text("k" * 60)
    key.chmod(0o644)
    done = kept("check", KEPT_DEMO="1", KEPT_SECRET_KEY_FILE=str(key))
    assert done.returncode == 1
    assert "chmod 600" in done.stderr
    key.chmod(0o600)
    done = kept("check", KEPT_DEMO="1", KEPT_SECRET_KEY_FILE=str(key))
    assert "KEPT_SECRET_KEY_FILE: the site's key can be guessed." in done.stderr


def test_the_first_start_makes_a_key_and_the_second_uses_it(tmp_path, monkeypatch):
    monkeypatch.delenv("KEPT_SECRET_KEY_FILE", raising=False)
    key = environment.secret_key(tmp_path)
    assert len(key) >= 50
    assert environment.secret_key(tmp_path) == key
    assert [stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()] == [0o600]


def test_the_policy_names_the_company_and_where_its_people_answer(tmp_path, monkeypatch):
    shipped = environment.POLICIES / "hansoken-cloud" / "policy.toml"
    own = shipped.read_text().replace("Hansoken Cloud", "Blue, Lake Hosting").replace("hansoken", "lake")
    folder = tmp_path / "policies, ours"
    folder.mkdir()
    (folder / "policy.toml").write_text(own)
    assert environment.company_of(str(folder)) == ("Blue, Lake Hosting", "privacy@lake.example")
    (folder / "policy.toml").write_text("company = ")
    assert environment.company_of(str(folder)) == environment.UNNAMED, "`kept check` must start to say what is wrong"


def test_the_way_to_postgresql_can_be_told_in_its_url(tmp_path, monkeypatch):
    monkeypatch.setenv("KEPT_DATABASE_URL", "postgresql://a%40b:c%2Fd@db.example.com:5433/kept?sslmode=verify-full")
    found = environment.database(tmp_path)
    assert (found["USER"], found["PASSWORD"], found["HOST"], found["PORT"], found["NAME"]) == (
        "a@b", "c/d", "db.example.com", "5433", "kept",
    )  # fmt: skip
    assert found["OPTIONS"] == {"sslmode": "verify-full"}


@pytest.mark.django_db
@pytest.mark.store
class TestDangerousCombinations:
    def test_a_companys_good_settings_have_no_fault(self, faults):
        assert faults() == []

    @pytest.mark.parametrize(
        ("spoil", "told"),
        [
            ({"DEMO": True}, "KEPT_DEMO: the demo signs anybody in"),
            ({"HTTPS": False}, "KEPT_HTTPS: KEPT_HOST is public and HTTPS is off"),
            ({"HOST": "https://x.example.com/"}, "KEPT_HOST: this is no host name"),
            ({"HOST": "*"}, "KEPT_HOST: this is no host name"),
            ({"SECURE_PROXY_SSL_HEADER": None}, "KEPT_BEHIND_PROXY: HTTPS is on"),
            ({"SECRET_KEY": "a" * 80}, "KEPT_SECRET_KEY_FILE: the site's key can be guessed"),
            ({"SMTP_URL": ""}, "KEPT_SMTP_URL: no mail can leave"),
            ({"SMTP_URL": "mail.example.com"}, "KEPT_SMTP_URL: it cannot be used"),
            ({"MAIL_LISTEN": "127.0.0.1"}, "KEPT_MAIL_LISTEN: it cannot be used"),
            ({"IMAP_URL": "https://mail.example.com"}, "KEPT_IMAP_URL: it cannot be used"),
            (
                {"IMAP_URL": "imaps://a:b@mail.example.com", "MAILBOXES": []},
                "KEPT_MAILBOXES: mail comes in, but for no",
            ),
            ({"DEFAULT_FROM_EMAIL": "privacy@hansoken.example"}, "KEPT_MAIL_FROM: mail would come from"),
        ],
    )
    def test_one_spoiled_setting_is_one_fault(self, faults, settings, spoil, told):
        for name, value in spoil.items():
            setattr(settings, name, value)
        [fault] = faults()
        assert fault.startswith(told)

    def test_test_settings_in_public_are_a_fault(self, settings):
        settings.TESTING, settings.HOST = True, "privacy.example.com"
        assert [fault.setting for fault in checks.tests_in_public()] == ["KEPT_TESTING"]

    def test_on_this_machine_alone_neither_https_nor_a_real_address_is_wanted(self, faults, settings):
        settings.HOST, settings.HTTPS, settings.DEFAULT_FROM_EMAIL = "localhost", False, "privacy@hansoken.example"
        assert faults() == []

    def test_the_demos_data_does_not_run_as_a_company(self, faults, settings, tmp_path):
        tmp_path.chmod(0o700)
        settings.DATA = tmp_path
        (tmp_path / "demo").mkdir()
        [fault] = faults()
        assert fault.startswith("KEPT_DATA: this folder holds the demo company")
        settings.DEMO, settings.HOST, settings.HTTPS = True, "localhost", False
        assert faults() == []

    def test_a_data_folder_of_another_account_is_a_fault(self, faults, settings, tmp_path, monkeypatch):
        tmp_path.chmod(0o750)
        settings.DATA = tmp_path
        monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)
        told = [fault for fault in faults() if fault.startswith("KEPT_DATA: other accounts")]
        assert len(told) == 1

    def test_staff_without_a_second_factor_are_counted_and_stop_nothing(self, faults, alice):
        told = faults()
        assert told == ["(staff: 4 staff accounts have no second factor yet."]
        make_staff(alice, "support", by=Actor.kept(), at=datetime(2026, 1, 5, tzinfo=UTC))
        assert faults() == ["(staff: 5 staff accounts have no second factor yet."]

    def test_a_policy_that_cannot_be_read_is_a_fault(self, faults, settings, tmp_path):
        (tmp_path / "policy.toml").write_text("format = 2\n")
        settings.POLICY = str(tmp_path)
        assert any(fault.startswith("KEPT_POLICY: ") for fault in faults())


@pytest.mark.django_db
@pytest.mark.store
def test_a_store_that_could_lose_a_confirmed_request_is_a_fault(settings):
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit = off")
        told = [fault.what for fault in checks.store_answers_and_is_durable()]
        settings.TESTING = False
        assert len(list(checks.store_answers_and_is_durable())) == 2  # and fsync, which the test server has off
    else:
        told = [fault.what for fault in checks._sqlite()]
    assert any("would lose confirmed requests" in what or "write-ahead" in what for what in told)


def test_sqlite_keeps_its_log_ahead_and_waits_for_the_disk(kept, tmp_path):
    kept("check", KEPT_DEMO="1")
    asked = (
        "import django; django.setup()\n"
        "from django.db import connection as c\n"
        "cursor = c.cursor()\n"
        "print([cursor.execute(f'PRAGMA {p}').fetchone()[0] for p in ('journal_mode', 'synchronous', 'foreign_keys')])"
    )
    known = {"KEPT_DATA": str(tmp_path / "data"), "DJANGO_SETTINGS_MODULE": "kept.site.settings"}
    done = subprocess.run([sys.executable, "-c", asked], env=known, capture_output=True, text=True, timeout=150)
    assert done.stdout.strip() == "['wal', 2, 1]"


def test_every_variable_that_kept_reads_is_documented():
    source = "".join(path.read_text() for path in (ROOT / "src").rglob("*.py"))
    read = set(re.findall(r"""["'](KEPT_[A-Z_]+)["']""", source))
    documented = set(re.findall(r"`(KEPT_[A-Z_]+)`", (ROOT / "docs/reference/settings.md").read_text()))
    assert read - documented == set()
    assert documented - read == set()


def test_nothing_of_this_machine_reaches_the_suite():
    assert live.DATA.name.startswith("kept-data-")
