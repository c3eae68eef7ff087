"""The documents name everything there is, and nothing that is not there; and what they show is what happens."""

from __future__ import annotations

import ast
import os
import re
import shlex
import subprocess
import sys
import tomllib
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import get_args

import psycopg
import pytest
import typer.main
from documents import (
    DOCS,
    ROOT,
    blocks,
    documents,
    inline_code,
    kept_command,
    prose,
    sentences,
    shell_environment,
    steady,
)

from kept.cli import MODULES, application
from kept.connectors.sql.connect import DRIVERS
from kept.engine import errors
from kept.engine.pack import Category, Codec, Do, Words
from kept.engine.packs import shipped_packs
from kept.rights.flows import FLOWS
from kept.site.demo import generate
from kept.terms import Kind

SOURCE = ROOT / "src" / "kept"
REFERENCE = DOCS / "reference"
LONGEST_SENTENCE = 30  # words, where somebody reads with a task on their hands
SHELL_WORDS = {"cat", "cd", "chmod", "echo", "export", "make", "mkdir", "rm", "sed", "sha256sum", "touch"}
PROGRAMS = SHELL_WORDS | {"kept", ".venv/bin/kept", "python3", ".venv/bin/pytest"}
ELSEWHERE = {"docs/images/site.png"}  # made by a script from the running site

every_document = pytest.mark.parametrize("document", documents(), ids=lambda path: str(path.relative_to(ROOT)))


def text_of(name: str) -> str:
    return (REFERENCE / name).read_text(encoding="utf-8")


@cache
def sources() -> dict[Path, str]:
    return {path: path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.py")}


def section(text: str, heading: str) -> str:
    """What stands under a heading, up to the next one."""
    found = re.search(rf"^(#+) {re.escape(heading)}\n(.*?)(?=^#+ |\Z)", text, re.MULTILINE | re.DOTALL)
    return found[2] if found else ""


# Settings


@cache
def settings_read() -> set[str]:
    """Every variable that the code asks the environment for: a text that is nothing but its name."""
    return {
        node.value
        for text in sources().values()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"KEPT_[A-Z_]+", node.value)
    }


def test_every_setting_is_documented_with_its_default():
    rows = set(re.findall(r"^\| `(KEPT_[A-Z_]+)` \|", text_of("settings.md"), re.MULTILINE))
    assert len(rows) > 10
    assert rows == settings_read()


@every_document
def test_no_document_names_a_setting_that_nobody_reads(document):
    known = settings_read()
    for place in [*(ROOT / "tests").glob("*.py"), ROOT / "Makefile", ROOT / ".ci" / "run"]:
        known |= set(re.findall(r"KEPT_[A-Z_]+[A-Z]", place.read_text(encoding="utf-8")))
    named = set(re.findall(r"KEPT_[A-Z_]+[A-Z]", document.read_text(encoding="utf-8")))
    assert named <= known


# The command line


@cache
def commands() -> dict[str, dict[str, str]]:
    """Every command, `answer access`, with its options: each spelling, and what it is shown as."""
    found: dict[str, dict[str, str]] = {}

    def walk(command, path):
        if hasattr(command, "commands"):
            for name, below in command.commands.items():
                walk(below, [*path, name])
        else:
            shown = [option for option in command.params if option.param_type_name == "option" and not option.hidden]
            found[" ".join(path)] = {word: option.opts[0] for option in shown for word in option.opts}

    walk(typer.main.get_command(application(sorted(set(MODULES.values())))), [])
    return found


def test_every_command_and_option_is_documented():
    page = text_of("command-line.md")
    assert len(commands()) > 10
    for name, options in commands().items():
        told = section(page, f"`kept {name}`")
        assert told, f"kept {name} has no section"
        assert set(options) <= set(re.findall(r"--[a-z][a-z-]*", told)), f"kept {name}"


def test_every_documented_command_and_option_is_there():
    page = text_of("command-line.md")
    for name in re.findall(r"^### `kept ([a-z -]+)`$", page, re.MULTILINE):
        assert name in commands(), f"kept {name}"
        told = set(re.findall(r"--[a-z][a-z-]*", section(page, f"`kept {name}`")))
        assert told <= set(commands()[name]) | {"--id"}, f"kept {name}"


