"""A site that ``wagtail start`` creates, migrated as it is before wagtail_live comes."""

import os
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path

from tests.servers.process import Server
from tests.servers.site import ROOT

WAGTAIL = "from wagtail.bin.wagtail import main; main()"


class StartedSite:
    """The site in a folder; ``StartedSite.create(folder)`` makes a new one.

    It runs this repository's package in the environment of the tests, or with ``python`` the
    package that is installed there.
    """

    def __init__(self, folder: Path, python: Path | None = None):
        self.folder = folder
        self.python = python

    @classmethod
    def create(cls, folder: Path, python: Path | None = None) -> "StartedSite":
        site = cls(folder, python)
        site.run("-c", WAGTAIL, "start", "mysite", ".")
        site.manage("migrate", "--verbosity=0")
        return site

    def copy(self, folder: Path) -> "StartedSite":
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return StartedSite(folder, self.python)

    def run(self, *arguments: str) -> str:
        """Run Python in the folder; return what it prints."""
        result = subprocess.run(
            self.command(*arguments),
            cwd=self.folder,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stderr
        return result.stdout

    def manage(self, *arguments: str) -> str:
        return self.run("manage.py", *arguments)

    def serve(self) -> "RunServer":
        return RunServer(self)

    def command(self, *arguments: str) -> list[str]:
        return [str(self.python or sys.executable), *arguments]

    def environment(self) -> dict[str, str]:
        variables = dict(os.environ)
        names = "DJANGO_SETTINGS_MODULE", "TEST_DATABASE_URL", "TEST_SETTINGS"
        for name in (*names, "PYTHONPATH"):
            variables.pop(name, None)
        return variables if self.python else {**variables, "PYTHONPATH": str(ROOT)}


class RunServer(Server):
    """The site under ``runserver``."""

    def __init__(self, site):
        super().__init__()
        self.site = site
        self.working_directory = site.folder

    def command(self):
        address = f"127.0.0.1:{self.port}"
        return self.site.command("manage.py", "runserver", "--noreload", address)

    def environment(self):
        return self.site.environment()

    def is_ready(self):
        try:
            urllib.request.urlopen(self.address("/"), timeout=10).close()
        except OSError:
            return False
        return True

    def address(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def ask(self, path, method="GET"):
        request = urllib.request.Request(self.address(path), method=method)
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.read().decode()
