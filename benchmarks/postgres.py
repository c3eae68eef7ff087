"""A PostgreSQL server of the benchmark's own, that logs every statement with its database and time."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path


class NoPostgres(Exception):
    """There is no PostgreSQL server on this machine: apt-get install postgresql."""


@dataclass(frozen=True)
class Statement:
    at: datetime
    text: str  # with all its lines

    @property
    def counts(self) -> bool:
        """Whether it asks or changes something: docs/explanation/measurements.md."""
        return not re.match(r"(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|SET|SHOW)\b", self.text)


@dataclass(frozen=True)
class Server:
    port: int
    log: Path

    def dsn(self, database: str = "postgres") -> str:
        return f"host=127.0.0.1 port={self.port} user=postgres dbname={database}"

    def url(self, database: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def socket_url(self, database: str) -> str:
        """The same by its socket, as a program on the same machine reaches it with least ado."""
        return f"postgresql://postgres@/{database}?host={self.log.parent}&port={self.port}"

    @property
    def pid(self) -> int:
        return int((self.log.parent / "data" / "postmaster.pid").read_text().split()[0])

    def mark(self) -> int:
        """The present end of the log."""
        return self.log.stat().st_size

    def statements(self, database: str, since: int) -> list[Statement]:
        """What one database was told since then; `counts` says which are more than the ends of transactions."""
        with self.log.open(encoding="utf-8", errors="replace") as file:
            file.seek(since)
            text = file.read()
        line = r"^(\S+)\|(\w*)\|LOG: +(?:statement|execute [^:]*): (.*(?:\n\t.*)*)$"
        found = re.findall(line, text, re.MULTILINE)
        return [Statement(datetime.fromtimestamp(float(at), UTC), said) for at, name, said in found if name == database]


@contextmanager
def server(*, log_statements: bool = True) -> Iterator[Server]:
    """Started on a free port with fsync on, stopped at the end. PostgreSQL refuses root: then it runs as `postgres`."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if not programs:
        raise NoPostgres(NoPostgres.__doc__)
    account = "postgres" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="kept-bench-"))
    if account:
        entry = pwd.getpwnam(account)
        os.chown(folder, entry.pw_uid, entry.pw_gid)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data, log = folder / "data", folder / "log"
    options = {
        "port": port,
        "listen_addresses": "'127.0.0.1'",
        "unix_socket_directories": f"'{folder}'",
        "shared_buffers": "1GB",
        "max_wal_size": "4GB",
        "log_statement": "all" if log_statements else "none",
        "log_line_prefix": "'%n|%d|'",
        "jit": "off",
    }
    as_them = {"user": account, "group": account, "extra_groups": []} if account else {}
    try:
        _run(
            [programs[-1] / "initdb", "-D", data, "-E", "UTF8", "--locale=C.UTF-8", "-A", "trust", "-U", "postgres"],
            **as_them,
        )
        with (data / "postgresql.conf").open("a") as file:
            file.writelines(f"{name} = {value}\n" for name, value in options.items())
        _run([programs[-1] / "pg_ctl", "-D", data, "-l", log, "-w", "start"], **as_them)
        try:
            yield Server(port, log)
        finally:
            _run([programs[-1] / "pg_ctl", "-D", data, "-w", "-m", "fast", "stop"], **as_them)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(command: list[object], **options: object) -> None:
    subprocess.run(list(map(str, command)), check=True, cwd="/", stdout=subprocess.DEVNULL, **options)  # type: ignore[call-overload]
