"""Sends readers away when the server is told to stop.

uvicorn and granian wait for open streams for ever by default, and tell the application
nothing before the last stream has ended.
"""

from __future__ import annotations

import signal
import threading

from .hub import get_hub

SPREAD = 3.0  # seconds over which readers leave, so that they don't return all at once

_is_installed = False


def drain_on_sigterm() -> None:
    """Handle SIGTERM, once, before the server's own handler does."""
    global _is_installed
    if _is_installed or threading.current_thread() is not threading.main_thread():
        return
    _is_installed = True
    server_handler = signal.getsignal(signal.SIGTERM)

    def drain_and_stop(signum, frame):
        # Not here: the interrupted code may hold the hub's lock.
        threading.Thread(target=get_hub().drain, args=[SPREAD], daemon=True).start()
        if callable(server_handler):
            server_handler(signum, frame)
        elif server_handler == signal.SIG_DFL:
            signal.signal(signum, signal.SIG_DFL)
            signal.raise_signal(signum)

    signal.signal(signal.SIGTERM, drain_and_stop)
