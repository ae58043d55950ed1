"""The links in the Markdown files outside the documentation work."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(ROOT.glob("*.md"))
DOCS = sorted(ROOT.glob("docs/*.md"))
LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#[^)]*)?\)")
SOURCE = re.compile(r'<(?:img|source)\s[^>]*? src(?:set)?="([^"]+)"')


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links(page):
    targets = {target for target in LINK.findall(page.read_text()) if target}
    assert not {target for target in targets if not (page.parent / target).exists()}


def test_images_in_html():
    """Sphinx only sees those in Markdown."""
    shown = {
        page.parent / place
        for page in [*PAGES, *DOCS]
        for place in SOURCE.findall(page.read_text())
    }
    assert ROOT / "docs/_static/film.webp" in shown
    assert not {place for place in shown if not place.exists()}


def test_the_film_is_small():
    assert (ROOT / "docs/_static/film.webp").stat().st_size < 1_000_000
