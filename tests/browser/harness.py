"""A real browser on a real site: the demo, served by its own process from its own data folder."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from playwright.sync_api import Page

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
AXE = Path(__file__).parent.parent / "vendor/axe-core/axe.min.js"
MIGRATE = "from django.core.management import call_command; call_command('migrate', verbosity=0)\n"
CAST = """
from django.utils import timezone
from kept.people.actions import make_demo_cast
from kept.terms import Actor
make_demo_cast(by=Actor.kept(), at=timezone.now())
from kept.policy.actions import running_version
from kept.policy.keepers import all_keepers
from kept.policy.looking import look_at_all
running_version(by=Actor.kept(), at=timezone.now())
look_at_all(all_keepers(), by=Actor.kept())
"""


@dataclass(frozen=True)
class Site:
    url: str
    data: Path
    environment: dict[str, str]

    def run(self, code: str) -> str:
        """Run Python beside the server, on the same data, with Django ready. Returns what it prints."""
        command = [sys.executable, "-c", f"import django; django.setup()\n{code}"]
        ran = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout


@contextmanager
def serve(prepare: str = CAST, **settings: str) -> Iterator[Site]:
    """The site on a free port, with fresh tables and what `prepare` puts into them, until the block ends."""
    data, port = Path(tempfile.mkdtemp(prefix="kept-site-")), _free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KEPT_")}
    environment |= {"KEPT_DATA": str(data), "KEPT_DEMO": "1", "KEPT_PORT": str(port)}
    environment |= {"DJANGO_SETTINGS_MODULE": "kept.site.settings"} | settings
    site, log = Site(f"http://localhost:{port}", data, environment), data / "server.log"
    site.run(MIGRATE + prepare)
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    with log.open("w") as said:
        server = subprocess.Popen(
            [*command, "kept.site.wsgi:application"], env=environment, stdout=said, stderr=said, start_new_session=True
        )
    try:
        _wait_until_it_answers(site.url, server, log)
        yield site
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=60)
        shutil.rmtree(data, ignore_errors=True)


def sign_in(page: Page, name: str) -> None:
    """As one of the cast, by the demo's button."""
    page.goto("/account/login/")
    page.get_by_role("button", name=name).click()
    page.wait_for_url("**/client-area/")


def violations(page: Page) -> list[str]:
    """What axe-core finds on the page shown, by every rule it has: one line for each rule and element.

    Where the person's system sets the colours, their contrast is not ours.
    """
    page.evaluate(_axe())
    found = page.evaluate(
        """async () => (await axe.run(document, {
             resultTypes: ["violations"],
             rules: {"color-contrast": {enabled: !matchMedia("(forced-colors: active)").matches}},
           })).violations"""
    )
    return [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]]


def spills(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@lru_cache
def _axe() -> str:
    return AXE.read_text()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait_until_it_answers(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 180
    while time.monotonic() < until:
        assert server.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=10):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"the site did not answer:\n{log.read_text()}")
