"""The page of the documentation with the measurements, ``docs/measured.md``.

The text around the tables is written by hand and stays. Each table has its place between
two comments, which a run of this table replaces.
"""

import os
import platform
import re
import subprocess
from datetime import date
from importlib import metadata
from pathlib import Path

from tests.load.claims import Claim
from tests.load.processes import CLIENT_CORE, SERVER_CORE
from tests.load.report import CLAIM_COLUMNS, table

ROOT = Path(__file__).resolve().parents[2]
PAGE = "docs/measured.md"  # a run may have written a table before
PACKAGES = ("Django", "wagtail", "uvicorn", "uvloop", "httptools", "django-eventstream")


def fill(page: Path, name: str, *parts: str) -> None:
    """Replace what the page has of this table."""
    text, mark = page.read_text(), re.escape(name)
    place = re.compile(
        rf"(<!-- begin {mark}\b[^>]*-->\n).*?(<!-- end {mark} -->)", re.DOTALL
    )
    content = "\n\n".join(parts)
    text, found = place.subn(lambda each: f"{each[1]}\n{content}\n\n{each[2]}", text)
    if found != 1:
        raise LookupError(f"{page} has {found} places of the table {name}, not one.")
    page.write_text(text)


def conditions(database: str) -> str:
    """Return the date, the commit, the machine and the versions of a run."""
    cores = "one core" if SERVER_CORE == CLIENT_CORE else "a core each"
    # Other programs on the machine make delays longer and derived limits wider.
    load = os.getloadavg()[0]
    kernel = ".".join(platform.release().split(".")[:2])
    return (
        f"{date.today()}, {commit()}. {os.cpu_count()} × {processor()}, "
        f"{platform.system()} {kernel}; Python {platform.python_version()}, "
        f"{versions()}; {database}. Server and client on {cores}; load average before: "
        f"{load:.1f}."
    )


def claims_table(claims: list[Claim]) -> list[str]:
    """Return the paragraphs of what must hold, if anything must."""
    rows = [claim.row() for claim in claims]
    return ["What must hold:", table(CLAIM_COLUMNS, rows)] if rows else []


def commit() -> str:
    name = git("rev-parse", "--short", "HEAD").strip()
    status = git("status", "--porcelain", "-uno", "--", ".", f":!{PAGE}")
    changes = " with changes" if status else ""
    return f"commit {name}{changes}" if name else "no commit"


def git(*arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return ""  # an sdist
    return done.stdout


def processor() -> str:
    file = Path("/proc/cpuinfo")
    names = re.findall(r"^model name\s*: (.+)$", file.read_text(), re.MULTILINE)
    return names[0] if names else platform.machine()


def versions() -> str:
    found = []
    for name in PACKAGES:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            found.append(f"no {name}")
    return ", ".join(found)
