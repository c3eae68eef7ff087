"""`kept run`: one command starts everything, one end ends everything, and nothing is left behind."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from contextlib import contextmanager, suppress
from http.cookiejar import CookieJar
from pathlib import Path

import psycopg
import pytest
from mailserver import running

from kept import __version__
from kept.cli.process import Busy, only_one, port_is_free

pytestmark = pytest.mark.xdist_group("run")  # each test starts a whole site: not all at once


class Kept:
    """A running program, started as a person would start it."""

    def __init__(self, *words: str, folder: Path, **settings: str) -> None:
        self.port = free_port()
        known = {name: value for name, value in os.environ.items() if not name.startswith("KEPT_")}
        known.pop("DJANGO_SETTINGS_MODULE", None)
        known |= {"KEPT_DATA": str(folder), "KEPT_PORT": str(self.port), "KEPT_TESTING": "1"} | settings
        self.port = int(known["KEPT_PORT"])
        self.said: list[str] = []
        self.known: set[int] = set()  # every process below it that was ever seen
        self.process = subprocess.Popen(
            [sys.executable, "-m", "kept", *words],
            env=known, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=folder.parent,
        )  # fmt: skip
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        self.said.extend(self.process.stdout)

    def until_said(self, words: str, seconds: float = 150) -> None:
        until(lambda: any(words in line for line in self.said), seconds, lambda: "".join(self.said))

    def get(self, path: str) -> str:
        with urllib.request.urlopen(f"http://localhost:{self.port}{path}", timeout=10) as answer:
            return answer.read().decode()

    def family(self) -> list[int]:
        """The process itself and everything below it."""
        found = [self.process.pid]
        for pid in found:
            for task in Path(f"/proc/{pid}/task").glob("*/children"):
                found += [int(child) for child in task.read_text().split()]
        self.known.update(found[1:])
        return found

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(25)

    def close(self) -> None:
        """End what a failed test left behind, too."""
        for pid in {*self.known, *self.family()}:
            with suppress(FileNotFoundError, ProcessLookupError):
                if b"kept" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    os.kill(pid, signal.SIGKILL)
        self.process.wait()
        self._reader.join()
        self.process.stdout.close()


@contextmanager
def kept(*words: str, folder: Path, **settings: str):
    program = Kept(*words, folder=folder, **settings)
    try:
        yield program
    finally:
        program.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(true, seconds, told=lambda: "") -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, told()
        time.sleep(0.02)


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return True


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def demo(folder):
    """The demo, running."""
    with kept("run", folder=folder, KEPT_DEMO="1") as program:
        program.until_said(f"Kept answers on http://localhost:{program.port}")
        yield program


def test_one_command_opens_the_site_and_a_stop_ends_all_of_it(demo):
    assert "Hansoken Cloud" in demo.get("/")
    family = demo.family()
    assert len(family) == 3  # the parent, granian, its worker
    assert demo.end(signal.SIGINT) == 0
    assert port_is_free(demo.port)
    assert all(is_gone(pid) for pid in family)


def test_a_killed_parent_takes_the_web_server_with_it(demo):
    _, *children = demo.family()
    assert len(children) == 2
    demo.process.kill()
    until(lambda: all(is_gone(pid) for pid in children) and port_is_free(demo.port), 3)


def test_a_web_server_that_crashes_is_started_again(demo):
    for victim in (1, 2):  # granian, then its worker
        pid = demo.family()[victim]
        os.kill(pid, signal.SIGKILL)
        until(lambda pid=pid: is_gone(pid), 5)
        until(lambda: answers(demo), 120, lambda: "".join(demo.said))
    assert demo.end() == 0
    assert port_is_free(demo.port)


def answers(program: Kept) -> bool:
    try:
        return program.get("/healthz") == "ok"
    except OSError:
        return False


def test_a_second_start_on_the_same_data_is_refused(demo, folder):
    with kept("run", folder=folder, KEPT_DEMO="1") as second:
        assert second.process.wait(20) == 1
    assert "another `kept run` uses" in "".join(second.said)
    assert answers(demo)


def test_a_busy_port_is_told_in_one_line(folder):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with kept("run", folder=folder, KEPT_DEMO="1", KEPT_PORT=str(port)) as program:
            assert program.process.wait(20) == 1
    assert program.said == [f"kept: port {port} is in use. Stop what listens there, or set KEPT_PORT.\n"]


def test_dangerous_settings_do_not_start(folder):
    with kept("run", folder=folder, KEPT_HOST="privacy.example.com", KEPT_TESTING="0") as program:
        assert program.process.wait(20) == 1
    assert [line.split(": ")[1] for line in program.said] == ["KEPT_BEHIND_PROXY", "KEPT_SMTP_URL"]
    with sqlite3.connect(folder / "kept.sqlite3") as store:
        assert store.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    store.close()


@pytest.mark.parametrize("half", ["web", "worker"])
def test_the_halves_of_kept_do_not_start_on_sqlite(folder, half):
    with kept(half, folder=folder, KEPT_DEMO="1") as program:
        assert program.process.wait(20) == 1
    assert program.said == [
        f"kept: `kept {half}` needs PostgreSQL (KEPT_DATABASE_URL). With SQLite, `kept run` does everything.\n"
    ]


def test_a_request_in_the_web_server_wakes_the_worker_at_once(folder):
    """A sign-up queues a mail in the child; the parent sends it, well before it would have looked by itself."""
    with running() as smtp, kept("run", folder=folder, KEPT_SMTP_URL=f"smtp://127.0.0.1:{smtp.port}") as program:
        program.until_said("Kept answers on")
        time.sleep(1)  # the worker has nothing to do and waits
        sign_up(program, "carol@example.com")
        asked = time.monotonic()
        until(lambda: smtp.mails, 60, lambda: "".join(program.said))
        assert time.monotonic() - asked < 2
        assert smtp.mails[0]["To"] == "carol@example.com"
        assert program.end() == 0
    assert "carol@example.com" not in "".join(program.said)


def sign_up(program: Kept, email: str) -> None:
    page = f"http://localhost:{program.port}/account/signup/"
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    form = browser.open(page).read().decode()
    [token] = set(re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', form))
    fields = {"csrfmiddlewaretoken": token, "email": email, "password1": "a long enough pass phrase"}
    answer = browser.open(urllib.request.Request(page, urllib.parse.urlencode(fields).encode(), {"Referer": page}))
    assert "confirm" in answer.url or "verif" in answer.url, answer.url


@pytest.mark.postgresql
def test_on_postgresql_the_same_command_does_everything(folder, postgresql_url):
    with kept("run", folder=folder, KEPT_DEMO="1", KEPT_DATABASE_URL=postgresql_url) as program:
        program.until_said("Kept answers on")
        assert "Hansoken Cloud" in program.get("/")
        assert program.end() == 0
    assert not (folder / "kept.sqlite3").exists()


@pytest.mark.postgresql
def test_on_postgresql_web_and_workers_run_apart(folder, postgresql_url):
    settings = {"KEPT_DATABASE_URL": postgresql_url, "KEPT_DEMO": "1"}
    with (
        kept("worker", folder=folder, **settings) as first,
        kept("worker", folder=folder, **settings) as second,
        kept("web", folder=folder, **settings) as web,
    ):
        until(lambda: answers(web), 150, lambda: "".join(web.said + first.said))
        first.until_said("Kept works.")
        second.until_said("Kept works.")

        def recurring_is_done() -> bool:
            with psycopg.connect(postgresql_url) as store:
                rows = store.execute("SELECT name, state FROM work_step").fetchall()
            return len(rows) >= 2 and {state for _, state in rows} == {"done"} and len(rows) == len(set(rows))

        until(recurring_is_done, 150, lambda: "".join(first.said + second.said))
        assert [first.end(), second.end(), web.end()] == [0, 0, 0]
        assert port_is_free(web.port)


def test_a_process_dies_with_its_parent_where_the_kernel_does_not_help(tmp_path):
    """The pipe alone: the kernel's own signal is switched off, and an end is still noticed."""
    child = (
        "import ctypes, sys, threading, time\n"
        "from kept.cli import process\n"
        "process.die_with(int(sys.argv[1]), int(sys.argv[2]))\n"
        "ctypes.CDLL(None).prctl(1, 0)\n"
        "print('up', flush=True); time.sleep(60)\n"
    )
    parent = (
        "import os, subprocess, sys\n"
        "pipe, keep = os.pipe()\n"
        "words = [sys.executable, '-c', sys.argv[1], str(os.getpid()), str(pipe)]\n"
        "child = subprocess.Popen(words, pass_fds=[pipe])\n"
        "print(child.pid, flush=True); child.wait()\n"
    )
    process = subprocess.Popen([sys.executable, "-c", parent, child], stdout=subprocess.PIPE, text=True)
    pid = int(process.stdout.readline())
    assert process.stdout.readline() == "up\n"
    assert not is_gone(pid)
    process.kill()
    process.wait()
    until(lambda: is_gone(pid), 3)
    process.stdout.close()


