"""Sentences are plain: no riddles at the start of a docstring, and people are "they"."""

import ast
import re
import subprocess

from scripts.import_graph import PACKAGE, ROOT

RIDDLE = re.compile(r"(What|Who|Whose|Whom|Whether|Whoever|Whatever|How)\b")
PERSON = re.compile(r"\b(he|his|him|himself|she|her|hers|herself)\b", re.IGNORECASE)
MAX_LINE_LENGTH = 160
DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
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


def test_docstrings_say_what_something_is_or_does():
    found = [
        f"{file.relative_to(ROOT)}: {docstring.splitlines()[0]}"
        for file in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, DOCUMENTED)
        if (docstring := ast.get_docstring(node)) and RIDDLE.match(docstring)
    ]
    assert found == []


def test_people_are_called_they():
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
        if len(line) > MAX_LINE_LENGTH
    ]
    assert found == []
