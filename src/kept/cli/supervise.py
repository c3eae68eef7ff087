"""`kept run`'s child: the web server, started again when it ends by itself, never left behind."""

from __future__ import annotations

import http.client
import logging
import os
import subprocess
import sys
import threading
import time
from contextlib import suppress

log = logging.getLogger(__name__)

FIRST_WAIT = 0.5
LONGEST_WAIT = 30.0
STEADY_SECONDS = 60.0  # a child that ran so long starts with the shortest wait again
STOP_SECONDS = 10.0
READY_SECONDS = 60.0


class WebChild:
    """Start it from the main thread only: Linux ends a child with the thread that started it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._pipe, self._held_open = os.pipe()  # the child sees the pipe end when we end, however we end
        self._wait = FIRST_WAIT
        self._start()

    def _start(self) -> None:
        self._started = time.monotonic()
        command = [sys.executable, "-m", "kept", "web", "--port", str(self.port)]
        self._process = subprocess.Popen(  # noqa: S603  (our own program and two numbers)
            [*command, "--parent", str(os.getpid()), "--pipe", str(self._pipe)],
            pass_fds=[self._pipe],
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C reaches us, and we stop it in order
        )

    def keep_alive(self, stop: threading.Event) -> None:
        """Until `stop`: start the child again when it ends, waiting longer each time."""
        while not stop.is_set():
            try:
                self._process.wait(timeout=0.25)
            except subprocess.TimeoutExpired:
                continue
            if time.monotonic() - self._started > STEADY_SECONDS:
                self._wait = FIRST_WAIT
            log.error("The web server ended; it is started again.", extra={"seconds": self._wait})
            if stop.wait(self._wait):
                return
            self._wait = min(2 * self._wait, LONGEST_WAIT)
            self._start()

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._pipe)
        os.close(self._held_open)


def wait_until_ready(port: int, host: str, stop: threading.Event) -> bool:
    """True once the site answers; False when it does not in a minute, or `stop` is set."""
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end and not stop.wait(0.05):
        with suppress(OSError, http.client.HTTPException):
            asked = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            asked.request("GET", "/healthz", headers={"Host": host})
            answer = asked.getresponse().status
            asked.close()
            return answer == 200
    return False