def test_a_lock_is_given_back_when_its_holder_is_killed(tmp_path):
    hold = "import sys, time\nfrom pathlib import Path\nfrom kept.cli.process import only_one\n"
    hold += "with only_one(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    lock = tmp_path / "lock"
    holder = subprocess.Popen([sys.executable, "-c", hold, str(lock)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(Busy), only_one(lock):
        pass
    holder.kill()
    holder.wait()
    holder.stdout.close()
    with only_one(lock):
        pass


def test_the_command_line_tells_what_there_is_and_refuses_what_there_is_not(folder):
    with kept("--help", folder=folder) as asked:
        assert asked.process.wait(20) == 0
    assert {"run", "check", "web", "worker", "staff", "demo"} <= {
        line.split()[0] for line in asked.said if line.split()
    }
    with kept("fly", folder=folder) as wrong:
        assert wrong.process.wait(20) == 2
    assert not folder.exists()


def test_the_engines_commands_start_without_the_web(folder):
    asked = (
        "import sys\nfrom kept.cli import main\n"
        "assert main(['find', '--help']) == 0 and main(['answer', '--help']) == 0 and main(['system', '--help']) == 0\n"
        "sys.exit('django' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, timeout=150)
    assert done.returncode == 0, done.stderr
    with kept("--version", folder=folder) as program:
        assert program.process.wait(20) == 0
    assert program.said == [f"kept {__version__}\n"]


def test_the_first_engineer_is_let_in_from_the_command_line(folder):
    words = ("staff", "add", "erik@example.com", "--role", "engineer", "--name", "Erik Ek")
    with kept(*words, folder=folder) as first:
        assert first.process.wait(30) == 0
    told = "".join(first.said)
    assert "The account is engineer now." in told
    assert "/account/password/reset/" in told
    with kept("staff", "add", "erik", "--role", "engineer", folder=folder) as wrong:
        assert wrong.process.wait(20) == 2
    with kept("staff", "add", "erik@example.com", "--role", "king", folder=folder) as wrong:
        assert wrong.process.wait(20) == 2


def test_the_demo_company_is_loaded_once_and_thrown_away_only_when_asked(folder):
    def run(*words: str) -> tuple[int, str]:
        with kept("demo", *words, folder=folder) as program:
            code = program.process.wait(60)
        return code, "".join(program.said)

    def store(statement: str) -> list[tuple[object, ...]]:
        connection = sqlite3.connect(folder / "kept.sqlite3")
        try:
            return connection.execute(statement).fetchall()
        finally:
            connection.close()

    assert run("reset", "--yes")[0] == 1  # there is none
    assert run("load", "--people", "12")[0] == 0
    files = {file: file.stat().st_mtime_ns for file in (folder / "demo").iterdir()}
    entries = store("SELECT count(*) FROM security_entry")
    assert len(files) == 3
    assert {"billing", "helpdesk", "newsletter"} < {name for (name,) in store("SELECT name FROM information_system")}
    assert run("load", "--people", "12")[0] == 0
    assert {file: file.stat().st_mtime_ns for file in (folder / "demo").iterdir()} == files
    assert store("SELECT count(*) FROM security_entry") == entries  # a second time changed nothing
    assert run("reset", "--people", "12", "--yes")[0] == 0
    assert {file: file.stat().st_mtime_ns for file in (folder / "demo").iterdir()} != files
    assert store("SELECT count(*) FROM security_entry") == entries
    shutil.rmtree(folder / "demo")  # as in a company's own store
    code, said = run("load")
    assert (code, "in use by a company" in said) == (1, True)
    assert stat.S_IMODE((folder / "kept.sqlite3").stat().st_mode) == 0o600


def test_an_unforeseen_fault_is_told_without_its_words():
    fault = "import sys\nfrom kept.cli import tell_fault\nsys.excepthook = tell_fault\nint('alice@example.com')"
    done = subprocess.run([sys.executable, "-c", fault], capture_output=True, text=True, timeout=150)
    assert done.returncode == 1
    assert "ValueError" in done.stderr
    assert "alice" not in done.stderr


def test_a_fault_within_a_command_is_told_without_its_words_too():
    broken = "import kept.cli, kept.cli.check as check\ncheck._faults = lambda: int('alice@example.com')\n"
    done = subprocess.run(
        [sys.executable, "-c", f"{broken}kept.cli.main(['check'])"], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    assert "ValueError" in done.stderr
    assert "alice" not in done.stderr


@pytest.mark.parametrize(
    ("lacking", "told"),
    [
        ("ensurepip", "Kept needs Python's venv module: apt-get install python3-venv\n"),
        ("version_info", "Kept needs Python 3.11 or newer: apt-get install python3\n"),
    ],
)
def test_make_says_in_one_line_what_has_to_be_installed(tmp_path, lacking, told):
    here = Path(__file__).parent.parent
    for name in ("Makefile", "pyproject.toml", "requirements-dev.lock", "requirements-tools.lock"):
        shutil.copy(here / name, tmp_path)
    python = tmp_path / "python"
    python.write_text(
        f'#!/bin/sh\ncase "$2" in *{lacking}*) echo "no {lacking}" >&2; exit 1;; *sys.exit*) exit 0;; esac\n'
    )
    python.chmod(0o755)
    done = subprocess.run(
        ["make", ".venv/.dev", f"PYTHON={python}"],
        env={"PATH": os.environ["PATH"]}, cwd=tmp_path, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, told)
    assert not (tmp_path / ".tools").exists()
