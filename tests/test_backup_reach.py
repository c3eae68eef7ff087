"""PostgreSQL's programs reach the database that Kept reaches, however its URL names it."""

from __future__ import annotations

import pytest

from kept.security.backup.postgresql import environment as reach
from kept.site.environment import database


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://kept:word@db.example.com:5433/kept", {"PGHOST": "db.example.com", "PGPORT": "5433"}),
        ("postgresql://kept@/kept?host=/run/postgresql&port=5433", {"PGHOST": "/run/postgresql", "PGPORT": "5433"}),
        ("postgresql:///kept?user=kept&passfile=/etc/pass", {"PGUSER": "kept", "PGPASSFILE": "/etc/pass"}),
        ("postgresql://kept@db/kept?sslmode=verify-full", {"PGHOST": "db", "PGSSLMODE": "verify-full"}),
    ],
)
def test_a_dump_is_of_the_database_that_the_url_names(monkeypatch, tmp_path, url, expected):
    monkeypatch.setenv("KEPT_DATABASE_URL", url)
    monkeypatch.setenv("PGHOST", "elsewhere")
    found = reach(database(tmp_path))
    assert {name: found[name] for name in expected} == expected
    assert found["PGDATABASE"] == "kept"
