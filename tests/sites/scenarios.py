"""Tests of a site with other settings, in a process of their own."""

import os
import subprocess
import sys

from django.db import connection

from tests.servers.site import ROOT

DATABASES = {"postgresql": "postgres://", "mysql": "mysql://"}


def run_scenarios(
    paths: str | list[str], settings: str, *, on_every_database: bool = False
) -> None:
    """Run tests with these settings, on SQLite or on a database of the kind that is being
    tested; fail with their output. With ``TEST_WITHOUT_BROWSER`` those in the browser are
    left out."""
    paths = [paths] if isinstance(paths, str) else paths
    url = DATABASES.get(connection.vendor) if on_every_database else None
    chosen = ["-m", "not browser"] if "TEST_WITHOUT_BROWSER" in os.environ else []
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--ds", settings, *chosen, *paths],
        cwd=ROOT,
        env={**os.environ, "TEST_DATABASE_URL": url or "sqlite://"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
