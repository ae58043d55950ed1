"""People are "they", and templates can be read without scrolling."""

import re
import subprocess

from scripts.import_graph import ROOT

PERSON = re.compile(r"\b(he|his|him|himself|she|her|hers|herself)\b", re.IGNORECASE)
LONGEST_LINE = 160
PLACES = ["wagtail_live", "docs", "scripts", "*.md", "demo/*.md"]
SKIPPED = ("/locale/", "emoji.txt")  # other languages, texts of others


def list_files(paths, *endings):
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--"]
    listed = subprocess.run(
        [*command, *paths], cwd=ROOT, capture_output=True, text=True, check=True
    )
    files = [ROOT / name for name in listed.stdout.splitlines()]
    return [
        file
        for file in files
        if file.suffix in endings and file.is_file()
        if not any(part in str(file) for part in SKIPPED)
    ]


def test_people_are_they():
    found = [
        f"{file.relative_to(ROOT)}:{number}: {line.strip()}"
        for file in list_files(PLACES, ".py", ".html", ".js", ".css", ".md", ".txt")
        for number, line in enumerate(file.read_text().splitlines(), start=1)
        if PERSON.search(line)
    ]
    assert found == []


def test_lines_of_templates_are_short():
    found = [
        f"{file.relative_to(ROOT)}:{number}"
        for file in list_files(["*.html"], ".html")
        for number, line in enumerate(file.read_text().splitlines(), start=1)
        if len(line) > LONGEST_LINE
    ]
    assert found == []
