"""Migrated SQLite databases, kept from run to run: to migrate takes each process seconds."""

import fcntl
import hashlib
import shutil
from importlib import import_module
from pathlib import Path

from django.apps import apps


class MigratedDatabase:
    """The database with all migrations of the installed apps, in a folder.

    Several processes may use the folder; the first one migrates, and the others wait.
    """

    def __init__(self, folder):
        self._path = Path(folder) / f"{get_digest()}.sqlite3"
        self._lock = None

    def copy_to(self, path):
        """Put a copy there, or nothing if it is to be migrated."""
        self._lock = self._path.with_suffix(".lock").open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        if self._path.exists():
            shutil.copyfile(self._path, path)
            self._lock.close()

    def keep(self, connection):
        """Keep the database of this connection, which was migrated, for others."""
        if not self._path.exists():
            unfinished = self._path.with_suffix(".new")
            unfinished.unlink(missing_ok=True)
            with connection.cursor() as cursor:
                cursor.execute("VACUUM INTO %s", [str(unfinished)])
            unfinished.rename(self._path)
        self._lock.close()


def get_digest():
    """Return a hash of all that makes the tables: the code of models and migrations."""
    digest = hashlib.sha256()
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
