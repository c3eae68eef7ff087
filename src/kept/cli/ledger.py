"""`kept ledger`: read the ledger against what was signed, prove an entry, take it up again after a restore."""

from __future__ import annotations

import json
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from kept.cli.store import open_store

if TYPE_CHECKING:
    from kept.security.notes import Key

DONE, NOT_DONE, WRONG_USE, CANNOT_TELL = 0, 1, 2, 3
MOST_FILE = 64 * 1024  # bytes of a checkpoint

app = typer.Typer()
ledger = typer.Typer(help="The record of what was done, and its proof.", no_args_is_help=True)
app.add_typer(ledger, name="ledger")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


class Reason(StrEnum):
    RESTORED = "restored"
    KEY_LOST = "key-lost"


@ledger.callback()
def group() -> None:
    """The record of what was done, and its proof."""


@ledger.command("verify")
def verify_all(
    checkpoint: Annotated[list[Path], typer.Option(help="A checkpoint that was kept elsewhere. Repeat it.")] = [],  # noqa: B006
    key: Annotated[
        list[str], typer.Option(help="A verifier key to trust instead of this machine's key. Repeat it.")
    ] = [],  # noqa: B006
    as_json: AsJson = False,
) -> None:
    """Read every entry, hash it anew, and say what is not as it was signed: which entry, and what happened to it."""
    _open()
    texts = [_text_of(path) for path in checkpoint]
    from kept.security.notes import BadNote
    from kept.security.verify import verify
    from kept.terms import Verdict

    keys = _keys_of(key)
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("Reading entries", total=None)
        told: Callable[[int, int], None] = lambda done, of: progress.update(bar, completed=done, total=of)  # noqa: E731
        try:
            report = verify(keys, texts, told)
        except BadNote as problem:
            raise typer.BadParameter(str(problem), param_hint="--checkpoint") from None
    if as_json:
        findings = [
            {"kind": one.kind, "first": one.first, "last": one.last, "what": one.what} for one in report.findings
        ]
        typer.echo(json.dumps({
            "verdict": str(report.verdict), "size": report.size, "root": report.root.hex(), "entries": report.entries,
            "erased": report.erased, "waiting": report.waiting, "checkpoints": report.checkpoints,
            "findings": findings, "unsure": report.unsure,
        }))  # fmt: skip
    else:
        for finding in report.findings:
            typer.echo(str(finding))
        for why in report.unsure:
            typer.echo(f"cannot tell: {why}")
        typer.echo(
            f"{report.entries:,} of {report.size:,} entries read, {report.erased:,} of them erased; "
            f"{report.waiting:,} wait for their number; {report.checkpoints:,} checkpoints compared."
        )
        if report.verdict is Verdict.DONE:
            typer.echo("Every entry is there and as it was signed.")
    raise typer.Exit({Verdict.DONE: DONE, Verdict.NOT_DONE: NOT_DONE}.get(report.verdict, CANNOT_TELL))


@ledger.command("checkpoint")
def show_checkpoint(as_json: AsJson = False) -> None:
    """Print the latest signed checkpoint, to be kept elsewhere; and, beside it, the key that verifies it."""
    _open()
    from kept.security.ledger_errors import TreeDamaged
    from kept.security.notes import BadNote
    from kept.security.sequencer import head_of, keys_of, present_log

    log = present_log()
    try:
        head, keys = (head_of(log), keys_of(log)) if log else (None, [])
        if log is None or head is None or not keys:
            typer.echo("Nothing has been numbered yet, so nothing is signed.", err=True)
            raise typer.Exit(CANNOT_TELL)
    except (BadNote, TreeDamaged) as problem:
        typer.echo(f"The stored checkpoint cannot be used: {problem}", err=True)
        raise typer.Exit(NOT_DONE) from None
    present, former = keys[-1], keys[:-1]
    if as_json:
        typer.echo(json.dumps({
            "checkpoint": log.checkpoint, "origin": head.origin, "size": head.size, "root": head.root.hex(),
            "key_id": present.id.hex(), "key": present.text, "former_keys": [one.text for one in former],
        }))  # fmt: skip
        return
    typer.echo(log.checkpoint, nl=False)
    typer.echo(f"key {present.id.hex()}: {present.text}", err=True)
    for one in former:
        typer.echo(f"formerly {one.id.hex()}: {one.text}", err=True)


