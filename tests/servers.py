"""Real PostgreSQL and MariaDB servers for the suite: one of each per run, shared by all its workers.

The first test that needs a server starts it under a guard process. The guard watches the run's own process
and stops the server when that ends, however it ends. Without the server's programs the test is skipped;
`KEPT_TEST_ALL=1` makes that a failure.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import pwd
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
import pymysql
import pytest

PASSWORD = "only-for-tests"
START_SECONDS = 150


@dataclass(frozen=True)
class Server:
    """A running server. `pid` is the server's own process; `folder` holds its data and its log."""

    kind: str
    port: int
    pid: int
    folder: str

    def url(self, database: str) -> str:
        scheme = "postgresql" if self.kind == "postgresql" else "mysql"
        return f"{scheme}://kept:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        """Make an empty database and give its URL."""
        name = f"t_{uuid4().hex[:12]}"
        self.run(f"CREATE DATABASE {name}")
        return self.url(name)

    def drop_database(self, url: str) -> None:
        name = url.rpartition("/")[2]
        self.run(f"DROP DATABASE IF EXISTS {name}" + (" WITH (FORCE)" if self.kind == "postgresql" else ""))

    def run(self, statement: str) -> None:
        """One statement as the server's administrator, outside any test database."""
        if self.kind == "postgresql":
            with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
                connection.execute(statement.encode())
        else:
            with pymysql.connect(**_mariadb_login(self.port)) as maria, maria.cursor() as cursor:
                cursor.execute(statement)


class NotInstalled(Exception):
    """The server's programs are not on this machine."""


