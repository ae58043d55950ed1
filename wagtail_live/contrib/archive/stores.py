"""The folder or zip file that an export or an archive is written to, and read from."""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO

PART = ".part"  # of a file that is not complete yet
DATE = (1980, 1, 1, 0, 0, 0)  # in zip files, so that equal content is equal


class FolderWriter:
    """Writes files into a folder. A file is there only when it is complete; one that was
    written before is replaced."""

    def __init__(self, path: Path, *, is_private: bool) -> None:
        self._path = path
        self._modes = (0o700, 0o600) if is_private else (0o755, 0o644)
        self._written: set[Path] = set()
        path.mkdir(self._modes[0], parents=True, exist_ok=True)

    def add(self, name: str, file: IO[bytes]) -> None:
        target = self._path / name
        target.parent.mkdir(self._modes[0], parents=True, exist_ok=True)
        part = target.with_name(target.name + PART)
        descriptor = os.open(
            part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, self._modes[1]
        )
        with open(descriptor, "wb") as opened:
            shutil.copyfileobj(file, opened)
        part.replace(target)
        self._written.add(target)

    def finish(self, patterns: Iterable[str] = ()) -> None:
        """Remove what an earlier run has left under names like these."""
        for pattern in patterns:
            for found in self._path.glob(pattern):
                if found.is_file() and found not in self._written:
                    found.unlink()


class ZipWriter:
    """Writes a zip file, which is there only when it is complete."""

    def __init__(self, path: Path, *, is_private: bool) -> None:
        self._path = path
        self._part = path.with_name(path.name + PART)
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = 0o600 if is_private else 0o644
        flags = os.O_RDWR | os.O_CREAT | os.O_TRUNC
        self._file = open(os.open(self._part, flags, mode), "w+b")  # noqa: SIM115
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED)

    def add(self, name: str, file: IO[bytes]) -> None:
        info = zipfile.ZipInfo(name, DATE)
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = 0o644 << 16
        with self._zip.open(info, "w", force_zip64=True) as opened:
            shutil.copyfileobj(file, opened)

    def finish(self, patterns: Iterable[str] = ()) -> None:
        self._zip.close()
        self._file.close()
        self._part.replace(self._path)


Writer = FolderWriter | ZipWriter


def open_writer(path: Path, *, is_private: bool) -> Writer:
    """Write a zip file if the path ends in ``.zip``, and otherwise a folder."""
    new = ZipWriter if path.suffix.lower() == ".zip" else FolderWriter
    return new(path, is_private=is_private)


class FolderReader:
    """Reads the files below a folder, and no others."""

    def __init__(self, path: Path) -> None:
        self._path = path.resolve()

    def exists(self, name: str) -> bool:
        found = self._find(name)
        return found is not None and found.is_file()

    def read(self, name: str) -> bytes:
        """Return a file; ``FileNotFoundError`` if it is not below the folder."""
        found = self._find(name)
        if found is None:
            raise FileNotFoundError(name)
        return found.read_bytes()

    def _find(self, name: str) -> Path | None:
        try:
            found = (self._path / name).resolve()
        except (OSError, ValueError):
            return None
        return found if found.is_relative_to(self._path) else None


class ZipReader:
    """Reads the files of a zip file."""

    def __init__(self, path: Path) -> None:
        self._zip = zipfile.ZipFile(path)
        self._names = set(self._zip.namelist())

    def exists(self, name: str) -> bool:
        return name in self._names

    def read(self, name: str) -> bytes:
        """Return a file; ``FileNotFoundError`` if the zip file doesn't have it."""
        if name not in self._names:
            raise FileNotFoundError(name)
        return self._zip.read(name)


Reader = FolderReader | ZipReader


def open_reader(path: Path) -> Reader:
    """Read a zip file, a folder, or the folder of a file."""
    if zipfile.is_zipfile(path):
        return ZipReader(path)
    return FolderReader(path if path.is_dir() else path.parent)