def test_the_exit_codes_are_those_of_the_code():
    from kept.cli.engine import CANNOT_TELL, DONE, NOT_DONE, WRONG_USE

    rows = dict(re.findall(r"^\| (\d) \| ([a-z ]+) \|", text_of("command-line.md"), re.MULTILINE))
    told = {
        str(DONE): "done",
        str(NOT_DONE): "not done",
        str(WRONG_USE): "wrong usage",
        str(CANNOT_TELL): "cannot tell",
    }
    assert rows == told


def is_command(words: list[str]) -> str:
    """The name of the command that these words call; "" if there is none of that name, or it has no such option."""
    name = next((" ".join(words[:count]) for count in (3, 2, 1) if " ".join(words[:count]) in commands()), "")
    options = {word for word in words if word.startswith("--")}
    return name if name and options <= {*commands()[name], "--help"} else ""


@every_document
def test_every_command_in_a_block_is_one_that_can_be_given(document):
    for block in blocks(document):
        if block.language != "sh":
            continue
        for line in filter(None, block.text.splitlines()):
            words = shlex.split(line, comments=True)
            place = f"{document.name}:{block.line}: {line}"
            assert words, place
            assert words[0] in PROGRAMS, place
            if words[0].endswith("kept") and words[1] != "--version":
                assert is_command(words[1:]), place
            if words[0] == "make":
                assert words[1] in make_targets(), place


@cache
def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


@every_document
def test_what_stands_in_code_letters_exists(document):
    """Commands, make targets, modules, paths and packs that the prose names."""
    for code in inline_code(document):
        words = code.split()
        if words[0] in ("kept", ".venv/bin/kept") and len(words) > 1 and not words[1].startswith("-"):
            groups = {name.split()[0] for name in commands()}
            assert is_command(words[1:]) or (len(words) == 2 and words[1] in groups), code
        if words[0] == "make" and len(words) > 1:
            assert words[1] in make_targets(), code
        if re.fullmatch(r"kept(\.\w+)+", code):
            assert module_or_name(code), code
        if re.fullmatch(r"(src|tests|docs|benchmarks|news|\.ci)/[\w./-]*", code):
            assert (ROOT / code).exists(), code


def module_or_name(dotted: str) -> bool:
    if find_spec(dotted.rpartition(".")[0]) is None:
        return False
    above, _, name = dotted.rpartition(".")
    return hasattr(import_module(above), name) or find_spec(dotted) is not None


def test_every_shipped_pack_is_named():
    told = section(text_of("command-line.md"), "The engine alone")
    assert all(f"`{name}`" in told for name in shipped_packs())


# Errors, packs, connectors, entries


def test_every_error_of_the_engine_is_documented_and_no_other():
    page = text_of("errors.md")
    there = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, errors.EngineError) and value.__module__ == errors.__name__
    }
    rows = set(re.findall(r"^\| `([A-Z]\w+)` \|", page, re.MULTILINE))
    assert rows == there - {"EngineError", "SystemProblem"}  # these two only hold others together
    assert all(name in page for name in there)


def test_every_reason_that_the_errors_page_explains_is_given_somewhere():
    given = " ".join(text for path, text in sources().items() if path.parts[-2] in ("engine", "sql"))
    rows = re.findall(r"^\| ((?:`[a-zA-Z ,:]+`(?:, )?)+) \|", section(text_of("errors.md"), "`Fault`"), re.MULTILINE)
    reasons = [reason for row in rows for reason in re.findall(r"`([^`]+)`", row)]
    assert len(reasons) > 10
    for reason in reasons:
        assert reason in given, reason


def reasons_given() -> set[str]:
    """What the code says of a column or table that stops a plan or blocks `done`, without the parts that vary."""
    found: set[str] = set()
    for path in (*(SOURCE / "engine").glob("*.py"), *(SOURCE / "connectors" / "sql").glob("*.py")):
        for node in ast.walk(ast.parse(sources()[path])):
            called = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
            reason = {"Fault": 2, "refuse": 0}.get(called)
            if reason is not None:
                texts = [one.value for one in ast.walk(node.args[reason]) if isinstance(one, ast.Constant)]
                found.add(" ".join(text for text in texts if isinstance(text, str)))
    return found - {""}


def test_every_reason_why_a_plan_is_refused_is_explained():
    rows = re.findall(r"^\| ((?:`[^`]+`(?:, )?)+) \|", section(text_of("errors.md"), "`Fault`"), re.MULTILINE)
    explained = [reason for row in rows for reason in re.findall(r"`([^`]+)`", row)]
    assert len(reasons_given()) > 12
    for given in reasons_given():
        assert any(reason in given for reason in explained), given


