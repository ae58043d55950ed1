"""Disconnection of readers when the server stops.

By default, uvicorn and granian wait forever for open streams, and don't tell the
application before the last stream has ended.
"""

from __future__ import annotations

import signal
import threading

from ..background import after_fork
from .hub import get_hub

DRAIN_TIME = 3.0  # seconds, so that readers don't reconnect all at once

_is_installed = threading.Event()
after_fork(_is_installed.clear)  # servers replace the handlers in their workers


def drain_on_sigterm() -> None:
    """Install a SIGTERM handler, once in a process, that runs before the server's own."""
    if _is_installed.is_set():
        return
    if threading.current_thread() is not threading.main_thread():
        return
    _is_installed.set()
    server_handler = signal.getsignal(signal.SIGTERM)

    def drain_and_stop(signum, frame):
        # In a thread, because the interrupted code may hold the hub's lock.
        threading.Thread(target=get_hub().drain, args=[DRAIN_TIME], daemon=True).start()
        if callable(server_handler):
            server_handler(signum, frame)
        elif server_handler == signal.SIG_DFL:
            signal.signal(signum, signal.SIG_DFL)
            signal.raise_signal(signum)

    signal.signal(signal.SIGTERM, drain_and_stop)
