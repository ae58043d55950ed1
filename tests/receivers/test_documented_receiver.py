"""The example in docs/receivers.md works as printed."""

import re
import sys
from pathlib import Path
from types import ModuleType

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "receivers.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```", DOCUMENT.read_text(), re.M | re.S)
RECEIVER, TESTS = (block for block in BLOCKS if "class Scoreboard" in block)


def run(name, code):
    """Execute the code as an importable module."""
    module = sys.modules[name] = ModuleType(name)
    exec(compile(code, f"{DOCUMENT.name}: {name}", "exec"), module.__dict__)
    return module


run("scoreboard", RECEIVER)
ScoreboardTests = run("scoreboard_tests", TESTS).ScoreboardTests


def test_the_example_has_some_forty_lines():
    lines = [line for line in RECEIVER.splitlines() if line.strip()]
    assert len(lines) <= 40
