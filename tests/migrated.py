"""Migrated databases, kept from run to run: to migrate takes each process seconds."""

import fcntl
import hashlib
import inspect
import shutil
from importlib import import_module
from pathlib import Path

from django.apps import apps


class MigratedDatabase:
    """The database with all migrations of the installed apps, in a folder: a file of SQLite,
    or an archive of the data of a server.

    Several processes may use the folder; the first one migrates, and the others wait.
    """

    def __init__(self, folder, server_class=None):
        suffix = ".tgz" if server_class else ".sqlite3"
        self._path = Path(folder, get_digest(server_class)).with_suffix(suffix)
        self._lock = None

    def find(self):
        """Return the file, or ``None`` if it is to be migrated; meanwhile others wait."""
        self._lock = self._path.with_suffix(".lock").open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        if not self._path.exists():
            return None
        self._lock.close()
        return self._path

    def copy_to(self, path):
        """Put a copy there, or nothing if it is to be migrated."""
        if kept := self.find():
            shutil.copyfile(kept, path)

    def keep(self, connection, server):
        """Keep the database of this connection, which was migrated, for others."""
        if not self._path.exists():
            unfinished = self._path.with_suffix(".new")
            unfinished.unlink(missing_ok=True)
            if server:
                connection.close()
                server.keep(unfinished)
            else:
                with connection.cursor() as cursor:
                    cursor.execute("VACUUM INTO %s", [str(unfinished)])
            unfinished.rename(self._path)
        self._lock.close()


def get_digest(server_class):
    """Return a hash of all that makes the tables: the server, and the code of models and
    migrations."""
    digest = hashlib.sha256()
    if server_class:
        digest.update(server_class.version())
        digest.update(inspect.getsource(server_class).encode())
    for app in apps.get_app_configs():
        digest.update(app.name.encode())
        files = [*Path(app.path).glob("models*"), *get_migrations(app)]
        for file in sorted(files):
            for module in sorted(file.rglob("*.py")) if file.is_dir() else [file]:
                digest.update(module.read_bytes())
    return digest.hexdigest()[:16]


def get_migrations(app):
    try:
        module = import_module(f"{app.name}.migrations")
    except ModuleNotFoundError:
        return []
    return map(Path, module.__path__)
