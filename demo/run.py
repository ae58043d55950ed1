#!/usr/bin/env python
"""Sets the demo site up, serves it, and plays the event into it; Ctrl+C ends it."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

DEMO = Path(__file__).resolve().parent
MANAGE = [sys.executable, str(DEMO / "manage.py")]
HOST = "127.0.0.1"

ADDRESSES = """
  The live page       http://{host}:{port}/ternen-4/
  The front page      http://{host}:{port}/
  The admin           http://{host}:{port}/admin/
  Sign in as          admin / demo-admin, or reporter / demo-reporter

An event of about 8 minutes is being played into the live page. Ctrl+C ends the demo.
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--speed", type=float, default=1, help="of the event")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if not is_free(options.port):
        print(f"Port {options.port} is taken; choose another one with --port.")
        return 1
    subprocess.run([*MANAGE, "migrate", "--verbosity=0"], check=True)
    subprocess.run([*MANAGE, "setup_demo"], check=True)
    return serve(options.port, options.speed)


def serve(port: int, speed: float) -> int:
    server_command = ["-m", "uvicorn", "newsroom.asgi:application", "--host", HOST]
    server = subprocess.Popen(
        [sys.executable, *server_command, f"--port={port}", "--log-level=warning"],
        cwd=DEMO,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "newsroom.settings"},
    )
    play = [*MANAGE, "play_event", "--reset", f"--speed={speed}"]
    event = subprocess.Popen(play, stdout=subprocess.DEVNULL)
    print(ADDRESSES.format(host=HOST, port=port), flush=True)
    try:
        return server.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        for process in (event, server):
            process.terminate()
            process.wait()


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


if __name__ == "__main__":
    sys.exit(main())
