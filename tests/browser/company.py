"""The whole of it in one process: `kept run` on the demo company, which can be killed and started again."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from harness import Site, _free_port, _wait_until_it_answers
from playwright.sync_api import Page

PEOPLE = 14  # the known ten and a few others


@dataclass
class Company:
    site: Site
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self.site.data / "run.log").open("a") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "kept", "run"], env=self.site.environment, stdout=said, stderr=said
            )
        _wait_until_it_answers(self.site.url, self.process, self.site.data / "run.log")

    def kill(self) -> None:
        """As a power cut does: nothing is said to anybody, and the web server dies with it."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(timeout=60)

    def stop(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=30)

    def system(self, name: str) -> Path:
        return self.site.data / "demo" / f"{name}.sqlite3"

    def change(self, name: str, statement: str) -> None:
        """Something happens in a company's system while Kept runs."""
        with closing(sqlite3.connect(self.system(name), isolation_level=None, timeout=30)) as there:
            there.execute(statement)

    def dump(self, name: str) -> str:
        """All that a company's system holds, read past Kept."""
        with closing(sqlite3.connect(f"file:{self.system(name)}?mode=ro", uri=True)) as there:
            return "\n".join(there.iterdump())

    def faults(self) -> list[str]:
        """What the run logged as an error."""
        lines = (self.site.data / "run.log").read_text().splitlines()
        return [line for line in lines if line.startswith("{") and json.loads(line)["level"] == "error"]


@contextmanager
def at_work() -> Iterator[Company]:
    """The demo company in a folder of its own, running until the block ends."""
    data, port = Path(tempfile.mkdtemp(prefix="kept-company-")), _free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KEPT_")}
    environment |= {"KEPT_DATA": str(data), "KEPT_DEMO": "1", "KEPT_PORT": str(port)}
    environment |= {"DJANGO_SETTINGS_MODULE": "kept.site.settings"}
    company = Company(Site(f"http://localhost:{port}", data, environment))
    load = [sys.executable, "-m", "kept", "demo", "load", "--people", str(PEOPLE)]
    subprocess.run(load, env=environment, check=True, capture_output=True)
    company.start()
    try:
        yield company
    finally:
        company.stop()
        shutil.rmtree(data, ignore_errors=True)


def read_mail(page: Page, about: str) -> tuple[str, str]:
    """The newest mail of that subject in the demo's outbox: its six digits, and the link to the request."""
    page.goto("/outbox/")
    mail, end = page.get_by_role("link", name=re.compile(about)), time.monotonic() + 90
    while not mail.count():  # it is written by whoever works, a moment after what is seen
        assert time.monotonic() < end, page.locator("main").inner_text()
        time.sleep(0.5)
        page.reload()
    mail.first.click()
    page.wait_for_url(re.compile(r"/outbox/[0-9a-f-]{36}/"))
    text = page.locator("main").inner_text()
    code, link = re.search(r"\b(\d{3}) (\d{3})\b", text), re.search(r"http\S+(/requests/\S+/)", text)
    assert link, text
    return "".join(code.groups()) if code else "", link.group(1)


def wait_for(page: Page, words: str, seconds: float = 180) -> None:
    """Look again by the page's own link, as somebody without scripts does, until it says so."""
    end = time.monotonic() + seconds
    while words not in page.locator("main").inner_text():
        assert time.monotonic() < end, page.locator("main").inner_text()
        time.sleep(0.5)
        page.reload()