def pack_words() -> set[str]:
    """What the reader of packs lets through: the words of each `known(…)`, and the words that a value may be."""
    tree = ast.parse((SOURCE / "engine" / "pack_reader.py").read_text(encoding="utf-8"))
    found: set[str] = set()
    for node in ast.walk(tree):
        called = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "known"
        listed = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "_TABLE_WORDS"
        if called or listed:
            parts = node.args[1] if called else node.value
            found |= {one.value for one in ast.walk(parts) if isinstance(one, ast.Constant)}
    for words in (Do, Codec, Words, Kind, Category):
        found |= set(get_args(words))
    return found


def test_every_word_of_a_pack_is_documented():
    page = text_of("packs.md")
    told = {word for code in re.findall(r"`([^`\n]+)`", page) for word in re.findall(r"[a-z][a-z_-]*", code)}
    told |= {word for block in blocks(REFERENCE / "packs.md") for word in re.findall(r"[a-z][a-z_-]*", block.text)}
    words = pack_words()
    assert {"links", "shared", "year_end", "redact", "packed-ip", "billing"} <= words
    assert words <= told


def test_every_family_of_databases_is_documented():
    told = set(re.findall(r"`(\w+):`", text_of("connectors.md")))
    assert told >= set(DRIVERS)


def entry_kinds() -> set[str]:
    """The kinds in every call of `record`, also those chosen from two and those that have a name."""
    found: set[str] = set()
    for text in sources().values():
        tree = ast.parse(text)
        names = {
            node.targets[0].id: node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and isinstance(node.value, ast.Constant)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "record":
                kinds = {one.value for one in ast.walk(node.args[0]) if isinstance(one, ast.Constant)}
                kinds |= {
                    names[one.id] for one in ast.walk(node.args[0]) if isinstance(one, ast.Name) and one.id in names
                }
                if isinstance(node.args[0], ast.Attribute):  # a word of the table of how each right goes
                    kinds = {getattr(one, node.args[0].attr) for one in FLOWS.values()} - {""}
                assert kinds, ast.unparse(node)
                found |= {kind for kind in kinds if isinstance(kind, str)}
    return found


def test_every_kind_of_entry_is_documented_and_no_other():
    rows = set(re.findall(r"^\| `([a-z_]+\.[a-z_]+)` \|", text_of("ledger.md"), re.MULTILINE))
    assert len(rows) > 20
    assert rows == entry_kinds()


def test_the_page_of_the_house_names_every_room_and_says_which_are_built():
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    rooms = {room for layer in contract["contracts"][0]["layers"] for room in re.findall(r"\w+", layer)}
    page = (DOCS / "explanation" / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`[^|]+`) \|[^|]+\| ([^|]+) \|$", section(page, "Rooms"), re.MULTILINE)
    state = {room: since for named, since in rows for room in re.findall(r"`(\w+)`", named)}
    assert set(state) == rooms
    built = {room for room in rooms if (SOURCE / room / "__init__.py").exists()}
    assert {room for room, since in state.items() if since != "not built"} == built


# Links and words


def anchors(document: Path) -> set[str]:
    """As the usual viewers of Markdown make them from headings."""
    heads = re.findall(r"^#+ (.+)$", prose(document), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@every_document
def test_no_link_is_dead(document):
    for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`\n]+`", "", prose(document))):
        if re.match(r"https?://|mailto:", target):
            continue
        path, _, anchor = target.partition("#")
        place = (document.parent / path).resolve() if path else document
        if str(place.relative_to(ROOT)) in ELSEWHERE:
            continue
        assert place.exists(), target
        assert not anchor or anchor in anchors(place), target


def test_every_page_is_reached_from_the_index():
    index = DOCS / "index.md"
    linked = {(DOCS / target).resolve() for target in re.findall(r"\]\(([^)#\s]+)\)", prose(index))}
    assert set(DOCS.rglob("*.md")) - {index} == linked


@pytest.mark.parametrize(
    "document", [*(DOCS / "tutorial").glob("*.md"), *(DOCS / "how-to").glob("*.md")], ids=lambda path: path.name
)
def test_sentences_are_short_where_somebody_has_a_task(document):
    for sentence in sentences(document):
        assert len(sentence.split()) <= LONGEST_SENTENCE, sentence


def test_a_long_sentence_would_be_noticed(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# Short\n\nOne two.\n\n- " + "word " * 31 + "end.\n")
    assert max(len(one.split()) for one in sentences(page)) == 32


def test_each_piece_of_news_is_told_to_somebody_in_few_words():
    kinds = "new|changed|mended|removed|security"
    pieces = [path for path in (ROOT / "news").iterdir() if path.name != "README.md"]
    for piece in pieces:
        assert re.fullmatch(rf"[a-z0-9-]+\.({kinds})\.md", piece.name)
        text = piece.read_text(encoding="utf-8")
        assert text.startswith("**"), f"{piece.name} does not say whom it tells"
        assert len(list(sentences(piece))) <= 4, piece.name


# What is shown, done


@pytest.fixture
def shell(tmp_path):
    """Run one command as a reader would, in a folder of its own. Gives its exit code and all it prints."""
    bin_folder = kept_command(tmp_path / "bin").parent
    environment = shell_environment(tmp_path, f"{bin_folder}:{os.environ['PATH']}")

    def run(command: str, **more: str) -> tuple[int, str]:
        done = subprocess.run(
            ["bash", "-c", command.replace(".venv/bin/kept", "kept")],
            cwd=tmp_path, env=environment | more, stdin=subprocess.DEVNULL, text=True, timeout=120,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        return done.returncode, done.stdout

    return run


def test_the_readme_shows_what_the_engine_says_of_the_demo(shell, tmp_path):
    generate(tmp_path / "data" / "demo", 12)
    told = blocks(ROOT / "README.md")
    shown = [(one, after) for one, after in pairwise(told) if after.language == "text"]
    assert len(shown) == 2
    for command, promised in shown:
        assert steady(shell(command.text)[1]) == steady(promised.text)


def test_the_tree_of_errors_is_the_one_in_the_code():
    tree = re.findall(r"[├└]── (\w+)", errors.__doc__ or "")
    assert re.findall(r"[├└]── (\w+)", text_of("errors.md")) == tree


@pytest.mark.postgresql
@pytest.mark.parametrize("document", [REFERENCE / "connectors.md", DOCS / "how-to" / "connect-postgresql-or-sqlite.md"])
def test_the_rights_named_for_postgresql_are_enough(document, shell, postgresql_server, postgresql_url, tmp_path):
    name = postgresql_url.rpartition("/")[2]
    role = f"{name}_kept"
    statements = next(block.text for block in blocks(document) if block.language == "sql").partition("-- MariaDB")[0]
    statements = statements.replace("kept_shop", role).replace("DATABASE shop", f"DATABASE {name}")
    with psycopg.connect(postgresql_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE customer (id int PRIMARY KEY, email text NOT NULL UNIQUE, note text)")
        connection.execute("INSERT INTO customer VALUES (1, 'alice@example.net', 'Write to alice@example.net')")
        connection.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC; GRANT CONNECT ON DATABASE {name} TO PUBLIC")
        if "CREATE ROLE" not in statements:
            connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'choose-your-own'")
        connection.execute(statements)
    (tmp_path / "shop.toml").write_text(PACK)
    url = f"postgresql://{role}:choose-your-own@127.0.0.1:{postgresql_server.port}/{name}"
    who = "--system env:SHOP=shop.toml --email alice@example.net --out answers"
    try:
        assert shell(f"kept answer access {who}", SHOP=url)[0] == 0
        code, said = shell(f"kept answer erasure {who} --yes", SHOP=url)
        assert (code, "Shop: done" in said) == (0, True), said
    finally:
        with psycopg.connect(postgresql_url, autocommit=True) as connection:
            connection.execute(f"DROP OWNED BY {role}")
            connection.execute(f"DROP ROLE {role}")


PACK = """\
format = 1
name = "shop"
title = "Shop"
[table.customer]
title = "Customer account"
category = "account"
purpose = "To run your account."
source = "You."
period = "While you are a customer."
person = true
links = [{ column = "email", is = "email" }]
[table.customer.columns]
id = "key"
email = { do = "erase", is = "email" }
note = "redact"
"""


def test_the_interpreter_of_the_suite_is_one_that_the_documents_allow():
    wanted = re.search(r'requires-python = ">=([\d.]+)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert wanted
    assert sys.version_info[:2] >= tuple(map(int, wanted[1].split(".")))
