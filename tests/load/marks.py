"""The mark in an update's text: its number and the time of publishing."""

import re
import time
from typing import NamedTuple

MARK = re.compile(r"\[(\d+)@(\d+)\]")
FILLER = "The ball goes left, and right, and left again. "


class Mark(NamedTuple):
    number: int
    published_at: int  # nanoseconds since the epoch, by the clock of this machine


def marked_text(number: int, size: int = 1000) -> str:
    """Return a text of ``size`` characters with its number and the current time."""
    mark = f"[{number}@{time.time_ns()}] "
    return (mark + FILLER * (size // len(FILLER) + 1))[: max(size, len(mark))]


def find_marks(text: str) -> list[Mark]:
    return [Mark(int(number), int(at)) for number, at in MARK.findall(text)]
