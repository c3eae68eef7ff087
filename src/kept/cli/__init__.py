"""The command line. Thin: each command reads its words, calls a room below, and tells what came of it.

Exit codes: 0 done, 1 not done, 2 wrong usage, 3 cannot tell. A command's module is imported only when it is asked
for, so that the engine's commands start without the web and without any set-up.
"""

from __future__ import annotations

import sys
import traceback
from importlib import import_module
from types import TracebackType

import typer

MODULES = {
    "run": "kept.cli.run",
    "web": "kept.cli.run",
    "worker": "kept.cli.run",
    "check": "kept.cli.check",
    "clock": "kept.cli.clock",
    "staff": "kept.cli.staff",
    "inbox": "kept.cli.inbox",
    "api": "kept.cli.api",
    "drp": "kept.cli.drp",
    "ledger": "kept.cli.ledger",
    "evidence": "kept.cli.evidence",
    "demo": "kept.cli.demo",
    "policy": "kept.cli.policy",
    "vault": "kept.cli.vault",
    "backup": "kept.cli.backup",
    "restore": "kept.cli.restore",
    "replay": "kept.cli.replay",
    "system": "kept.cli.engine",
    "find": "kept.cli.engine",
    "answer": "kept.cli.engine",
}


def main(arguments: list[str] | None = None) -> int:
    """Run one command. Returns the exit code."""
    sys.excepthook = tell_fault
    words = sys.argv[1:] if arguments is None else arguments
    asked = MODULES.get(words[0]) if words else None
    app = application([asked] if asked else sorted(set(MODULES.values())))
    try:
        typer.main.get_command(app)(words, prog_name="kept")  # Typer's own way in would take the hook away
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def application(modules: list[str]) -> typer.Typer:
    app = typer.Typer(
        help="Runs a privacy policy: people's rights executed across a company's real systems, and proven.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,  # it would print the values of variables
        rich_markup_mode=None,
    )

    @app.callback(invoke_without_command=True)
    def kept(version: bool = typer.Option(False, "--version", help="Show the version.")) -> None:
        if version:
            from kept import __version__

            typer.echo(f"kept {__version__}")
            raise typer.Exit

    for module in modules:
        app.add_typer(import_module(module).app)
    return app


def tell_fault(kind: type[BaseException], fault: BaseException, trace: TracebackType | None) -> None:
    """An unforeseen fault, told by its kind and place. Its text could hold somebody's data, so it is not shown."""
    if issubclass(kind, KeyboardInterrupt):
        typer.echo("Stopped.", err=True)
        return
    typer.echo(f"kept: an unforeseen fault, {kind.__name__}, at:", err=True)
    for frame in traceback.extract_tb(trace)[-8:]:
        typer.echo(f"  {frame.filename}:{frame.lineno} in {frame.name}", err=True)
