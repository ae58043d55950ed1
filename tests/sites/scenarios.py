"""Tests of a site with other settings, in a process of their own."""

import os
import subprocess
import sys

from tests.servers.site import ROOT


def run_scenarios(paths: str | list[str], settings: str) -> None:
    """Run tests with these settings, on SQLite; fail with their output."""
    paths = [paths] if isinstance(paths, str) else paths
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--ds", settings, *paths],
        cwd=ROOT,
        env={**os.environ, "TEST_DATABASE_URL": "sqlite://"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
