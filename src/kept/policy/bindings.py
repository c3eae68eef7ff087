"""Which sentences somebody has bound to their promise: `bindings.toml`, a hash of each sentence beside its clause.

A sentence that was changed is bound to nothing until somebody reads it again: `kept policy bind`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path

from kept.policy.problems import BadPolicy, Problem
from kept.policy.settings_file import read_toml, wrong_format
from kept.policy.source import Policy

FILE = "bindings.toml"
FIRST_WORDS = 8
HEAD = """\
# Written by `kept policy bind`, after somebody read each sentence against its promise.
# A sentence that is not here, or not so any more, keeps the policy from running.
format = 1
"""

Bindings = Mapping[str, tuple[str, ...]]  # promise id -> hashes of its sentences, in order


def hash_of(sentence: str) -> str:
    """Of a sentence, however it is broken into lines: 16 hexadecimal digits of its SHA-256."""
    return sha256(" ".join(sentence.split()).encode()).hexdigest()[:16]


def read_bindings(text: str) -> Bindings:
    """Raises BadPolicy."""
    table = read_toml(text, FILE)
    problems = wrong_format(table, text, FILE)
    found: dict[str, tuple[str, ...]] = {}
    for promise_id, bound in table.items():
        if promise_id == "format":
            continue
        hashes = bound.get("sentences") if isinstance(bound, dict) else None
        if not isinstance(hashes, list) or not all(isinstance(one, str) for one in hashes):
            problems.append(Problem(FILE, 0, f"clause {promise_id}: sentences is a list of hashes; bind it again"))
        else:
            found[promise_id] = tuple(hashes)
    if problems:
        raise BadPolicy(problems)
    return found


def bindings_of(folder: Path) -> Bindings:
    """What stands in the folder of a policy; nothing, if nobody has bound it. Raises BadPolicy."""
    path = folder / FILE
    if not path.exists():
        return {}
    try:
        return read_bindings(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as problem:
        raise BadPolicy([Problem(FILE, 0, "the file cannot be read as text")]) from problem


def unbound(policy: Policy, bindings: Bindings) -> Iterator[Problem]:
    """Sentences that nobody has bound as they are now, and bound ones that are gone."""
    for clause in policy.text.clauses:
        bound = bindings.get(clause.promise, ())
        for sentence in clause.sentences if clause.promise else ():
            if hash_of(sentence) not in bound:
                what = f"clause {clause.promise}: nobody has bound this sentence: “{_first_words(sentence)}”"
                yield Problem("policy.md", clause.line, what)
    for promise_id, hashes in bindings.items():
        said = {hash_of(sentence) for clause in policy.passages(promise_id) for sentence in clause.sentences}
        if gone := len(set(hashes) - said):
            what = f"clause {promise_id}: {gone} bound sentence{'s' if gone > 1 else ''} not in the text any more"
            yield Problem(FILE, 0, what)


def write_bindings(policy: Policy) -> Path:
    """Bind every sentence as it is now. The file is replaced whole, or not at all."""
    path = policy.folder / FILE
    fresh = path.with_name(f".{FILE}.{os.getpid()}")
    with fresh.open("w", encoding="utf-8") as file:
        file.write(bindings_text(policy))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    return path


def bindings_text(policy: Policy) -> str:
    lines = [HEAD]
    for promise_id, said in policy.sentences:
        if promise_id:
            hashes = [f'  "{hash_of(one)}", # {_first_words(one)}' for one in said]
            lines.append("\n".join([f"[{json.dumps(promise_id)}]", "sentences = [", *hashes, "]", ""]))
    return "\n".join(lines)


def _first_words(sentence: str) -> str:
    words = sentence.split()
    return " ".join(words[:FIRST_WORDS]) + (" …" if len(words) > FIRST_WORDS else "")
