"""Settings from the environment: every variable Kept reads, with its safe default."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from kept.policy.problems import BadPolicy
from kept.policy.settings_file import read_settings

POLICIES = Path(__file__).parents[1] / "policies"
UNNAMED = ("This company", "")  # while policy.toml cannot be read


class BadSetting(Exception):
    """A setting cannot be used. Nothing was started; the message names the variable and the mend."""


def flag(name: str, default: bool = False) -> bool:
    text = os.environ.get(name, "").strip().lower()
    if text in ("", "1", "true", "yes", "on", "0", "false", "no", "off"):
        return default if text == "" else text in ("1", "true", "yes", "on")
    raise BadSetting(f"{name} must be 1 or 0, not a word of another kind.")


def whole_number(name: str, default: int, least: int, most: int) -> int:
    text = os.environ.get(name, "").strip()
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise BadSetting(f"{name} must be a whole number from {least} to {most}.")
    return int(text)


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def words(name: str, default: str = "") -> list[str]:
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def chosen(name: str, known: tuple[str, ...]) -> frozenset[str]:
    """Some of the known words, with commas between; none by default."""
    found = frozenset(words(name))
    if not found <= set(known):
        raise BadSetting(f"{name} may hold {', '.join(known)}, with commas between, and nothing else.")
    return found


def company_of(policy: str) -> tuple[str, str]:
    """What the company is called and the address of its privacy office, as this policy's `policy.toml` says. What is
    wrong with that file is said where the policy is checked: `kept check` must start to say it."""
    try:
        told = read_settings((POLICIES / policy / "policy.toml").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, BadPolicy):
        return UNNAMED
    return told.company, told.contact.get("privacy", "")


def directory_id(company: str) -> str:
    """ "HANSOKEN_CLOUD": a company's name as a directory's ids are written."""
    return "_".join(re.findall("[A-Z]+", company.upper())) or "COMPANY"


def contacts_of(policy: str) -> list[str]:
    """The addresses that this policy tells people to write to."""
    try:
        told = read_settings((POLICIES / policy / "policy.toml").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, BadPolicy):
        return []
    return sorted(address for address in told.contact.values() if "@" in address)


def data_folder() -> Path:
    """`$KEPT_DATA`, made on first use, closed to everybody else. One that is open to others is refused, not changed."""
    folder = Path(os.environ.get("KEPT_DATA") or "data").resolve()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        open_to_others = folder.stat().st_mode & 0o077
    except OSError as problem:
        raise BadSetting(f"KEPT_DATA cannot be used as a folder: {problem.strerror}.") from problem
    if open_to_others:
        raise BadSetting("KEPT_DATA can be read by others than its owner: chmod 700 it, or choose a folder of its own.")
    return folder


def secret_key(folder: Path) -> str:
    """The site's key: from `KEPT_SECRET_KEY_FILE` or made once in the data folder, readable by its owner only."""
    path = secret_key_file(folder)
    try:
        if not path.exists():
            _make_key(path)
        open_to_others = path.stat().st_mode & 0o077
        key = path.read_text().strip()
    except (OSError, UnicodeDecodeError) as problem:
        why = problem.strerror if isinstance(problem, OSError) else "it is no text"
        raise BadSetting(f"KEPT_SECRET_KEY_FILE cannot be used: {why}.") from problem
    if open_to_others:
        raise BadSetting(f"KEPT_SECRET_KEY_FILE: {path.name} can be read by others than its owner: chmod 600 it.")
    if len(key) < 50:
        mend = "remove it and Kept makes a new one"
        raise BadSetting(f"KEPT_SECRET_KEY_FILE: {path.name} is shorter than 50 characters: {mend}.")
    return key


def secret_key_file(folder: Path) -> Path:
    return Path(os.environ.get("KEPT_SECRET_KEY_FILE") or folder / "secret-key")


def _make_key(path: Path) -> None:
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(64))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(fresh, path)  # two first starts at once: one key wins, both read it
    except FileExistsError:
        pass
    finally:
        fresh.unlink()


def database(folder: Path) -> dict[str, object]:
    """Django's DATABASES entry from `KEPT_DATABASE_URL`; none: SQLite in the data folder."""
    url = os.environ.get("KEPT_DATABASE_URL", "")
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": folder / "kept.sqlite3",
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
                " PRAGMA secure_delete=ON;",  # what is deleted is overwritten: a destroyed key stays in no free page
            },
        }
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as problem:
        raise BadSetting("KEPT_DATABASE_URL cannot be read as a URL.") from problem
    if parts.scheme not in ("postgresql", "postgres") or not parts.path.strip("/"):
        raise BadSetting("KEPT_DATABASE_URL must look like postgresql://name:password@host:5432/database.")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": dict(parse_qsl(parts.query)),  # what libpq knows: ?sslmode=verify-full
    }
