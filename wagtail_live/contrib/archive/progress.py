"""The progress of a command, for people who wait and for logs."""

from __future__ import annotations

from typing import Any

WIDTH = 30  # characters of the bar
STEPS = 10  # lines in a log


class Progress:
    """A bar in a terminal, and elsewhere a line for each tenth. ``total`` is 0 if it is not
    known."""

    def __init__(self, stream: Any, verb: str, total: int) -> None:
        self._stream, self._verb, self._total = stream, verb, total
        self._is_terminal = bool(getattr(stream, "isatty", lambda: False)())
        self._done = self._shown = 0

    def add(self, count: int = 1) -> None:
        self._done += count
        if self._is_terminal:
            self._draw()
        elif self._total and self._step() > self._shown:
            self._shown = self._step()
            self._stream.write(f"{self._verb}: {self._done} of {self._total}\n")

    def finish(self) -> None:
        if self._is_terminal:
            self._stream.write("\n")

    def _step(self) -> int:
        return self._done * STEPS // max(self._total, 1)

    def _draw(self) -> None:
        if not self._total:
            text = f"{self._verb}: {self._done}"
        else:
            filled = min(WIDTH, self._done * WIDTH // self._total)
            bar = "#" * filled + "." * (WIDTH - filled)
            text = f"{self._verb} [{bar}] {self._done} of {self._total}"
        self._stream.write(f"\r{text}", ending="")
        self._stream.flush()
