"""The tutorial, done as it says on a real MariaDB: each block is given to the shell or to the database, and what it
promises to print is what is printed. Only dates, sizes and reference numbers may differ."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from uuid import uuid4

import pymysql
import pytest
from documents import DOCS, Block, blocks, kept_command, shell_environment, steady

TUTORIAL = DOCS / "tutorial" / "connect-your-own-mariadb.md"
NAME = "kept_tutorial"  # of the database and of its account in the text
ADDRESS = "@127.0.0.1/"


class Reader:
    """Somebody who does what the tutorial says, to the letter."""

    def __init__(self, home: Path, server) -> None:
        self.home = self.here = home
        self.server = server
        self.name = f"t_{uuid4().hex[:12]}"  # the account and the database, so that two runs do not meet
        self.database = pymysql.connect(
            host="127.0.0.1", port=server.port, user="kept", password="only-for-tests", autocommit=True
        )
        command = kept_command(home / "bin")
        self.environment = shell_environment(home, f"{command.parent}:{os.environ['PATH']}")

    def close(self) -> None:
        with self.database, self.database.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {self.name}")
            cursor.execute(f"DROP USER IF EXISTS {self.name}")

    def does(self, block: Block) -> str:
        """What follows of a block; for a file, nothing to see."""
        text = block.text.replace(NAME, self.name).replace(ADDRESS, f"@127.0.0.1:{self.server.port}/")
        if block.file:
            (self.here / block.file).write_text(text, encoding="utf-8")
            return ""
        return self.asks_the_database(text) if block.language == "sql" else self.types(text)

    def types(self, commands: str) -> str:
        """Commands in the shell, with `y` for whatever asks. Where it leads, the next ones start."""
        left = self.home / "here"
        done = subprocess.run(
            ["bash", "-c", f'{commands}\npwd > "{left}"'],
            cwd=self.here, env=self.environment, input="y\n", text=True, timeout=120,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self.here = Path(left.read_text().strip())
        return done.stdout.replace("[y/N]: ", "[y/N]: y\n")  # a terminal shows what is typed

    def asks_the_database(self, statements: str) -> str:
        shown = ""
        with self.database.cursor() as cursor:
            for statement in filter(str.strip, re.split(r";\n", statements)):
                cursor.execute(statement)
                if cursor.description:
                    shown = as_table([column[0] for column in cursor.description], cursor.fetchall())
        return shown


def as_table(heads: list[str], rows: tuple[tuple[object, ...], ...]) -> str:
    """Rows as the clients of MariaDB show them."""
    cells = [["NULL" if cell is None else str(cell) for cell in row] for row in rows]
    wide = [max(len(row[place]) for row in (heads, *cells)) for place in range(len(heads))]
    numbers = [all(isinstance(row[place], int) for row in rows) for place in range(len(heads))]
    rule = "+" + "".join("-" * (width + 2) + "+" for width in wide) + "\n"

    def line(row: list[str], right: list[bool]) -> str:
        padded = (f"{cell:>{w}}" if r else f"{cell:<{w}}" for cell, w, r in zip(row, wide, right, strict=True))
        return "| " + " | ".join(padded) + " |\n"

    return rule + line(heads, [False] * len(heads)) + rule + "".join(line(row, numbers) for row in cells) + rule


@pytest.fixture
def reader(tmp_path, mariadb_server):
    reader = Reader(tmp_path, mariadb_server)
    yield reader
    reader.close()


@pytest.mark.mariadb
def test_the_tutorial_does_what_it_says(reader):
    told = blocks(TUTORIAL)
    commands = [block for block in told if block.language in ("sh", "sql")]
    assert len(commands) >= 15, "The tutorial has lost its blocks, or they are no longer found."
    for block, following in zip(told, [*told[1:], None], strict=True):
        if block.language == "text" and not block.file:
            continue
        shown = steady(reader.does(block))
        promised = following.text if following and following.language == "text" and not following.file else ""
        assert shown == steady(promised), f"{TUTORIAL.name}:{block.line}"


def test_a_promise_that_is_not_kept_would_be_noticed():
    assert steady("plan 0c7d9b6b3a8914081496c437a78405cd") == steady("plan 1c7d9b6b3a8914081496c437a78405cd")
    assert steady("4 rows changed") != steady("5 rows changed")
    assert steady("answers/access-20261122-b152e342.zip: 6 records, 5,512 bytes") != steady(
        "answers/access-20261122-b152e342.zip: 7 records, 5,512 bytes"
    )
