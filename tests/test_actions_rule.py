"""The rule that keeps the ledger whole: Kept's own store is changed only in actions, and each action records.

Read from the source, so that code which no test runs is held to it too. The last tests show that the reader finds
what it is meant to find.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

KEPT = Path(__file__).parent.parent / "src" / "kept"
WITHOUT_STORE = ("engine", "connectors", "terms", "charts", "packs", "policies")

# Who writes outside an action, and why. Keep it short.
EXEMPT = {
    "security/sequencer.py": "the numbers of the entries, and what is signed over them",
    "security/tree.py": "the hashes over the entries",
    "security/tries.py": "how often somebody tried, as keyed hashes; changes nothing that a person could see",
    "security/reading/log.py": "a look, inside the transaction of the action that shows something",
    "rights/drp/canaries.py": "a request of nobody, inside the transaction of `plant_canaries`",
    "rights/api/used.py": "when an app came last",
    "people/browsers.py": "when a signed-in browser was seen last",
    "use/counting.py": "how often a use was allowed or denied on a day: names nobody",
    "use/actions/covering.py": "by what a person is known again, inside the transaction of the action that calls it",
    "work/steps.py": "the queue, inside the transaction of the action that queues or ends a step",
    "work/lease.py": "who holds a step; changes nothing that a person could see",
    "work/tasks.py": "forgets ended steps, which hold no personal data",
    "vault/keys.py": "a key, inside the transaction of the action that seals with it or destroys it",
    "vault/migrating.py": "seals what older versions stored in clear",
    "security/backup/replays.py": "notes what a restore must do again, inside the transaction of the action",
    "security/backup/restoring.py": "puts a backup in the place of the store; then `restore_over` writes its entry",
    "post/canaries.py": "a mail of nobody, inside the transaction of `plant_canaries`",
    "security/canaries.py": "a breach of nobody, inside the transaction of `plant_canaries`",
    "rights/mandates/canaries.py": "somebody who is nobody, inside the transaction of `plant_canaries`",
    "rights/alerts/canaries.py": "an address of nobody, inside the transaction of `plant_canaries`",
    "rights/exemptions/canaries.py": "something left out for nobody, inside the transaction of `plant_canaries`",
    "rights/righting/canaries.py": "a correction of nobody, inside the transaction of `plant_canaries`",
    "rights/righting/keeping.py": "what a system said, inside the transaction of the action that searched it",
    "rights/refusals/canaries.py": "a refusal of nobody, inside the transaction of `plant_canaries`",
    "rights/timing/canaries.py": "a question to nobody, inside the transaction of `plant_canaries`",
    "complaints/canaries.py": "a complaint of nobody, inside the transaction of `plant_canaries`",
    "rights/redaction/canaries.py": "a text of nobody, inside the transaction of `plant_canaries`",
    "rights/messages/canaries.py": "a message of nobody, inside the transaction of `plant_canaries`",
    "rights/with_case.py": "what goes with a case, inside the transaction of the action that ends it",
    "rights/proof/canaries.py": "a step of nobody, inside the transaction of `plant_canaries`",
    "rights/telling.py": "writes a letter inside the transaction of the action that tells somebody",
    "rights/stopping/canaries.py": "a mark of nobody, inside the transaction of `plant_canaries`",
    "rights/canaries.py": "a request of nobody, inside the transaction of `plant_canaries`",
    "rights/portability/canaries.py": "a transfer and an import of nobody, inside the transaction of `plant_canaries`",
    "rights/automated/canaries.py": "a decision about nobody, inside the transaction of `plant_canaries`",
    "collection/letters/canaries.py": "a letter of nobody, inside the transaction of `plant_canaries`",
    "collection/calls/canaries.py": "a call of nobody, inside the transaction of `plant_canaries`",
    "collection/canaries.py": "a mail of nobody, inside the transaction of `plant_canaries`",
    "people/persons.py": "a person's number, inside the transaction of the action that first meets them",
    "post/models.py": "the number of a mail's key, set as the mail is saved",
    "post/outbox.py": "writes a mail inside the transaction of the action that sends it",
    "post/tasks.py": "what became of a mail, and forgetting what it said",
    "people/models.py": "how Django makes an account, called by actions and sign-up",
    "rights/views/once.py": "the browser's session, inside the transaction of the action that opens the case",
    "site/demo": "writes the demo company's own files, not Kept's store",
}

ALWAYS_WRITES = {
    "save", "asave", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "create_user", "set_password",
}  # fmt: skip
WRITES_ON_ROWS = {"create", "update", "delete", "acreate", "aupdate", "adelete"}
WRITING_SQL = ("insert", "update", "delete", "replace", "truncate", "merge", "alter", "drop", "create")


def functions_without_record(*sources: str, offered: set[str] | None = None) -> Iterator[str]:
    """Functions that a room's actions offer and that are no action, take no `by` and `at`, or reach no record().

    `offered`: what a package of several sources offers; None: every public function.
    """
    nodes = [node for source in sources for node in ast.walk(ast.parse(source))]
    modules = [ast.parse(source).body for source in sources]
    functions = {
        node.name: node for body in modules for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    own = set(functions)
    recording = {"record", "unchanged"} | {
        name.asname or name.name
        for node in nodes
        if isinstance(node, ast.ImportFrom) and "actions" in (node.module or "").split(".")
        for name in node.names
        if (name.asname or name.name) not in own
    }
    grown = True
    while grown:
        reached = {name for name, node in functions.items() if name not in recording and _calls(node) & recording}
        recording |= reached
        grown = bool(reached)
    for name, node in functions.items():
        if name.startswith("_") if offered is None else name not in offered:
            continue
        decorators = {ast.unparse(decorator) for decorator in node.decorator_list}
        if "action" not in decorators:
            yield f"{name} is not an @action"
        if not {"by", "at"} <= {argument.arg for argument in node.args.kwonlyargs}:
            yield f"{name} does not take `by` and `at` as keywords"
        if not _calls(node) & recording:
            yield f"{name} never calls record()"


def offered_by(source: str) -> set[str]:
    """The names that a package takes up from its parts."""
    return {
        name.asname or name.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom)
        for name in node.names
    }


def helpers_that_write(*sources: str) -> set[str]:
    """Functions of an actions package that change rows, themselves or through another, and are no action."""
    functions = {
        node.name: node for source in sources for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)
    }
    helpers = {
        name: node
        for name, node in functions.items()
        if "action" not in {ast.unparse(decorator) for decorator in node.decorator_list}
    }
    writing = {name for name, node in helpers.items() if list(writes(ast.unparse(node)))}
    grown = True
    while grown:
        more = {name for name, node in helpers.items() if name not in writing and _calls(node) & writing}
        writing |= more
        grown = bool(more)
    return writing


def imports_of_parts(source: str) -> Iterator[tuple[str, str]]:
    """Names taken from the parts of an actions package, as (part, name)."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and ".actions." in (node.module or ""):
            yield from ((str(node.module), name.name) for name in node.names)


