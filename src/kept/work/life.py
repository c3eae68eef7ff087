"""Which process holds a lease, and whether it still lives. Only ever a reason to try again sooner: that no step is
done twice rests on the lease in the step's own row."""

from __future__ import annotations

import os
import secrets
import socket
from functools import cache
from pathlib import Path


def new_lease() -> str:
    """A lease of this process, never given before: "host:pid:started:token", at most 80 characters."""
    return f"{_host()}:{os.getpid()}:{_started(os.getpid())}:{secrets.token_hex(6)}"


def ours(lease: str) -> bool:
    return lease.startswith(f"{_host()}:{os.getpid()}:{_started(os.getpid())}:")


def holder_is_dead(lease: str) -> bool:
    """True only where it is certain: a process of this host that is gone. Another host's: False, nobody knows."""
    try:
        host, pid, started, _ = lease.split(":")
    except ValueError:
        return False
    return host == _host() and _started(int(pid)) != started


@cache
def _host() -> str:
    """This host as far as process numbers reach: a container has its own."""
    try:
        numbers = os.stat("/proc/self/ns/pid").st_ino
    except OSError:
        numbers = 0
    return f"{socket.gethostname().replace(':', '-')[:24]}.{numbers}"


@cache
def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text()[:8]
    except OSError:
        return ""


def _started(pid: int) -> str:
    """When a process started, so that a new process with an old number is told apart; gone: "gone"."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        if Path("/proc/self/stat").exists():
            return "gone"
        return _started_without_proc(pid)
    return "gone" if fields[0] in "ZX" else f"{_boot()}.{fields[19]}"


def _started_without_proc(pid: int) -> str:
    """Where there is no /proc only the number can be asked about."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return "gone"
    except PermissionError:
        pass
    return "alive"
