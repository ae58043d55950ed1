"""Docstrings say what things are, people are "they", and lines of templates are short."""

import ast
import re
import subprocess

from scripts.import_graph import ROOT

PERSON = re.compile(r"\b(he|his|him|himself|she|her|hers|herself)\b", re.IGNORECASE)
LONGEST_LINE = 160
PLACES = ["wagtail_live", "scripts", "docs", "*.md"]
QUESTION = re.compile(r"(What|Who|Whose|Whoever|Whether|Whatever|How)\b")
DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
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


def test_no_docstring_begins_with_a_question():
    found = [
        f"{file.relative_to(ROOT)}:{getattr(node, 'lineno', 1)}: {docstring}"
        for file in list_files(["*.py"], ".py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, DOCUMENTED)
        if QUESTION.match(docstring := ast.get_docstring(node) or "")
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
