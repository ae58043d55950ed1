"""All that people do works on a site with a user model and an image model of its own."""

import os
import subprocess
import sys

from tests.servers.site import ROOT

SCENARIOS = "tests/ownmodels/reporting.py"
SETTINGS = "tests.ownmodels.settings"


def test_a_site_with_users_and_images_of_its_own():
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--ds", SETTINGS, SCENARIOS],
        cwd=ROOT,
        env={**os.environ, "TEST_DATABASE_URL": "sqlite://"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
