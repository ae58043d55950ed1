"""The map in CONTRIBUTING.md names every part of the package, and the architecture page
only files that exist."""

import re

from scripts.import_graph import PACKAGE, ROOT

CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
SECTION = CONTRIBUTING.partition("\n## Where things are\n")[2].partition("\n## ")[0]
NAMED = re.findall(r"^\| `([\w.]+/?)` \|", SECTION, re.MULTILINE)
LEFT_OUT = {"__init__.py", "__pycache__/"}
PARTS = {
    f"{path.name}/" if path.is_dir() else path.name
    for path in PACKAGE.iterdir()
    if path.is_dir() or path.suffix == ".py"
}


def test_the_map_names_each_part_once():
    assert sorted(NAMED) == sorted(PARTS - LEFT_OUT)


def test_the_architecture_names_files_that_exist():
    page = (ROOT / "docs" / "architecture.md").read_text()
    named = re.findall(r"`([\w./]+(?:/|\.(?:py|js|html|md)))`", page)
    assert len(named) > 50
    places = ROOT, PACKAGE
    assert not [
        name for name in named if not any((place / name).exists() for place in places)
    ]
