"""The map in CONTRIBUTING.md names every part of the package."""

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
