"""nginx in front of a site, with the documented configuration."""

import os
import re
import urllib.request
from pathlib import Path

from tests.servers.process import Server, find_program, free_port, release_port

DOCUMENTATION = Path(__file__).resolve().parents[2] / "docs"
CONFIGURATION = """\
daemon off;
worker_processes {workers};
worker_rlimit_nofile {descriptors};
pid {folder}/pid;
error_log stderr error;
{modules}
{user}
events {{
    worker_connections {connections};
}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{status_port};
        stub_status;
    }}
    {documented}
}}
"""


class Nginx(Server):
    """A proxy that caches the responses of the server on another port.

    ``edits`` change the documented configuration.
    """

    page = "publishers-and-buses.md"
    has_cache = True
    workers = 1
    connections = 4096

    def __init__(self, site_port, edits=None):
        super().__init__()
        self.site_port = site_port
        self.edits = edits or {}
        self.status_port = free_port()

    def __exit__(self, *exception):
        super().__exit__(*exception)
        release_port(self.status_port)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def prepare(self):
        self.configuration = self.folder / "nginx.conf"
        self.configuration.write_text(
            CONFIGURATION.format(
                folder=self.folder,
                status_port=self.status_port,
                workers=self.workers,
                connections=self.connections,
                descriptors=2 * self.connections,
                modules=self.load_modules(),
                documented=self._documented(),
                user="user root;" if os.geteuid() == 0 else "",
            )
        )

    def command(self):
        program = find_program("nginx")
        return [program, "-e", "stderr", "-c", str(self.configuration)]

    def count_requests(self):
        """Return the number of requests that wait for a response."""
        url = f"http://127.0.0.1:{self.status_port}/"
        with urllib.request.urlopen(url, timeout=5) as status:
            (writing,) = re.findall(r"Writing: (\d+)", status.read().decode())
        return int(writing) - 1  # this one

    def load_modules(self):
        return ""

    def here(self):
        """Return what stands here in place of a part of the documentation."""
        here = {
            "127.0.0.1:8000": f"127.0.0.1:{self.site_port}",
            "listen 80;": f"listen 127.0.0.1:{self.port} backlog=4096;",
        }
        if self.has_cache:
            here["/var/cache/nginx/live"] = f"{self.folder}/cache"
        return here

    def _documented(self):
        text = (DOCUMENTATION / self.page).read_text()
        (block,) = re.findall("```nginx\n(.*?)```", text, flags=re.DOTALL)
        for written, here in {**self.edits, **self.here()}.items():
            assert block.count(written) == 1, written
            block = block.replace(written, here)
        return block
