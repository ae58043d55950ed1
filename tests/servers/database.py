"""A database server whose data can be kept for others."""

import os
import shutil
import subprocess

from tests.servers.process import (
    START_TIMEOUT,
    Server,
    as_user,
    find_program,
    unprivileged_user,
)


class DatabaseServer(Server):
    """A server with its own data folder: a new one, or a copy of one that was kept."""

    program = None  # knows the version
    account = None  # created by the server's package

    def __init__(self, archive=None):
        super().__init__()
        self.archive = archive

    @classmethod
    def version(cls):
        """Return what the program says of its version."""
        return subprocess.check_output([find_program(cls.program), "--version"])

    def prepare(self):
        if os.geteuid() == 0:  # as which the servers refuse to run
            self.user = unprivileged_user(self.account)
            shutil.chown(self.folder, self.user)
        if self.archive is None:
            self._run(self.create_data())
        else:
            with self.archive.open("rb") as archive:
                self._run(["tar", "-xzf", "-"], stdin=archive)

    def create_data(self):
        """Return the command that creates the data folder."""
        raise NotImplementedError

    def keep(self, archive):
        """Write an archive of the data; the server is stopped meanwhile."""
        self.terminate(START_TIMEOUT)
        subprocess.run(["tar", "-czf", archive, "-C", self.folder, "data"], check=True)
        self.start()

    def _run(self, command, **options):
        subprocess.run(
            command,
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=self.folder,
            **options,
            **as_user(self.user),
        )
