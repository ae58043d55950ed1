"""A reader of the tutorial, who writes its files and runs its commands."""

import re
from dataclasses import dataclass
from pathlib import Path

from tests.servers.site import ROOT

TUTORIAL = ROOT / "docs" / "tutorial.md"
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"`([\w/]+\.(?:py|html))`")
NOT_HERE = ("pip ", "python -m venv", "wagtail start", "cd ", "uvicorn ")
WAITS = ("python manage.py createsuperuser", "python manage.py runserver")


@dataclass
class Step:
    """A block of the tutorial, and the file named in the paragraph before it."""

    language: str
    code: str
    file: str | None


def read_steps(text: str) -> list[Step]:
    steps, end = [], 0
    for fence in FENCE.finditer(text):
        paragraph = text[end : fence.start()].strip().rpartition("\n\n")[2]
        files = FILE.findall(paragraph)
        steps.append(Step(fence[1], fence[2], files[-1] if files else None))
        end = fence.end()
    return steps


def follow(site) -> list[str]:
    """Follow the tutorial in a new site, and return the commands and code that ran."""
    ran = []
    for step in read_steps(TUTORIAL.read_text()):
        if step.language == "sh":
            ran += [line for line in step.code.splitlines() if run(site, line)]
        elif step.file is None:
            site.manage("shell", "-c", step.code)
            ran.append(step.code)
        else:
            change(site.folder / step.file, step)
    return ran


def run(site, line: str) -> bool:
    if line.startswith((*NOT_HERE, *WAITS)):
        return False
    command = line.split()
    assert command[:2] == ["python", "manage.py"], line
    site.manage(*command[2:])
    return True


def change(path: Path, step: Step) -> None:
    if step.language == "diff":
        apply(path, step.code.splitlines(keepends=True))
    else:
        before = path.read_text() if path.exists() else ""
        path.write_text(f"{before}\n\n{step.code}" if before else step.code)


def apply(path: Path, lines: list[str]) -> None:
    old = "".join(line[1:] for line in lines if line[0] in " -")
    new = "".join(line[1:] for line in lines if line[0] in " +")
    text = path.read_text()
    assert text.count(old) == 1, f"{path.name} has no such place: {old}"
    path.write_text(text.replace(old, new))
