"""`kept run`: everything in one command. `kept web` and `kept worker`: its halves, for PostgreSQL and many hosts."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from kept.cli.process import Busy, die_with, only_one, port_is_free, stop_on_signals

if TYPE_CHECKING:
    from kept.collection.mail.receiver import Receiver

app = typer.Typer()


@app.command()
def run() -> None:
    """Run the site, its worker and its schedule, until Ctrl-C.

    The site answers on this machine only (127.0.0.1), at KEPT_PORT. Data is kept in KEPT_DATA.
    """
    from kept.cli.store import migrate_store, open_store, pass_checks

    open_store()
    from django.conf import settings

    pass_checks()
    try:
        with only_one(Path(settings.DATA) / "run.lock"):
            _port_or_exit(settings.PORT)
            migrate_store()
            _run_all(settings.PORT, settings.HOST, settings.SITE_URL)
    except Busy:
        _refuse(f"another `kept run` uses {settings.DATA} already. Stop it first, or set KEPT_DATA.")


def _run_all(port: int, host: str, url: str) -> None:
    from django.db import connections

    from kept.cli.supervise import WebChild, wait_until_ready
    from kept.work.worker import Worker, WorkerFailed

    connections.close_all()
    stop = threading.Event()
    stop_on_signals(stop)
    receiver = _receiver_or_exit()
    child = WebChild(port)
    failed: list[WorkerFailed] = []

    def work() -> None:
        try:
            Worker(stop).run()
        except WorkerFailed as problem:
            failed.append(problem)

    worker = threading.Thread(target=work)
    worker.start()

    def tell() -> None:
        if wait_until_ready(port, host, stop):
            typer.echo(f"Kept answers on {url}   (stop: Ctrl-C)")
        elif not stop.is_set():
            typer.echo("kept: the site does not answer. The lines above say why.", err=True)

    threading.Thread(target=tell, daemon=True).start()
    child.keep_alive(stop)
    if receiver is not None:
        receiver.stop()
    child.stop()
    worker.join()
    _end(1 if failed else 0)


@app.command()
def web(
    port: Annotated[int | None, typer.Option(hidden=True)] = None,
    parent: Annotated[int | None, typer.Option(hidden=True)] = None,
    pipe: Annotated[int | None, typer.Option(hidden=True)] = None,
) -> None:
    """Answer requests only. Needs `kept worker` beside it, and PostgreSQL."""
    if parent is not None:
        os.umask(0o077)
        die_with(parent, pipe)
    else:
        port = _open_half("web")
        _port_or_exit(port)
    from kept.cli.web import serve

    serve(port or 8000, pipe)


@app.command()
def worker() -> None:
    """Do the waiting work only. Run as many as you like, on any hosts; needs PostgreSQL."""
    _open_half("worker")
    from kept.work.worker import Worker, WorkerFailed

    stop = threading.Event()
    stop_on_signals(stop)
    receiver = _receiver_or_exit()
    typer.echo("Kept works. (stop: Ctrl-C)")
    failed = 0
    try:
        Worker(stop).run()
    except WorkerFailed:
        failed = 1
    if receiver is not None:
        receiver.stop()
    _end(failed)


def _open_half(name: str) -> int:
    """Open the store for one half of Kept; ends unless that is PostgreSQL. Returns the port of the site."""
    from kept.cli.store import migrate_store, open_store, pass_checks

    open_store()
    from django.conf import settings
    from django.db import connection, connections

    if connection.vendor != "postgresql":
        _refuse(f"`kept {name}` needs PostgreSQL (KEPT_DATABASE_URL). With SQLite, `kept run` does everything.")
    pass_checks()
    migrate_store()
    connections.close_all()
    port: int = settings.PORT
    return port


def _port_or_exit(port: int) -> None:
    if not port_is_free(port):
        _refuse(f"port {port} is in use. Stop what listens there, or set KEPT_PORT.")


def _receiver_or_exit() -> Receiver | None:
    """The built-in mail server, if KEPT_MAIL_LISTEN wants one."""
    from kept.collection.mail.receiver import BadListen, start_receiver

    try:
        return start_receiver()
    except BadListen as problem:
        _refuse(str(problem))
    except OSError as problem:
        _refuse(f"KEPT_MAIL_LISTEN cannot be listened at: {problem.strerror or type(problem).__name__}.")


def _refuse(words: str) -> NoReturn:
    typer.echo(f"kept: {words}", err=True)
    raise typer.Exit(1)


def _end(code: int) -> None:
    """Leave at once: a step that did not end in time lost its lease, and must not go on."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