def _calls(function: ast.AST) -> set[str]:
    return {
        node.func.id for node in ast.walk(function) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }


def writes(source: str) -> Iterator[str]:
    """Calls that change rows of a Django model, or the store by SQL, as "line: call"."""
    module = ast.parse(source)
    rows = _names_of_rows(module)
    for node in ast.walk(module):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        method, receiver = node.func.attr, node.func.value
        if ast.unparse(receiver).startswith("Session.objects"):  # who is signed in is not Kept's own store of facts
            continue
        if method in ALWAYS_WRITES or (method in WRITES_ON_ROWS and _is_rows(receiver, rows)) or _is_sql(node, method):
            yield f"{node.lineno}: {ast.unparse(node.func)}"


def _is_rows(node: ast.AST, rows: set[str]) -> bool:
    return any(
        (isinstance(part, ast.Attribute) and part.attr in ("objects", "_base_manager", "_default_manager"))
        or (isinstance(part, ast.Name) and part.id in rows)
        or (isinstance(part, ast.Attribute) and part.attr.endswith("_set"))
        for part in ast.walk(node)
    )


def _names_of_rows(module: ast.Module) -> set[str]:
    """Names that hold a row or a set of rows: assigned from one, looped over, or typed as a model's."""
    rows: set[str] = set()
    grown = True
    while grown:
        before = len(rows)
        for node in ast.walk(module):
            if isinstance(node, ast.Assign) and _is_rows(node.value, rows):
                rows |= {name.id for target in node.targets for name in ast.walk(target) if isinstance(name, ast.Name)}
            elif isinstance(node, ast.For | ast.comprehension) and _is_rows(node.iter, rows):
                rows |= {name.id for name in ast.walk(node.target) if isinstance(name, ast.Name)}
            elif isinstance(node, ast.ImportFrom) and (node.module or "").endswith(".models"):
                rows |= {name.asname or name.name for name in node.names}
            elif isinstance(node, ast.arg) and node.annotation is not None and _is_rows(node.annotation, rows):
                rows.add(node.arg)
        grown = len(rows) > before
    return rows


def _is_sql(node: ast.Call, method: str) -> bool:
    if method not in ("execute", "executemany", "raw") or not node.args:
        return False
    first = node.args[0]
    return isinstance(first, ast.Constant) and str(first.value).lstrip().lower().startswith(WRITING_SQL)


def sources() -> list[Path]:
    return sorted(
        path
        for path in KEPT.rglob("*.py")
        if path.relative_to(KEPT).parts[0] not in WITHOUT_STORE and "migrations" not in path.parts
    )


def test_every_action_records():
    found = []
    for path in sources():
        name = path.relative_to(KEPT)
        if path.name == "actions.py":
            found += [f"{name}: {fault}" for fault in functions_without_record(path.read_text())]
        elif path.name == "__init__.py" and path.parent.name == "actions":
            parts = [part.read_text() for part in sorted(path.parent.glob("*.py"))]
            offered = offered_by(path.read_text())
            found += [f"{name}: {fault}" for fault in functions_without_record(*parts, offered=offered)]
    assert found == []
    assert (KEPT / "people" / "actions.py") in sources()


