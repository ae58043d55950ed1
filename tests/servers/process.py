"""A program in its own process group, awaited by condition, ended by process id."""

import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import weakref
from contextlib import ExitStack, suppress
from glob import glob
from pathlib import Path

START_TIMEOUT = 120
STOP_TIMEOUT = 15


class MissingProgram(Exception):
    """A program that a test needs is not installed."""


class ServerFailed(Exception):
    """A server stopped or did not answer during its start."""


def find_program(*names):
    """Return the path of the first of these programs that is installed."""
    # Debian keeps some servers out of the PATH of users, and all of PostgreSQL.
    folders = [
        os.environ.get("PATH", os.defpath),
        "/usr/local/sbin",
        "/usr/sbin",
        *sorted(glob("/usr/lib/postgresql/*/bin"), reverse=True),
    ]
    for name in names:
        if program := shutil.which(name, path=os.pathsep.join(folders)):
            return program
    raise MissingProgram(f"{' or '.join(names)} is not installed")


# Until a server listens, and while it is stopped, its port looks free to other test runs
# on this machine: they see that it is taken by a UDP socket on the same port.
reserved_ports = {}


def free_port():
    """Return an unused loopback port, and reserve it."""
    # Below the range of outgoing connections, none of which can then take the
    # port while its server is stopped.
    while True:
        address = "127.0.0.1", random.randrange(20_000, 32_000)
        with ExitStack() as stack, suppress(OSError):
            reservation = socket.socket(type=socket.SOCK_DGRAM)
            stack.enter_context(reservation).bind(address)
            stack.enter_context(socket.socket()).bind(address)
            reserved_ports[address[1]] = reservation.dup()
            return address[1]


def release_port(port):
    reserved_ports.pop(port).close()


def wait_until(condition, *, timeout=30.0, interval=0.02):
    """Wait for ``condition()`` and return its first true value."""
    deadline = time.monotonic() + timeout
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {timeout} s in vain for {condition}")
        time.sleep(interval)
    return value


class Server:
    """A program that listens on a loopback port and works in a temporary folder."""

    stop_signal = signal.SIGTERM
    kill_signal = signal.SIGKILL
    user = None
    working_directory = None
    in_use = weakref.WeakSet()

    def __init__(self):
        self.port = free_port()
        self.process = None

    def __str__(self):
        return f"{type(self).__name__} on port {self.port}"

    def __enter__(self):
        prefix = f"wagtail-live-{type(self).__name__.lower()}-"
        with ExitStack() as stack:
            self.folder = Path(
                stack.enter_context(tempfile.TemporaryDirectory(prefix=prefix))
            )
            self.log = self.folder / "log"
            self.prepare()
            stack.callback(self.close)
            self.start()
            self._resources = stack.pop_all()
        self.in_use.add(self)
        return self

    def __exit__(self, *exception):
        self.in_use.discard(self)
        self._resources.close()
        release_port(self.port)

    def prepare(self):
        """Fill the folder before the first start."""

    def command(self):
        raise NotImplementedError

    def environment(self):
        return dict(os.environ)

    def is_ready(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=2).close()
        except OSError:
            return False
        return True

    @property
    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def start(self):
        """Start the program and wait until it answers."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self.environment(),
                cwd=self.working_directory or self.folder,
                start_new_session=True,
                **as_user(self.user),
            )
        try:
            wait_until(self._has_started, timeout=START_TIMEOUT, interval=0.05)
        except TimeoutError:
            self._end_group()
            raise ServerFailed(self._report("did not answer")) from None

    def _has_started(self):
        if not self.is_running:
            raise ServerFailed(self._report(f"ended with {self.process.returncode}"))
        return self.is_ready()

    def terminate(self, timeout=STOP_TIMEOUT):
        """Ask the program to stop; return its exit code."""
        self.resume()
        self.send(self.stop_signal)
        return self.process.wait(timeout)

    def kill(self):
        """End the program at once, as in a crash."""
        self.send(self.kill_signal)
        self.process.wait(STOP_TIMEOUT)

    def restart(self):
        self.terminate()
        self.start()

    def pause(self):
        """Suspend the program, so that connections hang without closing."""
        self.send(signal.SIGSTOP)

    def resume(self):
        self.send(signal.SIGCONT)

    def send(self, number):
        os.killpg(self.process.pid, number)

    def close(self):
        """Stop the program and leave no process behind."""
        if self.is_running:
            with suppress(subprocess.TimeoutExpired):
                self.terminate()
        if self.process:
            self._end_group()

    def _end_group(self):
        with suppress(ProcessLookupError):
            self.send(signal.SIGKILL)
        self.process.wait()

    def last_lines(self, count=40):
        """Return the end of the program's output."""
        lines = self.log.read_text(errors="replace").splitlines()
        return "\n".join(lines[-count:])

    def _report(self, what):
        command = " ".join(map(str, self.command()))
        return f"{self} {what}: {command}\n{self.last_lines()}"


def as_user(name):
    """Return the arguments of ``subprocess`` that drop root privileges."""
    return {"user": name, "group": name, "extra_groups": []} if name else {}


def unprivileged_user(name):
    """Return the user whom a server's package created, or one that every system has."""
    users = {entry.pw_name for entry in pwd.getpwall()}
    return name if name in users else "nobody"
