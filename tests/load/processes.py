"""The resources that a server's processes use, as counted by the kernel."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PAGE_SIZE = os.sysconf("SC_PAGE_SIZE")
SERVER_CORE, CLIENT_CORE = 0, min(1, (os.cpu_count() or 1) - 1)


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """Keep this process, and all that it starts, on one core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


class Processes:
    """The processes of a server: its process group."""

    def __init__(self, group: int):
        self.ids = [pid for pid in all_processes() if group_of(pid) == group]

    @property
    def cpu_time(self) -> int:
        """Return their CPU time in nanoseconds, in user and system mode."""
        return sum(time.clock_gettime_ns(cpu_clock(pid)) for pid in self.ids)

    @property
    def resident(self) -> int:
        """Return their memory in bytes."""
        return (
            sum(int(self._read(pid, "statm").split()[1]) for pid in self.ids)
            * PAGE_SIZE
        )

    @property
    def threads(self) -> int:
        return sum(len(os.listdir(f"/proc/{pid}/task")) for pid in self.ids)

    @property
    def descriptors(self) -> int:
        return sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in self.ids)

    def _read(self, pid: int, name: str) -> str:
        return Path(f"/proc/{pid}/{name}").read_text()


def all_processes() -> Iterator[int]:
    return (int(name) for name in os.listdir("/proc") if name.isdigit())


def group_of(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None


def cpu_clock(pid: int) -> int:
    """The clock that ``clock_getcpuclockid`` names: of a process with all its threads,
    the ended ones, too."""
    return (~pid << 3) | 2