@ledger.command("prove")
def prove(
    entry: Annotated[int, typer.Argument(help="The entry's number.", min=0)],
    receipt: Annotated[
        bool, typer.Option("--receipt", help="With what the entry says, so that it can be read.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Print the proof that an entry is in the signed tree, as a C2SP proof file."""
    _open()
    from kept.security.ledger_errors import LedgerError
    from kept.security.models import Entry
    from kept.security.receipts import proof_of, receipt_for

    try:
        proof = proof_of(entry)
        text = receipt_for(Entry.objects.get(index=entry)) if receipt else str(proof)
    except LedgerError as problem:
        typer.echo(str(problem), err=True)
        raise typer.Exit(NOT_DONE) from None
    typer.echo(json.dumps({"entry": entry, "proof": text}) + "\n" if as_json else text, nl=False)


@ledger.command("check")
def check_file(
    file: Annotated[Path, typer.Argument(help="A receipt, a proof file or a checkpoint.")],
    key: Annotated[list[str], typer.Option(help="A verifier key to trust instead of this ledger's. Repeat it.")] = [],  # noqa: B006
    as_json: AsJson = False,
) -> None:
    """Check a file that somebody brings: that it is signed, and that the entry stands where it says."""
    raw = _bytes_of(file, "FILE")
    open_store()
    from kept.security.checking import check_text
    from kept.security.merkle import BadProof
    from kept.security.notes import BadNote, NotSigned, read_text
    from kept.security.verifier import plain

    keys = _keys_of(key) or _own_keys()
    shown: dict[str, object]
    try:
        code, shown = DONE, check_text(read_text(raw), keys)
    except NotSigned:
        code, shown = CANNOT_TELL, {"why": "Its hashes fit, but none of the keys to check with has signed it."}
    except (BadNote, BadProof) as problem:
        code, shown = NOT_DONE, {"why": str(problem)}
    shown = {"verdict": {DONE: "true", NOT_DONE: "not true"}.get(code, "cannot tell"), **shown}
    if as_json:
        typer.echo(json.dumps(shown))
    else:
        for name, value in shown.items():
            text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)
            typer.echo(plain(f"{name}: {text}"))
    raise typer.Exit(code)


@ledger.command("begin-again")
def begin_again(
    reason: Annotated[Reason, typer.Option(help="Why the ledger may go on under another name.")],
) -> None:
    """After a restore, or with another key: go on under another name. Entries and earlier receipts stay good."""
    _open()
    from django.utils import timezone

    from kept.security import actions
    from kept.security.ledger_errors import LedgerError
    from kept.terms import Actor

    try:
        key = actions.begin_again(str(reason), by=Actor.kept(), at=timezone.now())
    except LedgerError as problem:
        typer.echo(str(problem), err=True)
        raise typer.Exit(NOT_DONE) from None
    typer.echo(f"The ledger goes on. Its key is now {key}")


@ledger.command("mend")
def mend() -> None:
    """Work out a damaged tree anew from the entries. Changes nothing where the entries are not as they were signed."""
    _open()
    from django.utils import timezone

    from kept.security import actions
    from kept.security.ledger_errors import LedgerError
    from kept.terms import Actor

    try:
        size = actions.mend_tree(by=Actor.kept(), at=timezone.now())
    except LedgerError as problem:
        typer.echo(str(problem), err=True)
        raise typer.Exit(NOT_DONE) from None
    typer.echo(f"The tree over {size:,} entries is as it was signed.")


def _open() -> None:
    from kept.cli.store import migrate_store

    open_store()
    migrate_store()


def _keys_of(texts: list[str]) -> list[Key]:
    """Verifier keys, or wrong usage."""
    from kept.security.notes import BadNote, read_key

    try:
        return [read_key(text) for text in texts]
    except BadNote as problem:
        raise typer.BadParameter(str(problem), param_hint="--key") from None


def _own_keys() -> list[Key]:
    """Those that this store's ledger was ever signed with; none where nobody can tell them."""
    from kept.security.notes import BadNote
    from kept.security.sequencer import keys_of, present_log

    _open()
    try:
        return keys_of(present_log())
    except BadNote as problem:
        typer.echo(f"The keys of this ledger cannot be read: name one with --key. {problem}", err=True)
        raise typer.Exit(CANNOT_TELL) from None


def _text_of(path: Path) -> str:
    """A small text file, or wrong usage."""
    from kept.security.notes import BadNote, read_text

    try:
        return read_text(_bytes_of(path, "--checkpoint"))
    except BadNote as problem:
        raise typer.BadParameter(f"{path.name}: {problem}", param_hint="--checkpoint") from None


def _bytes_of(path: Path, named: str) -> bytes:
    """What a small file holds, no more than can be judged, or wrong usage."""
    try:
        with path.open("rb") as file:
            return file.read(MOST_FILE + 1)
    except OSError as problem:
        raise typer.BadParameter(f"{path.name} cannot be read: {problem.strerror}.", param_hint=named) from None
