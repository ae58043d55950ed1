"""nginx with nchan in front of a site, with the documented configuration."""

from glob import glob

from tests.servers.nginx import Nginx
from tests.servers.process import MissingProgram, free_port, release_port

MODULES = "/usr/*/nginx/modules/ngx_nchan_module.so"


class NginxWithNchan(Nginx):
    """A proxy that holds the event streams of the server on another port."""

    page = "nchan.md"
    has_cache = False
    key = "only-for-the-tests"

    def __init__(self, site_port, edits=None, *, workers=1, connections=4096):
        super().__init__(site_port, edits)
        self.workers = workers
        self.connections = connections
        self.publish_port = free_port()

    def __exit__(self, *exception):
        super().__exit__(*exception)
        release_port(self.publish_port)

    @property
    def publish_url(self):
        return f"http://127.0.0.1:{self.publish_port}/publish"

    @property
    def settings(self):
        """The settings with which the site knows this engine."""
        engine = {"publish_url": self.publish_url, "key": self.key}
        return {"WAGTAIL_LIVE_NCHAN": engine}

    def load_modules(self):
        modules = glob(MODULES)
        if not modules:
            raise MissingProgram("libnginx-mod-nchan is not installed")
        return f"load_module {modules[0]};"

    def here(self):
        return {
            **super().here(),
            "127.0.0.1:8090": f"127.0.0.1:{self.publish_port}",
            "a long random key": self.key,
        }
