#!/usr/bin/env python
"""Set up the demo site, serve it and play the event; Ctrl+C stops it."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

DEMO = Path(__file__).resolve().parent
HOST = "127.0.0.1"
START_UP = 60  # seconds until the server must answer
SHUT_DOWN = 10  # seconds until a process must have ended

MESSAGE = """
  Live page     http://{host}:{port}/ternen-4/
  A match       http://{host}:{port}/harbour-cup/
  Ended         http://{host}:{port}/rehearsal/
  Embedded      http://localhost:{port}/partner/
  Home page     http://{host}:{port}/
  Admin         http://{host}:{port}/admin/
  Users         admin, password: demo-admin
                reporter, password: demo-reporter
  API           http://{host}:{port}/wagtail_live/api/v1/openapi.json

The launch event is running and takes about {minutes:.0f} minutes.
Open the live page and watch new posts appear. Press Ctrl+C to stop the demo.
"""
EVENT_MINUTES = 9.5


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--speed", type=float, default=1, help="speed of the event")
    options = parser.parse_args()
    if not is_free(options.port):
        print(
            f"Port {options.port} on {HOST} is in use, perhaps by another demo. Stop it, "
            "or choose another port: demo/run.py --port 8001",
            file=sys.stderr,
        )
        return 1
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, lambda *_: sys.exit(0))
    try:
        return run(options.port, options.speed)
    except KeyboardInterrupt:
        return 0


def run(port: int, speed: float) -> int:
    print("Setting up …", flush=True)
    for command in (["migrate", "--verbosity=0"], ["setup_demo", f"--port={port}"]):
        with process("manage.py", *command) as step:
            if step.wait():
                return step.returncode
    server = ("-m", "uvicorn", "asgi:application", f"--host={HOST}", f"--port={port}")
    play = ("manage.py", "play_event", "--reset", f"--speed={speed}")
    with ExitStack() as stack:
        served = stack.enter_context(
            process(*server, "--log-level=warning", "--timeout-graceful-shutdown=3")
        )
        wait_for(served, port)
        stack.enter_context(process(*play, stdout=subprocess.DEVNULL))
        minutes = EVENT_MINUTES / speed
        print(MESSAGE.format(host=HOST, port=port, minutes=minutes), flush=True)
        return served.wait()


@contextmanager
def process(*arguments: str, stdout=None):
    """Run a Python process in its own group, so that Ctrl+C only reaches this one."""
    running = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=DEMO,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "settings"},
        stdout=stdout,
        process_group=0,
    )
    try:
        yield running
    finally:
        running.terminate()
        try:
            running.wait(SHUT_DOWN)
        except subprocess.TimeoutExpired:
            running.kill()


def wait_for(server: subprocess.Popen, port: int) -> None:
    deadline = time.monotonic() + START_UP
    while server.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    sys.exit("The server did not start.")


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
