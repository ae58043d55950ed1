"""The links in the Markdown files outside the documentation work."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(ROOT.glob("*.md"))
LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#[^)]*)?\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links(page):
    targets = {target for target in LINK.findall(page.read_text()) if target}
    assert not {target for target in targets if not (page.parent / target).exists()}
