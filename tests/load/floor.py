"""The cost of writing alone, a comparison for event streams."""

import sys

from tests.servers import MissingProgram, Server
from tests.servers.site import ROOT


class Floor(Server):
    """A loop over the readers, around a system call or a transport's ``write``."""

    working_directory = ROOT

    def __init__(self, way: str):
        super().__init__()
        self.way = way

    def prepare(self):
        try:
            import uvloop  # noqa: F401
        except ImportError:
            raise MissingProgram("uvloop is not installed") from None

    def command(self):
        module = "tests.load.sites.floor"
        return [sys.executable, "-m", module, str(self.port), self.way]