def server(kind: str) -> Server:
    """The run's server of one kind, started by whoever asks first."""
    _programs(kind)
    run = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
    folder = Path(tempfile.gettempdir()) / f"kept-tests-{run}-{_started(run)}-{kind}"
    folder.mkdir(mode=0o755, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        facts = folder / "server.json"
        if not facts.exists():
            with (folder / "log").open("w") as log:
                guard = subprocess.Popen(
                    [sys.executable, __file__, kind, str(folder), str(run)],
                    stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                )  # fmt: skip
            end = time.monotonic() + START_SECONDS
            while not facts.exists():
                if guard.poll() is not None or time.monotonic() > end:
                    pytest.fail(f"The test server {kind} did not start:\n{(folder / 'log').read_text()[-3000:]}")
                time.sleep(0.02)
            guard.returncode = 0  # it outlives us on purpose: no warning about a child that still runs
        return Server(**json.loads(facts.read_text()))


def server_or_skip(kind: str) -> Server:
    try:
        return server(kind)
    except NotInstalled as missing:
        if os.environ.get("KEPT_TEST_ALL") == "1":
            pytest.fail(f"{missing} and KEPT_TEST_ALL=1")
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def postgresql_server() -> Server:
    return server_or_skip("postgresql")


@pytest.fixture(scope="session")
def mariadb_server() -> Server:
    return server_or_skip("mariadb")


@pytest.fixture
def postgresql_url(postgresql_server: Server) -> Iterator[str]:
    """A new, empty PostgreSQL database: postgresql://…"""
    url = postgresql_server.new_database()
    yield url
    postgresql_server.drop_database(url)


@pytest.fixture
def mariadb_url(mariadb_server: Server) -> Iterator[str]:
    """A new, empty MariaDB database: mysql://…"""
    url = mariadb_server.new_database()
    yield url
    mariadb_server.drop_database(url)


# What follows runs in the guard process.


def guard(kind: str, folder: Path, run: int) -> None:
    """Start the server, say where it is, stop it when the run's process is gone."""
    watched = os.pidfd_open(run)
    os.umask(0o022)  # the server's own account reads what is made here, whatever the run has set for itself
    account = {"postgresql": "postgres", "mariadb": "mysql"}[kind] if os.geteuid() == 0 else None
    if account:
        os.chown(folder, pwd.getpwnam(account).pw_uid, pwd.getpwnam(account).pw_gid)
    start = _start_postgresql if kind == "postgresql" else _start_mariadb
    process, port = start(folder, account)
    try:
        _until(lambda: _answers(kind, folder, port), process)
        facts = folder / "server.json.new"
        facts.write_text(json.dumps(asdict(Server(kind, port, process.pid, str(folder)))))
        facts.rename(folder / "server.json")
        ends = os.pidfd_open(process.pid)
        poll = select.poll()
        poll.register(watched, select.POLLIN)
        poll.register(ends, select.POLLIN)
        poll.poll()
    finally:
        process.send_signal(signal.SIGQUIT if kind == "postgresql" else signal.SIGKILL)  # its data is thrown away
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _start_postgresql(folder: Path, account: str | None) -> tuple[subprocess.Popen[bytes], int]:
    programs = _programs("postgresql")
    secret = folder / "password"
    secret.write_text(PASSWORD)
    data = folder / "data"
    subprocess.run(
        [programs / "initdb", "-D", data, "-U", "kept", "-A", "scram-sha-256", f"--pwfile={secret}",
         "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"],
        check=True, user=account, group=account, extra_groups=[] if account else None,
    )  # fmt: skip
    port = _free_port()
    options = {
        "fsync": "off", "full_page_writes": "off", "shared_buffers": "64MB", "max_connections": "200",
        "listen_addresses": "127.0.0.1", "port": str(port), "unix_socket_directories": str(folder),
        "max_wal_size": "2GB", "autovacuum_naptime": "10min", "log_statement": "none",
    }  # fmt: skip
    flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    return _child([str(programs / "postgres"), "-D", str(data), *flags], account, signal.SIGQUIT), port


def _start_mariadb(folder: Path, account: str | None) -> tuple[subprocess.Popen[bytes], int]:
    programs = _programs("mariadb")
    data, temporary = folder / "data", folder / "temporary"
    temporary.mkdir()  # of its own: a server that starts removes what others have in theirs
    if account:
        shutil.chown(temporary, account)
    subprocess.run(
        [programs / "mariadb-install-db", "--no-defaults", f"--datadir={data}", "--skip-test-db",
         "--auth-root-authentication-method=normal", *([f"--user={account}"] if account else [])],
        check=True,
    )  # fmt: skip
    mariadbd = shutil.which("mariadbd", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    first = folder / "first.sql"
    first.write_text(
        f"CREATE OR REPLACE USER 'kept'@'%' IDENTIFIED BY '{PASSWORD}';\n"
        "GRANT ALL PRIVILEGES ON *.* TO 'kept'@'%' WITH GRANT OPTION;\n"
    )
    port = _free_port()
    options = {
        "datadir": str(data), "tmpdir": str(temporary), "port": str(port), "bind-address": "127.0.0.1",
        "socket": f"{folder}/socket",
        "pid-file": f"{folder}/pid", "init-file": str(first), "character-set-server": "utf8mb4",
        "collation-server": "utf8mb4_general_ci", "innodb-flush-log-at-trx-commit": "0",
        "innodb-buffer-pool-size": "64M", "innodb-log-file-size": "64M", "innodb-doublewrite": "0",
        "max-allowed-packet": "64M", "performance-schema": "off",
    }  # fmt: skip
    flags = [f"--{name}={value}" for name, value in options.items()]
    flags += ["--skip-name-resolve", "--skip-log-bin"]
    return _child([str(mariadbd), "--no-defaults", *flags], account, signal.SIGKILL), port


def _child(command: list[str], account: str | None, last_signal: int) -> subprocess.Popen[bytes]:
    """A server that the kernel ends when the guard itself is killed."""
    libc = ctypes.CDLL(None)
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, user=account, group=account, extra_groups=[] if account else None,
        preexec_fn=lambda: libc.prctl(1, last_signal),
    )  # fmt: skip


def _answers(kind: str, folder: Path, port: int) -> bool:
    try:
        if kind == "postgresql":
            psycopg.connect(f"postgresql://kept:{PASSWORD}@127.0.0.1:{port}/postgres", connect_timeout=5).close()
        else:
            pymysql.connect(**_mariadb_login(port)).close()
    except (psycopg.Error, pymysql.Error):
        return False
    return True


def _mariadb_login(port: int) -> dict[str, object]:
    return {"host": "127.0.0.1", "port": port, "user": "kept", "password": PASSWORD, "autocommit": True}


def _until(true: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while not true():
        if process.poll() is not None or time.monotonic() > end:
            raise SystemExit("The server ended, or does not answer.")
        time.sleep(0.05)


def _programs(kind: str) -> Path:
    """The folder of the server's programs; raises NotInstalled."""
    if kind == "postgresql":
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda p: int(p.parts[-3]))
        if not found:
            raise NotInstalled("PostgreSQL is not installed: apt-get install postgresql")
        return found[-1].parent
    path = shutil.which("mariadb-install-db")
    if path is None:
        raise NotInstalled("MariaDB is not installed: apt-get install mariadb-server")
    return Path(path).parent


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _started(pid: int) -> str:
    """When a process started, in the kernel's ticks: tells two processes of one number apart."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]


if __name__ == "__main__":
    guard(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
