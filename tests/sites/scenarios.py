"""Tests of a site with other settings, which need a process of their own."""

import os
import subprocess
import sys

from tests.servers.site import ROOT


def run_scenarios(path: str, settings: str) -> None:
    """Run a file of tests with these settings, on SQLite; fail with what it says."""
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--ds", settings, path],
        cwd=ROOT,
        env={**os.environ, "TEST_DATABASE_URL": "sqlite://"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
