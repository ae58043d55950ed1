"""A server's worker sends its readers away before it stops."""

import subprocess
import sys

import pytest

from tests.servers.site import ROOT

WORKER = """
import os, signal, time
import django
django.setup()
from wagtail_live.delivery.hub import get_hub
from wagtail_live.delivery.shutdown import drain_on_sigterm

drain_on_sigterm()
if FORKS and (worker := os.fork()):
    raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1]))
stops = []
if FORKS:
    signal.signal(signal.SIGTERM, lambda *_: stops.append("server"))
drain_on_sigterm()
drain_on_sigterm()
os.kill(os.getpid(), signal.SIGTERM)
for _ in range(100):
    if get_hub().is_draining:
        break
    time.sleep(0.05)
os._exit(0 if get_hub().is_draining and stops == ["server"] * FORKS else 1)
"""


@pytest.mark.parametrize(
    ("forks", "status"),
    [(0, -15), (1, 0)],
    ids=["without a handler of its own", "forked, with a handler of its own"],
)
def test_a_worker(forks, status):
    script = f"FORKS = {forks}\n{WORKER}"
    command = [sys.executable, "-c", script]
    worker = subprocess.run(command, cwd=ROOT, check=False)
    assert worker.returncode == status
