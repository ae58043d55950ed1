"""Reporters in processes, started by a test that reads their journal."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.faults.journal import Entry, Journal
from tests.servers import wait_until

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60  # seconds


@dataclass
class Assignment:
    """The tasks of the reporters; times are in seconds.

    ``clocks`` has, for each reporter in turn, the error of their clock before and after
    it is set.
    """

    channel_id: str
    reporters: int = 1
    changes: int | None = None
    pause: float = 0.1
    size: int = 300
    only_publish: bool = False
    clocks: tuple[tuple[float, ...], ...] = ((0.0,),)


class Newsroom:
    """Reporters in processes that end with the block."""

    def __init__(self, variables: dict, settings: dict, folder: Path, assignment):
        self._output = folder / f"journal-of-{assignment.channel_id}"
        self._environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "TEST_SETTINGS": json.dumps(settings),
            **variables,
        }
        self._assignment = json.dumps(asdict(assignment))

    def __enter__(self) -> Newsroom:
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.reporter", self._assignment],
                stdout=output,
                env=self._environment,
                cwd=ROOT,
                start_new_session=True,
            )
        return self

    def __exit__(self, *exception) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def wait_for(self, changes: int) -> None:
        """Wait until they have made this many changes."""
        wait_until(lambda: self._has_made(changes), timeout=PATIENCE)

    def _has_made(self, changes: int) -> bool:
        has_ended = self._process.poll() is not None
        made = self.count()
        assert made >= changes or not has_ended, "the reporters have ended"
        return made >= changes

    def count(self) -> int:
        """Return the number of changes so far."""
        return self._output.read_bytes().count(b"\n")

    def finish(self) -> Journal:
        """Wait until they have made all their changes; return their journal."""
        assert self._process.wait(PATIENCE) == 0
        return Journal(Entry(*line[:3]) for line in self._lines())

    def stop(self) -> Journal:
        """Tell them to stop after the change that they are making."""
        os.killpg(self._process.pid, signal.SIGTERM)
        return self.finish()

    @property
    def longest_wait(self) -> float:
        """Return the duration of the slowest change, in seconds."""
        return max(line[3] for line in self._lines())

    def _lines(self) -> list[list]:
        return [json.loads(line) for line in self._output.read_text().splitlines()]
