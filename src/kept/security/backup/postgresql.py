"""PostgreSQL's own programs: found, run, and what they say turned into one line."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from kept.security.backup.errors import DumpFailed, ToolMissing

PLACES = "/usr/lib/postgresql/*/bin"
SETTINGS = {"HOST": "PGHOST", "PORT": "PGPORT", "USER": "PGUSER", "PASSWORD": "PGPASSWORD", "NAME": "PGDATABASE"}
OPTIONS = {"sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY"}
OPTIONS |= {"options": "PGOPTIONS", "target_session_attrs": "PGTARGETSESSIONATTRS"}
# What a URL may say behind its question mark instead of before it: the folder of a socket, for one.
OPTIONS |= {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "passfile": "PGPASSFILE"}


def program(name: str) -> str:
    """Its path: the newest that the distribution has, else what is on PATH. Raises ToolMissing."""
    newest = sorted(Path("/").glob(f"{PLACES}/{name}".lstrip("/")), key=lambda one: _version(one))
    found = str(newest[-1]) if newest else shutil.which(name)
    if not found:
        mend = "Install PostgreSQL's client programs (Debian: apt-get install postgresql-client)."
        raise ToolMissing(f"{name} is neither in {PLACES} nor on PATH. {mend}")
    return found


def environment(database: Mapping[str, object], name: str = "") -> dict[str, str]:
    """How the programs reach Django's database, or another one of that server; no password shows in a process list."""
    known = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    known |= {word: str(database[key]) for key, word in SETTINGS.items() if database.get(key)}
    options = database.get("OPTIONS")
    given = options if isinstance(options, Mapping) else {}
    known |= {word: str(given[key]) for key, word in OPTIONS.items() if given.get(key)}
    return known | {"PGCONNECT_TIMEOUT": "10", "LC_ALL": "C"} | ({"PGDATABASE": name} if name else {})


def dump(database: Mapping[str, object], to: IO[bytes], snapshot: str, without: Sequence[str]) -> None:
    """A dump in PostgreSQL's custom form, of one exported snapshot. Raises ToolMissing, DumpFailed."""
    words = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
    words += [f"--exclude-table-data={table}" for table in without]
    run([program("pg_dump"), *words], environment(database), stdout=to)


def plain_dump(database: Mapping[str, object]) -> subprocess.Popen[bytes]:
    """A plain dump to be read as it comes. Raises ToolMissing."""
    command = [program("pg_dump"), "--format=plain", "--no-owner", "--inserts", "--rows-per-insert=100"]
    env = environment(database)
    return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)  # noqa: S603


def as_sql(path: Path, to: IO[bytes]) -> None:
    """The statements of a dump. Raises ToolMissing, DumpFailed."""
    run([program("pg_restore"), "--no-owner", "--no-privileges", "--file=-", str(path)], dict(os.environ), stdout=to)


def execute(database: Mapping[str, object], script: Path, name: str = "") -> None:
    """Run a script as one transaction: all of it, or nothing. Raises ToolMissing, DumpFailed."""
    words = ["--single-transaction", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--file={script}"]
    with Path(os.devnull).open("wb") as nothing:
        run([program("psql"), *words], environment(database, name), stdout=nothing)


def run(command: Sequence[str], env: Mapping[str, str], *, stdout: IO[bytes]) -> None:
    try:
        done = subprocess.run(command, env=env, stdout=stdout, stderr=subprocess.PIPE, check=False)  # noqa: S603
    except OSError as problem:
        raise ToolMissing(f"{Path(command[0]).name} cannot be run ({type(problem).__name__}).") from None
    if done.returncode:
        raise DumpFailed(f"{Path(command[0]).name} ended with {done.returncode}: {_told(done.stderr)}")


def _told(said: bytes) -> str:
    """Its first complaint, without details, which repeat values."""
    lines = [line for line in said.decode("utf-8", "replace").splitlines() if re.search(r"error|ERROR|FATAL", line)]
    first = lines[0] if lines else "it did not say why."
    if "version mismatch" in said.decode("utf-8", "replace"):
        return "it is older than the server. Install the client programs of the server's version."
    return re.sub(r"\"[^\"]*\"|'[^']*'", "…", first)[-200:]


def _version(path: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", path.parent.parent.name))