def test_what_only_helps_an_action_to_write_is_called_by_nothing_else():
    helpers = {
        package: helpers_that_write(*(part.read_text() for part in package.glob("*.py")))
        for package in KEPT.glob("*/actions")
    }
    found = [
        f"{path.relative_to(KEPT)}: {part}.{name}"
        for path in sources()
        for part, name in imports_of_parts(path.read_text())
        if path.parent.name != "actions" and name in helpers[KEPT / part.split(".")[1] / "actions"]
    ]
    assert found == []


def test_nothing_is_written_outside_actions():
    found = []
    for path in sources():
        name = path.relative_to(KEPT).as_posix()
        if path.name == "actions.py" or path.parent.name == "actions" or _exempt(name):
            continue
        found += [f"{name}:{write}" for write in writes(path.read_text())]
    assert found == []


@pytest.mark.parametrize("name", EXEMPT)
def test_every_exemption_is_still_needed(name):
    files = [path for path in sources() if path.relative_to(KEPT).as_posix().startswith(name)]
    assert any(list(writes(path.read_text())) for path in files) or name == "site/demo"


def _exempt(name: str) -> bool:
    return any(name == exempt or name.startswith(f"{exempt}/") for exempt in EXEMPT)


GOOD_ACTION = """
@action
def close(case: Case, *, by: Actor, at: datetime) -> None:
    case.save()
    record("case.closed", case, by=by, at=at)
"""


@pytest.mark.parametrize(
    ("source", "faults"),
    [
        (GOOD_ACTION, []),
        (GOOD_ACTION.replace("@action\n", ""), ["close is not an @action"]),
        (GOOD_ACTION.replace("record(", "log("), ["close never calls record()"]),
        (GOOD_ACTION.replace("*, by: Actor, at: datetime", ""), ["close does not take `by` and `at` as keywords"]),
        (GOOD_ACTION + "\n@action\ndef end(case, *, by, at):\n    close(case, by=by, at=at)\n", []),
        (GOOD_ACTION + "\n@action\ndef end(case, *, by, at):\n    _end(case)\n\ndef _end(case): ...\n",
         ["end never calls record()"]),
        ("from kept.people.actions import make\n@action\ndef hire(*, by, at):\n    make(by=by, at=at)\n", []),
        ("def _help(case):\n    case.save()\n", []),
    ],
)  # fmt: skip
def test_the_reader_of_actions_finds_what_is_missing(source, faults):
    assert list(functions_without_record(source)) == faults


def test_the_reader_of_a_package_asks_it_of_what_the_package_offers():
    door = "from kept.rights.actions.closing import close, end"
    parts = (GOOD_ACTION, "def end(case, *, by, at):\n    close(case)\n", "def help(case):\n    case.save()\n")
    assert offered_by(door) == {"close", "end"}
    assert list(functions_without_record(*parts, offered=offered_by(door))) == ["end is not an @action"]
    assert list(imports_of_parts(door)) == [
        ("kept.rights.actions.closing", "close"),
        ("kept.rights.actions.closing", "end"),
    ]
    assert list(imports_of_parts("from kept.rights.actions import close")) == []
    assert helpers_that_write(*parts, "def ask(case):\n    return help(case)\n") == {"help", "ask"}


@pytest.mark.parametrize(
    "line",
    [
        "Case.objects.create(name='x')",
        "Case.objects.filter(pk=1).update(state='done')",
        "Case.objects.filter(pk=1).delete()",
        "case = Case.objects.get(pk=1)\ncase.delete()",
        "for case in Case.objects.all():\n    case.delete()",
        "cases = Case.objects.filter(pk=1)\nold = cases.exclude(pk=2)\nold.update(state='done')",
        "case.save()",
        "case.save(update_fields=['state'])",
        "form.save()",
        "Case.objects.bulk_create([])",
        "Case.objects.get_or_create(pk=1)",
        "case.note_set.create(text='x')",
        "Account.objects.create_user('a')",
        "from kept.rights.models import Case\ndef end(case: Case):\n    case.delete()",
        "from kept.rights.models import Case\ndef end(cases: list[Case]):\n    for c in cases:\n        c.delete()",
        "cursor.execute('UPDATE rights_case SET state = 1')",
        "cursor.executemany(' insert into rights_case values (1)', [])",
    ],
)
def test_the_reader_of_writes_finds_a_write(line):
    assert len(list(writes(line))) == 1


@pytest.mark.parametrize(
    "line",
    [
        "seen.update({'a': 1})",
        "hasher.update(b'x')",
        "Case.objects.filter(pk=1).count()",
        "cursor.execute('SELECT 1')",
        "cache.delete('key')",
        "Context.create()",
    ],
)
def test_the_reader_of_writes_leaves_reading_alone(line):
    assert list(writes(line)) == []
