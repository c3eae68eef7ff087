"""A receiver of mail to be killed, on the store that the environment names. Says its port, then waits."""

from __future__ import annotations

import sys
import threading

import django

django.setup()

from kept.collection.mail.receiver import Listen, Receiver  # noqa: E402


def main():
    receiver = Receiver(Listen("lmtp", "127.0.0.1", 0))
    receiver.start()
    sys.stdout.write(f"{receiver.port}\n")
    sys.stdout.flush()
    threading.Event().wait()


main()
