"""A change of one behaviour is read in few files."""

import subprocess
import sys

import pytest

from scripts.import_graph import ROOT


@pytest.mark.parametrize("option", ["-v", "--hub"])
def test_an_action_runs_through_few_files(option):
    command = [sys.executable, "scripts/count_files.py", option]
    result = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
