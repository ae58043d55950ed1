"""Pushpin in front of a site, with the documented configuration."""

import os
import re
import signal
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path

from tests.servers.process import (
    Server,
    find_program,
    free_port,
    release_port,
    wait_until,
)

DOCUMENTATION = Path(__file__).resolve().parents[2] / "docs/push-engines.md"
KEY = "only-for-the-tests-but-long-enough-for-HS256"
LIBRARIES = Path("/usr/lib/pushpin")
# Here Pushpin starts zurl itself, where Debian has a service for it.
SERVICES = "services=condure,zurl,pushpin-proxy,pushpin-handler"


class Pushpin(Server):
    """A proxy that holds the connections of the server on another port."""

    def __init__(self, site_port, edits=None):
        super().__init__()
        self.site_port = site_port
        self.edits = edits or {}
        self.control_port = free_port()
        self.other_ports = [free_port() for _ in range(3)]

    def __exit__(self, *exception):
        super().__exit__(*exception)
        for port in (self.control_port, *self.other_ports):
            release_port(port)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def settings(self):
        """The settings with which the site knows this engine."""
        control_uri = f"http://127.0.0.1:{self.control_port}"
        return {
            "WAGTAIL_LIVE_GRIP": {
                "control_uri": control_uri,
                "key": KEY,
                "verify_iss": "pushpin",
            }
        }

    def prepare(self):
        find_program("zurl")
        internal = (LIBRARIES / "internal.conf").read_text()
        ours = internal.replace("ipc:///var/run/zurl/", "ipc://{rundir}/{ipc_prefix}")
        (self.folder / "internal.conf").write_text(ours)
        self.configuration = self.folder / "pushpin.conf"
        self.configuration.write_text(self._documented("ini", self._here()))
        site = {"localhost:8000": f"127.0.0.1:{self.site_port}"}
        (self.folder / "routes").write_text(self._documented("text", site))

    def command(self):
        return [
            *(find_program("pushpin"), "--config", str(self.configuration)),
            "--merge-output",
        ]

    def is_ready(self):
        """Return whether the site can be reached through it, and its control port."""
        return all(map(answers, (self.url, f"http://127.0.0.1:{self.control_port}/")))

    def kill(self):
        """Kill it and the programs that it has started, each in a group of its own."""
        started = find_children(self.process.pid)
        super().kill()
        for pid in started:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not any(map(is_running, started)))

    def _here(self):
        push, sub, command = self.other_ports
        return {
            "include={libdir}/internal.conf": f"include={self.folder}/internal.conf",
            "rundir=/run/pushpin": f"rundir={self.folder}",
            "services=condure,pushpin-proxy,pushpin-handler": SERVICES,
            "http_port=7999": f"http_port=127.0.0.1:{self.port}",
            "logdir=/var/log/pushpin": f"logdir={self.folder}",
            "sig_key=…": f"sig_key={KEY}",
            "127.0.0.1:5560": f"127.0.0.1:{push}",
            "push_in_http_port=5561": f"push_in_http_port={self.control_port}",
            "127.0.0.1:5562": f"127.0.0.1:{sub}",
            "127.0.0.1:5563": f"127.0.0.1:{command}",
        }

    def _documented(self, language, edits):
        (block,) = re.findall(
            f"```{language}\n(.*?)```", DOCUMENTATION.read_text(), flags=re.DOTALL
        )
        for written, here in {**edits, **self.edits}.items():
            if written in block or written not in self.edits:
                assert block.count(written) == 1, written
                block = block.replace(written, here)
        return block


def answers(url):
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False


def find_children(pid):
    """Return the process ids of the programs that a process has started."""
    return [
        int(child)
        for task in Path(f"/proc/{pid}/task").iterdir()
        for child in (task / "children").read_text().split()
    ]


def is_running(pid):
    """Return whether a process runs, other than one that has ended and waits for init."""
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2][:3]
    except FileNotFoundError:
        return False
